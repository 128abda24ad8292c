"""What the law refuses, proposed all the same on a real node: everybody confirms and signs, and the console says why nothing came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import NamedTuple, cast

import pytest
from starlette.testclient import TestClient

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings, create_app
from sekisho.faces.web.sessions import Session, Sessions
from sekisho.law.words import Plan
from tests.desk.asking import book
from tests.desk.office import Office


class Proposed(NamedTuple):
    """A plan as its example has it, with this step in the place of the lawful one. `unasked`: and nobody is asked for consent."""

    row: str
    example: str
    step: str
    case: str
    unasked: bool = False


PROPOSED = (
    Proposed("C-03", "default-on-filter", "block-all", "jp/C-03/1"),
    Proposed("C-05", "shaping", "shape-against-copyright", "jp/C-05/1"),
    Proposed("C-05", "shaping", "shape-leak-virus", "jp/C-05/2"),
    Proposed("C-05", "shaping", "shape-surge", "jp/C-05/3"),
    Proposed("C-08", "rbl", "reject", "jp/C-08/2", unasked=True),
    Proposed("C-09b", "mail-authentication", "discard-by-result", "jp/C-09/2"),
    Proposed("C-09c", "mail-authentication", "filter-all", "jp/C-09/7"),
)
NO_MEASURE = ("piracy-blocking", "piracy-warning", "casino-blocking")
"""C-11, C-12, C-13: this software cannot do it at all; that the law refuses it as well, test_what_the_law_refuses shows."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    found = Office(tmp_path_factory.mktemp("proposed") / "office").found()
    yield found
    found.close()


def plan_of(office: Office, tried: Proposed) -> Plan:
    plan = office.draft(tried.example).plan
    step = book().step(tried.example, tried.step)
    assert step is not None
    scope = {k: v for k, v in plan.scope.items() if not (tried.unasked and k == "consent")}
    return replace(plan, steps=(step,), scope=scope)


def enter(office: Office, plan: Plan) -> str:
    key = office.keys["engineer"]
    return str(office.terminal.call("propose", plan=plan, signature=key.sign(plan))["plan"])


def read(office: Office, path: str, language: str) -> str:
    """A page of the console as a reviewer gets it."""
    desk = KeepDesk(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
    app = create_app(desk, Settings(clock=office.watch.wall))
    session = Session("a session", "a token", office.keys["reviewer-a"].person)
    with pytest.MonkeyPatch.context() as signed_in, TestClient(app, base_url="http://localhost:8080") as browser:
        signed_in.setattr(Sessions, "find", lambda *_, **__: session)
        page = browser.get(path, headers={"accept-language": language})
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.mark.parametrize("tried", PROPOSED, ids=lambda t: f"{t.row}-{t.step}")
def test_with_every_paper_and_everybodys_signature_there_is_no_permit_and_the_page_says_why(tried: Proposed, office: Office) -> None:
    office.watch.wind(seconds=2)
    plan = enter(office, plan_of(office, tried))
    permits = [*office.supply(plan, tried.example), *office.confirm(plan)]
    for who in ("reviewer-a", "reviewer-b"):
        permits += office.approve(plan, who)
    assert not permits
    assert plan not in {p["plan"] for p in office.permits()}
    (said,) = office.terminal.call("plan", plan=plan)["decisions"]
    assert said["outcome"] == "refused"
    assert {m["case"] for m in said["missing"]} >= {tried.case}
    for language in ("ja", "en"):
        assert book().case(tried.case).title[language] in read(office, f"/plans/{plan}", language)


@pytest.mark.parametrize("measure", NO_MEASURE)
def test_what_no_measure_does_is_not_even_entered(measure: str, office: Office) -> None:
    plan = office.draft("default-on-filter").plan
    with pytest.raises(KeepSaidNo, match="unknown-measure"):
        enter(office, replace(plan, measure=measure, steps=book().steps[measure]))
