"""What the children of the supervisor share: the time, and that a child whose supervisor is gone, however it went, ends too."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import UTC, datetime

LOOK = 1.0
PATIENCE = 10.0


def now() -> datetime:
    return datetime.now(UTC)


def end_with_parent() -> None:
    """From now on, when the process that started this one is gone, end as if it had said so; at last without asking.

    Nobody would tell it what `keep` says any more.
    """
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True, name="parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
