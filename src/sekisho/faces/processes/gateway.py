"""The part of `act` that holds an event's gateway to the permits. It has the one right to change the network, and talks to `keep` alone.

Apart from the portal's page: what a stranger's browser sends never meets this right.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from sekisho.desk.outside import Outside
from sekisho.desk.portal import leading
from sekisho.desk.portal.hold_gateway import HoldClients, HoldGateway, Neighbours, NoGateway, gateway_here
from sekisho.desk.public import read_public
from sekisho.faces.processes.confine import confine, enter_network, in_network, only_the_network, report
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now, tell_counters

HEAR = 0.4
ROUND = 1.2
REPORT = 10.0
"""Seconds: between two questions to `keep`, two rounds with nothing new, two reports."""


def run(holder: HoldGateway, neighbours: Neighbours, namespace: str, ended: threading.Event) -> None:
    """Until told to end: hear every HEAR seconds, a round at each change of answers or of neighbours, and every ROUND."""
    due = told = 0.0
    seen: Mapping[str, str] = {}
    while not ended.is_set():
        if namespace and not in_network(namespace):
            return
        changed = holder.hear()
        if changed or time.monotonic() >= due:
            due = time.monotonic() + ROUND
            seen = _read(holder, neighbours)
            holder.turn(seen)
        if time.monotonic() >= told:
            told = time.monotonic() + REPORT
            tell_counters(holder.world.keep, "gateway", holder.counters)
        if neighbours.changed(HEAR) and (now_there := _read(holder, neighbours)) != seen:
            seen = now_there
            holder.turn(seen)


def _read(holder: HoldGateway, neighbours: Neighbours) -> Mapping[str, str]:
    """A neighbour table that cannot be read is one in which nobody answered. Most of what the kernel tells of changes nobody's address."""
    try:
        return neighbours.table()
    except (OSError, ValueError):
        holder.counters["neighbours-not-read"] += 1
        return {}


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    public = read_public(settings.folder)
    space = settings.portal.namespace
    try:
        if space:
            enter_network(space)
        (kernel, clients), neighbours = gateway_here(), Neighbours(settings.portal.interface)
    except (OSError, NoGateway) as why:
        time.sleep(HEAR)
        raise SystemExit(f"gateway: it cannot be held here: {why}") from None
    rights = only_the_network(settings.users.act if settings.users.apart else "")
    report("gateway", rights=rights, files=confine(read=[Path("/run/netns")], write=[]))
    ended = threading.Event()
    end_with_parent(ended.set)
    led = leading.ports(settings)
    held = HoldClients(clients, settings.portal.interface, led) if led else None
    run(HoldGateway(Outside(settings, channel, public, now), kernel, held), neighbours, space, ended)


if __name__ == "__main__":
    main()
