"""`keep` is killed at every step of a case, at each moment of the step: started again, the case walks on as if nothing had been.

A real process dies each time (fork, SIGKILL), with the real ledger, records and files. Then the very same request is sent again: what had
counted is not done twice, what had not is done now. Until the ledger is written a request lies in memory and in one open transaction, so
that the moments before are one; the file of an attachment alone is on the disk by then, and has a test of its own.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import audit, matters, records
from sekisho.desk.case_words import Attaching, CaseMove, Opening
from sekisho.desk.copies import FILES
from sekisho.desk.opening import read_public
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.world import World
from sekisho.law.words import Value
from sekisho.ledger.disk import Disk
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.caseload import CLAIM, PDF, SHOWN, Caseload
from tests.desk.office import Office
from tests.desk.test_disclosure import ASKED, IP, JUDGED, LOG, VALUES
from tests.desk.test_disclosure import AT as TIME

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}")
Request = Callable[[], Any]
Step = Callable[["Walk"], Request]
CUTS: Mapping[str, tuple[object, str]] = {
    "before the ledger": (World, "_commit"),
    "while the ledger is written": (Disk, "replace"),
    "between ledger and records": (records, "set_meta"),
    "before the answer": (None, ""),
}
AT_EACH_STEP = tuple(CUTS)[1:]


class Walk:
    """One case in an office of its own. `cuts`: the moments at which each of its steps is killed first."""

    def __init__(self, office: Office, cuts: tuple[str, ...] = ()) -> None:
        self.office, self.load, self.cuts, self.matter = office, Caseload(office, texts=False), cuts, ""
        self.killed = 0

    def go(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            request = step(self)
            for cut in self.cuts:
                self._killed(request, cut)
                self.office.reopen()
                if cut == "before the answer":
                    assert self._again(request) in ("done-already", "already-answered", "nothing more")
            if "before the answer" not in self.cuts:
                request()
            row = self._rows()
            self.matter = row[-1] if row else ""

    def _killed(self, request: Request, cut: str) -> None:
        """The process that carries the request out is killed in the middle of it."""
        child = os.fork()
        if child == 0:
            try:
                self.office.world.engine.dispose(close=False)
                where, name = CUTS[cut]
                if where is not None:
                    setattr(where, name, _die)
                request()
                if where is None:
                    _die()
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"{cut}: the step ended without passing there"
        assert os.WTERMSIG(status) == signal.SIGKILL
        self.killed += 1

    def _again(self, request: Request) -> str:
        try:
            request()
        except KeepSaidNo as why:
            return why.code
        return "nothing more"

    def _rows(self) -> list[str]:
        with self.office.turn() as world:
            return [r["id"] for r in records.rows(world.db, records.MATTERS)]

    def call(self, method: str, **params: Any) -> Request:
        return lambda: self.office.terminal.call(method, **params)

    def portrait(self) -> dict[str, Any]:
        """All of the case that does not hang on chance: fresh ids, codes and the moments of signing."""
        case = self.load.case(self.matter)
        letters = [(x["text"], x["subject"], CODE.sub("CODE", x["body"]), x["to"], x["recipient"], x["language"]) for x in case["letters"]]
        return {
            "as it stands": [case[k] for k in ("number", "state", "final", "decided", "due", "facts", "clocks", "holds")],
            "moves": [(m["move"], m["day"], m["facts"], bool(m["permit"]), (m["by"] or {}).get("name")) for m in case["made"]],
            "papers": [(a["paper"], a["name"], a["size"], a["by"].partition("-")[0]) for a in case["attachments"]],
            "letters": letters,
            "reminders": [(r["role"], r["due"]) for r in case["told"]],
            "permits": [(p["step"], p["state"], p["cases"], sorted(p["signed_by"]), p["until"]) for p in case["permits"]],
        }


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def opened(procedure: str, facts: Mapping[str, Value]) -> Step:
    def step(walk: Walk) -> Request:
        words = Opening(procedure, facts, "", walk.load.person("desk"), walk.load.now())
        return walk.call("open-case", opening=words, signature=walk.load.signed("desk", words))

    return step


def attached(paper: str) -> Step:
    def step(walk: Walk) -> Request:
        load = walk.load
        words = Attaching(walk.matter, paper, f"{paper}.pdf", sha256(PDF).hexdigest(), len(PDF), load.person("desk"), load.now())
        return walk.call("attach", attaching=words, content=PDF, signature=load.signed("desk", words))

    return step


def moved(move: str, facts: Mapping[str, Value] | None = None, who: str = "officer") -> Step:
    def step(walk: Walk) -> Request:
        load, case = walk.load, walk.load.case(walk.matter)
        plan = next((m["plan"] for m in case["moves"] if m["id"] == move and m["plan"]), {"shown": ""})
        told = {k: load.today() if v == "today" else v for k, v in (facts or {}).items()}
        words = CaseMove(walk.matter, move, case["events"], told, load.person(who), load.now(), shown=plan["shown"])
        return walk.call("move-case", move=words, signature=load.signed(who, words))

    return step


def asked(letter: str, method: str, **more: Any) -> Step:
    """The poster types the code of the letter."""

    def step(walk: Walk) -> Request:
        case = walk.load.case(walk.matter)
        body = next(x["body"] for x in case["letters"] if x["text"] == letter)
        found = CODE.search(body)
        assert found is not None
        return walk.call(method, number=case["number"], code=found[0], **more)

    return step


def waited(days: int) -> Step:
    """Time passes; nothing is asked of `keep`, so there is nothing to kill."""

    def step(walk: Walk) -> Request:
        walk.office.watch.wind(days=days)
        return walk.load.remind

    return step


DELETION: tuple[Step, ...] = (
    opened("deletion-inquiry", CLAIM),
    attached("claim"),
    moved("complete", SHOWN, "desk"),
    moved("draft", who="desk"),
    moved("sent", {"sent_on": "today"}, "desk"),
    asked("deletion-inquiry@1", "open-inquiry"),
    waited(days=8),
    moved("silence", who="desk"),
    moved("remove", {"what_removed": "掲示板の34番", "why_not_less": "全部が名誉を害する。", "decision_reason": "異議がなかった。"}),
)
OPENED: Mapping[str, Value] = {**CLAIM, "tell_name": False, "claimant_contact": "hanako@example.jp"}
DISCLOSURE: tuple[Step, ...] = (
    opened("disclosure-request", OPENED),
    attached("claim"),
    attached("identity"),
    moved("complete", ASKED, "desk"),
    moved("record-held", {"items_held": (IP, TIME, "mail")}, "desk"),
    moved("draft", who="desk"),
    moved("sent", {"sent_on": "today"}, "desk"),
    asked("opinion-inquiry@1", "open-inquiry"),
    asked("opinion-inquiry@1", "send-answer", choice="disagree", words="事実である。", files=()),
    moved("decide-release", {**JUDGED, "to_release": (IP, TIME)}),
    moved("approve-release", who="reviewer-a"),
    moved("approve-release", who="reviewer-b"),
    moved("release", {"released": VALUES}),
    moved("certify", {"certified": VALUES, "log": LOG}),
    moved("close"),
)
WALKS = {"deletion": DELETION, "disclosure": DISCLOSURE}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that adopted its texts."""
    office = Office(tmp_path_factory.mktemp("killed") / "office").found()
    Caseload(office)
    office.close()
    return office


@pytest.mark.parametrize("name", WALKS)
def test_killed_at_any_moment_of_any_step_the_case_ends_as_if_nothing_had_been(name: str, base: Office, tmp_path: Path) -> None:
    """The same moves, papers, letters, terms, reminders and permits, each once; the ledger verifies and the records agree with it."""
    quiet, hit = Walk(base.copied(tmp_path / "quiet")), Walk(base.copied(tmp_path / "hit"), AT_EACH_STEP)
    for walk in (quiet, hit):
        walk.go(WALKS[name])
    assert hit.killed == len(WALKS[name]) * len(AT_EACH_STEP)
    assert quiet.portrait()["as it stands"][2], "the walk does not reach an end"
    assert hit.portrait() == quiet.portrait()
    for walk in (quiet, hit):
        assert walk.load.call("compare")["differences"] == []
        folder = walk.office.settings.folder
        assert audit.carry_out(audit.Audit(folder / "ledger", read_public(folder)))["ok"]
        walk.office.close()


def test_what_the_ledger_says_and_nobody_was_told_is_there_once_in_the_records(base: Office, tmp_path: Path) -> None:
    """Killed between ledger and records a move stands in the ledger twice: once as lost, which the ledger says itself, once as made."""
    walk = Walk(base.copied(tmp_path / "office"))
    walk.go(DELETION[:2])
    request = moved("complete", SHOWN, "desk")(walk)
    walk._killed(request, "between ledger and records")
    walk.office.reopen()
    assert walk.load.case(walk.matter)["events"] == 1
    request()
    assert walk.load.case(walk.matter)["events"] == 2
    log = walk.office.world.log
    kinds = [Entry.decode(raw).type for raw in log.entries(0, log.size)]
    assert (kinds.count(EntryType.CASE_MOVED), kinds.count(EntryType.RECOVERED)) == (3, 1)
    found = walk.load.call("compare")
    assert (found["differences"], found["lost"]) == ([], 1)
    walk.office.close()


def test_a_file_whose_attaching_was_killed_is_sealed_and_nobodys_paper(base: Office, tmp_path: Path) -> None:
    walk = Walk(base.copied(tmp_path / "office"))
    walk.go(DELETION[:1])
    walk._killed(attached("claim")(walk), "before the ledger")
    walk.office.reopen()
    (left,) = (walk.office.settings.folder / "keep" / FILES).iterdir()
    assert PDF not in left.read_bytes()
    with walk.office.turn() as world:
        assert matters.papers(world, walk.matter) == []
    walk.office.close()
