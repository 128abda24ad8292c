"""What a use case outside `keep` stands on: settings, a channel to `keep`, and the public keys to check what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sekisho.desk.public import Public
from sekisho.desk.settings import Settings
from sekisho.store.errors import StoreError


class KeepSaidNo(Exception):
    """`keep` refused. `code` says why, `detail` names what is missing."""

    def __init__(self, code: str, detail: Mapping[str, Any]) -> None:
        super().__init__(code, dict(detail))
        self.code = code
        self.detail = detail


class KeepIsGone(ConnectionError):
    """No answer from `keep`: nothing new may be done."""


LOOK_FAILS: tuple[type[Exception], ...] = (KeepSaidNo, StoreError)
"""What ends a look without a result: `keep` said no, or the store could not open. Both carry a `code`."""


class KeepCalls(Protocol):
    """A channel to `keep`. Raises KeepSaidNo for a refusal, KeepIsGone for silence."""

    def call(self, method: str, **params: object) -> Any: ...


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
