"""The part of `act` that holds the router's kernel, and where set up the resolver, to the permits.

It has the one right to change the network, and talks to `keep` alone.

Apart from the part that sends mail: what a mail server answers never meets this right.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

from sekisho.desk.access.hold_kernel import HoldKernel, NoKernel, kernel_here
from sekisho.desk.access.hold_names import HoldNames, resolver_here
from sekisho.desk.access.hold_parity import HoldParity
from sekisho.desk.access.try_parity import PORTS
from sekisho.desk.access.try_path import serve
from sekisho.desk.access.try_switch import EVERY
from sekisho.desk.outside import Outside
from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.confine import confine, enter_network, in_network, only_the_network, report, without_network
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now, tell_counters

HEAR = 0.4
BEAT = 0.3
ROUND = 1.2
"""Seconds. What is changed by hand is put right within two: so long, one hearing, and what a round itself takes."""
REPORT = 10.0


def run(holder: HoldKernel, names: HoldNames | None, parity: HoldParity, namespace: str, ended: threading.Event) -> None:
    """Until told to end: hear every HEAR seconds, a round at each change and every ROUND, try switches every EVERY, compare on and off.

    Ends where the namespace was made anew.
    """
    due = told = tried = 0.0
    if names is not None:
        threading.Thread(target=_beat, args=(names, ended), daemon=True).start()
    while not ended.is_set():
        if namespace and not in_network(namespace):
            return
        changed = holder.hear()
        if changed or time.monotonic() >= due or (names is not None and names.meddled()):
            due = time.monotonic() + ROUND
            holder.turn()
            if names is not None:
                names.turn(time.monotonic())
        if time.monotonic() >= told:
            told = time.monotonic() + REPORT
            tell_counters(holder.world.keep, "hold", holder.counters)
        if time.monotonic() >= tried:
            tried = time.monotonic() + EVERY
            holder.try_switch()
        parity.turn(time.monotonic())
        ended.wait(HEAR)


def _beat(names: HoldNames, ended: threading.Event) -> None:
    """Beside the rounds: a long one lets no filter end."""
    while not ended.wait(BEAT):
        names.beat(time.monotonic())


def path_apart(channel: Channel, user: str) -> socket.socket:
    """A child in a namespace without any link, who compares on and off there; it hears from here alone, and ends with this process."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        there.close()
        return here
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        here.close()
        channel.close()
        if without_network() and only_the_network(user):
            confine(read=[], write=[], connect=PORTS, bind=[0, *PORTS])
            serve(there, now)
    finally:
        os._exit(0)


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    public = read_public(settings.folder)
    space, user = settings.access.namespace, settings.users.act if settings.users.apart else ""
    path = path_apart(channel, user)
    try:
        if space:
            enter_network(space)
        held = kernel_here()
    except (OSError, NoKernel) as why:
        time.sleep(HEAR)
        raise SystemExit(f"hold: the kernel cannot be held here: {why}") from None
    rights, access = only_the_network(user), settings.access
    read = [Path("/run/netns"), *_of(access.names), *_of(access.tariffs)]
    report("hold", rights=rights, files=confine(read=read, write=_of(access.resolver)))
    ended = threading.Event()
    end_with_parent(ended.set)
    holder = HoldKernel(Outside(settings, channel, public, now), *held)
    run(holder, resolver_here(holder, access), HoldParity(holder, access.tariffs, path), space, ended)


def _of(path: Path | None) -> list[Path]:
    """The folder that is read or written."""
    return [] if path is None else [path if path.is_dir() else path.parent]


if __name__ == "__main__":
    main()
