"""Letters by post, one to each person concerned whom no mail reaches: from one adopted text, in batches, for the printing house alone.

The list lies sealed with the case. A batch is taken with a signature, under the permit by which this list may go to that firm; the permit,
the row and its key are looked at again each time. Every person has a code of their own, the same however often a batch is taken.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select

from sekisho.desk import campaigns, incident_room, matters, records
from sekisho.desk.case_words import TakingLetters
from sekisho.desk.cases import case_codes, case_letters, procedure_attach
from sekisho.desk.entrusting import handed
from sekisho.desk.matters import Matter
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.effects.texts import LANGUAGES, TextError, render
from sekisho.gate.people import Signature
from sekisho.law.campaign import State
from sekisho.law.canonical import canonical, digest
from sekisho.law.incident import Item, Kind, numbers
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType
from sekisho.wire.cursor import FormError
from sekisho.wire.people_list import read_list

MAY_TAKE = (Role.DESK, Role.WINDOW, Role.OFFICER)
BATCH = 25
COLUMNS = ("name", "mail", "address", "language")
UNDER_WAY = frozenset({State.WAITING.value, State.BEGUN.value, State.UNSURE.value})
POST, MAIL, ON_ITS_WAY, NOBODY = "post", "mail", "on-its-way", "nobody"
TWICE, NO_MAIL, NO_ADDRESS, NOT_MAILED, NOT_IN_IT = "twice", "no-mail", "no-address", "nothing-mailed", "not-in-the-campaign"
Json = dict[str, Any]


@dataclass(frozen=True)
class TakeLetters:
    """The next batch from a line on, and the signature of who takes it."""

    taking: TakingLetters
    signature: Signature


@dataclass(frozen=True)
class Person:
    """One line of the list, counted from 1; how they are told, and why so."""

    line: int
    name: str
    address: str
    language: str
    way: str
    why: str

    def __repr__(self) -> str:
        """Never shows whom."""
        return f"Person({self.line}, {self.way})"


def carry_out(world: World, request: TakeLetters) -> Json:
    """{"letters": at most 25 as `letter_show` gives one, each with its "line", "next": the line to go on from or None, "key": age}.

    Raises No: not-posted, printer-not-in-force, and what a permit, a row or a signature may lack.
    """
    said, now = request.taking, world.clock.now()
    signed_now(world, request.signature, said, *MAY_TAKE)
    matter = matters.load(world, said.matter)
    posted = next((p for p in reversed(incident_room.here(matter)[Kind.POSTED]) if p.text("people_list") == said.people), None)
    if posted is None or matter.final:
        raise No("not-posted", people=said.people[:64])
    key = _may(world, matter, posted, now)
    waiting = [p for p in people(world, matter, said.people) if p.way == POST and p.line >= said.first]
    batch = waiting[:BATCH]
    body = canonical({"taking": said, "signature": request.signature, "lines": [p.line for p in batch]})
    world.write(EntryType.LETTERS_TAKEN, body, ids={"matter": matter.id, "attachment": said.people}, at=now)
    found = [_letter(world, matter, (posted, person), now) for person in batch]
    return {"letters": found, "next": waiting[BATCH].line if len(waiting) > BATCH else None, "key": key}


def summary(world: World, matter: Matter) -> list[Json]:
    """Each list that was attached: {"list", "persons", "ways": {way: count}, "why": {reason: count}, "posted", "taken", "returned"}.

    `taken`: letters that were made; `returned`: {reason: count} of those that came back. Nobody's name.
    """
    here, found = incident_room.here(matter), []
    for paper in matters.papers(world, matter.id):
        if paper["paper"] == incident_room.PEOPLE:
            mine = [r for r in here[Kind.RETURNED] if r.text("people_list") == paper["id"]]
            back = Counter[str]()
            for returned in mine:
                back[returned.text("returned_why")] += len(numbers(returned.text("returned_lines")))
            posted = any(p.text("people_list") == paper["id"] for p in here[Kind.POSTED])
            said = {"posted": posted, "taken": _taken(world, matter, paper["id"]), "returned": dict(back)}
            found.append({"list": paper["id"], **_counted(world, matter, paper["id"]), **said})
    return found


def _counted(world: World, matter: Matter, named: str) -> Json:
    try:
        listed = list(people(world, matter, named))
    except No as no:
        return {"persons": 0, "ways": {}, "why": {no.code: 1}}
    return {"persons": len(listed), "ways": Counter(p.way for p in listed), "why": Counter(p.why for p in listed if p.why)}


def people(world: World, matter: Matter, named: str) -> Iterator[Person]:
    """Everybody in the list, once, in its order. Raises No: unknown-attachment, not-a-people-list."""
    row = records.one(world.db, records.ATTACHMENTS, id=named)
    if row is None or row["matter"] != matter.id:
        raise No("unknown-attachment", attachment=named[:64])
    try:
        listed = read_list(procedure_attach.opened(world, row).content)
    except FormError as wrong:
        raise No("not-a-people-list", why=wrong.code) from wrong
    if not {"name", "address"} <= set(listed.columns):
        raise No("not-a-people-list", why="no-columns")
    mailed, seen = _mailed(world, matter), set[tuple[str, ...]]()
    for line, cells in enumerate(listed.rows, 1):
        said = {c: v.strip() for c, v in zip(listed.columns, cells, strict=True) if c in COLUMNS}
        way, why = (NOBODY, TWICE) if cells in seen else _way(world, said, mailed)
        seen.add(cells)
        yield Person(line, said["name"], said["address"], said.get("language", ""), way, why)


def _way(world: World, said: Mapping[str, str], mailed: Mapping[str, str] | None) -> tuple[str, str]:
    """By mail while a campaign carries it; else by post, with why; nobody is reached where there is no address either."""
    if mailed is None:
        why = NOT_MAILED
    elif not said.get("mail"):
        why = NO_MAIL
    else:
        state = mailed.get(campaigns.pseudonym(world, said["mail"]), "")
        if state == State.ACCEPTED.value:
            return MAIL, ""
        if state in UNDER_WAY:
            return ON_ITS_WAY, ""
        why = state or NOT_IN_IT
    return (POST, why) if said["address"] and said["name"] else (NOBODY, NO_ADDRESS)


def _mailed(world: World, matter: Matter) -> Mapping[str, str] | None:
    """How the mail to each address stands, by its pseudonym; None where no campaign carries any."""
    names = [m.text("mail_campaign") for m in incident_room.here(matter)[Kind.MAILED]]
    if not names:
        return None
    table = records.CAMPAIGN_RECIPIENTS
    rows = world.db.execute(select(table.c.pseudonym, table.c.state).where(table.c.campaign.in_(names)))
    return {str(pseudonym): str(state) for pseudonym, state in rows}


def _may(world: World, matter: Matter, posted: Item, now: datetime) -> str:
    """The firm's key, while permit, row and key are as they were approved. Raises No."""
    permit = handed.permit_of(world, posted.text("post_permit"), now)
    row = handed.standing(world, permit, now)
    if row.id != posted.text("printer") or row.id not in incident_room.around(world, matter, now).printers:
        raise No("printer-not-in-force", entrustment=row.id)
    return handed.key_of(world, row.id)


def _taken(world: World, matter: Matter, named: str) -> int:
    table = records.CODES
    mine = (table.c.matter == matter.id, table.c.side.startswith(f"{case_codes.PERSON}/{named}/"))
    return int(world.db.execute(select(func.count()).select_from(table).where(*mine)).scalar_one())


def _code(world: World, matter: Matter, named: str, line: int, now: datetime) -> str:
    """This person's code: the same each time, so that a letter may be made again."""
    raw = hmac.new(world.pseudonyms, canonical({"incident letter": [matter.id, named, line]}), hashlib.sha256).digest()
    code = "".join(case_codes.LETTERS[octet % len(case_codes.LETTERS)] for octet in raw[: case_codes.LONG])
    kept = case_codes.digest(code)
    if records.one(world.db, records.CODES, code=kept) is None:
        side = f"{case_codes.PERSON}/{named}/{line}"
        records.add(world.db, records.CODES, canonical({"matter": matter.id, "side": side}), now, code=kept, matter=matter.id, side=side)
    return "-".join(code[at : at + case_codes.GROUP] for at in range(0, case_codes.LONG, case_codes.GROUP))


def _letter(world: World, matter: Matter, to: tuple[Item, Person], now: datetime) -> Json:
    posted, person = to
    name = matter.procedure.move("tell-person").letters[0]
    language = person.language if person.language in LANGUAGES else str(matter.standing.facts.get("language", LANGUAGES[0]))
    texts = case_letters.adopted(world, name)
    text = texts.find(name, language)
    facts = {**matter.standing.facts, "person": person.name, "person_address": person.address, "printer": posted.text("printer")}
    standing = replace(matter.standing, facts=MappingProxyType(facts))
    code = _code(world, matter, posted.text("people_list"), person.line, now)
    url = f"{world.settings.console.url}{case_letters.page_of(text)}"
    values = {**case_letters.params(world, matter, standing, text, world.book.day(now)), "answer_code": code, "answer_url": url}
    try:
        made = render(text, {place: values[place] for place in text.places})
    except TextError as why:
        raise No("letter-not-written", text=name, line=person.line) from why
    window: Sequence[str] = [*person.address.splitlines(), person.name]
    words = {"line": person.line, "text": name, "digest": texts.digest(name), "language": language, "subject": made.subject}
    words |= {"body": made.body, "to": text.to, "recipient": window, "matter": matter.id, "number": matter.number}
    operator = world.settings.operator
    entry = next((m.entry for m in reversed(matter.made) if m.event.facts is posted.said), None)
    shown = {"operator": operator.name, "window": operator.window, "day": world.book.day(now).isoformat(), "entry": entry, "masked": False}
    return {**words, **shown, "words": digest(words)}
