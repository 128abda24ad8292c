"""What became of mails that were under way when we died: our own mail server is asked by Message-ID, in its log and in its queue.

Written for Postfix: `cleanup` logs the Message-ID with a queue id while the message comes in, `qmgr` logs the queue id once the server
answers for it, and `postqueue -j` lists what it still holds. An id that no line of a log that reaches far enough back names was never
handed over. Whatever is not one of these is unknown.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

MOST_LOG = 256 << 20
NAMED = re.compile(rb"postfix/cleanup\[\d+\]: ([0-9A-Za-z]+): message-id=(<[^<>\s]{1,250}>)")
TAKEN = re.compile(rb"postfix/(?:qmgr|smtp|lmtp|local|virtual|pipe|error|bounce)\[\d+\]: ([0-9A-Za-z]+): (?:from=<[^>]*>, size=|to=<)")
BEGINS = re.compile(rb"(?m)^(?:(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)) ")
SLACK = timedelta(seconds=2)
ACCEPTED, ABSENT, UNKNOWN = "accepted", "absent", "unknown"


@dataclass(frozen=True)
class Server:
    """Where it writes its log, and the folder of its configuration for `postqueue`; either may be missing."""

    log: Path | None
    postfix: Path | None
    seconds: float = 20


def ask(ids: Iterable[str], known: Iterable[str], since: datetime, server: Server, now: datetime) -> Mapping[str, str]:
    """Message-ID to accepted, absent or unknown. `since`: no mail asked about is older. Reads; sends and changes nothing.

    `known`: ids of mails that the server did take about then. A log that lacks one of them loses lines, and what it lacks is unknown.
    """
    wanted = set(ids)
    log = _log(server)
    queue = _queue(server)
    if log is None or not _reaches(log, since, now):
        return dict.fromkeys(wanted, UNKNOWN)
    named: dict[str, set[str]] = {}
    for found in NAMED.finditer(log):
        named.setdefault(found[2].decode("ascii", "replace"), set()).add(found[1].decode("ascii"))
    taken = {found[1].decode("ascii") for found in TAKEN.finditer(log)} | (queue or set())
    whole = all(one in named for one in known)
    return {one: _verdict(named.get(one, set()), taken, whole=whole) for one in wanted}


def _verdict(under: set[str], taken: set[str], *, whole: bool) -> str:
    """A message that the log names and nobody took may have been cut off as it came in: who knows."""
    if not under:
        return ABSENT if whole else UNKNOWN
    if under & taken:
        return ACCEPTED
    return UNKNOWN


def _log(server: Server) -> bytes | None:
    """The log and, before it, the one rotated last; None where it cannot be read."""
    if server.log is None:
        return None
    parts = []
    for path in (server.log.with_name(server.log.name + ".1"), server.log):
        try:
            with path.open("rb") as stream:
                size = stream.seek(0, 2)
                stream.seek(max(0, size - MOST_LOG))
                parts.append(stream.read())
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return b"".join(parts) or None


def _reaches(log: bytes, since: datetime, now: datetime) -> bool:
    """Whether the log begins before the first mail asked about. A log that does not say when it begins reaches nowhere."""
    found = BEGINS.search(log)
    if found is None:
        return False
    try:
        begins = datetime.fromisoformat(found[1].decode("ascii")) if found[1] else _of_this_year(found[2].decode("ascii"), now)
    except ValueError:
        return False
    return begins - SLACK <= since


def _of_this_year(said: str, now: datetime) -> datetime:
    """A syslog time names no year and no zone: it is local, and not after now."""
    local = now.astimezone()
    at = datetime.strptime(f"{local.year} {said}", "%Y %b %d %H:%M:%S").replace(tzinfo=local.tzinfo)
    return (at if at <= local + timedelta(days=1) else at.replace(year=at.year - 1)).astimezone(UTC)


def _queue(server: Server) -> set[str] | None:
    """Queue ids the server holds; None where it cannot be asked."""
    if server.postfix is None:
        return None
    command = ["/usr/sbin/postqueue", "-c", str(server.postfix), "-j"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=server.seconds, check=True)
        return {str(json.loads(line)["queue_id"]) for line in done.stdout.splitlines() if line.strip()}
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None
