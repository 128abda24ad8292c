"""Files for a closed viewing: each encrypted where it lies. Pictures are shown page by page, everything else is only ever saved.

What is in a file decides, not its name. Nothing of a kind that a browser runs is taken: no HTML, no SVG.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.desk.viewing.film import FilmError
from sekisho.law.viewing import FILE, MOST_PAPERS

LARGEST = 64 << 20
NONCE = 12
PICTURES: Mapping[str, str] = MappingProxyType({".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"})
"""What a page shows as it is, each with its media type."""
ZIP = b"PK\x03\x04"
BEGINS: Mapping[str, bytes] = MappingProxyType({
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    **dict.fromkeys((".zip", ".docx", ".xlsx", ".pptx", ".epub"), ZIP),
    ".txt": b"",
    ".csv": b"",
})  # fmt: skip
"""What may be shown, and how each kind begins."""


@dataclass(frozen=True)
class Files:
    """In the order of their names, which is the order they are shown in."""

    paths: tuple[Path, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.paths)


def read_files(folder: Path) -> Files:
    """Every file of a folder. Raises FilmError, with the file, for what is of another kind than its name says, too large or too many."""
    paths = tuple(sorted(p for p in folder.iterdir() if not p.name.startswith(".")))
    if not 0 < len(paths) <= MOST_PAPERS:
        raise FilmError(str(folder), f"{len(paths)} files; 1 to {MOST_PAPERS} are wanted")
    for path in paths:
        _good(path)
    return Files(paths)


def _good(path: Path) -> None:
    begins = BEGINS.get(path.suffix.lower())
    if not path.is_file() or path.is_symlink() or begins is None or FILE.fullmatch(path.name) is None:
        raise FilmError(path.name, f"no file that can be shown: {', '.join(sorted(BEGINS))}")
    if path.stat().st_size > LARGEST:
        raise FilmError(path.name, f"larger than {LARGEST} octets")
    with path.open("rb") as stream:
        if not stream.read(16).startswith(begins):
            raise FilmError(path.name, "not what its name says")


def file_name(number: int) -> str:
    """The name an encrypted file has."""
    return f"f{number:05}"


def seal_files(files: Files, to: Path, key: bytes) -> tuple[str, ...]:
    """Writes each into the new folder `to`; the digests of the files as they were. Raises OSError."""
    to.mkdir(parents=True)
    digests = []
    for number, path in enumerate(files.paths):
        raw, nonce = path.read_bytes(), secrets.token_bytes(NONCE)
        digests.append(hashlib.sha256(raw).hexdigest())
        (to / file_name(number)).write_bytes(nonce + AESGCM(key).encrypt(nonce, raw, file_name(number).encode("ascii")))
    return tuple(digests)


def open_file(folder: Path, number: int, key: bytes) -> bytes | None:
    """One file, as it was; None where it does not lie there, or not as it was sealed."""
    try:
        sealed = (folder / file_name(number)).read_bytes()
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], file_name(number).encode("ascii"))
    except (OSError, InvalidTag, ValueError):
        return None
