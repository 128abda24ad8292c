"""A look sees what its permit names, and nothing else."""

from __future__ import annotations

import gc
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from sekisho.law.words import Element
from sekisho.store.errors import ColumnRefused, KeyRefused, SealError, SpecError
from sekisho.store.kms import GateKms, Held
from sekisho.store.parts import segments
from sekisho.store.view import open_view, rows_for_token, token_of
from tests.conftest import BUSY
from tests.store.conftest import DAY, HITS, Node, days_later, hits_scope, permit_for


def test_segments_and_journals_are_one_relation(node: Node) -> None:
    """Rows of finished segments and of the open journal come together, each once, with the written values."""
    writer = node.writer()
    batches = [node.rows(50, seed) for seed in range(4)]
    for i, batch in enumerate(batches):
        writer.append(batch)
        writer.flush()
        if i in (0, 2):
            writer.rotate()
    node.permit = permit_for(hits_scope(line="open"))
    with open_view(node.streams, node.permit, "hits", HITS, [DAY], node.release) as view:
        got = view.relation.to_pyarrow().cast(node.spec.schema)
    want = pa.Table.from_batches(batches)
    assert sorted(map(repr, got.to_pylist())) == sorted(map(repr, want.to_pylist()))


def test_an_empty_stream_is_an_empty_relation_of_the_right_schema(node: Node) -> None:
    """No segment at all: no row, the columns of the permit, and no key asked for."""
    with open_view(node.streams, node.permit, "hits", ("token", "peer", "start"), [DAY], node.release, node.token_key) as view:
        assert view.relation.count().to_pyarrow().as_py() == 0
        assert view.relation.columns == ("token", "peer", "start")
        assert str(view.relation.schema()["token"]) == "string"
    assert not node.asked


def test_a_column_the_permit_does_not_name_is_refused_before_any_key(node: Node) -> None:
    """Octets exist in the shape, but not in this permit; nobody asks `keep` for anything."""
    node.writer().close()
    for columns in (("octets",), ("peer", "octets"), ("line",), (), ("peer", "peer"), ("1 as x",)):
        with pytest.raises(ColumnRefused):
            open_view(node.streams, node.permit, "hits", columns, [DAY], node.release, node.token_key)
    assert not node.asked


def test_line_is_a_token_and_line_itself_is_absent(node: Node) -> None:
    """The token is the keyed hash of the line; the line's bytes are in no column of the relation."""
    writer = node.writer()
    batch = node.rows(30)
    writer.append(batch)
    writer.flush()
    writer.rotate()
    writer.append(batch)
    writer.flush()
    with open_view(node.streams, node.permit, "hits", ("token", "peer"), [DAY], node.release, node.token_key) as view:
        got = view.relation.to_pyarrow()
    key = node.token_key(DAY)
    assert sorted(got["token"].to_pylist()) == sorted(token_of(key, line) for line in batch["line"].to_pylist() * 2)
    assert got.schema.names == ["token", "peer"]


def test_tokens_of_two_days_and_two_purposes_cannot_be_joined(node: Node) -> None:
    """The same line has another token tomorrow, and another one for another purpose."""
    writer, batch = node.writer(), node.rows(1)
    writer.append(batch)
    writer.flush()
    node.clock.pass_(days=1)
    writer.append(batch)
    writer.close()
    days = [DAY, days_later(DAY, 1)]
    with open_view(node.streams, node.permit, "hits", ("token",), days, node.release, node.token_key) as view:
        tokens = set(view.relation.to_pyarrow()["token"].to_pylist())
    other = node.vault.token_key("another-purpose", DAY, datetime(2027, 1, 1, tzinfo=UTC))
    assert len(tokens | {token_of(other, batch["line"][0].as_py())}) == 3


def test_a_missing_line_has_no_token(node: Node) -> None:
    """Null stays null: unknown never becomes somebody."""
    writer, batch = node.writer(), node.rows(3)
    lines = pa.array([None, *batch["line"].to_pylist()[1:]], pa.binary(16))
    writer.append(pa.RecordBatch.from_arrays([lines, *batch.columns[1:]], schema=batch.schema))
    writer.close()
    with open_view(node.streams, node.permit, "hits", ("token",), [DAY], node.release, node.token_key) as view:
        assert view.relation.to_pyarrow()["token"].null_count == 1


def test_identify_gets_the_line_back_for_a_token(node: Node) -> None:
    """Only a permit that says the line is open gets rows for a token, with the columns it names and no peer."""
    writer, batch = node.writer(), node.rows(40)
    writer.append(batch)
    writer.close()
    token = token_of(node.token_key(DAY), batch["line"][7].as_py())
    found = rows_for_token(node.streams, node.looking(), "hits", token, ("line", "line_port", "start"), [DAY], node.release, node.token_key)
    assert found.to_pylist() == [{n: batch[n][7].as_py() for n in ("line", "line_port", "start")}]
    assert f"p1/counterpart/{DAY}" not in node.asked
    none = rows_for_token(node.streams, node.looking(), "hits", "0" * 32, ("line",), [DAY], node.release, node.token_key)
    assert none.num_rows == 0


def test_a_permit_for_tokens_gets_no_line(node: Node) -> None:
    """The match permit cannot go back to the line, and asks for no key when it tries."""
    node.writer().close()
    with pytest.raises(ColumnRefused):
        rows_for_token(node.streams, node.permit, "hits", "0" * 32, ("peer",), [DAY], node.release, node.token_key)
    with pytest.raises(ColumnRefused):
        rows_for_token(node.streams, node.looking(line="token"), "hits", "0" * 32, ("start",), [DAY], node.release, node.token_key)
    assert not node.asked


def test_a_view_shows_only_elements_of_its_own_step(node: Node) -> None:
    """The identify step names no counterpart: a view with the peer column is not compiled."""
    permit = node.looking(columns=("line", "peer"))
    narrowed = permit_for(dict(permit.scope), frozenset({Element.PARTY, Element.DATETIME, Element.HEADER}), name="p2")
    with pytest.raises(SpecError, match="element-not-permitted"):
        open_view(node.streams, narrowed, "hits", ("line",), [DAY], node.release)


@pytest.mark.parametrize("rotated", [True, False], ids=["segment", "journal"])
def test_projection_needs_no_other_class_key(node: Node, rotated: bool) -> None:
    """With the party key refused, the other columns open, filters and all; the line does not."""
    writer = node.writer()
    writer.append(node.rows(500))
    writer.flush()
    if rotated:
        writer.rotate()
    release = node.refusing("party")
    with open_view(node.streams, node.permit, "hits", ("peer", "start"), [DAY], release) as view:
        some = view.relation.limit(1).to_pyarrow()["peer"][0].as_py()
        assert view.relation.filter(view.relation.peer == some).count().to_pyarrow().as_py() >= 1
        assert view.relation.filter(view.relation.start >= datetime(2026, 11, 21, tzinfo=UTC)).count().to_pyarrow().as_py() == 500
    assert f"p1/party/{DAY}" not in node.asked
    with pytest.raises(PermissionError, match="no permit for p1/party"):
        open_view(node.streams, node.permit, "hits", ("token",), [DAY], release, node.token_key)


def test_release_is_asked_once_per_class_and_file(node: Node) -> None:
    """Two segments and one journal: each class touched is asked for three times, whatever is queried; segments add their footer."""
    writer = node.writer()
    for turn in range(3):
        writer.append(node.rows(200, turn))
        writer.flush()
        if turn < 2:
            writer.rotate()
    with open_view(
        node.streams, node.permit, "hits", ("token", "peer", "line_port", "peer_port"), [DAY], node.release, node.token_key
    ) as view:
        for _ in range(3):
            assert view.relation.to_pyarrow().num_rows == 600
        assert view.released == node.asked
    classes = {"party": 3, "counterpart": 3, "header": 3, "footer": 2}
    assert node.asked == {f"p1/{c}/{DAY}": n for c, n in classes.items()}


def test_a_closed_view_opens_nothing(node: Node) -> None:
    """After the look the relation fails and the keys are gone with it."""
    writer = node.writer()
    writer.append(node.rows(10))
    writer.close()
    view = open_view(node.streams, node.permit, "hits", ("peer",), [DAY], node.release)
    assert view.relation.count().to_pyarrow().as_py() == 10
    assert view._opening is not None
    keys = view._opening._client._held
    assert keys is not None
    view.close()
    with pytest.raises(duckdb.ConnectionException):
        view.relation.count().to_pyarrow()
    deadline = time.monotonic() + 10
    while keys() is not None and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.01)
    assert keys() is None, "something still holds the keys"


def test_a_look_ended_from_outside_stops_its_running_query(node: Node) -> None:
    """A permit withdrawn while a measure counts: the view is closed by another thread, and the query fails within a second."""
    writer = node.writer()
    for i in range(4):
        writer.append(node.rows(2000, i))
    writer.close()
    view = open_view(node.streams, node.permit, "hits", ("token", "peer"), [DAY], node.release, node.token_key)
    one, two, three = (view.relation.select(**{name: "peer"}) for name in ("a", "b", "c"))
    triples = one.cross_join(two).cross_join(three)
    slow = triples.filter(triples.a < triples.b, triples.b < triples.c)
    ended: list[float] = []

    def end() -> None:
        view.close()
        ended.append(time.monotonic())

    timer = threading.Timer(0.5, end)
    timer.start()
    with pytest.raises(duckdb.Error):
        slow.count().to_pyarrow()
    timer.join(10)
    assert time.monotonic() - ended[0] < 1 + BUSY


@pytest.mark.parametrize("refused", ["party", "counterpart", "footer"])
def test_a_refused_key_is_said_at_the_door(node: Node, refused: str) -> None:
    """`keep` refuses one class: the view does not open and says why; no scan starts that could fail inside Arrow's threads."""
    writer = node.writer()
    for i in range(5):
        writer.append(node.rows(50, i))
        writer.rotate()
    for _ in range(20):
        with pytest.raises(PermissionError, match=f"no permit for p1/{refused}"):
            open_view(node.streams, node.permit, "hits", ("token", "peer"), [DAY], node.refusing(refused), node.token_key)


def test_a_key_that_was_not_asked_for_cannot_be_had_by_a_scan(node: Node) -> None:
    """Inside a scan nobody is asked and nothing raised: a key not held before gives one that opens nothing."""
    held = Held()
    client = GateKms(release=node.release, held=held)
    sealing = GateKms(halves=node.half)
    mine, other = (sealing.wrap_key(bytes(32), f"p1/{c}/{DAY}") for c in ("party", "header"))
    assert client.unwrap_key(mine, f"p1/party/{DAY}") == bytes(32)
    client.scan()
    assert client.unwrap_key(mine, f"p1/party/{DAY}") == bytes(32)
    assert client.unwrap_key(other, f"p1/header/{DAY}") != bytes(32)
    assert client.unwrap_key("no base64 at all", f"p1/header/{DAY}") != bytes(32)
    assert set(node.asked) == {f"p1/party/{DAY}"}
    del held
    assert client.unwrap_key(mine, f"p1/party/{DAY}") != bytes(32)


def test_one_look_leaves_no_key_for_the_next(node: Node) -> None:
    """The factory's cache trap: after a look with every key, a second look with none opens nothing."""
    writer = node.writer()
    writer.append(node.rows(10))
    writer.close()
    with open_view(node.streams, node.permit, "hits", ("token", "peer"), [DAY], node.release, node.token_key) as view:
        view.relation.to_pyarrow()
    with pytest.raises((PermissionError, OSError), match="no permit"):
        open_view(node.streams, node.permit, "hits", ("peer",), [DAY], node.refusing("footer", "counterpart"))


def test_duckdb_in_a_look_reaches_no_disk_and_no_network(node: Node, tmp_path: Path) -> None:
    """No file is read or written, no extension is loaded, nothing spills, and none of it can be switched back on."""
    writer = node.writer()
    writer.append(node.rows(10))
    writer.close()
    secret = tmp_path / "other.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    with open_view(node.streams, node.permit, "hits", ("peer",), [DAY], node.release) as view:
        con = view.relation.get_backend().con
        assert con.execute("SELECT current_setting('temp_directory')").fetchone() == ("",)
        for reach in (
            f"SELECT * FROM read_csv('{secret}')",
            f"COPY look TO '{tmp_path / 'out.csv'}'",
            f"ATTACH '{tmp_path / 'out.db'}'",
            "INSTALL httpfs",
            "LOAD httpfs",
            f"SET temp_directory = '{tmp_path}'",
            "SET enable_external_access = true",
            "SET lock_configuration = false",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(reach)
    assert not list(tmp_path.glob("out.*"))


def test_a_copied_segment_does_not_count_twice(node: Node) -> None:
    """A segment or a journal under another name, or in another day's folder, is refused by name."""
    writer = node.writer()
    writer.append(node.rows(10))
    path = writer.rotate()
    assert path is not None
    twin = path.with_name("0" * 12 + "-000001.segment")
    twin.write_bytes(path.read_bytes())
    with pytest.raises(SealError, match="renamed"):
        open_view(node.streams, node.permit, "hits", ("peer",), [DAY], node.release)
    twin.unlink()
    later = path.parent.parent / days_later(DAY, 1)
    later.mkdir()
    (later / path.name).write_bytes(path.read_bytes())
    with pytest.raises(SealError, match="renamed"):
        open_view(node.streams, node.permit, "hits", ("peer",), [DAY, later.name], node.release)


def test_another_permits_segment_in_this_folder_is_not_opened(node: Node) -> None:
    """A file laid here from another permit's stream: its keys are refused in the look, `keep` never hears of it."""
    writer = node.writer()
    writer.append(node.rows(10))
    path = writer.rotate()
    assert path is not None
    other = permit_for(hits_scope(), name="p9")
    home = node.streams / segments_home(node, other.id)
    home.mkdir(parents=True)
    (home / path.name).write_bytes(path.read_bytes())
    with pytest.raises((KeyRefused, OSError), match="foreign-key"):
        open_view(node.streams, other, "hits", ("peer",), [DAY], node.release)
    assert not node.asked


def segments_home(node: Node, permit_id: str) -> Path:
    from sekisho.store.parts import stream_folder

    assert not segments(node.streams, permit_id, "hits", [DAY])
    return stream_folder(node.streams, permit_id, "hits") / DAY
