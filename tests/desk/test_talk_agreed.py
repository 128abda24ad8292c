"""What the gate hears of a masked talk: the least that both agreed to, of this talk alone, and of its two sides only while both do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sekisho.desk import plans, probes, records, talks
from sekisho.desk.config import ConfigError, read_settings
from sekisho.law.talk import MAY_OPEN, MAY_READ, Fate, State
from sekisho.law.words import Evidence, Plan, Role
from tests.desk import talking
from tests.desk.inviting import answer
from tests.desk.office import Office
from tests.desk.talking import Talk


@pytest.fixture(scope="module")
def _begun(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Talk]:
    folder = tmp_path_factory.mktemp("agreed")
    office = Office(_founded).copied_closed(folder / "home")
    talking.prepare(office, folder)
    office.open()
    talk = talking.begun(office)
    office.close()
    return office.home, talk


@pytest.fixture
def office(_begun: tuple[Path, Talk], tmp_path: Path) -> Iterator[Office]:
    office = Office(_begun[0]).copied_closed(tmp_path / "home").open()
    office.watch.wind(minutes=1)
    yield office
    office.close()


@pytest.fixture
def talk(_begun: tuple[Path, Talk]) -> Talk:
    return _begun[1]


def plan_of(office: Office, talk: Talk) -> Plan:
    with office.turn() as world:
        return plans.load(world, talks.get(world, talk.id).plan)


def heard(office: Office, plan: Plan, kind: str) -> list[Evidence]:
    with office.turn() as world:
        return [piece for piece in probes.measured(world, plan, world.clock.now()) if piece.kind == kind]


def take_back(office: Office, talk: Talk, side: int) -> None:
    answer(office, talk.invitation, talk.codes[side], do="withdraw", language=talk.people[side].language)


def test_both_sides_are_one_piece_and_say_what_both_saw(office: Office, talk: Talk) -> None:
    plan = plan_of(office, talk)
    (consent,) = heard(office, plan, "consent")
    assert consent.value["sides"] == ("reader", "writer")
    assert consent.value["text"] == plan.scope["agreed_text"]
    assert consent.value["elements"] == ("content", "counterpart", "header", "party")
    assert (consent.value["way"], consent.value["days"], consent.voucher.who) == ("typed-code", 31, "consent-record")
    (row,) = heard(office, plan, "talk")
    assert row.value == {
        "talk": talk.id,
        "agreed_text": plan.scope["agreed_text"],
        "sides": 2,
        "own_words_only": True,
        "held_for_a_person": True,
        "aliases_apart": True,
        "entrusted": True,
    }


@pytest.mark.parametrize(("side", "left"), [(0, "reader"), (1, "writer")])
def test_of_one_who_took_it_back_nothing_is_said_any_more(office: Office, talk: Talk, side: int, left: str) -> None:
    plan = plan_of(office, talk)
    take_back(office, talk, side)
    (consent,) = heard(office, plan, "consent")
    assert consent.value["sides"] == (left,)
    take_back(office, talk, 1 - side)
    assert heard(office, plan, "consent") == []


def test_what_the_two_of_another_talk_agreed_to_carries_nothing_here(office: Office, talk: Talk) -> None:
    other = talking.begun(office)
    plan = plan_of(office, talk)
    take_back(office, talk, 0)
    (consent,) = heard(office, plan, "consent")
    assert consent.value["sides"] == ("reader",), "the same person agreed to the other talk, and to that alone"
    (theirs,) = heard(office, plan_of(office, other), "consent")
    assert (theirs.value["sides"], theirs.value["text"] == consent.value["text"]) == (("reader", "writer"), False)


@pytest.mark.parametrize("scope", [{"talk": "talk-" + "0" * 16}, {"talk": 5}, {}])
def test_of_a_plan_that_names_no_talk_of_ours_nothing_is_heard(office: Office, talk: Talk, scope: dict[str, Any]) -> None:
    plan = plan_of(office, talk)
    kept = {name: value for name, value in plan.scope.items() if name != "talk"}
    other = replace(plan, scope={**kept, **scope})
    assert heard(office, other, "talk") + heard(office, other, "consent") == []


def test_an_alias_that_stands_for_two_people_is_none(office: Office, talk: Talk) -> None:
    other, alias = talking.begun(office), talk.aliases[0].partition("@")[0]
    with office.turn() as world:
        mine = records.TALKS.c.id == other.id
        world.db.execute(update(records.TALKS).where(mine).values(aliases=f"{alias} t-{'0' * 16}"))
    (row,) = heard(office, plan_of(office, talk), "talk")
    assert row.value["aliases_apart"] is False


def test_two_sides_that_are_one_person_are_no_talk(office: Office, talk: Talk) -> None:
    with office.turn() as world:
        giver = talks.get(world, talk.id).givers[0]
        world.db.execute(update(records.TALKS).values(givers=f"{giver} {giver}"))
    (row,) = heard(office, plan_of(office, talk), "talk")
    assert row.value["sides"] == 1


def test_the_talk_ends_with_the_shorter_of_both_consents_and_its_key_a_week_later(office: Office, talk: Talk) -> None:
    with office.turn() as world:
        one = talks.get(world, talk.id)
        ends = [record.until for record in talks.agreed(world, one.campaign, one.givers, world.clock.now()) if record]
        assert one.until == min(ends)
        assert one.kept - one.until == talks.KEPT
        assert plans.load(world, one.plan).until == one.until


def test_each_sides_receipt_is_their_own_and_gone_with_their_consent(office: Office, talk: Talk) -> None:
    def codes() -> list[str]:
        with office.turn() as world:
            one = talks.get(world, talk.id)
            return [talks.receipt(world, one, side, world.clock.now()) for side in (0, 1)]

    before = codes()
    assert len({*before, ""}) == 3
    with office.turn() as world:
        known = {row["code"] for row in records.rows(world.db, records.CONSENTS)}
    assert {hashlib.sha256(code.encode()).hexdigest() for code in before} <= known
    take_back(office, talk, 0)
    assert codes() == ["", before[1]]
    answer(office, talk.invitation, talk.codes[0], language=talk.people[0].language)
    again = codes()
    assert again[0] not in ("", before[0]), "a yes said anew has a receipt of its own"


def test_who_may_open_reads_as_well_and_no_fate_leaves_a_mail_held() -> None:
    assert set(MAY_OPEN) < set(MAY_READ)
    assert Role.ENGINEER not in MAY_READ
    assert {fate.value for fate in Fate} == {"release", "return", "drop"}
    assert len({state.value for state in State}) == len(State)


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ('talks = "/tmp/talks"', "mail.talks"),
        ('talk_domain = "talk.example.net"', "mail.talks"),
        ('talks = "/tmp/talks"\ntalk_domain = "talk_example"', "mail.talk_domain"),
        ('talks = "/tmp/talks"\ntalk_domain = "@talk.example.net"', "mail.talk_domain"),
    ],
)
def test_a_mailbox_without_its_domain_or_a_name_that_is_none_is_refused(tmp_path: Path, lines: str, where: str) -> None:
    from tests.desk.office import settings_text

    path = tmp_path / "sekisho.toml"
    path.write_text(settings_text().replace("[mail]\n", f"[mail]\n{lines}\n"), encoding="utf-8")
    with pytest.raises(ConfigError) as wrong:
        read_settings(path)
    assert wrong.value.args[0] == where
