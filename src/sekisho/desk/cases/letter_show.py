"""One letter of a case as it was drafted, with what proves it: the ledger entry, and the node's signature over its words.

The operator's own signature on the PDF is another thing: `letter_signature`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import matters, records
from sekisho.desk.cases import case_grounds, case_masks
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical, digest

Json = dict[str, Any]
CONTEXT = b"sekisho letter v1\n"
"""Stands before the digest of a letter's words when they are signed."""
WORDS = ("letter", "matter", "move", "text", "digest", "language", "subject", "body", "to", "recipient")


@dataclass(frozen=True)
class OneLetter:
    """A letter by its id; `masked` is the copy for a third party's eyes, in which everything that may be kept back is black."""

    letter: str
    masked: bool = False


def carry_out(world: World, request: OneLetter) -> Json:
    """WORDS and number, operator, window, day, entry, masked, `words` (SHA-256 of WORDS), signature (Ed25519 of the node, hex), node.

    The signature covers the words and so every print of them: the same words give the same PDF. What was drafted under a permit is not
    had after it was withdrawn, nor after its end while the case is open. Raises No: unknown-letter, case-file-gone, withdrawn, ended.
    """
    found = records.one(world.db, records.LETTERS, id=request.letter)
    if found is None:
        raise No("unknown-letter", letter=request.letter[:64])
    said = records.body(found)
    said |= {"to": "", "recipient": [], **matters.unseal(world, found["matter"], said.pop("sealed"))}
    matter = matters.load(world, found["matter"])
    if why := case_grounds.stopped(world, matter, said.get("permit", "")):
        raise No(why, permit=said["permit"])
    if request.masked:
        mask = case_masks.of(matter.procedure, matter.standing, every=True)
        said |= {"subject": mask.over(said["subject"]), "body": mask.over(said["body"]), "recipient": []}
    words = digest({k: said[k] for k in WORDS})
    return {
        **{k: said[k] for k in WORDS},
        "number": matter.number,
        "operator": world.settings.operator.name,
        "window": world.settings.operator.window,
        "day": world.book.day(datetime.fromisoformat(found["at"])).isoformat(),
        "entry": found["entry"],
        "masked": request.masked,
        "words": words,
        "signature": world.signer.sign(CONTEXT + canonical({"words": words})).hex(),
        "node": world.signer.public_key().public_bytes_raw().hex(),
    }
