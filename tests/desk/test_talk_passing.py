"""One mail of a masked talk on its way: checked again where it is sent, whatever `keep`'s records, the mail or the server's answer hold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sekisho.desk import catch_up, records, talks
from sekisho.desk.messages.return_words import Unread
from sekisho.desk.outside import Outside
from sekisho.desk.talking import pass_on, passing
from sekisho.desk.talking.own_said import Read, believed, said
from sekisho.effects.order import message_id
from sekisho.faces.words.talk import held_for
from sekisho.law.canonical import canonical
from sekisho.law.talk import MOST, Fate
from sekisho.ledger.entry import Entry, EntryType
from sekisho.store.seal import seal_note
from tests.desk import mailing, talking
from tests.desk.inviting import answer
from tests.desk.office import Office, refused
from tests.desk.talking import Talk
from tests.effects.conftest import Sink, listening


def reading(raw: bytes) -> Read:
    """As the child does, in this process: the child itself is tried elsewhere."""
    return believed(json.loads(json.dumps(said(raw))))


def dying(_raw: bytes) -> Read:
    raise Unread("died")


class Town:
    """An office with an open talk, the mailbox of aliases, and a server that takes what is passed on."""

    def __init__(self, office: Office, box: Path, sink: Sink, talk: Talk) -> None:
        self.office, self.box, self.sink, self.talk = office, box, sink, talk
        self.outside: Outside = office.outside("act")

    def put(self, *raws: bytes) -> dict[str, int]:
        talking.put(self.box, *raws)
        return dict(pass_on.take_in(self.outside, pass_on.TakeIn(reading)))

    def turn(self, read: Any = reading) -> dict[str, int]:
        counts = dict[str, int]()
        for name in self.outside.keep.call("talk-mails"):
            done = asyncio.run(pass_on.carry_out(self.outside, pass_on.PassOn(name, read, held_for)))
            self.outside.keep.call("talk-mail-done", passing=name, outcome=done.outcome, reply=done.reply, why=done.why)
            counts[done.outcome] = counts.get(done.outcome, 0) + 1
        return counts

    def mails(self) -> dict[str, int]:
        return dict(self.office.terminal.call("talks")[0]["mails"])

    def why(self) -> set[str]:
        return {reason["code"] for one in talking.held(self.office) for reason in one["why"]}

    def changed(self, **values: object) -> None:
        """Somebody with the disk writes into the records."""
        with self.office.turn() as world:
            world.db.execute(update(records.TALKS).values(**values))


@pytest.fixture(scope="module")
def sink() -> Iterator[tuple[Sink, int]]:
    one = Sink()
    with listening(one) as relay:
        yield one, relay.port


@pytest.fixture(scope="module")
def _begun(_founded: Path, sink: tuple[Sink, int], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Talk, Path]:
    folder = tmp_path_factory.mktemp("passing")
    office = Office(_founded).copied_closed(folder / "home")
    box = talking.prepare(office, folder)
    mailing.set_up(office, sink[1], settle_seconds=1)
    office.open()
    talk = talking.begun(office)
    office.close()
    return office.home, talk, box


@pytest.fixture
def town(_begun: tuple[Path, Talk, Path], sink: tuple[Sink, int], tmp_path: Path) -> Iterator[Town]:
    home, talk, box = _begun
    office = Office(home).copied_closed(tmp_path / "home")
    mailing.set_up_clock(office)
    office.watch.wind(seconds=30)
    one, _ = sink
    one.mails.clear()
    one.answers.clear()
    for path in box.glob("*/*"):
        path.unlink()
    yield Town(office.open(), box, one, talk)
    office.close()


def test_a_mail_is_taken_in_sealed_deleted_and_passed_on_to_one_person(town: Town) -> None:
    assert town.put(talking.mail(town.talk, 0, "明日の10時に。")) == {"taken": 1}
    assert not list(town.box.glob("*/*"))
    for path in town.office.home.rglob("*"):
        assert not path.is_file() or "明日の10時に".encode() not in path.read_bytes(), path
    assert town.turn() == {"accepted": 1}
    ((sender, to, _),) = town.sink.mails
    assert (sender, to) == (town.talk.aliases[0], [town.talk.people[1].mail])
    assert town.mails() == {"passed": 1}


def test_the_message_id_is_made_of_the_passing_so_that_the_server_can_be_asked(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))
    (name,) = town.outside.keep.call("talk-mails")
    town.turn()
    known = message_id(passing.order_of(name, back=False), talking.DOMAIN)
    assert known.encode() in town.sink.mails[0][2]
    with town.office.turn() as world:
        assert passing.known_as(world, name, back=False) == known
        assert passing.known_as(world, name, back=True) != known


@pytest.mark.parametrize(
    ("command", "said", "outcome", "stands"),
    [
        ("RCPT", "451 4.3.0 later", "deferred", "waiting"),
        ("DATA", "451 4.3.0 later", "deferred", "waiting"),
        ("RCPT", "550 5.1.1 no such person", "refused", "refused"),
        ("DATA", "550 5.7.1 not wanted", "refused", "refused"),
    ],
)
def test_what_the_server_says_is_where_it_stands(town: Town, command: str, said: str, outcome: str, stands: str) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))
    town.sink.answers[command] = said
    assert town.turn() == {outcome: 1}
    assert town.mails() == {stands: 1}
    town.sink.answers.clear()
    assert town.turn() == ({"accepted": 1} if stands == "waiting" else {})
    assert len(town.sink.mails) == (stands == "waiting")


def test_the_same_mail_brought_again_goes_once(town: Town) -> None:
    raw = talking.mail(town.talk, 0, "hello")
    assert town.put(raw, raw) == {"taken": 1, "again": 1}
    assert town.turn() == {"accepted": 1}
    assert town.put(raw.replace(b"Received: from", b"Received: again from")) == {"again": 1}
    assert town.turn() == {}
    assert town.put(talking.mail(town.talk, 0, "hello", 2)) == {"taken": 1}
    assert town.turn() == {"accepted": 1}


def test_what_is_for_nobody_stays_for_a_person_and_nobody_gets_an_answer(town: Town) -> None:
    raw = talking.mail(town.talk, 0, "hello")
    stranger = raw.replace(town.talk.aliases[1].encode(), b"t-0000000000000000@talk.example.net")
    huge = raw + b"x" * MOST
    assert town.put(stranger, b"no mail at all", huge) == {"foreign": 2, "too-large": 1}
    assert len(list((town.box / "cur").iterdir())) == 3
    assert (town.turn(), town.sink.mails) == ({}, [])


def test_a_link_in_the_mailbox_is_not_followed(town: Town, tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(talking.mail(town.talk, 0, "hello"))
    (town.box / "new" / "1").symlink_to(tmp_path / "mail")
    assert pass_on.take_in(town.outside, pass_on.TakeIn(reading)) == {}
    (town.box / "new" / "1").unlink()


def test_a_mail_that_its_reader_dies_of_is_held_and_lies_sealed(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))
    assert town.turn(dying) == {"held": 1}
    assert town.why() == {"unreadable"}
    with refused("cannot-be-released"):
        talking.settled(town.office, talking.held(town.office)[0]["id"], Fate.RELEASE)


def test_a_stranger_who_knows_an_alias_reaches_nobody(town: Town) -> None:
    raw = talking.mail(town.talk, 0, "Buy now", From="stranger@elsewhere.example")
    assert town.put(raw) == {"taken": 1}
    assert town.turn() == {"held": 1}
    assert town.why() == {"another-writer"}


def test_people_changed_on_the_disk_are_not_the_two_who_were_approved(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))
    with town.office.turn() as world:
        one = talks.get(world, town.talk.id)
        others = [replace(person, mail=f"eve{n}@mail.example") for n, person in enumerate(town.talk.people)]
        box = seal_note(world.vault.public_half(one.key, one.kept), one.key, canonical({"sides": others}))
    town.changed(boxes=box)
    assert town.turn() == {"held": 1}
    assert (town.why(), town.sink.mails) == ({"unsendable"}, [])


def test_another_givers_consent_laid_into_the_records_carries_nothing(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))
    town.changed(givers="a b")
    assert town.turn() == {}
    assert town.office.terminal.call("talks")[0]["state"] == "withdrawn"


def test_taken_back_between_the_envelope_and_the_first_octet_nothing_is_sent(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))

    def late(raw: bytes) -> Read:
        one = reading(raw)
        answer(town.office, town.talk.invitation, town.talk.codes[1], do="withdraw", language=town.talk.people[1].language)
        return one

    assert town.turn(late) == {"stopped": 1}
    assert (town.sink.mails, town.turn()) == ([], {})


def test_without_a_log_what_was_under_way_is_listed_and_never_sent_again(town: Town) -> None:
    """Whoever cannot ask does not guess."""
    town.put(*(talking.mail(town.talk, 0, f"word {n}", n) for n in range(2)))
    names = town.outside.keep.call("talk-mails")
    town.outside.keep.call("take-talk-mail", passing=names[0])
    town.outside.keep.call("act-starts")
    assert town.turn() == {}, "the second waits until it is known what became of the first"
    assert asyncio.run(pass_on.ask_server(town.outside, pass_on.AskServer())) == 1
    assert asyncio.run(pass_on.ask_server(town.outside, pass_on.AskServer())) == 0
    assert town.mails() == {"unknown": 1, "waiting": 1}
    assert [(one["id"], one["state"]) for one in talking.held(town.office)] == [(names[0], "unknown")]
    assert town.turn() == {"accepted": 1}
    assert len(town.sink.mails) == 1


def test_records_older_than_the_ledger_ask_the_server_before_a_mail_goes_again(town: Town) -> None:
    """An old copy of the records was put back: what the ledger says was begun since is not waiting any more."""
    town.put(*(talking.mail(town.talk, 0, f"word {n}", n) for n in range(2)))
    first, second = town.outside.keep.call("talk-mails")
    with town.office.turn() as world:
        at, ids = world.clock.now(), {"passing": first, "talk": town.talk.id}
        catch_up.APPLIED_AGAIN[EntryType.PASSED_ON](world, 1, Entry(EntryType.PASSED_ON, at, ids, {}))
    assert town.mails() == {"unsure": 1, "waiting": 1}
    town.outside.keep.call("settle-talk-mails", said={first: "accepted"})
    assert town.outside.keep.call("talk-mails") == [second]
    with town.office.turn() as world:
        world.db.execute(update(records.TALK_MAILS).where(records.TALK_MAILS.c.id == second).values(state="held"))
        ids = {"passing": second, "talk": town.talk.id}
        catch_up.APPLIED_AGAIN[EntryType.HELD_MAIL_SETTLED](world, 1, Entry(EntryType.HELD_MAIL_SETTLED, at, ids, {}))
    assert town.mails() == {"passed": 1, "dropped": 1}


@pytest.mark.parametrize(("method", "said"), [("talk-mail-done", {"outcome": "read"}), ("settle-talk-mails", {})])
def test_an_outcome_that_is_none_of_ours_changes_nothing(town: Town, method: str, said: dict[str, str]) -> None:
    town.put(talking.mail(town.talk, 0, "hello"))
    (name,) = town.outside.keep.call("talk-mails")
    town.outside.keep.call("take-talk-mail", passing=name)
    with refused("unknown-outcome"):
        town.outside.keep.call(method, **({"passing": name, **said} if said else {"said": {name: "perhaps"}}))
    assert town.mails() == {"begun": 1}


def test_each_step_of_a_mail_is_an_entry_that_names_nobody(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "hello"), talking.mail(town.talk, 1, "call 090-1234-5678"))
    town.turn()
    (one,) = talking.held(town.office)
    talking.read_held(town.office, one["id"])
    talking.settled(town.office, one["id"], Fate.DROP)
    with town.office.turn() as world:
        entries = [Entry.decode(raw) for raw in world.log.entries(0, world.log.size)]
        whole = b"".join(world.log.entries(0, world.log.size))
    told = [e.type.value for e in entries if "passing" in e.ids]
    assert sorted(told) == sorted(["talk-mail", "passed-on", "talk-mail-answered"] * 2 + ["held-mail-read", "held-mail-settled"])
    for person in town.talk.people:
        assert person.mail.encode() not in whole


@pytest.mark.parametrize("who", ["engineer", "auditor", "reviewer-a"])
def test_only_the_desk_reads_and_settles_a_held_mail(town: Town, who: str) -> None:
    town.put(talking.mail(town.talk, 0, "call 090-1234-5678"))
    town.turn()
    (one,) = talking.held(town.office)
    with refused("wrong-role"):
        talking.read_held(town.office, one["id"], who)
    with refused("wrong-role"):
        talking.settled(town.office, one["id"], Fate.DROP, who=who)
    assert town.mails() == {"held": 1}


def test_a_held_mail_is_settled_once_and_only_with_lines_that_there_can_be(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "call 090-1234-5678"))
    town.turn()
    (one,) = talking.held(town.office)
    for lines in ([0], [-1], list(range(1, 300))):
        with refused("wrong-lines"):
            talking.settled(town.office, one["id"], Fate.RELEASE, lines)
    talking.settled(town.office, one["id"], Fate.RELEASE, [1])
    with refused("not-held"):
        talking.settled(town.office, one["id"], Fate.DROP)
    assert town.turn() == {"held": 1}, "of a mail whose every line is left out nothing is left"
    assert town.why() == {"nothing-left"}
    talking.settled(town.office, one["id"], Fate.DROP)
    for call in (lambda: talking.read_held(town.office, one["id"]), lambda: talking.settled(town.office, one["id"], Fate.DROP)):
        with refused("not-held"):
            call()
    with refused("unknown-passing"):
        talking.read_held(town.office, "passing-" + "0" * 16)


def test_nothing_is_released_or_returned_once_one_of_them_ended_it(town: Town) -> None:
    town.put(talking.mail(town.talk, 0, "call 090-1234-5678"))
    town.turn()
    (one,) = talking.held(town.office)
    answer(town.office, town.talk.invitation, town.talk.codes[0], do="withdraw", language=town.talk.people[0].language)
    for fate in (Fate.RELEASE, Fate.RETURN):
        with refused("consent-gone"):
            talking.settled(town.office, one["id"], fate, [1])
    talking.settled(town.office, one["id"], Fate.DROP)
    assert town.mails() == {"dropped": 1}


def test_a_file_goes_to_nobody_even_when_the_words_are_released(town: Town) -> None:
    made = message_from_bytes(talking.mail(town.talk, 0, "see the picture"), policy=default)
    assert isinstance(made, EmailMessage)
    made.add_attachment(b"GPS 35.0, 138.4", maintype="image", subtype="jpeg", filename="home.jpg")
    town.put(made.as_bytes())
    assert town.turn() == {"held": 1}
    assert "files" in town.why()
    talking.settled(town.office, talking.held(town.office)[0]["id"], Fate.RELEASE)
    assert town.turn() == {"accepted": 1}
    assert b"GPS" not in town.sink.mails[0][2]
    assert b"home.jpg" not in town.sink.mails[0][2]
