"""The traffic picture as series over minutes: what a plot or a table wants."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

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
    refused = {k.removeprefix("flows."): v for k, v in counters.items() if k.startswith("flows.") and k not in COUNTS}
    return {
        "permit": found["permit"],
        "minutes": minutes,
        "series": [{"prefix": p, "direction": d, **values} for (p, d), values in sorted(series.items())],
        "interfaces": [{"exporter": e, "interface": i, **values} for (e, i), values in sorted(interfaces.items())],
        "counters": [
            {
                "exporter": "*",
                "records": counters.get("flows.records", 0),
                "datagrams": counters.get("flows.datagrams", 0),
                "refused": refused,
            }
        ]
        if counters
        else [],
    }


COUNTS = frozenset({"flows.records", "flows.datagrams", "flows.templates", "flows.late"})


def address(raw: str | None) -> str:
    """Sixteen bytes in hex as an address is written; IPv4 without its mapping."""
    if not raw:
        return "-"
    ip = ipaddress.IPv6Address(bytes.fromhex(raw))
    return str(ip.ipv4_mapped or ip)
