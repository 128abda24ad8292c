"""An entry says what happened and nothing about whom: whatever looks like a person or a place is refused."""

from __future__ import annotations

import ipaddress
import json
import re
import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law.words import Element
from sekisho.ledger.entry import COMMITMENTS, DIGESTS, IDS, PROCESSES, TIMES, Entry, EntryType, commit, opens
from sekisho.ledger.faults import EntryRefused
from tests.conftest import ROOT

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FREE = [
    "yamada", "taro-yamada", "ja/yamada@3",
    "山田太郎", "ヤマダ", "Taro Yamada", "taro.yamada", "TaroYamada", "O'Brien", "Müller", "yamada_taro",
    "198.51.100.7", "198.51.100.0/24", "c6336407", "0xc6336407", "3325256711", "198-51-100-7",
    "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "20010db8000000000000000000000001", "::ffff:198.51.100.7",
    "00:00:5e:00:53:01", "00005e005301", "taro@example.com", "mailto:taro@example.com", "taro+x@example.co.jp",
    "example.com", "www.example.co.jp", "xn--eckwd4c7c.example", "https://example.com/a", "+81-3-1234-5678", "0312345678",
    "090-1234-5678", "福井県福井市大手三丁目", "", " ", "a\nb", "permit-", "yamada-0123456789abcdef",
]  # fmt: skip


def full() -> Entry:
    """An entry with everything in it."""
    return Entry(
        EntryType.KEY_RELEASE,
        NOW,
        ids={
            "permit": "permit-0123456789abcdef", "case": "jp/B-13/1", "key": "permit-0123456789abcdef/party/2026-11-21",
            "person": "7c9e6679f4254f1ba2b9d3f6a1c0e5d4", "process": "act",
        },
        digests={"book": "ab" * 32},
        times={"until": NOW + timedelta(days=1)},
        flags=("one-person", "duty-delete"),
        commitments={"body": "cd" * 32},
    )  # fmt: skip


def test_an_entry_comes_back_as_it_was_written() -> None:
    """Encoded and decoded, an entry is the same, and its bytes are."""
    entry = full()
    again = Entry.decode(entry.encode())
    assert again.encode() == entry.encode()
    assert (again.type, again.at, again.ids, again.times) == (entry.type, entry.at, entry.ids, entry.times)


def test_one_entry_has_one_spelling() -> None:
    """The zone a time was given in and the order of fields make no difference to the bytes."""
    tokyo = timezone(timedelta(hours=9))
    one = Entry(EntryType.PLAN, NOW, ids={"plan": "0123456789abcdef", "case": "jp/B-13/1"}, flags=("held", "bulk"))
    two = Entry(EntryType.PLAN, NOW.astimezone(tokyo), ids={"case": "jp/B-13/1", "plan": "0123456789abcdef"}, flags=("bulk", "held"))
    assert one.encode() == two.encode()


@pytest.mark.parametrize("text", FREE)
def test_names_and_addresses_fit_in_no_field(text: str) -> None:
    """People, places, hosts, lines and mailboxes are refused as an id, digest, commitment, time, flag and as a field's name."""
    for name in IDS:
        with pytest.raises(EntryRefused):
            Entry(EntryType.LOOK, NOW, ids={name: text})
    for group, names in (("digests", DIGESTS), ("commitments", COMMITMENTS), ("times", TIMES)):
        for name in names:
            with pytest.raises(EntryRefused):
                Entry(EntryType.LOOK, NOW, **{group: {name: text}})
    with pytest.raises(EntryRefused):
        Entry(EntryType.LOOK, NOW, flags=(text,))
    for group in ("ids", "digests", "times", "commitments"):
        with pytest.raises(EntryRefused):
            Entry(EntryType.LOOK, NOW, **{group: {text: "ab" * 32}})


@given(st.text(max_size=80))
def test_no_text_at_all_fits(text: str) -> None:
    """Only hex of the fixed lengths gets through; a lower-case surname does not."""
    if re.search("[0-9a-f]{16}", text) or text in PROCESSES:
        return
    for name in IDS:
        with pytest.raises(EntryRefused):
            Entry(EntryType.LOOK, NOW, ids={name: text})


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_no_address_fits_in_any_spelling(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Dotted, coloned, as a number, as packed hex, reversed for DNS: none is an id (a version-4 UUID's 32 digits are)."""
    packed = address.packed.hex()
    shaped = len(packed) == 32 and packed[12] == "4" and packed[16] in "89ab"
    decimal = str(int(address))
    spellings = [str(address), address.exploded, address.reverse_pointer, *([] if shaped else [packed])]
    spellings += [decimal] if len(decimal) not in (16, 32) else []
    for spelling in spellings:
        for name in IDS:
            with pytest.raises(EntryRefused):
                Entry(EntryType.LOOK, NOW, ids={name: spelling})


def test_an_error_never_repeats_what_was_refused() -> None:
    """The refused value may be a name, and errors end in logs."""
    for fields in ({"ids": {"person": "taro.yamada"}}, {"ids": {"taro.yamada": "x"}}, {"digests": {"book": "taro.yamada"}}):
        with pytest.raises(EntryRefused) as refused:
            Entry(EntryType.LOOK, NOW, **fields)
        assert "yamada" not in str(refused.value)


def test_a_commitment_opens_with_its_salt_and_body_only() -> None:
    """Same body, other salt, other commitment: nobody can test guesses without the salt."""
    commitment, salt = commit(b"198.51.100.7")
    assert opens(commitment, salt, b"198.51.100.7")
    assert not opens(commitment, salt, b"198.51.100.8")
    assert not opens(commitment, bytes(32), b"198.51.100.7")
    assert not opens(commitment, b"", salt + b"198.51.100.7")
    assert commit(b"198.51.100.7")[0] != commitment


def respell(**change: object) -> bytes:
    plain = json.loads(full().encode())
    plain.update(change)
    return json.dumps({k: v for k, v in plain.items() if v is not None}, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"null", b"[]", b"\xff", b"[" * 5000, full().encode() + b" ", b" " + full().encode(),
        respell(type="gossip"), respell(at="2026-11-21"), respell(at=None), respell(v=2), respell(note="taro"), respell(flags="abc"),
        respell(ids={"person": "taro"}), respell(ids=[]), respell(times={"until": 5}),
        respell(flags=["one-person", "duty-delete"]), respell(digests={}),
    ],
)  # fmt: skip
def test_what_encode_does_not_write_is_no_entry(data: bytes) -> None:
    """Unknown fields, other spellings, empty groups, other versions: refused on reading, too."""
    with pytest.raises(EntryRefused):
        Entry.decode(data)


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody could say later when that was."""
    with pytest.raises(EntryRefused, match="zone"):
        Entry(EntryType.LOOK, datetime(2026, 11, 21))  # noqa: DTZ001 - the naive time is what is tried


def test_an_entry_cannot_be_changed_through_what_it_was_made_of() -> None:
    """The mapping handed in is copied; the one handed out is closed."""
    ids = {"plan": "0123456789abcdef"}
    entry = Entry(EntryType.PLAN, NOW, ids=ids)
    before = entry.encode()
    ids["plan"] = "taro"
    with pytest.raises(TypeError):
        entry.ids["plan"] = "taro"  # type: ignore[index]  # the attempt is the test
    assert entry.encode() == before


def test_every_case_of_the_book_fits() -> None:
    """What the gate can decide on, the ledger can name."""
    ids = [
        case["id"]
        for book in sorted((ROOT / "casebook").rglob("*.toml"))
        for case in tomllib.loads(book.read_text("utf-8")).get("case", [])
    ]
    assert len(ids) > 5
    for identity in ids:
        Entry.decode(Entry(EntryType.CONFIRMATION, NOW, ids={"case": identity}).encode())


def test_every_element_of_the_law_fits_a_key() -> None:
    """A key is named by permit, column class and day; each element is a class, and so is the footer."""
    for name in [*(element.value for element in Element), "footer"]:
        Entry(EntryType.KEY_MADE, NOW, ids={"key": f"permit-0123456789abcdef/{name}/2026-11-21"})
