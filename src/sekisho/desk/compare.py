"""Holds the records against the ledger: does every row open the commitment of its entry, and has every entry its row?

Asked piece by piece, so that `keep` answers others in between. Nothing of a body leaves: differences name table, entry and kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table, select

from sekisho.desk import records
from sekisho.desk.world import No, World
from sekisho.ledger.entry import Entry, EntryType, opens

MOST = 10_000
LISTED = 100
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Compare:
    """Entries from `start`, at most `count`. With `start` 0, rows without an entry are looked for too."""

    start: int = 0
    count: int = MOST


@dataclass(frozen=True)
class Difference:
    """`what`: altered, body-lost, another-entry, entry-without-row, row-without-entry or ended-but-in-force. `where`: the table."""

    what: str
    where: str
    entry: int | None


@dataclass(frozen=True)
class Compared:
    """How much was compared, what does not fit (the first 100; `found` counts all), and where to go on; None at the end.

    `lost`: entries without a row of which the ledger itself says that a power cut or an old copy took the rows.
    """

    entries: int
    rows: int
    of: int
    found: int
    differences: tuple[Difference, ...]
    next: int | None
    lost: int = 0


@dataclass(frozen=True)
class Rows:
    """A table whose rows each have an entry: which of the entry's ids is which column. `digested` columns stand there as SHA-256."""

    table: Table
    named: Mapping[str, str]
    digested: bool = False

    def fits(self, entry: Entry, row: Row) -> bool:
        return all(entry.ids.get(name) == self._spelled(row[column]) for name, column in self.named.items())

    def _spelled(self, value: object) -> str:
        return sha256(str(value).encode()).hexdigest() if self.digested else str(value)


COMPARED: Mapping[EntryType, Rows] = MappingProxyType({
    EntryType.PERSON: Rows(records.PEOPLE, {"person": "id"}),
    EntryType.PLAN: Rows(records.PLANS, {"plan": "id"}),
    EntryType.EVIDENCE: Rows(records.EVIDENCE, {"evidence": "id", "plan": "plan"}),
    EntryType.APPROVAL: Rows(records.APPROVALS, {"plan": "plan", "person": "person"}),
    EntryType.CONFIRMATION: Rows(records.CONFIRMATIONS, {"confirmation": "id", "case": "case"}),
    EntryType.PERMIT: Rows(records.PERMITS, {"permit": "id", "plan": "plan"}),
    EntryType.WITHDRAWAL: Rows(records.WITHDRAWALS, {"permit": "permit"}),
    EntryType.LOOK: Rows(records.LOOKS, {"look": "id", "permit": "permit"}),
    EntryType.KEY_RELEASE: Rows(records.RELEASES, {"look": "look"}),
    EntryType.ORDER: Rows(records.ORDERS, {"order": "id", "permit": "permit"}),
    EntryType.DESTROYED: Rows(records.DESTROYED, {"key": "key"}, digested=True),
    EntryType.OPT_OUT: Rows(records.OPT_OUTS, {"optout": "pseudonym"}),
    EntryType.DISMISSED: Rows(records.DISMISSALS, {"person": "person"}),
    EntryType.UNCONFIRMED: Rows(records.UNCONFIRMED, {"confirmation": "confirmation"}),
    EntryType.EXCHANGED: Rows(records.EXCHANGES, {"bundle": "id"}),
    EntryType.BOOK_LOADED: Rows(records.BOOKS, {"book": "book"}),
    EntryType.RECOVERED: Rows(records.RECOVERIES, {"run": "run"}),
    EntryType.NOTICE_SHOWN: Rows(records.NOTICES, {"text": "id"}),
    EntryType.NOTICE_CHANGED: Rows(records.NOTICE_VERSIONS, {"text": "id"}),
    EntryType.CONSENT: Rows(records.CONSENTS, {"consent": "id"}),
    EntryType.ENVELOPE: Rows(records.ENVELOPES, {"envelope": "id", "plan": "plan"}),
    EntryType.ENVELOPE_APPROVED: Rows(records.ENVELOPE_APPROVALS, {"envelope": "envelope", "person": "person"}),
    EntryType.ENVELOPE_USED: Rows(records.ENVELOPE_USES, {"use": "id", "envelope": "envelope"}),
    EntryType.ENVELOPE_REVIEWED: Rows(records.ENVELOPE_REVIEWS, {"use": "use"}),
    EntryType.ENVELOPE_REVOKED: Rows(records.REVOCATIONS, {"envelope": "envelope"}),
    EntryType.COMMENT: Rows(records.COMMENTS, {"plan": "plan", "person": "person"}),
    EntryType.CONSENT_OVER: Rows(records.CONSENT_EVENTS, {"consent": "consent"}),
    EntryType.CASE_OPENED: Rows(records.MATTERS, {"matter": "id"}),
    EntryType.CASE_MOVED: Rows(records.MOVES, {"move": "id", "matter": "matter"}),
    EntryType.ATTACHED: Rows(records.ATTACHMENTS, {"attachment": "id", "matter": "matter"}),
    EntryType.SCANNED: Rows(records.SCANS, {"scan": "id", "attachment": "attachment"}),
    EntryType.OWNER: Rows(records.OWNERS, {"owner": "id", "matter": "matter"}),
    EntryType.LETTER_DRAFTED: Rows(records.LETTERS, {"letter": "id", "matter": "matter"}),
    EntryType.HELD: Rows(records.HOLDS, {"hold": "id", "matter": "matter"}),
    EntryType.REMINDED: Rows(records.REMINDERS, {"reminder": "id", "matter": "matter"}),
    EntryType.REVEAL: Rows(records.REVEALS, {"look": "id", "matter": "matter", "permit": "permit"}),
    EntryType.EVENT_ENDED: Rows(records.EVENT_ENDS, {"event": "id"}),
    EntryType.ENTRUSTED: Rows(records.ENTRUSTMENTS, {"entrustment": "id"}),
    EntryType.ENTRUSTMENT_MOVED: Rows(records.ENTRUSTMENT_MOVES, {"move": "id", "entrustment": "entrustment"}),
    EntryType.PARTY_KEY: Rows(records.PARTY_KEYS, {"partykey": "id", "entrustment": "entrustment"}),
    EntryType.HAND_OVER: Rows(records.HAND_OVERS, {"handover": "id", "entrustment": "entrustment", "permit": "permit"}),
    EntryType.HANDED_OVER: Rows(records.HANDED_OVER, {"handover": "id", "entrustment": "entrustment", "permit": "permit"}),
    EntryType.CAMPAIGN: Rows(records.CAMPAIGNS, {"campaign": "id"}),
    EntryType.MAILED: Rows(records.BATCHES, {"batch": "id", "campaign": "campaign"}),
    EntryType.RECIPIENT_LOST: Rows(records.LOSSES, {"loss": "id", "campaign": "campaign"}),
    EntryType.MAIL_STOPPED: Rows(records.MAIL_STOPS, {"stop": "id"}),
    EntryType.RETURN_ENDED: Rows(records.RETURNS_ENDED, {"return": "id"}),
    EntryType.LINE_OPENED: Rows(records.OPENED_LINES, {"exception": "id", "permit": "permit"}),
    EntryType.LINE_CLOSED: Rows(records.CLOSED_LINES, {"exception": "id"}),
    EntryType.SWITCHED: Rows(records.SWITCHES, {"switch": "id"}),
    EntryType.SENDER_HELD: Rows(records.HELD_SENDERS, {"pause": "id", "permit": "permit"}),
    EntryType.SENDER_RESTORED: Rows(records.RESTORED_SENDERS, {"pause": "id"}),
    EntryType.VIEWING: Rows(records.VIEWINGS, {"viewing": "id"}),
    EntryType.TOOL: Rows(records.TOOLS, {"tool": "id", "entrustment": "entrustment"}),
    EntryType.CANARY_MAIL: Rows(records.CANARY_MAILS, {"canary": "id", "handover": "handover"}),
    EntryType.ADMITTED: Rows(records.ADMISSIONS, {"admission": "id", "entrustment": "entrustment"}),
    EntryType.ADMISSION_SHUT: Rows(records.SHUT_ADMISSIONS, {"admission": "id"}),
    EntryType.HANDED_IN: Rows(records.HAND_INS, {"handin": "id", "admission": "admission"}),
    EntryType.REPLY: Rows(records.REPLIES, {"reply": "id", "campaign": "campaign"}),
    EntryType.TALK: Rows(records.TALKS, {"talk": "id"}),
    EntryType.TALK_MAIL: Rows(records.TALK_MAILS, {"passing": "id", "talk": "talk"}),
    EntryType.EFFECT_COUNTED: Rows(records.EFFECT_COUNTS, {"count": "id"}),
    EntryType.NUMBERS_RELEASED: Rows(records.BOARD_RELEASES, {"release": "id", "permit": "permit"}),
    EntryType.TEXT_ADOPTED: Rows(records.ADOPTIONS, {"text": "text"}),
})  # fmt: skip
NOT_COMPARED = frozenset({
    "invitations", "findings", "figures", "reports", "renewed", "signed", "codes", "drafts", "handed_people",
    "campaign_recipients", "viewing_sessions", "asked_codes", "meta",
})  # fmt: skip
"""Their rows have no entry of their own: what they lead to (a person, a plan, a withdrawal) has one, or a newer row took their place."""

NEVER_OPENED = ("planned", "waiting", "failed")
AS_RECOVERED = ("entry-without-row", "body-lost")
ENDS = frozenset({EntryType.WITHDRAWAL, EntryType.EXPIRY})


def carry_out(world: World, request: Compare) -> Compared:
    """Raises No("not-a-range")."""
    size = world.log.size
    if not 0 <= request.start <= size or not 0 < request.count <= MOST:
        raise No("not-a-range", start=request.start, count=request.count, most=MOST)
    end = min(size, request.start + request.count)
    found: list[Difference] = [] if request.start else [*_outside_the_log(world, size)]
    claims = _claims(world, request.start, end)
    rows = sum(len(c) for c in claims.values())
    recovered, forgotten = _recovered(world), _forgotten(world)
    lost = 0
    for index, raw in enumerate(world.log.entries(request.start, end), request.start):
        entry = Entry.decode(raw)
        differs = list(_entry(world, index, entry, claims.get(index, [])))
        if index in forgotten:
            differs = [d for d in differs if d.what not in AS_RECOVERED]
        elif any(index in r for r in recovered):
            lost += sum(d.what in AS_RECOVERED for d in differs)
            differs = [d for d in differs if d.what not in AS_RECOVERED]
        found += differs
        if entry.type in ENDS:
            found += _ended(world, index, entry)
    return Compared(end - request.start, rows, size, len(found), tuple(found[:LISTED]), end if end < size else None, lost)


def _recovered(world: World) -> list[range]:
    """Stretches of the ledger whose rows were lost, as written down by `catch_up` in the ledger itself."""
    found = []
    for row in records.rows(world.db, records.RECOVERIES):
        if _is(world, row, EntryType.RECOVERED):
            said = records.body(row)
            found.append(range(said["from"], said["to"]))
    return found


def _forgotten(world: World) -> set[int]:
    """Entries whose rows were deleted at their term, as `forget` wrote it down in the ledger itself."""
    found: set[int] = set()
    for row in records.rows(world.db, records.DESTROYED):
        if row["key"].startswith(records.OF_RECORDS) and _is(world, row, EntryType.DESTROYED):
            found.update(records.body(row)["entries"])
    return found


def _is(world: World, row: Row, kind: EntryType) -> bool:
    """Whether the row opens its own entry, and the entry is of this kind."""
    if row["entry"] is None or not 0 <= row["entry"] < world.log.size:
        return False
    entry = Entry.decode(next(iter(world.log.entries(row["entry"], row["entry"] + 1))))
    return entry.type is kind and _opens(entry, row)


def _claims(world: World, start: int, end: int) -> dict[int, list[tuple[EntryType, Row]]]:
    """Which rows say that they were written under which entry."""
    claims: dict[int, list[tuple[EntryType, Row]]] = {}
    for kind, compared in COMPARED.items():
        table = compared.table
        for row in world.db.execute(select(table).where(table.c.entry >= start, table.c.entry < end)).mappings():
            claims.setdefault(row["entry"], []).append((kind, dict(row)))
    return claims


def _outside_the_log(world: World, size: int) -> Iterator[Difference]:
    """Rows without an entry, or with one that is not in the log. A look that was planned and never opened has none: nobody looked."""
    for kind, compared in COMPARED.items():
        table = compared.table
        gone = table.c.entry.is_(None) | (table.c.entry >= size) | (table.c.entry < 0)
        for row in world.db.execute(select(table).where(gone)).mappings():
            if row["entry"] is not None:
                yield Difference("another-entry", table.name, row["entry"])
            elif kind is not EntryType.LOOK or row["state"] not in NEVER_OPENED:
                yield Difference("row-without-entry", table.name, None)


def _entry(world: World, index: int, entry: Entry, claims: list[tuple[EntryType, Row]]) -> Iterator[Difference]:
    mine = False
    for kind, row in claims:
        compared = COMPARED[kind]
        if kind is not entry.type or not compared.fits(entry, row):
            yield Difference("another-entry", compared.table.name, index)
        elif row["salt"] is None:
            yield Difference("body-lost", compared.table.name, index)
        elif not _opens(entry, row):
            yield Difference("altered", compared.table.name, index)
        mine = mine or kind is entry.type
    own = COMPARED.get(entry.type)
    rowed = own is not None and set(own.named) <= entry.ids.keys()
    if own is not None and rowed and not mine and not _replaced(world, own, index, entry):
        yield Difference("entry-without-row", own.table.name, index)


def _opens(entry: Entry, row: Row) -> bool:
    salt, body = row["salt"], row["body"]
    return isinstance(salt, bytes) and isinstance(body, bytes) and opens(entry.commitments.get("body", ""), salt, body)


def _ended(world: World, index: int, entry: Entry) -> Iterator[Difference]:
    """What the ledger says is over must be over in the records too."""
    row = records.one(world.db, records.PERMITS, id=entry.ids.get("permit"))
    if row is not None and not row["ended"]:
        yield Difference("ended-but-in-force", records.PERMITS.name, index)


def _replaced(world: World, compared: Rows, index: int, entry: Entry) -> bool:
    """A later entry about the same thing took its place: an approval given again, a destruction written twice."""
    by: dict[str, Any] = {} if compared.digested else {column: entry.ids.get(name) for name, column in compared.named.items()}
    rows = records.rows(world.db, compared.table, **by)
    return any(row["entry"] is not None and row["entry"] > index and compared.fits(entry, row) for row in rows)
