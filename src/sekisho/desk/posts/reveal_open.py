"""Opens one sealed sender record, in a `work` child that ends with it. Of the record leaves only what this view may show."""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from sekisho.desk.flows.look import Opened
from sekisho.desk.flows.release_key import Compared, ReleasedRecord
from sekisho.desk.outside import Outside
from sekisho.desk.reveals import ADDRESS, BESIDE, TIME, End, View
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.store.errors import SealError
from sekisho.store.sks1 import came_from, open_record

SHOWN_V4, SHOWN_V6 = 16, 32
"""How many bits of an address a first view shows: enough to name the network, far from a line."""
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class OpenRecord:
    """An opened look of the sort `reveal`."""

    opened: Opened


def carry_out(world: Outside, request: OpenRecord) -> None:
    """Tells `keep`, and nobody else, what was seen. Raises SealError for a record that was changed or moved to another post."""
    look = request.opened.look.id
    given = read(ReleasedRecord, world.keep.call("release-record", look=look))
    row = given.row
    told = open_record(row.sealed, given.key, row.kind, row.subject, row.id)
    service = world.settings.service_of(given.service)
    view = seen(told, given, _operators(service.operators if service else None))
    world.keep.call("record-seen", look=look, view=view)


def seen(told: Mapping[str, Any], given: ReleasedRecord, operators: Iterable[tuple[Network, str]]) -> View:
    """The view: of the network, or of exactly the items. Raises SealError for a record without the shape of one."""
    try:
        sender = told["sender"]
        source = _end(sender["source"])
        held = tuple(i for i in given.items if _has(i, given.row.kind, source))
        first = View(
            kind=given.row.kind,
            day=given.row.day,
            full=False,
            prefix=_prefix(source),
            operator=_operator(source, operators),
            same_as=_same(source, given.others),
            held=held,
            not_held=tuple(i for i in given.items if i not in held),
            why_empty=str(sender["why_empty"]),
            tampered=bool(sender["tampered"]),
            not_compared=tuple(o.id for o in given.others if o.key is None) if source else (),
        )
        return _items(told, first) if given.full else first
    except (KeyError, TypeError, ValueError) as why:
        raise SealError("not-a-record", "what was sealed is no sender record") from why


def _items(told: Mapping[str, Any], first: View) -> View:
    """The items held, and with them the digest that whoever holds the record can compare."""
    sender = told["sender"]
    view = replace(first, full=True, host=str(told["host"]), digest=sha256(canonical(told)).hexdigest())
    if ADDRESS & set(first.held):
        source, there = _end(sender["source"]), _end(sender["destination"])
        view = replace(view, source=source, destination=there, transport=str(told["transport"]), http=str(told["http"]))
    if TIME & set(first.held):
        view = replace(view, seen_us=int(sender["seen_us"]), clock_offset_us=told["clock_offset_us"])
    return view


def _same(source: End | None, others: Iterable[Compared]) -> tuple[str, ...]:
    """Which of the other records came from this address; of one without an address nobody can tell."""
    return () if source is None else tuple(o.id for o in others if o.key is not None and came_from(o.index, o.key, source.ip))


def _has(item: str, kind: str, source: End | None) -> bool:
    """Whether a record of this kind has the item: the time always, the address where it is known."""
    if (kind in BESIDE) != item.startswith("login-"):
        return False
    return item in TIME or (item in ADDRESS and source is not None)


def _end(told: Mapping[str, Any] | None) -> End | None:
    return None if told is None else End(str(ipaddress.ip_address(told["ip"])), told["port"])


def _prefix(source: End | None) -> str:
    if source is None:
        return ""
    bits = SHOWN_V6 if ":" in source.ip else SHOWN_V4
    return str(ipaddress.ip_network(f"{source.ip}/{bits}", strict=False))


def _operator(source: End | None, operators: Iterable[tuple[Network, str]]) -> str:
    """Who runs the longest known prefix around the address."""
    if source is None:
        return ""
    address: IP = ipaddress.ip_address(source.ip)
    around = [(n.prefixlen, name) for n, name in operators if n.version == address.version and address in n]
    return max(around, default=(0, ""))[1]


def _operators(path: Path | None) -> list[tuple[Network, str]]:
    """Lines `prefix,name`; one that is none is passed over, since a table of others' networks never stops a case."""
    if path is None:
        return []
    found: list[tuple[Network, str]] = []
    with path.open(encoding="utf-8", newline="") as source:
        for line in csv.reader(source):
            try:
                found.append((ipaddress.ip_network(line[0].strip()), line[1].strip()))
            except (ValueError, IndexError):
                continue
    return found
