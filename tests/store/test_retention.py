"""When a term ends its keys are destroyed, and with them every copy of what they sealed."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.store.errors import KeyGone
from sekisho.store.parts import periods, remove_period
from sekisho.store.register import read_line_keys, write_register
from sekisho.store.vault import Vault
from sekisho.store.view import open_view
from tests.store.conftest import DAY, ROOT_KEY, Node, bytes_of, days_later, hits_scope, permit_for
from tests.store.test_register import contacts, keys
from tests.store.test_stream import read_all

TOMORROW = days_later(DAY, 1)


def two_days(node: Node) -> None:
    """A segment and a journal on each of two days."""
    for day in (0, 1):
        writer = node.writer()
        for i in range(2):
            writer.append(node.rows(10, 10 * day + i))
            writer.flush()
            if i == 0:
                writer.rotate()
        node.clock.pass_(days=1)


def sweep(node: Node) -> tuple[str, ...]:
    """What `keep` does each day: the ledger would be written here, then the keys go."""
    due = node.vault.due(node.clock())
    for key_id in due:
        node.vault.destroy(key_id)
    return due


def test_at_the_end_of_the_term_a_day_is_gone_and_the_next_is_not(node: Node) -> None:
    """After the sweep the first day opens for nobody, the second still does; a day later neither."""
    two_days(node)
    node.clock.now = node.clock.now.replace(month=12, day=22)
    assert {k.rsplit("/", 1)[1] for k in sweep(node)} == {DAY}
    with pytest.raises(KeyGone, match="destroyed"):
        read_all(node, (DAY,))
    assert read_all(node, (TOMORROW,)).num_rows == 20
    node.clock.pass_(days=1)
    assert {k.rsplit("/", 1)[1] for k in sweep(node)} == {TOMORROW}
    with pytest.raises(KeyGone):
        read_all(node, (TOMORROW,))


def test_no_backup_opens_after_the_destruction(node: Node, tmp_path: Path) -> None:
    """A copy of the sealed files, with a copy of the vault made before: the ledger's list is applied first, and nothing opens."""
    two_days(node)
    copies = tmp_path / "backup"
    shutil.copytree(node.streams, copies / "streams")
    shutil.copytree(node.home / "vault", copies / "vault")
    node.clock.pass_(days=60)
    destroyed = sweep(node)
    with Vault.open(copies / "vault", ROOT_KEY, destroyed, node.clock) as restored:
        node.clock.pass_(days=-60)
        shown = permit_for(hits_scope())
        for release in (restored.unwrap, node.vault.unwrap):
            with pytest.raises(KeyGone, match="destroyed"):
                open_view(copies / "streams", shown, "hits", ("peer",), [DAY], release)


def test_a_restored_key_file_opens_nothing(node: Node, tmp_path: Path) -> None:
    """All key files laid back beside their tombstones: refused, and swept again at the next start."""
    two_days(node)
    shutil.copytree(node.home / "vault" / "keys", tmp_path / "keys")
    node.clock.pass_(days=60)
    sweep(node)
    shutil.copytree(tmp_path / "keys", node.home / "vault" / "keys", dirs_exist_ok=True)
    node.clock.pass_(days=-60)
    with pytest.raises(KeyGone, match="destroyed"):
        read_all(node, (DAY,))
    node.vault.close()
    node.vault = Vault.open(node.home / "vault", ROOT_KEY, (), node.clock)
    assert not list((node.home / "vault" / "keys").iterdir())


def test_a_register_dies_with_its_day_too(node: Node) -> None:
    """Contacts and line keys of an import open no more once its day's keys are destroyed."""
    write_register(node.streams, "p1", DAY, keys(("L1", "circuit", "c")), contacts(("L1", "x@x")), node.half)
    node.clock.pass_(days=60)
    assert sweep(node) == (f"p1/contact/{DAY}", f"p1/party/{DAY}")
    with pytest.raises(KeyGone):
        read_line_keys(node.streams, "p1", [DAY], node.release)


def test_dead_files_are_taken_away(node: Node) -> None:
    """The files of a destroyed day go; the other day's stay."""
    two_days(node)
    assert remove_period(node.streams, "p1", "hits", DAY) == 2
    assert periods(node.streams, "p1", "hits") == (TOMORROW,)
    assert read_all(node, (DAY, TOMORROW)).num_rows == 20
    assert remove_period(node.streams, "p1", "hits", "../x") == 0


def test_a_look_in_a_child_process_gets_its_keys_over_a_pipe(node: Node) -> None:
    """The child holds no vault and no root key: each key comes from `keep`'s side of a pipe; withdrawn, the next look fails."""
    writer = node.writer()
    writer.append(node.rows(30))
    writer.flush()
    writer.rotate()
    writer.append(node.rows(12, 1))
    writer.flush()
    assert in_a_child(node, node.release) == 42

    def withdrawn(key_id: str, wrapped: bytes) -> bytes:
        raise PermissionError(f"the permit of {key_id} was withdrawn")

    assert "was withdrawn" in str(in_a_child(node, withdrawn))


def in_a_child(node: Node, release: Callable[[str, bytes], bytes]) -> object:
    """Run a look in a fresh process and serve its key requests until it answers."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=look, args=(theirs, node.streams))
    child.start()
    theirs.close()
    try:
        while True:
            what, *values = ours.recv()
            if what == "done":
                return values[0]
            try:
                ours.send(release(*values))
            except PermissionError as error:
                ours.send(str(error))
    finally:
        child.join(20)


def look(pipe: Connection, streams: Path) -> None:
    """The child's side."""

    def release(key_id: str, wrapped: bytes) -> bytes:
        pipe.send(("release", key_id, wrapped))
        answer = pipe.recv()
        if isinstance(answer, bytes):
            return answer
        raise PermissionError(answer)

    try:
        with open_view(streams, permit_for(hits_scope()), "hits", ("peer", "start"), [DAY], release) as view:
            table: pa.Table = view.relation.to_pyarrow()
        pipe.send(("done", table.num_rows))
    except PermissionError as error:
        pipe.send(("done", str(error)))


def test_what_is_destroyed_was_nowhere_else(node: Node) -> None:
    """No data key, private half or row lies in the open anywhere under the node's folder at any time."""
    two_days(node)
    raw = bytes_of(node.home)
    assert b"PLAINADR" not in raw
    assert ROOT_KEY not in raw
