"""Lines are roamed: their owner is asked to refuse port 25 on them, by the gate's leave; without the owner's answer nothing is permitted.

Row D2.2: "a provider without own lines asks its network owner". `keep`, its ledger and the commands are real; the owner writes letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.access import owner_request
from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.commands import port25
from sekisho.law.words import Value
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.test_op25b import laid_of, measured, missing, tried
from tests.faces.conftest import sekisho

ROAMED = "op25b-roamed"
RANGES = ["192.0.2.0/24", "2001:db8:200::/48"]
ANSWER = b"%PDF-1.7\nWe start on the day you named.\n"
TOLD = ("ranges", "starts", "announcement", "contact")
PROPOSED: dict[str, Value] = {"told": TOLD, "data_from": "アドレスの割当表", "from_communication": False}


class Provider:
    """A provider without lines of its own, with counts of the lines that send directly, and its desk."""

    def __init__(self, home: Path) -> None:
        self.office = Office(home).found()
        self.office.stand("op25b-count")
        measured(self.office)
        self.load = Caseload(self.office)

    def prepared(self, ranges: str = "\n".join(RANGES)) -> str:
        """A request whose text, ranges and day are typed in; the list of ranges is attached."""
        opening = {
            "provider": "見本ネットワークス株式会社", "ranges": ranges, "starts_on": self.load.today(),
            "announced_at": "https://isp.example/port25", "contact": "port25@isp.example", "language": "ja",
        }  # fmt: skip
        matter = self.load.open("network-owner-request", opening)
        self.load.attach(matter, "range-list")
        return matter

    def permitted(self, matter: str, **changed: Value) -> str:
        """Proposed by the desk, confirmed by the officer, signed by a reviewer; the permit."""
        self.load.move(matter, "propose", {**PROPOSED, **changed}, who="desk")
        self.load.confirm(matter, "ask")
        return self.load.grant(matter, "ask")

    def sent(self, matter: str) -> None:
        self.load.move(matter, "sent", {"sent_on": self.load.today()}, who="desk")

    def agreed(self, matter: str, days: int = 0) -> None:
        self.load.attach(matter, "answer", content=ANSWER, name="answer.pdf")
        start = self.office.world.book.day(self.office.watch.at + timedelta(days=days)).isoformat()
        self.load.move(matter, "agree", {"agreed_from": start, "answered_by": "見本 次郎"}, who="desk")

    def owner(self, *words: str) -> tuple[int, dict[str, Any]]:
        """What the command says about the case, as somebody of the desk types it."""
        ran = sekisho("--json", "port25", "owner", *words, SEKISHO_KEY=str(self.office.home / "people" / "desk.key"))
        return ran.code, json.loads(ran.out)

    def planned(self) -> str:
        """Everything of the plan but the owner's answer: announced, the port tried, the lines counted, the officer asked."""
        tried(self.office)
        plan = self.office.propose(ROAMED)
        laid_of(self.office, plan, ROAMED)
        self.office.confirm(plan)
        return plan

    def approved(self, plan: str) -> list[str]:
        return [p for who in ("reviewer-a", "reviewer-b") for p in self.office.approve(plan, who)]


@pytest.fixture(scope="module")
def _provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    found = Provider(tmp_path_factory.mktemp("roaming") / "home")
    yield found
    found.office.close()


@pytest.fixture
def provider(_provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setattr(port25, "outside", lambda _config: nullcontext(_provider.office.outside("terminal")))
    _provider.office.watch.wind(seconds=1)
    return _provider


def test_the_owner_is_asked_answers_and_only_then_the_block_is_permitted(provider: Provider) -> None:
    load, office = provider.load, provider.office
    plan, matter = provider.planned(), provider.prepared()
    assert load.case(matter)["number"] == office.terminal.call("plan", plan=plan)["plan"]["scope"]["request"]
    assert provider.owner(matter)[1]["error"]["code"] == "owner-not-asked"
    permit = provider.permitted(matter)
    (letter,) = load.case(matter)["letters"]
    assert letter["permit"] == permit
    assert all(word in letter["body"] for word in (*RANGES, "https://isp.example/port25", "port25@isp.example", load.today()))
    code, request = provider.owner(matter)
    assert (code, request["format"], request["ranges"], request["permit"]) == (0, owner_request.FORMAT, RANGES, permit)
    assert (request["starts"], request["announced_at"]) == (load.today(), "https://isp.example/port25")
    assert (request["contact"], request["refuse"]) == ("port25@isp.example", owner_request.REFUSE)
    provider.sent(matter)

    assert provider.approved(plan) == []
    assert {"owner-agreed", "ranges-agreed", "not-before-the-owner"} == missing(office, plan)
    assert provider.owner(matter, "--plan", plan)[1]["error"]["code"] == "owner-not-agreed"
    provider.agreed(matter)
    assert provider.owner(matter, "--plan", plan)[0] == 0
    assert len(provider.approved(plan)) == 1, "with the answer it is another plan: signed anew"

    answer = next(e for e in office.terminal.call("plan", plan=plan)["evidence"] if e["kind"] == owner_request.KIND)
    assert answer["value"]["ranges"] == RANGES
    assert sha256(ANSWER).hexdigest() in json.dumps(answer)
    assert load.person("desk") in json.dumps(answer), "signed by somebody with a name"
    load.move(matter, "report", {"reported": "in-force", "reported_on": load.today()}, who="desk")
    assert load.case(matter)["state"] == "agreed"
    assert office.terminal.call("compare")["differences"] == []
    with office.turn() as world:
        assert records.one(world.db, records.LETTERS, matter=matter) is not None


def test_a_request_that_names_lines_that_sent_is_refused_with_its_reason(provider: Provider) -> None:
    load, matter = provider.load, provider.prepared()
    load.move(matter, "propose", {**PROPOSED, "told": (*TOLD, "lines-that-sent"), "from_communication": True}, who="desk")
    load.confirm(matter, "ask")
    with pytest.raises(KeepSaidNo) as why:
        load.move(matter, "ask", who="reviewer-a")
    assert {m["condition"] for m in why.value.detail["missing"]} >= {"no-communications-data", "only-what-a-block-needs", "names-nobody"}
    assert not load.case(matter)["letters"]
    assert load.move(matter, "send-back", who="reviewer-a") == "prepared"


def test_an_agreement_to_another_request_or_from_a_later_day_permits_nothing_yet(provider: Provider) -> None:
    matter = provider.prepared()
    provider.permitted(matter)
    provider.sent(matter)
    provider.agreed(matter, days=30)
    provider.office.watch.wind(seconds=1)
    plan = provider.planned()
    assert provider.owner(matter, "--plan", plan)[0] == 0
    assert provider.approved(plan) == []
    assert missing(provider.office, plan) == {"owner-agreed", "not-before-the-owner"}


def test_an_owner_who_refuses_ends_it_and_nothing_can_be_laid_in(provider: Provider) -> None:
    load, matter = provider.load, provider.prepared()
    provider.permitted(matter)
    provider.sent(matter)
    assert load.move(matter, "refuse", {"answered_by": "見本 次郎", "closing_reason": "設備が対応していない。"}, who="desk") == "refused"
    assert provider.owner(matter, "--plan", "none")[1]["error"]["code"] == "owner-not-agreed"


def test_what_is_no_range_of_addresses_is_named_and_not_asked_for(provider: Provider) -> None:
    """Before anybody decides, on the case's form as in a plan: a range with a host's address in it is none either."""
    for typed in ("all of them", "192.0.2.1/24", "192.0.2.0/33"):
        matter = provider.prepared(f"192.0.2.0/24\n{typed}")
        with pytest.raises(KeepSaidNo) as why:
            provider.load.move(matter, "propose", PROPOSED, who="desk")
        assert (why.value.code, why.value.detail["told"]) == ("not-a-prefix", typed)
        assert provider.load.case(matter)["state"] == "prepared", "it can be mended"
        plan, key = provider.office.draft(ROAMED, "engineer").plan, provider.office.keys["engineer"]
        wrong = replace(plan, scope={**plan.scope, "ranges": (RANGES[0], typed)})
        with pytest.raises(KeepSaidNo) as no:
            provider.office.terminal.call("propose", plan=wrong, signature=key.sign(wrong))
        assert (no.value.code, no.value.detail["told"]) == ("not-a-prefix", typed)
