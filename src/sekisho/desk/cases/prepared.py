"""Prepared texts: what is often written where a move asks for reasons, filled in from the case, to be picked and adapted.

They are adopted like letters; nobody is offered one that was not. Picking one writes nothing: what counts is what the person signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from sekisho.desk import matters, records
from sekisho.desk.cases import case_letters
from sekisho.desk.world import No, World
from sekisho.effects.texts import LANGUAGES, PLACE, Text, TextError, Texts, load
from sekisho.law.procedures import LONGEST, Fact, Move, Procedure, Standing
from sekisho.law.walking import fits
from sekisho.law.words import Value

Json = dict[str, Any]
WRITE_HERE = {"ja": "〔ここに書く：{}〕", "en": "[write here: {}]"}
SPELLED = frozenset({"str", "day", "int", "choice"})
"""Types of facts that stand in a sentence."""


@dataclass(frozen=True)
class PreparedTexts:
    """For a move of a case, and what its form was told so far."""

    matter: str
    move: str
    facts: Mapping[str, Value]


def carry_out(world: World, request: PreparedTexts) -> Json:
    """{"language", "waiting", "texts": [{"text", "fact", "title" in each language, "said"}]}, in the language of the case's letters.

    A fact nobody knows yet stands as a blank, and no move takes a text with a blank left in it. `waiting`: drafts the legal officer has
    not adopted. Raises No: unknown-move.
    """
    matter = matters.load(world, request.matter)
    move = next((m for m in matter.procedure.out_of(matter.standing.state) if m.id == request.move), None)
    if move is None:
        raise No("unknown-move", move=request.move, known=sorted(m.id for m in matter.procedure.out_of(matter.standing.state)))
    try:
        texts = load(world.settings.texts)
    except TextError:
        texts = Texts({})
    asked = (*move.facts, *move.may)
    told = {n: v for n, v in request.facts.items() if n in asked and fits(matter.procedure.fact(n), v)}
    standing = replace(matter.standing, facts=MappingProxyType({**matter.standing.facts, **told}))
    language = str(standing.facts.get("language", LANGUAGES[0]))
    newest, waiting = _newest(world, texts, matter.procedure, move)
    return {"language": language, "waiting": waiting, "texts": [_offered(texts, t, matter.procedure, standing, language) for t in newest]}


def unfit(texts: Texts, book: Mapping[str, Procedure]) -> list[Json]:
    """What keeps prepared texts from fitting the tables: [{"text", "language", "key" of its front matter or "", "code", "name"}].

    serves-nothing: a pattern that names no move of the book which asks for the fact as free text. no-such-place: a place that is no fact
    of a case it serves, does not stand in a sentence, or may be kept back from the other side. text-too-long: for what the fact may hold.
    """
    return [w for versions in texts.by_name.values() for t in versions.values() if t.fact for w in _wrong(t, book)]


def serves(text: Text, procedure: Procedure, move: Move) -> bool:
    """Whether the text is for something that this move asks for in free text."""
    asked = text.fact in (*move.facts, *move.may) and procedure.fact(text.fact).type in LONGEST
    return asked and any(fnmatchcase(f"{procedure.id}/{move.id}", pattern) for pattern in text.serves)


def _wrong(text: Text, book: Mapping[str, Procedure]) -> Iterator[Json]:
    here = {"text": text.name, "language": text.language}
    served = [(p, m) for p in book.values() for m in p.moves if serves(text, p, m)]
    for pattern in text.serves:
        if not any(fnmatchcase(f"{p.id}/{m.id}", pattern) for p, m in served):
            yield {**here, "key": "serves", "code": "serves-nothing", "name": f"{pattern}, {text.fact}"}
    body = text.body.strip()
    for procedure in {p.id: p for p, _ in served}.values():
        known = {f.id: f for f in procedure.facts}
        for place in sorted(text.places):
            if not _may_stand(known.get(place.removeprefix("fact_"))):
                yield {**here, "key": "", "code": "no-such-place", "name": f"{place}, {procedure.id}"}
        kind = known[text.fact].type
        if len(body) > LONGEST[kind] or (kind == "str" and "\n" in body):
            yield {**here, "key": "fact", "code": "text-too-long", "name": f"{text.fact}, {procedure.id}"}


def _may_stand(fact: Fact | None) -> bool:
    return fact is not None and fact.type in SPELLED and not fact.shown_if


def _newest(world: World, texts: Texts, procedure: Procedure, move: Move) -> tuple[list[Text], int]:
    """The newest adopted version of each text for this move, in the order of their names; and how many others wait to be adopted."""
    found: dict[str, Text] = {}
    waiting = 0
    for name, versions in texts.by_name.items():
        text = versions[LANGUAGES[0]]
        if not text.fact or not serves(text, procedure, move):
            continue
        if records.one(world.db, records.ADOPTIONS, text=texts.digest(name)) is None:
            waiting += 1
        elif text.id not in found or text.version > found[text.id].version:
            found[text.id] = text
    return [found[name] for name in sorted(found)], waiting


def _offered(texts: Texts, text: Text, procedure: Procedure, standing: Standing, language: str) -> Json:
    """The text as it would stand in the form."""

    def value(place: str) -> str:
        known = case_letters.of_the_case(procedure, standing, place, language)
        return known or WRITE_HERE[language].format(procedure.fact(place.removeprefix("fact_")).title[language])

    body = texts.find(text.name, language).body.strip()
    said = PLACE.sub(lambda found: value(found[1]), body)
    return {"text": text.name, "fact": text.fact, "title": {lang: texts.find(text.name, lang).subject for lang in LANGUAGES}, "said": said}
