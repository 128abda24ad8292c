"""One short-lived child per look. It may ask `keep` for the keys of its own look's permit, and they die with it."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sekisho.desk import address, find, identify
from sekisho.desk.config import read_settings
from sekisho.desk.look import Opened
from sekisho.desk.opening import read_public
from sekisho.desk.outside import LOOK_FAILS, KeepIsGone, KeepSaidNo, Outside
from sekisho.faces.channel import Channel
from sekisho.faces.confine import confine
from sekisho.law.reading import read


def now() -> datetime:
    return datetime.now(UTC)


def look(world: Outside, names: Sequence[str]) -> str:
    """The looks this child was started for, in order; a later one is opened only if the one before it named one line."""
    opened = read(Opened, world.keep.call("open-look", look=names[0]))
    if opened.look.sort == "find":
        find.carry_out(world, find.Find(opened))
        return close(world, names[0], "done")
    found = identify.carry_out(world, identify.Identify(opened))
    if isinstance(found, identify.Nobody):
        return close(world, names[0], "ambiguous" if found.why == "ambiguous" else "no-record", found.why)
    close(world, names[0], "named")
    second = read(Opened, world.keep.call("open-look", look=names[1]))
    try:
        address.carry_out(world, address.Address(second, found))
    except KeepSaidNo as no:
        return close(world, names[1], "opted-out" if no.code == "opted-out" else "refused", no.code)
    return close(world, names[1], "done")


def close(world: Outside, name: str, state: str, code: str = "") -> str:
    world.keep.call("close-look", look=name, state=state, code=code)
    return state


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor, names of looks."""
    settings = read_settings(Path(sys.argv[1]))
    channel = Channel(socket.socket(fileno=int(sys.argv[2])))
    names = sys.argv[3:]
    public = read_public(settings.folder)
    confine(read=[settings.folder / "streams", settings.texts, *settings.lists], write=[])
    world = Outside(settings, channel, public, now)
    try:
        look(world, names)
    except LOOK_FAILS as why:
        sys.stderr.write(f"work: {why}\n")
        with contextlib.suppress(KeepSaidNo, KeepIsGone):
            close(world, names[0], "failed", getattr(why, "code", "fault"))
        sys.exit(1)


if __name__ == "__main__":
    main()
