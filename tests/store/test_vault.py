"""Private halves live in one place, for their term, and never again after they were destroyed."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from sekisho.store.errors import KeyGone, KeyRefused, SealError, StoreError
from sekisho.store.seal import wrap
from sekisho.store.vault import Vault, token_key_id
from tests.store.conftest import DAY, ROOT_KEY, Clock, Node, bytes_of, days_later, files_of

PARTY = f"p1/party/{DAY}"


def test_a_pair_is_made_on_first_ask_and_stays(node: Node) -> None:
    """The same half each time, also after a restart; what was wrapped before opens after."""
    half, dek = node.half(PARTY), os.urandom(32)
    wrapped = wrap(half, PARTY, dek)
    node.vault.close()
    with Vault.open(node.home / "vault", ROOT_KEY, (), node.clock) as vault:
        assert vault.public_half(PARTY, node.clock() + timedelta(days=1)) == half
        assert vault.unwrap(PARTY, wrapped) == dek
    node.vault = Vault.open(node.home / "vault", ROOT_KEY, (), node.clock)


def test_files_are_for_keep_alone_and_say_nothing(node: Node) -> None:
    """Mode 0600 in 0700; no permit, class, day or secret in a name or in the bytes."""
    half = node.half(PARTY)
    token = node.token_key(DAY)
    raw = bytes_of(node.home / "vault" / "keys")
    assert not any(
        word in raw for word in (b"p1", b"party", DAY.encode(), b"infected-notice", half, token, half.hex().encode(), token.hex().encode())
    )
    for path in (node.home / "vault").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_another_root_key_or_a_changed_file_opens_nothing(node: Node) -> None:
    """A stolen folder without the root key, a flipped bit, two files swapped: SealError."""
    wrapped = wrap(node.half(PARTY), PARTY, bytes(32))
    node.half(f"p1/header/{DAY}")
    node.vault.close()
    stolen = node.home / "stolen"
    shutil.copytree(node.home / "vault", stolen)
    with Vault.open(stolen, os.urandom(32), (), node.clock) as vault, pytest.raises(SealError):
        vault.unwrap(PARTY, wrapped)
    first, second = sorted(files_of(stolen / "keys"))
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    with Vault.open(stolen, ROOT_KEY, (), node.clock) as vault, pytest.raises(SealError):
        vault.unwrap(PARTY, wrapped)
    for path in (first, second):
        path.write_bytes(bytes([one[0] ^ 1]) + one[1:])
    with Vault.open(stolen, ROOT_KEY, (), node.clock) as vault, pytest.raises(SealError):
        vault.public_half(PARTY, node.clock() + timedelta(days=1))
    node.vault = Vault.open(node.home / "vault", ROOT_KEY, (), node.clock)


def test_a_destroyed_key_is_gone_and_its_id_is_never_made_again(node: Node) -> None:
    """The file is overwritten and unlinked; asking, unwrapping and making anew are refused, also after a restart."""
    wrapped = wrap(node.half(PARTY), PARTY, bytes(32))
    (file,) = files_of(node.home / "vault" / "keys")
    with file.open("rb") as still_open:
        before = still_open.read()
        node.vault.destroy(PARTY)
        still_open.seek(0)
        assert still_open.read() != before
    assert not files_of(node.home / "vault" / "keys")
    node.vault.destroy(PARTY)
    for _ in range(2):
        for ask in (lambda: node.half(PARTY), lambda: node.vault.unwrap(PARTY, wrapped)):
            with pytest.raises(KeyGone, match="destroyed"):
                ask()
        node.vault.close()
        node.vault = Vault.open(node.home / "vault", ROOT_KEY, (), node.clock)


def test_a_restored_key_file_is_refused_and_destroyed_again(node: Node) -> None:
    """Laid back beside its tombstone, the key opens nothing; at the next start its file goes again."""
    wrapped = wrap(node.half(PARTY), PARTY, bytes(32))
    (file,) = files_of(node.home / "vault" / "keys")
    copy = file.read_bytes()
    node.vault.destroy(PARTY)
    file.write_bytes(copy)
    with pytest.raises(KeyGone):
        node.vault.unwrap(PARTY, wrapped)
    node.vault.close()
    node.vault = Vault.open(node.home / "vault", ROOT_KEY, (), node.clock)
    assert not file.exists()


def test_a_restored_vault_is_refused_by_the_ledgers_list(node: Node, tmp_path: Path) -> None:
    """A whole old copy, made before the destruction and without its tombstone: the ledger's list is applied before anything is served."""
    wrapped = wrap(node.half(PARTY), PARTY, bytes(32))
    shutil.copytree(node.home / "vault", tmp_path / "backup")
    node.vault.destroy(PARTY)
    with Vault.open(tmp_path / "backup", ROOT_KEY, [PARTY], node.clock) as vault:
        assert not files_of(tmp_path / "backup" / "keys")
        with pytest.raises(KeyGone):
            vault.unwrap(PARTY, wrapped)


def test_keys_past_their_term_are_due_and_open_nothing_meanwhile(node: Node) -> None:
    """Term 30 days after the day: due then, oldest first; even before the sweep comes they open and seal nothing."""
    wrapped = wrap(node.half(PARTY), PARTY, bytes(32))
    later = f"p1/party/{days_later(DAY, 1)}"
    node.half(later)
    node.clock.now = node.clock.now.replace(hour=0) + timedelta(days=31) - timedelta(milliseconds=1)
    assert node.vault.due(node.clock()) == ()
    node.vault.unwrap(PARTY, wrapped)
    node.clock.pass_(seconds=1)
    assert node.vault.due(node.clock()) == (PARTY,)
    for ask in (lambda: node.vault.unwrap(PARTY, wrapped), lambda: node.half(PARTY)):
        with pytest.raises(KeyGone, match="term-over"):
            ask()
    node.clock.pass_(days=1)
    assert node.vault.due(node.clock()) == (PARTY, later)


def test_a_damaged_key_file_does_not_keep_others_alive(node: Node) -> None:
    """One file changed on the disk: it is named, and the other keys still come due."""
    node.half(PARTY)
    (file,) = files_of(node.home / "vault" / "keys")
    file.write_bytes(b"x" * 100)
    node.half(f"p1/header/{DAY}")
    node.clock.pass_(days=60)
    assert node.vault.due(node.clock()) == (f"p1/header/{DAY}",)
    assert node.vault.damaged == {file.name}
    node.vault.destroy(f"p1/header/{DAY}")
    assert node.vault.due(node.clock()) == ()


def test_many_data_keys_of_one_key_open_like_one_and_none_opens_once_it_is_destroyed(node: Node) -> None:
    deks = [os.urandom(32) for _ in range(3)]
    wrapped = [wrap(node.half(PARTY), PARTY, dek) for dek in deks]
    assert node.vault.unwrap_all(PARTY, wrapped) == deks == [node.vault.unwrap(PARTY, one) for one in wrapped]
    with pytest.raises(SealError):
        node.vault.unwrap_all(PARTY, [*wrapped, bytes(81)])
    node.vault.destroy(PARTY)
    for given in (wrapped, []):
        with pytest.raises(KeyGone):
            node.vault.unwrap_all(PARTY, given)


def test_a_legal_hold_stops_the_destruction(node: Node) -> None:
    """A held key is not due, opens what the gate lets it open, and seals nothing new; when the hold ends it is due."""
    wrapped = wrap(node.half(PARTY), PARTY, bytes(32))
    node.clock.pass_(days=40)
    node.vault.held = frozenset({PARTY})
    assert node.vault.due(node.clock()) == ()
    assert node.vault.unwrap(PARTY, wrapped) == bytes(32)
    with pytest.raises(KeyGone, match="term-over"):
        node.half(PARTY)
    node.vault.held = frozenset()
    assert node.vault.due(node.clock()) == (PARTY,)
    with pytest.raises(KeyGone, match="term-over"):
        node.vault.unwrap(PARTY, wrapped)


def test_token_keys_are_one_per_purpose_and_day_and_die_like_others(node: Node) -> None:
    """Stable within, different between, due at their term, gone when destroyed."""
    key = node.token_key(DAY)
    end = node.clock() + timedelta(days=30)
    assert key == node.token_key(DAY)
    assert len(key) == 32
    assert len({key, node.token_key(days_later(DAY, 1)), node.vault.token_key("other", DAY, end)}) == 3
    node.clock.pass_(days=60)
    assert token_key_id("infected-notice", DAY) in node.vault.due(node.clock())
    node.vault.destroy(token_key_id("infected-notice", DAY))
    with pytest.raises(KeyGone):
        node.token_key(DAY)


def test_strange_key_ids_and_unknown_keys_are_refused(node: Node) -> None:
    """A key id is permit/class/day and nothing else; unwrapping never makes a key."""
    for strange in (
        "",
        "p1",
        "p1/party",
        "../x/2026-11-21",
        "p1/party/2026-11-21/x",
        "p1/PARTY/2026-11-21",
        "p1/party/today",
        f"p1/party/{DAY}\n",
    ):
        with pytest.raises(KeyRefused):
            node.vault.public_half(strange, node.clock() + timedelta(days=1))
    with pytest.raises(KeyGone, match="unknown-key"):
        node.vault.unwrap(PARTY, bytes(81))
    assert not files_of(node.home / "vault" / "keys")


def test_one_keep_at_a_time(node: Node) -> None:
    """A second process on the same folder is refused; a vault is made once; none is made by opening."""
    with pytest.raises(KeyRefused, match="vault-in-use"):
        Vault.open(node.home / "vault", ROOT_KEY, (), node.clock)
    with pytest.raises(FileExistsError):
        Vault.create(node.home / "vault", ROOT_KEY, node.clock)
    with pytest.raises(FileNotFoundError):
        Vault.open(node.home / "nowhere", ROOT_KEY, (), node.clock)


def test_a_key_half_made_by_a_crash_is_taken_away(tmp_path: Path) -> None:
    """What was not renamed was never given to anybody."""
    clock = Clock()
    Vault.create(tmp_path / "v", ROOT_KEY, clock).close()
    half_made = tmp_path / "v" / "keys" / ("0" * 64 + ".new")
    half_made.write_bytes(b"half")
    with Vault.open(tmp_path / "v", ROOT_KEY, (), clock) as vault:
        assert vault.due(clock()) == ()
    assert not half_made.exists()
    assert issubclass(KeyGone, StoreError)
