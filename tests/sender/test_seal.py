"""The sealed form is exactly `sks1`, opens only for the officers, and is never made without the key of the day."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, fields, replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

import sekisho_sender.seal
from sekisho_sender.keeping import Keeper
from sekisho_sender.record import Record, SubjectKind, canonical, plain_ip
from sekisho_sender.seal import CannotSeal, KeyFile, closed, closed_to, day_of, key_id, read_keyring, seal, sealed_key_id
from tests.sender.keys import NOON, Officers, officers_of, sender_at, write_keys

RECORD = Record("0123", SubjectKind.POST, "17", sender_at(), account="花子", host="web-1")
PRINTED = json.loads((Path(__file__).parent / "sks1.json").read_text(encoding="utf-8"))


def keyring_of(officers: Officers) -> sekisho_sender.seal.Keyring:
    return read_keyring(officers.file())


def test_the_printed_example_is_sealed_byte_for_byte() -> None:
    """Another program that writes sks1 compares itself with tests/sender/sks1.json."""
    record = sekisho_sender.record.read(PRINTED["record"].encode())
    officer = X25519PrivateKey.from_private_bytes(bytes.fromhex(PRINTED["officers_private"]))
    public = officer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    once = X25519PrivateKey.from_private_bytes(bytes.fromhex(PRINTED["ephemeral_private"]))
    sealed, index = astuple(closed(record, public, once, bytes.fromhex(PRINTED["nonce"])))
    assert public.hex() == PRINTED["officers_public"]
    assert sealed.hex() == PRINTED["sealed"]
    assert sealed[4:20].hex() == hashlib.sha256(public).hexdigest()[:32] == sealed_key_id(sealed).hex()
    assert index == PRINTED["index"] == Officers({sealed[4:20]: officer}).index(sealed, "2001:db8::9")


def test_what_is_sealed_opens_for_the_officers_as_the_same_record() -> None:
    officers = officers_of(NOON)
    sealed = seal(RECORD, keyring_of(officers))
    assert officers.open(sealed, "post", "17", "0123") == RECORD


def test_two_seals_of_one_record_share_nothing_but_the_key_id() -> None:
    officers = officers_of(NOON)
    one, two = (seal(RECORD, keyring_of(officers)) for _ in range(2))
    assert one[:20] == two[:20]
    assert one[20:52] != two[20:52]
    assert one[52:] != two[52:]


@given(st.integers(min_value=4), st.integers(1, 255))
def test_a_sealed_record_with_any_byte_changed_does_not_open(place: int, change: int) -> None:
    sealed = bytearray(seal(RECORD, keyring_of(OFFICERS)))
    sealed[4 + place % (len(sealed) - 4)] ^= change
    with pytest.raises((InvalidTag, KeyError, ValueError)):
        OFFICERS.open(bytes(sealed), "post", "17", "0123")


@pytest.mark.parametrize(("kind", "subject", "record_id"), [("login", "17", "0123"), ("post", "18", "0123"), ("post", "17", "0124")])
def test_a_sealed_record_moved_to_another_post_does_not_open(kind: str, subject: str, record_id: str) -> None:
    officers = officers_of(NOON)
    with pytest.raises(InvalidTag):
        officers.open(seal(RECORD, keyring_of(officers)), kind, subject, record_id)


def test_the_package_has_nothing_that_opens_a_sealed_record() -> None:
    folder = Path(sekisho_sender.seal.__file__).parent
    assert not [file.name for file in folder.rglob("*.py") if ".decrypt(" in file.read_text(encoding="utf-8")]


def test_the_key_is_that_of_the_day_in_japan() -> None:
    """15:00 in UTC is the next day's midnight in Japan."""
    midnight = NOON - 123_456 + 12 * 3600 * 1_000_000
    assert (day_of(midnight - 1), day_of(midnight)) == ("2026-11-22", "2026-11-23")
    officers = officers_of(NOON)
    seal(replace(RECORD, sender=sender_at(midnight - 1)), keyring_of(officers))
    with pytest.raises(CannotSeal, match="no key for post of 2026-11-23"):
        seal(replace(RECORD, sender=sender_at(midnight)), keyring_of(officers))


def test_a_kind_without_a_key_of_its_own_is_not_sealed_to_another_kinds_key() -> None:
    officers = officers_of(NOON, kinds=(SubjectKind.POST,))
    with pytest.raises(CannotSeal, match="no key for login"):
        seal(replace(RECORD, subject_kind=SubjectKind.LOGIN), keyring_of(officers))


def indexed(ip: str) -> tuple[bytes, str]:
    """One record of this address: sealed, and its index."""
    record = replace(RECORD, sender=sender_at(ip=ip))
    closed = closed_to(record, keyring_of(OFFICERS).of(SubjectKind.POST, NOON))
    assert closed.index is not None
    return closed.sealed, closed.index


@settings(max_examples=40, deadline=None)
@given(st.ip_addresses().map(str).filter(lambda ip: "%" not in ip), st.ip_addresses().map(str).filter(lambda ip: "%" not in ip))
def test_the_officers_compare_an_address_with_a_record_and_nobody_compares_two_records(one: str, two: str) -> None:
    sealed, index = indexed(one)
    assert OFFICERS.index(sealed, plain_ip(one)) == index
    assert (OFFICERS.index(sealed, plain_ip(two)) == index) == (plain_ip(one) == plain_ip(two))
    again, another = indexed(one)
    assert another != index
    assert OFFICERS.index(again, plain_ip(one)) == another


def test_the_service_has_no_secret_with_which_addresses_could_be_tried() -> None:
    """What it holds, the public keys and its own table, says the same of every address: a record sealed once more has another index."""
    assert not {f.name for f in fields(Keeper)} & {"index_secret", "secret"}
    assert len({indexed("203.0.113.9")[1] for _ in range(50)}) == 50
    with pytest.raises(TypeError):
        Keeper(keyring_of, bytes(32))  # type: ignore[misc,arg-type] - as the first version was called


def test_a_record_without_an_address_has_no_index() -> None:
    record = replace(RECORD, sender=replace(sender_at(), source=None, why_empty="source:nobody told"))
    assert closed_to(record, keyring_of(OFFICERS).of(SubjectKind.POST, NOON)).index is None


def broken(**change: object) -> bytes:
    told = json.loads(OFFICERS.file())
    told["keys"] = [{**told["keys"][0], **change}]
    return json.dumps(told).encode()


OFFICERS = officers_of(NOON)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "schema"),
        (b'{"schema": "sekisho.sender-keys/2"}', "schema"),
        (b'{"schema": "sekisho.sender-keys/1", "service": "chat"}', "no list of keys"),
        (broken(kind="read"), "key 1 .*'read' is not a valid SubjectKind"),
        (broken(day="22 November"), "key 1 "),
        (broken(day="20261122"), "key 1 .*written like"),
        (broken(public="00" * 31), "key 1 "),
        (broken(public="00" * 32), "key 1 "),
        (broken(public=None), "key 1 "),
        (json.dumps({**json.loads(OFFICERS.file()), "keys": OFFICERS.entries * 2}).encode(), "a second key"),
    ],
)
def test_a_key_file_that_is_not_one_names_what_is_wrong(text: bytes, words: str) -> None:
    with pytest.raises(CannotSeal, match=words):
        read_keyring(text)


def test_a_service_that_knows_its_node_takes_keys_from_nobody_else() -> None:
    node = OFFICERS.signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert len(read_keyring(OFFICERS.file(), node).keys) == 5
    told = json.loads(OFFICERS.file())
    unsigned = {name: value for name, value in told.items() if name != "signature"}
    for forged in (officers_of(NOON).file(), json.dumps(unsigned).encode(), json.dumps({**told, "service": "other"}).encode()):
        with pytest.raises(CannotSeal, match="not signed by the node"):
            read_keyring(forged, node)


def test_new_keys_in_the_file_are_used_and_a_file_that_went_away_seals_nothing(tmp_path: Path) -> None:
    officers = officers_of(NOON)
    file = KeyFile(write_keys(tmp_path, officers))
    tomorrow = replace(RECORD, sender=sender_at(NOON + 86_400_000_000))
    with pytest.raises(CannotSeal, match="no key for post"):
        seal(tomorrow, file.keyring())
    officers.add("post", "2026-11-23")
    write_keys(tmp_path, officers)
    opened = officers.open(seal(tomorrow, file.keyring()), "post", "17", "0123")
    assert opened == tomorrow
    file.path.unlink()
    with pytest.raises(CannotSeal, match="posts are refused"):
        file.keyring()


def test_a_key_file_cut_in_half_stops_sealing_instead_of_going_on_with_old_keys(tmp_path: Path) -> None:
    file = KeyFile(write_keys(tmp_path, OFFICERS))
    file.keyring()
    file.path.write_bytes(OFFICERS.file()[:100])
    for _ in range(2):
        with pytest.raises(CannotSeal, match="not JSON"):
            file.keyring()


def test_a_sealed_record_has_no_word_of_the_record_in_it() -> None:
    sealed = seal(RECORD, keyring_of(OFFICERS))
    for word in (b"203.0.113.9", "花子".encode(), b"web-1", b"post"):
        assert word in canonical(RECORD)
        assert word not in sealed


@pytest.mark.parametrize("text", [b"", b"sks1", b"sks2" + bytes(200), b"sks1" + bytes(75)])
def test_bytes_that_are_no_sealed_record_have_no_key(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a sealed"):
        sealed_key_id(text)


def test_the_id_of_a_key_is_half_of_its_digest() -> None:
    assert key_id(b"a" * 32) == hashlib.sha256(b"a" * 32).digest()[:16]
