"""What axe-core finds on a page: WCAG 2.2 AA and good practice, contrast included."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(page: Any) -> list[str]:
    """Of the page as it stands. Where axe-core is not installed the test is skipped; under CI=true it fails."""
    if not AXE.is_file():
        words = "axe-core is not installed; `make parts`, or `npm ci --prefix tests/faces/web`, installs it"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(words)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{v['id']}: {n['target']} {n['failureSummary'][:200]}" for v in result["violations"] for n in v["nodes"][:3]]
