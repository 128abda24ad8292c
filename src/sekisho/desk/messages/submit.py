"""A campaign is submitted: looked over byte by byte, its recipients sealed and committed to, and laid before somebody else as a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk.campaign_look import every_fault
from sekisho.desk.messages import entering
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.campaign import MAY_SUBMIT, Campaign, Recipient

MOST_FAULTS = 50


@dataclass(frozen=True)
class Submit:
    """The campaign as its submitter signs it, and the people it goes to: in any order, each once."""

    campaign: Campaign
    recipients: tuple[Recipient, ...]
    signature: Signature


def carry_out(world: World, request: Submit) -> Mapping[str, Any]:
    """{"campaign", "plan", "digest", "persons", "left_out"}. Raises No; what is wrong in the mail itself is listed with where."""
    said, now = request.campaign, world.clock.now()
    signed_now(world, request.signature, said, *MAY_SUBMIT)
    entering.complete(world, said, now)
    people = entering.set_of(said, request.recipients)
    if found := every_fault(said, request.recipients, world.settings.console.url):
        raise No("campaign-leaks", faults=found[:MOST_FAULTS], count=len(found))
    return entering.enter(world, said, people, {"signature": request.signature}, now)
