"""Personal mails of one campaign through a real Postfix into a sink, beside plain aiosmtplib handing the same bytes to the same Postfix.

`ours` is the whole path as in production: the `act` process in its own process and confinement, taking batches from `keep` over its
channel; each batch written in the ledger first, each recipient's box opened, found under the approved root, the mail made, looked over,
signed with DKIM, the lease asked right before its first octet, what became of it written down. `plain` is aiosmtplib in a process of
its own with as many connections, sending the finished bytes: it makes, checks, signs and writes down nothing.
A round's figure is mails a second from the first to the last mail that Postfix took; both take turns, medians are compared.
Every mail of ours that the sink got is read: one recipient each, and no foreign address in any byte. At last `act` is killed with
signal 9 in the middle of one more campaign and started again: nobody is lost and nobody gets two, or the bench stops.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from statistics import median
from typing import Any

import aiosmtplib
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sekisho.desk.campaign_look import own
from sekisho.desk.clock import Clock
from sekisho.desk.commitment import leaf
from sekisho.desk.messages.deliver import LINES
from sekisho.desk.outside import KeepSaidNo
from sekisho.effects.dkim import read_key, signed
from sekisho.effects.message import compose
from sekisho.faces.processes.channel import frame, read_frame
from sekisho.law.campaign import Campaign, Recipient
from tests.desk import mailing
from tests.desk.office import Channel, Office
from tests.postfix import postfix

PERSONS = 5_000
PATIENCE = 240
ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
ENVELOPE = re.compile(rb"(?m)^X-(Mail|Rcpt)-Args: <([^>]*)>")


@dataclass
class Took:
    """When the first batch was asked for and the last one was answered, by this process's clock."""

    first: float = 0.0
    last: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def seconds(self) -> float:
        return self.last - self.first


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """Postfix's own `smtp-sink`, each mail into a file with its envelope; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = ["smtp-sink", "-u", "root", "-d", f"{folder}/mail.", f"127.0.0.1:{port}", "200"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def arrived(folder: Path, count: int) -> list[Path]:
    """The files of the sink, once there are so many. Raises SystemExit where they do not come."""
    _until(lambda: len(list(folder.glob("mail.*"))) >= count)
    time.sleep(1)
    return sorted(folder.glob("mail.*"))


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(PATIENCE * 10):
        if holds():
            return
        time.sleep(0.1)
    raise SystemExit(f"it did not come about within {PATIENCE} seconds")


def wrong(mails: Sequence[bytes], said: Campaign, listed: Sequence[Recipient], unknown: int = 0) -> list[str]:
    """What is wrong with what the sink got: not one recipient, a foreign address in any byte, somebody with two mails or without.

    `unknown`: of so many nobody can tell whether they got theirs, and both are right.
    """
    found, seen = [], list[str]()
    for number, raw in enumerate(mails, 1):
        envelope = ENVELOPE.findall(raw)
        to = [address.decode() for which, address in envelope if which == b"Rcpt"]
        if len(to) != 1:
            found.append(f"mail {number}: {len(to)} recipients")
            continue
        seen += to
        mail = message_from_bytes(raw)
        readable = raw + b"\n".join(bytes(p.get_payload(decode=True) or b"") for p in mail.walk() if not p.is_multipart())
        may = {to[0].encode(), said.sender.encode(), said.reply_desk.encode(), str(mail["Message-ID"]).strip("<>").encode()}
        if foreign := set(ADDRESS.findall(readable)) - may:
            found.append(f"mail {number}: {len(foreign)} foreign addresses")
    people = {p.mail for p in listed}
    if len(seen) != len(set(seen)) or not set(seen) <= people or len(people - set(seen)) > unknown:
        found.append(f"{len(seen)} mails to {len(set(seen))} of {len(people)} people")
    return found


def _answered(channel: Channel, asked: Mapping[str, Any], took: Took, ended: threading.Event) -> dict[str, Any]:
    """What `keep` says; `ended` is set when nobody waits any more."""
    method = asked["method"]
    if method == "take-batch":
        took.first = took.first or time.perf_counter()
    try:
        said = channel.call(method, **asked["params"])
    except KeepSaidNo as no:
        return {"error": {"code": no.code, "detail": dict(no.detail)}}
    if method == "batch-done":
        took.last = time.perf_counter()
        took.outcomes.update(one["outcome"] for one in asked["params"]["sent"])
    if method == "take-batch" and not said["people"]:
        ended.set()
    return {"result": said}


def ours(office: Office, at: Path, kill_after: int = 0) -> Took:
    """The real `act` sends whatever waits; its channel is answered here, as `keep` answers it. Killed (9) after so many mails."""
    here, there = socket.socketpair()
    took, ended = Took(), threading.Event()

    def answer() -> None:
        channel = office.channel("act")
        with suppress(EOFError, OSError):
            while True:
                asked = read_frame(here)
                here.sendall(frame(_answered(channel, asked, took, ended)))

    with (at / "act.log").open("ab") as log:
        command = [sys.executable, "-m", "sekisho.faces.processes.act", str(office.home / "sekisho.toml"), str(there.fileno())]
        process = subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    there.close()
    threading.Thread(target=answer, daemon=True).start()
    try:
        if kill_after:
            _until(lambda: took.outcomes.total() >= kill_after)
            process.kill()
        elif not ended.wait(PATIENCE):
            raise SystemExit(f"act did not end: {dict(took.outcomes)}")
    finally:
        process.terminate()
        process.wait(20)
        here.close()
    return took


def finished(office: Office, said: Campaign, name: str, listed: Sequence[Recipient]) -> list[tuple[str, bytes]]:
    """Address and bytes of every mail of a campaign, made as `act` makes them."""
    mail, url = office.settings.mail, office.settings.console.url
    assert mail.dkim_key is not None
    key, codes = read_key(mail.dkim_key), ("ABCD-EFGH-IJKL-MNOP", "A" * 24)
    made = [(p.mail, compose(said, own(said, url, name, leaf(p), p, codes))) for p in listed]
    return [(to, signed(raw, key, mail.dkim_selector, said.sender.rpartition("@")[2])) for to, raw in made]


def plain(port: int, mails: list[tuple[str, bytes]], sender: str, told: Callable[[float], None]) -> None:
    """Hand over by aiosmtplib and nothing else, over as many connections; tells how many seconds it took."""
    waiting = list(reversed(mails))

    async def one_line() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, local_hostname="localhost", timeout=60, use_tls=False, start_tls=False)
        await client.connect()
        while waiting:
            to, raw = waiting.pop()
            await client.sendmail(sender, [to], raw)
        await client.quit()

    async def every_line() -> None:
        await asyncio.gather(*(one_line() for _ in range(LINES)))

    begun = time.perf_counter()
    asyncio.run(every_line())
    told(time.perf_counter() - begun)


def _plain_apart(port: int, mails: list[tuple[str, bytes]], sender: str) -> float:
    """`plain` in a process of its own."""
    apart = multiprocessing.get_context("spawn")
    ear, mouth = apart.Pipe(duplex=False)
    process = apart.Process(target=plain, args=(port, mails, sender, mouth.send))
    process.start()
    mouth.close()
    took = float(ear.recv())
    process.join()
    return took


@dataclass(frozen=True)
class _Bench:
    office: Office
    at: Path
    got: Path
    port: int
    listed: tuple[Recipient, ...]

    def ours(self, said: Campaign) -> float:
        """Seconds, once every mail that arrived was read."""
        took = ours(self.office, self.at)
        if took.outcomes != {"accepted": len(self.listed)}:
            raise SystemExit(f"not everybody's mail was accepted: {dict(took.outcomes)}")
        self.read(said, len(self.listed), 0)
        return took.seconds

    def plain(self, said: Campaign, name: str) -> float:
        """Seconds."""
        took = _plain_apart(self.port, finished(self.office, said, name, self.listed), said.sender)
        arrived(self.got, len(self.listed))
        self.empty()
        return took

    def killed(self) -> Mapping[str, int]:
        """Signal 9 in the middle, and what the next process makes of it: state to number of people."""
        said, name = _approved(self.office, self.listed)
        ours(self.office, self.at, kill_after=len(self.listed) // 3)
        before = mailing.shown(self.office, name)["counts"]
        ours(self.office, self.at)
        counts = mailing.shown(self.office, name)["counts"]
        if not before.get("begun") or counts["accepted"] + counts.get("unknown", 0) != len(self.listed):
            raise SystemExit(f"killed at {before}, ended at {counts}")
        self.read(said, counts["accepted"], counts.get("unknown", 0))
        return {"under way": before["begun"], **counts}

    def read(self, said: Campaign, count: int, unknown: int) -> None:
        bad = wrong([p.read_bytes() for p in arrived(self.got, count)], said, self.listed, unknown)
        if bad:
            raise SystemExit("\n".join(bad[:20]))
        self.empty()

    def empty(self) -> None:
        for path in self.got.glob("mail.*"):
            path.unlink()


def measure(rounds: int, persons: int = PERSONS) -> dict[str, object]:
    """Medians over rounds, mails a second. Raises SystemExit where Postfix is missing, a mail is lost, or a byte is foreign."""
    if os.geteuid() != 0 or shutil.which("postfix") is None or shutil.which("smtp-sink") is None:
        raise SystemExit("the bench of mails needs Postfix (Debian package postfix), and root to start it")
    found: dict[str, list[float]] = {"ours": [], "plain": []}
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        got = at / "sink"
        got.mkdir()
        with sink(got) as onward, postfix(onward, 200_000) as server:
            office = _office(at, server.port, server.log, server.at / "etc")
            bench = _Bench(office, at, got, server.port, mailing.people(persons))
            for number in range(rounds):
                said, name = _approved(office, bench.listed)
                for kind in ("ours", "plain") if number % 2 else ("plain", "ours"):
                    seconds = bench.ours(said) if kind == "ours" else bench.plain(said, name)
                    found[kind].append(persons / seconds)
            killed = bench.killed()
            office.close()
    rates = {kind: median(each) for kind, each in found.items()}
    return {"bench": "mail", "at": datetime.now(UTC).isoformat(timespec="seconds"), "persons": persons, "rounds": found, "killed": killed,
            "mails_per_second": {k: round(v, 1) for k, v in rates.items()}, "ratio": round(rates["plain"] / rates["ours"], 2)}  # fmt: skip


def _office(at: Path, port: int, log: Path, postfix_at: Path) -> Office:
    key = generate_private_key(65537, 2048)
    (at / "dkim.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    office = Office(at / "home").found()
    office.close()
    mailing.set_up(office, port, log=log, postfix=postfix_at, settle_seconds=1, dkim_selector="s1", dkim_key=at / "dkim.pem")
    return office.open()


def _approved(office: Office, listed: tuple[Recipient, ...]) -> tuple[Campaign, str]:
    office.watch.at = datetime.now(UTC)
    office.world.clock = Clock(None, office.watch.wall, office.watch.ticks)
    said, _ = mailing.written(office, people=listed, per_minute=60_000)
    made = mailing.approved(office, people=listed, per_minute=60_000)
    office.world.clock = Clock(None, lambda: datetime.now(UTC), time.monotonic)  # two processes, one time
    return said, str(made["campaign"])


def table(result: Mapping[str, Any]) -> str:
    rates, persons = result["mails_per_second"], result["persons"]
    rows = {"ours: whole path, checked and written down": rates["ours"], "plain aiosmtplib, finished bytes": rates["plain"]}
    head = f"{persons:,} mails through Postfix each round; each of ours had one recipient and no foreign address in any byte"
    lines = [f"{what:46}{rate:>8,.1f} mails/s" for what, rate in rows.items()]
    killed = f"killed in the middle, mails under way or what became of them: {', '.join(f'{n} {w}' for w, n in result['killed'].items())}"
    return "\n".join([head, "", *lines, killed, "", f"plain hands over {result['ratio']:.2f} mails in the time of one of ours"])
