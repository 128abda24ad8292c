"""Who is at the other end: sessions, the proof that a form is ours, and statements waiting for a signature. All in memory, all bounded.

A restart of the console signs everybody out; nothing else is lost.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.faces.web.desk import Json
from sekisho.faces.web.settings import Settings

COOKIE = "sekisho-session"
SITE = 56


@dataclass(frozen=True)
class Session:
    """`id` is the cookie's value. `person` is None for a visitor nobody knows yet; `csrf` belongs to this id alone."""

    id: str
    csrf: str
    person: str | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Waiting:
    """A statement shown to one session, waiting to be signed there. `back` is where to go afterwards."""

    session: str
    kind: str
    statement: Json
    digest: str
    back: str
    until: datetime


@dataclass
class Sessions:
    """Signed-in sessions. Unknown visitors get a cookie too, but it is not remembered: they are without number and may cost nothing."""

    settings: Settings
    limit: int = 2000
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _people: OrderedDict[str, tuple[str, datetime]] = field(default_factory=OrderedDict, repr=False)

    def find(self, cookie: str | None, used: bool = True) -> Session:
        """The session of a cookie; a new nameless one when there is none or it ran out.

        `used` is False for what a page asks by itself: that keeps nobody signed in.
        """
        if not cookie or len(cookie) != 43:
            return self._nameless()
        known = self._people.get(cookie)
        if known is None:
            return Session(cookie, self._csrf(cookie))
        person, seen = known
        now = self.settings.clock()
        if now - seen > timedelta(seconds=self.settings.session_seconds):
            del self._people[cookie]
            return self._nameless()
        if used:
            self._people[cookie] = (person, now)
        return Session(cookie, self._csrf(cookie), person)

    def open(self, person: str) -> Session:
        """Sign a person in, always under a new id."""
        new = secrets.token_urlsafe(32)
        self._people[new] = (person, self.settings.clock())
        while len(self._people) > self.limit:
            self._people.popitem(last=False)
        return Session(new, self._csrf(new), person, fresh=True)

    def close(self, session: Session) -> None:
        self._people.pop(session.id, None)

    def _nameless(self) -> Session:
        new = secrets.token_urlsafe(32)
        return Session(new, self._csrf(new), fresh=True)

    def _csrf(self, cookie: str) -> str:
        return hmac.new(self._secret, cookie.encode(), hashlib.sha256).hexdigest()


@dataclass
class Desktop:
    """Statements laid before people, by a random id; each is good once, for ten minutes, in its own session."""

    settings: Settings
    limit: int = 500
    _waiting: OrderedDict[str, Waiting] = field(default_factory=OrderedDict, repr=False)

    def lay(self, session: Session, kind: str, answer: Json, back: str) -> str:
        """Keep a statement until it is signed. Returns its id."""
        until = self.settings.clock() + timedelta(minutes=10)
        new = secrets.token_urlsafe(16)
        self._waiting[new] = Waiting(session.id, kind, answer["statement"], answer["digest"], back, until)
        while len(self._waiting) > self.limit:
            self._waiting.popitem(last=False)
        return new

    def take(self, session: Session, which: str) -> Waiting | None:
        """The statement, once. None when it is unknown, too old, or another session's."""
        found = self._waiting.get(which)
        if found is None or found.session != session.id:
            return None
        del self._waiting[which]
        return found if self.settings.clock() <= found.until else None


@dataclass
class Turnstile:
    """Counts attempts per address in a sliding window, for addresses not seen too long ago; bounded. Of IPv6 the /56 counts as one:
    one line has that many addresses, and would begin anew with each."""

    settings: Settings
    limit: int = 4096
    attempts: int | None = None
    _tries: OrderedDict[str, list[datetime]] = field(default_factory=OrderedDict, repr=False)

    def turn(self, address: str) -> bool:
        """Count one attempt; False when there were too many."""
        now, address = self.settings.clock(), _site(address)
        start = now - timedelta(seconds=self.settings.sign_in_window)
        tries = [t for t in self._tries.pop(address, []) if t > start]
        full = len(tries) >= (self.attempts or self.settings.sign_in_attempts)
        if not full:
            tries.append(now)
        self._tries[address] = tries
        while len(self._tries) > self.limit:
            self._tries.popitem(last=False)
        return not full


def _site(address: str) -> str:
    """The address itself, or of IPv6 the prefix that one line has; what is no address stays as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found.packed, SITE), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


@dataclass
class Receipts:
    """Receipts just given, by the random name of the form they answer: a form sent twice by mistake opens one case. In memory alone."""

    limit: int = 200
    given: OrderedDict[str, Json] = field(default_factory=OrderedDict, repr=False)

    def keep(self, form: str, receipt: Json) -> None:
        self.given[form] = receipt
        while len(self.given) > self.limit:
            self.given.popitem(last=False)
