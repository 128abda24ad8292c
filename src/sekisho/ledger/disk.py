"""The few things a log asks of a file system, each one step. Tests break them one by one; nothing else here writes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class Disk:
    """Files and folders that stay once synced. Every method raises OSError as the system does."""

    def write(self, fd: int, data: bytes) -> None:
        """Write all of `data` at the file's position."""
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    def fsync(self, fd: int) -> None:
        """Return once the file or folder is on the medium."""
        os.fsync(fd)

    def make_folder(self, path: Path) -> None:
        """Make one folder."""
        path.mkdir()

    def replace(self, source: Path, target: Path) -> None:
        """Put `source` in the place of `target` at once."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove one file, if it is there."""
        path.unlink(missing_ok=True)

    def create(self, path: Path, data: bytes, *, anew: bool = True) -> None:
        """Write and sync a file. With `anew` a file already there is an error, else it is emptied first."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if anew else os.O_TRUNC), 0o644)
        try:
            self.write(fd, data)
            self.fsync(fd)
        finally:
            os.close(fd)

    def overwrite(self, fd: int, data: bytes) -> None:
        """Put `data` at the start of an open file and sync it."""
        os.lseek(fd, 0, os.SEEK_SET)
        self.write(fd, data)
        self.fsync(fd)

    def sync(self, path: Path) -> None:
        """Sync a file or folder that may have been left unsynced."""
        fd = os.open(path, os.O_RDONLY)
        try:
            self.fsync(fd)
        finally:
            os.close(fd)

    def folders_for(self, root: Path, paths: Iterable[Path]) -> set[Path]:
        """Make the folders the files need below `root`; the answer is every folder to sync afterwards."""
        touched: set[Path] = set()
        for path in paths:
            above = [p for p in path.parents if p != root and p.is_relative_to(root)]
            for folder in reversed(above):
                if folder not in touched and not folder.is_dir():
                    self.make_folder(folder)
                    touched |= {folder, folder.parent}
            touched.add(path.parent)
        return touched

    def sweep(self, folder: Path) -> None:
        """Remove a folder of files nobody needs any more; what cannot be removed stays."""
        with suppress(OSError):
            for file in folder.iterdir():
                self.remove(file)
            folder.rmdir()
