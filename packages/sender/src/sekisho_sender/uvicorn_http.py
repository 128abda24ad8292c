"""A server class for uvicorn that reads the PROXY protocol, version 1 and 2, from the peers that send it and from nobody else.

    class Http(ProxyHttp):                    # in your own module, say service/http.py
        trust = TRUST

    uvicorn service:app --http service.http:Http --no-proxy-headers

A listed peer (`Peer(..., Reading.PROXY_PROTOCOL)`) opens each connection with a header; without one, or with one that is not as the
specification writes it, the connection is closed without an answer. Other peers are served as ever: what they send is HTTP.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from dataclasses import replace
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.server import ServerState

from sekisho_sender.connection import EXTENSION, Connection, made
from sekisho_sender.nodes import Unreadable
from sekisho_sender.proxy_protocol import Proxied, parse
from sekisho_sender.record import Address
from sekisho_sender.trust import Reading, Trust

log = logging.getLogger("sekisho_sender")


class ProxyHttp(asyncio.Protocol):
    """Waits for the header and then steps aside: uvicorn's own class (httptools, else h11) gets the connection with both ends as told.

    trust: whose headers are read. wait: seconds until a listed peer must have sent its header.
    """

    trust: ClassVar[Trust] = Trust()
    wait: ClassVar[float] = 5.0

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        self.made_with = (config, server_state, app_state)
        self.loop = _loop or asyncio.get_event_loop()
        self.data = b""
        self.transport: asyncio.Transport
        self.timer: asyncio.TimerHandle | None = None
        self.connection = Connection(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - uvicorn listens on streams
        self.transport = transport
        ends = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.connection = made(*ends, ends)  # a client that is gone already has no peername; it is no Unix socket for that
        rule = self.trust.find(self.connection.name) if self.connection.name else None
        if rule is not None and rule.reading is Reading.PROXY_PROTOCOL:
            self.timer = self.loop.call_later(self.wait, self._close, "too-late")
        else:
            self._step_aside(self.made_with[0], transport, b"")

    def data_received(self, data: bytes) -> None:
        self.data += data
        try:
            told = parse(self.data)
        except Unreadable as wrong:
            self._close(str(wrong))
            return
        if told is not None:
            self._unset_timer()
            config = copy.copy(self.made_with[0])
            config.loaded_app = telling(config.loaded_app, replace(self.connection, proxied=told))
            self._step_aside(config, self.transport if told.local else Told(self.transport, told), self.data[told.length :])

    def connection_lost(self, _exc: Exception | None) -> None:
        self._unset_timer()

    def _step_aside(self, config: Config, transport: Any, rest: bytes) -> None:
        inner = own_class()(config, *self.made_with[1:], self.loop)
        self.transport.set_protocol(inner)
        inner.connection_made(transport)
        if rest:
            inner.data_received(rest)

    def _close(self, why: str) -> None:
        self._unset_timer()
        log.warning("a peer that must send the PROXY protocol did not (%s): its connection is closed", why)
        self.transport.abort()

    def _unset_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class Told:
    """The transport, with the ends that the proxy told; uvicorn asks here, also for WebSockets."""

    def __init__(self, transport: asyncio.Transport, told: Proxied) -> None:
        self._transport = transport
        self._ends = {"peername": plain(told.source), "sockname": plain(told.destination), "socket": None}

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._ends[name] if name in self._ends else self._transport.get_extra_info(name, default)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def plain(address: Address | None) -> tuple[str, int] | None:
    return (address.ip, address.port or 0) if address else None


def telling(app: Any, told: Connection) -> Any:
    """The application, told by the scope who spoke the PROXY protocol and what it said."""

    async def tell(scope: Any, receive: Any, send: Any) -> None:
        scope[EXTENSION] = told
        await app(scope, receive, send)

    return tell


def own_class() -> Any:
    """The class uvicorn itself would take."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - it looks for httptools when it is loaded

    return AutoHTTPProtocol
