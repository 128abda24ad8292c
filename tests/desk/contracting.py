"""A contractor's named person in one office: admitted for a set of people, handing in mailings by a token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sekisho.desk.commitment import ordered, root
from sekisho.law.campaign import Recipient
from sekisho.law.contractor import Admission, Shut
from sekisho.law.entrustment import What
from tests.desk import mailing
from tests.desk.office import Office
from tests.desk.test_entrust import enter, move, row

TEXTS = {
    "ja": {
        "subject": "整列のご案内",
        "plain": "{{name}}様（{{number}}）\n整列は8時です。\n確認: {{check_code}} {{check_url}}\n配信停止: {{stop_url}}\n",
        "html": "",
    },
    "en": {
        "subject": "Line-up",
        "plain": "{{name}} ({{number}})\nLine up at 8.\nCheck: {{check_code}} {{check_url}}\nStop: {{stop_url}}\n",
        "html": "",
    },
}


def agency(office: Office, **changed: Any) -> str:
    """The agency's row, in force."""
    identity = enter(office, row(office, "agency", **changed))
    move(office, identity, What.APPROVED, "reviewer-a")
    return identity


def admission(office: Office, entrustment: str, people: tuple[Recipient, ...], who: str = "desk", **changed: Any) -> Admission:
    words = Admission(
        entrustment=entrustment,
        person="M. Sakurai",
        people="everybody who entered",
        announcement={"ja": "参加者の皆さまへのご案内です。", "en": "A notice to everybody who entered."},
        hosts=("race.example",),
        sender_name="Race office",
        reply_desk="desk@race.example",
        per_minute=3000,
        fields=("number",),
        recipients=root([leaf for leaf, _ in ordered(people)]),
        persons=len(people),
        by=office.keys[who].person,
        at=office.watch.at,
    )
    return replace(words, **changed)


def admit(office: Office, entrustment: str, people: tuple[Recipient, ...], who: str = "desk", **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = admission(office, entrustment, people, who, **changed)
    return dict(office.terminal.call("admit", admission=words, recipients=people, signature=office.keys[who].sign(words)))


def shut(office: Office, name: str, who: str = "reviewer-a", reason: str = "left the firm") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = Shut(name, reason, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("shut-admission", shut=words, signature=office.keys[who].sign(words)))


def hand_in(office: Office, token: str, to: tuple[str, ...] = ("everybody",), **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = {"name": "Line-up", "texts": TEXTS, **changed}
    return dict(office.channel("submission").call("hand-in", token=token, mailing=words, to=list(to)))


def mine(office: Office, token: str) -> dict[str, Any]:
    return dict(office.channel("submission").call("my-mailings", token=token))


def handed_in(office: Office) -> list[dict[str, Any]]:
    return [h for one in office.terminal.call("admissions") for h in one["handed_in"]]


def approved(office: Office, campaign: str) -> str:
    """Its papers laid in, and approved by a reviewer; its permit."""
    plan = mailing.shown(office, campaign)["plan"]
    mailing.papers(office, plan)
    (permit,) = office.approve(plan, "reviewer-a")
    return permit
