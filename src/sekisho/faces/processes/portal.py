"""The process that shows attendees the page that asks. It hears devices of the event's network and `keep`, and has no right at all.

It cannot open the network nor collect anything: it passes on what a device said, and says how that device stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import uvicorn

from sekisho.desk.portal.neighbours import Neighbours
from sekisho.desk.settings import Portal as Place
from sekisho.desk.settings import Settings
from sekisho.faces.portal.page import Portal, create_app
from sekisho.faces.processes.channel import Channel, KeepIsGone, KeepSaidNo
from sekisho.faces.processes.confine import confine, enter_network, only_the_network, report
from sekisho.faces.processes.parent import end_with_parent, from_supervisor

REPORT = 10.0
BEHIND = 512


class Server(uvicorn.Server):
    """One of two that share a loop; the process hears its own signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(said: str) -> socket.socket:
    """The socket of host:port; "[::]" hears IPv4 too. Raises OSError."""
    host, _, port = said.rpartition(":")
    inside = host.strip("[]")
    six = ":" in inside
    family = socket.AF_INET6 if six else socket.AF_INET
    return socket.create_server((inside, int(port)), family=family, backlog=BEHIND, dualstack_ipv6=six and inside == "::")


def sockets(place: Place) -> list[tuple[socket.socket, dict[str, object]]]:
    """Each socket with how uvicorn speaks on it."""
    found: list[tuple[socket.socket, dict[str, object]]] = [(listening(place.listen), {})]
    if place.secure:
        found.append((listening(place.secure), {"ssl_certfile": place.certificate, "ssl_keyfile": place.key}))
    return found


def locked(neighbours: Neighbours) -> Callable[[str], str]:
    """Its answers to several threads, one at a time."""
    turn = threading.Lock()

    def of(address: str) -> str:
        with turn:
            return neighbours.of(address)

    return of


async def serve(portal: Portal, bound: list[tuple[socket.socket, dict[str, object]]], own: frozenset[str]) -> None:
    """Until told to end."""
    app = create_app(portal, own)
    quiet = {"log_level": "warning", "access_log": False, "server_header": False, "lifespan": "off"}
    servers = [(Server(uvicorn.Config(app, **quiet, **how)), sock) for sock, how in bound]  # type: ignore[arg-type] # as uvicorn names them
    loop = asyncio.get_running_loop()

    def end() -> None:
        for server, _ in servers:
            server.should_exit = True

    loop.add_signal_handler(signal.SIGTERM, end)
    telling = asyncio.create_task(_tell(portal))
    await asyncio.gather(*(server.serve(sockets=[sock]) for server, sock in servers))
    telling.cancel()


async def _tell(portal: Portal) -> None:
    while True:
        await asyncio.sleep(REPORT)
        with contextlib.suppress(KeepSaidNo, KeepIsGone):
            await asyncio.to_thread(portal.keep.call, "report", process="portal", counters=dict(portal.counters))


def prepared(settings: Settings, channel: Channel) -> tuple[Portal, list[tuple[socket.socket, dict[str, object]]]]:
    """Go where attendees come in, take the sockets, and give up every right. Raises OSError, ssl.SSLError."""
    place = settings.portal
    if place.namespace:
        enter_network(place.namespace)
    neighbours = Neighbours(place.interface)
    bound = sockets(place)
    if place.certificate and place.key:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(place.certificate, place.key)
    return Portal(channel, locked(neighbours), place.url), bound


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    portal, bound = prepared(settings, channel)
    rights = only_the_network(settings.users.portal if settings.users.apart else "", no_right=True)
    own = [p for p in (settings.portal.certificate, settings.portal.key) if p is not None]
    report("portal", rights=rights, files=confine(read=own, write=[]))
    end_with_parent()
    asyncio.run(serve(portal, bound, frozenset(p.getsockname()[0] for p, _ in bound)))


if __name__ == "__main__":
    main()
