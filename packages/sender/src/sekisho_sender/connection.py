"""What the server says about the socket, cleaned: real servers hand over None, '', ['/', 't'], ports as text, bind addresses and port 0.

The server's word is compared with the socket itself where it can be reached. A difference means that somebody rewrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sekisho_sender.nodes import PORT, Unreadable, read_ip
from sekisho_sender.proxy_protocol import Proxied
from sekisho_sender.record import Address

ANY = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to
EXTENSION = "sekisho.proxied"
"""Key of an ASGI scope under which our server class hands over the Connection and what the PROXY protocol said. No header writes it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as the server tells it.

    peer: the other end; None when it is not known, or when `unix`. wrong: a code when the server's word cannot be used at all.
    local: our end; None with `no_local` as the reason. sure: peer was compared with the socket. proxied: what the PROXY protocol said.
    """

    peer: Address | None
    unix: bool = False
    wrong: str = ""
    local: Address | None = None
    no_local: str = ""
    sure: bool = False
    proxied: Proxied | None = None

    @property
    def name(self) -> str:
        return "unix" if self.unix else self.peer.ip if self.peer else ""


def pair(said: object) -> tuple[str, int | None]:
    """Host text and port from whatever a server put there; the host is '' when there is none."""
    if not isinstance(said, list | tuple) or not said or not isinstance(said[0], str):
        return "", None
    host = said[0]
    port = said[1] if len(said) > 1 else None
    if isinstance(port, str):
        port = int(port) if PORT.fullmatch(port) else None
    return host, port if type(port) is int and 0 <= port <= 65535 else None


def end(said: object) -> Address | None:
    """An address with its port, which may be missing; None for what has no address. A socket names the zone of a link-local one."""
    return address_at(*pair(said))


@lru_cache(1024)
def address_at(host: str, port: int | None) -> Address | None:
    try:
        return Address(read_ip(host.partition("%")[0]), port or None)
    except Unreadable:
        return None


def made(client: object, server: object, beneath: tuple[object, object] | None) -> Connection:
    """The connection from a server's words. beneath: both ends as the socket itself says them, where it could be asked."""
    host, port = pair(client)
    peer, local = end(client), end(server)
    no_local = "" if local else "server-told-none"
    if local and local.ip in ANY:
        local, no_local = None, "bind-address"
    if beneath is not None:
        if isinstance(beneath[0], str | bytes):
            return Connection(None, unix=True, no_local="unix", sure=True)
        real = end(beneath[0])
        if real is not None or host:
            wrong = "" if real == peer else "server-rewrote"
            local = end(beneath[1]) or local
            return Connection(peer, wrong=wrong, local=local, no_local="" if local else no_local, sure=True)
    if peer is None and (not host or host.startswith(("/", "unix:", "@", "\0"))):
        unix = end(server) is None
        return Connection(None, unix=unix, wrong="" if unix else "server-told-no-peer", no_local=no_local)
    if peer is None or port == 0:
        return Connection(None, wrong="server-rewrote", local=local, no_local=no_local)
    return Connection(peer, local=local, no_local=no_local)


def of_scope(scope: Mapping[str, Any], receive: object) -> Connection:
    """The connection beneath an ASGI scope. `receive` is asked for its socket: uvicorn's and gunicorn's know theirs."""
    owner = getattr(receive, "__self__", None)
    protocol = getattr(owner, "protocol", None)
    beneath = ends(getattr(owner, "transport", None) or getattr(protocol, "transport", None))
    told = scope.get(EXTENSION)
    if isinstance(told, Connection):
        return told
    found = made(scope.get("client"), scope.get("server"), beneath)
    if scope.get("http_version") == "3":  # the UDP socket is not connected: its own end is where it was bound
        return Connection(found.peer, found.unix, found.wrong, None, "bind-address", found.sure)
    if found.wrong == "server-rewrote" and beneath is not None:
        said = getattr(getattr(protocol, "_callback_parser", None), "proxy_protocol_info", None)
        return proxied(end(beneath[0]), scope.get("client"), said) if said else found
    return found


def proxied(peer: Address | None, client: object, said: object) -> Connection:
    """What a server that reads the PROXY protocol itself (gunicorn) says; the destination stands beside the client, not in the scope."""
    told = said if isinstance(said, dict) else {}
    source = end(client)
    destination = end((told.get("proxy_addr"), told.get("proxy_port")))
    return Connection(peer, sure=True, proxied=Proxied(source, destination, local=source is None, version=0, length=0))


def ends(transport: Any) -> tuple[object, object] | None:
    """Both ends as the socket says them; None when it cannot be asked any more."""
    if transport is None or not hasattr(transport, "get_extra_info"):
        return None
    return transport.get_extra_info("peername"), transport.get_extra_info("sockname")


def of_environ(environ: Mapping[str, Any]) -> Connection:
    """The connection beneath a WSGI environ: gunicorn, waitress and Werkzeug's server hand over the socket.

    SERVER_NAME is never an address: some servers take it from the Host header, which the client writes."""
    socket = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if socket is None:
        channel = getattr(environ.get("waitress.client_disconnected"), "__self__", None)
        socket = getattr(channel, "socket", None)
    beneath = None
    if socket is not None:
        try:
            beneath = (socket.getpeername(), socket.getsockname())
        except OSError:
            return Connection(None, wrong="disconnected", no_local="disconnected")
    before = environ.get("werkzeug.proxy_fix.orig")
    address = (before if isinstance(before, dict) else environ).get("REMOTE_ADDR")
    client = (address, environ.get("REMOTE_PORT"))
    if environ.get("PROXY_PROTOCOL") and beneath is not None:
        said = {"proxy_addr": environ.get("PROXY_ADDR"), "proxy_port": environ.get("PROXY_PORT")}
        return proxied(end(beneath[0]), client, said)
    return made(client, None if beneath is None else beneath[1], beneath)
