"""The register of entrustments in one office: entered, approved by another, handed on, stopped; and the gate asked for every hand-over."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.entrustments import DEEPEST
from sekisho.desk.permitting.remeasure import Remeasure
from sekisho.desk.permitting.remeasure import carry_out as remeasure
from sekisho.law.canonical import plain
from sekisho.law.entrustment import Again, Entrustment, FieldClass, Move, Rung, What
from sekisho.law.reading import read
from tests.desk.office import EXAMPLES, Office, refused
from tests.desk.tooling import cleared

ROWS = EXAMPLES / "entrustments"
PROOF = "7" * 64


def row(office: Office, name: str, who: str = "desk", parent: str = "", **changed: Any) -> Entrustment:
    """A row of the examples, as that person would sign it now."""
    raw = tomllib.loads((ROWS / f"{name}.toml").read_text(encoding="utf-8"))
    papers = {p: hashlib.sha256((ROWS / raw[p]).read_bytes()).hexdigest() if p in raw else "" for p in ("contract", "consent")}
    said = {"parent": parent, "by": office.keys[who].person, "at": plain(office.watch.at)}
    return replace(read(Entrustment, {**raw, **papers, **said}), **changed)


def enter(office: Office, words: Entrustment, who: str = "desk") -> str:
    office.watch.wind(seconds=1)
    words = replace(words, at=office.watch.at)
    return str(office.terminal.call("entrust", entrustment=words, signature=office.keys[who].sign(words))["entrustment"])


def move(office: Office, entrustment: str, what: What, who: str, reason: str = "", proof: str = "") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    key = office.keys[who]
    words = Move(entrustment, what, reason, proof, key.person, office.watch.at)
    return dict(office.terminal.call("move-entrustment", move=words, signature=key.sign(words)))


def entrusted(office: Office, name: str = "agency", parent: str = "", **changed: Any) -> str:
    """A row in force, its contractor's tool clear for real data."""
    identity = enter(office, row(office, name, parent=parent, **changed))
    if parent:
        move(office, identity, What.AGREED, "officer", proof=PROOF)
    move(office, identity, What.APPROVED, "reviewer-a")
    cleared(office, identity)
    return identity


def listed(office: Office) -> dict[str, dict[str, Any]]:
    return {e["id"]: e for e in office.terminal.call("entrustments")["entrustments"]}


def ask(office: Office, entrustment: str, **said: Any) -> dict[str, Any]:
    asked = {"entrustment": entrustment, "fields": ["name", "mail"], "persons": 4990, "why_not_lower": "labels carry names"}
    return dict(office.terminal.call("may-hand-over", **{**asked, **said}))


def missing(found: dict[str, Any]) -> set[str]:
    """The conditions of the register that are not met."""
    tried = [t for a in found["decision"]["axes"] if a["axis"] == "contract" for t in a["tried"]]
    return {c["condition"] for t in tried for c in t["checked"] if c["answer"] != "met"}


@pytest.fixture(scope="session")
def _register(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("register") / "home").open()
    agency = entrusted(office)
    printing = entrusted(office, "printing-house", agency)
    (office.home / "rows").write_text(f"{agency} {printing}", encoding="ascii")
    office.close()
    return office.home


@pytest.fixture
def register(_register: Path, tmp_path: Path) -> Iterator[Office]:
    """The agency's row is in force, and the printing house's below it."""
    office = Office(_register).copied_closed(tmp_path / "register").open()
    office.watch.wind(minutes=1)
    yield office
    office.close()


@pytest.fixture(scope="module")
def asking(_register: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The same, for questions alone: they write nothing."""
    office = Office(_register).copied_closed(tmp_path_factory.mktemp("asking") / "register").open()
    office.watch.wind(minutes=1)
    yield office
    office.close()


def rows(office: Office) -> tuple[str, str]:
    agency, printing = (office.home / "rows").read_text(encoding="ascii").split()
    return agency, printing


def permit(office: Office, entrustment: str, **scope: Any) -> str:
    """The example's hand-over on this row, all the way to its permit."""
    office.watch.wind(seconds=1)
    key, draft = office.keys["engineer"], office.draft("entrustment")
    plan = replace(draft.plan, scope={**draft.plan.scope, "entrustment": entrustment, **scope})
    identity = str(office.terminal.call("propose", plan=plan, signature=key.sign(plan))["plan"])
    office.watch.wind(seconds=2)
    office.supply(identity, "entrustment")
    office.approve(identity, "reviewer-a")
    found = office.approve(identity, "reviewer-b")
    assert len(found) == 1, office.terminal.call("plan", plan=identity)["decisions"][0]["missing"]
    return found[0]


def state(office: Office, permit: str) -> str:
    return str(next(p["state"] for p in office.permits() if p["id"] == permit))


# The register itself.


def test_a_row_is_a_draft_until_somebody_else_approves_it(founded: Office) -> None:
    agency = enter(founded, row(founded, "agency", "officer"), "officer")
    assert listed(founded)[agency]["status"] == "draft"
    with refused("proposer-never-approves"):
        move(founded, agency, What.APPROVED, "officer")
    assert move(founded, agency, What.APPROVED, "reviewer-a") == {"entrustment": agency, "status": "in-force", "permits": []}


def test_a_row_names_who_answers_and_keeps_every_signature_in_the_ledger(founded: Office) -> None:
    size = founded.world.log.size
    agency = entrusted(founded)
    said = listed(founded)[agency]
    assert said["name"] == "desk"
    assert [(m["what"], m["name"]) for m in said["moves"]] == [("approved", "reviewer-a")]
    assert (said["entry"], founded.world.log.size) == (size, size + 5)


def test_only_the_desk_and_the_officer_enter_and_nobody_enters_for_another(asking: Office) -> None:
    with refused("wrong-role"):
        enter(asking, row(asking, "agency", "engineer"), "engineer")
    with refused("signed-by-another"):
        enter(asking, row(asking, "agency", "officer"), "desk")


def test_the_same_words_are_entered_once(founded: Office) -> None:
    words = row(founded, "agency")
    signature = founded.keys["desk"].sign(words)
    founded.terminal.call("entrust", entrustment=words, signature=signature)
    with refused("done-already"):
        founded.terminal.call("entrust", entrustment=words, signature=signature)


def test_a_row_that_leaves_something_out_is_refused_by_field(asking: Office) -> None:
    with refused("entrustment-incomplete") as no:
        enter(asking, row(asking, "agency", contract="", reason=" ", consent=""))
    assert no.value.detail == {"fields": ["consent", "contract", "reason"]}


@pytest.mark.parametrize("ground", ["jp/E-99/1", "jp/E-10/2", "because it is practical"])
def test_the_ground_is_a_case_of_the_book_about_entrusting(asking: Office, ground: str) -> None:
    with refused("no-such-ground"):
        enter(asking, row(asking, "agency", ground=ground))


def test_making_accounts_for_people_can_not_even_be_written_down(asking: Office) -> None:
    words = plain(row(asking, "agency")) | {"actions": ["create-account"]}
    with refused("not-a-request"):
        asking.terminal.call("entrust", entrustment=words, signature=asking.keys["desk"].sign(row(asking, "agency")))


# Handing on.


def test_a_sub_contractor_waits_for_our_consent_and_then_for_an_approval(register: Office) -> None:
    agency, _ = rows(register)
    binder = enter(register, row(register, "printing-house", parent=agency, party="Binder"))
    with refused("not-agreed"):
        move(register, binder, What.APPROVED, "reviewer-a")
    with refused("no-proof"):
        move(register, binder, What.AGREED, "officer")
    with refused("wrong-role"):
        move(register, binder, What.AGREED, "reviewer-b", proof=PROOF)
    move(register, binder, What.AGREED, "officer", proof=PROOF)
    assert move(register, binder, What.APPROVED, "reviewer-a")["status"] == "in-force"


def test_who_may_not_hand_on_hands_on_nothing(asking: Office) -> None:
    _, printing = rows(asking)
    with refused("re-entrustment-forbidden"):
        enter(asking, row(asking, "printing-house", parent=printing, party="Binder"))


def test_with_notice_alone_nobody_needs_to_agree(founded: Office) -> None:
    agency = entrusted(founded, again=Again.NOTICE)
    printing = enter(founded, row(founded, "printing-house", parent=agency))
    assert move(founded, printing, What.APPROVED, "reviewer-a")["status"] == "in-force"


@pytest.mark.parametrize(
    ("wider", "named"),
    [
        ({"persons": 5001}, "persons"),
        ({"fields": {"name": FieldClass.ORDINARY, "birthday": FieldClass.ORDINARY}}, "fields"),
        ({"places": frozenset({"JP", "SG"})}, "places"),
        ({"purpose": "advertising"}, "purpose"),
        ({"report_hours": 48}, "report_hours"),
    ],
)
def test_a_sub_contractor_that_would_hold_more_is_refused_by_respect(asking: Office, wider: dict[str, Any], named: str) -> None:
    agency, _ = rows(asking)
    with refused("more-than-above") as no:
        enter(asking, row(asking, "printing-house", parent=agency, **wider))
    assert no.value.detail["fields"] == [named]


def test_a_row_below_a_row_nobody_knows_is_refused(asking: Office) -> None:
    with refused("unknown-entrustment"):
        enter(asking, row(asking, "printing-house", parent="entrustment-0000000000000000"))


def test_it_is_not_handed_on_for_ever(founded: Office) -> None:
    last = ""
    for _ in range(DEEPEST):
        last = enter(founded, row(founded, "agency", parent=last, again=Again.NOTICE))
    with refused("too-many-firms"):
        enter(founded, row(founded, "agency", parent=last, again=Again.NOTICE))


# What happens to a row.


def test_each_move_has_its_time(asking: Office) -> None:
    agency, _ = rows(asking)
    for what, who in ((What.APPROVED, "reviewer-b"), (What.RESUMED, "officer"), (What.RETURNED, "officer")):
        with refused("not-in-this-status"):
            move(asking, agency, what, who, "again", PROOF)


def test_anybody_may_stop_it_but_says_why_and_not_anybody_may_go_on(register: Office) -> None:
    agency, _ = rows(register)
    with refused("no-reasons"):
        move(register, agency, What.SUSPENDED, "engineer")
    assert move(register, agency, What.SUSPENDED, "engineer", "mails went to strangers")["status"] == "suspended"
    with refused("wrong-role"):
        move(register, agency, What.RESUMED, "engineer", "fixed")
    assert move(register, agency, What.RESUMED, "officer", "cause found and removed")["status"] == "in-force"


def test_what_ended_is_owed_back_and_is_late_until_its_proof_is_there(register: Office) -> None:
    agency, _ = rows(register)
    move(register, agency, What.ENDED, "desk", "the race is over")
    said = listed(register)[agency]
    assert (said["status"], said["return_due"], said["late"]) == ("ended", "2026-12-22", False)
    register.watch.wind(days=31)
    assert listed(register)[agency]["late"] is True
    assert move(register, agency, What.RETURNED, "officer", proof=PROOF)["status"] == "returned"
    said = listed(register)[agency]
    assert (said["late"], said["moves"][-1]["proof"]) == (False, PROOF)


def test_a_row_below_ends_with_the_one_above_without_anybody_touching_it(register: Office) -> None:
    agency, printing = rows(register)
    move(register, agency, What.SUSPENDED, "engineer", "an incident")
    said = listed(register)[printing]
    assert (said["status"], said["chain"]) == ("in-force", "suspended")
    found = ask(register, printing, fields=["name"], persons=100)
    assert missing(found) == {"chain-in-force"}


def test_the_tree_is_listed_with_each_row_below_its_own(register: Office) -> None:
    agency, printing = rows(register)
    other = entrusted(register, party="Another")
    assert [(e["id"], e["depth"]) for e in listed(register).values()] == [(agency, 0), (printing, 1), (other, 0)]
    assert listed(register)[agency]["special"] == ["allergy"]


def test_a_move_whose_row_was_lost_counts_as_a_stop(register: Office) -> None:
    """A power cut between ledger and records, or an old copy put back: until a person says otherwise nothing is handed over."""
    agency, _ = rows(register)
    copy = register.home / "state" / "records.sqlite"
    register.close()
    kept = {p: p.read_bytes() for p in copy.parent.glob(f"{copy.name}*")} if copy.exists() else {}
    kept = kept or {p: p.read_bytes() for p in (register.home / "state").rglob("*.db*")}
    assert kept
    register.open()
    move(register, agency, What.SUSPENDED, "engineer", "an incident")
    register.close()
    for path, content in kept.items():
        path.write_bytes(content)
    register.open()
    said = listed(register)[agency]
    assert (said["status"], said["moves"][-1]["what"]) == ("suspended", "lost")


# The gate, asked for every hand-over.


def test_what_the_register_allows_lacks_only_papers_about_the_data_themselves(asking: Office) -> None:
    agency, _ = rows(asking)
    found = ask(asking, agency)
    assert missing(found) == set()
    assert {m["kind"]["name"] for m in found["decision"]["missing"]} == {"purpose-text", "origin"}


@pytest.mark.parametrize(
    ("said", "conditions"),
    [
        ({"fields": ["name", "birthday"]}, {"fields-in-row"}),
        ({"persons": 5001}, {"persons-in-row"}),
        ({"persons": 0}, {"persons-said", "persons-in-row"}),
        ({"to": "Another Agency"}, {"registered"}),
        ({"purpose": "advertising"}, {"purpose-in-row"}),
        ({"actions": ["phone"]}, {"actions-in-row"}),
        ({"actions": ["create-account"]}, {"actions-in-row"}),
        ({"places": ["SG"]}, {"places-in-row"}),
        ({"why_not_lower": " "}, {"reasoned"}),
    ],
)
def test_what_goes_beyond_the_row_is_refused_and_named(asking: Office, said: dict[str, Any], conditions: set[str]) -> None:
    agency, _ = rows(asking)
    found = ask(asking, agency, **said)
    assert found["decision"]["outcome"] == "refused"
    assert missing(found) == conditions


def test_every_refusal_says_who_can_supply_what_is_missing(asking: Office) -> None:
    agency, _ = rows(asking)
    found = ask(asking, agency, fields=["name", "birthday"])
    assert found["decision"]["missing"]
    assert all(m["who"] and m["words"]["ja"] and m["words"]["en"] for m in found["decision"]["missing"])


def test_with_every_answer_come_the_lower_rungs_least_data_first(asking: Office) -> None:
    agency, _ = rows(asking)
    assert ask(asking, agency)["lower"] == ["aggregate", "pull", "holder-sends", "holder-posts", "aliases", "pseudonyms", "contact"]
    assert ask(asking, agency, rung="holder-sends")["lower"] == ["aggregate", "pull"]
    with refused("unknown-rung"):
        ask(asking, agency, rung="everything")


def test_a_rung_above_the_rows_is_refused(founded: Office) -> None:
    agency = entrusted(founded, rung=Rung.ALIASES)
    assert missing(ask(founded, agency)) == {"least-data"}
    assert missing(ask(founded, agency, rung="aliases")) == set()


def test_counts_need_no_reason(asking: Office) -> None:
    agency, _ = rows(asking)
    assert "reasoned" not in missing(ask(asking, agency, rung="aggregate", why_not_lower=""))


@pytest.mark.parametrize("what", [What.SUSPENDED, What.ENDED])
def test_a_row_that_was_stopped_carries_nothing(register: Office, what: What) -> None:
    agency, _ = rows(register)
    move(register, agency, what, "officer", "an incident")
    assert missing(ask(register, agency)) == {"in-force"}


def test_a_draft_carries_nothing(founded: Office) -> None:
    agency = enter(founded, row(founded, "agency"))
    assert missing(ask(founded, agency)) == {"in-force", "tool-clear"}


def test_a_row_past_its_last_day_carries_nothing(register: Office) -> None:
    agency, _ = rows(register)
    register.watch.wind(days=131)
    assert listed(register)[agency]["status"] == "over"
    assert missing(ask(register, agency)) == {"in-force"}


def test_a_sponsor_without_a_row_gets_nothing(asking: Office) -> None:
    found = ask(asking, "entrustment-0000000000000000", to="Sponsor Inc.", purpose="stamp-rally", actions=["store"], places=["JP"])
    assert found["decision"]["outcome"] == "refused"
    assert "registered" in missing(found)
    assert found["registered"] is None


def test_a_question_about_a_hand_over_writes_nothing_down(asking: Office) -> None:
    agency, _ = rows(asking)
    size = asking.world.log.size
    ask(asking, agency)
    assert asking.world.log.size == size


# Hand-overs that were permitted.


def test_a_hand_over_within_the_row_is_permitted_once_papers_and_two_reviewers_are_there(register: Office) -> None:
    agency, _ = rows(register)
    given = permit(register, agency)
    assert state(register, given) == "in-force"
    assert listed(register)[agency]["permits"] == [given]


def test_who_asks_for_more_than_the_row_gets_no_permit_however_many_sign(register: Office) -> None:
    agency, _ = rows(register)
    with pytest.raises(AssertionError):
        permit(register, agency, persons=5001)
    assert register.permits() == []


@pytest.mark.parametrize("what", [What.SUSPENDED, What.ENDED])
def test_a_permit_ends_in_the_same_moment_as_its_row(register: Office, what: What) -> None:
    agency, _ = rows(register)
    given = permit(register, agency)
    assert move(register, agency, what, "officer", "an incident")["permits"] == [given]
    assert state(register, given) == "ended"


def test_a_permit_of_a_row_below_ends_with_the_row_above(register: Office) -> None:
    """Nobody goes through the tree by hand in the night of an incident."""
    agency, printing = rows(register)
    key, draft = register.keys["engineer"], register.draft("entrustment")
    scope = {
        **draft.plan.scope,
        "entrustment": printing,
        "to": "Echizen Printing",
        "fields": ("name",),
        "actions": ("store",),
        "persons": 9,
    }
    from sekisho.measures.entrustment import Entrustment as Measure
    from sekisho.measures.measure import step

    plan = replace(draft.plan, steps=(step(Measure(), "pass-on"),), scope=scope)
    identity = str(register.terminal.call("propose", plan=plan, signature=key.sign(plan))["plan"])
    register.watch.wind(seconds=2)
    register.supply(identity, "entrustment")
    register.approve(identity, "reviewer-a")
    (given,) = register.approve(identity, "reviewer-b")
    assert move(register, agency, What.SUSPENDED, "engineer", "an incident")["permits"] == [given]
    assert state(register, given) == "ended"


def test_a_permit_ends_with_its_rows_last_day_by_itself(register: Office) -> None:
    """The term of a permit may be longer than what is left of the row: it is measured again all the time."""
    agency = entrusted(register, until=register.world.book.day(register.watch.at) + timedelta(days=2))
    given = permit(register, agency)
    register.watch.wind(days=2)
    with register.turn() as world:
        remeasure(world, Remeasure())
    assert state(register, given) == "in-force"
    register.watch.wind(days=1)
    with register.turn() as world:
        remeasure(world, Remeasure())
    assert state(register, given) == "ended"


def test_records_and_ledger_agree_about_the_register(register: Office) -> None:
    found = register.terminal.call("compare", start=0, count=1000)
    assert found["differences"] == []
