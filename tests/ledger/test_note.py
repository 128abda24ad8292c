"""Checkpoints are C2SP signed notes: the published examples are read, foreign lines are kept, nothing malformed gets through."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sekisho.ledger.faults import Damaged, Wrong
from sekisho.ledger.note import Checkpoint, Note, SignatureLine, Verifier, open_checkpoint, parse_note, sign_note
from sekisho.ledger.proof import Receipt, parse_receipt, verify_receipt
from sekisho.ledger.tree import leaf_hash, node_hash

# The example of Go's note package documentation: its key, text and signature.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of C2SP tlog-checkpoint.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
NAME = "ledger.example/test"


@pytest.fixture(scope="module")
def signed(key: Ed25519PrivateKey) -> str:
    """A checkpoint of two entries, `a` and `b`."""
    root = node_hash(leaf_hash(b"a"), leaf_hash(b"b"))
    return str(sign_note(Checkpoint(NAME, 2, root).text, NAME, key))


@pytest.fixture(scope="module")
def vkey(key: Ed25519PrivateKey) -> str:
    return Verifier.of(NAME, key).vkey


def test_the_example_of_the_go_package_verifies() -> None:
    """A note signed by the code everybody uses, with its published key."""
    note = parse_note(PETER_NOTE)
    note.verify(Verifier.parse(PETER))
    assert str(note) == PETER_NOTE
    with pytest.raises(Damaged, match="does not fit"):
        parse_note(PETER_NOTE.replace("answer", "anwser")).verify(Verifier.parse(PETER))


def test_the_example_of_the_specification_is_read() -> None:
    """Origin, size and root of the example in tlog-checkpoint."""
    checkpoint = Checkpoint.parse(parse_note(SOFA).text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == SOFA.split("\n\n", maxsplit=1)[0] + "\n"


def test_a_key_line_comes_back_as_it_was(key: Ed25519PrivateKey, vkey: str) -> None:
    """Written, read, written; and a line whose hash belongs to another name is refused."""
    assert Verifier.parse(vkey).vkey == vkey
    assert Verifier.parse(PETER).vkey == PETER
    for spoiled in (vkey.replace(NAME, "ledger.example/tset"), "", "a+b", vkey[:-4], f"{NAME}+00000000+{vkey.rsplit('+', 1)[1]}"):
        with pytest.raises(Damaged):
            Verifier.parse(spoiled)


def test_lines_of_unknown_keys_are_kept_and_not_trusted(key: Ed25519PrivateKey, signed: str, vkey: str) -> None:
    """A witness's line, also under our name with another key, neither helps nor hurts, and is written out again."""
    ours = parse_note(signed)
    strangers = [
        sign_note(ours.text, NAME, Ed25519PrivateKey.generate()).signatures[0],
        SignatureLine("witness.example/w1", b"wxyz", bytes(72)),
        SignatureLine(NAME, b"abcd", bytes(64)),
    ]
    both = str(Note(ours.text, (*strangers, *ours.signatures)))
    assert open_checkpoint(both, vkey).size == 2
    assert str(parse_note(both)) == both
    with pytest.raises(Damaged) as refused:
        open_checkpoint(str(Note(ours.text, tuple(strangers))), vkey)
    assert refused.value.wrong is Wrong.SIGNATURE


def test_a_known_key_that_signed_something_else_spoils_the_note(key: Ed25519PrivateKey, signed: str, vkey: str) -> None:
    """One good and one bad line of the same key: the specification says to reject the whole."""
    ours = parse_note(signed)
    bad = SignatureLine(NAME, ours.signatures[0].key, bytes(64))
    with pytest.raises(Damaged, match="does not fit"):
        open_checkpoint(str(Note(ours.text, (*ours.signatures, bad))), vkey)


def test_a_checkpoint_of_another_origin_under_the_same_key_is_refused(key: Ed25519PrivateKey, vkey: str) -> None:
    """One key may not vouch for two logs."""
    text = Checkpoint("ledger.example/other", 0, bytes(32)).text
    with pytest.raises(Damaged) as refused:
        open_checkpoint(str(sign_note(text, NAME, key)), vkey)
    assert refused.value.wrong is Wrong.ORIGIN


@pytest.mark.parametrize("size", ["-1", "01", "+1", "1e3", " 1", "1 ", "", "٣", "0x1", "99999999999999999999"])
def test_a_size_has_one_spelling(key: Ed25519PrivateKey, vkey: str, size: str) -> None:
    """Decimal, no sign, no leading zero, ASCII."""
    text = f"{NAME}\n{size}\n{base64.b64encode(bytes(32)).decode()}\n"
    with pytest.raises(Damaged) as refused:
        open_checkpoint(str(sign_note(text, NAME, key)), vkey)
    assert refused.value.wrong is Wrong.MALFORMED


@given(st.data())
def test_no_single_changed_character_keeps_a_checkpoint_or_receipt_valid(signed: str, vkey: str, data: st.DataObject) -> None:
    """Wherever one character is put, taken or exchanged, verification fails."""
    receipt = str(Receipt(0, (leaf_hash(b"b"),), signed))
    assert verify_receipt(receipt, b"a", vkey) == 0
    at = data.draw(st.integers(0, len(receipt) - 1))
    letter = data.draw(
        st.sampled_from(["", "x", "A", "0", "1", "\n", " ", "=", "+", "é", receipt[at] * 2]).filter(lambda c: c != receipt[at])
    )
    with pytest.raises(Damaged):
        verify_receipt(receipt[:at] + letter + receipt[at + 1 :], b"a", vkey)


@given(st.one_of(st.text(st.characters(), max_size=300), st.binary(max_size=300)))
def test_anything_else_is_malformed_and_never_a_surprise(data: str | bytes) -> None:
    """Whatever comes in, the only error is ours."""
    for read in (parse_note, lambda d: parse_receipt(d if isinstance(d, str) else d.decode("latin-1")), lambda d: Verifier.parse(str(d))):
        with pytest.raises(Damaged):
            read(data)


@given(st.integers(0, 2**60), st.lists(st.binary(min_size=32, max_size=32), max_size=60), st.binary(max_size=40))
def test_a_receipt_comes_back_as_it_was_written(signed: str, index: int, path: list[bytes], extra: bytes) -> None:
    """Index, path, checkpoint, and the extra line that proves nothing."""
    receipt = Receipt(index, tuple(path), signed, extra)
    assert parse_receipt(str(receipt)) == receipt


def test_the_receipt_of_the_specification_is_read() -> None:
    """The example of tlog-proof, with the checkpoint above in place of its shortened one (its extra line has lost a letter there)."""
    hashes = ["gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=", "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA="]
    text = "\n".join(["c2sp.org/tlog-proof@v1", "index 73894", *hashes, "", SOFA])
    receipt = parse_receipt(text)
    assert (receipt.index, len(receipt.path), receipt.checkpoint) == (73894, 2, SOFA)
    assert str(receipt) == text


def test_base64_has_one_spelling(signed: str, vkey: str) -> None:
    """Bits behind the end of a path hash, a root or a signature, which decoders pass over, are refused."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    receipt = str(Receipt(0, (leaf_hash(b"b"),), signed))
    lines = receipt.split("\n")
    padded = [i for i, line in enumerate(lines) if line.endswith("=")]
    assert len(padded) == 3
    for i in padded:
        value = lines[i].rsplit(" ", 1)[-1]
        end = len(value) - value.count("=") - 1
        other = value[:end] + letters[letters.index(value[end]) ^ 1] + value[end + 1 :]
        assert base64.b64decode(other) == base64.b64decode(value)
        with pytest.raises(Damaged):
            verify_receipt(receipt.replace(value, other), b"a", vkey)
