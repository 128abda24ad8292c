"""Nine servers on eleven ways with real proxies: the right four values, or an honest empty one with its reason."""

from __future__ import annotations

import time

import pytest

from tests.sender.town import OWN, READS_PROXY, SERVERS, Answer, Town

REFUSED = (0, 400, 502)


def right(answer: Answer, *, hop: str, reading: str) -> None:
    """All four values are what the client sees of its own connection."""
    assert answer.status == 200
    assert answer.sender is not None
    assert (answer.end("source"), answer.end("destination")) == (answer.mine, answer.dialled)
    told = answer.sender
    assert (told["why_empty"], told["tampered"], told["hop"], told["reading"]) == ("", False, hop, reading)
    assert abs(told["seen_us"] - time.time_ns() // 1000) < 30_000_000


def left_empty(answer: Answer, source: tuple[str, int | None], why: str) -> None:
    """The source is as given, the destination is unknown, and the reasons stand beside."""
    assert answer.sender is not None
    assert (answer.end("source"), answer.end("destination"), answer.sender["why_empty"]) == (source, None, why)


@pytest.mark.parametrize("way", ["direct", "direct6"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_client_that_connects_directly_is_known_by_its_socket(town: Town, server: str, way: str) -> None:
    """Granian hands over where it was bound instead of the destination, and no port at all to WSGI: empty, and said."""
    answer = town.send(server, way)
    if server == "granian":
        left_empty(answer, answer.mine, "destination:bind-address")
    elif server == "granian-wsgi":
        left_empty(answer, (answer.mine[0], None), "source-port:server-told-none,destination:server-told-none")
    else:
        right(answer, hop="", reading="socket")


@pytest.mark.parametrize(
    ("way", "hop", "reading"),
    [
        ("forwarded", "127.0.0.1", "forwarded"),
        ("forwarded6", "127.0.0.1", "forwarded"),
        ("unix", "unix", "forwarded"),
        ("pair", "127.0.0.3", "pair"),
        ("pair6", "127.0.0.3", "pair"),
        ("v2-nginx", "127.0.0.1", "forwarded"),
    ],
)
@pytest.mark.parametrize("server", SERVERS)
def test_behind_a_shipped_recipe_all_four_values_are_right(town: Town, server: str, way: str, hop: str, reading: str) -> None:
    """Nginx by Forwarded (IPv4, IPv6, over a Unix socket), HAProxy by a pair of headers, and HAProxy's PROXY v2 read by nginx."""
    right(town.send(server, way), hop=hop, reading=reading)


@pytest.mark.parametrize("server", SERVERS)
def test_x_forwarded_for_with_a_port_gives_the_source_and_says_that_it_has_no_destination(town: Town, server: str) -> None:
    answer = town.send(server, "xff")
    left_empty(answer, answer.mine, "destination:not-said")


@pytest.mark.parametrize("way", ["v1", "v2"])
@pytest.mark.parametrize("server", SERVERS)
def test_the_proxy_protocol_is_read_by_uvicorn_and_gunicorn_and_refused_by_the_others(town: Town, server: str, way: str) -> None:
    answer = town.send(server, way)
    if server in READS_PROXY:
        right(answer, hop="127.0.0.4", reading="proxy-protocol")
    else:
        assert answer.status in REFUSED
        assert answer.sender is None


@pytest.mark.parametrize("server", SERVERS)
def test_a_read_is_answered_and_nothing_of_its_sender_is_kept(town: Town, server: str) -> None:
    for way in ("direct", "forwarded"):
        answer = town.send(server, way, method="GET")
        assert (answer.status, answer.sender) == (200, None)
        assert "x-request-id" not in answer.headers


@pytest.mark.parametrize("server", SERVERS)
def test_the_request_id_is_the_edges_and_never_the_clients(town: Town, server: str) -> None:
    for way in ("forwarded", "pair", "unix", "direct"):
        answer = town.send(server, way, "X-Request-Id: 0123456789abcdef0123456789abcdef")
        assert answer.sender is not None
        assert answer.headers["x-request-id"] == answer.sender["request_id"] != "0123456789abcdef0123456789abcdef"
        assert ("-" in answer.sender["request_id"]) == (way == "pair")  # HAProxy writes UUIDs


@pytest.mark.parametrize("server", OWN[:2])
def test_a_server_that_reads_x_forwarded_for_by_itself_is_noticed_and_nobody_is_named(town: Town, server: str) -> None:
    """Uvicorn as it comes, and waitress with a trusted proxy: their client is not the socket's any more."""
    for line in ("X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 6.6.6.6:6666", "X-Forwarded-For: 2001:db8::6"):
        answer = town.send(server, "injected", line)
        assert answer.sender is not None
        assert (answer.end("source"), answer.end("destination")) == (None, None)
        assert answer.sender["why_empty"] == "source:server-rewrote,destination:server-rewrote"
    behind = town.send(server, "forwarded", "X-Forwarded-For: 6.6.6.6:6666")
    if server == "waitress-own":  # it also takes away the headers it was not told to read
        assert behind.sender is not None
        assert behind.sender["why_empty"] == "source:proxy-said-nothing,destination:proxy-said-nothing"
    else:
        right(behind, hop="127.0.0.1", reading="forwarded")
    right(town.send(server, "direct"), hop="", reading="socket")
