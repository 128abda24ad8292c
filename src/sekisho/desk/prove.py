"""A permit's inclusion proof: a C2SP tlog-proof whose `extra` carries the entry and the salt that opens its commitment.

The proof shows that the entry is in the ledger; entry and salt show that the entry commits to exactly this permit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

from sekisho.gate.check import REMEMBERED
from sekisho.gate.permit import SignedPermit
from sekisho.ledger.entry import Entry, EntryType, opens
from sekisho.ledger.proof import parse_receipt, verify_receipt


class NotProven(ValueError):
    """The proof does not show that this permit is in the ledger."""


def proof_text(receipt: str, entry: bytes, salt: bytes) -> str:
    extra = json.dumps({"entry": entry.decode("ascii"), "salt": salt.hex()}, sort_keys=True).encode()
    return str(replace(parse_receipt(receipt), extra=extra))


def in_ledger(vkey: str) -> Callable[[SignedPermit], None]:
    """A check for `gate.check`: raises unless the log of `vkey` holds an entry that commits to the permit's bytes."""
    return partial(_prove, vkey)


@lru_cache(maxsize=REMEMBERED)
def _prove(vkey: str, signed: SignedPermit) -> None:
    """Depends on these bytes alone: what is in the ledger stays there, so a proof seen before is not verified again."""
    extra = json.loads(parse_receipt(signed.proof).extra)
    line = str(extra["entry"]).encode("ascii")
    verify_receipt(signed.proof, line, vkey)
    entry = Entry.decode(line)
    if entry.type is not EntryType.PERMIT or not opens(entry.commitments["body"], bytes.fromhex(extra["salt"]), signed.body):
        raise NotProven("another-permits-entry")
