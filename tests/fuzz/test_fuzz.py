"""Each decoder under a coverage-guided fuzzer for a bounded time; the invariants stand in the targets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="atheris is not installed: the decoders were not fuzzed")


@pytest.mark.parametrize(
    "target",
    [
        *("netflow5", "netflow9", "ipfix", "radius_detail", "capture", "policy", "milter", "mail_log", "counters", "dnstap"),
        *("lists", "name_filter", "sender_headers", "sender_records"),
    ],
)
def test_a_fuzzer_finds_no_way_to_break_the_invariant(target: str, tmp_path: Path) -> None:
    """20,000 runs or 15 seconds, whichever comes first, from a fixed seed."""
    script = Path(__file__).parent / f"fuzz_{target}.py"
    command = [
        sys.executable,
        str(script),
        "-runs=20000",
        "-max_total_time=15",
        "-max_len=1024",
        "-seed=1",
        f"-artifact_prefix={tmp_path}/",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done" in done.stderr
