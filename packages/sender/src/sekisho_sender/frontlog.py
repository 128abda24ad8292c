"""Reading what nginx wrote with our `log_format` (recipes/nginx-access-log.conf): one JSON object a line for each writing request.

Files come as they lie there: the living one, rotated ones, gzip, from several front ends. A line that says something impossible is named,
never mended and never a reason to lose its neighbours.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from sekisho_sender.record import Address, Hop, Sender, address

SCHEMA = "sekisho.sender-log/1"
REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{16,128}")
SECONDS = re.compile(r"(\d{1,11})\.(\d{3,6})", re.ASCII)
LONGEST_LINE = 65536
TEXTS = ("method", "path", "http", "transport", "agent", "front", "peer")


@dataclass(frozen=True, slots=True)
class Line:
    """One request as the front end saw it. `request`: the id that the application stored with its post. `front`: which front end wrote it.
    `status` 0 to 999: the answer the client got."""

    request: str
    sender: Sender
    method: str
    path: str
    status: int
    http: str
    transport: str
    user_agent: str
    front: str

    @property
    def may_be_a_post(self) -> bool:
        """Whether the application may have kept what was sent: always, unless it answered that it was the client's mistake. An answer that
        never arrived (499, 5xx) says nothing about that."""
        return not 400 <= self.status < 499


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that was not read: where it stands and what is wrong with it."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


def read_line(text: str) -> Line:
    """One line. Raises ValueError naming the field."""
    try:
        told = json.loads(text)
    except RecursionError:
        raise ValueError("not a line of ours: brackets without end") from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ValueError(f"schema: not a line of {SCHEMA}")
    wrong = [name for name in TEXTS if not is_text(told.get(name))]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: missing, or no text")
    said = told.get("request")
    if not isinstance(said, str) or not REQUEST_ID.fullmatch(said):
        raise ValueError(f"request: {told.get('request')!r} is no request id")
    status = str(told.get("status"))
    if not re.fullmatch(r"\d{1,3}", status, re.ASCII):
        raise ValueError(f"status: {status!r}")
    return Line(
        request=told["request"],
        sender=sender_of(told),
        method=told["method"],
        path=told["path"],
        status=int(status),
        http=told["http"].removeprefix("HTTP/"),
        transport=told["transport"],
        user_agent=told["agent"],
        front=told["front"],
    )


def is_text(value: object) -> bool:
    """Whether it is a text that can be written again: JSON may spell half a character (a surrogate)."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def sender_of(told: dict[str, Any]) -> Sender:
    """Who sent the request: both ends as nginx saw them, and when it began (when it was written less how long it took)."""
    source, no_source = end_of(told, "source")
    destination, no_destination = end_of(told, "destination")
    hop = f"front end {told['front']}"
    seen = micros(told, "ended") - micros(told, "took")
    if seen < 0:
        raise ValueError(f"took: {told['took']!r} is longer ago than 1970")
    raw = f"{told['source']}:{told.get('source_port', '')} {told['destination']}:{told.get('destination_port', '')}"
    return Sender(
        source=source,
        destination=destination,
        seen_us=seen,
        hop=hop,
        reading="access-log",
        why_empty=",".join(why for why in (*no_source, *no_destination) if why),
        tampered=False,
        chain=(Hop(peer=told["peer"] or hop, header="access-log", raw=raw[:1024], trusted=True),),
    )


def end_of(told: dict[str, Any], name: str) -> tuple[Address | None, tuple[str, ...]]:
    """One end, and what it lacks. nginx writes "" or "-" for what it does not know, and "unix:" for a socket that has no address."""
    ip, port = told.get(name), told.get(f"{name}_port")
    if not isinstance(ip, str) or not isinstance(port, str) or not is_text(ip):
        raise ValueError(f"{name}: missing, or no text")
    if ip in ("", "-") or ip.startswith("unix:"):
        return None, (f"{name}:unix" if ip.startswith("unix:") else f"{name}:not-in-the-log",)
    if port in ("", "-"):
        return read_end(name, ip, None), (f"{name}-port:not-in-the-log",)
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII):
        raise ValueError(f"{name}_port: {port!r} is no port")
    return read_end(name, ip, int(port)), ()


def read_end(name: str, ip: str, port: int | None) -> Address:
    try:
        return address(ip, port)
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None


def micros(told: dict[str, Any], name: str) -> int:
    """Seconds with a fraction as nginx writes them, in microseconds; no float rounds them."""
    found = SECONDS.fullmatch(str(told.get(name)))
    if found is None:
        raise ValueError(f"{name}: {told.get(name)!r} is no time in seconds")
    return int(found[1]) * 1_000_000 + int(found[2].ljust(6, "0"))


def read_logs(files: Iterable[Path]) -> Iterator[Line | Wrong]:
    """Every line of every file, in the order given; `.gz` is unpacked. A last line without its end is still being written and left for the
    next time. A damaged file is named; what stood before the damage counts."""
    for file in files:
        yield from read_file(file)


def read_file(file: Path) -> Iterator[Line | Wrong]:
    number = 0
    try:
        with open_log(file) as lines:
            while raw := lines.readline(LONGEST_LINE):
                number += 1
                whole = raw.endswith(b"\n")
                if not whole and len(raw) < LONGEST_LINE:
                    return
                while not whole and (more := lines.readline(LONGEST_LINE)):
                    whole = more.endswith(b"\n")
                    raw = b""
                yield read_numbered(file, number, raw)
    except (OSError, EOFError, zlib.error) as wrong:
        yield Wrong(str(file), number + 1, f"unreadable from here: {wrong}")


def read_numbered(file: Path, number: int, raw: bytes) -> Line | Wrong:
    if not raw:
        return Wrong(str(file), number, f"longer than {LONGEST_LINE} bytes")
    try:
        return read_line(raw.decode("utf-8", "replace"))
    except json.JSONDecodeError as wrong:
        return Wrong(str(file), number, f"not JSON: {wrong.msg} at character {wrong.pos + 1}")
    except ValueError as wrong:
        return Wrong(str(file), number, str(wrong))


def open_log(file: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file, "rb")) if file.suffix == ".gz" else file.open("rb")


def logs_of(living: Path) -> list[Path]:
    """A living log and what rotation made of it (`x.jsonl`, `x.jsonl.1`, `x.jsonl.2.gz`, `x.jsonl-20261122.gz`), the oldest first."""
    found = [p for p in living.parent.glob(living.name + "*") if re.fullmatch(re.escape(living.name) + r"([.-][0-9]+)?(\.gz)?", p.name)]
    return sorted(found, key=lambda p: (p.stat().st_mtime_ns, p.name != living.name, p.name))
