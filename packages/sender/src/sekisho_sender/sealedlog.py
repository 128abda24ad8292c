"""Access-log mode: lines of the front end become sealed records in a folder, and posts are joined to them exactly, by request id.

    FOLDER/2026-11-22.jsonl   sealed records of that day (of Japan), one JSON object a line, only ever added to
    FOLDER/subjects.jsonl     which request id belongs to which post, login or account, only ever added to

`bring_in` seals as it reads; afterwards the front end's own log may go. A sealed record's subject is the request id, since the front end
knows no post; `join` learns the post's own id from the application and opens nothing. Both may be killed at any moment and run again:
what is there is not written twice, and half a line is cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sekisho_sender.at_hand import Refused
from sekisho_sender.capture import Captured
from sekisho_sender.frontlog import Line, Wrong
from sekisho_sender.grown import alone, append, read_whole
from sekisho_sender.keeping import Keeper, Row
from sekisho_sender.record import Record, SubjectKind
from sekisho_sender.seal import day_of

SUBJECTS = "subjects.jsonl"
BATCH = 1000


@dataclass(frozen=True)
class Paths:
    """Which kind of record a request is, by its path: the longest prefix that fits, else a post."""

    prefixes: tuple[tuple[str, SubjectKind], ...] = ()

    def kind(self, path: str) -> SubjectKind:
        fits = [(len(prefix), kind) for prefix, kind in self.prefixes if path.startswith(prefix)]
        return max(fits, key=lambda fit: fit[0])[1] if fits else SubjectKind.POST


@dataclass
class Brought:
    """What became of the lines: sealed now, sealed before, answered as the client's mistake and so never a post, and wrong ones by name."""

    sealed: int = 0
    known: int = 0
    no_post: int = 0
    wrong: list[Wrong] = field(default_factory=list)


@dataclass
class Joined:
    """What became of the posts: joined now, joined before, and by name those whose request no front end wrote down (`missing`) and the
    lines of the list that say nothing usable or contradict what was joined before (`wrong`)."""

    joined: int = 0
    known: int = 0
    missing: list[Claim] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Claim:
    """The application's word that this subject came with this request."""

    kind: SubjectKind
    subject: str
    request: str


def record_of(line: Line, keeper: Keeper, paths: Paths) -> Record:
    """The record of one line. Its id follows from the request's, so that the same line read twice is one record."""
    request = Captured(line.sender, line.request, line.transport, line.http, line.user_agent[:512])
    record = keeper.record(paths.kind(line.path), line.request, request)
    offset = record.clock_offset_us if line.front == keeper.host else None  # another machine has another clock
    return replace(record, id=f"log-{line.request}", host=line.front, clock_offset_us=offset)


def bring_in(lines: Iterable[Line | Wrong], folder: Path, keeper: Keeper, paths: Paths | None = None) -> Brought:
    """Seal every line into the folder. A line without a key of its day, or without a source, is named in `wrong`.
    Raises OSError when the folder cannot be written: nothing counts as sealed that is not on the disk."""
    done, paths = Brought(), paths or Paths()
    with alone(folder):
        days: dict[str, set[str]] = {}
        waiting: dict[str, list[Row]] = {}
        for line in lines:
            if isinstance(line, Wrong):
                done.wrong.append(line)
                continue
            day, name = day_of(line.sender.seen_us), f"log-{line.request}"
            if day not in days:
                days[day] = {told["id"] for told in read_whole(day_file(folder, day))}
            if name in days[day]:
                done.known += 1
                continue
            row = sealed_or_named(line, keeper, paths, done)
            if row is None:
                continue
            days[day].add(row.id)
            waiting.setdefault(day, []).append(row)
            if sum(map(len, waiting.values())) >= BATCH:
                write_out(folder, waiting, done)
        write_out(folder, waiting, done)
    return done


def write_out(folder: Path, waiting: dict[str, list[Row]], done: Brought) -> None:
    for day, rows in waiting.items():
        append(day_file(folder, day), [printed(row) for row in rows])
        done.sealed += len(rows)
    waiting.clear()


def day_file(folder: Path, day: str) -> Path:
    return folder / f"{day}.jsonl"


def sealed_or_named(line: Line, keeper: Keeper, paths: Paths, done: Brought) -> Row | None:
    if not line.may_be_a_post:
        done.no_post += 1
        return None
    try:
        return keeper.row(record_of(line, keeper, paths))
    except Refused as no:
        done.wrong.append(Wrong(line.front, 0, f"request {line.request}: {no}"))
        return None


def printed(row: Row) -> dict[str, Any]:
    """A row as it stands in the folder: as in the database, `sealed` in hex."""
    return {
        "id": row.id,
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "seen_day": row.seen_day,
        "key_id": row.key_id,
        "sealed": row.sealed.hex(),
        "ip_index": row.ip_index,
    }


def read_claims(file: Path) -> Iterator[Claim | Wrong]:
    """The application's list, one JSON object a line: {"subject": "17", "request": "<its id>", "kind": "post"}; without a kind, a post."""
    with file.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                told = json.loads(raw)
                kind = SubjectKind(told.get("kind", "post"))
                if not isinstance(told["request"], str) or not isinstance(told["subject"], str | int):
                    raise ValueError("subject and request are texts")
                yield Claim(kind, str(told["subject"]), told["request"])
            except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as wrong:
                yield Wrong(str(file), number, f"no claim: {wrong!r}")


def join(claims: Iterable[Claim | Wrong], folder: Path) -> Joined:
    """Write down for each claim that its request's record belongs to its subject. One request may carry several subjects; a subject has one
    request, and a second one is refused and named: nobody moves a post to somebody else's record."""
    done = Joined()
    with alone(folder):
        there = {told["subject"]: told["subject_kind"] for day in sorted(folder.glob("????-??-??.jsonl")) for told in read_whole(day)}
        told_before = {(told["kind"], told["subject"]): told["request"] for told in read_whole(folder / SUBJECTS)}
        fresh: list[dict[str, Any]] = []
        for claim in claims:
            if isinstance(claim, Wrong):
                done.wrong.append(claim)
                continue
            before = told_before.get((claim.kind, claim.subject))
            if before == claim.request:
                done.known += 1
            elif before is not None:
                done.wrong.append(Wrong(SUBJECTS, 0, f"{claim.kind} {claim.subject} belongs to request {before}, not to {claim.request}"))
            elif there.get(claim.request) != claim.kind:
                done.missing.append(claim)
            else:
                told_before[claim.kind, claim.subject] = claim.request
                fresh.append({"kind": claim.kind.value, "subject": claim.subject, "request": claim.request})
        done.joined = len(fresh)
        append(folder / SUBJECTS, fresh)
    return done
