"""People answer a mail of a campaign: it is tied to that mail, opened by a named person of the desk alone, and sent on to nobody."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk import campaigns
from sekisho.desk.messages.answer import understood
from sekisho.desk.messages.reply_read import answers, shown
from sekisho.faces.processes.methods import METHODS
from sekisho.faces.words.campaign import AGAIN
from sekisho.law.reply import MOST, MOST_OF_ONE, CloseReply, Ending, OpenReply
from tests.desk import mailing
from tests.desk.office import Office, refused

PEOPLE = mailing.people(3)


@pytest.fixture(scope="module")
def _written_to(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("replies") / "home").open()
    mailing.submit(office, people=PEOPLE)
    office.close()
    return office.home


@pytest.fixture
def office(_written_to: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_written_to).copied_closed(tmp_path / "home").open()
    office.watch.wind(minutes=1)
    yield office
    office.close()


def mails(office: Office) -> list[tuple[str, str]]:
    """Message-ID without brackets and check code of each mail of the first campaign."""
    with office.turn() as world:
        one = campaigns.every(world)[-1]
        leaves = campaigns.leaves(world, one.id)
        return [(campaigns.known_as(one, leaf).strip("<>"), campaigns.check_code(world, one.id, leaf)) for leaf in leaves]


def reply(message_id: str, **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Cc"] = "Hanako <hanako@home.example>", "desk@race.example", ", ".join(p.mail for p in PEOPLE)
    made["Subject"], made["In-Reply-To"] = headers.pop("Subject", "Re: x"), f"<{message_id}>"
    for name, value in headers.items():
        made[name] = value
    made.set_content("May I bring my dog?\x1b[2J\n")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="dog.pdf")
    return made.as_bytes()


def came(office: Office, raw: bytes) -> dict[str, Any]:
    said = answers(raw)
    return dict(office.terminal.call("reply-came", raw=raw, ids=said.ids, code=said.code))


def opened(office: Office, name: str, who: str = "desk") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = OpenReply(name, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("read-reply", opening=words, signature=office.keys[who].sign(words)))


def closed(office: Office, name: str, who: str = "desk", ending: Ending = Ending.ANSWERED) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = CloseReply(name, ending, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("close-reply", closing=words, signature=office.keys[who].sign(words)))


def entries(office: Office) -> list[str]:
    from sekisho.ledger.entry import Entry

    with office.turn() as world:
        return [Entry.decode(raw).type.value for raw in world.log.entries(0, world.log.size)]


def test_a_reply_is_tied_to_the_mail_it_answers_and_opened_by_the_desk_with_an_entry(office: Office) -> None:
    message_id, _ = mails(office)[1]
    raw = reply(message_id)
    name = came(office, raw)["reply"]
    (listed,) = office.terminal.call("replies")
    assert (listed["state"], listed["ending"]) == ("new", "")
    assert not [p for p in PEOPLE if p.mail in str(listed) or p.name in str(listed)], "the list says of nobody"
    found = opened(office, name)
    assert bytes.fromhex(found["raw"]) == raw
    assert found["mail"] in {p.mail for p in PEOPLE}
    assert entries(office)[-2:] == ["reply", "reply-read"]
    assert office.terminal.call("replies")[0]["state"] == "read"


def test_the_check_code_in_the_subject_ties_it_as_well(office: Office) -> None:
    by_id, by_code = (came(office, raw)["reply"] for raw in (reply(mails(office)[0][0]), reply("x", Subject=f"Re: {mails(office)[0][1]}")))
    assert opened(office, by_id)["mail"] == opened(office, by_code)["mail"]


@pytest.mark.parametrize("message_id", ["", "x@mail.example", "0" * 40 + "@example.net"])
def test_what_answers_no_mail_of_ours_is_not_kept(office: Office, message_id: str) -> None:
    assert came(office, reply(message_id)) == {"reply": "", "why": "foreign"}
    assert office.terminal.call("replies") == []


def test_nothing_of_a_reply_lies_open_on_the_disk(office: Office) -> None:
    came(office, reply(mails(office)[0][0]))
    for path in office.home.rglob("*"):
        assert not path.is_file() or b"bring my dog" not in path.read_bytes(), path


def test_a_reply_goes_to_nobody(office: Office) -> None:
    """Whatever it says in To and Cc: nothing waits to be sent, and no request of `keep` that sends takes a reply."""
    came(office, reply(mails(office)[0][0]))
    act = office.channel("act")
    assert (act.call("orders"), act.call("mailings")) == ([], [])
    assert not [m for m, said in METHODS.items() if "act" in said.roles and "repl" in m]


@pytest.mark.parametrize("who", ["engineer", "reviewer-a", "auditor"])
def test_only_the_desk_reads_and_settles(office: Office, who: str) -> None:
    name = came(office, reply(mails(office)[0][0]))["reply"]
    for call in (opened, closed):
        with refused("wrong-role"):
            call(office, name, who)
    assert entries(office)[-1] == "reply"


def test_a_settled_reply_is_gone(office: Office) -> None:
    name = came(office, reply(mails(office)[0][0]))["reply"]
    with refused("reply-not-read"):
        closed(office, name)
    opened(office, name)
    assert closed(office, name, ending=Ending.CASE)["ending"] == "case"
    for call in (opened, closed):
        with refused("reply-gone"):
            call(office, name)
    with refused("unknown-reply"):
        opened(office, "reply-" + "0" * 16)
    assert office.terminal.call("replies")[0]["state"] == "closed"


def test_one_mail_cannot_fill_the_desk(office: Office) -> None:
    raw = reply(mails(office)[0][0])
    assert {came(office, raw)["why"] for _ in range(MOST_OF_ONE)} == {""}
    assert came(office, raw)["why"] == "too-many"
    assert came(office, reply(mails(office)[1][0]))["why"] == ""
    assert came(office, raw.replace(mails(office)[0][0].encode(), mails(office)[2][0].encode()) + b"x" * MOST)["why"] == "too-large"


def test_after_its_campaigns_key_nobody_reads_it(office: Office) -> None:
    from sekisho.desk.flows import forget

    name = came(office, reply(mails(office)[0][0]))["reply"]
    office.watch.wind(days=40)
    with office.turn() as world:
        forget.carry_out(world, forget.Forget())
    with refused("reply-gone"):
        opened(office, name)
    assert came(office, reply(mails(office)[0][0]))["why"] == "late"


def test_what_is_shown_does_nothing_to_a_terminal_and_opens_no_file() -> None:
    said = shown(reply("x"))
    assert "\x1b" not in said.text
    assert (said.sender, said.files) == ("Hanako <hanako@home.example>", ("dog.pdf",))
    assert "May I bring my dog?" in said.text


def test_a_mail_within_a_mail_without_end_says_nothing() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(300)).encode()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 200)  # a thousand levels take seconds to get at, and no more than these
    try:
        found = understood(nested, AGAIN), answers(nested), shown(nested)
    finally:
        sys.setrecursionlimit(limit)
    assert (found[0].why, found[1].ids, found[2].text) == ("no-mail", (), "")


BEGINNINGS = [b"", b"Subject: ", b"References: <", b"Content-Type: "]


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=400))
def test_no_bytes_break_the_reading(begins: bytes, rest: bytes) -> None:
    raw = begins + rest
    assert len(answers(raw).ids) <= 20
    assert "\x1b" not in shown(raw).text + shown(raw).subject + shown(raw).sender
