"""Who was behind a token? One line, provably, or nobody. Runs in a `work` child under the step `identify`.

Every contact must lead, with a margin on both sides, to one and the same contract; anything less is "ambiguous" and stays unnamed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.desk.consents import principal
from sekisho.desk.flows.look import Line, Opened
from sekisho.desk.outside import Outside
from sekisho.gate.check import read
from sekisho.gate.permit import Permit
from sekisho.store.parts import periods
from sekisho.store.register import REGISTER, read_line_keys
from sekisho.store.schema import ASSIGNMENTS, CONTACT
from sekisho.store.view import open_view, rows_for_token
from sekisho.wire.assignments import from_table
from sekisho.wire.intervals import Index, Named, NoRecord, holder, intervals

MARGIN_MS = 5_000
MAPPED = b"\0" * 10 + b"\xff\xff"
CONTACT_COLUMNS = ("line", "start", "end")


@dataclass(frozen=True)
class Identify:
    """An opened look of the sort `identify`."""

    opened: Opened


@dataclass(frozen=True)
class Nobody:
    """No name: `no-record`, `ambiguous`, `moved-on`, `no-contact` or `no-consent`."""

    why: str


def carry_out(world: Outside, request: Identify) -> Line | Nobody:
    """Finds the line and tells `keep`, which orders what the plan asks for. Nobody else hears of it."""
    found = _found(world, request)
    if isinstance(found, Nobody):
        world.keep.call("identified", look=request.opened.look.id, nobody=found.why)
    else:
        world.keep.call("identified", look=request.opened.look.id, line=found)
    return found


def _found(world: Outside, request: Identify) -> Line | Nobody:
    permit, look = read(request.opened.permit), request.opened.look.id
    streams = world.settings.folder / "streams"
    days, token = _texts(permit, "periods"), _texts(permit, "tokens")[0]
    hits = rows_for_token(
        streams, permit, "hits", token, CONTACT_COLUMNS, _present(world, permit, "hits", days), world.release(look), world.token_key(look)
    ).to_pylist()
    if not hits:
        return Nobody("no-record")
    columns = tuple(ASSIGNMENTS.names)
    with open_view(streams, permit, "assignments", columns, _present(world, permit, "assignments", days), world.release(look)) as view:
        known = intervals(from_table(view.relation.to_pyarrow().cast(ASSIGNMENTS)))
    user = _user(Index(known), hits)
    if isinstance(user, Nobody):
        return user
    owner = _owner(permit, "line-keys")
    keys = read_line_keys(streams, owner, periods(streams, owner, REGISTER), world.release(look)).to_pylist()
    return _line(keys, user, hits, world.clock(), _consenting(world, look))


def _consenting(world: Outside, look: str) -> Callable[[str], bool]:
    """Whether a line may be named at all. Asked before its terms and contact are looked at; a no leaves this child as a bare no."""
    said = world.keep.call("consenting", look=look)
    if not said["per_line"]:
        return lambda _line: True
    key, agreed = bytes.fromhex(said["key"]), frozenset(said["principals"])
    return lambda line: principal(key, line) in agreed


def _user(known: Index, hits: Sequence[Mapping[str, object]]) -> str | Nobody:
    """The one accounting name that held the address at every contact."""
    users = set()
    for hit in hits:
        address, start, end = hit["line"], hit["start"], hit["end"] or hit["start"]
        if not isinstance(address, bytes) or not isinstance(start, datetime) or not isinstance(end, datetime):
            return Nobody("no-record")
        shortest = 128 if address.startswith(MAPPED) else 48
        answer = holder(known, address, _ms(start), max(_ms(start), _ms(end)), MARGIN_MS, shortest)
        if not isinstance(answer, Named):
            return Nobody("no-record" if isinstance(answer, NoRecord) else "ambiguous")
        users.add(answer.user)
    return users.pop() if len(users) == 1 else Nobody("ambiguous")


def _line(
    keys: Sequence[Mapping[str, object]],
    user: str,
    hits: Sequence[Mapping[str, object]],
    now: datetime,
    agrees: Callable[[str], bool] = lambda _line: True,
) -> Line | Nobody:
    """The contract that used this accounting name at the time of every contact, if it is still a customer's today."""
    starts = [s for h in hits if isinstance(s := h["start"], datetime)]
    first, last = min(starts), max(starts)
    lines = {str(k["line"]) for k in keys if k["kind"] == "radius-name" and k["value"] == user and _covers(k, first) and _covers(k, last)}
    if len(lines) != 1:
        return Nobody("ambiguous" if lines else "no-record")
    (line,) = lines
    if not agrees(line):
        return Nobody("no-consent")
    mine = [k for k in keys if k["line"] == line]
    if not any(k["kind"] == "contract" and _covers(k, now) for k in mine):
        return Nobody("moved-on")
    terms = next((str(k["value"]) for k in mine if k["kind"] == "terms"), "")
    box = next((str(k["value"]) for k in mine if k["kind"] == CONTACT), "")
    return Line(line, box, terms, first, last, len(set(starts))) if box else Nobody("no-contact")


def _covers(key: Mapping[str, object], at: datetime) -> bool:
    begins, ends = key["valid_from"], key["valid_until"]
    return (not isinstance(begins, datetime) or begins <= at) and (not isinstance(ends, datetime) or at < ends)


def _present(world: Outside, permit: Permit, stream: str, days: Sequence[str]) -> list[str]:
    """The permitted days that the stream has anything of."""
    return [d for d in periods(world.settings.folder / "streams", _owner(permit, stream), stream) if d in days]


def _owner(permit: Permit, stream: str) -> str:
    views = permit.scope["views"]
    view = views[stream] if isinstance(views, Mapping) else {}
    return str(view["of"]) if isinstance(view, Mapping) else ""


def _texts(permit: Permit, name: str) -> tuple[str, ...]:
    values = permit.scope.get(name)
    return tuple(str(v) for v in values) if isinstance(values, tuple) else ()


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
