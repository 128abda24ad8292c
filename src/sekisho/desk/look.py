"""A `work` child opens its look: the permit is checked and the entry written before any key is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import looks, permits, records
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
class CloseLook:
    """The look is over: `done`, `failed`, or `refused` with a code."""

    look: str
    state: str
    code: str = ""


@dataclass(frozen=True)
class Opened:
    """What the child may now ask keys for.

    `siblings`: living permits of the same measure by step. `act_half`: what recipients are sealed to.
    """

    look: looks.Look
    permit: SignedPermit
    siblings: Mapping[str, str]
    act_half: bytes


@dataclass(frozen=True)
class LookAgain:
    """A person asks to look once more under a permit. The gate's answer is the permit's state, nothing else."""

    permit: str


@dataclass(frozen=True)
class DueLooks:
    """Asked by the supervisor: which looks should a child be started for, and which children must end?"""


@dataclass(frozen=True)
class Due:
    """`start`: groups of looks, one child for each. `stop`: looks under way whose permit no longer holds."""

    start: tuple[tuple[str, ...], ...]
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
    if look.after and (records.one(world.db, records.LOOKS, id=look.after) or {}).get("state") != "named":
        raise No("earlier-look-named-nobody", look=look.after)
    permit = permits.must_live(world, look.permit, now)
    ids = {"look": look.id, "permit": permit.id}
    world.write(EntryType.LOOK, canonical(look), ids=ids, at=now, table=records.LOOKS, key={"id": look.id})
    looks.set_state(world, look.id, "running")
    permit_row = records.one(world.db, records.PERMITS, id=permit.id)
    half = records.meta(world.db, "act-half")
    siblings = {p.step.name: p.id for p, _ in permits.living(world, now) if p.measure == permit.measure and "tokens" not in p.scope}
    return Opened(look, permits.signed(permit_row or {}), siblings, bytes.fromhex(half or ""))


def close(world: World, request: CloseLook) -> None:
    looks.must_run(world, request.look)
    if request.state not in ("done", "failed", "refused", "named", "ambiguous", "no-record", "opted-out"):
        raise No("unknown-state", state=request.state)
    looks.set_state(world, request.look, request.state)


def again(world: World, request: LookAgain) -> str:
    """The new look's id. Raises No: withdrawn, ended, and the like; then nobody looks."""
    now = world.clock.now()
    permit = permits.must_live(world, request.permit, now)
    if permit.step.kind is Kind.IDENTIFY:
        return _identify(world, permit)[0]
    if permit.step.kind is Kind.SEND:
        raise No("not-a-look", step=permit.step.name)
    return looks.plan_look(world, permit.id, "find", now)


def child_ended(world: World, request: ChildEnded) -> None:
    """A look that was not closed by its child is over and failed; its keys are gone with the child."""
    for name in request.looks:
        row = records.one(world.db, records.LOOKS, id=name)
        if row is not None and row["state"] in ("waiting", "running"):
            looks.set_state(world, name, "failed")


def due(world: World, _request: DueLooks) -> Due:
    """Periodic looks of standing permits, one look per new identify permit; and what must end because its permit did."""
    now = world.clock.now()
    living = permits.living(world, now)
    held = {permit.id for permit, _ in living}
    stop = tuple(r["id"] for r in records.rows(world.db, records.LOOKS, state="running") if r["permit"] not in held)
    return Due(tuple(_start(world, living, now)), stop)


def _start(world: World, living: list[tuple[Permit, SignedPermit]], now: datetime) -> list[tuple[str, ...]]:
    every = timedelta(seconds=world.settings.look_seconds)
    groups: list[tuple[str, ...]] = []
    for permit, _ in living:
        earlier = records.rows(world.db, records.LOOKS, permit=permit.id)
        measure = EVERY[permit.measure]
        streams = permit.scope.get("streams")
        reads = measure.look is not None and isinstance(streams, Mapping) and measure.look[0] in streams
        under_way = any(r["state"] in ("waiting", "running") for r in earlier)
        recent = bool(earlier) and earlier[-1]["at"] > records.stamp(now - every)
        if reads and not under_way and not recent:
            groups.append((looks.plan_look(world, permit.id, "find", now),))
        elif permit.step.kind is Kind.IDENTIFY and not earlier:
            groups.append(_identify(world, permit))
    return [g for g in groups if g]


def _identify(world: World, permit: Permit) -> tuple[str, ...]:
    """Identify and address are two looks of one child; the second is opened only if the first names one line."""
    tokens = permit.scope.get("tokens")
    token, now = tokens[0] if isinstance(tokens, tuple) and tokens else None, world.clock.now()
    others = records.rows(world.db, records.PERMITS, plan=permit.plan, token=token, ended=None)
    sending = next((r["id"] for r in others if permits.of(r).step.kind is Kind.SEND), None)
    if token is None or sending is None:
        return ()
    first = looks.plan_look(world, permit.id, "identify", now)
    return (first, looks.plan_look(world, sending, "address", now, after=first))
