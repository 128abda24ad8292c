"""A `work` child opens its look: the permit is checked and the entry written before any key is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import consents, looks, permits, records
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.words import Kind
from sekisho.ledger.entry import EntryType
from sekisho.measures.registry import EVERY


@dataclass(frozen=True)
class OpenLook:
    """The look this child was started for."""

    look: str


@dataclass(frozen=True)
class Consenting:
    """Asked by a `work` child before it names a line."""

    look: str


@dataclass(frozen=True)
class Agreeing:
    """Whether the permit touches only lines that consent; then the purpose's key and the pseudonyms of those that do."""

    per_line: bool
    key: bytes = b""
    principals: tuple[str, ...] = ()


@dataclass(frozen=True)
class CloseLook:
    """The look is over: `done`, `failed`, or `refused` with a code."""

    look: str
    state: str
    code: str = ""


@dataclass(frozen=True)
class Opened:
    """What the child may now ask keys for."""

    look: looks.Look
    permit: SignedPermit


@dataclass(frozen=True)
class Line:
    """The one contract line behind a token, its contact still in its box, and what the notice may say about its contacts."""

    line: str
    box: str
    terms: str
    first: datetime
    last: datetime
    contacts: int


@dataclass(frozen=True)
class LookAgain:
    """A person asks to look once more under a permit. The gate's answer is the permit's state, nothing else."""

    permit: str


@dataclass(frozen=True)
class DueLooks:
    """Asked by the supervisor: which looks should a child be started for, and which children must end?"""


@dataclass(frozen=True)
class Due:
    """`start`: looks, one child for each. `stop`: looks under way whose permit no longer holds."""

    start: tuple[str, ...]
    stop: tuple[str, ...]


@dataclass(frozen=True)
class ChildEnded:
    """Told by the supervisor: the child of these looks is gone, however it ended."""

    looks: tuple[str, ...]


def carry_out(world: World, request: OpenLook) -> Opened:
    row = records.one(world.db, records.LOOKS, id=request.look)
    if row is None or request.look not in world.caller.looks:
        raise No("another-looks-channel", look=request.look)
    if row["state"] != "waiting":
        raise No("look-not-waiting", look=request.look, state=row["state"])
    look, now = looks.get(world, request.look), world.clock.now()
    permit = permits.must_live(world, look.permit, now)
    ids = {"look": look.id, "permit": permit.id}
    world.write(EntryType.LOOK, canonical(look), ids=ids, at=now, table=records.LOOKS, key={"id": look.id})
    looks.set_state(world, look.id, "running")
    permit_row = records.one(world.db, records.PERMITS, id=permit.id)
    return Opened(look, permits.signed(permit_row or {}))


def consenting(world: World, request: Consenting) -> Agreeing:
    """For a look that identifies: whose lines agree to it, as they stand this moment. Raises No; the asking is written down once."""
    look, now = looks.must_run(world, request.look), world.clock.now()
    permit = permits.must_live(world, look.permit, now)
    if permit.step.kind is not Kind.IDENTIFY:
        raise No("not-an-identification", permit=permit.id)
    if not consents.per_line(world, permit):
        return Agreeing(per_line=False)
    purpose = permit.step.purpose
    who = {r["principal"] for r in consents.rows_of(world, purpose, now)}
    agree = tuple(sorted(w for w in who if consents.covers(world, permit.step, w, now)))
    return Agreeing(per_line=True, key=consents.purpose_key(world, purpose), principals=agree)


def close(world: World, request: CloseLook) -> None:
    look = looks.must_run(world, request.look)
    if request.state not in ("done", "failed", "refused"):
        raise No("unknown-state", state=request.state)
    _over(world, look, request.state)


def again(world: World, request: LookAgain) -> str:
    """The new look's id. Raises No: withdrawn, ended, and the like; then nobody looks."""
    now = world.clock.now()
    permit = permits.must_live(world, request.permit, now)
    if _names_a_line(permit):
        return looks.plan_look(world, permit.id, "identify", now)
    if permit.step.kind is Kind.SEND or EVERY[permit.measure].look is None:
        raise No("not-a-look", step=permit.step.name)
    return looks.plan_look(world, permit.id, "find", now)


def child_ended(world: World, request: ChildEnded) -> None:
    """A look that was not closed by its child is over and failed; its keys are gone with the child."""
    for name in request.looks:
        row = records.one(world.db, records.LOOKS, id=name)
        if row is not None and row["state"] == "running":
            _over(world, looks.get(world, name), "failed")
        elif row is not None and row["state"] == "waiting":
            looks.set_state(world, name, "failed")


def _over(world: World, look: looks.Look, state: str) -> None:
    """What was opened is closed in the ledger too."""
    looks.set_state(world, look.id, state)
    ids = {"look": look.id, "permit": look.permit}
    world.write(EntryType.LOOK_OVER, canonical({"look": look.id, "state": state}), ids=ids, at=world.clock.now())


def due(world: World, _request: DueLooks) -> Due:
    """Periodic looks of standing permits, one look per new identify permit; and what must end because its permit did."""
    now = world.clock.now()
    living = permits.living(world, now)
    held = {permit.id for permit, _ in living}
    stop = tuple(r["id"] for r in records.rows(world.db, records.LOOKS, state="running") if r["permit"] not in held)
    for permit in (p for p, _ in living):
        _plan_next(world, permit, now)
    start = tuple(r["id"] for r in records.rows(world.db, records.LOOKS, state="planned") if r["permit"] in held)
    for name in start:
        looks.set_state(world, name, "waiting")
    return Due(start, stop)


def _plan_next(world: World, permit: Permit, now: datetime) -> None:
    """A standing permit is looked under every so often, an identify permit once; never twice at a time."""
    streams, measure = permit.scope.get("streams"), EVERY[permit.measure]
    reads = measure.look is not None and isinstance(streams, Mapping) and measure.look[0] in streams
    if not reads and not _names_a_line(permit):
        return
    last = looks.last(world, permit.id)
    if _names_a_line(permit):
        if last is None and _may_write(world, permit) and _anybody_agrees(world, permit, now):
            looks.plan_look(world, permit.id, "identify", now)
    elif last is None or (
        last["state"] not in looks.OPEN and last["at"] <= records.stamp(now - timedelta(seconds=world.settings.look_seconds))
    ):
        looks.plan_look(world, permit.id, "find", now)


def _names_a_line(permit: Permit) -> bool:
    """Whether a look under it finds who is behind a token."""
    return permit.step.kind is Kind.IDENTIFY and "tokens" in permit.scope


def _anybody_agrees(world: World, permit: Permit, now: datetime) -> bool:
    """Where consent is asked line by line and nobody gave it, nobody is looked for."""
    return not consents.per_line(world, permit) or consents.any_live(world, permit.step.purpose, now)


def _may_write(world: World, permit: Permit) -> bool:
    """Nobody is identified before there is a permit to tell them."""
    others = records.rows(world.db, records.PERMITS, plan=permit.plan, ended=None)
    return any(permits.of(r).step.kind is Kind.SEND and r["token"] in permit.scope.get("tokens", ()) for r in others)  # type: ignore[operator] # tokens are a tuple
