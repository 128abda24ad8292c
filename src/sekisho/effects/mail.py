"""One mail to one person by SMTP (RFC 5321): one envelope per recipient, always, and no other address in any byte.

The steps of `send`, as the docs number them:
 (1) compose, lint and sign: nothing is opened for a message that is not safe
 (2) connect, with TLS and sign-in as configured
 (3) MAIL FROM, then exactly one RCPT TO
 (4) may it still? if not: RSET, nothing was sent
 (5) DATA, and again: may it still? if not: the connection is dropped before the first octet, nothing was sent
 (6) the message and its final dot; what breaks from here on is `unknown`
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from enum import StrEnum

import aiosmtplib

from sekisho.effects.order import DIRECTIONS, LOCAL, MAILBOX, UNSEEN, Order, Outcome, Receipt, Rendered, Stopped, Unsendable
from sekisho.effects.order import message_id as identity

MOST_BODY = 64 * 1024
MOST_SUBJECT = 200
MOST_NAME = 100
HEADERS = frozenset(
    {
        "from",
        "to",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "content-language",
        "content-type",
        "content-transfer-encoding",
        "mime-version",
    }
)
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
MayStill = Callable[[], Awaitable[None]]


class Tls(StrEnum):
    """How the way to the relay is protected. There is no "if the server happens to offer it"."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class Stage(StrEnum):
    """How far a conversation got."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    PERMIT = "permit"
    DATA = "data"
    HANDED_OVER = "handed-over"


def unsigned(offered: bytes) -> bytes:
    """For a domain that has no key."""
    return offered


@dataclass(frozen=True)
class Relay:
    """The operator's mail server, the sender's own addresses, and what signs for their domain.

    Seconds; `answer_seconds` is the wait for the answer to the final dot.
    """

    host: str
    port: int
    sender: str
    sender_name: str
    helo: str
    reply_to: str = ""
    tls: Tls = Tls.NONE
    ca_file: str | None = None
    username: str | None = None
    password: str | None = None
    seconds: float = 30
    answer_seconds: float = 600  # RFC 5321 4.5.3.2.6
    sign: Callable[[bytes], bytes] = unsigned


@dataclass(frozen=True)
class Recipient:
    """The one person a mail goes to."""

    mail: str
    name: str = ""

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "Recipient(...)"


def _now() -> datetime:
    return datetime.now(UTC)


async def send(
    order: Order, recipient: Recipient, text: Rendered, relay: Relay, may_still: MayStill, now: Callable[[], datetime] = _now
) -> Receipt:
    """Offer one mail to the relay and say what came of it.

    `may_still` is awaited before DATA and again before the first octet of the message; whatever it raises stops the mail.
    Raises Unsendable, before anything is opened, when the parts make no safe message. A cancelled `send` has closed its
    connection; whoever cancelled it after `may_still` must take the outcome as unknown.
    """
    offered = relay.sign(compose(order, recipient, text, relay, now()))
    talk = _Talk(order, relay, offered, may_still, now)
    try:
        return await talk.hold(path_of(relay.sender), path_of(recipient.mail))
    finally:
        await talk.end()


def message_id(order_id: str, relay: Relay) -> str:
    """As `effects/order.py` makes it, of the sender's domain."""
    return identity(order_id, _split(relay.sender)[1])


def compose(order: Order, recipient: Recipient, text: Rendered, relay: Relay, at: datetime) -> bytes:
    """The bytes of one mail, linted. Raises Unsendable with the code of the part that is wrong."""
    message = EmailMessage(policy=MAIL_POLICY.clone(cte_type="7bit"))
    message["From"] = _address(relay.sender, relay.sender_name, "sender")
    message["To"] = _address(recipient.mail, recipient.name, "recipient")
    if relay.reply_to:
        message["Reply-To"] = _address(relay.reply_to, "", "reply-to")
    if not text.subject.strip() or not text.body.strip():
        raise Unsendable("empty")
    message["Subject"] = _line(text.subject, MOST_SUBJECT, "subject")
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(order.id, relay)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers, please
    message.set_content(_body(text.body), subtype="plain", charset="utf-8", cte="base64")
    message["Content-Language"] = _line(text.language, 20, "language")
    offered = message.as_bytes()
    lint(offered, recipient, relay)
    return offered


def lint(offered: bytes, recipient: Recipient, relay: Relay) -> None:
    """Read the bytes as a receiver would: our headers and no others, one recipient, one plain part, no address but the sender's and theirs.

    Raises Unsendable with a code: header, recipients, parts or foreign-address.
    """
    try:
        read = message_from_bytes(offered, policy=MAIL_POLICY)
        names = [name.lower() for name in read]
        addressed = [address.addr_spec for address in read["To"].addresses]
        body = read.get_content()
    except (MessageError, LookupError, ValueError, AttributeError, TypeError) as error:
        raise Unsendable("unreadable") from error
    if len(names) != len(set(names)) or not set(names) <= HEADERS or read.defects:
        raise Unsendable("header")
    if addressed != [_spec(recipient.mail)]:
        raise Unsendable("recipients")
    if read.is_multipart() or read.get_content_type() != "text/plain":
        raise Unsendable("parts")
    ours = {_spec(recipient.mail), _spec(relay.sender), read["Message-ID"].strip("<>")}
    ours |= {_spec(relay.reply_to)} if relay.reply_to else set()
    seen = "\n".join([offered.decode("ascii", "replace"), *(str(read[name]) for name in names), body])
    if _foreign(seen, ours):
        raise Unsendable("foreign-address")


def _foreign(seen: str, ours: set[str]) -> bool:
    """Is there an @ that belongs to none of our addresses? Full-width ones and what looks alike count."""
    plain = unicodedata.normalize("NFKC", seen)
    known = "|".join(re.escape(address) for address in sorted(ours, key=len, reverse=True))
    rest = re.sub(rf"(?<!{LOCAL})(?:{known})(?![A-Za-z0-9-]|\.[A-Za-z0-9])", "", plain, flags=re.IGNORECASE)
    return "@" in rest


def _split(mailbox: str, which: str = "recipient") -> tuple[str, str]:
    found = MAILBOX.fullmatch(mailbox)
    if found is None or len(mailbox) > 254:
        raise Unsendable(which)
    return found[1], found[2]


def _spec(mailbox: str) -> str:
    """As it stands in headers."""
    local, domain = _split(mailbox)
    return Address(username=local, domain=domain).addr_spec


def path_of(mailbox: str) -> bytes:
    """As it stands in MAIL and RCPT: a local part with stray dots, as old mobile addresses have, must be quoted there (RFC 5321 4.1.2)."""
    local, domain = _split(mailbox)
    if ".." in local or local.startswith(".") or local.endswith("."):
        local = f'"{local}"'
    return f"<{local}@{domain}>".encode("ascii")


def _address(mailbox: str, name: str, which: str) -> Address:
    local, domain = _split(mailbox, which)
    return Address(display_name=_line(name, MOST_NAME, f"{which}-name"), username=local, domain=domain)


def _line(value: str, most: int, which: str) -> str:
    """One line that stays one: no control, separator or direction character can start another header or hide one."""
    if len(value) > most or any(unicodedata.category(c) in UNSEEN or unicodedata.bidirectional(c) in DIRECTIONS for c in value):
        raise Unsendable(which)
    return value


def _body(body: str) -> str:
    if any(unicodedata.category(c) in UNSEEN and c not in "\n\t" for c in body) or len(body.encode()) > MOST_BODY:
        raise Unsendable("body")
    return body


class _Talk:
    """One SMTP conversation about one mail."""

    def __init__(self, order: Order, relay: Relay, offered: bytes, may_still: MayStill, now: Callable[[], datetime]) -> None:
        self.order, self.relay, self.offered, self.may_still, self.now = order, relay, offered, may_still, now
        self.stage = Stage.CONNECT
        self.in_step = False
        self.client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.helo,
            timeout=relay.seconds,
            use_tls=relay.tls is Tls.IMPLICIT,
            start_tls=relay.tls is Tls.STARTTLS,
            cert_bundle=relay.ca_file,
            username=relay.username,
            password=relay.password,
        )

    async def hold(self, sender: bytes, recipient: bytes) -> Receipt:
        """Steps (2) to (6). What the network does to us becomes a receipt, never an exception."""
        try:
            await self.client.connect()
            await self.client.ehlo()
            return await self._offer(sender, recipient)
        except Stopped as no:
            return self._receipt(Outcome.STOPPED, why=no.code)
        except aiosmtplib.SMTPResponseException as no:
            return self._broken(no.code if no.code > 0 else None, type(no).__name__)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as no:
            return self._broken(None, type(no).__name__)

    async def _offer(self, sender: bytes, recipient: bytes) -> Receipt:
        for stage, words in ((Stage.SENDER, (b"MAIL", b"FROM:" + sender)), (Stage.RECIPIENT, (b"RCPT", b"TO:" + recipient))):
            self.stage = stage
            said = await self.client.execute_command(*words)
            if said.code not in (250, 251):
                return self._said(said)
        self.stage = Stage.PERMIT
        try:
            await self._still()
        except Stopped:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self.client.execute_command(b"RSET")
                self.in_step = True
            raise
        self.stage = Stage.DATA
        said = await self.client.execute_command(b"DATA")
        if said.code != 354:
            return self._said(said)
        await self._still()  # after DATA there is no RSET: a connection that ends without the final dot delivers nothing (RFC 5321 4.1.1.4)
        return self._said(await self._hand_over())

    async def _still(self) -> None:
        """Raises Stopped when the order's time is over or its permit no longer carries it, or nobody can tell."""
        if self.now() >= self.order.not_after:
            raise Stopped("order-ended")
        try:
            await self.may_still()
        except Stopped:
            raise
        except Exception as error:
            raise Stopped(getattr(error, "code", type(error).__name__)) from error

    async def _hand_over(self) -> aiosmtplib.SMTPResponse:
        protocol = self.client.protocol
        if protocol is None or not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("gone before the message")
        stuffed = re.sub(rb"(?m)^\.", b"..", self.offered)
        self.stage = Stage.HANDED_OVER
        protocol.write(stuffed + b".\r\n")
        return await protocol.read_response(timeout=self.relay.answer_seconds)

    def _said(self, said: aiosmtplib.SMTPResponse) -> Receipt:
        self.in_step = True
        enhanced = ENHANCED.match(said.message)
        if said.code // 100 == 2:
            outcome = Outcome.ACCEPTED if self.stage is Stage.HANDED_OVER else Outcome.DEFERRED
        elif said.code // 100 == 5:
            outcome = Outcome.REFUSED
        elif said.code // 100 == 4:
            outcome = Outcome.DEFERRED
        else:
            outcome = Outcome.UNKNOWN if self.stage is Stage.HANDED_OVER else Outcome.DEFERRED
        return self._receipt(outcome, said.code, enhanced[0] if enhanced else "")

    def _broken(self, code: int | None, why: str) -> Receipt:
        """The conversation broke: before the hand-over nothing was delivered, after it nobody knows."""
        return self._receipt(Outcome.UNKNOWN if self.stage is Stage.HANDED_OVER else Outcome.DEFERRED, code, why=why)

    def _receipt(self, outcome: Outcome, code: int | None = None, enhanced: str = "", why: str = "") -> Receipt:
        digest = hashlib.sha256(self.offered).hexdigest()
        known_as = message_id(self.order.id, self.relay)
        return Receipt(self.order.id, outcome, self.stage.value, self.now(), known_as, digest, code, enhanced, why)

    async def end(self) -> None:
        """Take leave if the other side waits for a command; in any case close."""
        try:
            if self.in_step and self.client.is_connected:
                await self.client.execute_command(b"QUIT", timeout=2)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            pass  # the outcome is known already; a server that hangs up first is no news
        finally:
            self.client.close()
