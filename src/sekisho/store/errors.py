"""What may go wrong in the store. Each error has a `code` for faces and counters, and says who was wrong and what to do next."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class StoreError(Exception):
    """Anything the store refuses or cannot do. `code` is stable; `detail` is for the log and never holds a sealed value."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class SealError(StoreError):
    """Sealed bytes are cut short, changed, of another key, or not ours. Nothing was opened: fetch the file from another copy."""


class KeyGone(StoreError):
    """The key was destroyed or its term is over. Nobody can open what it sealed; there is nothing to retry."""


class KeyRefused(StoreError):
    """The key asked for is not one this permit's stream may use. The asker was wrong: ask for a permit that names it."""


class SpecError(StoreError):
    """A permit's scope cannot be compiled into a stream or a view. The plan was wrong: correct it and have it approved anew."""


class ColumnRefused(StoreError):
    """A column was asked for that the permit does not name. No key was asked for."""


class ShapeError(StoreError):
    """Rows do not have exactly the columns the stream was compiled to. The writer was wrong; nothing was kept."""


class StoreFull(StoreError):
    """The disk took no more. What was flushed before stays good; make room, and the next flush tries again."""

    @staticmethod
    def by(error: OSError, folder: Path) -> StoreFull:
        """`disk-full`, or `disk-error` for anything else the disk said."""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return StoreFull("disk-full" if full else "disk-error", f"{os.strerror(error.errno or 0)}: make room at {folder}")
