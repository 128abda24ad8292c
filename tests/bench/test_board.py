"""The bench of the board asks real questions, waits for whole pages, and counts only seconds that reached everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import dns.message
import pytest

from bench import board
from bench.board import Round, query, refreshed, summary, table, told

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
T = TypeVar("T")


def against(handler: Handler, asking: Callable[[int], Awaitable[T]]) -> T:
    async def run() -> T:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        async with server:
            return await asking(server.sockets[0].getsockname()[1])

    return asyncio.run(run())


def answering(said: bytes) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    return handle


@pytest.mark.parametrize(("number", "kind"), [(0, "A"), (1, "AAAA"), (2, "TYPE65"), (3, "TXT")])
def test_a_look_up_is_one_that_a_resolver_can_read(number: int, kind: str) -> None:
    (asked,) = dns.message.from_wire(query(number)).question
    assert (str(asked.name), asked.rdtype) == ("name.test.", {"A": 1, "AAAA": 28, "TYPE65": 65, "TXT": 16}[kind])


def test_a_viewer_waits_for_the_whole_page() -> None:
    whole = answering(b"HTTP/1.1 200 OK\r\n\r\n<html></html>\n")
    assert len(against(whole, lambda port: refreshed(port, 5, 0.01))) == 5


@pytest.mark.parametrize("said", [b"HTTP/1.1 503 Busy\r\n\r\n</html>", b"HTTP/1.1 200 OK\r\n\r\n<html>", b""])
def test_a_page_that_is_none_ends_the_bench(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "REFRESH", 0.0)
    with pytest.raises(RuntimeError, match="the board answered"):
        against(answering(said), lambda port: refreshed(port, 1, 5))


def telling(*numbers: int) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for number in numbers:
            writer.write(b"id: %d\ndata: x\n\n" % number)
            await asyncio.sleep(0.01)
        writer.close()

    return handle


def test_only_seconds_that_reached_everybody_count() -> None:
    late, each = against(telling(1, 2, 3), lambda port: told(port, 4, 1.0))
    assert len(late) == 12
    assert min(late) == 0
    assert each > 0
    with pytest.raises(RuntimeError, match="no second reached"):
        against(telling(1), lambda port: told(port, 4, 0.3))


def test_the_slower_of_both_ways_to_look_is_held_against_the_aim() -> None:
    quick, slow = [float(n) for n in range(100)], [float(n * 20) for n in range(100)]
    found: dict[str, Any] = summary([Round(quick, slow, 1.0, 1950)], 1000)
    assert found["aims"][0].startswith("not reached: the 95th of a hundred viewers waits 18")
    assert summary([Round(quick, quick, 1.0, 1950)], 1000)["aims"][0].startswith("reached: ")  # type: ignore[index] # a list of text
    assert "1,950 look-ups a second counted" in table(found)
