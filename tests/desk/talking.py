"""Masked talks in one office: two people invited, both agreed, the talk opened and approved, and mails as their mail servers bring them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import Any

from sekisho.desk import campaigns, invitations, talks
from sekisho.desk.commitment import ordered
from sekisho.desk.draft import Paper
from sekisho.desk.messages.files import read_campaign
from sekisho.law.campaign import Recipient
from sekisho.law.talk import Fate, OpenTalk, ReadHeld, SettleHeld
from sekisho.law.words import Role
from tests.desk.inviting import answer
from tests.desk.mailing import papers
from tests.desk.office import EXAMPLES, Office

TWO = EXAMPLES / "campaigns" / "two-people"
DOMAIN = "talk.example.net"
BEFORE = {"purposes": ("masked-talk",), "text": "1" * 64, "shown": "2026-04-01"}


@dataclass(frozen=True)
class Talk:
    """An open talk: both people and their aliases, in the order of the sides, the codes of their invitation, and its permit."""

    id: str
    people: tuple[Recipient, ...]
    aliases: tuple[str, ...]
    codes: tuple[str, ...]
    invitation: str
    permit: str


def prepare(office: Office, folder: Path) -> Path:
    """Name the domain of aliases and a mailbox for them to a closed office; the mailbox."""
    box = folder / "talks"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True, exist_ok=True)
    settings = office.home / "sekisho.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[mail]\n", f'[mail]\ntalks = "{box}"\ntalk_domain = "{DOMAIN}"\n'), encoding="utf-8")
    return box


def invited(office: Office, **changed: Any) -> tuple[str, tuple[str, ...], tuple[Recipient, ...]]:
    """The invitation, approved; each one's code, and both people, in the order of the set."""
    office.watch.wind(seconds=1)
    said, listed = read_campaign(TWO, office.settings.mail.sender, office.keys["desk"].person, office.watch.at)
    window = {"since": office.watch.at - timedelta(minutes=1), "until": office.watch.at + timedelta(days=1)}
    said = replace(said, **{**window, **changed})
    made = office.terminal.call("submit-campaign", campaign=said, recipients=listed, signature=office.keys["desk"].sign(said))
    papers(office, made["plan"])
    assert len(office.approve(made["plan"], "reviewer-a")) == 1
    with office.turn() as world:
        leaves = campaigns.leaves(world, made["campaign"])
        codes = tuple(invitations.code(world, made["campaign"], leaf) for leaf in leaves)
    return made["campaign"], codes, tuple(person for _, person in ordered(listed))


def opened(office: Office, invitation: str, who: str = "desk") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = OpenTalk(invitation, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("open-talk", opening=words, signature=office.keys[who].sign(words)))


def laid(office: Office, plan: str) -> None:
    """What people were told of the purpose when their data were taken."""
    office.watch.wind(seconds=1)
    key, kinds = office.keys["officer"], {n: k.vouchers for n, k in office.world.book.kinds.items()}
    piece = Paper("purpose-text", BEFORE, Role.OFFICER, "5" * 64).laid_in("masked-talk", key.person, office.watch.at, kinds)
    office.terminal.call("supply", plan=plan, evidence=piece, signature=key.sign(piece))


def begun(office: Office) -> Talk:
    """Invited, agreed by both, opened, confirmed by the legal officer and approved by a reviewer."""
    invitation, codes, people = invited(office)
    for code, person in zip(codes, people, strict=True):
        answer(office, invitation, code, language=person.language)
    made = opened(office, invitation)
    laid(office, made["plan"])
    office.confirm(made["plan"])
    (permit,) = office.approve(made["plan"], "reviewer-a")
    with office.turn() as world:
        aliases = talks.get(world, made["talk"]).aliases
    return Talk(made["talk"], people, tuple(f"{alias}@{DOMAIN}" for alias in aliases), codes, invitation, permit)


def mail(talk: Talk, writer: int, text: str, number: int = 1, **headers: str) -> bytes:
    """What a side writes to the other's alias, as our mail server stores it."""
    made = EmailMessage(policy=MAIL_POLICY)
    to = talk.aliases[1 - writer]
    server = talk.people[writer].mail.partition("@")[2]
    own = {"From": talk.people[writer].mail, "To": to, "Subject": "x", "Message-ID": f"<{number}@{server}>"}
    for name, value in {**own, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        made[name] = value
    made.set_content(text)
    return f"X-Original-To: {to}\nDelivered-To: {to}\nReceived: from mx.{server}\n".encode() + made.as_bytes().replace(b"\r\n", b"\n")


def put(box: Path, *raws: bytes) -> None:
    """Into the mailbox, as a mail server puts it there."""
    for raw in raws:
        number = len(list((box / "new").iterdir())) + len(list((box / "cur").iterdir()))
        (box / "tmp" / "x").write_bytes(raw)
        (box / "tmp" / "x").rename(box / "new" / f"{number:05}.{hash(raw) & 0xFFFF}")


def held(office: Office) -> list[dict[str, Any]]:
    return [dict(h) for h in office.terminal.call("held-mails")]


def read_held(office: Office, name: str, who: str = "desk") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = ReadHeld(name, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("read-held-mail", reading=words, signature=office.keys[who].sign(words)))


def settled(office: Office, name: str, fate: Fate, without: Sequence[int] = (), who: str = "desk") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = SettleHeld(name, fate, tuple(without), office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("settle-held-mail", settling=words, signature=office.keys[who].sign(words)))
