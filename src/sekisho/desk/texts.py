"""Which text would be adopted, in the words of the evidence that adopts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sekisho.effects.texts import LANGUAGES, TextError, load


def adoption(folder: Path, name: object) -> dict[str, Any]:
    """{"example", "example_document", "reading"} for the form that adopts a text; empty when there is no such text.

    `reading` is the text itself by language, so that whoever adopts it has read it.
    """
    try:
        texts = load(folder)
        digest = texts.digest(str(name))
    except TextError:
        return {}
    found = [texts.find(str(name), language) for language in LANGUAGES]
    example = {"text": str(name), "digest": digest, "languages": list(LANGUAGES), "adopted": True}
    reading = {text.language: f"{text.subject}\n\n{text.body}" for text in found}
    return {"example": example, "example_document": digest, "reading": reading}
