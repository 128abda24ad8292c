"""What the children of the supervisor share: what they are given, the time, and that a child whose supervisor is gone ends too."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sekisho.desk.config import read_settings
from sekisho.desk.outside import KeepCalls, KeepIsGone, KeepSaidNo
from sekisho.desk.settings import Settings
from sekisho.faces.processes.channel import Channel

LOOK = 1.0
PATIENCE = 10.0


def now() -> datetime:
    return datetime.now(UTC)


def from_supervisor() -> tuple[Settings, Channel]:
    """What it starts a child with: the path of the settings, and a descriptor by which the child talks to `keep`."""
    return read_settings(Path(sys.argv[1])), Channel(socket.socket(fileno=int(sys.argv[2])))


def tell_counters(keep: KeepCalls, process: str, counters: Counter[str]) -> None:
    """To `keep`; what it did not hear is counted."""
    try:
        keep.call("report", process=process, counters=dict(counters))
    except (KeepSaidNo, KeepIsGone):
        counters["not-reported"] += 1


def end_with_parent(end: Callable[[], object] | None = None) -> None:
    """From now on, when the process that started this one is gone, end as if it had said so; at last without asking.

    Nobody would tell it what `keep` says any more. Ctrl-C is for the supervisor to hear; `end` is called when that says so.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if end is not None:
        signal.signal(signal.SIGTERM, lambda *_: end())
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True, name="parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
