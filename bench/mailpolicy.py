"""Decisions of the policy service beside postgrey and policyd-rate-limit, and labels of mails beside opendkim: in the same run.

Each service is the process its users run, with its state on a disk: ours with `keep` behind it and every stage in force at once
(`bench.mailstages`); policyd-rate-limit (Debian) with SQLite and one limit; postgrey (Debian) with its Berkeley DB. As Postfix would,
twenty connections ask one question each and wait for the answer. Half of the mails are of accounts, half come from outside, and each
service is asked about them at the moment it acts: ours about both in turn, and in a row each about either alone; policyd-rate-limit about
accounts, postgrey about senders and recipients. They take turns; a figure is the median of the rounds.

What is on disk differs: the others wait for the disk at every decision. Ours writes before it answers and does not wait, so that a killed
process loses nothing and a machine without power its last moments. With all state in memory that difference is gone.

Labels: `bench.maillabels`. They are the same node's, so they lie beside the rest.
"""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from statistics import median, quantiles

from bench import maillabels, mailstages
from bench.maillabels import DKIM, LABELS
from bench.mailstages import RECIPIENTS, SENDERS, Ports
from sekisho.faces.unsafe.demo import free_port, wait_for

OURS, SENT, CAME, LIMIT, GREY = "sekisho", "sekisho, accounts", "sekisho, outside", "policyd-rate-limit", "postgrey"
OF_ACCOUNTS, ONE_KIND = (SENT, LIMIT), (SENT, LIMIT, CAME, GREY)
QUESTIONS, CONNECTIONS, BREATH = 100_000, 20, 100
SECONDS = 3.0
"""So long a round asks; a thousand accounts stay under 500 messages an hour each in as many rounds as there are."""
AIM = 2000.0
YAML = """\
debug: False
user: "{user}"
group: "{group}"
pidfile: "{at}/pid"
backend: 0
sqlite_config:
    database: "{at}/db.sqlite3"
SOCKET: ["127.0.0.1", {port}]
limits:
    - [500, 3600]
limits_by_id: {{}}
limit_by_sasl: True
limit_by_sender: False
limit_by_ip: False
limited_networks: []
success_action: "dunno"
fail_action: "defer_if_permit Rate limit reach, retry later"
db_error_action: "dunno"
report: False
report_limits: [86400]
delay_to_close: 300
"""


@dataclass
class Round:
    """One service in one round: decisions a second, and milliseconds a question waited."""

    what: str
    rate: float
    middle_ms: float
    slow_ms: float


@dataclass
class Caller:
    """One connection, as one smtpd process of Postfix has it."""

    sock: socket.socket
    asked: float = 0.0
    got: bytearray = field(default_factory=bytearray)


def mail(number: int) -> dict[str, str]:
    """Of all mails one, as Postfix tells it: of an account where the number is odd, from outside where it is even."""
    if number % 2:
        account, client = mailstages.accounts(number // 2)
        words = {**mailstages.sent(account, client), "sender": account, "recipient": f"friend{number}@far.example"}
    else:
        place = number // 2
        sender, recipient = f"sender{place % SENDERS}@far.example", f"friend{place % RECIPIENTS}@mail.example"
        words = mailstages.came(mailstages.sources(place), recipient, sender)
    return {"protocol_name": "ESMTP", "client_name": "unknown", "queue_id": "", "size": "2048", "instance": f"{number:x}", **words}


def question(what: str, number: int) -> bytes:
    """One mail as that service is asked about it: ours about both kinds in turn; the others, and ours in two rows more, about theirs."""
    words = mail(2 * number + (what in OF_ACCOUNTS) if what in ONE_KIND else number)
    words |= {"protocol_state": "RCPT"} if what == LIMIT else {}
    return _said(words)


def _said(words: Mapping[str, str]) -> bytes:
    return "".join(f"{k}={v}\n" for k, v in words.items()).encode() + b"\n"


def answers(port: int) -> mailstages.Asks:
    """Many questions in one breath, and what each was answered."""

    def asked(questions: Sequence[Mapping[str, str]]) -> list[str]:
        found: list[str] = []
        with socket.create_connection(("127.0.0.1", port), 60) as sock, sock.makefile("rb") as said:
            for at in range(0, len(questions), BREATH):
                part = questions[at : at + BREATH]
                sock.sendall(b"".join(map(_said, part)))
                for _ in part:
                    found.append(said.readline().decode().strip().removeprefix("action="))
                    said.readline()
        return found

    return asked


def ask(what: str, port: int, questions: Iterable[bytes], seconds: float = SECONDS) -> Round:
    """Questions until they or the seconds are over; each connection waits for its answer. Fails for an answer that is none."""
    waited: list[float] = []
    end = time.perf_counter() + seconds
    left = takewhile(lambda _: time.perf_counter() < end, questions)
    with ExitStack() as stack, selectors.DefaultSelector() as ready:
        began = time.perf_counter()
        for _ in range(CONNECTIONS):
            caller = Caller(stack.enter_context(socket.create_connection(("127.0.0.1", port), 30)))
            ready.register(caller.sock, selectors.EVENT_READ, caller)
            _next(caller, left)
        while any(key.data.asked for key in ready.get_map().values()):
            for key, _ in ready.select(30):
                caller = key.data
                caller.got += caller.sock.recv(4096)
                if not caller.got.startswith(b"action="):
                    raise RuntimeError(f"{what} answered {bytes(caller.got)!r}")
                if caller.got.endswith(b"\n\n"):
                    waited.append(time.perf_counter() - caller.asked)
                    caller.got.clear()
                    _next(caller, left)
        took = time.perf_counter() - began
    return _round(what, waited, took)


def _next(caller: Caller, left: Iterator[bytes]) -> None:
    """The next question, or none: `asked` is 0 then."""
    caller.asked = 0.0
    for one in left:
        caller.asked = time.perf_counter()
        caller.sock.sendall(one)
        return


@contextmanager
def limiter(folder: Path) -> Iterator[int]:
    """policyd-rate-limit of Debian, SQLite."""
    port, at = free_port(), folder / "limiter"
    at.mkdir()
    user = "policyd-rate-limit" if os.geteuid() == 0 else ""
    _give(folder, at, user)
    (at / "conf.yaml").write_text(YAML.format(at=at, port=port, user=user, group=user), "utf-8")
    with _running([shutil.which(LIMIT) or LIMIT, "-f", str(at / "conf.yaml")], at, port):
        yield port


@contextmanager
def grey(folder: Path) -> Iterator[int]:
    """As Debian has it."""
    port, at = free_port(), folder / "grey"
    at.mkdir()
    user = "postgrey" if os.geteuid() == 0 else ""
    _give(folder, at, user)
    rights = [f"--user={user}", f"--group={user}"] if user else []
    with _running([shutil.which(GREY) or GREY, f"--inet=127.0.0.1:{port}", f"--dbdir={at}", f"--pidfile={at}/pid", *rights], at, port):
        yield port


def _give(folder: Path, at: Path, user: str) -> None:
    folder.chmod(0o755)
    if user:
        shutil.chown(at, user, user)


@contextmanager
def _running(argv: Sequence[str], at: Path, port: int) -> Iterator[None]:
    with (at / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(argv[0], lambda: _listens(port), 30)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


PEERS: dict[str, Callable[[Path], AbstractContextManager[int]]] = {LIMIT: limiter, GREY: grey}
PLACES = {"disk": "/var/tmp", "memory": "/dev/shm"}  # noqa: S108 - folders of its own are made below these
"""Where state lies: on a disk, and for what each spends without one."""


def measure(rounds: int) -> dict[str, object]:
    """Medians over rounds; ratios to those of the others that are installed."""
    peers = [w for w in (LIMIT, GREY, DKIM) if shutil.which(w)]
    for what in sorted({LIMIT, GREY, DKIM} - {*peers}):
        print(f"{what} is not installed (Debian package {what}): no ratio", file=sys.stderr)
    found = {where: _rounds(peers, folder, rounds) for where, folder in PLACES.items() if Path(folder).is_dir()}
    return summary(found)


def _rounds(peers: Sequence[str], parent: str, rounds: int) -> dict[str, list[Round]]:
    keys = maillabels.Keys()
    with tempfile.TemporaryDirectory(dir=parent, prefix="sekisho-bench-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        ports = stack.enter_context(mailstages.every_stage(folder / "all", keys.records, answers))
        policies = {OURS: ports.policy, SENT: ports.policy, CAME: ports.policy}
        policies |= {what: stack.enter_context(PEERS[what](folder)) for what in peers if what in PEERS}
        milters = {LABELS: ports.milter}
        milters |= {DKIM: stack.enter_context(_dkim(folder, ports))} if DKIM in peers else {}
        found: dict[str, list[Round]] = {what: [] for what in (*policies, *milters)}
        for number in range(rounds):
            for what, port in policies.items():
                mailstages.tell(f"{parent}, round {number + 1} of {rounds}: {what}")
                found[what].append(ask(what, port, (question(what, number * QUESTIONS + n) for n in range(QUESTIONS))))
            for what, port in milters.items():
                mailstages.tell(f"{parent}, round {number + 1} of {rounds}: {what}")
                found[what].append(_round(what, *maillabels.show(what, port, keys.mails, SECONDS)))
        mailstages.tell("")
    return found


@contextmanager
def _dkim(folder: Path, ports: Ports) -> Iterator[int]:
    """The opendkim of Debian, which checks and labels, by the same resolver."""
    port, at = free_port(), folder / "dkim"
    at.mkdir()
    argv = maillabels.opendkim(at, port, ports.resolver)
    with _running(argv, at, port):
        yield port


def _round(what: str, waited: Sequence[float], took: float) -> Round:
    return Round(what, len(waited) / took, median(waited) * 1000, quantiles(waited, n=100)[98] * 1000)


def summary(found: Mapping[str, Mapping[str, list[Round]]]) -> dict[str, object]:
    """`ratio`: what of ours does the same, in the same place, by this."""
    rows = []
    for where, services in found.items():
        rates = {what: median(r.rate for r in each) for what, each in services.items()}
        rows += [
            {
                "what": what,
                "state": where,
                "per_second": round(rates[what]),
                "middle_ms": round(median(r.middle_ms for r in each), 2),
                "slow_ms": round(median(r.slow_ms for r in each), 2),
                "ratio": round(rates[LABELS if what in (LABELS, DKIM) else OURS] / rates[what], 2),
                "rounds": [round(r.rate) for r in each],
            }
            for what, each in services.items()
        ]
    rate = next(r["per_second"] for r in rows if r["what"] == OURS)
    said = f"{rate:,} decisions a second, every stage in force, state on disk (aim: at least {AIM:,.0f})"
    aim = f"{'reached' if rate >= AIM else 'not reached'}: {said}"
    return {"bench": "mailpolicy", "at": datetime.now(UTC).isoformat(timespec="seconds"), "load": round(os.getloadavg()[0], 1),
            "rows": rows, "aims": [aim]}  # fmt: skip


def table(result: dict[str, object]) -> str:
    rows, aims = result["rows"], result["aims"]
    assert isinstance(rows, list)
    assert isinstance(aims, list)
    lines = [f"policy service, and labels; rounds of {SECONDS:.0f} s over {CONNECTIONS} connections, load {result['load']}", ""]
    lines.append(f"{'':20}{'state':>8}{'a second':>13}{'median ms':>11}{'99 % ms':>9}{'ours x':>8}   rounds")
    for r in rows:
        each = ", ".join(f"{n:,}" for n in r["rounds"])
        rate, waited = f"{r['per_second']:>13,}", f"{r['middle_ms']:>11.2f}{r['slow_ms']:>9.2f}"
        lines.append(f"{r['what']:20}{r['state']:>8}{rate}{waited}{r['ratio']:>8.2f}   {each}")
    return "\n".join([*lines, "", *aims])
