"""A log on disk: append, publish, prove. One writer; readers need only the files. Layout: C2SP tlog-tiles.

`append_many` returns when its entries are durable and signed for. After a failed write nobody knows what the disk
holds, so the log stops; opened again, it stands at the old tree or the new one, never between (see recovery).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.ledger import tree
from sekisho.ledger.disk import Disk
from sekisho.ledger.faults import Damaged, EntryRefused, LedgerError, Stopped, Wrong
from sekisho.ledger.files import MAX_ENTRY, Files, Subtrees, pack
from sekisho.ledger.journal import NAME as WRITER
from sekisho.ledger.journal import Intent, Journal
from sekisho.ledger.note import Checkpoint, Verifier, open_checkpoint, sign_note
from sekisho.ledger.proof import make_receipt
from sekisho.ledger.recovery import CHECKPOINT, STAGED, State, recover, step_files
from sekisho.ledger.tree import WIDTH, Edge, Tile, edge_tiles, leaf_hash

MAX_BATCH = 65_536


class Log:
    """The one writer of a log. Make it with `create` or `open`; close it, or use it as a context manager.

    Safe to call from several threads; calls wait for each other. Batch entries for speed: one call is one signed step.
    """

    def __init__(self, path: Path, verifier: Verifier, key: Ed25519PrivateKey, guard: Path | None, disk: Disk, journal: Journal) -> None:
        self.path = path
        self.verifier = verifier
        self._key = key
        self._guard = guard
        self._disk = disk
        self._journal = journal
        self._files = Files(path)
        self._mutex = threading.RLock()
        self._why_stopped: str | None = None
        self._edge = Edge()
        self._tail: list[bytes] = []
        self._text = ""

    @classmethod
    def create(
        cls, path: Path, origin: str, private_key: Ed25519PrivateKey, *, guard: Path | None = None, disk: Disk | None = None
    ) -> Self:
        """Begin an empty log in a folder that is absent or empty. Raises LedgerError when something is there already."""
        verifier = Verifier.of(origin, private_key)
        path.mkdir(mode=0o755, exist_ok=True)
        there = sorted(p.name for p in path.iterdir() if p.name not in (WRITER, STAGED))
        if there:
            raise LedgerError(f"{path}: not empty ({there[0]}); open the log that is there, or choose another folder")
        if guard is not None and guard.exists() and open_checkpoint(guard.read_bytes(), verifier, guard).size:
            raise Damaged(Wrong.ROLLED_BACK, path, f"is empty, but the copy at {guard} is of a log with entries")
        log = cls(path, verifier, private_key, guard, disk or Disk(), Journal(path, disk or Disk()))
        return log._begin(lambda: log._publish(Edge()))

    @classmethod
    def open(cls, path: Path, origin: str, private_key: Ed25519PrivateKey, *, guard: Path | None = None, disk: Disk | None = None) -> Self:
        """Open a log that is there. Raises Damaged, naming what is wrong, when it is not what was signed; Busy when somebody writes it."""
        if not (path / CHECKPOINT).is_file():
            raise Damaged(Wrong.MISSING, path / CHECKPOINT, "there is no log here; `create` begins one")
        log = cls(path, Verifier.of(origin, private_key), private_key, guard, disk or Disk(), Journal(path, disk or Disk()))
        return log._begin(log._recover)

    def _begin(self, start: Callable[[], None]) -> Self:
        try:
            start()
        except BaseException:
            self._journal.close()
            raise
        return self

    def _recover(self) -> None:
        intent = self._journal.read()
        state = recover(self.path, self.verifier, intent, self._guard, self._disk)
        self._settle(intent, state)
        if state.text is None or state.text != (self.path / CHECKPOINT).read_bytes().decode():
            self._publish(state.edge)
        elif self._guard is not None and self._guard.read_bytes().decode() != state.text:
            self._write_guard(self._guard, state.text)
        self._disk.remove(self.path / STAGED)
        self._journal.note(Intent(state.edge.size, state.edge.size))
        self._edge, self._tail, self._text = state.edge, state.tail, (self.path / CHECKPOINT).read_bytes().decode()

    def _settle(self, intent: Intent | None, state: State) -> None:
        """Sync what a killed writer may have left in memory."""
        files = [p for p in step_files(self.path, intent.old, intent.new) if p.exists()] if intent else []
        edge = [self.path / t.path for t in edge_tiles(state.edge.size)]
        folders = {above for p in files + edge for above in p.parents if above.is_relative_to(self.path)}
        for path in [*files, *sorted(folders | {self.path}, reverse=True)]:
            if path.exists():
                self._disk.sync(path)

    def append_many(self, entries: Sequence[bytes]) -> list[int]:
        """Write entries as one step and return their indices once they are durable and the new tree is signed.

        Raises EntryRefused (nothing written), or Stopped when the disk failed now or earlier.
        """
        with self._mutex:
            self._must_go_on()
            if len(entries) > MAX_BATCH:
                raise EntryRefused(f"{len(entries)} entries in one step; offer at most {MAX_BATCH}")
            for entry in entries:
                if len(entry) > MAX_ENTRY:
                    raise EntryRefused(
                        f"an entry holds at most {MAX_ENTRY} bytes, this one {len(entry)}; keep the body elsewhere and commit to it"
                    )
            if not entries:
                return []
            start = self._edge.size
            edge, tail, files = self._grow(entries)
            try:
                self._write(start, edge, files)
            except BaseException as error:
                self._why_stopped = f"{type(error).__name__}: {error}"
                if isinstance(error, OSError):
                    raise Stopped(f"{self.path}: writing failed ({error}); close the log, mend the disk, open it again") from error
                raise
            self._edge, self._tail = edge, tail
            self._sweep(start)
            return list(range(start, edge.size))

    def _must_go_on(self) -> None:
        if self._why_stopped:
            raise Stopped(f"{self.path}: stopped ({self._why_stopped}); close the log, mend the disk, open it again")

    def _grow(self, entries: Sequence[bytes]) -> tuple[Edge, list[bytes], dict[Path, bytes]]:
        """The edge and tail after `entries`, and the files that hold them."""
        edge, tail = self._edge.copy(), list(self._tail)
        files: dict[Path, bytes] = {}
        for entry in entries:
            tail.append(entry)
            for tile, hashes in edge.push(leaf_hash(entry)):
                files[self.path / tile.path] = b"".join(hashes)
                if tile.level == 0:
                    files[self.path / tile.bundle] = pack(tail)
                    tail = []
        for tile in tree.new_tiles(self._edge.size, edge.size):
            if tile.width < WIDTH:
                files[self.path / tile.path] = b"".join(edge.rows[tile.level])
                if tile.level == 0:
                    files[self.path / tile.bundle] = pack(tail)
        return edge, tail, files

    def _write(self, start: int, edge: Edge, files: dict[Path, bytes]) -> None:
        """The numbered steps of recovery's docstring."""
        self._journal.note(Intent(start, edge.size))  # (1)
        folders = self._disk.folders_for(self.path, files)
        for path, data in files.items():  # (2)
            self._disk.create(path, data)
        for folder in sorted(folders, reverse=True):
            self._disk.sync(folder)
        self._publish(edge)

    def _publish(self, edge: Edge) -> None:
        """Sign the tree and let the world see it: the last thing of every step."""
        checkpoint = Checkpoint(self.verifier.name, edge.size, edge.root())
        text = str(sign_note(checkpoint.text, self.verifier.name, self._key))
        self._disk.create(self.path / STAGED, text.encode(), anew=False)  # (3)
        self._disk.sync(self.path)
        if self._guard is not None:
            self._write_guard(self._guard, text)  # (4)
        self._disk.replace(self.path / STAGED, self.path / CHECKPOINT)  # (5)
        self._disk.sync(self.path)
        self._text = text

    def _write_guard(self, guard: Path, text: str) -> None:
        staged = guard.with_name(guard.name + ".new")
        self._disk.create(staged, text.encode(), anew=False)
        self._disk.replace(staged, guard)
        self._disk.sync(guard.parent)

    def _sweep(self, start: int) -> None:
        """Remove partial tiles whose full tile is now published (C2SP tlog-tiles allows it)."""
        for level in range(tree.levels(start)):
            index = start >> tree.HEIGHT * (level + 1)
            if self._edge.size >> tree.HEIGHT * (level + 1) > index:
                tile = Tile(level, index)
                for name in (tile.path, tile.bundle) if level == 0 else (tile.path,):
                    self._disk.sweep(self.path / f"{name}.p")

    @property
    def size(self) -> int:
        """How many entries are signed for."""
        return self._edge.size

    @property
    def checkpoint(self) -> str:
        """The signed checkpoint as it was published last."""
        return self._text

    @property
    def vkey(self) -> str:
        """The public key line that verifies this log."""
        return self.verifier.vkey

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Entries [start, end). Raises IndexError outside the log, Damaged when the disk does not hold them."""
        stop = self.size if end is None else end
        if not 0 <= start <= stop <= self.size:
            raise IndexError(f"entries {start} to {stop} of a log of {self.size}")
        return islice(self._files.entries(start, self.size), stop - start)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The audit path of entry `index` in the tree of `size` leaves, now if not said."""
        return tree.inclusion(index, self._known(size), Subtrees(self._files, self.size))

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the tree of `old` leaves is the beginning of that of `new`, now if not said."""
        return tree.consistency(old, self._known(new), Subtrees(self._files, self.size))

    def _known(self, size: int | None) -> int:
        if size is not None and not 0 <= size <= self.size:
            raise IndexError(f"a tree of {size} leaves in a log of {self.size}")
        return self.size if size is None else size

    def receipt(self, index: int) -> str:
        """A tlog-proof text that shows offline that entry `index` is in the tree signed last."""
        with self._mutex:
            return make_receipt(index, self.inclusion(index), self._text)

    def close(self) -> None:
        """Let go of the folder. Nothing is pending: what was appended is on disk."""
        with self._mutex:
            if self._why_stopped != "closed":
                self._why_stopped = "closed"
                self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
