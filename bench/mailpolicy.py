"""Decisions of the policy service beside postgrey and policyd-rate-limit: the same mails, over TCP, in the same run.

Each service is the process its users run, with its state on a disk: ours with `keep` behind it, a permit that counts and one that limits;
policyd-rate-limit (Debian) with SQLite and one limit; postgrey (Debian) with its Berkeley DB. As Postfix would, twenty connections ask
one question each and wait for the answer. Each service is asked at the moment it acts: ours at the end of a message, the others at RCPT;
postgrey decides about a sender and a recipient, not about an account. They take turns; a figure is the median of the rounds.

What is on disk differs: the others wait for the disk at every decision. Ours writes before it answers and does not wait, so that a killed
process loses nothing and a machine without power its last moments. With all state in memory that difference is gone.
"""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from statistics import median, quantiles

from sekisho.faces import unsafe_demo
from sekisho.faces.supervise import Supervisor
from sekisho.faces.unsafe_demo import free_port, wait_for

OURS, LIMIT, GREY = "sekisho", "policyd-rate-limit", "postgrey"
QUESTIONS, ACCOUNTS, CONNECTIONS = 100_000, 1000, 20
SECONDS = 3.0
"""So long a round asks; a thousand accounts stay under 500 messages an hour each in as many rounds as there are."""
BULK = 500
"""What the counts must show before a limit is permitted; `sekisho.measures.bulk_sender_limit` says why."""
AIM = 2000.0
PLANS = unsafe_demo.EXAMPLES / "plans"
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


def question(what: str, number: int) -> bytes:
    """One mail of one account, as Postfix tells it."""
    account = f"user{number % ACCOUNTS:04}@isp.example"
    words = {
        "request": "smtpd_access_policy",
        "protocol_state": "END-OF-MESSAGE" if what == OURS else "RCPT",
        "protocol_name": "ESMTP",
        "client_address": f"198.18.{number % ACCOUNTS // 250}.{number % 250 + 1}",
        "client_name": "unknown",
        "helo_name": "client.example",
        "sender": account,
        "recipient": f"friend{number}@mail.example",
        "recipient_count": "1",
        "queue_id": "",
        "instance": f"{number:x}.{what}",
        "size": "2048",
        "sasl_username": "" if what == GREY else account,
    }
    return "".join(f"{k}={v}\n" for k, v in words.items()).encode() + b"\n"


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
    return Round(what, len(waited) / took, median(waited) * 1000, quantiles(waited, n=100)[98] * 1000)


def _next(caller: Caller, left: Iterator[bytes]) -> None:
    """The next question, or none: `asked` is 0 then."""
    caller.asked = 0.0
    for one in left:
        caller.asked = time.perf_counter()
        caller.sock.sendall(one)
        return


@contextmanager
def ours(folder: Path) -> Iterator[int]:
    """A whole node: `keep` and its processes, counts that show bulk, and by them the limit."""
    port, place = free_port(), unsafe_demo.Demo(folder / "node", free_port())
    root = place.prepare(free_port())
    settings = place.settings_path.read_text("utf-8")
    place.settings_path.write_text(f'{settings}\n[policy]\nlisten = "127.0.0.1:{port}"\n', "utf-8")
    supervisor = Supervisor.start(place.settings_path, root)
    try:
        world = place.outside()
        keys = place.enrol(world)
        wait_for("the policy service", lambda: _listens(port))
        unsafe_demo.stand(world, keys, place.book, PLANS / "bulk-sender-count.toml")
        wait_for("the counting", lambda: _counted(port, place.settings.folder / "policy" / "counts.db"))
        limit = PLANS / "bulk-sender-limit.toml"
        wait_for("the limit's permit", lambda: unsafe_demo.stand(world, keys, place.book, limit), 60)
        over = [question(OURS, ACCOUNTS * 7)] * (BULK + 1)
        wait_for("the limit", lambda: _refused(port, over))
        yield port
    finally:
        supervisor.close()


def _counted(port: int, counts: Path) -> bool:
    """Asked in bulk until it is counted: until the process has heard of its permit, it counts nothing."""
    ask(OURS, port, [question(OURS, ACCOUNTS * 3)] * (BULK + 1))
    with sqlite3.connect(f"file:{counts}?mode=ro", uri=True) as db:
        return bool(db.execute("SELECT coalesce(sum(messages), 0) FROM sent").fetchone()[0] >= BULK)


def _refused(port: int, over: Sequence[bytes]) -> bool:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        for one in over:
            sock.sendall(one)
            said = sock.recv(4096)
        return said.startswith(b"action=450")


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


SERVICES: dict[str, Callable[[Path], AbstractContextManager[int]]] = {OURS: ours, LIMIT: limiter, GREY: grey}


PLACES = {"disk": "/var/tmp", "memory": "/dev/shm"}  # noqa: S108 - folders of its own are made below these
"""Where state lies: on a disk, and for what each spends without one."""


def measure(rounds: int) -> dict[str, object]:
    """Medians over rounds; ratios to those of the others that are installed."""
    here = [OURS, *(w for w in (LIMIT, GREY) if shutil.which(w))]
    for what in sorted({LIMIT, GREY} - {*here}):
        print(f"{what} is not installed (Debian package {what}): no ratio", file=sys.stderr)
    found = {where: _rounds(here, folder, rounds) for where, folder in PLACES.items() if Path(folder).is_dir()}
    return summary(found)


def _rounds(here: Sequence[str], parent: str, rounds: int) -> dict[str, list[Round]]:
    found: dict[str, list[Round]] = {what: [] for what in here}
    with tempfile.TemporaryDirectory(dir=parent, prefix="sekisho-bench-") as temporary, ExitStack() as stack:
        ports = {what: stack.enter_context(SERVICES[what](Path(temporary))) for what in here}
        for number in range(rounds):
            for what in here:
                found[what].append(ask(what, ports[what], (question(what, number * QUESTIONS + n) for n in range(QUESTIONS))))
    return found


def summary(found: dict[str, dict[str, list[Round]]]) -> dict[str, object]:
    rows = []
    for where, services in found.items():
        rates = {what: median(r.rate for r in each) for what, each in services.items()}
        rows += [
            {
                "what": what,
                "state": where,
                "decisions_per_second": round(rates[what]),
                "middle_ms": round(median(r.middle_ms for r in each), 2),
                "slow_ms": round(median(r.slow_ms for r in each), 2),
                "ratio": round(rates[OURS] / rates[what], 2),
                "rounds": [round(r.rate) for r in each],
            }
            for what, each in services.items()
        ]
    rate = next(r["decisions_per_second"] for r in rows if r["what"] == OURS)
    aim = f"{'reached' if rate >= AIM else 'not reached'}: {rate:,} decisions a second with state on disk (aim: at least {AIM:,.0f})"
    return {"bench": "mailpolicy", "at": datetime.now(UTC).isoformat(timespec="seconds"), "load": round(os.getloadavg()[0], 1),
            "rows": rows, "aims": [aim]}  # fmt: skip


def table(result: dict[str, object]) -> str:
    rows, aims = result["rows"], result["aims"]
    assert isinstance(rows, list)
    assert isinstance(aims, list)
    lines = [f"policy service, rounds of {SECONDS:.0f} s over {CONNECTIONS} connections, load {result['load']}", ""]
    lines.append(f"{'':20}{'state':>8}{'decisions/s':>13}{'median ms':>11}{'99 % ms':>9}{'ours x':>8}   rounds")
    for r in rows:
        each = ", ".join(f"{n:,}" for n in r["rounds"])
        rate, waited = f"{r['decisions_per_second']:>13,}", f"{r['middle_ms']:>11.2f}{r['slow_ms']:>9.2f}"
        lines.append(f"{r['what']:20}{r['state']:>8}{rate}{waited}{r['ratio']:>8.2f}   {each}")
    return "\n".join([*lines, "", *aims])
