"""What real servers hand over, cleaned: None, '', ['/', 't'], ports as text, bind addresses, port 0, rewritten peers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sekisho_sender.connection import EXTENSION, Connection, made, of_environ, of_scope
from sekisho_sender.proxy_protocol import Proxied
from sekisho_sender.record import address

PEER, HERE = address("127.0.0.77", 45001), address("127.0.0.5", 8000)


@pytest.mark.parametrize(
    ("client", "server", "found"),
    [
        (("127.0.0.77", 45001), ("127.0.0.5", 8000), Connection(PEER, local=HERE)),
        (["127.0.0.77", "45001"], ["127.0.0.5", "8000"], Connection(PEER, local=HERE)),
        (("::ffff:127.0.0.77", 45001), ("::ffff:127.0.0.5", 8000), Connection(PEER, local=HERE)),
        (("127.0.0.77", 45001), ("0.0.0.0", "21006"), Connection(PEER, no_local="bind-address")),
        (("2001:db8::7", 45001), ("::", 21006), Connection(address("2001:db8::7", 45001), no_local="bind-address")),
        (("fe80::1%eth0", 45001), ("fe80::2%eth0", 8000), Connection(address("fe80::1", 45001), local=address("fe80::2", 8000))),
        (("127.0.0.77", None), None, Connection(address("127.0.0.77"), no_local="server-told-none")),
        (("127.0.0.77", "none"), None, Connection(address("127.0.0.77"), no_local="server-told-none")),
        (None, ("/run/app.sock", None), Connection(None, unix=True, no_local="server-told-none")),
        (None, None, Connection(None, unix=True, no_local="server-told-none")),
        (("", "0"), ("/run/app.sock", None), Connection(None, unix=True, no_local="server-told-none")),
        (None, ["/", "t"], Connection(None, unix=True, no_local="server-told-none")),
        (("unix:", 0), None, Connection(None, unix=True, no_local="server-told-none")),
        (None, ("127.0.0.5", 8000), Connection(None, wrong="server-told-no-peer")),
        (("203.0.113.9", 0), ("127.0.0.5", 8000), Connection(None, wrong="server-rewrote", local=HERE)),
        (("203.0.113.9:51234", 0), ("127.0.0.5", 8000), Connection(None, wrong="server-rewrote", local=HERE)),
        (('"203.0.113.9:51234"', 0), ("127.0.0.5", 8000), Connection(None, wrong="server-rewrote", local=HERE)),
        (("evil", 5), ("127.0.0.5", 8000), Connection(None, wrong="server-rewrote", local=HERE)),
        ("127.0.0.77", 5, Connection(None, unix=True, no_local="server-told-none")),
    ],
)
def test_a_servers_words_are_cleaned_and_what_cannot_be_true_has_a_reason(client: object, server: object, found: Connection) -> None:
    assert made(client, server, None) == found


def test_a_server_that_rewrote_its_peer_is_found_by_asking_the_socket() -> None:
    socket = (("127.0.0.1", 40123), ("127.0.0.5", 8000))
    assert made(("203.0.113.9", 51234), ("127.0.0.5", 8000), socket).wrong == "server-rewrote"
    assert made(("127.0.0.1", 40124), ("127.0.0.5", 8000), socket).wrong == "server-rewrote"
    assert made(("127.0.0.1", 40123), ("0.0.0.0", 8000), socket) == Connection(address("127.0.0.1", 40123), local=HERE, sure=True)
    assert made(("localhost", None), None, ("", "/run/app.sock")) == Connection(None, unix=True, no_local="unix", sure=True)


class Transport:
    def __init__(self, peer: object, here: object) -> None:
        self.told = {"peername": peer, "sockname": here}

    def get_extra_info(self, name: str) -> object:
        return self.told.get(name)


class Cycle:
    """Like uvicorn's: a bound receive whose owner has the transport."""

    def __init__(self, **own: object) -> None:
        self.__dict__.update(own)

    async def receive(self) -> dict[str, Any]:
        return {}


def scope(client: object = ("127.0.0.77", 45001), server: object = ("127.0.0.5", 8000), **also: object) -> dict[str, Any]:
    return {"type": "http", "client": client, "server": server, **also}


def test_an_asgi_servers_socket_is_asked_where_it_can_be_reached() -> None:
    real = Transport(("127.0.0.77", 45001), ("127.0.0.5", 8000))
    for owner in (Cycle(transport=real), Cycle(protocol=SimpleNamespace(transport=real))):
        assert of_scope(scope(), owner.receive) == Connection(PEER, local=HERE, sure=True)
        assert of_scope(scope(client=("6.6.6.6", 80)), owner.receive).wrong == "server-rewrote"
    assert of_scope(scope(), Cycle().receive) == Connection(PEER, local=HERE)
    assert of_scope(scope(), None) == Connection(PEER, local=HERE)


def test_a_reset_connection_is_no_unix_socket() -> None:
    """A client that is gone before its address was read has none; that must not make it our Unix socket's proxy."""
    gone = Cycle(transport=Transport(None, ("127.0.0.5", 8000)))
    assert of_scope(scope(client=None), gone.receive) == Connection(None, wrong="server-told-no-peer")


def test_over_http_3_our_own_end_is_where_the_socket_was_bound() -> None:
    assert of_scope(scope(http_version="3"), None) == Connection(PEER, no_local="bind-address")


def test_what_our_own_server_class_says_about_the_proxy_protocol_is_taken_over() -> None:
    told = Proxied(address("203.0.113.9", 5), HERE, local=False, version=2, length=28)
    whole = Connection(PEER, sure=True, proxied=told)
    assert of_scope(scope(**{EXTENSION: whole}), None) is whole
    assert of_scope(scope(**{EXTENSION: (PEER, told)}), None) == Connection(PEER, local=HERE)


def test_gunicorns_own_proxy_protocol_gives_the_destination_beside_the_scope() -> None:
    parser = SimpleNamespace(proxy_protocol_info={"proxy_addr": "192.0.2.33", "proxy_port": 443})
    protocol = SimpleNamespace(transport=Transport(("127.0.0.1", 40123), ("127.0.0.5", 8000)), _callback_parser=parser)
    found = of_scope(scope(client=("203.0.113.9", 51234)), Cycle(protocol=protocol).receive)
    assert found.peer == address("127.0.0.1", 40123)
    assert found.proxied is not None
    assert (found.proxied.source, found.proxied.destination) == (address("203.0.113.9", 51234), address("192.0.2.33", 443))


class Socket:
    def __init__(self, peer: object, here: object) -> None:
        self.peer, self.here = peer, here

    def getpeername(self) -> object:
        if self.peer is None:
            raise OSError("not connected")
        return self.peer

    def getsockname(self) -> object:
        return self.here


REAL = Socket(("127.0.0.77", 45001), ("127.0.0.5", 8000))


def environ(**also: object) -> dict[str, Any]:
    return {"REMOTE_ADDR": "127.0.0.77", "REMOTE_PORT": "45001", "SERVER_NAME": "6.6.6.6", "SERVER_PORT": "80", **also}


def test_a_wsgi_servers_socket_gives_both_ends_and_server_name_never_does() -> None:
    channel = SimpleNamespace(socket=REAL)
    asking = {"gunicorn.socket": REAL}, {"werkzeug.socket": REAL}, {"waitress.client_disconnected": Bound(channel).check}
    for also in asking:
        assert of_environ(environ(**also)) == Connection(PEER, local=HERE, sure=True)
    assert of_environ(environ()) == Connection(PEER, no_local="server-told-none")
    assert of_environ({"REMOTE_ADDR": "127.0.0.77"}) == Connection(address("127.0.0.77"), no_local="server-told-none")


class Bound:
    def __init__(self, channel: Any) -> None:
        self.socket = channel.socket

    def check(self) -> bool:
        return False


def test_a_false_pair_of_address_and_port_is_found_by_asking_the_socket() -> None:
    """ProxyFix and waitress put the client's address beside the proxy's port."""
    real = Socket(("127.0.0.1", 40123), ("127.0.0.5", 8000))
    assert of_environ(environ(REMOTE_ADDR="203.0.113.9", REMOTE_PORT="40123", **{"gunicorn.socket": real})).wrong == "server-rewrote"
    fixed = environ(REMOTE_ADDR="203.0.113.9", **{"werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "127.0.0.77"}})
    assert of_environ(fixed).peer == PEER


def test_a_wsgi_client_that_is_gone_is_nobody() -> None:
    assert of_environ(environ(**{"gunicorn.socket": Socket(None, ("127.0.0.5", 8000))})).wrong == "disconnected"


def test_a_wsgi_unix_socket_is_one_whatever_the_server_calls_it() -> None:
    unix = Socket("", "/run/app.sock")
    for remote in ("", "localhost", "127.0.0.1"):
        assert of_environ(environ(REMOTE_ADDR=remote, **{"gunicorn.socket": unix})).unix
    assert of_environ({"REMOTE_ADDR": ""}).unix


def test_gunicorns_proxy_protocol_in_wsgi_gives_both_ends() -> None:
    real = Socket(("127.0.0.1", 40123), ("127.0.0.5", 8000))
    told = environ(REMOTE_ADDR="203.0.113.9", REMOTE_PORT="51234", PROXY_PROTOCOL="TCP4", PROXY_ADDR="192.0.2.33", PROXY_PORT="443")
    found = of_environ({**told, "gunicorn.socket": real})
    assert found.peer == address("127.0.0.1", 40123)
    assert found.proxied == Proxied(address("203.0.113.9", 51234), address("192.0.2.33", 443), local=False, version=0, length=0)
    local = {**told, "gunicorn.socket": real, "REMOTE_ADDR": None, "REMOTE_PORT": "None", "PROXY_ADDR": None, "PROXY_PORT": "None"}
    assert of_environ(local).proxied == Proxied(None, None, local=True, version=0, length=0)
