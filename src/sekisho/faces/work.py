"""One short-lived child per look. It may ask `keep` for the keys of its own look's permit, and they die with it."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from sekisho.desk import looking
from sekisho.desk.config import read_settings
from sekisho.desk.opening import read_public
from sekisho.desk.outside import Outside
from sekisho.faces.channel import Channel, KeepIsGone, KeepSaidNo
from sekisho.faces.confine import confine


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor, names of looks."""
    settings = read_settings(Path(sys.argv[1]))
    channel = Channel(socket.socket(fileno=int(sys.argv[2])))
    names = sys.argv[3:]
    public = read_public(settings.folder)
    confine(read=[settings.folder / "streams", settings.texts, *settings.lists], write=[])
    world = Outside(settings, channel, public, now)
    try:
        looking.carry_out(world, names)
    except (KeepSaidNo, KeepIsGone) as why:
        sys.stderr.write(f"work: {why}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
