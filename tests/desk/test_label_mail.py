"""Labels live as long as their permit: without one the mail server is asked to show nothing, and what goes wrong costs a label only."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.config import ConfigError, read_settings
from sekisho.desk.mail import examined, label_mail
from sekisho.desk.mail.label_mail import LabelMail, Mail
from sekisho.desk.mail.names import Names
from sekisho.effects.sender_check import Found
from sekisho.effects.sender_label import LABEL, MEASURE, SIGNED
from sekisho.faces.commands import mail as command
from sekisho.faces.processes import milter as face
from sekisho.faces.processes.milter import Door
from sekisho.wire.milter import ACCEPT, ENVELOPE, NOTHING, WHOLE
from tests.conftest import need
from tests.desk.office import Office
from tests.desk.test_answer_mail import DUNNO, Server
from tests.faces.conftest import typed
from tests.wire.test_milter import GREETING, piece

SETTINGS = '\n[policy]\nlisten = "127.0.0.1:10031"\nmilter = "127.0.0.1:10032"\nlabel_by = "mx.isp.example"\nresolver = "127.0.0.1:5"\n'
CONNECT = b"out.far.example\x004\x30\x39203.0.113.237\0"
HELLO = piece(b"C", CONNECT) + piece(b"H", b"out.far.example\0")
MAIL = HELLO + piece(b"M", b"<alice@far.example>\0SIZE=9\0") + piece(b"E")
LABELLED = b"i\0\0\0\0Authentication-Results\0 mx.isp.example;\n spf=pass smtp.mailfrom=alice@far.example\0"


class Resolver(Names):
    """Knows one domain; slow, or broken, where a test says so."""

    before: Callable[[], Any] = staticmethod(lambda: None)

    def ask(self, name: str, kind: str) -> list[Any]:
        Resolver.before()
        return [(b"v=spf1 ip4:203.0.113.237 -all",)] if (name, kind) == ("far.example", "TXT") else []


class Labelling(Server):
    """An office with a mail server that shows its mails."""

    def __init__(self, office: Office, path: Path, permit: str = "") -> None:
        super().__init__(office, path, permit)
        self.labels = LabelMail(self.answering, "mx.isp.example", lambda: Resolver("", 0))
        self.hear()

    def talk(self, octets: bytes) -> list[tuple[bytes, bytes]]:
        """One connection to its end; what came back."""

        async def run() -> bytes:
            server = await asyncio.start_server(Door(self.labels).serve, "127.0.0.1", 0)
            async with server:
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                writer.write(octets)
                writer.write_eof()
                with suppress(ConnectionResetError):
                    return await reader.read()
                return b""

        said, found = asyncio.run(run()), []
        while said:
            (size,) = struct.unpack_from("!I", said)
            found.append((said[4:5], said[4 : 4 + size]))
            said = said[4 + size :]
        return found

    def stage(self) -> dict[str, Any]:
        self.tell()
        (one,) = self.office.terminal.call("mail-stages")["stages"]
        return dict(one)


@pytest.fixture(scope="module")
def permitted(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("labels") / "home")
    settings = office.home / "sekisho.toml"
    settings.write_text(settings.read_text("utf-8") + SETTINGS, "utf-8")
    office.open()
    permit = office.stand(MEASURE)[LABEL]
    office.close()
    return office.home, permit


@pytest.fixture
def server(permitted: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Labelling]:
    monkeypatch.setattr(Resolver, "before", staticmethod(lambda: None))
    office = Office(permitted[0]).copied(tmp_path / "labels")
    made = Labelling(office, tmp_path / "counts.db", permitted[1])
    yield made
    made.counts.close()
    office.close()


def left_out(answer: tuple[bytes, bytes]) -> int:
    return int(struct.unpack("!III", answer[1][1:])[2])


def test_with_a_permit_the_envelope_is_shown_and_the_mail_gets_its_line(server: Labelling) -> None:
    greeted, label, accepted = server.talk(GREETING + MAIL)
    assert left_out(greeted) == ENVELOPE
    assert (label[1], accepted[1]) == (LABELLED, ACCEPT[4:])


def test_two_mails_of_one_connection_are_two_and_one_that_was_broken_off_is_none(server: Labelling) -> None:
    second = piece(b"M", b"<eve@other.example>\0") + piece(b"A") + piece(b"M", b"<bob@nothing.example>\0") + piece(b"E") + piece(b"Q")
    said = server.talk(GREETING + MAIL + second)
    assert [s[1].partition(b" spf=")[2].rstrip(b"\0") for s in said[1::2]] == [
        b"pass smtp.mailfrom=alice@far.example",
        b"none smtp.mailfrom=bob@nothing.example",
    ]
    assert server.stage()["asked"] == 2


def test_mail_of_an_account_that_signed_in_gets_none(server: Labelling) -> None:
    signed_in = piece(b"D", b"M{auth_authen}\0alice\0")
    mail = MAIL.removeprefix(HELLO)
    assert [s[0] for s in server.talk(GREETING + HELLO + signed_in + mail)] == [b"O", b"a"]
    assert [s[0] for s in server.talk(GREETING + HELLO + piece(b"D", b"CAj\0x\0") + mail)] == [b"O", b"i", b"a"]


def test_withdrawn_nothing_is_shown_and_an_open_connection_gets_no_line(server: Labelling) -> None:
    found = server.labels.find(Mail("203.0.113.237", "h", "alice@far.example"))
    assert found == (Found("spf", "pass", "smtp.mailfrom", "alice@far.example", "far.example"),)
    server.office.withdraw(server.permit)
    server.hear()
    assert server.labels.label(found) == b""
    greeted, accepted = server.talk(GREETING + MAIL)
    assert (left_out(greeted), accepted[1]) == (NOTHING, ACCEPT[4:])


def test_a_text_is_shown_once_a_person_confirmed_that_it_may_be_hashed_and_no_longer(
    server: Labelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.labels.left_out() == ENVELOPE, "the gate referred it"
    permit = server.office.stand("mail-authentication-signed")[SIGNED]
    server.hear()
    assert server.labels.left_out() == WHOLE
    text = piece(b"L", b"From\0 alice@far.example\0") + piece(b"N") + piece(b"B", b"Dear Bob\r\n")
    mail = MAIL.removesuffix(piece(b"E")) + text + piece(b"E", b"last words\r\n")
    assert server.talk(GREETING + mail)[1][1] == LABELLED.removesuffix(b"\0") + b";\n dkim=none;\n dmarc=none header.from=far.example\0"
    assert len(server.talk(GREETING + mail + piece(b"M", b"<b@far.example>\0") + piece(b"A") + mail)) == 5
    monkeypatch.setattr(label_mail, "LARGEST", 20)
    assert server.talk(GREETING + mail)[1][1] == LABELLED, "of what is too large nothing is said but who sent it"
    monkeypatch.undo()
    showing = label_mail.Showing(server.labels)
    assert [type(said) for said in showing.feed(GREETING + mail.removesuffix(piece(b"E", b"last words\r\n")))] == [bytes]
    assert b"Dear Bob" in showing.body
    server.office.withdraw(permit)
    server.hear()
    assert server.labels.left_out() == ENVELOPE
    before = bytes(showing.body)
    list(showing.feed(piece(b"B", b"not any more")))
    assert bytes(showing.body) == before
    found = (Found("spf", "none"), Found("dkim", "none"), Found("dmarc", "none"))
    assert b"dkim" not in server.labels.label(found), "the other permit goes on by itself"


def test_at_its_end_it_is_gone_without_anybody_saying_so(server: Labelling) -> None:
    server.office.watch.wind(days=200)
    assert server.labels.left_out() == NOTHING
    assert server.labels.find(Mail("203.0.113.237", "h", "alice@far.example")) == ()


def test_a_connection_that_began_without_a_permit_gets_no_guess(server: Labelling, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was not shown who sends: "none" would be a lie."""
    monkeypatch.setattr(server.labels, "left_out", lambda: NOTHING)
    assert [s[0] for s in server.talk(GREETING + piece(b"E"))] == [b"O", b"a"]


def test_a_check_that_stumbles_or_is_late_costs_the_label_alone_and_is_told(server: Labelling, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(server.labels, "names", stumbles)
    assert [s[0] for s in server.talk(GREETING + MAIL)] == [b"O", b"a"]
    monkeypatch.setattr(face, "LONGEST", 0.05)
    late = threading.Event()
    monkeypatch.setattr(server.labels, "names", lambda: late.wait(5) and Resolver("", 0))
    began = time.monotonic()
    talk = threading.Timer(1, late.set)
    talk.start()
    assert [s[0] for s in server.talk(GREETING + MAIL)] == [b"O", b"a"]
    assert time.monotonic() - began < 5
    talk.join()
    assert {c: n for c, n in server.answering.counters.items() if c.startswith("label-")} == {"label-ZeroDivisionError": 1, "label-late": 1}
    assert (server.stage()["failed"], server.stage()["refused"]) == (2, 0)
    assert server.written(server.permit) == 2, "its beginning and its failure stand in the ledger"


@pytest.mark.parametrize("octets", [b"EHLO mistaken\r\n", GREETING[:9] + bytes(8), GREETING + piece(b"z"), GREETING + piece(b"H", b"x")])
def test_who_is_no_mail_server_is_heard_no_further(server: Labelling, octets: bytes) -> None:
    assert [s[0] for s in server.talk(octets + MAIL)] in ([], [b"O"])
    assert sum(n for c, n in server.answering.counters.items() if c.startswith("milter-")) == 1


def test_more_connections_than_there_is_room_for_are_sent_away(server: Labelling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face, "MOST_OPEN", 0)
    assert server.talk(GREETING) == []
    assert server.answering.counters["too-many-connections"] == 1


def test_figures_are_kept_and_no_domain_address_or_mail(server: Labelling) -> None:
    server.talk(GREETING + MAIL)
    server.talk(GREETING + MAIL.replace(b"far", b"bad"))
    (hour,) = server.stage()["hours"]
    assert hour["found"] == {"spf-pass": 1, "spf-none": 1}
    server.counts._db.execute("pragma wal_checkpoint(truncate)")
    seen = server.path.read_bytes() + b"".join(p.read_bytes() for p in (server.office.home / "state").rglob("*") if p.is_file())
    assert not any(word in seen for word in (b"alice@far.example", b"203.0.113.237"))


def test_the_policy_service_says_nothing_of_it(server: Labelling) -> None:
    assert server.sends() == DUNNO
    assert "alice" not in repr(Mail(sender="alice@far.example"))


def test_the_terminal_says_what_was_found_and_what_postfix_needs(
    server: Labelling, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.talk(GREETING + MAIL)
    server.tell()
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(server.office.outside("terminal")))
    assert "SPF  confirmed: 1, not confirmed: 0, the domain says nothing: 0" in typed(tmp_path, "--lang", "en", "mail").out
    assert "確かめられた: 1" in typed(tmp_path, "mail", lang="ja").out
    assert command.labels("127.0.0.1:10032", "mx.isp.example").strip() in typed(tmp_path, "mail", "--postfix").out


@pytest.mark.parametrize(("milters", "said"), [("inet:127.0.0.1:10032", "same"), ("inet:127.0.0.1:9", "absent")])
def test_the_doctor_reads_whether_mails_are_shown(server: Labelling, tmp_path: Path, milters: str, said: str) -> None:
    need("/usr/sbin/postconf")
    asks = "smtpd_end_of_data_restrictions = check_policy_service { inet:127.0.0.1:10031, default_action=DUNNO }"
    (tmp_path / "main.cf").write_text(
        f"compatibility_level = 3.6\n{asks}\nsmtpd_milters = {{ {milters}, default_action=accept }}\n", "utf-8"
    )
    stages = server.office.terminal.call("mail-stages")
    assert examined.carry_out(examined.Examine(stages, tmp_path))["postfix"] == said


@pytest.mark.parametrize(("line", "bad", "field"), [
    ("resolver", 'resolver = "ns.isp.example:53"', "resolver"), ("resolver", "", "resolver"), ("label_by", "", "label_by"),
    ("label_by", 'label_by = "a b"', "label_by"), ("milter", 'milter = "10032"', "milter"), ("listen", "", "listen"),
])  # fmt: skip
def test_settings_that_could_give_no_label_are_refused(server: Labelling, tmp_path: Path, line: str, bad: str, field: str) -> None:
    text = (server.office.home / "sekisho.toml").read_text("utf-8")
    (tmp_path / "bad.toml").write_text(
        "\n".join(bad if r.startswith((f'{line} = "1', f'{line} = "mx')) else r for r in text.splitlines()),
        "utf-8",
    )
    with pytest.raises(ConfigError) as no:
        read_settings(tmp_path / "bad.toml")
    assert f"policy.{field}" in str(no.value.args)


def test_strangers_whose_names_take_long_cost_a_mail_its_label_and_no_time(server: Labelling, monkeypatch: pytest.MonkeyPatch) -> None:
    """All who look senders up are busy: the next mail goes on at once, is counted, and later ones get labels again."""
    answers = threading.Event()
    monkeypatch.setattr(face, "AT_ONCE", 1)
    monkeypatch.setattr(Resolver, "before", staticmethod(lambda: answers.wait(20)))
    showing = label_mail.Showing(server.labels)
    showing.left_out = ENVELOPE
    mail = Mail(client="203.0.113.237", helo="h", sender="alice@far.example")

    async def run() -> None:
        door = Door(server.labels)
        slow = asyncio.create_task(door._find(showing, mail))
        await asyncio.sleep(0)
        assert await door._find(showing, mail) == ()
        assert server.answering.counters["label-busy"] == 1
        answers.set()
        assert [f.result for f in await slow] == ["pass"]
        assert [f.result for f in await door._find(showing, mail)] == ["pass"]

    asyncio.run(run())
