"""Go's own sumdb code, unmodified, accepts what we write and our proofs, and refuses what was altered."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.ledger.log import Log
from sekisho.ledger.note import Note, SignatureLine, parse_note, sign_note
from sekisho.ledger.tree import Tile
from tests.conftest import need
from tests.ledger.conftest import ORIGIN

GOPATH = "/usr/share/gocode"
SOURCE = Path(__file__).parent / "go_verifier" / "main.go"

Check = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Builds the verifier from source and runs it: exit code and what it printed."""
    need("go")
    if not Path(GOPATH, "src/golang.org/x/mod/sumdb/tlog").is_dir():
        words = "golang.org/x/mod is not installed; `make parts` installs golang-golang-x-mod-dev as root on Debian"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(words)
    place = tmp_path_factory.mktemp("go")
    source = place / "path/src/go_verifier"
    source.mkdir(parents=True)
    shutil.copy(SOURCE, source)
    home = {"GOPATH": f"{place / 'path'}:{GOPATH}", "GOCACHE": str(place / "cache"), "HOME": str(place)}
    env = os.environ | home | {"GO111MODULE": "off", "GOPROXY": "off", "GOFLAGS": ""}
    program = place / "verifier"
    built = subprocess.run(["go", "build", "-o", program, "go_verifier"], check=False, env=env, capture_output=True, text=True, timeout=110)
    assert built.returncode == 0, built.stderr

    def run(vkey: str, *paths: Path) -> tuple[int, str]:
        done = subprocess.run([program, vkey, *paths], check=False, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout.strip()

    return run


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 600, 65_536, 66_300])
def test_go_verifies_signature_entries_inclusion_and_consistency(check: Check, tmp_path: Path, key: Ed25519PrivateKey, size: int) -> None:
    """Every entry, inclusion proofs over the whole log, and each checkpoint on the way is continued by the last."""
    older = []
    with Log.create(tmp_path / "log", ORIGIN, key) as log:
        for start, stop in ((0, size // 3), (size // 3, size - size // 7), (size - size // 7, size)):
            log.append_many([b"entry %d" % i for i in range(start, stop)])
            older.append(tmp_path / f"older-{stop}")
            older[-1].write_text(log.checkpoint, encoding="utf-8")
    for checkpoint in older:
        code, words = check(log.vkey, log.path, checkpoint)
        assert (code, words.split(",")[0]) == (0, f"good: {size} entries"), words


def test_go_names_the_one_entry_that_was_altered(check: Check, make: Callable[..., Log]) -> None:
    """One letter in entry 299, and Go says 299."""
    log = make(300)
    bundle = log.path / Tile(0, 1, 44).bundle
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 299", b"entry 29X"))
    assert check(log.vkey, log.path) == (1, "entry 299: altered")


def test_go_refuses_another_history_and_another_key(check: Check, make: Callable[..., Log], tmp_path: Path) -> None:
    """A checkpoint of a log that forked is not continued; a key that did not sign opens nothing."""
    log, other = make(300), make(299, "other", step=298)
    forked = tmp_path / "forked"
    with Log.create(tmp_path / "fork", ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32)))) as fork:
        fork.append_many([b"another past"])
        forked.write_text(fork.checkpoint, encoding="utf-8")
    assert check(log.vkey, log.path, forked)[1].startswith("consistency:")
    assert check(log.vkey, log.path, other.path / "checkpoint")[0] == 0
    foreign = Log.create(tmp_path / "foreign", ORIGIN, Ed25519PrivateKey.generate())
    foreign.close()
    assert check(foreign.vkey, log.path)[1].startswith("checkpoint:")


def test_go_accepts_a_checkpoint_with_a_line_of_a_witness_it_does_not_know(check: Check, make: Callable[..., Log]) -> None:
    """A cosignature of another kind beside ours disturbs nobody, and we keep it as it came."""
    log = make(3)
    note = parse_note(log.checkpoint)
    witness = sign_note(note.text, "witness.example/w1", Ed25519PrivateKey.generate()).signatures[0]
    both = str(Note(note.text, (*note.signatures, witness, SignatureLine("witness.example/pq", b"abcd", bytes(2420)))))
    (log.path / "checkpoint").write_text(both, encoding="utf-8")
    assert str(parse_note(both)) == both
    assert check(log.vkey, log.path)[0] == 0


def test_go_accepts_our_receipts_for_their_entry_only(check: Check, make: Callable[..., Log], tmp_path: Path) -> None:
    """A tlog-proof text carries everything an outsider needs; with another entry it proves nothing."""
    log = make(300)
    receipt, entry = tmp_path / "7.tlog-proof", tmp_path / "entry"
    receipt.write_text(log.receipt(7), encoding="utf-8")
    entry.write_bytes(b"entry 7")
    assert check(log.vkey, receipt, entry) == (0, "good: entry 7 of 300")
    entry.write_bytes(b"entry 8")
    assert check(log.vkey, receipt, entry)[1].startswith("receipt:")


@pytest.mark.parametrize(("old", "new"), [(1, 300), (255, 256), (256, 300), (299, 300)])
def test_go_accepts_our_consistency_proofs(check: Check, make: Callable[..., Log], tmp_path: Path, old: int, new: int) -> None:
    """The proof the log gives between two of its checkpoints, hash by hash."""
    proof, before = tmp_path / "proof", make(old, "before")
    with Log.create(tmp_path / "log", ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32)))) as log:
        log.append_many([b"entry %d" % i for i in range(new)])
        hashes = log.consistency(old)
    good = "".join(base64.b64encode(h).decode() + "\n" for h in hashes)
    proof.write_text(good, encoding="utf-8")
    assert check(log.vkey, before.path / "checkpoint", log.path / "checkpoint", proof) == (0, f"good: {new} entries continue {old}")
    proof.write_text(good + good.splitlines()[0] + "\n", encoding="utf-8")
    assert check(log.vkey, before.path / "checkpoint", log.path / "checkpoint", proof)[1].startswith("consistency:")
