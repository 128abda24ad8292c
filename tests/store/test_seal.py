"""Sealed bytes open with their own key, whole and unchanged, or not at all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.store.errors import KeyRefused, SealError
from sekisho.store.schema import SHAPES, column_class, element
from sekisho.store.seal import only, open_batch, open_note, seal_batch, seal_note, unwrap, wrap
from tests.store.conftest import DAY, some_rows


class Keys:
    """Key pairs by id, and what was asked for."""

    def __init__(self) -> None:
        self.pairs: dict[str, X25519PrivateKey] = {}
        self.asked: Counter[str] = Counter()

    def private(self, key_id: str) -> bytes:
        return self.pairs.setdefault(key_id, X25519PrivateKey.generate()).private_bytes_raw()

    def public(self, key_id: str) -> bytes:
        self.private(key_id)
        return self.pairs[key_id].public_key().public_bytes_raw()

    def release(self, key_id: str, wrapped: bytes) -> bytes:
        self.asked[key_id] += 1
        return unwrap(self.private(key_id), key_id, wrapped)

    def classes(self, shape: str) -> dict[Sequence[str], tuple[str, bytes]]:
        schema = SHAPES[shape].schema
        kinds: dict[str, tuple[str, ...]] = {}
        for name in schema.names:
            kinds[column_class(schema, name)] = (*kinds.get(column_class(schema, name), ()), name)
        return {columns: (f"p1/{k}/{DAY}", self.public(f"p1/{k}/{DAY}")) for k, columns in kinds.items()}


def test_a_wrapped_key_opens_with_the_private_half_and_its_own_id_only() -> None:
    """Another class, another day, another permit, another private half: each is refused."""
    keys = Keys()
    dek, own = os.urandom(32), "p1/party/2026-11-21"
    wrapped = wrap(keys.public(own), own, dek)
    assert unwrap(keys.private(own), own, wrapped) == dek
    for other in ("p1/header/2026-11-21", "p1/party/2026-11-22", "p2/party/2026-11-21"):
        with pytest.raises(SealError):
            unwrap(keys.private(own), other, wrapped)
        with pytest.raises(SealError):
            unwrap(keys.private(other), own, wrapped)


def test_the_public_half_and_the_ephemeral_key_open_nothing() -> None:
    """What the collector holds, used as if it were a private half, opens nothing it wrapped."""
    keys = Keys()
    wrapped = wrap(keys.public("p1/party/2026-11-21"), "p1/party/2026-11-21", os.urandom(32))
    for guess in (keys.public("p1/party/2026-11-21"), wrapped[1:33]):
        with pytest.raises(SealError):
            unwrap(guess, "p1/party/2026-11-21", wrapped)


def test_a_dishonest_public_half_is_refused() -> None:
    """A low-order point would make a key everybody knows; halves and keys of a wrong size are refused too."""
    for public, dek in (
        (bytes(32), bytes(32)),
        (bytes(31), bytes(32)),
        (X25519PrivateKey.generate().public_key().public_bytes_raw(), b"short"),
    ):
        with pytest.raises(SealError, match="bad-key"):
            wrap(public, "p1/party/2026-11-21", dek)


@pytest.mark.parametrize("shape", sorted(SHAPES))
@settings(max_examples=20, deadline=None)
@given(count=st.integers(0, 40), seed=st.integers(0, 2**32))
def test_every_shape_comes_back_as_it_went_in(shape: str, count: int, seed: int) -> None:
    """Nulls, empty batches and all types survive sealing; every column carries an element and a class."""
    keys, batch = Keys(), some_rows(SHAPES[shape].schema, count, seed, nulls=True)
    table = open_batch(seal_batch(batch, keys.classes(shape)), batch.schema.names, keys.release)
    assert table.equals(pa.Table.from_batches([batch]))
    assert all(element(table.schema, n) and column_class(table.schema, n) for n in table.schema.names)


def test_only_the_classes_of_the_named_columns_are_asked_for() -> None:
    """Two columns of two classes: two keys, in the order asked for, and nothing of the other classes."""
    keys, batch = Keys(), some_rows(SHAPES["flows"].schema, 5)
    table = open_batch(seal_batch(batch, keys.classes("flows")), ["start", "peer"], keys.release)
    assert table.schema.names == ["start", "peer"]
    assert keys.asked == {f"p1/counterpart/{DAY}": 1, f"p1/datetime/{DAY}": 1}


def test_sealed_bytes_hold_no_value() -> None:
    """Neither an address nor a name is found in the sealed bytes."""
    keys = Keys()
    for shape in ("flows", "contacts", "assignments"):
        raw = seal_batch(some_rows(SHAPES[shape].schema, 50), keys.classes(shape))
        assert b"PLAINADR" not in raw
        assert b"plain-name" not in raw


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_or_a_cut_is_an_error_never_garbage(data: st.DataObject) -> None:
    """Any one bit changed, or any tail missing, or bytes added: SealError, and no value comes out."""
    raw = bytearray(SEALED)
    how = data.draw(st.sampled_from(["flip", "cut", "add"]))
    if how == "flip":
        at = data.draw(st.integers(0, len(raw) * 8 - 1))
        raw[at // 8] ^= 1 << at % 8
    elif how == "cut":
        del raw[data.draw(st.integers(0, len(raw) - 1)) :]
    else:
        raw += data.draw(st.binary(min_size=1, max_size=9))
    with pytest.raises(SealError):
        open_batch(bytes(raw), BATCH.schema.names, KEYS.release)


KEYS = Keys()
BATCH = some_rows(SHAPES["flows"].schema, 3)
KEY_IDS = KEYS.classes("flows")
SEALED = seal_batch(BATCH, KEY_IDS)


def test_a_column_in_no_class_or_in_two_is_refused() -> None:
    """Nothing is sealed when a column would lie open or twice."""
    keys, batch = Keys(), some_rows(SHAPES["sums"].schema, 2)
    classes = keys.classes("sums")
    first = next(iter(classes))
    for wrong in ({k: v for k, v in classes.items() if k != first}, {**classes, ("minute",): classes[first], ("octets",): classes[first]}):
        with pytest.raises(SealError, match="bad-classes"):
            seal_batch(batch, wrong)


def test_a_bound_batch_opens_only_where_it_was_bound() -> None:
    """Laid elsewhere, it does not open."""
    keys, batch = Keys(), some_rows(SHAPES["contacts"].schema, 2)
    raw = seal_batch(batch, keys.classes("contacts"), b"2026-11-21/1")
    assert open_batch(raw, ["mail"], keys.release, b"2026-11-21/1").num_rows == 2
    with pytest.raises(SealError):
        open_batch(raw, ["mail"], keys.release, b"2026-11-21/2")


@settings(max_examples=60, deadline=None)
@given(note=st.binary(max_size=300), at=st.integers(0, 10**6))
def test_a_note_opens_for_its_reader_only(note: bytes, at: int) -> None:
    """A recipient sealed to `act` comes back whole; one changed bit or another reader opens nothing."""
    keys = Keys()
    sealed = bytearray(seal_note(keys.public("act"), "act", note))
    assert open_note(keys.private("act"), "act", bytes(sealed)) == open_note(keys.release, "act", bytes(sealed)) == note
    with pytest.raises(SealError):
        open_note(keys.private("show"), "act", bytes(sealed))
    sealed[at % len(sealed)] ^= 1 << at % 8
    with pytest.raises(SealError):
        open_note(keys.private("act"), "act", bytes(sealed))


def test_a_narrowed_release_never_reaches_keep_for_a_foreign_key() -> None:
    """The refusal comes before `keep` is asked."""
    keys = Keys()
    with pytest.raises(KeyRefused):
        only({"p1/party/2026-11-21"}, keys.release)("p1/contact/2026-11-21", b"")
    assert not keys.asked
