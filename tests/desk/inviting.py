"""Invitations in one office: the example, approved, and the codes that its mails hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sekisho.desk import campaigns, invitations
from sekisho.desk.commitment import ordered, root
from sekisho.desk.messages.files import read_campaign
from sekisho.law.campaign import Campaign, Recipient
from tests.desk.mailing import papers
from tests.desk.office import EXAMPLES, Office

NEWS = EXAMPLES / "campaigns" / "race-news"
SENDER = {"address": "192.0.2.7", "port": 40007}


def people(count: int) -> tuple[Recipient, ...]:
    """So many, in two languages, none of whom there is."""
    return tuple(Recipient(f"guest{n}@mail.example", f"Guest {n}", "ja" if n % 2 else "en", f"{n:064x}") for n in range(count))


def written(office: Office, count: int = 4, **changed: Any) -> tuple[Campaign, tuple[Recipient, ...]]:
    """The example, open from a minute ago for a day, to so many."""
    said, _ = read_campaign(NEWS, office.settings.mail.sender, office.keys["desk"].person, office.watch.at)
    listed = people(count)
    own = {"recipients": root([leaf for leaf, _ in ordered(listed)]), "persons": count}
    window = {"since": office.watch.at - timedelta(minutes=1), "until": office.watch.at + timedelta(days=1)}
    return replace(said, **{**own, **window, **changed}), listed


def submitted(office: Office, count: int = 4, **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    said, listed = written(office, count, **changed)
    return dict(office.terminal.call("submit-campaign", campaign=said, recipients=listed, signature=office.keys["desk"].sign(said)))


def invited(office: Office, count: int = 4, **changed: Any) -> tuple[str, list[str], str]:
    """Approved: the campaign, each one's code as their mail has it, and the permit."""
    made = submitted(office, count, **changed)
    papers(office, made["plan"])
    (permit,) = office.approve(made["plan"], "reviewer-a")
    name = made["campaign"]
    with office.turn() as world:
        return name, [invitations.code(world, name, leaf) for leaf in campaigns.leaves(world, name)], permit


def answer(office: Office, name: str, code: str, do: str = "agree", language: str = "ja") -> dict[str, Any]:
    told = {"question": name, "code": code, "do": do, "language": language, "sender": SENDER}
    return dict(office.channel("show").call("answer-question", **told))
