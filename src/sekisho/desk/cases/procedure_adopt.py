"""The operator adopts a letter's text: the legal officer signs the digest of exactly what it says in every language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk import records
from sekisho.desk.case_words import Adoption
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World
from sekisho.effects.texts import LANGUAGES, TextError, load
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Adopt:
    """The words and the officer's signature over them."""

    adoption: Adoption
    signature: Signature


@dataclass(frozen=True)
class LetterTexts:
    """Every text a procedure of the book drafts letters from."""


def carry_out(world: World, request: Adopt) -> str:
    """The adopted text's name. Raises No: unknown-text, another-text (changed since it was read), already-adopted."""
    said, now = request.adoption, world.clock.now()
    ordered(world, request.signature, said)
    try:
        digest = load(world.settings.texts).digest(said.text)
    except TextError as why:
        raise No("unknown-text", text=said.text) from why
    if digest != said.digest:
        raise No("another-text", text=said.text)
    if records.one(world.db, records.ADOPTIONS, text=digest) is not None:
        raise No("already-adopted", text=said.text)
    body = canonical({"adoption": said, "signature": request.signature})
    records.add(world.db, records.ADOPTIONS, body, now, text=digest)
    ids = {"text": digest}
    world.write(EntryType.TEXT_ADOPTED, body, ids=ids, at=now, table=records.ADOPTIONS, key=ids)
    return said.text


def listed(world: World, _request: LetterTexts) -> list[dict[str, Any]]:
    """[{"name", "digest", "adopted": {"by", "at"} | None, "reading": {language: {"subject", "body"}}, "procedures"}]."""
    used: dict[str, set[str]] = {}
    for procedure in world.book.procedures.values():
        for move in (procedure.opening, *procedure.moves):
            for name in move.letters:
                used.setdefault(name, set()).add(procedure.id)
    try:
        texts = load(world.settings.texts)
    except TextError:
        return []
    people, found = world.everybody(), []
    for name in sorted(used.keys() & texts.by_name.keys()):
        digest = texts.digest(name)
        row = records.one(world.db, records.ADOPTIONS, text=digest)
        said = records.body(row)["adoption"] if row else None
        reading = {lang: {"subject": t.subject, "body": t.body} for lang in LANGUAGES for t in [texts.find(name, lang)]}
        by = {"by": people[said["by"]].name if said["by"] in people else said["by"], "at": said["at"]} if said else None
        found.append({"name": name, "digest": digest, "adopted": by, "reading": reading, "procedures": sorted(used[name])})
    return found
