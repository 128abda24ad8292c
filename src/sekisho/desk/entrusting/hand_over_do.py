"""One hand-over becomes one sealed file: check the permit in its numbered steps, open the list, cut it, seal it, say so, show it.

Runs in `act`. Killed at any point, it goes on where `keep` says it stood: a file laid and not begun is made anew, one begun is shown
if it still lies there, else listed as unknown. The list is only ever open in this process's memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sekisho.desk.entrusting import hand_over_cut, handed
from sekisho.desk.entrusting.hand_over_cut import CANARY, NotAsPermitted, cut
from sekisho.desk.entrusting.hand_over_steps import Result, Waiting
from sekisho.desk.naming import ALIAS, named, same
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.effects import sealed_file
from sekisho.effects.sealed_file import CannotSeal
from sekisho.gate.check import NoPermit, check
from sekisho.gate.permit import Lease, Permit
from sekisho.law.reading import read
from sekisho.law.words import Kind
from sekisho.store.errors import StoreError
from sekisho.store.seal import open_note
from sekisho.wire.cursor import FormError
from sekisho.wire.people_list import read_list, unpack, write_list

MOST = 1000
LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class HandOver:
    """One that waits, or had begun."""

    waiting: Waiting


@dataclass(frozen=True)
class Ended:
    """How it ended: given, refused, stopped or unknown; with a code, and the list's own line where it was at fault."""

    outcome: str
    code: str = ""
    line: int = 0


def carry_out(world: Outside, request: HandOver) -> Ended:
    """Never raises for what a list, a disk or a permit may hold; silence of `keep` is the caller's to hear."""
    waiting, folder = request.waiting, outbox(world)
    try:
        if not waiting.sealed:
            waiting = replace(waiting, sealed=_sealed(world, waiting, folder))
    except (NoPermit, KeepSaidNo) as why:
        sealed_file.undo(folder, waiting.id)
        return Ended(handed.STOPPED, why.code)
    except (NotAsPermitted, FormError, CannotSeal, StoreError) as why:
        sealed_file.undo(folder, waiting.id)
        return Ended(handed.REFUSED, why.code, _line(why))
    shown = sealed_file.show(folder, waiting.id, waiting.sealed)
    return Ended(handed.GIVEN if shown else handed.UNKNOWN)


def take_back(world: Outside) -> int:
    """Files that nobody fetched while their permit held are taken away; how many. Raises KeepSaidNo, KeepIsGone."""
    folder = outbox(world)
    lying = sealed_file.shown(folder)[:MOST]
    over = world.keep.call("hand-overs-over", hand_overs=lying) if lying else []
    return sum(sealed_file.take_back(folder, name) for name in over if name in lying)


def may(world: Outside, waiting: Waiting, file: str, lease: Lease) -> Permit:
    """`gate.check`, steps (1) to (7), for this very file and the key the register knows now. Raises NoPermit."""
    wanted = {"entrustment": waiting.entrustment, "file": file, "key": waiting.key}
    prove, step = in_ledger(world.public.ledger), str(json.loads(waiting.permit.body)["step"]["name"])
    permit = check(waiting.permit, world.public.key, world.clock(), step=step, scope=wanted, lease=lease, prove=prove)
    if permit.step.kind is not Kind.HAND_OVER:
        raise NoPermit("other-step", 4, permit.step.name)
    return permit


def outbox(world: Outside) -> Path:
    """Where sealed files lie for their parties."""
    return world.settings.folder / "act" / "outbox"


def _sealed(world: Outside, waiting: Waiting, folder: Path) -> str:
    """The digest of the file that was cut, sealed, laid and begun. From `open_note` to `seal` it is open, in memory alone."""
    lease = read(Lease, world.keep.call("renew", permit=str(json.loads(waiting.permit.body)["id"])))
    may(world, waiting, waiting.file, lease)
    content, without = unpack(open_note(_release(world, waiting), waiting.key_id, waiting.box))
    if sha256(content).hexdigest() != waiting.file or (sha256(without).hexdigest() if without else "") != waiting.without:
        raise NotAsPermitted("another-file")
    permit = may(world, waiting, sha256(content).hexdigest(), lease)
    written, told = _cut(world, waiting, permit, content, without)
    digest = sealed_file.lay(folder, waiting.id, sealed_file.seal(written, waiting.key))
    lease = read(Lease, world.keep.call("begin-hand-over", hand_over=waiting.id, result=replace(told, sealed=digest)))
    may(world, waiting, waiting.file, lease)
    return digest


def _cut(world: Outside, waiting: Waiting, permit: Permit, content: bytes, without: bytes) -> tuple[bytes, Result]:
    """The bytes for the party, and what `keep` is told of them."""

    def name(person: str) -> str:
        return named(waiting.names, person)

    def alias(person: str) -> str:
        return named(waiting.aliases, person)[:ALIAS]

    allowed = hand_over_cut.allowed(permit, waiting.classes)
    ours = [one for one in canaries(world.settings.canaries) if name(same(one.get(allowed.who, ""))) not in waiting.used]
    found = cut(read_list(content), allowed, objected(without), ours, name, alias)
    written = write_list(found.columns, found.rows)
    held = sum(why == CANARY for why in found.people.values())
    plain = sha256(written).hexdigest()
    return written, Result("", plain, found.columns, found.given, found.withheld, held, found.people)


def canaries(path: Path | None) -> Sequence[Mapping[str, str]]:
    """People of our own, by field; the addresses are of a mailbox of ours. None where no list is named. Raises NotAsPermitted."""
    if path is None:
        return ()
    try:
        found = read_list(path.read_bytes())
    except (OSError, FormError) as why:
        raise NotAsPermitted("canaries-not-readable") from why
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def objected(without: bytes) -> frozenset[str]:
    """Who said no: the first column of a list of their own. Raises FormError."""
    return frozenset(same(row[0]) for row in read_list(without).rows) if without else frozenset()


def _release(world: Outside, waiting: Waiting) -> Callable[[str, bytes], bytes]:
    return lambda _, wrapped: bytes.fromhex(world.keep.call("release-list", hand_over=waiting.id, wrapped=wrapped)["key"])


def _line(why: Exception) -> int:
    """Where in the list, if it says where."""
    if isinstance(why, NotAsPermitted):
        return int(str(why.detail.get("line", 0)))
    found = LINE.match(why.detail) if isinstance(why, FormError) else None
    return int(found[1]) if found else 0
