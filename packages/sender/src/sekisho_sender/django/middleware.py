"""The middleware, for WSGI and ASGI alike. `SenderASGI` or `SenderWSGI` around the whole application see more: the socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from sekisho_sender.asgi import Message, SenderASGI
from sekisho_sender.at_hand import at_hand
from sekisho_sender.capture import Captured, carried
from sekisho_sender.trust import Trust
from sekisho_sender.wsgi import SenderWSGI


async def nothing(*_: Any) -> None:
    """The application inside a capture that only looks."""


class SenderMiddleware:
    """First in MIDDLEWARE. `SEKISHO_SENDER["trust"]` is a Trust, `SEKISHO_SENDER["also"]` the paths captured whatever their method."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        told = getattr(settings, "SEKISHO_SENDER", {})
        if not isinstance(told.get("trust"), Trust):
            raise ImproperlyConfigured('SEKISHO_SENDER["trust"] is a sekisho_sender.trust.Trust; Trust() trusts no proxy')
        self.asgi = SenderASGI(nothing, told["trust"], also=tuple(told.get("also", ())))
        self.wsgi = SenderWSGI(lambda _environ, _start: (), told["trust"], desk=self.asgi.desk)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        if iscoroutinefunction(self):
            return self.awaited(request)
        return self.inside(request, lambda: self.get_response(request))

    async def awaited(self, request: Any) -> Any:
        found = self.look(request)
        if found is None:
            return await self.get_response(request)
        with carried(found):
            return answered(await self.get_response(request), found)

    def inside(self, request: Any, respond: Callable[[], Any]) -> Any:
        found = self.look(request)
        if found is None:
            return respond()
        with carried(found):
            return answered(respond(), found)

    def look(self, request: Any) -> Captured | None:
        """The capture of this request; None when somebody outside has made it, or when it is not captured."""
        if at_hand() is not None or not self.asgi.scope.holds(request.method, request.path):
            return None
        seen = self.asgi.desk.clock()
        if hasattr(request, "scope"):
            return self.asgi.capture(request.scope, no_receive, seen)
        return self.wsgi.capture(request.environ, seen)


async def no_receive() -> Message:
    raise NotImplementedError


def answered(response: Any, found: Captured) -> Any:
    if not response.has_header("X-Request-Id"):
        response["X-Request-Id"] = found.request_id
    return response
