"""The looks one `work` child was started for, in order. A later one is opened only if the one before it named somebody."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.desk import address, find, identify
from sekisho.desk.look import Opened
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.law.reading import read
from sekisho.store.errors import StoreError


def carry_out(world: Outside, names: Sequence[str]) -> str:
    """The last state. A look that `keep` or the store refuses is closed as failed, with the code."""
    try:
        return _look(world, names)
    except (KeepSaidNo, StoreError) as why:
        return _close(world, names[0], "failed", why.code)


def _look(world: Outside, names: Sequence[str]) -> str:
    opened = read(Opened, world.keep.call("open-look", look=names[0]))
    if opened.look.sort == "find":
        find.carry_out(world, find.Find(opened))
        return _close(world, names[0], "done")
    found = identify.carry_out(world, identify.Identify(opened))
    if isinstance(found, identify.Nobody):
        return _close(world, names[0], "ambiguous" if found.why == "ambiguous" else "no-record", found.why)
    _close(world, names[0], "named")
    second = read(Opened, world.keep.call("open-look", look=names[1]))
    try:
        address.carry_out(world, address.Address(second, found))
    except KeepSaidNo as no:
        return _close(world, names[1], "opted-out" if no.code == "opted-out" else "refused", no.code)
    return _close(world, names[1], "done")


def _close(world: Outside, name: str, state: str, code: str = "") -> str:
    world.keep.call("close-look", look=name, state=state, code=code)
    return state
