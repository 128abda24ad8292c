"""Sealed sender records: what the services seal opens here, for the key of its day and the post it is of, and for nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.store.errors import KeyGone, SealError
from sekisho.store.sks1 import HEAD, INDEX, LONGEST, TAG, came_from, head_of, index_key, name_of, named, open_record, parts, record_key
from sekisho.store.vault import Vault
from sekisho_sender.record import Address, Record, Sender, SubjectKind, canonical, plain_ip
from sekisho_sender.seal import Closed, closed, key_id

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ADDRESSES = st.ip_addresses().map(str).filter(lambda ip: "%" not in ip)


def record(identity: str = "rec-1", subject: str = "post-1", ip: str = "203.0.113.9", kind: SubjectKind = SubjectKind.POST) -> Record:
    sender = Sender(Address(ip, 51234), Address("198.51.100.7", 443), 1_795_294_496_789_012, "10.0.0.1", "forwarded", "", tampered=False)
    return Record(identity, kind, subject, sender, host="web-1")


def both(said: Record, once: bytes = b"\1" * 32) -> Closed:
    """As `sekisho_sender` seals it, which shares no code with what opens it here."""
    return closed(said, PUBLIC, X25519PrivateKey.from_private_bytes(once), bytes(12))


def sealed(said: Record) -> bytes:
    return both(said).sealed


def opened(content: bytes, said: Record) -> object:
    key = record_key(KEY.private_bytes_raw(), content)
    return open_record(content, key, said.subject_kind, said.subject, said.id)


def test_what_a_service_seals_opens_to_the_same_record() -> None:
    for kind in SubjectKind:
        said = record(kind=kind)
        assert opened(sealed(said), said) == json.loads(canonical(said))


@settings(max_examples=30, deadline=None)
@given(ADDRESSES, st.text(max_size=40), st.text(max_size=40))
def test_every_record_comes_back_whole(ip: str, identity: str, subject: str) -> None:
    said = record(identity, subject, plain_ip(ip))
    assert opened(sealed(said), said) == json.loads(canonical(said))


def test_the_key_is_named_as_the_services_name_it() -> None:
    assert name_of(PUBLIC) == key_id(PUBLIC) == parts(sealed(record())).key_id == named(sealed(record())[:HEAD])


@settings(max_examples=40, deadline=None)
@given(ADDRESSES.map(plain_ip), ADDRESSES.map(plain_ip))
def test_the_index_tells_who_holds_the_key_of_the_day_whether_it_is_this_address_and_nobody_anything_else(one: str, two: str) -> None:
    closed_one = both(record(ip=one))
    index, head = str(closed_one.index), head_of(closed_one.sealed)
    key = index_key(KEY.private_bytes_raw(), head)
    assert INDEX.fullmatch(index)
    assert came_from(index, key, one)
    assert came_from(index, key, two) == (one == two)
    assert not came_from(index, index_key(KEY.private_bytes_raw(), head_of(both(record(ip=one), b"\2" * 32).sealed)), one)


def test_the_key_of_an_index_opens_no_record() -> None:
    content = sealed(record())
    key = index_key(KEY.private_bytes_raw(), content[:HEAD])
    assert key != record_key(KEY.private_bytes_raw(), content)
    with pytest.raises(SealError, match="wrong-key"):
        open_record(content, key, "post", "post-1", "rec-1")


@pytest.mark.parametrize(
    ("head", "why"), [(b"", "not-a-record"), (b"sks1" + bytes(59), "not-a-record"), (b"sks1" + bytes(60), "wrong-key")]
)
def test_without_the_head_of_a_record_of_this_day_there_is_no_key_of_an_index(head: bytes, why: str) -> None:
    with pytest.raises(SealError, match=why):
        index_key(KEY.private_bytes_raw(), head)


def test_a_record_moved_to_another_post_kind_or_id_does_not_open() -> None:
    content = sealed(record())
    key = record_key(KEY.private_bytes_raw(), content)
    assert open_record(content, key, "post", "post-1", "rec-1")
    for kind, subject, identity in (("login", "post-1", "rec-1"), ("post", "post-2", "rec-1"), ("post", "post-1", "rec-2")):
        with pytest.raises(SealError, match="wrong-key"):
            open_record(content, key, kind, subject, identity)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, HEAD + 200), st.integers(1, 255))
def test_no_byte_of_it_can_be_changed(place: int, flip: int) -> None:
    content = bytearray(sealed(record()))
    content[place % len(content)] ^= flip
    with pytest.raises(SealError):
        opened(bytes(content), record())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"sks1" + b))
def test_bytes_that_are_no_record_are_refused_and_break_nothing(content: bytes) -> None:
    with pytest.raises(SealError):
        opened(content, record())


@pytest.mark.parametrize("length", [0, 4, HEAD, HEAD + TAG - 1, LONGEST + 1])
def test_a_record_too_short_or_too_long_is_none(length: int) -> None:
    with pytest.raises(SealError, match="not-a-record"):
        parts((b"sks1" + bytes(length))[:length])


def test_an_ephemeral_key_without_a_secret_is_refused() -> None:
    content = bytearray(sealed(record()))
    content[20:52] = bytes(32)
    with pytest.raises(SealError, match="bad-key"):
        record_key(KEY.private_bytes_raw(), bytes(content))


def test_what_was_sealed_must_be_a_record() -> None:
    """A service that seals something else gives nothing."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    content = sealed(record())
    key = record_key(KEY.private_bytes_raw(), content)
    bound = b'{"id":"rec-1","kind":"post","subject":"post-1"}'
    for text in (b"[]", b"1", b"no json", b"[" * 9000):
        other = content[:HEAD] + AESGCM(key).encrypt(content[HEAD - 12 : HEAD], text, bound)
        with pytest.raises(SealError):
            open_record(other, key, "post", "post-1", "rec-1")


class Clock:
    """Time as the test says."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def test_the_vault_makes_the_key_of_one_record_and_gives_no_private_half(tmp_path: Path) -> None:
    clock = Clock()
    with Vault.create(tmp_path / "vault", bytes(32), clock) as vault:
        name = "permit-0123456789abcdef/post/2026-11-22"
        public = vault.public_half(name, NOW + timedelta(days=1))
        content = closed(record(), public, X25519PrivateKey.generate(), bytes(12)).sealed
        key = vault.record_key(name, content)
        assert open_record(content, key, "post", "post-1", "rec-1")
        assert vault.opens(name) == public
        other = closed(record("rec-2"), public, X25519PrivateKey.generate(), bytes(12)).sealed
        assert vault.record_key(name, other) != key, "the key of one record opens no other"
        assert vault.index_key(name, content[:HEAD]) not in (key, vault.index_key(name, other[:HEAD]))
        with pytest.raises(SealError, match="wrong-key"):
            vault.record_key(name, sealed(record()))


def test_past_its_term_or_destroyed_a_key_opens_no_record(tmp_path: Path) -> None:
    clock = Clock()
    with Vault.create(tmp_path / "vault", bytes(32), clock) as vault:
        name = "permit-0123456789abcdef/post/2026-11-22"
        public = vault.public_half(name, NOW + timedelta(days=1))
        content = closed(record(), public, X25519PrivateKey.generate(), bytes(12)).sealed
        clock.at += timedelta(days=1)
        assert vault.opens(name) is None
        with pytest.raises(KeyGone, match="term-over"):
            vault.record_key(name, content)
        with pytest.raises(KeyGone, match="term-over"):
            vault.index_key(name, content)
        vault.held = frozenset({name})
        assert vault.record_key(name, content), "a hold keeps the key; who may use it the gate decides"
        vault.destroy(name)
        assert vault.opens(name) is None
        with pytest.raises(KeyGone, match="destroyed"):
            vault.record_key(name, content)
        assert vault.opens("permit-0123456789abcdef/post/2026-11-23") is None
