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


def _key(*names: str) -> list[Column[str]]:
    """What tells a row from every other."""
    return [Column(name, String, primary_key=True) for name in names]


def _found_by(*names: str) -> list[Column[str]]:
    """What rows are asked for by."""
    return [Column(name, String, index=True) for name in names]


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, String) for name in names]


PEOPLE = _table("people", *_key("id"))
INVITATIONS = _table("invitations", *_key("code"), Column("used", Boolean, default=False))
PLANS = _table("plans", *_key("id"), *_text("measure", "proposer", "outcome"))
EVIDENCE = _table("evidence", *_key("id"), Column("plan", String, primary_key=True, index=True))
APPROVALS = _table("approvals", *_key("plan", "person"), *_text("shown"))
CONFIRMATIONS = _table("confirmations", *_key("id"), *_text("case"))
PERMITS = _table(
    "permits",
    *_key("id"),
    *_found_by("plan", "token", "ended"),
    *_text("measure", "step", "until", "proof", "ended_at"),
    Column("signature", LargeBinary),
)
WITHDRAWALS = _table("withdrawals", *_key("permit"))
LOOKS = _table("looks", *_key("id"), *_found_by("state"), *_text("permit"))
Index("ix_looks_permit_at", LOOKS.c.permit, LOOKS.c.at)
RELEASES = _table("releases", *_key("look", "key"))
FINDINGS = _table("findings", *_key("token", "measure"), *_text("plan"))
FIGURES = _table("figures", *_key("measure"))
REPORTS = _table("reports", *_key("process"))
ORDERS = _table(
    "orders", *_key("id"), *_found_by("permit", "state", "letter"), *_text("code"), Column("wiped", Integer, default=0, index=True)
)
OPT_OUTS = _table("opt_outs", *_key("pseudonym"))
DESTROYED = _table("destroyed", *_key("key"))
DISMISSALS = _table("dismissals", *_key("person"))
UNCONFIRMED = _table("unconfirmed", *_key("confirmation"))
BOOKS = _table("books", *_key("id"), *_text("book", "version", "base"))
EXCHANGES = _table("exchanges", *_key("id"), *_text("operator"))
RECOVERIES = _table("recoveries", *_key("run"))
NOTICES = _table("notices", *_key("id"))
NOTICE_VERSIONS = _table("notice_versions", *_key("id"), *_text("version"))
"""Of each text that was changed, by the digest of its name: the version that counts, and who said so."""
CONSENTS = _table("consents", *_key("id"), *_found_by("notice", "code"), *_text("purpose", "principal", "state", "until"))
Index("ix_consents_live", CONSENTS.c.purpose, CONSENTS.c.state, CONSENTS.c.principal)
CONSENT_EVENTS = _table("consent_events", *_key("id"), *_found_by("consent"))
COMMENTS = _table("comments", *_key("id"), *_found_by("plan"), *_text("person"))
ENVELOPES = _table("envelopes", *_key("id"), *_text("plan"))
ENVELOPE_APPROVALS = _table("envelope_approvals", *_key("envelope", "person"), *_text("shown"))
ENVELOPE_USES = _table("envelope_uses", *_key("id"), *_found_by("envelope"))
ENVELOPE_REVIEWS = _table("envelope_reviews", *_key("use"))
REVOCATIONS = _table("envelope_revocations", *_key("envelope"))
RENEWED = _table("renewed", *_key("id"), *_found_by("permit"), *_text("proof"), Column("signature", LargeBinary))
MATTERS = _table(
    "matters",
    *_key("id"),
    *_found_by("procedure", "state", "owner", "due", "wakes", "closed"),
    *_text("gone"),
    Column("number", String, unique=True),
)
"""The cases of procedures. State, the next day something is due and the next day something is to be done are worked out from the moves."""
MOVES = _table("moves", *_key("id"), *_found_by("matter"), Column("serial", Integer))
Index("ix_moves_matter_serial", MOVES.c.matter, MOVES.c.serial, unique=True)
ATTACHMENTS = _table("attachments", *_key("id"), *_found_by("matter"))
LETTERS = _table("letters", *_key("id"), *_found_by("matter"))
HOLDS = _table("holds", *_key("id"), *_found_by("matter", "ended"), *_text("until"))
REMINDERS = _table("reminders", *_key("id"), *_found_by("matter"))
ADOPTIONS = _table("adoptions", *_key("text"))
SIGNED = Table("signed", METADATA, *_key("digest"))
"""Keyed digests of signed words that were carried out: none is carried out twice."""
CODES = _table("codes", *_key("code"), *_found_by("matter"), *_text("side"))
"""Digests of the codes that people outside follow a case by, each for one side of it."""
DRAFTS = _table("drafts", *_key("matter"))
"""Answers somebody outside has begun, sealed to the case; the newest alone."""
REVEALS = _table(
    "reveals",
    *_key("id"),
    *_found_by("matter", "permit", "about", "state"),
    *_text("record", "code", "fetched", "shown", "shown_until"),
    Column("counted", Integer, index=True),
)
"""Openings of sender records. `about` is a keyed digest of service and record; `fetched` the record, still sealed; `shown` what was seen
of it, sealed to the case; `counted` how often the service was told it was opened, nothing while it was not told."""
ENTRUSTMENTS = _table("entrustments", *_key("id"), *_found_by("parent"))
"""The register: who holds what of our people's data. `parent` is the entrustment it is handed on from; empty: from us."""
ENTRUSTMENT_MOVES = _table("entrustment_moves", *_key("id"), *_found_by("entrustment"))
SCANS = _table("scans", *_key("id"), *_found_by("attachment", "state"))
"""What the malware scanner said of an attached file: clean, found, unscanned; or again, where it is to be asked once more."""
PARTY_KEYS = _table("party_keys", *_key("id"), *_found_by("entrustment"))
"""Keys that parties told, to which what is handed over is sealed; the newest of each row counts."""
HAND_OVERS = _table(
    "hand_overs", *_key("id"), *_found_by("entrustment", "permit", "state"), *_text("box_key", "result"), Column("box", LargeBinary)
)
"""Lists on their way to a party. `box`: the list, sealed, while it waits; `result`: what `act` made of it, until that is entered."""
HANDED_OVER = _table("handed_over", *_key("id"), *_found_by("entrustment"), *_text("permit"))
"""How each ended."""
HANDED_PEOPLE = Table(
    "handed_people",
    METADATA,
    *_key("handover"),
    Column("person", String, primary_key=True, index=True),
    Column("why", String, nullable=False, index=True),
)
"""Who stood in which list, by a keyed digest, and why they were not handed over; empty for who was."""
OWNERS = _table("owners", *_key("id"), *_found_by("matter"))
"""Who took a case over; its line in `matters` names the last."""
CAMPAIGNS = _table("campaigns", *_key("id"), *_found_by("plan"))
CAMPAIGN_RECIPIENTS = Table(
    "campaign_recipients",
    METADATA,
    *_key("campaign"),
    *_found_by("pseudonym", "state", "batch", "checked_by", "stopped_by", "known_as", "invited_by"),
    *_text("language", "begun", "why"),
    Column("number", Integer, primary_key=True),
    Column("leaf", LargeBinary, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Column("reply", Integer),
)
"""One row for each leaf of the commitment that the campaign's entry holds; `box` is the person, sealed. `checked_by` and `stopped_by` are
digests of the two codes in that person's mail, `known_as` its Message-ID without brackets, `invited_by` the digest of the code that an
invitation is answered with."""
VIEWINGS = _table("viewings", *_key("id"), *_found_by("plan"), Column("box", LargeBinary))
"""Films for invited people; `box` is the film's key, sealed to one that ends with the viewing."""
VIEWING_SESSIONS = Table(
    "viewing_sessions",
    METADATA,
    *_key("id"),
    *(Column(name, String, nullable=False, index=True) for name in ("viewing", "invited")),
    Column("at", String, nullable=False),
)
"""Devices on which a film is open, each by a digest, and the digest of the code that opened it."""
ASKED_CODES = Table(
    "asked_codes",
    METADATA,
    *_key("id"),
    *(Column(name, String, nullable=False, index=True) for name in ("question", "pseudonym", "network", "digest", "own", "at", "until")),
    Column("browser", String, nullable=False),
)
"""Requests for a code, a day each; `digest` of the typed code, `own` of the link's and `browser` of the one that asked."""
BATCHES = _table("batches", *_key("id"), *_found_by("campaign"))
LOSSES = _table("losses", *_key("id"), *_found_by("campaign"))
MAIL_STOPS = _table("mail_stops", *_key("id"), *_found_by("pseudonym"), *_text("ended"))
"""Who asked for no more mail, under a keyed pseudonym of the address."""
RETURNS_ENDED = _table("returns_ended", *_key("id"), *_found_by("pseudonym"))
"""Addresses that are good after all, under the same pseudonym: what came back before counts no more."""
OPENED_LINES = _table("opened_lines", *_key("id"), *_found_by("until", "ended"), *_text("permit", "prefix"))
"""Lines let through to port 25 all the same. `prefix` is empty once that is over."""
CLOSED_LINES = _table("closed_lines", *_key("id"))
"""Those of them that ended before their time."""
SWITCHES = _table("switches", *_key("id"), *_found_by("prefix", "ended"), *_text("measure"))
"""Each time a line switched a filter off or on. `prefix` is empty once that is over."""
HELD_SENDERS = _table("held_senders", *_key("id"), *_found_by("permit", "notice", "until", "ended"), *_text("box"))
"""Mail accounts at their sending limit, as tokens of their permit. `notice`: the order by which the owner is told; empty before that.

`box`: the owner's address, sealed, until it is in an order or nobody is told any more."""
RESTORED_SENDERS = _table("restored_senders", *_key("id"))
"""Those of them that the help desk let go again."""
EFFECT_COUNTS = _table("effect_counts", *_key("id"))
"""Counts by day as people signed them, one row a statement; the newest of a day and kind counts."""
EVENT_ENDS = _table("event_ends", *_key("id"), *_found_by("what"))
"""Events that were ended (`what`: ended, with the report), and what a search of all copies found afterwards (searched)."""
TOOLS = _table("tools", *_key("id"), *_found_by("entrustment", "what"))
"""What was said of a contractor's tool: declared, drilled, moved. `what` is empty for words that were lost."""
CANARY_MAILS = _table("canary_mails", *_key("id"), *_found_by("handover"))
"""Mails that came to people of our own in a list that was handed over."""
ADMISSIONS = _table("admissions", *_key("id"), *_found_by("entrustment", "token"), Column("box", LargeBinary))
"""Contractors' people who may hand in mails. `token`: a digest of what they show; `box`: their set of people, sealed."""
SHUT_ADMISSIONS = _table("shut_admissions", *_key("id"))
HAND_INS = _table("hand_ins", *_key("id"), *_found_by("admission", "campaign"))
"""What was handed in; `campaign` is empty where it lies with the desk and became none."""
REPLIES = _table(
    "replies", *_key("id"), *_found_by("campaign", "state"), *_text("ending"), Column("number", Integer), Column("box", LargeBinary)
)
"""Replies to mails of campaigns: `number` is the recipient whose mail it answers, `box` the reply, sealed, until it is closed."""
BOARD_RELEASES = _table("board_releases", *_key("id"), *_found_by("purpose", "day"), *_text("permit"))
"""Releases of numbers with noise, each with what it told of a device. One of which only the ledger is left may have no `purpose`."""
TALKS = _table("talks", *_key("id"), *_found_by("campaign", "plan", "until"), *_text("givers", "aliases"), Column("boxes", LargeBinary))
"""Masked talks. `givers`, `aliases`: of the two sides, a space between; `boxes`: both people, sealed."""
TALK_MAILS = _table(
    "talk_mails",
    *_key("id"),
    *_found_by("talk", "known", "state"),
    *_text("why", "without", "begun"),
    *(Column(name, Integer) for name in ("side", "back", "reply")),
    Column("box", LargeBinary),
)
"""Their mails: `side` is the writer's, `known` tells one that came twice, `box` the mail, sealed, until it is settled. `why`: codes and
places of what held it; `without`: lines that a person left out; `back`: 1 where its writer is told why."""
META = Table("meta", METADATA, *_key("key"), Column("value", String, nullable=False))


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
