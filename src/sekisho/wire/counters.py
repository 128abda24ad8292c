"""Totals that equipment keeps of itself, from the forms in which it tells them. A closed list of names: nothing else is taken over.

Sources: unbound-control(8) "stats_noreset"; BIND ARM, statistics-channels JSON `/json/v1/server`; dnsdist's
`/api/v1/servers/localhost/statistics`; Kea's `statistic-get-all`; Linux `/sys/class/net/*/statistics`. What names anybody
(clients, zones, query names) stands in none of the names below, whatever a source tells beside it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sekisho.wire.cursor import FormError

MOST_BYTES = 1 << 20
MOST = (1 << 63) - 1
ZONE = re.compile(r"zone\.[a-z][a-z0-9-]{0,23}")
MOST_ZONES = 24
TYPES = ("A", "AAAA", "HTTPS", "SVCB", "PTR", "SRV", "MX", "TXT", "NS", "SOA", "CNAME", "CAA", "DS", "DNSKEY", "NAPTR", "TLSA", "ANY")
OTHER = "OTHER"
CUMULATIVE = frozenset({"octets.in", "octets.out", "queries", "queries.ipv6", "cache.hits", "cache.misses"}) | {
    f"qtype.{t}" for t in (*TYPES, OTHER)
}
"""Names whose values only grow, until their source starts again."""
LEVELS = frozenset({"devices", "leases"})
"""Names whose values are of now; so are those of zones of the venue."""

UNBOUND = {
    "total.num.queries": "queries",
    "total.num.cachehits": "cache.hits",
    "total.num.cachemiss": "cache.misses",
    "num.query.ipv6": "queries.ipv6",
}
UNBOUND_TYPE = "num.query.type."
DNSDIST = {"queries": "queries", "cache-hits": "cache.hits", "cache-misses": "cache.misses"}
KEA = re.compile(r"subnet\[[0-9]+\]\.assigned-(?:addresses|nas)")


def known(name: str) -> bool:
    """Whether this is the name of a counter."""
    return name in CUMULATIVE or name in LEVELS or ZONE.fullmatch(name) is not None


def unbound(text: bytes) -> dict[str, int]:
    """Lines of "name=value" as unbound tells them. Raises FormError: long, text, number, nothing."""
    _bounded(text, "unbound")
    found: Counter[str] = Counter()
    for line in _text(text, "unbound").splitlines():
        name, sep, value = line.partition("=")
        mine = UNBOUND.get(name) or (_type(name.removeprefix(UNBOUND_TYPE)) if name.startswith(UNBOUND_TYPE) else "")
        if sep and mine:
            found[mine] += _decimal(value, "unbound")
    return _some(found, "unbound")


def bind(text: bytes) -> dict[str, int]:
    """The server's part of BIND's statistics channel. Raises FormError."""
    said = _table(_json(text, "bind"), "bind")
    found: Counter[str] = Counter()
    server = _part(said, "nsstats")
    found["queries"] = _number(server.get("Requestv4", 0), "bind") + _number(server.get("Requestv6", 0), "bind")
    found["queries.ipv6"] = _number(server.get("Requestv6", 0), "bind")
    for name, value in _part(said, "qtypes").items():
        found[_type(str(name))] += _number(value, "bind")
    for name, view in _part(said, "views").items():
        if name != "_bind" and isinstance(view, dict):
            cache = _part(_part(view, "resolver"), "cachestats")
            found["cache.hits"] += _number(cache.get("QueryHits", 0), "bind")
            found["cache.misses"] += _number(cache.get("QueryMisses", 0), "bind")
    return _some(found if server else Counter(), "bind")


def dnsdist(text: bytes) -> dict[str, int]:
    """A list of {"name", "value"}, or an object by name, as older versions tell it. Raises FormError."""
    said = _json(text, "dnsdist")
    pairs: Iterable[tuple[Any, Any]] = said.items() if isinstance(said, dict) else _pairs(said)
    found = Counter({DNSDIST[str(n)]: _number(v, "dnsdist") for n, v in pairs if str(n) in DNSDIST})
    return _some(found, "dnsdist")


def kea(text: bytes) -> dict[str, int]:
    """How many addresses are assigned in all, of every subnet together. Raises FormError."""
    said = _json(text, "kea")
    answer = _table(said[0] if isinstance(said, list) and said else said, "kea")
    if answer.get("result") != 0:
        raise FormError("kea", "refused")
    total = 0
    for name, values in _part(answer, "arguments").items():
        if KEA.fullmatch(str(name)):
            total += _number(_first(values), "kea")
    return {"leases": total}


def wifi(text: bytes) -> dict[str, int]:
    """{"devices": n, "zones": {name: n}}: what a script of the venue writes from its controller, totals alone. Raises FormError."""
    said = _table(_json(text, "wifi"), "wifi")
    zones = said.get("zones", {})
    if not set(said) <= {"devices", "zones"} or not isinstance(zones, dict) or len(zones) > MOST_ZONES:
        raise FormError("wifi", "form", "devices and zones, at most 24 of them, and nothing else")
    found = {"devices": _number(said["devices"], "wifi")} if "devices" in said else {}
    for name, value in zones.items():
        if ZONE.fullmatch(f"zone.{name}") is None:
            raise FormError("wifi", "zone", "a zone is called like hall-a: small letters, digits, hyphens, at most 24")
        found[f"zone.{name}"] = _number(value, "wifi")
    return _some(Counter(found), "wifi")


def octets(received: bytes, sent: bytes, who: str = "interface") -> dict[str, int]:
    """The two counters of an interface towards the Internet: what it received came in. Raises FormError."""
    return {"octets.in": _decimal(_text(received, who).strip(), who), "octets.out": _decimal(_text(sent, who).strip(), who)}


def _type(name: str) -> str:
    return f"qtype.{name}" if name in TYPES else f"qtype.{OTHER}"


def _bounded(text: bytes, who: str) -> None:
    if len(text) > MOST_BYTES:
        raise FormError(who, "long", f"more than {MOST_BYTES} bytes")


def _text(text: bytes, who: str) -> str:
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        raise FormError(who, "text") from None


def _decimal(text: str, who: str) -> int:
    if not text.isdigit() or len(text) > 19:
        raise FormError(who, "number")
    return _number(int(text), who)


def _number(value: object, who: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise FormError(who, "number")
    return value


def _json(text: bytes, who: str) -> Any:
    _bounded(text, who)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FormError(who, "json") from None


def _table(value: object, who: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FormError(who, "form")
    return value


def _part(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _pairs(said: object) -> Iterator[tuple[Any, Any]]:
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict):
            yield one.get("name"), one.get("value")


def _first(values: object) -> object:
    """Kea tells the newest value first, each with its time."""
    newest = values[0] if isinstance(values, list) and values else None
    return newest[0] if isinstance(newest, list) and newest else None


def _some(found: Counter[str], who: str) -> dict[str, int]:
    """What was found; a source that told nothing we know is not what it was said to be."""
    if not found:
        raise FormError(who, "nothing", "none of its counters was there")
    if max(found.values()) > MOST:
        raise FormError(who, "number")
    return dict(found)
