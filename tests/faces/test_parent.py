"""Nothing of a node outlives its supervisor, also when that was killed without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

CHILD = """
import signal, sys, time
from pathlib import Path
from sekisho.faces.processes.parent import end_with_parent
def told(*_):
    Path(sys.argv[1]).write_text("told", encoding="utf-8")
    sys.exit(0)
signal.signal(signal.SIGTERM, told)
end_with_parent()
Path(sys.argv[1]).write_text("up", encoding="utf-8")
time.sleep(60)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    """SIGKILL of the parent: within seconds the child was told to end, and is gone."""
    said = tmp_path / "said"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD, str(said)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    until(lambda: said.is_file() and said.read_text(encoding="utf-8") == "up")
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(10)
    until(lambda: said.read_text(encoding="utf-8") == "told")
    until(lambda: not alive(child))


def until(holds: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if callable(holds) and holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass")


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
