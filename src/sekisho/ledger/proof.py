"""Receipts: C2SP tlog-proof texts that show, without the log, that an entry is in it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.ledger.faults import Damaged, Wrong
from sekisho.ledger.note import DECIMAL, MAX_NOTE, Checkpoint, Verifier, open_checkpoint, unbase64
from sekisho.ledger.tree import HASH, check_inclusion, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
WHERE = "receipt"


@dataclass(frozen=True)
class Receipt:
    """An entry's index, its audit path and the signed checkpoint (verbatim). `extra` is carried and proves nothing."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(h).decode() for h in self.path]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def make_receipt(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """The text of a receipt, to be kept as a `.tlog-proof` file."""
    return str(Receipt(index, tuple(path), checkpoint))


def parse_receipt(text: str) -> Receipt:
    """Read a receipt. Raises Damaged when it is none; proves nothing yet."""
    if len(text) > MAX_NOTE:
        raise Damaged(Wrong.MALFORMED, WHERE, f"longer than {MAX_NOTE} characters")
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != HEADER:
        raise Damaged(Wrong.MALFORMED, WHERE, f"does not begin with {HEADER}")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = unbase64(lines.pop(0).removeprefix("extra "), WHERE)
    number = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if not DECIMAL.fullmatch(number):
        raise Damaged(Wrong.MALFORMED, WHERE, "no line with the index")
    path = tuple(unbase64(line, WHERE) for line in lines)
    if len(path) > MAX_PATH or any(len(h) != HASH for h in path):
        raise Damaged(Wrong.MALFORMED, WHERE, "the path is not a list of at most 63 hashes")
    return Receipt(int(number), path, checkpoint, extra)


def open_receipt(text: str, entry: bytes, vkey: str | Verifier) -> tuple[int, Checkpoint]:
    """The index of `entry` and the checkpoint that covers it. Raises Damaged unless the log of `vkey` signed that."""
    receipt = parse_receipt(text)
    checkpoint = open_checkpoint(receipt.checkpoint, vkey, WHERE)
    if not check_inclusion(leaf_hash(entry), receipt.index, checkpoint.size, receipt.path, checkpoint.root):
        raise Damaged(Wrong.ALTERED, WHERE, f"this entry is not number {receipt.index} of the {checkpoint.size} signed")
    return receipt.index, checkpoint


def verify_receipt(text: str, entry: bytes, vkey: str | Verifier) -> int:
    """The index under which the log of `vkey` holds `entry`. Offline. Raises Damaged when the receipt does not prove it."""
    return open_receipt(text, entry, vkey)[0]
