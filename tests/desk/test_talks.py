"""A masked talk is opened between two who both agreed, goes on while both do and its permit lives, and ends with either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import compare, records, talks
from sekisho.law.talk import MOST_WAITING, State
from tests.desk import talking
from tests.desk.inviting import answer
from tests.desk.office import Office, refused
from tests.desk.talking import Talk


@pytest.fixture(scope="module")
def _ready(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("talks")
    office = Office(_founded).copied_closed(folder / "home")
    talking.prepare(office, folder)
    return office.home


@pytest.fixture(scope="module")
def _talking(_ready: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Talk]:
    office = Office(_ready).copied_closed(tmp_path_factory.mktemp("talking") / "home").open()
    talk = talking.begun(office)
    office.close()
    return office.home, talk


@pytest.fixture
def fresh(_ready: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_ready).copied_closed(tmp_path / "home").open()
    yield office
    office.close()


@pytest.fixture
def office(_talking: tuple[Path, Talk], tmp_path: Path) -> Iterator[Office]:
    office = Office(_talking[0]).copied_closed(tmp_path / "home").open()
    office.watch.wind(minutes=1)
    yield office
    office.close()


@pytest.fixture
def talk(_talking: tuple[Path, Talk]) -> Talk:
    return _talking[1]


def state(office: Office) -> str:
    (one,) = office.terminal.call("talks")
    return str(one["state"])


def came(office: Office, talk: Talk, writer: int, number: int = 1, raw: bytes = b"x") -> dict[str, Any]:
    alias = talk.aliases[1 - writer].partition("@")[0]
    return dict(office.channel("act").call("talk-mail-came", raw=raw, alias=alias, named=f"{number:064x}"))


def test_it_cannot_be_opened_before_both_agreed_and_its_plan_needs_somebody_else(fresh: Office) -> None:
    invitation, codes, people = talking.invited(fresh)
    for agreed, code in enumerate(codes):
        with refused("not-both-agreed"):
            talking.opened(fresh, invitation)
        answer(fresh, invitation, code, language=people[agreed].language)
    made = talking.opened(fresh, invitation)
    assert state(fresh) == "waiting"
    talking.laid(fresh, made["plan"])
    assert fresh.approve(made["plan"], "reviewer-a") == [], "the legal officer has not confirmed the case"
    with refused("talk-there-already"):
        talking.opened(fresh, invitation)


def test_a_no_is_no_yes_and_a_yes_taken_back_is_none(fresh: Office) -> None:
    invitation, codes, _ = talking.invited(fresh)
    answer(fresh, invitation, codes[0])
    answer(fresh, invitation, codes[1], do="refuse")
    with refused("not-both-agreed"):
        talking.opened(fresh, invitation)
    answer(fresh, invitation, codes[1])
    answer(fresh, invitation, codes[0], do="withdraw")
    with refused("not-both-agreed"):
        talking.opened(fresh, invitation)


def test_only_an_invitation_that_asks_two_people_to_talk_opens_one(fresh: Office) -> None:
    with refused("unknown-question"):
        talking.opened(fresh, "campaign-" + "0" * 16)
    from tests.desk import inviting

    news, _, _ = inviting.invited(fresh, 2)
    with refused("not-a-talk"):
        talking.opened(fresh, news)


@pytest.mark.parametrize("who", ["engineer", "auditor", "reviewer-a"])
def test_who_is_not_of_the_desk_opens_none(fresh: Office, who: str) -> None:
    with refused("wrong-role"):
        talking.opened(fresh, "campaign-" + "0" * 16, who)


def test_nobodys_address_lies_open_on_the_disk_or_in_the_list(office: Office, talk: Talk) -> None:
    said = str(office.terminal.call("talks"))
    for person in talk.people:
        assert person.mail not in said
        for path in office.home.rglob("*"):
            assert not path.is_file() or person.mail.encode() not in path.read_bytes(), path


def test_one_person_has_another_alias_and_another_consent_in_each_talk(office: Office, talk: Talk) -> None:
    second = talking.begun(office)
    assert len({*talk.aliases, *second.aliases}) == 4
    assert [t["state"] for t in office.terminal.call("talks")] == ["open", "open"], "a second yes takes the first one's place nowhere"
    with office.turn() as world:
        givers = [giver for one in talks.every(world) for giver in one.givers]
        assert len(set(givers)) == 4


@pytest.mark.parametrize("side", [0, 1])
def test_either_side_ends_it_with_the_code_of_any_mail_and_nothing_more_goes_on(office: Office, talk: Talk, side: int) -> None:
    act = office.channel("act")
    name = came(office, talk, writer=0)["passing"]
    assert act.call("talk-mails") == [name]
    with office.turn() as world:
        one = talks.get(world, talk.id)
        code = talks.receipt(world, one, side, world.clock.now())
    office.channel("show").call("withdraw-my-consent", code=code)
    assert state(office) == "withdrawn"
    assert act.call("talk-mails") == []
    with refused("consent-gone"):
        act.call("take-talk-mail", passing=name)
    assert came(office, talk, writer=1, number=2) == {"passing": "", "why": "closed"}


def test_the_last_word_is_asked_right_before_the_first_octet(office: Office, talk: Talk) -> None:
    act, name = office.channel("act"), came(office, talk, writer=0)["passing"]
    act.call("take-talk-mail", passing=name)
    assert act.call("renew-talk", passing=name)["permit"] == talk.permit
    answer(office, talk.invitation, talk.codes[1], do="withdraw", language=talk.people[1].language)
    with refused("consent-gone"):
        act.call("renew-talk", passing=name)


def test_it_ends_with_its_permit_and_with_its_days(office: Office, talk: Talk) -> None:
    assert state(office) == "open"
    office.watch.wind(days=31)
    assert state(office) == "over"
    assert came(office, talk, writer=0) == {"passing": "", "why": "closed"}


def test_a_withdrawn_permit_stops_it_at_once(office: Office, talk: Talk) -> None:
    office.withdraw(talk.permit)
    assert state(office) == "stopped"
    assert came(office, talk, writer=0)["why"] == "closed"


def test_a_mail_that_came_twice_is_one_and_one_to_nobody_is_none(office: Office, talk: Talk) -> None:
    first, again = (came(office, talk, writer=0) for _ in range(2))
    assert again == {"passing": first["passing"], "why": "again"}
    for alias in ("", "t-" + "0" * 16, "%", talk.aliases[0][:-3]):
        assert office.channel("act").call("talk-mail-came", raw=b"x", alias=alias, named="")["why"] == "foreign"


def test_one_side_cannot_fill_the_desk(office: Office, talk: Talk) -> None:
    said = [came(office, talk, writer=0, number=n)["why"] for n in range(MOST_WAITING + 1)]
    assert said == [""] * MOST_WAITING + ["too-many"]
    assert came(office, talk, writer=1)["why"] == "", "the other one still can write"


def test_a_mail_is_taken_once_and_after_a_death_the_server_is_asked_first(office: Office, talk: Talk) -> None:
    act, names = office.channel("act"), [came(office, talk, writer=0, number=n)["passing"] for n in range(3)]
    for name in names:
        act.call("take-talk-mail", passing=name)
        with refused("unknown-passing"):
            act.call("take-talk-mail", passing=name)
    act.call("act-starts")
    assert act.call("talk-mails") == []
    doubts = act.call("unsure-talk-mails")["mails"]
    assert [d["passing"] for d in doubts] == names
    act.call("settle-talk-mails", said=dict(zip(names, ("accepted", "absent", "unknown"), strict=True)))
    assert act.call("talk-mails") == [names[1]]
    (one,) = office.terminal.call("talks")
    assert one["mails"] == {"passed": 1, "waiting": 1, "unknown": 1}
    with refused("unknown-passing"):
        act.call("settle-talk-mails", said={names[0]: "absent"})


def test_the_words_of_a_mail_that_went_are_gone_from_here(office: Office, talk: Talk) -> None:
    act, name = office.channel("act"), came(office, talk, writer=0)["passing"]
    act.call("take-talk-mail", passing=name)
    act.call("talk-mail-done", passing=name, outcome="accepted", reply=250)
    with refused("unknown-passing"):
        act.call("talk-mail-done", passing=name, outcome="deferred")
    with office.turn() as world:
        (row,) = records.rows(world.db, records.TALK_MAILS)
        assert (row["state"], row["box"]) == (State.PASSED.value, None)
        assert not list(compare.carry_out(world, compare.Compare()).differences)
