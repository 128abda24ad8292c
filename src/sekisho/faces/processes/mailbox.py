"""The mailbox of the demo, read: what its mail server delivered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def mails(folder: Path) -> list[dict[str, Any]]:
    """What was delivered, newest first."""
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"), reverse=True)]
