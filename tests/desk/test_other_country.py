"""Another country's rule of keeping is a folder of data: the same measure, compiled under it, is kept that long, and dies on that day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.draft import DraftError, read_draft
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import retire
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.gate.worked import wrong
from sekisho.law.casebook import Casebook, load
from sekisho.law.examples import build
from sekisho.law.words import Plan, Regime
from sekisho.measures.registry import EVERY
from tests.conftest import ROOT
from tests.desk.office import Office

BR, JP = load(ROOT / "casebook" / "br"), load(ROOT / "casebook" / "jp")
THREE_YEARS = 1095
RECORD = next(s for s in EVERY["infected-notice"].steps if s.name == "record")
PLAN = """measure = "infected-notice"
steps = ["record"]
lasts_days = 200
"""


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    file = tmp_path / "record.toml"
    file.write_text(PLAN, encoding="utf-8")
    return file


@pytest.fixture
def brazilian(tmp_path: Path) -> Iterator[Office]:
    """The same node; only the folder of the book is another."""
    office = Office(tmp_path / "home").found(book=str(ROOT / "casebook" / "br"))
    yield office
    office.close()


def drafted(file: Path, book: Casebook | None, office: Office | None = None) -> Plan:
    day = date(2026, 11, 21)
    now = office.watch.at if office else datetime.fromisoformat("2026-11-21T12:00:00+00:00")
    who = office.keys["engineer"].person if office else "person-0000000000000000"
    actor = office.settings.operator.name if office else "Example"
    on = book.day(now) if book else day
    return read_draft(file, actor=actor, regime=Regime.TBA, proposer=who, day=on, now=now, book=book).plan


def proposed(office: Office, plan: Plan) -> str:
    return str(office.terminal.call("propose", plan=plan, signature=office.keys["engineer"].sign(plan))["plan"])


def outcome(office: Office, plan: str) -> str:
    (decision,) = office.terminal.call("plan", plan=plan)["decisions"]
    return str(decision["outcome"])


def retire_now(office: Office) -> int:
    with office.turn() as world:
        return int(retire.carry_out(world, retire.Retire())["destroyed"])


def wind_to(office: Office, day: date) -> None:
    """Noon of a day, hour by hand: the clock is wound, it does not jump."""
    office.watch.wind(seconds=(datetime.fromisoformat(f"{day}T12:00:00+00:00") - office.watch.at).total_seconds())


# The book


def test_the_small_book_is_right_about_itself() -> None:
    assert wrong(BR) == ()
    assert BR.country == "br"
    assert BR.digest != JP.digest


def test_its_days_begin_where_the_country_is() -> None:
    moment = datetime.fromisoformat("2026-11-22T01:00:00+00:00")
    assert (BR.day(moment), JP.day(moment)) == (date(2026, 11, 21), date(2026, 11, 22))


def test_the_law_of_one_country_sets_a_term_and_that_of_the_other_leaves_it_open() -> None:
    on = date(2026, 11, 21)
    assert BR.term("infected-notice", RECORD, on) == THREE_YEARS
    assert JP.term("infected-notice", RECORD, on) is None
    assert BR.term("infected-notice", RECORD, date(2006, 12, 5)) is None, "before anybody had said so"
    assert BR.term("infected-notice", next(s for s in EVERY["infected-notice"].steps if s.name == "match"), on) is None


def test_what_was_only_remembered_never_decides_alone() -> None:
    """The panel's word decides for its own time; since the statute that speaks against it, a person is asked."""
    by_day = {c.id: c for c in BR.cases}
    assert by_day["br/R-01/1"].certainty.decides_alone
    for name in ("br/R-01/2", "br/S-01/1", "br/P-01/1"):
        assert not by_day[name].certainty.decides_alone
        assert by_day[name].ask
    (value,) = BR.parameters["access-records-days"].values
    assert value.dissent, "one year stands beside three"


def test_what_it_does_not_carry_it_refuses(brazilian: Office) -> None:
    """It is no licence for the rest of the measure: matching, naming and writing have no case there."""
    draft = brazilian.draft()
    plan = proposed(brazilian, draft.plan)
    decisions = {d["step"]["name"]: d["outcome"] for d in brazilian.terminal.call("plan", plan=plan)["decisions"]}
    assert set(decisions.values()) == {"refused"}


@pytest.mark.parametrize("days", [1, 30, 365, 1094, 1096, 3650])
def test_no_other_term_than_the_laws_passes(days: int) -> None:
    complete = BR.complete["access-records"]
    given = {"scope": {"days": days}, "evidence": {"retention": {"days": max(days, THREE_YEARS)}}}
    plan, now = build(BR, complete, "*", complete.steps[0], given, "2026-11-21")  # type: ignore[arg-type] # values by construction
    said = [Confirmation(c.id, "*", BR.digest, "read", "officer", now - timedelta(1), now + timedelta(1)) for c in BR.cases]
    (decision,) = decide(plan, BR, now, said)
    assert decision.outcome.value == "refused"
    assert {m.condition for m in decision.missing} == {"term-of-the-law"}
    (right,) = decide(replace(plan, scope={**plan.scope, "days": THREE_YEARS}), BR, now, said)
    assert right.outcome.value == "permitted"


# The term


def test_the_term_of_the_same_plan_is_that_of_the_country(plan_file: Path) -> None:
    """A plan that names no term is compiled with the law's; where the law sets none, the plan must."""
    plan = drafted(plan_file, BR)
    assert plan.scope["days"] == THREE_YEARS
    streams: Any = plan.scope["streams"]
    assert {s["term_days"] for s in streams.values()} == {THREE_YEARS}
    for book in (JP, None):
        with pytest.raises(DraftError) as why:
            drafted(plan_file, book)
        assert why.value.where == "keeps_days"


def test_a_plan_that_names_its_term_keeps_it_and_is_judged_by_it(plan_file: Path, brazilian: Office) -> None:
    plan_file.write_text(PLAN + "keeps_days = 30\n", encoding="utf-8")
    plan = drafted(plan_file, BR, brazilian)
    assert plan.scope["days"] == 30
    assert outcome(brazilian, proposed(brazilian, plan)) == "refused"


def test_a_person_is_asked_before_anything_is_kept_for_three_years(plan_file: Path, brazilian: Office) -> None:
    plan = proposed(brazilian, drafted(plan_file, BR, brazilian))
    assert outcome(brazilian, plan) == "referred"
    assert brazilian.permits() == []
    brazilian.approve(plan, "reviewer-a")
    brazilian.confirm(plan)
    (permit,) = brazilian.permits()
    assert permit["step"] == "record"
    assert sorted(permit["cases"]) == ["br/P-01/1", "br/R-01/2", "br/S-01/1"]


def test_keys_die_on_the_day_the_country_says(plan_file: Path, brazilian: Office) -> None:
    """Records of one day stay for three years to the day, in Brazil; then their keys are destroyed and nobody opens them."""
    plan = proposed(brazilian, drafted(plan_file, BR, brazilian))
    brazilian.approve(plan, "reviewer-a")
    brazilian.confirm(plan)
    first = brazilian.watch.at.date()
    brazilian.collect()
    made = set(brazilian.world.vault.key_ids())
    assert {k.rpartition("/")[2] for k in made} == {first.isoformat()}
    wind_to(brazilian, first + timedelta(days=THREE_YEARS))
    assert retire_now(brazilian) == 0
    assert set(brazilian.world.vault.key_ids()) == made
    wind_to(brazilian, first + timedelta(days=THREE_YEARS + 1))
    assert retire_now(brazilian) == len(made) > 0
    assert not set(brazilian.world.vault.key_ids()) & made


def test_another_countrys_node_takes_no_book_of_ours(brazilian: Office) -> None:
    """A country is chosen in the settings, never by a package on the way."""
    from tests.desk.test_load_book import KEY, edition, loaded, trusting

    package = edition(trusting(brazilian, KEY), brazilian.home, lambda f: (f / "book.toml").write_text(
        (f / "book.toml").read_text("utf-8").replace('country = "br"', 'country = "jp"'), "utf-8"
    ))  # fmt: skip
    with pytest.raises(KeepSaidNo, match="another-country"):
        loaded(brazilian, package)
