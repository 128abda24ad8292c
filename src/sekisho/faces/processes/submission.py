"""The process that takes mailings of contractors by SMTP submission (RFC 6409, 4954), on this machine alone; TLS stands in front of it.

Who signs in does so with the token of an admission. Recipients are aliases: any other address is refused, and no list ever gets here.
It hears its clients and `keep`, connects to nobody and writes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sekisho.desk.messages.taking import MOST, NotAMailing, mailing
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.public import read_public
from sekisho.faces.processes.confine import confine, report
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now
from sekisho.faces.processes.policy import listen
from sekisho.law.contractor import ALIAS, EVERYBODY

HEAR = 5.0
PATIENCE = 60.0
MOST_OPEN = 50
LANGUAGE = "ja"
"""Of a text that does not say its own."""
REPLIES = {
    "too-many": "421 4.7.0 too many connections",
    "away": "451 4.3.0 cannot be taken just now; try later",
    "token": "535 5.7.8 this token opens nothing",
    "address": f"550 5.1.3 no addresses here: {EVERYBODY}@{{domain}}, or an alias of 16 digits and letters a-f",
    "sign-in": "530 5.7.0 sign in first",
}
STATUS = {"unknown-alias": "5.1.1", "too-many-today": "5.7.1", "unknown-token": "5.7.8", "admission-shut": "5.7.8"}
"""RFC 3463; what is wrong in the mail itself is 5.6.0."""


class Handler:
    """One submission after another. The token stays with the connection that brought it."""

    def __init__(self, world: Outside) -> None:
        self.world, self.domain = world, world.settings.submission.domain
        self.counters: Counter[str] = Counter()

    def sign_in(self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, said: Any) -> AuthResult:
        """The token is the password; the name is not looked at."""
        no = AuthResult(success=False, handled=False, message=REPLIES["token"])
        if mechanism not in ("PLAIN", "LOGIN") or not isinstance(said, LoginPassword):
            return no
        token = said.password.decode("ascii", "replace")
        try:
            self.world.keep.call("my-mailings", token=token)
        except KeepSaidNo as why:
            self.counters[why.code] += 1
            return no
        except KeepIsGone:
            return AuthResult(success=False, handled=False, message=REPLIES["away"])
        return AuthResult(success=True, auth_data=token)

    async def handle_MAIL(  # noqa: N802 - the names are those that aiosmtpd calls
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Nobody writes here who did not sign in; who they say they are is not looked at."""
        if not token_of(session):
            return REPLIES["sign-in"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """An alias, and no address."""
        local, _, domain = address.casefold().rpartition("@")
        if domain != self.domain or not (local == EVERYBODY or ALIAS.fullmatch(local)):
            self.counters["address-refused"] += 1
            return REPLIES["address"].format(domain=self.domain)
        envelope.rcpt_tos.append(local)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """From here on it lies with the desk; or the reply says what is to be changed."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        try:
            words = mailing(raw, self.domain, LANGUAGE)
            made = await asyncio.to_thread(
                self.world.keep.call, "hand-in", token=token_of(session), mailing=words, to=sorted(set(envelope.rcpt_tos))
            )
        except NotAMailing as why:
            self.counters[why.code] += 1
            return f"554 5.6.0 {why.code}: {why.detail}"
        except KeepSaidNo as why:
            self.counters[why.code] += 1
            return f"554 {STATUS.get(why.code, '5.6.0')} {why.code}{_what(why)}"
        except KeepIsGone:
            return REPLIES["away"]
        self.counters["handed-in"] += 1
        return f"250 2.0.0 {made['hand_in']}: {made['persons']} people, to be approved"


def token_of(session: Any) -> str:
    """What this connection signed in with; empty if with nothing."""
    return str(session.auth_data or "")


def _what(why: KeepSaidNo) -> str:
    """The first things to change, in ASCII, short enough for one line of a reply (RFC 5321 4.5.3.1.5)."""
    detail = why.detail
    found = [f"{f['code']} at {f['where']}" for f in detail.get("faults", ())] or [str(x) for v in detail.values() for x in _each(v)]
    said = "; ".join(found)[:300].encode("ascii", "replace").decode("ascii")
    return f": {said}" if said else ""


def _each(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


class Open:
    """So many connections at a time."""

    def __init__(self, handler: Handler, loop: asyncio.AbstractEventLoop) -> None:
        self.handler, self.loop, self.count = handler, loop, 0

    def __call__(self) -> SMTP:
        more = {"authenticator": self.handler.sign_in, "auth_require_tls": False}
        return _Counted(
            self, self.handler, hostname=self.handler.domain, data_size_limit=MOST, timeout=PATIENCE, ident="submission", **more
        )


class _Counted(SMTP):
    def __init__(self, among: Open, *args: Any, **named: Any) -> None:
        self.among = among
        super().__init__(*args, **named)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.among.count += 1
        if self.among.count > MOST_OPEN and isinstance(transport, asyncio.Transport):
            self.among.handler.counters["too-many-connections"] += 1
            transport.write(REPLIES["too-many"].encode() + b"\r\n")
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.among.count -= 1
        if self.transport is not None:
            super().connection_lost(error)


async def serve(handler: Handler, listening: socket.socket, ended: asyncio.Event) -> None:
    """Until told to end."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Open(handler, loop), sock=listening)
    async with server:
        while not ended.is_set():
            try:
                await asyncio.to_thread(handler.world.keep.call, "report", process="submission", counters=dict(handler.counters))
            except (KeepSaidNo, KeepIsGone):
                handler.counters["keep-is-gone"] += 1
            try:
                await asyncio.wait_for(ended.wait(), HEAR)
            except TimeoutError:
                continue


async def run(handler: Handler, listening: socket.socket) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await serve(handler, listening, ended)


def place(address: str) -> tuple[str, int]:
    """Host and port of the setting."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def main() -> None:
    """Started by the supervisor where contractors hand in by SMTP: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    world = Outside(settings, channel, read_public(settings.folder), now)
    listening = listen(*place(settings.submission.listen))
    files = confine(read=[], write=[])
    report("submission", files=files)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # at every sign-in aiosmtpd warns of a property that it alone sets
    end_with_parent()
    asyncio.run(run(Handler(world), listening))


if __name__ == "__main__":
    main()
