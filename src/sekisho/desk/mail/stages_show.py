"""What the mail server is answered: each permit's stage, what it was asked and put off, and the counts hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sekisho.desk import held_accounts, permits
from sekisho.desk.mail.policy_told import figures, in_force
from sekisho.desk.policy_words import Answered
from sekisho.desk.world import World
from sekisho.effects.sender_limit import DEFER, MEASURE, BadScope, compile_limit
from sekisho.law.canonical import plain
from sekisho.measures.held_sender_notice import HeldSenderNotice

SILENT = timedelta(seconds=15)
"""So long after the last word nobody knows whether the mail server is answered."""
DAY = 24


@dataclass(frozen=True)
class MailStages:
    """Asked by people."""


def carry_out(world: World, _request: MailStages) -> Mapping[str, Any]:
    """{"listen", "state": "not-set-up" | "silent" | "down" | "well", "down", "at", "asked", "malformed", "closed": bool (mail waits when
    nobody answers, as a permit in force declares), "tells": bool (a permit lets owners be told), "held": as `held_accounts` counts,
    "stages": [{"permit", "measure", "step", "until", "since", "when_down", "asked", "refused", "failed", "answered": bool}],
    "hours": the last day's [{"hour", "accounts", "messages", "most", "bulk", "refused"}]}."""
    now, told = world.clock.now(), world.policy
    fresh = told is not None and now - told.at <= SILENT
    answered = {s.permit: s for s in told.told.stages} if told and fresh else {}
    stages: list[dict[str, Any]] = []
    for permit, _ in in_force(world, now):
        try:
            limit = compile_limit(permit)
        except BadScope as no:
            stages.append({"permit": permit.id, "measure": permit.measure, "step": permit.step.name, "bad": no.where})
            continue
        one = answered.get(permit.id, Answered(permit.id))
        stages.append({
            "permit": permit.id,
            "measure": permit.measure,
            "step": permit.step.name,
            "until": permit.until,
            "since": told.since.get(permit.id) if told else None,
            "when_down": limit.when_down,
            "asked": one.asked,
            "refused": one.refused,
            "failed": one.failed,
            "answered": permit.id in answered,
        })  # fmt: skip
    found = {
        "listen": world.settings.policy.listen,
        "state": _state(world, fresh=fresh),
        "down": told.told.down if told and fresh else "",
        "at": told.at if told else None,
        "asked": told.told.asked if told else 0,
        "malformed": told.told.malformed if told else 0,
        "tells": any(p.measure == HeldSenderNotice.name for p, _ in permits.living(world, now)),
        "held": held_accounts.counted(world, now),
        "closed": any(s.get("when_down") == DEFER for s in stages),
        "stages": stages,
        "hours": figures(world, MEASURE)[-DAY:],
    }
    return dict(plain(found))


def _state(world: World, *, fresh: bool) -> str:
    if not fresh or world.policy is None:
        return "silent" if world.settings.policy.listen else "not-set-up"
    return "down" if world.policy.told.down else "well"
