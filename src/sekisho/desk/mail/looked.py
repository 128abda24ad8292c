"""For whose domain a client sends mail, where SPF says so: looked up once for some minutes, in memory alone."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from sekisho.desk.mail.names import Names
from sekisho.effects.greylisting import ACCOUNT, CLIENT, DOMAIN, SENDER
from sekisho.effects.sender_check import by_spf
from sekisho.wire.policy import Attributes

HELO = "helo_name"
MOST, KEPT, KEPT_IF_UNKNOWN = 20_000, 300.0, 20.0
"""Senders and clients, and seconds that an answer is remembered; where the resolver did not answer, so many."""


class Looked:
    """`names`: a resolver, for one mail; None where the settings name none: nobody is looked up then."""

    def __init__(self, names: Callable[[], Names] | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.names, self.clock = names, clock
        self._known: OrderedDict[tuple[str, str, str], tuple[str, float]] = OrderedDict()

    def unknown(self, asked: Attributes) -> bool:
        """Whether `look` has to be asked first. Accounts that signed in are nobody's matter."""
        found = self._known.get(_key(asked))
        return self.names is not None and not asked.get(ACCOUNT) and (found is None or found[1] < self.clock())

    def look(self, asked: Attributes) -> None:
        """Asks the resolver; may be called beside everything else. Never raises for what strangers publish."""
        if self.names is None:
            return
        key = _key(asked)
        found = by_spf(*key, self.names().ask)
        self._known[key] = (found.domain, self.clock() + (KEPT_IF_UNKNOWN if found.result == "temperror" else KEPT))
        self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def told(self, asked: Attributes) -> Attributes:
        """The question, and the domain that stands behind its sender where one does."""
        domain, until = self._known.get(_key(asked), ("", 0.0))
        return {**asked, DOMAIN: domain} if domain and self.clock() <= until else asked


def _key(asked: Attributes) -> tuple[str, str, str]:
    return asked.get(CLIENT, ""), asked.get(HELO, ""), asked.get(SENDER, "")
