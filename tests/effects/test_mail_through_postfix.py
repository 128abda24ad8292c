"""The same mail through a real mail server, as operators run it: Postfix takes it in, queues it and hands it on."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path

import pytest

from sekisho.effects.mail import Recipient, Relay, send
from sekisho.effects.order import Outcome, Receipt
from tests.conftest import need
from tests.effects.conftest import TEXT, Sink, clock, listening, no_from, order, relay, yes

MAIN = """\
compatibility_level = 3.6
queue_directory = {at}/queue
data_directory = {at}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = {at}/log/mail.log
maillog_file_prefixes = {at}/log
myhostname = relay.isp.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
transport_maps = inline:{{ {{ mail.example = smtp:[127.0.0.1]:{onward} }} }}
default_transport = error:no way out
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ gone@mail.example = 550 5.1.1 no such person }} }}
message_size_limit = 20000
mailbox_size_limit = 0
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture(scope="module")
def postfix() -> Iterator[tuple[Relay, Sink]]:
    """A Postfix of our own on a free port; what it passes on lands in the sink."""
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only: run the tests as root to have it")
    need("postfix")
    at = Path("/var/tmp") / f"sekisho-postfix-{os.getpid()}"  # every folder above a queue must be open to its user
    sink = Sink()
    try:
        with listening(sink) as onward:
            port = _configure(at, onward.port)
            _run(at, "start")
            _until_open(port)
            yield relay(port), sink
    finally:
        _run(at, "stop")
        shutil.rmtree(at, ignore_errors=True)


def _configure(at: Path, onward: int) -> int:
    for name in ("etc", "queue", "data", "log"):
        (at / name).mkdir(parents=True)
    at.chmod(0o755)
    os.chown(at / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    (at / "etc" / "main.cf").write_text(MAIN.format(at=at, onward=onward), encoding="utf-8")
    (at / "etc" / "master.cf").write_text(MASTER.format(port=port), encoding="utf-8")
    return port


def _run(at: Path, word: str) -> None:
    """It daemonises and would hold a pipe open: its words go to a file."""
    with (at / "log" / f"{word}.txt").open("wb") as out:
        subprocess.run(["postfix", "-c", str(at / "etc"), word], stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=30, check=False)


def _until_open(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("Postfix did not open its port within ten seconds")


def arrived(sink: Sink, count: int) -> list[tuple[str, list[str], bytes]]:
    for _ in range(100):
        if len(sink.mails) >= count:
            break
        time.sleep(0.1)
    taken, sink.mails[:] = list(sink.mails), []
    return taken


def test_twenty_mails_pass_a_real_server_in_twenty_envelopes_unchanged(postfix: tuple[Relay, Sink]) -> None:
    way, sink = postfix
    people = [Recipient(f"p{n}@mail.example", f"髙﨑 {n}") for n in range(20)]

    async def everybody() -> list[Receipt]:
        return list(await asyncio.gather(*(send(order(f"pf-{n}"), p, TEXT, way, yes, clock) for n, p in enumerate(people))))

    receipts = asyncio.run(everybody())
    assert {(r.outcome, r.code, r.enhanced) for r in receipts} == {(Outcome.ACCEPTED, 250, "2.0.0")}
    mails = {to[0]: (to, mail) for _, to, mail in arrived(sink, 20)}
    assert set(mails) == {p.mail for p in people}
    for person, receipt in zip(people, receipts, strict=True):
        to, mail = mails[person.mail]
        got = message_from_bytes(mail, policy=MAIL_POLICY)
        assert to == [person.mail]
        assert (got["Message-ID"], got["Subject"]) == (receipt.message_id, TEXT.subject)
        assert got.get_content().replace("\r\n", "\n") == TEXT.body
        assert not any(other.mail.encode() in mail for other in people if other != person)


def test_a_withdrawal_at_either_step_leaves_no_mail_in_a_real_queue(postfix: tuple[Relay, Sink]) -> None:
    way, sink = postfix
    for step in (1, 2):
        stopped = send(order(f"stop-{step}"), Recipient("p@mail.example"), TEXT, way, no_from(step), clock)  # type: ignore[arg-type] # a plain callable
        receipt = asyncio.run(stopped)
        assert receipt.outcome is Outcome.STOPPED
    after = asyncio.run(send(order("after"), Recipient("last@mail.example"), TEXT, way, yes, clock))
    assert after.outcome is Outcome.ACCEPTED
    assert [to for _, to, _ in arrived(sink, 1)] == [["last@mail.example"]]
    time.sleep(0.5)
    assert sink.mails == []


def test_a_real_servers_refusals_are_read_as_what_they_are(postfix: tuple[Relay, Sink]) -> None:
    way, sink = postfix

    def outcome(person: str, body: str = TEXT.body) -> tuple[Outcome, str, int | None, str]:
        got = asyncio.run(send(order(), Recipient(person), replace(TEXT, body=body), way, yes, clock))
        return got.outcome, got.stage, got.code, got.enhanced

    assert outcome("gone@mail.example") == (Outcome.REFUSED, "recipient", 550, "5.1.1")
    assert outcome("p@mail.example", "長" * 12_000) == (Outcome.REFUSED, "handed-over", 552, "5.3.4")
    assert outcome("a..b@mail.example")[0] is Outcome.ACCEPTED
    assert len(arrived(sink, 1)) == 1
