"""Names of a list are answered with the address of our own page, for lines that have not switched the filter off.

`scope` of the permit: `ranges`, `line_v6`, `starts` and `told` as of `class_filter`; `list` (SHA-256 of the list's octets), `origin` (who
publishes it), and `categories`: by name its `title`, how many `names` the list has in it, and what was tried before: how many names of
the operator's own (`others`), and how many of these the list would take for its own (`wrong`).

What a resolver reads of it are two constant databases. `names`: by name the permits that list it. `lines`: by permit from when until
when it counts and for whom, by address the permits that are off for it. And a line of text, `heart`: until when any of it counts, which
is renewed: what nobody renews is over in HEART seconds; and which writing of `lines` it is about, so that a new one is read at once.
Nothing is counted, and nothing of who asked for what is kept.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sekisho.effects.prefix_sets import BadScope, Prefix, read_lines
from sekisho.effects.with_switch import NAME, is_count, is_plain, line_in, read_title, read_tried, starts
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Element, Value, Words
from sekisho.wire import cdb
from sekisho.wire.name_list import NameList, in_wire

MEASURE, STEP = "name-filter", "filter-names"
ELEMENTS = frozenset({Element.COUNTERPART})
"""What is looked at of a communication: the name that is asked for. The line's own address only says whose switch counts."""
HEART = 2
"""Seconds that the filter outlives whoever last renewed it, at most: the resolver's clock has whole seconds."""
MOST_CATEGORIES = 32
DIGEST = 64
TRIAL, OF_TRIAL = "permit-switch-test", "switch-test.sekisho.invalid"
"""The switch is tried with a permit of nobody's, a name that cannot exist, and lines of the machine itself."""
TRIED = ipaddress.ip_address("127.0.53.1")
MACHINE = ipaddress.ip_network("127.0.0.0/8")
ALWAYS = 1 << 40
"""A second so far ahead that the trial's permit never ends; only the heart ends it."""


@dataclass(frozen=True)
class Category:
    """Of `others` names of the operator's own, `wrong` were listed in it."""

    name: str
    title: Words
    names: int
    others: int
    wrong: int


@dataclass(frozen=True)
class NameFilter:
    """A permit read. `off`: prefixes of lines that switched it off."""

    permit: str
    until: datetime
    ranges: tuple[Prefix, ...]
    line_v6: int
    starts: datetime
    list: str
    origin: str
    categories: tuple[Category, ...]
    off: tuple[Prefix, ...] = ()

    def line(self, address: str) -> Prefix | None:
        """The line that this address is of; None where it is none of these."""
        return line_in(self.ranges, self.line_v6, address)

    def fits(self, listed: NameList) -> bool:
        """Whether this is the very list, in the very categories, that the permit is about."""
        return listed.digest == self.list and dict(listed.counts()) == {c.name: c.names for c in self.categories}


def compile_names(permit: Permit, off: Iterable[str] = ()) -> NameFilter:
    """Raises BadScope for a scope that is not of this step's form."""
    return read_names(permit.id, permit.until, permit.scope, off)


def read_names(permit: str, until: datetime, scope: Mapping[str, Value], off: Iterable[str] = ()) -> NameFilter:
    """The scope of a permit or of a plan. Raises BadScope."""
    ranges, line_v6 = read_lines(scope)
    listed, origin = scope.get("list"), scope.get("origin")
    if not isinstance(listed, str) or len(listed) != DIGEST:
        raise BadScope("scope.list", listed)
    if not is_plain(origin):
        raise BadScope("scope.origin", origin)
    said = scope.get("categories")
    if not isinstance(said, Mapping) or not 0 < len(said) <= MOST_CATEGORIES:
        raise BadScope("scope.categories", said)
    categories = tuple(_category(name, words) for name, words in sorted(said.items()))
    prefixes = tuple(ipaddress.ip_network(p) for p in off)
    return NameFilter(permit, until, ranges, line_v6, starts(scope), listed, str(origin), categories, prefixes)


def _category(name: str, words: Value) -> Category:
    where = f"scope.categories.{name}"
    if not NAME.fullmatch(name) or not isinstance(words, Mapping):
        raise BadScope(where, words)
    if unknown := sorted(set(words) - {"title", "names", "others", "wrong"}):
        raise BadScope(where, unknown)
    title, tried = read_title(words, where), read_tried(words, where)
    names = words.get("names")
    if not is_count(names) or not int(str(names)):
        raise BadScope(f"{where}.names", names)
    return Category(name, title, int(str(names)), *tried)


def told_digest(one: NameFilter) -> str:
    """SHA-256 of everything that customers are told of these rules, hex: which list of whose, and each category in its words."""
    return digest([one.list, one.origin, [replace(c, name="") for c in one.categories]])


def names_file(filters: Iterable[NameFilter], listed: NameList | None) -> bytes:
    """By name, as DNS writes it, the permits that list it; and one name of nobody's whose answer tells that just this was read."""
    permits = " ".join(sorted(one.permit for one in filters)).encode()
    names = sorted(set().union(*listed.names.values())) if listed and permits else []
    found = [(in_wire(name), permits) for name in names]
    return cdb.make([*found, (in_wire(trial_name(found)), TRIAL.encode())])


def trial_name(found: Iterable[tuple[bytes, bytes]]) -> str:
    """The name that is in this file alone."""
    said = hashlib.sha256()
    for key, value in found:
        said.update(b"%d %d " % (len(key), len(value)) + key + value)
    return f"{said.hexdigest()[:32]}.{OF_TRIAL}"


def trial_of(names: bytes) -> str:
    """The same, read off the file."""
    return trial_name(r for r in cdb.records(names) if r[1] != TRIAL.encode())


def lines_file(filters: Iterable[NameFilter], *, tried_off: bool) -> tuple[bytes, str]:
    """What counts when and for whom; and the address of this machine that is off in this file alone."""
    filters = sorted(filters, key=lambda f: f.permit)
    found = [(one.permit.encode(), _words(one.starts, one.until, one.line_v6, one.ranges)) for one in filters]
    found.append((TRIAL.encode(), b"0 %d 128 %s" % (ALWAYS, str(MACHINE).encode())))
    off = dict[bytes, list[str]]()
    for one in filters:
        for line in one.off:
            off.setdefault(line.network_address.packed, []).append(one.permit)
    if tried_off:
        off[TRIED.packed] = [TRIAL]
    found += [(line, f" {' '.join(permits)} ".encode()) for line, permits in sorted(off.items())]
    seen = hashlib.sha256(b"".join(k + v for k, v in found)).digest()
    mine = ipaddress.ip_address(bytes([127, 1 + seen[0] % 254, seen[1], 1 + seen[2] % 254]))
    if mine != TRIED:
        found.append((mine.packed, f" {TRIAL} ".encode()))
    return cdb.make(found), str(mine)


def heart_file(now: datetime, written: str) -> bytes:
    """Until which second, of the machine's clock, all of it counts; and the number, in hex, of what was written."""
    return f"{int(now.timestamp()) + HEART} {written}".encode()


def _words(begin: datetime, until: datetime, line_v6: int, ranges: Iterable[Prefix]) -> bytes:
    return f"{_second(begin)} {_second(until)} {line_v6} {' '.join(map(str, ranges))}".encode()


def _second(moment: datetime) -> int:
    """Of the machine's clock, which begins in 1970: the resolver's rule reads no number below it."""
    return max(0, int(min(moment, datetime.max.replace(tzinfo=UTC)).timestamp()))
