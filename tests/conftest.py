"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real captures beside the checkout; tests that need it say so where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real captures are not beside this checkout (../shared/data): their field-by-field comparison was not run")
    return folder


def need(*programs: str) -> None:
    """Skip, or under CI=true fail, when a real part is not installed."""
    absent = [p for p in programs if shutil.which(p) is None]
    if not absent:
        return
    words = f"not installed: {', '.join(absent)}; `make parts` installs them as root on Debian"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


def in_order(value: object) -> str:
    """The id of a test's value, the same in every process: a set has no order of its own."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_order(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(str, value))) + "}"
    return str(value)
