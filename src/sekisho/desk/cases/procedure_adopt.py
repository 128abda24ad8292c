"""The operator adopts a letter's text: the legal officer signs the digest of exactly what it says in every language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk import records
from sekisho.desk.case_words import Adoption
from sekisho.desk.cases import prepared
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World
from sekisho.effects.texts import LANGUAGES, TextError, Texts, load
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, plain
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
    """The adopted text's name. Raises No: unknown-text, another-text (changed since it was read), text-does-not-fit, already-adopted."""
    said, now = request.adoption, world.clock.now()
    ordered(world, request.signature, said)
    try:
        texts = load(world.settings.texts)
        digest = texts.digest(said.text)
    except TextError as why:
        raise No("unknown-text", text=said.text) from why
    if digest != said.digest:
        raise No("another-text", text=said.text)
    if wrong := prepared.unfit(Texts({said.text: texts.by_name[said.text]}), world.book.procedures):
        raise No("text-does-not-fit", text=said.text, wrong=sorted({f"{w['code']}: {w['name']}" for w in wrong}))
    if records.one(world.db, records.ADOPTIONS, text=digest) is not None:
        raise No("already-adopted", text=said.text)
    body = canonical({"adoption": said, "signature": request.signature})
    records.add(world.db, records.ADOPTIONS, body, now, text=digest)
    ids = {"text": digest}
    world.write(EntryType.TEXT_ADOPTED, body, ids=ids, at=now, table=records.ADOPTIONS, key=ids)
    return said.text


def listed(world: World, _request: LetterTexts) -> list[dict[str, Any]]:
    """[{"name", "title" in each language, "fact", "digest", "adopted": {"by", "at"} | None, "reading": {language: {"subject", "body"}},
    "procedures": [{"id", "title"}]}].

    `fact` is empty for a letter; of a prepared text, what it is written for.
    """
    try:
        texts = load(world.settings.texts)
    except TextError:
        return []
    people, found = world.everybody(), []
    for name, used in sorted(_used(world, texts).items()):
        digest = texts.digest(name)
        row = records.one(world.db, records.ADOPTIONS, text=digest)
        said = records.body(row)["adoption"] if row else None
        reading = {lang: {"subject": t.subject, "body": t.body} for lang in LANGUAGES for t in [texts.find(name, lang)]}
        by = {"by": people[said["by"]].name if said["by"] in people else said["by"], "at": said["at"]} if said else None
        about = {"title": {lang: texts.find(name, lang).title for lang in LANGUAGES}, "fact": texts.find(name, LANGUAGES[0]).fact}
        where = [{"id": p, "title": plain(world.book.procedures[p].title)} for p in sorted(used)]
        found.append({"name": name, **about, "digest": digest, "adopted": by, "reading": reading, "procedures": where})
    return found


def _used(world: World, texts: Texts) -> dict[str, set[str]]:
    """Each text that a procedure of the book drafts a letter from, or that one of its moves may be given reasons by; and which."""
    used: dict[str, set[str]] = {}
    for procedure in world.book.procedures.values():
        for move in (procedure.opening, *procedure.moves):
            for name in move.letters:
                used.setdefault(name, set()).add(procedure.id)
        for name, versions in texts.by_name.items():
            text = versions[LANGUAGES[0]]
            if text.fact and any(prepared.serves(text, procedure, move) for move in procedure.moves):
                used.setdefault(name, set()).add(procedure.id)
    return {name: where for name, where in used.items() if name in texts.by_name}
