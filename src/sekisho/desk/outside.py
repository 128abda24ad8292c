"""What a use case outside `keep` stands on: settings, a channel to `keep`, and the public keys to check what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sekisho.desk.config import Settings
from sekisho.desk.opening import Public


class KeepCalls(Protocol):
    """A channel to `keep`. Refusals and silence are exceptions of the channel's own."""

    def call(self, method: str, **params: object) -> Any:
        ...


@dataclass(frozen=True)
class Outside:
    """One per process that is not `keep`."""

    settings: Settings
    keep: KeepCalls
    public: Public
    clock: Callable[[], datetime]

    def release(self, look: str) -> Callable[[str, bytes], bytes]:
        """Asks `keep` to open a wrapped key for one look."""
        return lambda key_id, wrapped: bytes.fromhex(self.keep.call("release-key", look=look, key_id=key_id, wrapped=wrapped)["key"])

    def token_key(self, look: str) -> Callable[[str], bytes]:
        return lambda period: bytes.fromhex(self.keep.call("token-key", look=look, period=period)["key"])
