"""Which text would be adopted, in the words of the evidence that adopts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sekisho.effects.texts import LANGUAGES, TextError, load


def adoption(folder: Path, name: object) -> dict[str, Any]:
    """{"example", "example_document"} for the form that adopts a text; empty when there is no such text."""
    try:
        digest = load(folder).digest(str(name))
    except TextError:
        return {}
    example = {"text": str(name), "digest": digest, "languages": list(LANGUAGES), "adopted": True}
    return {"example": example, "example_document": digest}
