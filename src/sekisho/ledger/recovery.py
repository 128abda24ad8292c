"""Opening a log after whatever happened to it: finish a step, undo a step, or refuse and name what is wrong.

A step writes, in this order, each synced before the next: (1) the intent, (2) bundles and tiles under names no signed
tree uses, (3) `checkpoint.new`, (4) the guard, (5) `checkpoint`. So after a crash
- `checkpoint.new` whole: the tree was signed, its files are there; finish.
- no `checkpoint.new`, all files of the intent there and true: finish, with the same root a lost signature would carry.
- no `checkpoint.new`, a file of the intent missing or torn: it was never signed; remove.
Anything else was not done by a crash of ours, and the log refuses to open.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sekisho.ledger.disk import Disk
from sekisho.ledger.faults import Damaged, Wrong
from sekisho.ledger.files import Files, Subtrees, root_at
from sekisho.ledger.journal import Intent
from sekisho.ledger.note import Checkpoint, Verifier, open_checkpoint, read_checkpoint
from sekisho.ledger.tree import WIDTH, Edge, Tile, leaf_hash, new_tiles

CHECKPOINT = "checkpoint"
STAGED = "checkpoint.new"


@dataclass(frozen=True)
class State:
    """Where a log stands: the right edge, the entries of the unfinished bundle, and the signed text of that tree if there is one yet."""

    edge: Edge
    tail: list[bytes]
    text: str | None


def step_files(root: Path, old: int, new: int) -> list[Path]:
    """Every file the step from `old` to `new` leaves writes."""
    tiles = new_tiles(old, new)
    return [root / t.bundle for t in tiles if t.level == 0] + [root / t.path for t in tiles]


def recover(root: Path, verifier: Verifier, intent: Intent | None, guard: Path | None, disk: Disk) -> State:
    """Bring the folder to one whole tree. Raises Damaged; removes nothing but files of a step that was never signed."""
    main = read_checkpoint(root, verifier)
    files = Files(root)
    edge = files.edge(main.size, main.root)
    state = State(edge, files.last_bundle(edge), (root / CHECKPOINT).read_bytes().decode())
    if intent and intent.old > main.size:
        raise Damaged(Wrong.ROLLED_BACK, root / CHECKPOINT, f"has {main.size} leaves, but {intent.old} were signed before")
    step = intent if intent and intent.old == main.size < intent.new else None
    staged = _staged(root, verifier, main)
    finished = _finish(files, state, step.new) if step else None
    if staged and staged.size > main.size:
        finished = _as_signed(root, staged, step, finished)
    state = finished or state
    _compare_guard(guard, verifier, state.edge.size, Subtrees(files, state.edge.size))
    if step and not finished:
        _undo(root, disk, step)
    past = files.beyond(state.edge.size)
    if past:
        raise Damaged(Wrong.BEYOND, past, f"lies past the {state.edge.size} leaves signed: the checkpoint is older than the files")
    return state


def _as_signed(root: Path, staged: Checkpoint, step: Intent | None, finished: State | None) -> State:
    """The step whose checkpoint was signed and not yet put in its place: it must be there whole."""
    if not step or step.new != staged.size:
        raise Damaged(Wrong.BEYOND, root / STAGED, f"signs {staged.size} leaves, but no step to there was begun")
    if finished is None or finished.edge.root() != staged.root:
        raise Damaged(Wrong.ALTERED, root / STAGED, f"signs {staged.size} leaves whose files are missing or altered")
    return State(finished.edge, finished.tail, (root / STAGED).read_bytes().decode())


def _staged(root: Path, verifier: Verifier, main: Checkpoint) -> Checkpoint | None:
    """A signed checkpoint not yet in its place; a torn one counts as none."""
    try:
        staged = read_checkpoint(root / STAGED, verifier)
    except Damaged:
        return None
    if staged.size == main.size and staged.root != main.root:
        raise Damaged(Wrong.FORKED, root / STAGED, f"signs another tree of {main.size} leaves than {CHECKPOINT}")
    return staged


def _compare_guard(guard: Path | None, verifier: Verifier, size: int, subtrees: Subtrees) -> None:
    """The copy kept elsewhere must be of this tree or of an earlier one of it."""
    if guard is None:
        return
    try:
        seen = open_checkpoint(guard.read_bytes(), verifier, guard)
    except FileNotFoundError:
        raise Damaged(Wrong.MISSING, guard, "the second copy is gone; if there never was one, copy `checkpoint` to it") from None
    if seen.size > size:
        raise Damaged(Wrong.ROLLED_BACK, subtrees.files.root / CHECKPOINT, f"has {size} leaves, the copy at {guard} has {seen.size}")
    if root_at(subtrees, seen.size) != seen.root:
        raise Damaged(Wrong.FORKED, subtrees.files.root / CHECKPOINT, f"does not continue the {seen.size} leaves signed in {guard}")


def _finish(files: Files, state: State, size: int) -> State | None:
    """The tree after the step to `size`, if every file of the step is there and true."""
    edge = state.edge.copy()
    start = edge.size
    tail: list[bytes] = []
    try:
        for tile in (t for t in new_tiles(start, size) if t.level == 0):
            entries = files.bundle(tile)
            old = state.tail if tile.index == start // WIDTH else []
            if entries[: len(old)] != old:
                return None
            for entry in entries[len(old) :]:
                if any(files.hashes(full) != hashes for full, hashes in edge.push(leaf_hash(entry))):
                    return None
            tail = entries if tile.width < WIDTH else []
        true = edge.size == size and all(_true(files, edge, t) for t in new_tiles(start, size) if t.width < WIDTH)
    except Damaged:
        return None
    return State(edge, tail, None) if true else None


def _true(files: Files, edge: Edge, tile: Tile) -> bool:
    return files.hashes(tile) == edge.rows[tile.level]


def _undo(root: Path, disk: Disk, step: Intent) -> None:
    folders = set()
    for path in step_files(root, step.old, step.new):
        disk.remove(path)
        folders.add(path.parent)
    for folder in folders:
        if folder.is_dir():
            disk.sync(folder)
