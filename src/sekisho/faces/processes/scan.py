"""Shows attached files to the malware scanner, one after another. No network, no key, no file of ours: a channel and clamd's socket."""

from __future__ import annotations

import time
from collections import Counter

from sekisho.desk.cases import scan_file
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.public import read_public
from sekisho.desk.scans import PROCESS
from sekisho.faces.processes.confine import confine, report, without_network
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now

LISTEN = 1.0
RETRY = 5.0
"""Seconds until the next question, when no file waits and when nobody answers."""


def turn(world: Outside, counters: Counter[str]) -> float:
    """One file at most, then a report; how many seconds to wait."""
    try:
        outcome = scan_file.carry_out(world, scan_file.ScanNext())
        if outcome not in ("idle", "away"):
            counters[outcome] += 1
        counters["away"] = int(outcome == "away")
        world.keep.call("report", process=PROCESS, counters=dict(counters))
    except (KeepSaidNo, KeepIsGone) as why:
        counters[getattr(why, "code", "keep-is-gone")] += 1
        return RETRY
    return {"idle": LISTEN, "away": RETRY}.get(outcome, 0.0)


def main() -> None:
    """Started by the supervisor where a scanner is set up: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    world = Outside(settings, channel, read_public(settings.folder), now)
    network = without_network()
    places = [settings.scan.socket.parent] if settings.scan.socket else []
    report("scan", network=network, files=confine(read=places, write=places))
    end_with_parent()
    counters: Counter[str] = Counter()
    while True:
        time.sleep(turn(world, counters))


if __name__ == "__main__":
    main()
