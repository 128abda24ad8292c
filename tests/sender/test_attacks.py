"""What strangers send to be somebody else, through real servers and real proxies: the right sender, or nobody, and never whom they name."""

from __future__ import annotations

import itertools
import json
import socket
import struct
import time

import pytest

from sekisho_sender.proxy_protocol import SIGNATURE
from tests.sender.town import APP, CLIENT, NGINX, READS_PROXY, SERVERS, Answer, Town, exchange

FORGED = {
    "forwarded": ["Forwarded: for=6.6.6.6"],
    "forwarded with ports": ['Forwarded: for="6.6.6.6:6666";by="6.6.6.7:80";proto=https'],
    "forwarded, IPv6": ['Forwarded: for="[2001:db8::6]:6666"'],
    "mixed case": ['fOrWaRdEd: FOR="6.6.6.6:6666";BY="6.6.6.7:80"', "x-FORWARDED-for: 6.6.6.6:6666", "X-sekisho-SRC: 6.6.6.6:6666"],
    "repeated": ["Forwarded: for=6.6.6.6", "Forwarded: for=6.6.6.7", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 6.6.6.7"],
    "x-forwarded-for": ["X-Forwarded-For: 6.6.6.6"],
    "x-forwarded-for with a port": ["X-Forwarded-For: 6.6.6.6:6666", "X-Forwarded-Port: 6666", "X-Real-IP: 6.6.6.6", "X-Real-Port: 6666"],
    "a list of trusted ones": ["X-Forwarded-For: 6.6.6.6:1, 127.0.0.1:2, 127.0.0.2:3", 'Forwarded: for=6.6.6.6, for="127.0.0.1:2"'],
    "the pair": ["X-Sekisho-Src: 6.6.6.6:6666", "X-Sekisho-Dst: 6.6.6.7:80"],
    "the pair with underscores": ["X_Sekisho_Src: 6.6.6.6:6666", "X_Sekisho_Dst: 6.6.6.7:80", "X_Forwarded_For: 6.6.6.6:6666"],
    "forwarded with an underscore": ["Forwarded_: for=6.6.6.6", "_Forwarded: for=6.6.6.6"],
    "viewer address": ["CloudFront-Viewer-Address: 6.6.6.6:6666"],
    "CDN headers": ["CF-Connecting-IP: 6.6.6.6", "True-Client-IP: 6.6.6.6", "Fastly-Client-IP: 6.6.6.6", "X-Client-IP: 6.6.6.6"],
    "a host that closes the quotes": ['Host: x";for="6.6.6.6:1'],
    "a host that closes the quotes and names us": ['Host: x";by="6.6.6.7:1'],
    "a host that begins an element": ['Host: x", for="6.6.6.6:1";by="6.6.6.7:1'],
    "a host that ends in a backslash": ["Host: x\\"],
    "a host in capitals": ['Host: x";FOR="6.6.6.6:1";By="6.6.6.7:1'],
    "a folded line": ["Forwarded: for=1.2.3.4,\r\n for=6.6.6.6", "X-Forwarded-For: 1.2.3.4,\r\n\t6.6.6.6"],
    "a name with a space": ["Forwarded : for=6.6.6.6", "X-Forwarded-For : 6.6.6.6"],
    "a line feed alone": ["X-A: b\nForwarded: for=6.6.6.6\nX-Forwarded-For: 6.6.6.6"],
    "a carriage return alone": ["X-A: b\rForwarded: for=6.6.6.6\rX-Sekisho-Src: 6.6.6.6:1"],
    "a zero byte": ["Forwarded: for=6.6.6.6\x00", "X-Forwarded-For: \x006.6.6.6"],
    "over-long": ["Forwarded: " + "for=6.6.6.6," * 500, "X-Forwarded-For: " + "6.6.6.6, " * 500],
    "digits of other scripts": ["X-Forwarded-For: ٦.٦.٦.٦:٦٦٦٦", 'Forwarded: for="６.６.６.６:6666"'],
    "a zone": ['Forwarded: for="[2001:db8::6%eth0]:6666"', "X-Forwarded-For: 2001:db8::6%1"],
    "garbage behind": ['Forwarded: for="6.6.6.6:6666"garbage', "X-Forwarded-For: 6.6.6.6:6666 garbage"],
    "empty": ["Forwarded:", "X-Forwarded-For:", "X-Sekisho-Src:", "X-Sekisho-Dst:"],
    "named as a hop that is to be dropped": [
        "Connection: close, Forwarded, X-Forwarded-For, X-Sekisho-Src, X-Sekisho-Dst",
        "Forwarded: for=6.6.6.6",
    ],
    "an upgrade": ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Forwarded: for=6.6.6.6"],
    "other spellings of an address": ["X-Forwarded-For: 0x06060606", "X-Forwarded-For: 101058054", "Forwarded: for=06.06.06.06"],
    "an IPv4 address in IPv6 clothes": ['Forwarded: for="[::ffff:6.6.6.6]:6666"', "X-Forwarded-For: ::ffff:6.6.6.6"],
}
WAYS = ("direct", "direct6", "forwarded", "forwarded6", "xff", "unix", "pair", "pair6", "v2-nginx")
MISTAKES = ("usual", "injected")
"""nginx as many have it: X-Forwarded-For appended and the client's Forwarded let through, or host="$http_host" in our own header."""


def nobody_else(answer: Answer, what: str) -> None:
    """Refused, or each end is the real one or empty."""
    if answer.sender is None:
        assert answer.status != 200, what
        return
    source, destination = answer.end("source"), answer.end("destination")
    assert source in (answer.mine, (answer.mine[0], None), None), what
    assert destination in (answer.dialled, None), what
    assert source is not None or answer.sender["why_empty"], what


@pytest.mark.parametrize("way", [*WAYS, *MISTAKES])
@pytest.mark.parametrize("server", SERVERS)
def test_nothing_a_client_writes_makes_it_somebody_else(town: Town, server: str, way: str) -> None:
    for what, lines in FORGED.items():
        nobody_else(town.send(server, way, *lines), f"{what} to {server} by {way}")


@pytest.mark.parametrize("way", ["forwarded", "unix", "pair", "v2-nginx"])
@pytest.mark.parametrize("server", SERVERS)
def test_behind_a_shipped_recipe_forging_does_not_even_hide_the_forger(town: Town, server: str, way: str) -> None:
    """All four values stay right: the recipe overwrites, so what was forged never arrives or is only claimed."""
    for what in (
        "forwarded with ports",
        "x-forwarded-for with a port",
        "repeated",
        "mixed case",
        "a host that closes the quotes",
        "CDN headers",
    ):
        lines = FORGED[what]
        if way == "pair" and what == "mixed case":
            lines = lines[:2]
        answer = town.send(server, way, *lines)
        if answer.status == 200:
            assert (answer.end("source"), answer.end("destination")) == (answer.mine, answer.dialled), (what, answer)
        else:
            assert answer.status == 400


@pytest.mark.parametrize("server", SERVERS)
def test_a_second_for_in_our_own_header_is_noticed_as_tampering(town: Town, server: str) -> None:
    """Measured: with host="$http_host" nginx writes what the client closed and opened; only a whole reading of the header sees it."""
    answer = town.send(server, "injected", 'Host: x";for="6.6.6.6:1')
    assert answer.sender is not None
    assert (answer.sender["tampered"], answer.end("source"), answer.sender["why_empty"]) == (
        True,
        None,
        "source:repeated,destination:repeated",
    )
    assert any("6.6.6.6" in hop["raw"] and not hop["trusted"] for hop in answer.sender["chain"])


@pytest.mark.parametrize("server", SERVERS)
def test_where_nginx_appends_to_what_the_client_sent_the_forger_is_unknown_and_others_have_no_port(town: Town, server: str) -> None:
    forged = town.send(server, "usual", "X-Forwarded-For: 6.6.6.6:6666")
    assert forged.sender is not None
    assert (forged.sender["tampered"], forged.sender["source"]) == (True, None)
    honest = town.send(server, "usual")
    assert honest.sender is not None
    assert (honest.end("source"), honest.sender["tampered"]) == ((honest.mine[0], None), False)


HEADERS_OF_PROXY = {
    "v1": b"PROXY TCP4 6.6.6.6 6.6.6.7 6666 80\r\n",
    "v1, IPv6": b"PROXY TCP6 2001:db8::6 2001:db8::7 6666 80\r\n",
    "v2": SIGNATURE + b"\x21\x11\x00\x0c" + bytes([6, 6, 6, 6, 6, 6, 6, 7, 0x1A, 0x0A, 0, 80]),
    "v2, local": SIGNATURE + b"\x20\x00\x00\x00",
}


@pytest.mark.parametrize("way", ["direct", "direct6", "forwarded", "pair", "v1", "v2"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_client_that_speaks_the_proxy_protocol_is_not_listened_to(town: Town, server: str, way: str) -> None:
    """Also behind HAProxy's own header: the second one is the first thing in the client's request, and no HTTP."""
    for what, header in HEADERS_OF_PROXY.items():
        answer = town.send(server, way, before=header)
        assert answer.sender is None or what == "v2, local", (what, answer)
        nobody_else(answer, f"{what} to {server} by {way}")


@pytest.mark.parametrize("server", SERVERS)
def test_whoever_connects_from_a_trusted_address_without_its_header_is_nobody(town: Town, server: str) -> None:
    """A proxy without its recipe: the service must not take the proxy for the sender."""
    for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
        answer = town.send(server, "direct", source=source)
        assert answer.sender is not None
        assert answer.sender["source"] is None
        assert "source:proxy-said-nothing" in answer.sender["why_empty"]


def raw(town: Town, server: str, data: bytes) -> Answer:
    return exchange((APP, town.ports[server]), data, "127.0.0.4")


REQUEST = b"POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
GOOD = SIGNATURE + b"\x21\x11\x00\x0c" + bytes([203, 0, 113, 9, 192, 0, 2, 33, 200, 34, 1, 187])


def test_uvicorn_closes_the_connection_of_a_listed_peer_whose_header_is_missing_wrong_or_late(town: Town) -> None:
    for data in (
        REQUEST,
        b"PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n" + REQUEST,
        GOOD[:12] + b"\x31" + GOOD[13:] + REQUEST,
        b"PROXY TCP4 " + b"1" * 200,
    ):
        assert raw(town, "uvicorn", data).status == 0
    began = time.monotonic()
    assert raw(town, "uvicorn", GOOD[:20]).status == 0
    assert 0.3 < time.monotonic() - began < 5


def test_uvicorn_waits_for_a_header_that_comes_in_pieces_and_skips_its_tlvs(town: Town) -> None:
    tlvs = b"\x04\x00\x03abc" + b"\x20\x00\x05\x01\x00\x00\x00\x00"
    data = GOOD[:14] + (12 + len(tlvs)).to_bytes(2) + GOOD[16:] + tlvs + REQUEST
    with socket.socket() as one:
        one.bind(("127.0.0.4", 0))
        one.connect((APP, town.ports["uvicorn"]))
        for at in (3, 13, 17, 30, 44, len(data)):
            one.sendall(data[:at])
            data = data[at:]
            time.sleep(0.02)
        got = b"".join(iter(lambda: one.recv(4096), b""))
    assert b'"ip": "203.0.113.9", "port": 51234' in got
    assert b'"ip": "192.0.2.33", "port": 443' in got


@pytest.mark.parametrize("header", [SIGNATURE + b"\x20\x00\x00\x00", SIGNATURE + b"\x21\x00\x00\x00", b"PROXY UNKNOWN\r\n"])
@pytest.mark.parametrize("server", READS_PROXY)
def test_a_connection_that_a_proxy_opens_for_itself_has_no_sender(town: Town, server: str, header: bytes) -> None:
    """HAProxy's own health checks: LOCAL, UNKNOWN and UNSPEC. The proxy is not the sender, also where the server refuses to answer."""
    answer = raw(town, server, header + REQUEST)
    assert (answer.status == 200) == (answer.sender is not None)
    assert server != "uvicorn" or answer.status == 200
    assert answer.end("source") is None


@pytest.mark.parametrize("server", READS_PROXY)
def test_what_the_proxy_protocol_says_holds_for_the_whole_connection_and_no_header_changes_it(town: Town, server: str) -> None:
    """Gunicorn's threads forget it after the first request: the next is empty, and says so."""
    two = REQUEST.replace(b"Connection: close", b"Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 6.6.6.6") + REQUEST
    with socket.socket() as one:
        one.bind(("127.0.0.4", 0))
        one.connect((APP, town.ports[server]))
        one.sendall(GOOD + two)
        got = b"".join(iter(lambda: one.recv(4096), b""))
    known = got.count(b'"source": {"ip": "203.0.113.9", "port": 51234}')
    assert known == (1 if server in ("gunicorn-sync", "gunicorn-gthread") else 2)
    assert got.count(b'"source": ') == known + got.count(b'"why_empty": "source:proxy-said-nothing')


def test_nginx_does_not_hand_on_a_smuggled_second_request_as_somebody_else(town: Town) -> None:
    """Content-Length and Transfer-Encoding that disagree: whatever becomes of it, nobody is 6.6.6.6."""
    inner = b"POST /post HTTP/1.1\r\nHost: x\r\nForwarded: for=6.6.6.6\r\nContent-Length: 0\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n"
    for server, double in itertools.product(
        SERVERS, (chunked, b"Transfer-Encoding:\tchunked\r\n", b"Transfer-Encoding: identity, chunked\r\n")
    ):
        head = b"POST /%s/post HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % server.encode()
        data = head + double + b"Content-Length: %d\r\n\r\n0\r\n\r\n" % (5 + len(inner)) + inner
        answer = exchange((NGINX, town.ports["forwarded"]), data)
        nobody_else(answer, server)


def test_a_unix_socket_may_speak_the_proxy_protocol_and_tcp_beside_it_may_not(town: Town) -> None:
    for data, source in ((GOOD + REQUEST, '{"ip": "203.0.113.9", "port": 51234}'), (SIGNATURE + b"\x20\x00\x00\x00" + REQUEST, "null")):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(town.folder / "uvicorn-unix.sock"))
            one.sendall(data)
            got = b"".join(iter(lambda c=one: c.recv(4096), b""))  # type: ignore[misc] # bound to this round's socket
        assert f'"source": {source}'.encode() in got
    assert exchange((APP, town.ports["uvicorn-unix"]), GOOD + REQUEST).status == 400


@pytest.mark.parametrize("server", ["uvicorn-unix", "uvicorn", "hypercorn", "gunicorn-asgi", "daphne", "granian"])
def test_a_client_that_is_gone_before_its_address_is_read_is_not_taken_for_the_unix_sockets_proxy(town: Town, server: str) -> None:
    """Reset at once: getpeername fails, and some servers then say None, as for a Unix socket. The next client is served as ever."""
    forged = REQUEST.replace(b"Host: x", b"Host: x\r\nForwarded: for=6.6.6.6")
    proxied = GOOD.replace(bytes([203, 0, 113, 9]), bytes([6, 6, 6, 6])) + REQUEST
    for data in (forged, proxied):
        for _ in range(10):
            with socket.socket() as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.bind((CLIENT, 0))
                one.connect((APP, town.ports[server]))
                one.sendall(data)
    time.sleep(0.05)
    answer = town.send(server, "direct", "Forwarded: for=6.6.6.6")
    assert answer.end("source") == answer.mine
    assert answer.sender is not None
    assert "6.6.6.6" not in answer.sender["named"]


def websocket(where: tuple[str, int]) -> Answer:
    """The first message of a WebSocket, to which the client sent an empty one."""
    with socket.socket() as one:
        one.settimeout(8)
        one.bind((CLIENT, 0))
        one.connect(where)
        mine = one.getsockname()
        ask = ["GET /post HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        ask += ["Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", "Forwarded: for=6.6.6.6", "X-Forwarded-For: 6.6.6.6", "", ""]
        one.sendall("\r\n".join(ask).encode())
        got = b""
        while b"\r\n\r\n" not in got and (part := one.recv(4096)):
            got += part
        one.sendall(b"\x81\x80\0\0\0\0")
        while got.rfind(b'"}') < 0 and (part := one.recv(4096)):
            got += part
    return Answer(200, json.loads(got[got.index(b'{"named"') : got.rindex(b'"}') + 2]), mine, where)


@pytest.mark.parametrize(
    ("server", "way"),
    [("uvicorn", "direct"), ("uvicorn", "v2"), ("hypercorn", "direct"), ("gunicorn-asgi", "direct"), ("daphne", "direct")],
)
def test_a_message_on_a_websocket_has_the_sender_of_its_connection(town: Town, server: str, way: str) -> None:
    answer = websocket(town.door(server, way)[0])
    assert (answer.end("source"), answer.end("destination")) == (answer.mine, answer.dialled)
