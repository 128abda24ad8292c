"""A Postfix of our own on a free port of loopback, for whatever test sends mail; what it passes on goes to a port the test listens on."""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import need

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
transport_maps = inline:{{ {{ mail.example = smtp:[127.0.0.1]:{onward} }} {{ other.example = smtp:[127.0.0.1]:{onward} }} }}
recipient_delimiter = +
virtual_mailbox_domains = example.net
virtual_mailbox_base = {at}/mail
virtual_mailbox_maps = static:returns/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_minimum_uid = 1
default_transport = error:no way out
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ gone@mail.example = 550 5.1.1 no such person }} }}
message_size_limit = {size}
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
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Running:
    """Its port, and the folder with etc, queue, data and log."""

    port: int
    at: Path

    @property
    def log(self) -> Path:
        return self.at / "log" / "mail.log"

    @property
    def returns(self) -> Path:
        """The maildir of whatever comes to example.net."""
        return self.at / "mail" / "returns"


@contextmanager
def postfix(onward: int, size: int = 20_000, more: str = "") -> Iterator[Running]:
    """For mail.example and other.example; what comes to example.net lies in `returns`. Messages of up to `size` octets.

    `more`: lines of main.cf, which stand in place of ours of the same name.

    Skips where it cannot run; where CI=true, fails."""
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only: run the tests as root to have it")
    need("postfix")
    at = Path("/var/tmp") / f"sekisho-postfix-{os.getpid()}-{onward}"  # every folder above a queue must be open to its user
    try:
        port = _configure(at, onward, size, more)
        _run(at, "start")
        yield Running(port, at)
    finally:
        _run(at, "stop")
        shutil.rmtree(at, ignore_errors=True)


def _configure(at: Path, onward: int, size: int, more: str) -> int:
    for name in ("etc", "queue", "data", "log", "mail/returns/new", "mail/returns/cur", "mail/returns/tmp"):
        (at / name).mkdir(parents=True)
    owner, returns = pwd.getpwnam("nobody").pw_uid, at / "mail" / "returns"
    for folder in (returns, *returns.iterdir()):
        os.chown(folder, owner, -1)
    at.chmod(0o755)
    os.chown(at / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    lines = MAIN.format(at=at, onward=onward, size=size, uid=owner) + more
    (at / "etc" / "main.cf").write_text(_once(lines), encoding="utf-8")
    (at / "etc" / "master.cf").write_text(MASTER.format(port=port), encoding="utf-8")
    return port


def _once(lines: str) -> str:
    """Each setting once, as said last. Postfix warns of a second one in each process, its log's own too, which then waits for itself:
    ten words is all that a socket of datagrams holds."""
    said = {text.partition("=")[0].strip(): text.rstrip() for text in re.split(r"\n(?=\S)", lines)}
    return "\n".join(said.values()) + "\n"


def _run(at: Path, word: str) -> None:
    """It daemonises and would hold a pipe open: its words go to a file."""
    with (at / "log" / f"{word}.txt").open("wb") as out:
        subprocess.run(["postfix", "-c", str(at / "etc"), word], stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=30, check=False)
