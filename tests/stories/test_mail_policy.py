"""A real Postfix asks the real process: an account over its limit is put off, nobody else is; gone with its permit; down as declared.

Row D2.9: "counts, never contents".
"""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.desk.policy_words import PolicyTold
from sekisho.faces.commands.mail import snippet
from sekisho.faces.processes.supervise import _hand_over
from sekisho.faces.unsafe.demo import free_port
from sekisho.measures.bulk_sender_limit import BULK
from sekisho.measures.ip25b import BULK as ORIGINS
from tests.conftest import BUSY
from tests.desk.test_consents import ANSWER
from tests.desk.test_mail_recipients import SAID, SHOWN
from tests.desk.test_own_block_list import BLOCK_SHOWN, BLOCKED
from tests.node import Desk, Sink, sink, thread
from tests.postfix import Running, postfix

SECONDS = 2.0
"""What is promised: a permit that ends is not acted on any more."""
DUNNO = b"action=DUNNO\n\n"
CONFIG = """\
smtpd_authorized_xclient_hosts = 127.0.0.1
mynetworks = 127.0.0.0/8 10.0.0.0/8 198.18.0.0/15
relay_domains = mail.example
smtpd_relay_restrictions = permit_mynetworks, permit_auth_destination, reject
"""
"""It takes mail for mail.example from everywhere, as a receiving server does."""


def sends(server: Running, account: str, client: str = "127.0.0.1") -> int:
    """A whole mail of that account, from that address, through Postfix; its last reply code."""
    with smtplib.SMTP("127.0.0.1", server.port, local_hostname="client.example", timeout=30) as talk:
        talk.ehlo()
        code, _ = talk.docmd("XCLIENT", f"ADDR={client} LOGIN={account}")
        assert code == 220
        talk.ehlo()
        talk.mail(account)
        talk.rcpt("friend@mail.example")
        talk.docmd("DATA")
        talk.send(f"Subject: hello\r\nMessage-ID: <{time.monotonic_ns()}@client.example>\r\n\r\nDear friend\r\n.\r\n")
        return talk.getreply()[0]


def complained(server: Running) -> bool:
    """Whether its log says that nobody answered; another process writes it, some moments later."""
    end = time.monotonic() + SECONDS + BUSY
    while "problem talking to server" not in server.log.read_text("utf-8"):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@dataclass
class Lab:
    """`keep`, `policy` as the process it is, and Postfix in front of a mailbox server."""

    desk: Desk
    folder: Path
    port: int
    sink: Sink
    postfix: Running
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """As the supervisor starts it."""
        (self.desk.state / "policy").mkdir(mode=0o700, exist_ok=True)
        mine, its = socket.socketpair()
        with mine, its:
            _hand_over(self.desk.control, its, "policy", ())
            argv = [sys.executable, "-m", "sekisho.faces.processes.policy", str(self.desk.place.settings_path), str(mine.fileno())]
            with (self.folder / "policy.log").open("ab") as log:
                self.process = subprocess.Popen(argv, pass_fds=[mine.fileno()], stderr=log, stdout=log)
        self.within("it listens", lambda: self.asks("nobody") == [DUNNO], 30)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def asks(self, account: str, times: int = 1, client: str = "127.0.0.1") -> list[bytes]:
        """As Postfix asks at the end of a message, without the message."""
        said = f"protocol_state=END-OF-MESSAGE\nsasl_username={account}\nclient_address={client}\nrecipient_count=1\n\n"
        words = f"request=smtpd_access_policy\n{said}".encode()
        found = []
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as sock, sock.makefile("rb") as answers:
                for _ in range(times):
                    sock.sendall(words)
                    found.append(answers.readline() + answers.readline())
        except OSError:
            return []
        return found

    def sends(self, account: str, client: str = "127.0.0.1") -> int:
        return sends(self.postfix, account, client)

    def within(self, what: str, ready: Callable[[], bool], seconds: float = SECONDS) -> float:
        """Seconds until it is so. Fails after what is promised, and what a busy machine adds."""
        began = time.monotonic()
        while not ready():
            assert time.monotonic() - began < seconds + BUSY, f"{what}: {(self.folder / 'policy.log').read_text('utf-8')[-600:]}"
            time.sleep(0.02)
        return time.monotonic() - began


@contextmanager
def laboratory(folder: Path, settings: str = "", lines: str = "") -> Iterator[Lab]:
    """All of it running; `settings`: more of [policy], {log} in it is Postfix's; `lines`: of main.cf. Skips where Postfix cannot."""
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only: run the tests as root to have it")
    port = free_port()
    with ExitStack() as stack:
        server = stack.enter_context(sink())
        more = CONFIG + lines + snippet(f"127.0.0.1:{port}", closed=False, recipients=False)
        mail = stack.enter_context(postfix(server.port, more=more))
        (folder / "lists").mkdir(parents=True)
        (folder / "lists" / "sources.txt").write_text("# somebody else's words\n203.0.113.0/24\n127.0.0.0/8\n!203.0.113.25\n", "ascii")
        (folder / "lists" / "dynamic.txt").write_text("# other providers' dynamic ranges\n203.0.113.0/24\n!203.0.113.25\n", "ascii")
        lists = f'block_list = "{folder / "lists" / "sources.txt"}"\ndynamic_ranges = "{folder / "lists" / "dynamic.txt"}"\n'
        listen = f'\n[policy]\nlisten = "127.0.0.1:{port}"\n{lists}{settings.replace("{log}", str(mail.log))}'
        desk = stack.enter_context(thread(folder / "node", change=lambda text: text + listen))
        lab = Lab(desk, folder, port, server, mail)
        try:
            lab.start()
            yield lab
        finally:
            if lab.process is not None:
                with suppress(ProcessLookupError):
                    lab.process.kill()
                lab.process.wait()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(tmp_path_factory.mktemp("mail-policy")) as made:
        yield made


def test_without_a_permit_mail_goes_as_if_nobody_were_asked(lab: Lab) -> None:
    assert lab.sends("alice@isp.example") == 250


def test_counted_first_then_limited_and_what_is_over_is_put_off_at_the_end_of_its_text(lab: Lab) -> None:
    """The whole way: counting is permitted, bulk is measured, the limit is permitted by that, and Postfix hears it."""
    lab.desk.people.stand("bulk-sender-count")
    lab.within("counting", lambda: lab.asks("bulk@isp.example", 20)[-1:] == [DUNNO] and _asked(lab) > 0, 20)
    lab.asks("bulk@isp.example", BULK)
    lab.within("the load is known", lambda: _most(lab) >= BULK, 20)
    (permit,) = lab.desk.people.stand("bulk-sender-limit")
    lab.within("the limit", lambda: lab.asks("probe@isp.example", 501)[-1:] != [DUNNO], 20)
    assert set(lab.asks("alice@isp.example", 499)) == {DUNNO}
    assert lab.sends("alice@isp.example") == 250
    assert lab.sends("alice@isp.example") == 450
    assert lab.sends("bob@isp.example") == 250
    lab.desk.people.permits("limit")
    assert permit in {p["id"] for p in lab.desk.people.permits("limit")}


def _told(lab: Lab) -> PolicyTold:
    """The newest word of the process."""
    policy = lab.desk.inside.policy
    return policy.told if policy else PolicyTold()


def _asked(lab: Lab) -> int:
    return sum(s.asked for s in _told(lab).stages)


def _most(lab: Lab) -> int:
    return max((h.most for h in _told(lab).hours), default=0)


def test_a_killed_process_lets_mail_pass_as_declared_and_the_next_one_remembers(lab: Lab) -> None:
    lab.kill()
    assert lab.sends("alice@isp.example") == 250, "default_action=DUNNO"
    assert complained(lab.postfix), "and Postfix says so"
    lab.start()
    lab.within("the next process", lambda: lab.asks("alice@isp.example") != [DUNNO], 10)
    assert lab.sends("alice@isp.example") == 450


def test_what_is_no_question_ends_its_connection_and_nobody_elses(lab: Lab) -> None:
    with socket.create_connection(("127.0.0.1", lab.port), 5) as bad:
        bad.sendall(b"EHLO mistaken\r\n\n\n")
        assert bad.recv(100) == b""
    assert lab.asks("bob@isp.example") == [DUNNO]


def comes(server: Running, recipient: str) -> int:
    """A mail of somebody unknown for that recipient; the reply to its RCPT."""
    with smtplib.SMTP("127.0.0.1", server.port, local_hostname="client.example", timeout=30) as talk:
        talk.ehlo()
        talk.mail("stranger@far.example")
        return talk.rcpt(recipient)[0]


def answers(lab: Lab, recipients: list[str]) -> list[bytes]:
    """Asked in one breath on one connection, about recipients `keep` has to be asked about first: answered in their order."""
    words = "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=stranger@far.example\nclient_address=203.0.113.9\nrecipient={}\n\n"
    with socket.create_connection(("127.0.0.1", lab.port), 30) as sock, sock.makefile("rb") as said:
        sock.sendall("".join(map(words.format, recipients)).encode())
        return [(said.readline() + said.readline())[len("action=") :].split()[0] for _ in recipients]


def test_a_first_mail_waits_for_recipients_who_agreed_and_for_nobody_else(lab: Lab) -> None:
    """Refused at RCPT, before its text; gone with the permit."""
    keep, key = lab.desk.people.world.keep, lab.desk.people.keys["desk"]
    said = replace(ANSWER, **{**SAID, "line": "friend@mail.example", "by": key.person, "at": lab.desk.people.world.clock()})
    assert keep.call("record-consent", answer=said, shown=SHOWN, signature=key.sign(said))["consent"]
    (permit,) = lab.desk.people.stand("greylisting")
    lab.within("greylisting", lambda: comes(lab.postfix, "friend@mail.example") == 450, 20)
    assert comes(lab.postfix, "other@mail.example") == 250
    assert answers(lab, ["new-1@mail.example", "friend@mail.example", "new-2@mail.example"]) == [b"DUNNO", b"450", b"DUNNO"]
    lab.desk.people.withdraw(permit)
    lab.within("withdrawn", lambda: comes(lab.postfix, "friend@mail.example") == 250)


def test_a_listed_source_is_refused_for_who_agreed_and_an_old_list_is_none(lab: Lab) -> None:
    """Asked of our own copy alone: no name server hears who writes to whom."""
    keep, key = lab.desk.people.world.keep, lab.desk.people.keys["desk"]
    said = replace(ANSWER, **{**BLOCKED, "line": "friend@mail.example", "by": key.person, "at": lab.desk.people.world.clock()})
    assert keep.call("record-consent", answer=said, shown=BLOCK_SHOWN, signature=key.sign(said))["consent"]
    (permit,) = lab.desk.people.stand("rbl")
    lab.within("the list", lambda: comes(lab.postfix, "friend@mail.example") == 554, 20)
    assert comes(lab.postfix, "other@mail.example") == 250
    listed = lab.folder / "lists" / "sources.txt"
    os.utime(listed, (0, 0))
    lab.within("an old list is none", lambda: comes(lab.postfix, "friend@mail.example") == 250)
    os.utime(listed)
    lab.within("a fresh one is used", lambda: comes(lab.postfix, "friend@mail.example") == 554)
    lab.desk.people.withdraw(permit)
    lab.within("withdrawn", lambda: comes(lab.postfix, "friend@mail.example") == 250)


def straight(server: Running, client: str, login: str = "") -> tuple[int, bytes]:
    """A mail that comes from that address without anybody between; the reply to its RCPT."""
    with smtplib.SMTP("127.0.0.1", server.port, local_hostname="client.example", timeout=30) as talk:
        talk.ehlo()
        code, _ = talk.docmd("XCLIENT", f"ADDR={client}" + (f" LOGIN={login}" if login else ""))
        assert code == 220
        talk.ehlo()
        talk.mail("stranger@far.example")
        return talk.rcpt("other@mail.example")


def straight_asked(lab: Lab, client: str) -> bytes:
    """As Postfix asks about a recipient, without the mail."""
    words = f"request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address={client}\nrecipient=other@mail.example\n\n"
    with socket.create_connection(("127.0.0.1", lab.port), 5) as sock, sock.makefile("rb") as answers:
        sock.sendall(words.encode())
        return answers.readline() + answers.readline()


def counted(lab: Lab, bulk: int, permit: str) -> bool:
    """Whether `keep` heard of so many mails in bulk from dynamic ranges under this permit."""
    return any(h.permit == permit and h.found.get("dynamic_bulk", -1) >= bulk for h in _told(lab).hours)


def test_mail_straight_from_dynamic_ranges_is_refused_once_it_was_counted_and_says_why(lab: Lab) -> None:
    """Row D2.8, IP25B: counted first; mail of others, of a sender let in and of who signed in passes; gone with list, ground and permit."""
    people, listed, dynamic = lab.desk.people, lab.folder / "lists" / "dynamic.txt", "203.0.113.231"

    def answered(client: str = dynamic, login: str = "") -> int:
        return straight(lab.postfix, client, login)[0]

    (counting,) = people.stand("ip25b-count")
    lab.within("counting", lambda: counted(lab, 0, counting), 20)
    for number in range(ORIGINS):
        assert straight_asked(lab, f"203.0.113.{number % 200 + 40}") == DUNNO
    lab.within("what was counted is known", lambda: counted(lab, ORIGINS, counting), 20)
    (permit,) = people.stand("ip25b")
    lab.within("the block", lambda: answered() == 554, 20)
    assert b"https://www.example.net/ip25b" in straight(lab.postfix, dynamic)[1]
    assert [answered(c) for c in ("192.0.2.9", "203.0.113.25", "127.0.0.1")] == [250] * 3
    assert answered(login="alice@isp.example") == 250
    os.utime(listed, (0, 0))
    old = lab.within("an old list is none", lambda: answered() == 250)
    os.utime(listed)
    lab.within("a fresh one is used", lambda: answered() == 554)
    lab.kill()
    assert answered() == 250, "default_action=DUNNO, as the plan says"
    assert complained(lab.postfix)
    lab.start()
    lab.within("the next process", lambda: answered() == 554, 10)
    people.withdraw(permit)
    withdrawn = lab.within("withdrawn", lambda: answered() == 250)
    people.stand("ip25b")
    lab.within("the block again", lambda: answered() == 554, 20)
    people.withdraw(counting)
    ground = lab.within("the facts are gone", lambda: answered() == 250)
    sys.stdout.write(f"IP25B gone: list too old {old:.2f} s, permit withdrawn {withdrawn:.2f} s, facts withdrawn {ground:.2f} s\n")


def test_a_permit_that_is_withdrawn_is_not_acted_on_any_more(lab: Lab) -> None:
    """Withdrawn, the account that was put off sends again within two seconds."""
    (permit,) = (p["id"] for p in lab.desk.people.permits("limit"))
    assert lab.asks("alice@isp.example") != [DUNNO]
    lab.desk.people.withdraw(permit)
    took = lab.within("withdrawn", lambda: lab.asks("alice@isp.example") == [DUNNO])
    assert lab.sends("alice@isp.example") == 250
    sys.stdout.write(f"withdrawn after {took:.2f} s\n")


def test_a_permit_whose_time_is_over_is_not_acted_on_any_more(lab: Lab) -> None:
    """Nobody says so: the time of IP25B and of the block list passes for `keep`, and Postfix takes such mail again."""
    people, dynamic = lab.desk.people, "203.0.113.231"
    (counting,) = people.stand("ip25b-count")
    lab.within("counting again", lambda: any(s.permit == counting for s in _told(lab).stages), 20)
    for number in range(ORIGINS):
        assert straight_asked(lab, f"203.0.113.{number % 200 + 40}") == DUNNO
    lab.within("what was counted is known again", lambda: counted(lab, ORIGINS, counting), 20)
    assert people.stand("ip25b")
    people.stand("rbl")
    lab.within("both", lambda: straight(lab.postfix, dynamic)[0] == 554 and comes(lab.postfix, "friend@mail.example") == 554, 20)
    ends = max(datetime.fromisoformat(p["until"]) for step in ("block-inbound-25", "reject") for p in people.permits(step))
    lab.desk.time.pass_(seconds=(ends - lab.desk.time.wall()).total_seconds())
    took = lab.within("over", lambda: straight(lab.postfix, dynamic)[0] == 250 and comes(lab.postfix, "friend@mail.example") == 250)
    sys.stdout.write(f"over after {took:.2f} s\n")


def test_the_process_reads_and_writes_nothing_but_its_counts_and_connects_to_nobody(lab: Lab) -> None:
    assert lab.process is not None
    status = Path(f"/proc/{lab.process.pid}/status").read_text(encoding="ascii")
    assert "NoNewPrivs:\t1" in status
    assert [p.name.partition("-")[0] for p in sorted((lab.desk.state / "policy").iterdir())] == ["counts.db"] * 3


def test_where_a_plan_says_so_mail_waits_while_nobody_answers_and_postfix_says_why() -> None:
    with sink() as server, postfix(server.port, more=CONFIG + snippet(f"127.0.0.1:{free_port()}", closed=True)) as mail:
        assert sends(mail, "alice@isp.example") == 451
        assert complained(mail)
