"""A letter of a case: an adopted text with the case's typed facts in it, and nothing else. Drafting one sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from sekisho.desk import matters, records
from sekisho.desk.cases import case_codes, case_masks, order_letters
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.texts import LANGUAGES, Text, TextError, Texts, load, quoted, render
from sekisho.law import items
from sekisho.law.canonical import canonical
from sekisho.law.procedures import Fact, Move, Procedure, Standing
from sekisho.law.words import Value
from sekisho.ledger.entry import EntryType

OF_THE_CODE = frozenset({"answer_code", "answer_url", "party"})
"""Places filled in when the letter is drafted, not from the case."""
CONTRACTOR = "contractor"
TOUCHED = "/touched"
Named: TypeAlias = Mapping[str, Mapping[str, Any]]
OTHERS = frozenset({"poster", "provider"})
"""To whom a letter shows nothing that the claimant asked to keep back."""


def adopted(world: World, name: str) -> Texts:
    """The texts, when this one stands as somebody adopted it. Raises No: unknown-text, text-not-adopted."""
    try:
        texts = load(world.settings.texts)
        digest = texts.digest(name)
    except TextError as why:
        raise No("unknown-text", text=name) from why
    if records.one(world.db, records.ADOPTIONS, text=digest) is None:
        raise No("text-not-adopted", text=name, digest=digest)
    return texts


def audiences(world: World) -> Mapping[str, str]:
    """To whom each text goes; none where there are no texts."""
    try:
        return {name: versions[LANGUAGES[0]].to for name, versions in load(world.settings.texts).by_name.items()}
    except TextError:
        return {}


def named(world: World) -> Named:
    """Each text as people call it, and to whom it goes: {"text", "title", "to"}; none where there are no texts."""
    try:
        found = load(world.settings.texts).by_name
    except TextError:
        return {}
    return {n: {"text": n, "title": {x: v[x].title for x in LANGUAGES}, "to": v[LANGUAGES[0]].to} for n, v in found.items()}


def draft(world: World, matter: Matter, move: Move, name: str, now: datetime) -> None:
    """Draft one letter of the move that was just made, the case's last, and enter it with that move's permit: to contractors, one each.

    Raises No.
    """
    texts = adopted(world, name)
    text = texts.find(name, str(matter.standing.facts.get("language", LANGUAGES[0])))
    if not (text.to == CONTRACTOR and text.places & OF_THE_CODE):
        _write(world, matter, move, text, (matter.standing, recipient(matter, text), _code(world, matter, text, now)), now)
        return
    for one in order_letters.addressed(world, matter, now):
        standing = replace(matter.standing, facts=MappingProxyType({**matter.standing.facts, **one.facts}))
        _write(world, matter, move, text, (standing, [], one.values), now)  # the window shows its greeting: a firm is no person


def _write(
    world: World, matter: Matter, move: Move, text: Text, to: tuple[Standing, list[str], Mapping[str, str]], now: datetime
) -> None:  # fmt: skip
    standing, window, more = to
    texts = adopted(world, text.name)
    values = {**params(world, matter, standing, text, world.book.day(now)), **more}
    try:
        rendered = render(text, {place: values[place] for place in text.places})
    except TextError as why:
        raise No("letter-not-written", text=text.name, why=str(why)) from why
    identity, digest = fresh_id("letter"), texts.digest(text.name)
    words = {"subject": rendered.subject, "body": rendered.body, "to": text.to, "recipient": window}
    sealed = matters.seal(world, matter.id, words)
    said = {"letter": identity, "matter": matter.id, "move": move.id, "text": text.name, "digest": digest, "language": text.language}
    under = {"permit": matter.made[-1].permit} if matter.made[-1].permit else {}
    body = canonical({**said, **under, "sealed": sealed})
    records.add(world.db, records.LETTERS, body, now, id=identity, matter=matter.id)
    ids = {"letter": identity, "matter": matter.id, "text": digest, **under}
    world.write(EntryType.LETTER_DRAFTED, body, ids=ids, at=now, table=records.LETTERS, key={"id": identity})


def params(world: World, matter: Matter, standing: Standing, text: Text, today: date) -> Mapping[str, str]:
    """What the text has places for, from the case alone; to the other side without what is kept back.

    Raises No("letter-not-written") for what the case does not know.
    """
    known = {
        "operator": world.settings.operator.name,
        "window_name": world.settings.operator.window,
        "number": matter.number,
        "today": today.isoformat(),
        "law": matter.procedure.law_on(today)[text.language],
    }
    mask = case_masks.of(matter.procedure, standing) if text.to in OTHERS else case_masks.NOTHING
    found = {}
    for place in sorted(text.places - OF_THE_CODE):
        value = known.get(place) or of_the_case(matter.procedure, standing, place, text.language)
        if place.removeprefix("fact_") in mask.names:
            value = case_masks.BLACK
        if not value:
            raise No("letter-not-written", text=text.name, place=place)
        found[place] = value if place in known else mask.over(value)
    return found


def _code(world: World, matter: Matter, text: Text, now: datetime) -> Mapping[str, str]:
    """A fresh code for who it goes to, and where to type it. Whoever is asked has one code at a time; of persons each has their own."""
    if not text.places & OF_THE_CODE:
        return {}
    side = f"{case_codes.PERSON}/{len(matter.made)}" if text.to == case_codes.PERSON else case_codes.POSTER
    url = f"{world.settings.console.url}{page_of(text)}"
    return {"answer_code": case_codes.issue(world, matter.id, side, now), "answer_url": url}


def page_of(text: Text) -> str:
    """Where the code of this letter is typed."""
    return {CONTRACTOR: order_letters.PAGE, case_codes.PERSON: TOUCHED}.get(text.to, "/answer")


def recipient(matter: Matter, text: Text) -> list[str]:
    """The lines in the envelope's window, the name last: the facts `{to}_address` and `{to}`; none where the case does not know them."""
    facts = matter.standing.facts
    if text.to not in facts:
        return []
    address = str(facts.get(f"{text.to}_address", "")).splitlines()
    return [*address, str(facts[text.to])]


def of_the_case(procedure: Procedure, standing: Standing, place: str, language: str) -> str:
    """A fact, the last day of a running clock or its length, as letters write it; empty for what is not known."""
    kind, _, name = place.partition("_")
    if kind == "fact" and name in standing.facts:
        return spelled(procedure.fact(name), standing.facts[name], language)
    clock = name.replace("_", "-")
    if kind == "due" and clock in standing.clocks:
        return standing.clocks[clock].due.isoformat()
    if kind == "days" and clock in {c.id for c in procedure.clocks}:
        return str(procedure.clock(clock).clock.length)
    return ""


def spelled(fact: Fact, value: Value, language: str) -> str:
    """A value in a letter: a choice by its words, several in rows, several lines marked as somebody else's unless they are our own."""
    if fact.type == "choice":
        return fact.choices[str(value)][language]
    if fact.type == "text":
        return "\n".join(f"  {line}" for line in str(value).split("\n")) if fact.own else quoted(str(value))
    if fact.type == "choices":
        return "\n".join(f"  {fact.choices[name][language]}" for name in items.chosen(value))
    if fact.type == "items":
        told = items.values(value).items()
        rows = ((fact.choices[n][language], items.printed(fact.forms.get(n, "line"), said)) for n, said in told)
        return "\n".join(f"  {title}    {said}" for title, said in rows)
    if fact.type == "data" and isinstance(value, tuple):
        return quoted("\n".join(str(v) for v in value))
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def listed(world: World, matter: str) -> list[dict[str, Any]]:
    """The letters of a case, oldest first, opened."""
    found = []
    for row in records.rows(world.db, records.LETTERS, matter=matter):
        said = records.body(row)
        words = matters.unseal(world, matter, said.pop("sealed"))
        found.append({**said, **words, "id": row["id"], "at": row["at"], "entry": row["entry"]})
    return found
