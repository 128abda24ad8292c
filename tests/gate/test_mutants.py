"""With any one safeguard taken out of the law or the gate, some test fails. Every small change is tried by `make mutants`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.gate.safeguards import MUTANTS


@pytest.fixture(scope="module")
def noticed_by() -> dict[str, str | None]:
    """Every mutant tried, in a process of its own that collects the tests once."""
    command = [sys.executable, "-m", "tests.gate.safeguards"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(300)  # the first test waits for all of them
@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_suite_kills_each_mutant(mutant: str, noticed_by: dict[str, str | None]) -> None:
    test = noticed_by[f"{MUTANTS[mutant][0]}: {mutant}"]
    assert test is not None
    assert test.startswith("tests/"), test
