"""The traffic picture as series over minutes: what a plot or a table wants."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sekisho.wire.flows import USUAL

DIRECTIONS = ("out", "in")


def plotted(found: Mapping[str, Any]) -> dict[str, Any]:
    """{"permit", "minutes", "series": [{"prefix", "direction", "octets", "packets"}], "interfaces", "counters"}."""
    if "error" in found:
        return dict(found)
    rows = found["rows"]
    minutes = sorted({r["minute"] for r in rows})
    at = {m: i for i, m in enumerate(minutes)}
    series: dict[tuple[str, str], dict[str, list[int]]] = {}
    interfaces: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: {"octets_in": 0, "octets_out": 0})
    for row in rows:
        direction = DIRECTIONS[row["direction"]]
        one = series.setdefault((row["prefix"], direction), {"octets": [0] * len(minutes), "packets": [0] * len(minutes)})
        one["octets"][at[row["minute"]]] += row["octets"] or 0
        one["packets"][at[row["minute"]]] += row["packets"] or 0
        interfaces[address(row["exporter"]), row["interface"] or 0][f"octets_{direction}"] += row["octets"] or 0
    counters = found["counters"]
    return {
        "permit": found["permit"],
        "minutes": minutes,
        "series": [{"prefix": p, "direction": d, **values} for (p, d), values in sorted(series.items())],
        "interfaces": [{"exporter": e, "interface": i, **values} for (e, i), values in sorted(interfaces.items())],
        "counters": exporters(counters),
    }


def exporters(counters: Mapping[str, int]) -> list[dict[str, Any]]:
    """What each exporter told, and why some was refused: from `exporter.{address}.{reason}`, or `flows.{reason}` where there is none."""
    told: dict[str, dict[str, int]] = {}
    for name, count in counters.items():
        kind, _, rest = name.partition(".")
        address, _, reason = rest.rpartition(".") if kind == "exporter" else ("", "", "")
        if address:
            told.setdefault(address, {})[reason] = count
    if counters and not told:
        told = {"*": {k.removeprefix("flows."): v for k, v in counters.items() if k.startswith("flows.")}}
    return [
        {
            "exporter": address,
            "records": counts.get("records", 0),
            "datagrams": counts.get("datagrams", 0),
            "refused": {reason: count for reason, count in sorted(counts.items()) if reason not in USUAL},
        }
        for address, counts in sorted(told.items(), key=lambda t: (t[0] == "*", t[0]))
    ]


def address(raw: str | None) -> str:
    """Sixteen bytes in hex as an address is written; IPv4 without its mapping."""
    if not raw:
        return "-"
    ip = ipaddress.IPv6Address(bytes.fromhex(raw))
    return str(ip.ipv4_mapped or ip)
