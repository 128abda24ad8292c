"""Brings the records up to the ledger: after a power cut between the two, after a failed write, after an old copy was put back.

The ledger is written first, so it alone may be ahead. What it says ended, was destroyed, refused or taken back is done
again; what it says was made and the records do not hold is simply not there, and nobody was told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sqlalchemy import String, Table, func, literal, select, union_all, update
from sqlalchemy.dialects import sqlite

from sekisho.desk import books, matters, permits, records
from sekisho.desk.world import No, World, fresh_id
from sekisho.law.campaign import State
from sekisho.law.canonical import canonical
from sekisho.law.consent import Happened
from sekisho.ledger.entry import Entry, EntryType

UNDER_WAY = ("waiting", "begun")


class RecordsAhead(Exception):
    """The records know of entries that the ledger does not hold: the ledger was put back or cut off. Nothing is served."""


def carry_out(world: World) -> None:
    """Asked at the start of every turn; reads nothing of the ledger when nothing was missed. Raises RecordsAhead, BookGone."""
    _applied(world)
    books.follow(world)


def _applied(world: World) -> None:
    known, size = int(records.meta(world.db, records.APPLIED) or 0), world.log.size
    if known > size:
        raise RecordsAhead(f"the records know of {known} entries, the ledger holds {size}: put the right ledger back")
    if known == size:
        return
    for index, raw in enumerate(world.log.entries(known, size), known):
        entry = Entry.decode(raw)
        if apply := APPLIED_AGAIN.get(entry.type):
            apply(world, index, entry)
    if known:
        _say(world, known, size)
    records.set_meta(world.db, records.APPLIED, str(size))


def must_not_be_ahead(world: World) -> None:
    """Asked once, at the start: no row may point past the ledger's end. Raises RecordsAhead."""
    for table, last in world.db.exec_driver_sql(_newest_entries()):
        if last is not None and last >= world.log.size:
            raise RecordsAhead(f"{table} knows of entry {last}, the ledger holds {world.log.size}: put the right ledger back")


@cache
def _newest_entries() -> str:
    """One statement for every table, written out once: sixty of them, each put together anew, were a third of a start."""
    tables = [table for table in records.METADATA.tables.values() if "entry" in table.c]
    newest = union_all(*(select(literal(table.name, String), func.max(table.c.entry)) for table in tables))
    return str(newest.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


def _say(world: World, known: int, size: int) -> None:
    """That entries `known` to `size` may have no rows is itself written down, so that `compare` can tell a power cut from a theft."""
    now, run = world.clock.now(), fresh_id("run")
    body = canonical({"from": known, "to": size})
    records.add(world.db, records.RECOVERIES, body, now, run=run)
    world.write(EntryType.RECOVERED, body, ids={"run": run}, at=now, table=records.RECOVERIES, key={"run": run})


def _withdrawn(world: World, _index: int, entry: Entry) -> None:
    permits.mark_ended(world, entry.ids["permit"], "withdrawn", entry.at)


def _expired(world: World, _index: int, entry: Entry) -> None:
    permits.mark_ended(world, entry.ids["permit"], "ended", entry.at)


def _destroyed(world: World, index: int, entry: Entry) -> None:
    for key in world.vault.key_ids():
        if sha256(key.encode()).hexdigest() == entry.ids["key"]:
            _again(world, records.DESTROYED, index, entry, key=key)
            world.vault.destroy(key)


def _opted_out(world: World, index: int, entry: Entry) -> None:
    _again(world, records.OPT_OUTS, index, entry, pseudonym=entry.ids["optout"])


def _dismissed(world: World, index: int, entry: Entry) -> None:
    _again(world, records.DISMISSALS, index, entry, person=entry.ids["person"])


def _unconfirmed(world: World, index: int, entry: Entry) -> None:
    _again(world, records.UNCONFIRMED, index, entry, confirmation=entry.ids["confirmation"])


def _book_loaded(world: World, index: int, entry: Entry) -> None:
    """The book an officer loaded is in force again, if it is still here; the officer's own words are lost."""
    digest = entry.ids["book"]
    try:
        book = books.of_digest(world, digest)
    except No:
        return
    columns = {"book": digest, "version": book.version, "base": world.shipped}
    body = canonical({"recovered": True})
    records.add(world.db, records.BOOKS, body, entry.at, id=fresh_id("book"), entry=index, **columns)
    books.put_in_force(world, digest)


def _consent_over(world: World, _index: int, entry: Entry) -> None:
    """A consent that ended counts no more; how it ended stood in the row that is lost."""
    table = records.CONSENTS
    unsaid = table.c.id.notin_(select(records.CONSENT_EVENTS.c.consent))
    over = (table.c.state == Happened.GIVEN.value) | ((table.c.state == Happened.NOTICE_CHANGED.value) & unsaid)
    mine = (table.c.id == entry.ids["consent"], over)
    world.db.execute(update(table).where(*mine).values(state=Happened.WITHDRAWN.value))


def _envelope_used(world: World, index: int, entry: Entry) -> None:
    """A use whose row is lost is still a use that somebody must review before the next."""
    _again(world, records.ENVELOPE_USES, index, entry, id=entry.ids["use"], envelope=entry.ids["envelope"])


def _envelope_reviewed(world: World, index: int, entry: Entry) -> None:
    _again(world, records.ENVELOPE_REVIEWS, index, entry, use=entry.ids["use"])


def _envelope_revoked(world: World, index: int, entry: Entry) -> None:
    _again(world, records.REVOCATIONS, index, entry, envelope=entry.ids["envelope"])


def _done(world: World, _index: int, entry: Entry) -> None:
    """An order that was closed is not handed out again; how it ended stood in the row that is lost."""
    table = records.ORDERS
    mine = (table.c.id == entry.ids["order"], table.c.state.in_(UNDER_WAY))
    world.db.execute(update(table).where(*mine).values(state="unknown"))


def _hold_ended(world: World, _index: int, entry: Entry) -> None:
    table = records.HOLDS
    world.db.execute(update(table).where(table.c.id == entry.ids["hold"], table.c.ended.is_(None)).values(ended="lifted"))


def _reminded(world: World, index: int, entry: Entry) -> None:
    """Whom it tells of what is worked out from the case again, as it was the first time."""
    identity, matter, said = entry.ids["reminder"], entry.ids["matter"], dict[str, Any]()
    with suppress(No):
        said = next((dict(told) for name, _, told in matters.reminders(matters.load(world, matter)) if name == identity), said)
    if records.one(world.db, records.REMINDERS, id=identity) is None:
        body = canonical({"recovered": True, **said})
        records.add(world.db, records.REMINDERS, body, entry.at, entry=index, id=identity, matter=matter)


def _revealed(world: World, index: int, entry: Entry) -> None:
    """An opening whose row is lost opens nothing any more; its poster is told of it all the same."""
    more = {"matter": entry.ids["matter"], "permit": entry.ids["permit"], "about": entry.ids["record"], "state": "failed"}
    if records.one(world.db, records.REVEALS, id=entry.ids["look"]) is None:
        records.add(world.db, records.REVEALS, canonical({"recovered": True}), entry.at, entry=index, id=entry.ids["look"], **more)


def _entrustment_moved(world: World, index: int, entry: Entry) -> None:
    """What happened stood in the row that is lost: until a person says otherwise, the entrustment is suspended."""
    _again(world, records.ENTRUSTMENT_MOVES, index, entry, id=entry.ids["move"], entrustment=entry.ids["entrustment"])


def _party_key(world: World, index: int, entry: Entry) -> None:
    """Which key it was stood in the row that is lost: until the party tells one again, nothing is sealed to any."""
    _again(world, records.PARTY_KEYS, index, entry, id=entry.ids["partykey"], entrustment=entry.ids["entrustment"])


def _hand_over(world: World, index: int, entry: Entry) -> None:
    """The list is lost with its row; as nobody can tell what became of it, it is not handed over again."""
    more = {"entrustment": entry.ids["entrustment"], "permit": entry.ids["permit"], "state": "unknown"}
    if records.one(world.db, records.HAND_OVERS, id=entry.ids["handover"]) is None:
        body = canonical({"recovered": True})
        records.add(world.db, records.HAND_OVERS, body, entry.at, entry=index, id=entry.ids["handover"], **more)


def _handed_over(world: World, index: int, entry: Entry) -> None:
    """It ended; how stood in the row that is lost."""
    names = {"id": entry.ids["handover"], "entrustment": entry.ids["entrustment"], "permit": entry.ids["permit"]}
    _again(world, records.HANDED_OVER, index, entry, **names)
    table = records.HAND_OVERS
    mine = (table.c.id == entry.ids["handover"], table.c.state.in_(UNDER_WAY))
    world.db.execute(update(table).where(*mine).values(state="unknown", box=None, result=None))


def _tool(world: World, index: int, entry: Entry) -> None:
    """What was said of the tool stood in the row that is lost: until it is declared and drilled again, it is not clear."""
    _again(world, records.TOOLS, index, entry, id=entry.ids["tool"], entrustment=entry.ids["entrustment"])


def _canary_mail(world: World, index: int, entry: Entry) -> None:
    """A mail came to one of our own; which one stood in the row that is lost, from which list is known."""
    _again(world, records.CANARY_MAILS, index, entry, id=entry.ids["canary"], handover=entry.ids["handover"])


def _reply(world: World, index: int, entry: Entry) -> None:
    """What was written stood in the row that is lost: that something came is known."""
    _again(world, records.REPLIES, index, entry, id=entry.ids["reply"], campaign=entry.ids["campaign"])


def _reply_closed(world: World, _index: int, entry: Entry) -> None:
    table = records.REPLIES
    world.db.execute(update(table).where(table.c.id == entry.ids["reply"]).values(state="closed", box=None))


def _passed_on(world: World, _index: int, entry: Entry) -> None:
    """Records older than the ledger hold a mail that was begun since: before it goes on, the mail server is asked about it."""
    table = records.TALK_MAILS
    mine = (table.c.id == entry.ids["passing"], table.c.state.in_(("waiting", "held")))
    world.db.execute(update(table).where(*mine).values(state="unsure", begun=records.stamp(entry.at)))


def _held_mail_settled(world: World, _index: int, entry: Entry) -> None:
    """What a person made of it stood in the row that is lost: it is not held any more, and nothing of it goes on."""
    table = records.TALK_MAILS
    mine = (table.c.id == entry.ids["passing"], table.c.state == "held")
    world.db.execute(update(table).where(*mine).values(state="dropped", box=None))


def _admission_shut(world: World, index: int, entry: Entry) -> None:
    _again(world, records.SHUT_ADMISSIONS, index, entry, id=entry.ids["admission"])


def _mailed(world: World, index: int, entry: Entry) -> None:
    """Whom a batch was about stood in the row that is lost: before anybody is sent to, the mail server is asked about all of them."""
    _again(world, records.BATCHES, index, entry, id=entry.ids["batch"], campaign=entry.ids["campaign"])
    table = records.CAMPAIGN_RECIPIENTS
    mine = (table.c.campaign == entry.ids["campaign"], table.c.state == State.WAITING.value)
    world.db.execute(update(table).where(*mine).values(state=State.UNSURE.value, begun=records.stamp(entry.at)))


def _recipient_lost(world: World, index: int, entry: Entry) -> None:
    """Who was lost stood in the row that is lost: the campaign stops, as nobody can say whom it would go to."""
    _again(world, records.LOSSES, index, entry, id=entry.ids["loss"], campaign=entry.ids["campaign"])
    table = records.CAMPAIGN_RECIPIENTS
    mine = (table.c.campaign == entry.ids["campaign"], table.c.state == State.WAITING.value)
    world.db.execute(update(table).where(*mine).values(state=State.UNKNOWN.value))


def _mail_stopped(world: World, index: int, entry: Entry) -> None:
    """Whose it was stood in the row that is lost. Nobody was told that it counts: who asked saw an error, and asks again."""
    _again(world, records.MAIL_STOPS, index, entry, id=entry.ids["stop"])


def _line_closed(world: World, index: int, entry: Entry) -> None:
    """A line that was closed again stays closed; its address is not needed any more."""
    _again(world, records.CLOSED_LINES, index, entry, id=entry.ids["exception"])
    table = records.OPENED_LINES
    mine = (table.c.id == entry.ids["exception"], table.c.ended.is_(None))
    world.db.execute(update(table).where(*mine).values(ended="closed", prefix=""))


def _sender_restored(world: World, index: int, entry: Entry) -> None:
    """An account that was let go again stays so, where it is still known."""
    _again(world, records.RESTORED_SENDERS, index, entry, id=entry.ids["pause"])
    table = records.HELD_SENDERS
    world.db.execute(update(table).where(table.c.id == entry.ids["pause"], table.c.ended.is_(None)).values(ended="restored"))


def _effect_counted(world: World, index: int, entry: Entry) -> None:
    """That somebody counted; what they counted stood in the row that is lost, and is entered once more."""
    _again(world, records.EFFECT_COUNTS, index, entry, id=entry.ids["count"])


def _numbers_released(world: World, index: int, entry: Entry) -> None:
    """What it cost stood in the row that is lost: it counts as the whole budget of its day."""
    permit = records.one(world.db, records.PERMITS, id=entry.ids["permit"])
    purpose, day = permits.of(permit).step.purpose if permit else "", str(world.book.day(entry.at))
    _again(world, records.BOARD_RELEASES, index, entry, id=entry.ids["release"], permit=entry.ids["permit"], purpose=purpose, day=day)


def _again(world: World, table: Table, index: int, entry: Entry, **key: str) -> None:
    """The row as far as the entry tells it; its body and salt are lost."""
    if records.one(world.db, table, **key) is None:
        records.add(world.db, table, canonical({"recovered": True}), entry.at, entry=index, **key)


APPLIED_AGAIN: Mapping[EntryType, Callable[[World, int, Entry], None]] = MappingProxyType({
    EntryType.WITHDRAWAL: _withdrawn,
    EntryType.EXPIRY: _expired,
    EntryType.DESTROYED: _destroyed,
    EntryType.OPT_OUT: _opted_out,
    EntryType.DISMISSED: _dismissed,
    EntryType.UNCONFIRMED: _unconfirmed,
    EntryType.DONE: _done,
    EntryType.ENVELOPE_USED: _envelope_used,
    EntryType.ENVELOPE_REVIEWED: _envelope_reviewed,
    EntryType.ENVELOPE_REVOKED: _envelope_revoked,
    EntryType.BOOK_LOADED: _book_loaded,
    EntryType.CONSENT_OVER: _consent_over,
    EntryType.HOLD_ENDED: _hold_ended,
    EntryType.REMINDED: _reminded,
    EntryType.REVEAL: _revealed,
    EntryType.ENTRUSTMENT_MOVED: _entrustment_moved,
    EntryType.PARTY_KEY: _party_key,
    EntryType.HAND_OVER: _hand_over,
    EntryType.HANDED_OVER: _handed_over,
    EntryType.MAILED: _mailed,
    EntryType.RECIPIENT_LOST: _recipient_lost,
    EntryType.MAIL_STOPPED: _mail_stopped,
    EntryType.LINE_CLOSED: _line_closed,
    EntryType.SENDER_RESTORED: _sender_restored,
    EntryType.EFFECT_COUNTED: _effect_counted,
    EntryType.NUMBERS_RELEASED: _numbers_released,
    EntryType.TOOL: _tool,
    EntryType.CANARY_MAIL: _canary_mail,
    EntryType.REPLY: _reply,
    EntryType.REPLY_CLOSED: _reply_closed,
    EntryType.ADMISSION_SHUT: _admission_shut,
    EntryType.PASSED_ON: _passed_on,
    EntryType.HELD_MAIL_SETTLED: _held_mail_settled,
})  # fmt: skip
