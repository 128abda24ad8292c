"""FreeRADIUS accounting detail text to accounting rows.

A record is a header line (arrival, in the server's zone), lines of tab, attribute, value, and an empty line. Of its
attributes only those named here are read; the rest is never parsed. Event-Timestamp is the NAS's time of the event.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from sekisho.wire.cursor import FormError
from sekisho.wire.intervals import Assignment

ZONES: Mapping[str, timedelta] = {"UTC": timedelta(0), "GMT": timedelta(0), "Z": timedelta(0), "JST": timedelta(hours=9)}
"""Zone names that mean one thing; further ones are the operator's to declare. An unknown name is refused, never guessed."""

_STATUS = {
    "Start": "start", "1": "start", "Stop": "stop", "2": "stop", "Interim-Update": "interim", "Alive": "interim", "3": "interim",
    "Accounting-On": "on", "7": "on", "Accounting-Off": "off", "8": "off",
}  # fmt: skip
_SINGLE = frozenset(
    {
        "Acct-Status-Type", "Event-Timestamp", "Timestamp", "Acct-Delay-Time", "User-Name", "NAS-Identifier", "NAS-IP-Address",
        "NAS-IPv6-Address", "Acct-Session-Id", "Acct-Session-Time", "Framed-IP-Address", "Acct-Unique-Session-Id",
    }
)  # fmt: skip
_SEVERAL = frozenset({"Framed-IPv6-Prefix", "Delegated-IPv6-Prefix", "Framed-IPv6-Address", "Class"})
_ATTRIBUTE = re.compile(rb"\t([A-Za-z0-9][A-Za-z0-9.-]{0,127})(?::\d{1,2})? [:+]?=~? ?(.*)")
_CTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})")
_EVENT = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([A-Za-z]{1,8}|[+-]\d{4})")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)")
_MONTHS = {"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * i : 3 * i + 3]: i + 1 for i in range(12)}
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}
_UNSET = frozenset({IPv4Address(0), IPv4Address(0xFFFFFFFF), IPv4Address(0xFFFFFFFE)})  # RFC 2865 §5.8: the NAS or the user chooses


@dataclass(frozen=True)
class DetailLimits:
    """What one record may be; longer ones are refused whole."""

    line_bytes: int = 4096
    lines: int = 512


@dataclass(slots=True)
class _Open:
    """The record that is being read."""

    header: str
    attributes: dict[str, list[str]] = field(default_factory=dict)
    lines: int = 0
    fault: str | None = None


class DetailReader:
    """Reads detail text given in any pieces: the same bytes give the same rows however they are cut.

    `server_zone`: of the header lines, None if not declared (then they tell no time). `zones`: further zone names of
    Event-Timestamp. `counters` counts records, rows, and each refusal by code; a record with one wrong line is refused whole,
    since nobody knows what that line said.
    """

    def __init__(
        self, server_zone: tzinfo | None = None, zones: Mapping[str, timedelta] | None = None, limits: DetailLimits | None = None
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._limits = limits or DetailLimits()
        self._clock = Clock(server_zone, {**ZONES, **(zones or {})})
        self._rest = b""
        self._skipping = False
        self._open: _Open | None = None
        self._rows: list[Assignment] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the log."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._line(self._rest + line)
            self._rest, self._skipping = b"", False
        if self._skipping:
            return
        self._rest += rest
        if len(self._rest) > self._limits.line_bytes:
            self._refuse_line("line-too-long")
            self._rest, self._skipping = b"", True

    def take(self) -> list[Assignment]:
        """The rows of all whole records since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> None:
        """The log ends here. A record without its empty line may lack its last attributes, and is refused."""
        if self._rest or self._skipping:
            self._refuse_line("unfinished")
            self._rest, self._skipping = b"", False
        self._break_off()

    def _line(self, line: bytes) -> None:
        if self._skipping:
            return  # already refused
        if len(line) > self._limits.line_bytes:
            self._refuse_line("line-too-long")
        elif not line.strip():
            self._finish()
        elif line.startswith(b"\t"):
            self._attribute(line)
        else:
            self._break_off()
            self._open = _Open(line.decode("utf-8", "replace").rstrip("\r"))

    def _attribute(self, line: bytes) -> None:
        record = self._open
        if record is None:
            self._refuse_line("no-header")
            return
        record.lines += 1
        if record.lines > self._limits.lines:
            record.fault = record.fault or "record-too-long"
            return
        match = _ATTRIBUTE.fullmatch(line.rstrip(b"\r"))
        try:
            name = match[1].decode("ascii") if match else ""
            if match is None:
                record.fault = record.fault or "bad-line"
            elif name in _SINGLE or name in _SEVERAL:
                self._keep(record, name, unquote(match[2].decode("utf-8")))
        except (FormError, UnicodeDecodeError) as error:
            record.fault = record.fault or (error.code if isinstance(error, FormError) else "bad-text")

    def _keep(self, record: _Open, name: str, value: str) -> None:
        values = record.attributes.setdefault(name, [])
        if name in _SINGLE and values and values != [value]:
            raise FormError("log", "contradicting-attribute", f"{name} twice in one record, with different values")
        if value not in values:
            values.append(value)

    def _refuse_line(self, code: str) -> None:
        if self._open is None:
            self._open = _Open("")  # what follows up to the next empty line belongs to what we could not read
        self._open.fault = self._open.fault or code

    def _break_off(self) -> None:
        if self._open is not None:
            self._refuse_line("unfinished")
        self._finish()

    def _finish(self) -> None:
        record, self._open = self._open, None
        if record is None:
            return
        self.counters["records"] += 1
        try:
            if record.fault:
                raise FormError("log", record.fault)
            rows = _rows(record.header, record.attributes, self._clock)
        except FormError as error:
            self.counters[error.code] += 1
            return
        self.counters["rows"] += len(rows)
        self._rows.extend(rows)


def unquote(text: str) -> str:
    """An attribute's value as FreeRADIUS prints it: bare, or quoted with backslash escapes. Raises FormError `bad-quoting`."""
    if not text.startswith('"'):
        return text.strip()
    if len(text) < 2 or not text.endswith('"') or re.fullmatch(r'(?:[^"\\]|\\.)*', text[1:-1], re.DOTALL) is None:
        raise FormError("log", "bad-quoting", "a quoted value that does not end")
    return _ESCAPE.sub(_unescape, text[1:-1])


def _unescape(match: re.Match[str]) -> str:
    octal, hexadecimal, plain = match.groups()
    if octal or hexadecimal:
        return chr(int(octal, 8) if octal else int(hexadecimal, 16))
    return _PLAIN.get(plain, plain)


@dataclass(frozen=True)
class Clock:
    """How this log's times are to be read: the server's zone (None: not declared) and what zone names mean."""

    server_zone: tzinfo | None
    zones: Mapping[str, timedelta]

    def event(self, text: str) -> int:
        """Event-Timestamp in UTC milliseconds: seconds since 1970, C-locale text with a zone, or ISO 8601 with an offset.

        Raises FormError `unknown-zone` or `bad-time`.
        """
        if text.isascii() and text.isdigit():
            return _epoch(text)
        match = _EVENT.fullmatch(text)
        if match:
            month, day, year, hour, minute, second, name = match.groups()
            return _instant(year, month, day, hour, minute, second, self._zone(name))
        if _ISO.fullmatch(text):
            try:
                return _milliseconds(datetime.fromisoformat(text))
            except ValueError:
                pass
        raise FormError("log", "bad-time", "an event time in no known form, or without a zone")

    def header(self, text: str) -> int:
        """The header line in UTC milliseconds. Raises FormError `bad-header` or `unknown-zone`."""
        match = _CTIME.fullmatch(text)
        if match is None:
            raise FormError("log", "bad-header", "a record does not begin with a date")
        if self.server_zone is None:
            raise FormError("log", "unknown-zone", "the server's zone is not declared, so header lines tell no time")
        month, day, hour, minute, second, year = match.groups()
        return _instant(year, month, day, hour, minute, second, self.server_zone)

    def _zone(self, name: str) -> tzinfo:
        if name[0] in "+-":
            offset = timedelta(hours=int(name[1:3]), minutes=int(name[3:5])) * (1 if name[0] == "+" else -1)
        elif name in self.zones:
            offset = self.zones[name]
        else:
            raise FormError("log", "unknown-zone", f"zone {name} is not declared")
        try:
            return timezone(offset)
        except ValueError as error:
            raise FormError("log", "bad-time", "a zone a day or more away from UTC") from error


def _epoch(text: str) -> int:
    if len(text) > 10 or not 0 < int(text) < 1 << 32:
        raise FormError("log", "bad-time", "seconds since 1970 out of range")
    return int(text) * 1000


def _instant(year: str, month: str, day: str, hour: str, minute: str, second: str, zone: tzinfo) -> int:
    if month not in _MONTHS:
        raise FormError("log", "bad-time", "no such month")
    try:
        return _milliseconds(datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=zone))
    except ValueError as error:
        raise FormError("log", "bad-time", "no such date") from error


def _milliseconds(when: datetime) -> int:
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    if since < timedelta(0):
        raise FormError("log", "bad-time", "before 1970")
    return since // timedelta(milliseconds=1)


def _rows(header: str, attributes: Mapping[str, list[str]], clock: Clock) -> list[Assignment]:
    """One row per address, one without where there is none. Raises FormError with the reason the record is refused."""
    one = {name: values[0] for name, values in attributes.items()}
    status = _STATUS.get(one.get("Acct-Status-Type", ""))
    if status is None:
        raise FormError("log", "other-status", "not a start, stop, interim, on or off")
    nas = one.get("NAS-Identifier") or one.get("NAS-IP-Address") or one.get("NAS-IPv6-Address")
    if not nas:
        raise FormError("log", "no-nas", "no attribute names the NAS")
    at = _event_time(header, one, clock)
    seconds = _number(one, "Acct-Session-Time")
    user, session = one.get("User-Name") or None, one.get("Acct-Session-Id") or None
    found: Iterable[tuple[bytes | None, int | None]] = sorted(_addresses(attributes)) or [(None, None)]
    return [Assignment(address, length, user, nas, session, status, at, seconds) for address, length in found]


def _event_time(header: str, one: Mapping[str, str], clock: Clock) -> int:
    """Event-Timestamp; else arrival less Acct-Delay-Time. A present Event-Timestamp that cannot be read is never replaced."""
    if "Event-Timestamp" in one:
        return clock.event(one["Event-Timestamp"])
    arrival = _epoch(one["Timestamp"]) if one.get("Timestamp", "").isdecimal() else clock.header(header)
    return max(0, arrival - (_number(one, "Acct-Delay-Time") or 0) * 1000)


def _number(one: Mapping[str, str], name: str) -> int | None:
    text = one.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) >= 1 << 32:
        raise FormError("log", "bad-number", f"{name} is no 32-bit number")
    return int(text)


def _addresses(attributes: Mapping[str, list[str]]) -> set[tuple[bytes, int]]:
    try:
        found = {_whole(a) for t in attributes.get("Framed-IP-Address", []) if (a := IPv4Address(t)) not in _UNSET}
        found |= {_whole(IPv6Address(t)) for t in attributes.get("Framed-IPv6-Address", [])}
        for name in ("Framed-IPv6-Prefix", "Delegated-IPv6-Prefix"):
            for text in attributes.get(name, []):
                network = IPv6Network(text, strict=False)
                found.add((network.network_address.packed, network.prefixlen))
    except ValueError as error:
        raise FormError("log", "bad-address", "an address attribute holds no address") from error
    return found


def _whole(address: IPv4Address | IPv6Address) -> tuple[bytes, int]:
    return (b"\0" * 10 + b"\xff\xff" + address.packed if isinstance(address, IPv4Address) else address.packed), 128
