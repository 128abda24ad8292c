"""A mail of a campaign came back: `act` has read what lies in the mailbox of returns, `keep` ties it to the one mail it belongs to.

Each mail leaves from a return address of its own, whose code says nothing to anybody and is known to the servers on its way and its
receiver alone. What comes back without such a code changes nothing, whatever it claims; with it, it can only say that this one mail
came back. `act` itself reads none of those bytes: whoever reads them for it may die of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from sekisho.desk import campaigns
from sekisho.desk.campaigns import R
from sekisho.desk.messages.return_words import Unread
from sekisho.desk.outside import Outside
from sekisho.desk.world import No, World
from sekisho.law.campaign import State
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.wire import bounces

AT_ONCE = 50
MAY = (State.ACCEPTED.value, State.UNSURE.value, State.UNKNOWN.value)
"""Whose mail may have reached a server: of these one may come back."""


@dataclass(frozen=True)
class CameBack:
    """The code of a return address, and what was said: failed, delayed or other; the status of RFC 3463, or empty."""

    code: str
    kind: str
    status: str


@dataclass(frozen=True)
class ReadReturns:
    """Whatever lies in the mailbox of returns, some at a time. `read` says what one mail's bytes say, or raises Unread."""

    read: Callable[[bytes], bounces.Bounce]


def came_back(world: World, request: CameBack) -> Mapping[str, bool]:
    """{"known": whether it is of a mail of ours}. Said twice is said once. Raises No("unknown-outcome")."""
    if request.kind not in (bounces.FAILED, bounces.DELAYED, bounces.OTHER):
        raise No("unknown-outcome")
    found = campaigns.returned_to(world, request.code)
    if found is None:
        return {"known": False}
    name, number = found
    mine = (R.c.campaign == name, R.c.number == number)
    state = world.db.execute(select(R.c.state).where(*mine)).scalar()
    if request.kind == bounces.FAILED and state in MAY:
        status = request.status if bounces.STATUS.fullmatch(request.status) else ""
        world.db.execute(update(R).where(*mine).values(state=State.BOUNCED.value, why=status))
        body = canonical({"campaign": name, "came-back": {status or "no-status": 1}})
        world.write(EntryType.MAIL_ANSWERED, body, ids={"campaign": name}, at=world.clock.now())
    return {"known": True}


def carry_out(world: Outside, request: ReadReturns) -> Mapping[str, int]:
    """Kind to how many. What was tied to a mail is deleted; what was not lies in `cur` of the mailbox for a person.

    Raises KeepSaidNo and KeepIsGone, and then leaves the mail where it lies.
    """
    folder, counts = world.settings.mail.returns, Counter[str]()
    for path in sorted(_new(folder))[:AT_ONCE] if folder else ():
        with suppress(OSError):
            counts[_one(world, request, path)] += 1
    return counts


def _one(world: Outside, request: ReadReturns, path: Path) -> str:
    """What became of one file. Raises OSError where it cannot be read or moved."""
    with path.open("rb") as stream:
        raw = stream.read(bounces.MOST)
    try:
        said = request.read(raw)
    except Unread:
        _for_a_person(path)
        return "unread"
    known = bool(said.code) and world.keep.call("mail-came-back", code=said.code, kind=said.kind, status=said.status)["known"]
    if known and said.kind != bounces.OTHER:
        path.unlink()
    else:
        _for_a_person(path)
    return said.kind if known else "foreign"


def _for_a_person(path: Path) -> None:
    path.rename(path.parent.parent / "cur" / f"{path.name}:2,")


def _new(folder: Path) -> list[Path]:
    """Files of a maildir nobody has read; links are none."""
    with suppress(OSError):
        return [p for p in (folder / "new").iterdir() if p.is_file() and not p.is_symlink()]
    return []
