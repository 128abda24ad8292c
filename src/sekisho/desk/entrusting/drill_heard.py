"""Which functions of a tool a mail shows, that came to one of our made-up people in a drill. Pure.

 (1) it came: to who did the step, to somebody else, to who had left, to who never signed up
 (2) it shows others: as writer, as receivers, in another header, in a text or file
 (3) what else it holds: a picture fetched from elsewhere, a link to an archive, a link of the receiver's own, what was attached
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from sekisho.law.tool import Heard, Step
from sekisho.wire import mail_shown

WRITER = frozenset({"from", "sender", "reply-to", "return-path", "x-original-from", "original-from"})
RECEIVERS = frozenset({"to", "cc", "resent-to", "resent-cc", "delivered-to", "x-original-to"})
ATTACHED = "drill-attachment"
TO_SELF: Mapping[Step, str] = MappingProxyType({
    Step.SIGN_UP: "welcome-mail",
    Step.POST: "post-receipt",
    Step.REPLY: "post-receipt",
    Step.REPLY_ALL: "post-receipt",
    Step.FORWARD: "post-receipt",
    Step.DELETE: "delete-receipt",
    Step.UNSUBSCRIBE: "leaving-mail",
    Step.POST_AFTER: "post-receipt",
    Step.BOUNCE: "bounce-mail",
})  # fmt: skip
TO_OTHERS: Mapping[Step, str] = MappingProxyType({
    Step.SIGN_UP: "join-notice",
    Step.POST: "list-mail",
    Step.REPLY: "reply-to-all",
    Step.REPLY_ALL: "reply-to-all",
    Step.FORWARD: "forwarded-on",
    Step.DELETE: "delete-notice",
    Step.UNSUBSCRIBE: "leave-notice",
    Step.POST_AFTER: "list-mail",
    Step.BOUNCE: "bounce-notice",
})  # fmt: skip


@dataclass(frozen=True)
class Arrived:
    """One mail as the sink took it: the envelope's sender and one receiver, and every byte."""

    sender: str
    to: str
    raw: bytes


@dataclass(frozen=True)
class Circumstances:
    """`step` it belongs to, `actor` who did that step; who has `left`, and who never signed up (`strangers`). All by letter."""

    step: Step
    actor: str
    left: frozenset[str]
    strangers: frozenset[str]


def heard(mail: Arrived, people: Mapping[str, str], now: Circumstances) -> list[Heard]:
    """`people`: letter to address. What this mail shows, one entry for each function."""
    to = next(letter for letter, address in people.items() if address.casefold() == mail.to.casefold())
    digest = sha256(mail.raw).hexdigest()
    raw = b"Return-Path: <" + mail.sender.encode() + b">\r\n" + mail.raw
    others = {address: letter for letter, address in people.items() if letter != to}
    found: list[tuple[str, tuple[str, ...], str]] = [(_came(now, to), (), "envelope")]
    found += _shows(mail_shown.shown(raw, others), others)
    found += [(function, (), where) for function, where in _holds(mail, people[to])]
    return [Heard(now.step, function, now.actor, to, shows, where, digest) for function, shows, where in found]


def _came(now: Circumstances, to: str) -> str:
    """(1)"""
    if to in now.strangers:
        return "mail-to-strangers"
    if to in now.left and now.step is Step.POST_AFTER:
        return "mail-after-leaving"
    return TO_SELF[now.step] if to == now.actor else TO_OTHERS[now.step]


def _shows(places: Mapping[str, str], others: Mapping[str, str]) -> list[tuple[str, tuple[str, ...], str]]:
    """(2): one for each function, with all it shows."""
    by: dict[str, list[tuple[str, str]]] = {}
    for address, where in places.items():
        name = where.removeprefix("header ")
        function = "quotes-shown"
        if where.startswith("header ") or where == "bytes":
            function = "sender-shown" if name in WRITER else "recipients-shown" if name in RECEIVERS else "headers-shown"
        by.setdefault(function, []).append((others[address], where))
    return [(f, tuple(sorted(letter for letter, _ in found)), found[0][1]) for f, found in sorted(by.items())]


def _holds(mail: Arrived, own: str) -> Iterator[tuple[str, str]]:
    """(3)"""
    if mail_shown.counts_readers(mail.raw):
        yield "tracking-pixel", "text/html"
    if mail_shown.archived(mail.raw):
        yield "web-archive", "header list-archive"
    if ATTACHED in mail_shown.texts(mail.raw):
        yield "attachments-passed", "part"
    links = "\n".join(line for line in mail_shown.texts(mail.raw).splitlines() if "://" in line)
    if links and mail_shown.shown(b"\r\n" + links.encode(), [own]):
        yield "personal-links", "part"
