"""The sender at hand goes where the request goes, and nowhere else."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from sekisho_sender.context import current, telling
from tests.sender.keys import sender_at


def test_outside_a_request_nobody_is_at_hand() -> None:
    assert current() is None


def test_the_sender_is_at_hand_inside_and_gone_after_also_after_an_error() -> None:
    outer, inner = sender_at(), sender_at(port=None)
    with telling(outer):
        with pytest.raises(RuntimeError), telling(inner):
            assert current() is inner
            raise RuntimeError
        assert current() is outer
    assert current() is None


def test_tasks_and_thread_pools_carry_the_sender_along() -> None:
    async def ask() -> list[object]:
        return [await asyncio.create_task(answer()), await asyncio.to_thread(current)]

    async def answer() -> object:
        await asyncio.sleep(0)
        return current()

    with telling(sender_at()):
        assert asyncio.run(ask()) == [sender_at(), sender_at()]


def test_a_bare_thread_has_no_sender_unless_the_context_is_carried_into_it() -> None:
    seen: list[object] = []
    with telling(sender_at()):
        carried = contextvars.copy_context()
        threads = [
            threading.Thread(target=lambda: seen.append(current())),
            threading.Thread(target=lambda: seen.append(carried.run(current))),
        ]
        for thread in threads:
            thread.start()
            thread.join()
    assert seen == [None, sender_at()]


def test_two_requests_at_once_do_not_see_each_others_sender() -> None:
    async def request(port: int) -> bool:
        with telling(sender_at(port=port)):
            await asyncio.sleep(0)
            return current() == sender_at(port=port)

    async def both() -> list[bool]:
        return list(await asyncio.gather(*(request(port) for port in range(1, 50))))

    assert all(asyncio.run(both()))
