"""The sender of the request at hand, carried along by the context: through `await`, thread pools and background tasks,
never into a bare thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sekisho_sender.record import Sender

_SENDER: ContextVar[Sender | None] = ContextVar("sekisho_sender", default=None)


def current() -> Sender | None:
    """Who sent the request that this code works for, None outside a request."""
    return _SENDER.get()


@contextmanager
def telling(sender: Sender | None) -> Iterator[None]:
    """Inside, `current` answers this sender."""
    token = _SENDER.set(sender)
    try:
        yield
    finally:
        _SENDER.reset(token)
