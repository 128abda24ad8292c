"""What `keep` remembers beside the ledger: SQLite, write-ahead log, full sync. Each row knows its ledger entry; `audit` compares both.

Bodies are canonical JSON, exactly the bytes whose salted commitment stands in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, Integer, LargeBinary, MetaData, String, Table, func, insert, select, update

METADATA = MetaData()
OF_RECORDS = "records/"
"""How the names of destroyed rows begin, among those of destroyed keys."""
APPLIED = "ledger"
"""In META: how many entries of the ledger the records know of."""
IN_FORCE = "book"
"""In META: the digest of the case book in force."""


def _table(name: str, *columns: Column[Any]) -> Table:
    """Every table has its row's body, the salt of its commitment, and the ledger index it was written under."""
    return Table(
        name,
        METADATA,
        *columns,
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )


PEOPLE = _table("people", Column("id", String, primary_key=True))
INVITATIONS = _table("invitations", Column("code", String, primary_key=True), Column("used", Boolean, default=False))
PLANS = _table(
    "plans", Column("id", String, primary_key=True), Column("measure", String), Column("proposer", String), Column("outcome", String)
)
EVIDENCE = _table("evidence", Column("id", String, primary_key=True), Column("plan", String, primary_key=True, index=True))
APPROVALS = _table(
    "approvals", Column("plan", String, primary_key=True), Column("person", String, primary_key=True), Column("shown", String)
)
CONFIRMATIONS = _table("confirmations", Column("id", String, primary_key=True), Column("case", String))
PERMITS = _table(
    "permits",
    Column("id", String, primary_key=True),
    Column("plan", String, index=True),
    Column("measure", String),
    Column("step", String),
    Column("token", String, index=True),
    Column("until", String),
    Column("signature", LargeBinary),
    Column("proof", String),
    Column("ended", String, index=True),
    Column("ended_at", String),
)
WITHDRAWALS = _table("withdrawals", Column("permit", String, primary_key=True))
LOOKS = _table("looks", Column("id", String, primary_key=True), Column("permit", String), Column("state", String, index=True))
Index("ix_looks_permit_at", LOOKS.c.permit, LOOKS.c.at)
RELEASES = _table("releases", Column("look", String, primary_key=True), Column("key", String, primary_key=True))
FINDINGS = _table(
    "findings", Column("token", String, primary_key=True), Column("measure", String, primary_key=True), Column("plan", String)
)
FIGURES = _table("figures", Column("measure", String, primary_key=True))
REPORTS = _table("reports", Column("process", String, primary_key=True))
ORDERS = _table(
    "orders",
    Column("id", String, primary_key=True),
    Column("permit", String, index=True),
    Column("state", String, index=True),
    Column("code", String),
    Column("letter", String, index=True),
    Column("wiped", Integer, default=0, index=True),
)
OPT_OUTS = _table("opt_outs", Column("pseudonym", String, primary_key=True))
DESTROYED = _table("destroyed", Column("key", String, primary_key=True))
DISMISSALS = _table("dismissals", Column("person", String, primary_key=True))
UNCONFIRMED = _table("unconfirmed", Column("confirmation", String, primary_key=True))
BOOKS = _table(
    "books",
    Column("id", String, primary_key=True),
    Column("book", String),
    Column("version", String),
    Column("base", String),
)
EXCHANGES = _table("exchanges", Column("id", String, primary_key=True), Column("operator", String))
RECOVERIES = _table("recoveries", Column("run", String, primary_key=True))
NOTICES = _table("notices", Column("id", String, primary_key=True))
NOTICE_VERSIONS = _table("notice_versions", Column("id", String, primary_key=True), Column("version", String))
"""Of each text that was changed, by the digest of its name: the version that counts, and who said so."""
CONSENTS = _table(
    "consents",
    Column("id", String, primary_key=True),
    Column("notice", String, index=True),
    Column("purpose", String),
    Column("principal", String),
    Column("state", String),
    Column("until", String),
    Column("code", String, index=True),
)
Index("ix_consents_live", CONSENTS.c.purpose, CONSENTS.c.state, CONSENTS.c.principal)
CONSENT_EVENTS = _table("consent_events", Column("id", String, primary_key=True), Column("consent", String, index=True))
COMMENTS = _table("comments", Column("id", String, primary_key=True), Column("plan", String, index=True), Column("person", String))
ENVELOPES = _table("envelopes", Column("id", String, primary_key=True), Column("plan", String))
ENVELOPE_APPROVALS = _table(
    "envelope_approvals",
    Column("envelope", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("shown", String),
)
ENVELOPE_USES = _table("envelope_uses", Column("id", String, primary_key=True), Column("envelope", String, index=True))
ENVELOPE_REVIEWS = _table("envelope_reviews", Column("use", String, primary_key=True))
REVOCATIONS = _table("envelope_revocations", Column("envelope", String, primary_key=True))
RENEWED = _table(
    "renewed",
    Column("id", String, primary_key=True),
    Column("permit", String, index=True),
    Column("signature", LargeBinary),
    Column("proof", String),
)
MATTERS = _table(
    "matters",
    Column("id", String, primary_key=True),
    Column("procedure", String, index=True),
    Column("number", String, unique=True),
    Column("state", String, index=True),
    Column("owner", String, index=True),
    Column("due", String, index=True),
    Column("wakes", String, index=True),
    Column("closed", String, index=True),
    Column("gone", String),
)
"""The cases of procedures. State, the next day something is due and the next day something is to be done are worked out from the moves."""
MOVES = _table("moves", Column("id", String, primary_key=True), Column("matter", String, index=True), Column("serial", Integer))
Index("ix_moves_matter_serial", MOVES.c.matter, MOVES.c.serial, unique=True)
ATTACHMENTS = _table("attachments", Column("id", String, primary_key=True), Column("matter", String, index=True))
LETTERS = _table("letters", Column("id", String, primary_key=True), Column("matter", String, index=True))
HOLDS = _table(
    "holds",
    Column("id", String, primary_key=True),
    Column("matter", String, index=True),
    Column("until", String),
    Column("ended", String, index=True),
)
REMINDERS = _table("reminders", Column("id", String, primary_key=True), Column("matter", String, index=True))
ADOPTIONS = _table("adoptions", Column("text", String, primary_key=True))
SIGNED = Table("signed", METADATA, Column("digest", String, primary_key=True))
"""Keyed digests of signed words that were carried out: none is carried out twice."""
CODES = _table("codes", Column("code", String, primary_key=True), Column("matter", String, index=True), Column("side", String))
"""Digests of the codes that people outside follow a case by, each for one side of it."""
DRAFTS = _table("drafts", Column("matter", String, primary_key=True))
"""Answers somebody outside has begun, sealed to the case; the newest alone."""
REVEALS = _table(
    "reveals",
    Column("id", String, primary_key=True),
    Column("matter", String, index=True),
    Column("permit", String, index=True),
    Column("about", String, index=True),
    Column("record", String),
    Column("state", String, index=True),
    Column("code", String),
    Column("fetched", String),
    Column("shown", String),
    Column("shown_until", String),
    Column("counted", Integer, index=True),
)
"""Openings of sender records. `about` is a keyed digest of service and record; `fetched` the record, still sealed; `shown` what was seen
of it, sealed to the case; `counted` how often the service was told it was opened, nothing while it was not told."""
ENTRUSTMENTS = _table("entrustments", Column("id", String, primary_key=True), Column("parent", String, index=True))
"""The register: who holds what of our people's data. `parent` is the entrustment it is handed on from; empty: from us."""
ENTRUSTMENT_MOVES = _table("entrustment_moves", Column("id", String, primary_key=True), Column("entrustment", String, index=True))
SCANS = _table(
    "scans", Column("id", String, primary_key=True), Column("attachment", String, index=True), Column("state", String, index=True)
)
"""What the malware scanner said of an attached file: clean, found, unscanned; or again, where it is to be asked once more."""
PARTY_KEYS = _table("party_keys", Column("id", String, primary_key=True), Column("entrustment", String, index=True))
"""Keys that parties told, to which what is handed over is sealed; the newest of each row counts."""
HAND_OVERS = _table(
    "hand_overs",
    Column("id", String, primary_key=True),
    Column("entrustment", String, index=True),
    Column("permit", String, index=True),
    Column("state", String, index=True),
    Column("box_key", String),
    Column("box", LargeBinary),
    Column("result", String),
)
"""Lists on their way to a party. `box`: the list, sealed, while it waits; `result`: what `act` made of it, until that is entered."""
HANDED_OVER = _table(
    "handed_over", Column("id", String, primary_key=True), Column("entrustment", String, index=True), Column("permit", String)
)
"""How each ended."""
HANDED_PEOPLE = Table(
    "handed_people",
    METADATA,
    Column("handover", String, primary_key=True),
    Column("person", String, primary_key=True, index=True),
    Column("why", String, nullable=False, index=True),
)
"""Who stood in which list, by a keyed digest, and why they were not handed over; empty for who was."""
OWNERS = _table("owners", Column("id", String, primary_key=True), Column("matter", String, index=True))
"""Who took a case over; its line in `matters` names the last."""
CAMPAIGNS = _table("campaigns", Column("id", String, primary_key=True), Column("plan", String, index=True))
CAMPAIGN_RECIPIENTS = Table(
    "campaign_recipients",
    METADATA,
    Column("campaign", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("leaf", LargeBinary, nullable=False),
    Column("pseudonym", String, index=True),
    Column("box", LargeBinary, nullable=False),
    Column("language", String),
    Column("state", String, index=True),
    Column("batch", String, index=True),
    Column("begun", String),
    Column("why", String),
    Column("reply", Integer),
    Column("checked_by", String, index=True),
    Column("stopped_by", String, index=True),
    Column("known_as", String, index=True),
    Column("invited_by", String, index=True),
)
"""One row for each leaf of the commitment that the campaign's entry holds; `box` is the person, sealed. `checked_by` and `stopped_by` are
digests of the two codes in that person's mail, `known_as` its Message-ID without brackets, `invited_by` the digest of the code that an
invitation is answered with."""
VIEWINGS = _table("viewings", Column("id", String, primary_key=True), Column("plan", String, index=True), Column("box", LargeBinary))
"""Films for invited people; `box` is the film's key, sealed to one that ends with the viewing."""
VIEWING_SESSIONS = Table(
    "viewing_sessions",
    METADATA,
    Column("id", String, primary_key=True),
    Column("viewing", String, nullable=False, index=True),
    Column("invited", String, nullable=False, index=True),
    Column("at", String, nullable=False),
)
"""Devices on which a film is open, each by a digest, and the digest of the code that opened it."""
ASKED_CODES = Table(
    "asked_codes",
    METADATA,
    Column("id", String, primary_key=True),
    *(Column(name, String, nullable=False, index=True) for name in ("question", "pseudonym", "network", "digest", "own", "at", "until")),
    Column("browser", String, nullable=False),
)
"""Requests for a code, a day each; `digest` of the typed code, `own` of the link's and `browser` of the one that asked."""
BATCHES = _table("batches", Column("id", String, primary_key=True), Column("campaign", String, index=True))
LOSSES = _table("losses", Column("id", String, primary_key=True), Column("campaign", String, index=True))
MAIL_STOPS = _table("mail_stops", Column("id", String, primary_key=True), Column("pseudonym", String, index=True), Column("ended", String))
"""Who asked for no more mail, under a keyed pseudonym of the address."""
RETURNS_ENDED = _table("returns_ended", Column("id", String, primary_key=True), Column("pseudonym", String, index=True))
"""Addresses that are good after all, under the same pseudonym: what came back before counts no more."""
OPENED_LINES = _table(
    "opened_lines",
    *(Column("id", String, primary_key=True), Column("permit", String), Column("prefix", String)),
    *(Column("until", String, index=True), Column("ended", String, index=True)),
)
"""Lines let through to port 25 all the same. `prefix` is empty once that is over."""
CLOSED_LINES = _table("closed_lines", Column("id", String, primary_key=True))
"""Those of them that ended before their time."""
_OF_A_LINE = (Column("measure", String), Column("prefix", String, index=True), Column("ended", String, index=True))
SWITCHES = _table("switches", Column("id", String, primary_key=True), *_OF_A_LINE)
"""Each time a line switched a filter off or on. `prefix` is empty once that is over."""
HELD_SENDERS = _table(
    "held_senders",
    Column("id", String, primary_key=True),
    Column("permit", String, index=True),
    Column("notice", String, index=True),
    Column("box", String),
    Column("until", String, index=True),
    Column("ended", String, index=True),
)
"""Mail accounts at their sending limit, as tokens of their permit. `notice`: the order by which the owner is told; empty before that.

`box`: the owner's address, sealed, until it is in an order or nobody is told any more."""
RESTORED_SENDERS = _table("restored_senders", Column("id", String, primary_key=True))
"""Those of them that the help desk let go again."""
EFFECT_COUNTS = _table("effect_counts", Column("id", String, primary_key=True))
"""Counts by day as people signed them, one row a statement; the newest of a day and kind counts."""
EVENT_ENDS = _table("event_ends", Column("id", String, primary_key=True), Column("what", String, index=True))
"""Events that were ended (`what`: ended, with the report), and what a search of all copies found afterwards (searched)."""
TOOLS = _table(
    "tools", Column("id", String, primary_key=True), Column("entrustment", String, index=True), Column("what", String, index=True)
)
"""What was said of a contractor's tool: declared, drilled, moved. `what` is empty for words that were lost."""
CANARY_MAILS = _table("canary_mails", Column("id", String, primary_key=True), Column("handover", String, index=True))
"""Mails that came to people of our own in a list that was handed over."""
ADMISSIONS = _table(
    "admissions",
    Column("id", String, primary_key=True),
    Column("entrustment", String, index=True),
    Column("token", String, index=True),
    Column("box", LargeBinary),
)
"""Contractors' people who may hand in mails. `token`: a digest of what they show; `box`: their set of people, sealed."""
SHUT_ADMISSIONS = _table("shut_admissions", Column("id", String, primary_key=True))
HAND_INS = _table(
    "hand_ins", Column("id", String, primary_key=True), Column("admission", String, index=True), Column("campaign", String, index=True)
)
"""What was handed in; `campaign` is empty where it lies with the desk and became none."""
REPLIES = _table(
    "replies",
    Column("id", String, primary_key=True),
    Column("campaign", String, index=True),
    Column("number", Integer),
    Column("state", String, index=True),
    Column("ending", String),
    Column("box", LargeBinary),
)
"""Replies to mails of campaigns: `number` is the recipient whose mail it answers, `box` the reply, sealed, until it is closed."""
BOARD_RELEASES = _table(
    "board_releases",
    Column("id", String, primary_key=True),
    Column("permit", String),
    Column("purpose", String, index=True),
    Column("day", String, index=True),
)
"""Releases of numbers with noise, each with what it told of a device. One of which only the ledger is left may have no `purpose`."""
TALKS = _table(
    "talks",
    Column("id", String, primary_key=True),
    *(Column(name, String, index=True) for name in ("campaign", "plan", "until")),
    *(Column(name, String) for name in ("givers", "aliases")),
    Column("boxes", LargeBinary),
)
"""Masked talks. `givers`, `aliases`: of the two sides, a space between; `boxes`: both people, sealed."""
TALK_MAILS = _table(
    "talk_mails",
    Column("id", String, primary_key=True),
    *(Column(name, String, index=True) for name in ("talk", "known", "state")),
    *(Column(name, String) for name in ("why", "without", "begun")),
    *(Column(name, Integer) for name in ("side", "back", "reply")),
    Column("box", LargeBinary),
)
"""Their mails: `side` is the writer's, `known` tells one that came twice, `box` the mail, sealed, until it is settled. `why`: codes and
places of what held it; `without`: lines that a person left out; `back`: 1 where its writer is told why."""
META = Table("meta", METADATA, Column("key", String, primary_key=True), Column("value", String, nullable=False))


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def add(db: Connection, table: Table, body: bytes, at: datetime, **columns: object) -> None:
    db.execute(insert(table).values(body=body, at=stamp(at), **columns))


def set_entry(db: Connection, table: Table, key: Mapping[str, str], entry: int, salt: bytes) -> None:
    db.execute(update(table).where(*(table.c[k] == v for k, v in key.items())).values(entry=entry, salt=salt))


def rows(db: Connection, table: Table, *, newest: int | None = None, before: int | None = None, **where: Any) -> list[dict[str, Any]]:
    """Oldest first; or the `newest` so many, newest first, of those entered `before` a ledger index."""
    query = select(table).where(*(table.c[k] == v for k, v in where.items()))
    if before is not None:
        query = query.where(table.c.entry < before)
    if newest is not None:
        query = query.order_by(table.c.at.desc(), table.c.entry.desc()).limit(newest)
    elif "at" in table.c:
        query = query.order_by(table.c.at)
    return [dict(r) for r in db.execute(query).mappings()]


def one(db: Connection, table: Table, **where: Any) -> dict[str, Any] | None:
    query = select(table).where(*(table.c[k] == v for k, v in where.items()))
    found = db.execute((query.order_by(table.c.at) if "at" in table.c else query).limit(1)).mappings().first()
    return None if found is None else dict(found)


def count(db: Connection, table: Table, **where: object) -> int:
    return db.execute(select(func.count()).select_from(table).where(*(table.c[k] == v for k, v in where.items()))).scalar_one()


def body(row: Mapping[str, Any]) -> Any:
    return json.loads(row["body"])


def meta(db: Connection, key: str) -> str | None:
    row = db.execute(select(META.c.value).where(META.c.key == key)).first()
    return None if row is None else str(row[0])


def set_meta(db: Connection, key: str, value: str) -> None:
    db.execute(META.delete().where(META.c.key == key))
    db.execute(insert(META).values(key=key, value=value))
