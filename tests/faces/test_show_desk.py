"""The console's desk before `keep`'s own loop: every answer has the shape `faces/web/desk.py` promises, what is shown can be signed
and handed in, and what is wrong comes back as a code. Tests of one story stand in its order.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.public import Public, read_public
from sekisho.faces.processes import show, work
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk, web_settings
from sekisho.faces.unsafe.demo import Signers
from sekisho.faces.web.desk import ENVELOPE_STATEMENTS, REASONS, STATEMENTS, DeskAway
from sekisho.law.canonical import digest
from tests.node import NOTICE, Desk, asked, thread

WORDS = {"ja": str, "en": str}
PERSON = {"id": str, "name": str, "roles": [str], "key_kind": str, "unsafe_demo": bool}
BRIEF = {
    "id": str,
    "measure": str,
    "proposer": {"id": str, "name": str},
    "at": str,
    "outcome": str,
    "missing": int,
    "steps": [{"name": str, "kind": str, "outcome": str}],
}
DECISION = {"step": dict, "on": str, "outcome": str, "axes": [dict], "missing": [dict], "signatures": int, "cases": [str], "book": str}
PERMIT = {
    "id": str,
    "measure": str,
    "step": str,
    "plan": str,
    "since": str,
    "until": str,
    "state": str,
    "cases": [str],
    "signed_by": [str],
    "one_person": bool,
    "out_of_scope": bool,
    "scope": dict,
    "ledger_index": int,
    "withdrawn": (None, {"by": str, "at": str, "reason": str}),
}
OVERVIEW = {
    "demo": bool,
    "now": str,
    "operator": str,
    "waiting": [BRIEF],
    "cards": [{"id": str, "measure": str, "question": WORDS, "outcome": str, "decisions": [DECISION]}],
    "findings": [{"measure": str, "count": int, "list": str, "since": str, "until": str, "plan": (None, str)}],
    "permits": {"in_force": int, "ending": [PERMIT]},
    "ledger": {"size": int, "root": str, "at": str},
    "health": [{"process": str, "state": str, "counters": dict}],
    "notices": [{"code": str, "args": dict}],
}
PAPER = {"digest": str, "kind": str, "value": dict, "purpose": str, "voucher": dict, "at": str, "until": (None, str), "fresh": bool}
PLAN = BRIEF | {
    "plan": dict,
    "shown": str,
    "decisions": [DECISION],
    "approvals": [{"person": str, "name": str, "at": str}],
    "signatures_needed": int,
    "evidence": [PAPER],
    "permits": [PERMIT],
    "kinds": dict,
    "confirmable": [str],
}
MEASURE = {
    "name": str,
    "steps": [dict],
    "cases": [{"id": str, "title": WORDS, "axis": str, "ground": str, "authority": str, "certainty": str}],
    "permits": [PERMIT],
}
TRAFFIC = {"permit": (None, str), "minutes": [str], "series": [dict], "interfaces": [dict], "counters": [dict]}
LEDGER = {"origin": str, "vkey": str, "size": int, "root": str, "entries": [{"index": int, "type": str, "at": str, "ids": dict}]}
CHECKED = {"ok": bool, "size": int, "root": str, "checked": int, "bad": (None, {"index": int, "file": str, "why": str})}


def fits(value: Any, shape: Any, where: str = "") -> None:
    """Fails naming the place where an answer is not of its promised shape. A tuple: one of these."""
    if isinstance(shape, tuple):
        if value is not None:
            fits(value, shape[1], where)
    elif isinstance(shape, dict):
        assert isinstance(value, Mapping), where
        assert set(shape) <= set(value), (where, set(shape) - set(value))
        for name, inner in shape.items():
            fits(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            fits(item, shape[0], f"{where}[{i}]")
    else:
        assert isinstance(value, shape), (where, value)


def ask(answer: Awaitable[Any]) -> Any:
    """What the console's loop would get."""

    async def one() -> Any:
        return await answer

    return asyncio.run(one())


def code(answer: Any) -> str:
    """The code of an Error. Fails when the answer is none."""
    assert isinstance(answer, dict), answer
    assert set(answer) == {"error"}, answer
    return str(answer["error"]["code"])


@dataclass
class Console:
    """The console's desk, `keep` behind it, and the plan a finding asks for."""

    keep: Desk
    desk: KeepDesk
    plan: str

    def person(self, who: str) -> str:
        return self.keep.people.keys[who].person

    def sign(self, kind: str, who: str, /, **fields: Any) -> Any:
        """Statement, digest, the demo's signature, and in."""
        said = ask(self.desk.statement(kind, {**fields, "person": self.person(who)} if kind != "sign-in" else fields))
        assert digest(said["statement"]) == said["digest"]
        signature = ask(self.desk.demo_sign(self.person(who), said["digest"]))
        return ask(self.desk.submit(kind, said["statement"], signature))


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with thread(tmp_path_factory.mktemp("console") / "demo") as keep:
        keep.people.stand()
        keep.people.register()
        intake = keep.intake()
        keep.hear(intake)
        intake.close()
        (look,) = keep.due()
        work.look(keep.outside("work", [look]), look)
        (plan,) = asked(keep.world)
        Signers(keep.state / "run" / "unsafe-demo-people.sock", keep.people.keys).start()
        desk = KeepDesk(keep.place.settings, read_public(keep.state), keep.channel("show"))
        yield Console(keep, desk, plan)


def a_day(days: int) -> str:
    return str(date.fromordinal(datetime.now(UTC).date().toordinal() + days))


# Shapes


def test_the_first_page_is_as_promised_and_says_what_waits(console: Console) -> None:
    found = ask(console.desk.overview())
    fits(found, OVERVIEW)
    assert [p["id"] for p in found["waiting"]] == [console.plan]
    assert [(f["plan"], f["count"]) for f in found["findings"]] == [(console.plan, 3)]
    assert found["demo"] is True


def test_a_plan_is_as_promised_and_a_demo_fills_in_its_form(console: Console) -> None:
    """With an example for each field of the text, the digest of its document, and the text itself to be read first."""
    found = ask(console.desk.plan(console.plan))
    fits(found, PLAN)
    for kind in found["kinds"].values():
        fits(kind, {"title": WORDS, "fields": dict, "roles": [str], "vouchers": [str]})
    text = found["kinds"]["text-adopted"]
    assert set(text["example"]) == set(text["fields"])
    fits(text, {"example_document": str, "reading": WORDS})


def test_outside_a_demo_no_form_is_filled_in_no_mail_is_shown_and_nobody_elses_key_signs(console: Console) -> None:
    desk = KeepDesk(replace(console.desk.settings, demo=False), console.desk.public, console.desk.channel)
    assert "example" not in ask(desk.plan(console.plan))["kinds"]["text-adopted"]
    assert ask(desk.mailbox()) == []
    assert code(ask(desk.demo_sign(console.person("officer"), "00" * 32))) == "not-demo"
    assert web_settings(desk.settings).demo is False


def test_the_console_answers_to_the_name_it_is_reached_by(console: Console) -> None:
    """Behind TLS strangers come by a name of the operator's; passkeys are bound to it, and any other name is turned back."""
    settings = console.desk.settings
    named = replace(settings.console, name="portal.example.net", url="https://portal.example.net")
    told = web_settings(replace(settings, console=named))
    assert {"portal.example.net", "localhost"} < set(told.hosts)
    assert told.secure



def test_permits_measures_people_and_traffic_are_as_promised(console: Console) -> None:
    permits = ask(console.desk.permits())
    fits(permits, [PERMIT])
    assert [p["ledger_index"] for p in permits] == sorted((p["ledger_index"] for p in permits), reverse=True)
    measures = ask(console.desk.measures())
    fits(measures, [MEASURE])
    assert {"infected-notice", "traffic-picture"} <= {m["name"] for m in measures}
    fits(ask(console.desk.people()), [PERSON])
    assert "public_key" not in str(ask(console.desk.people()))
    fits(ask(console.desk.traffic()), TRAFFIC)
    assert ask(console.desk.mailbox()) == []


def test_an_entry_of_a_permit_is_explained_by_its_decision(console: Console) -> None:
    permit = ask(console.desk.permits())[0]
    found = ask(console.desk.explain(permit["ledger_index"]))
    fits(found, {"entry": dict, "decisions": [DECISION], "opens": bool})
    assert [d["step"]["name"] for d in found["decisions"]] == [permit["step"]]
    assert code(ask(console.desk.explain(10**6))) == "no-such-entry"


def test_an_invited_person_is_shown_for_a_live_code_alone(console: Console) -> None:
    for wrong in ("", "0" * 48, console.keep.place.codes["officer"]):
        assert code(ask(console.desk.enrol_options(wrong))) == "unknown-or-used-code"
        key = {"public_key": "00" * 77, "credential": "00" * 16}
        assert code(ask(console.desk.enrol(wrong, key))) == "unknown-or-used-code"


# The ledger, from its files


def test_the_ledger_is_read_from_its_files_alone(console: Console, tmp_path: Path) -> None:
    """A copy of the folder and a desk whose `keep` is gone: entries, receipts and the whole check are there all the same."""
    shutil.copytree(console.keep.state / "ledger", tmp_path / "ledger")
    gone, other = socket.socketpair()
    other.close()
    alone = KeepDesk(replace(console.desk.settings, folder=tmp_path), console.desk.public, Channel(gone))
    page = ask(alone.ledger(2, 3))
    fits(page, LEDGER)
    assert [e["index"] for e in page["entries"]] == [2, 3, 4]
    assert ask(alone.ledger(page["size"], 10))["entries"] == []
    found = ask(alone.verify())
    fits(found, CHECKED)
    assert (found["ok"], found["checked"], found["bad"]) == (True, page["size"], None)
    assert ask(alone.receipt(2)).startswith("c2sp.org/tlog-proof")
    assert ask(alone.receipt(page["size"])) == ask(alone.receipt(-1)) == ""
    with pytest.raises(DeskAway):
        ask(alone.overview())
    gone.close()


# Signing


def test_somebody_signs_in_with_a_nonce_and_the_answer_says_who(console: Console) -> None:
    found = console.sign("sign-in", "reviewer-a", nonce="ab" * 16)
    fits(found, {"ok": bool, "person": PERSON})
    assert found["person"]["id"] == console.person("reviewer-a")


def test_evidence_goes_to_the_plan_it_was_shown_for(console: Console) -> None:
    """The statement itself names no plan: the desk remembers for which one it was shown."""
    form = ask(console.desk.plan(console.plan))["kinds"]["text-adopted"]
    fields = {"plan": console.plan, "kind": "text-adopted", "value": form["example"], "document": form["example_document"], "until": None}
    found = console.sign("evidence", "officer", **fields)
    assert found["ok"] is True, found
    papers = [e for e in ask(console.desk.plan(console.plan))["evidence"] if e["kind"] == "text-adopted"]
    assert [(e["voucher"]["person"], e["fresh"]) for e in papers] == [(console.person("officer"), True)]


def test_the_officer_confirms_each_case_until_the_end_of_a_day_in_japan(console: Console) -> None:
    for case in ask(console.desk.plan(console.plan))["confirmable"]:
        fields = {"case": case, "measure": NOTICE, "plan": console.plan, "reasons": "読みました", "until": a_day(90)}
        assert console.sign("confirmation", "officer", **fields)["ok"] is True
    assert ask(console.desk.plan(console.plan))["confirmable"] == []


def test_two_approvals_of_the_plan_as_shown_make_its_permits(console: Console) -> None:
    before = ask(console.desk.plan(console.plan))
    assert before["permits"] == []
    assert code(console.sign("approval", "reviewer-a", plan=console.plan, shown="0" * 64)) == "plan-changed-since-shown"
    for who in ("reviewer-a", "reviewer-b"):
        assert console.sign("approval", who, plan=console.plan, shown=before["shown"])["ok"] is True
    after = ask(console.desk.plan(console.plan))
    fits(after, PLAN)
    assert {a["name"] for a in after["approvals"]} == {"Tanaka Sora", "Ito Nao"}
    assert (len(after["permits"]), after["missing"]) == (6, 0)


def test_a_permit_is_looked_under_again_until_it_is_withdrawn(console: Console) -> None:
    permit = next(p["id"] for p in ask(console.desk.permits()) if p["step"] == "match")
    fits(ask(console.desk.look_again(permit)), {"ok": bool, "look": str})
    assert console.sign("withdrawal", "officer", permit=permit, reason="objection")["ok"] is True
    gone = next(p for p in ask(console.desk.permits()) if p["id"] == permit)
    assert (gone["state"], gone["withdrawn"]["by"], gone["withdrawn"]["reason"]) == ("withdrawn", "Takahashi Rin", "objection")
    assert code(ask(console.desk.look_again(permit))) == "withdrawn"
    assert code(console.sign("withdrawal", "officer", permit=permit, reason="objection")) == "withdrawn"
    fits(ask(console.desk.permits()), [PERMIT])


# What is wrong


@pytest.mark.parametrize("kind", [*STATEMENTS, *ENVELOPE_STATEMENTS, "", "oath"])
def test_an_empty_form_is_no_statement(console: Console, kind: str) -> None:
    assert code(ask(console.desk.statement(kind, {}))) == "not-a-statement"


def test_a_form_about_no_plan_names_the_plan_and_says_so(console: Console) -> None:
    answer = ask(console.desk.statement("approval", {"plan": "plan-0000000000000000", "shown": "0" * 64, "person": "p"}))
    assert code(answer) == "unknown-plan"
    assert answer["error"]["plan"] == "plan-0000000000000000"


@pytest.mark.parametrize("reasons", ["\ud800", 0.5])
def test_reasons_nobody_could_sign_are_no_statement(console: Console, reasons: Any) -> None:
    """Half a character has no bytes: an Error, never an exception."""
    fields = {"case": "jp/B-12/1", "measure": NOTICE, "plan": console.plan, "reasons": reasons, "until": a_day(9)}
    assert code(ask(console.desk.statement("confirmation", {**fields, "person": console.person("officer")}))) == "not-a-statement"


def test_a_paper_outside_ones_role_is_no_statement(console: Console) -> None:
    fields = {"plan": console.plan, "kind": "text-adopted", "value": {}, "person": console.person("engineer")}
    assert code(ask(console.desk.statement("evidence", fields))) == "not-a-statement"
    assert code(ask(console.desk.statement("evidence", {**fields, "person": "nobody"}))) == "not-a-statement"


@pytest.mark.parametrize("change", [{"signature": "no hex"}, {"extra": 1}, {"person": 7}])
def test_what_is_no_signature_comes_back_as_an_error(console: Console, change: Mapping[str, Any]) -> None:
    said = ask(console.desk.statement("sign-in", {"nonce": "00" * 16}))
    good = ask(console.desk.demo_sign(console.person("officer"), said["digest"]))
    assert code(ask(console.desk.submit("sign-in", said["statement"], {**good, **change}))) == "not-a-statement"
    assert code(ask(console.desk.submit("oath", said["statement"], good))) == "not-a-statement"


def test_a_signature_of_another_statement_or_another_person_is_refused(console: Console) -> None:
    said = ask(console.desk.statement("sign-in", {"nonce": "01" * 16}))
    other = ask(console.desk.demo_sign(console.person("officer"), "00" * 32))
    assert code(ask(console.desk.submit("sign-in", said["statement"], other))) == "bad-signature"
    good = ask(console.desk.demo_sign(console.person("officer"), said["digest"]))
    swapped = {**good, "person": console.person("desk")}
    assert code(ask(console.desk.submit("sign-in", said["statement"], swapped))) == "bad-signature"
    assert code(ask(console.desk.submit("sign-in", {**said["statement"], "more": 1}, good))) == "not-a-request"


def test_wrong_reasons_wrong_roles_and_a_wrong_code_are_codes(console: Console) -> None:
    permit = ask(console.desk.permits())[0]["id"]
    assert "whim" not in REASONS
    assert code(console.sign("withdrawal", "officer", permit=permit, reason="whim")) == "unknown-reason"
    assert code(console.sign("withdrawal", "desk", permit=permit, reason="over")) == "wrong-role"
    for answer in (console.desk.line("0" * 32), console.desk.withdraw_mine("0" * 32)):
        assert code(ask(answer)) == "unknown-code"


def test_nobody_signs_for_an_unknown_person_or_while_the_signers_are_away(console: Console, tmp_path: Path) -> None:
    """To have asked for one who is nobody costs the others nothing: they sign on."""
    assert code(ask(console.desk.demo_sign("person-of-nobody", "00" * 32))) == "unknown-person"
    assert "signature" in ask(console.desk.demo_sign(console.person("officer"), "00" * 32))
    away = KeepDesk(replace(console.desk.settings, folder=tmp_path), console.desk.public, console.desk.channel)
    assert code(ask(away.demo_sign(console.person("officer"), "00" * 32))) == "unknown-person"


def test_only_so_many_statements_are_remembered_and_the_oldest_goes_first(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper that was shown too long ago goes to no plan, and is refused rather than laid in somewhere."""
    monkeypatch.setattr(show, "REMEMBERED", 3)
    desk = KeepDesk(console.desk.settings, console.desk.public, console.desk.channel)
    fields = {"plan": console.plan, "kind": "text-adopted", "person": console.person("officer")}
    shown = [ask(desk.statement("evidence", {**fields, "value": {"text": f"t-{i}"}})) for i in range(5)]
    assert list(desk._plan_of) == [s["digest"] for s in shown[2:]]
    signature = ask(desk.demo_sign(console.person("officer"), shown[0]["digest"]))
    assert code(ask(desk.submit("evidence", shown[0]["statement"], signature))) == "unknown-plan"


# Away


class Silent:
    """A `keep` that is gone: the other end of the channel is closed."""

    def __init__(self, settings: Any, public: Public) -> None:
        mine, other = socket.socketpair()
        other.close()
        self.desk = KeepDesk(settings, public, Channel(mine))


def test_every_question_to_a_keep_that_is_gone_says_the_desk_is_away(console: Console) -> None:
    """And nothing else: no answer, no error that could be taken for one."""
    desk = Silent(console.desk.settings, console.desk.public).desk
    key = {"public_key": "00" * 77, "credential": "00" * 16}
    said = ask(console.desk.statement("sign-in", {"nonce": "02" * 16}))
    good = ask(console.desk.demo_sign(console.person("officer"), said["digest"]))
    for question in (
        desk.overview(),
        desk.plan("p"),
        desk.permits(),
        desk.measures(),
        desk.traffic(),
        desk.explain(0),
        desk.people(),
        desk.line("c"),
        desk.withdraw_mine("c"),
        desk.look_again("p"),
        desk.statement("approval", {"plan": "p"}),
        desk.statement("sign-in", {"nonce": "00"}),
        desk.submit("sign-in", said["statement"], good),
        desk.enrol_options("c"),
        desk.enrol("c", key),
    ):
        with pytest.raises(DeskAway):
            ask(question)


def test_a_keep_that_answers_too_late_is_away_too(console: Console) -> None:
    mine, other = socket.socketpair()
    desk = KeepDesk(console.desk.settings, console.desk.public, Channel(mine, patience=0.2))
    before = datetime.now(UTC)
    with pytest.raises(DeskAway):
        ask(desk.overview())
    assert datetime.now(UTC) - before < timedelta(seconds=10)
    mine.close()
    other.close()
