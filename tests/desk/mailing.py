"""Campaigns in one office: written, approved, sent through a real Postfix into a real sink."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sekisho.desk.commitment import ordered, root
from sekisho.desk.draft import Paper
from sekisho.desk.messages.files import read_campaign
from sekisho.law.campaign import Campaign, Recipient
from sekisho.law.words import Role, Value
from tests.desk.office import EXAMPLES, Office

NOTICE = EXAMPLES / "campaigns" / "race-notice"
PAPERS: tuple[tuple[str, dict[str, Value]], ...] = (
    ("origin", {"what": "entry forms of the race", "from_communication": False}),
    ("purpose-text", {"purposes": ("campaign",), "text": "1" * 64, "shown": "2026-04-01"}),
)


def people(count: int) -> tuple[Recipient, ...]:
    """So many, in two languages, none of whom there is."""
    said = [(f"runner{n}@mail.example", f"髙﨑 走者{n:05}号", "ja" if n % 3 else "en") for n in range(count)]
    return tuple(Recipient(mail, name, lang, f"{n:064x}", {"number": f"A-{n:05}"}) for n, (mail, name, lang) in enumerate(said))


def set_up(office: Office, port: int, **more: Any) -> None:
    """Point a closed office at a mail server; its clock is set to today's, as the server's log is."""
    lines = [f"port = {port}", *(f"{k} = {v if isinstance(v, int) else chr(34) + str(v) + chr(34)}" for k, v in more.items())]
    with (office.home / "sekisho.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    set_up_clock(office)


def set_up_clock(office: Office) -> None:
    office.watch.at = datetime.now(UTC)


def signing_key(folder: Path) -> tuple[Path, bytes]:
    """The file of a new DKIM key, and its public half as DNS would say it."""
    key, path = generate_private_key(65537, 2048), folder / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().splitlines()[1:-1]
    return path, f"v=DKIM1; k=rsa; p={''.join(public)}".encode()


def written(office: Office, who: str = "desk", **changed: Any) -> tuple[Campaign, tuple[Recipient, ...]]:
    """The example, open from a minute ago for a day."""
    said, listed = read_campaign(NOTICE, office.settings.mail.sender, office.keys[who].person, office.watch.at)
    window: dict[str, Any] = {"since": office.watch.at - timedelta(minutes=1), "until": office.watch.at + timedelta(days=1)}
    if "people" in changed:
        listed = changed.pop("people")
        window |= {"recipients": root([leaf for leaf, _ in ordered(listed)]), "persons": len(listed)}
    return replace(said, **{**window, **changed}), listed


def submit(office: Office, who: str = "desk", **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    said, listed = written(office, who, **changed)
    return dict(office.terminal.call("submit-campaign", campaign=said, recipients=listed, signature=office.keys[who].sign(said)))


def papers(office: Office, plan: str, who: str = "officer", role: Role = Role.OFFICER) -> None:
    """What only people can say: where the addresses come from, and what for."""
    for kind, value in PAPERS:
        office.watch.wind(seconds=1)
        key = office.keys[who]
        kinds = {n: k.vouchers for n, k in office.world.book.kinds.items()}
        laid = Paper(kind, value, role, "5" * 64).laid_in("campaign", key.person, office.watch.at, kinds)
        office.terminal.call("supply", plan=plan, evidence=laid, signature=key.sign(laid))


def approved(office: Office, **changed: Any) -> dict[str, Any]:
    """Submitted by the desk, approved by a reviewer; with its permit."""
    made = submit(office, **changed)
    papers(office, made["plan"])
    (permit,) = office.approve(made["plan"], "reviewer-a")
    return {**made, "permit": permit}


def shown(office: Office, campaign: str) -> dict[str, Any]:
    return dict(office.terminal.call("campaign", campaign=campaign))


def may_tell(office: Office, measure: str = "stop-notice") -> str:
    """A living permit to tell people of stops, or to write one mail by another measure: proposed, its papers laid in, its text adopted,
    approved; the permit."""
    office.watch.wind(seconds=1)
    plan = office.propose(measure)
    office.supply(plan, measure)
    office.adopt(plan, measure)
    (permit,) = office.approve(plan, "reviewer-a")
    return permit


def answered(raw: bytes, first_line: str, **headers: str) -> bytes:
    """What a person's mail program makes of "reply" to this mail, with one line typed above what it quotes."""
    told = message_from_bytes(raw, policy=MAIL_POLICY)
    body = told.get_body(("plain",))
    assert body is not None
    reply = EmailMessage(policy=MAIL_POLICY)
    reply["From"], reply["To"] = str(told["To"]), str(told["Reply-To"])
    reply["Subject"] = f"Re: {told['Subject']}"
    reply["In-Reply-To"] = str(told["Message-ID"])
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    quoted = "".join(f"> {line}\n" for line in body.get_content().splitlines())
    reply.set_content(f"{first_line}\n\nOn some day somebody wrote:\n{quoted}")
    return reply.as_bytes()
