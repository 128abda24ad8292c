"""A batch of letters becomes one sealed file for the printing house: each letter as PDF/A, packed, and sealed in memory to its key.

On the machine of who takes them. Nothing unsealed is ever written; a batch that lies there already is left as it is.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.desk.cases import letter_paper
from sekisho.effects.sealed_file import seal

SUFFIX = ".zip.age"


@dataclass(frozen=True)
class Batch:
    """Letters as `people_letters` gives them, by which list, the key they are sealed to, and the operator's texts."""

    folder: Path
    people: str
    letters: Sequence[Mapping[str, Any]]
    key: str
    texts: Path


def carry_out(request: Batch) -> str:
    """The file's name. Raises CannotPrint, PaperError, CannotSeal, OSError."""
    first, last = request.letters[0]["line"], request.letters[-1]["line"]
    path = request.folder / f"letters-{request.people.rpartition('-')[2]}-{first:05}-{last:05}{SUFFIX}"
    if path.exists():
        return path.name
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for letter in request.letters:
            archive.writestr(f"{letter['line']:05}.pdf", letter_paper.pdf(request.texts, letter))
    request.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    laid = path.with_suffix(".laid")
    with os.fdopen(os.open(laid, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
        out.write(seal(packed.getvalue(), request.key))
        out.flush()
        os.fsync(out.fileno())
    laid.replace(path)
    return path.name
