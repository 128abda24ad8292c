"""Postfix's policy delegation protocol (SMTPD_POLICY_README): attributes a line each, an empty line; an action comes back.

The attributes tell who talks to the mail server and where the mail is to go. The text of a mail is never among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sekisho.wire.cursor import FormError

Attributes: TypeAlias = Mapping[str, str]

MOST = 1 << 15
"""Octets of a request. Postfix's own are under two thousand; one value is at most line_length_limit, 2048."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
ACTION = re.compile(r"[ -~]{1,500}")
REQUEST, POLICY = "request", "smtpd_access_policy"
END = b"\n\n"
DUNNO = "DUNNO"
"""Nothing is said: the mail server goes on as if nobody had been asked."""


class PolicyReader:
    """Octets as they come on one connection; whole requests in their order."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._seen = 0

    def feed(self, part: bytes) -> Iterator[Attributes]:
        """Raises FormError behind the last good request; the connection has no form after that, and is to be closed."""
        self._got += part
        while (end := self._got.find(END, max(0, self._seen - 1))) >= 0:
            if end > MOST:
                raise FormError("postfix", "too-long", f"more than {MOST} octets")
            whole = bytes(self._got[:end])
            del self._got[: end + len(END)]
            self._seen = 0
            yield decode(whole)
        self._seen = len(self._got)
        if self._seen > MOST:
            raise FormError("postfix", "too-long", f"more than {MOST} octets")


def decode(whole: bytes) -> Attributes:
    """One request, its lines parted by LF, without the empty line. Unknown names are kept. Raises FormError.

    Octets that are no UTF-8 stand as the surrogates U+DC80..U+DCFF, so that two different values stay two.
    """
    found: dict[str, str] = {}
    for line in whole.split(b"\n"):
        name, equals, value = line.decode("utf-8", "surrogateescape").partition("=")
        if not equals or not NAME.fullmatch(name):
            raise FormError("postfix", "no-attribute", "a line is not name=value")
        if name in found:
            raise FormError("postfix", "named-twice", name)
        found[name] = value
    if found.get(REQUEST) != POLICY:
        raise FormError("postfix", "another-request", f"only {POLICY} is answered")
    return found


def encode(action: str) -> bytes:
    """An action as it goes back (access(5)). Raises FormError for what would not be one line of ASCII."""
    if not ACTION.fullmatch(action):
        raise FormError("desk", "not-an-action", "printable ASCII in one line")
    return b"action=" + action.encode("ascii") + END
