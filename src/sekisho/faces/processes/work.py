"""One short-lived child per look. It may ask `keep` for the keys of its own look's permit, and they die with it."""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path

from sekisho.desk.config import read_settings
from sekisho.desk.flows import find, identify
from sekisho.desk.flows.look import Opened
from sekisho.desk.outside import LOOK_FAILS, KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.posts import reveal_open
from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.confine import confine, report, without_network
from sekisho.faces.processes.parent import now
from sekisho.law.reading import read


def look(world: Outside, name: str) -> None:
    """The one look this child was started for."""
    opened = read(Opened, world.keep.call("open-look", look=name))
    if opened.look.sort == "identify":
        identify.carry_out(world, identify.Identify(opened))
        return
    if opened.look.sort == "reveal":
        reveal_open.carry_out(world, reveal_open.OpenRecord(opened))
        close(world, name, "done")
        return
    find.carry_out(world, find.Find(opened))
    close(world, name, "done")


def close(world: Outside, name: str, state: str, code: str = "") -> None:
    world.keep.call("close-look", look=name, state=state, code=code)


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor, the look."""
    settings = read_settings(Path(sys.argv[1]))
    channel = Channel(socket.socket(fileno=int(sys.argv[2])))
    name = sys.argv[3]
    public = read_public(settings.folder)
    network = without_network()
    tables = [s.operators for s in settings.service if s.operators]
    report("work", network=network, files=confine(read=[settings.folder / "streams", *tables], write=[]))
    world = Outside(settings, channel, public, now)
    try:
        look(world, name)
    except LOOK_FAILS as why:
        sys.stderr.write(f"work: {why}\n")
        with contextlib.suppress(KeepSaidNo, KeepIsGone):
            close(world, name, "failed", getattr(why, "code", "fault"))
        sys.exit(1)


if __name__ == "__main__":
    main()
