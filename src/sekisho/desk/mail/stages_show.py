"""What the mail server is answered: each permit's stage, what it was asked and put off, and the counts hour by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import held_accounts
from sekisho.desk.mail import agreeing
from sekisho.desk.mail.policy_told import figures, in_force
from sekisho.desk.mail_stages import STAGES, compile_stage
from sekisho.desk.policy_words import Answered
from sekisho.desk.world import World
from sekisho.effects import alike, hijack, sending_log
from sekisho.effects.mail_stage import DEFER, END_OF_MESSAGE, RCPT, BadScope
from sekisho.effects.sender_label import MOMENT as LABELLED
from sekisho.effects.sender_limit import MEASURE
from sekisho.law.canonical import plain
from sekisho.measures.alike_accounts import whole
from sekisho.measures.hijack_signs import log_signs, signs
from sekisho.measures.registry import EVERY

SILENT = timedelta(seconds=15)
"""So long after the last word nobody knows whether the mail server is answered."""
DAY = 24
ALIKE = ("groups", "grouped", "grouped_messages", "seen", "unknown", "settled", "matched")
SIGNS = ("signs", "crowded", "jumped", "signs_messages", "seen", "unknown", "settled", "matched")
LOGGED = ("log_signs", "refusing", "guessed", "log_seen", "recipients", "nobodys", "failures", "settled", "matched")


@dataclass(frozen=True)
class MailStages:
    """Asked by people."""


def carry_out(world: World, _request: MailStages) -> Mapping[str, Any]:
    """{"listen", "state": "not-set-up" | "silent" | "down" | "well", "down", "at", "asked", "malformed", "closed": bool (mail waits at its
    end when nobody answers, as a permit in force declares), "recipients": the same at each recipient; None, no stage is asked then,
    "tells": bool (the owners of whatever is held may be told), "held": as `held_accounts` counts, "stages": [{"permit", "measure", "title",
    "step", "until", "since", "when_down", "moment", "asked", "refused", "failed", "answered": bool, "agreed": how many recipients agreed
    to it, None for a stage about others, "hours": the last day's [{"hour", "asked", "refused", "found": what it alone counts}]}],
    "labels": where the mail server shows its mails and by whom labels are signed; None where no permit for labels is in force,
    "hours": the last day's [{"hour", "accounts", "messages", "most", "bulk", "refused"}] of the sending limit, "alike": the last day's
    [{"hour", "groups", "grouped", "grouped_messages", "seen", "unknown", "settled", "matched"}] of accounts that act alike, "signs":
    the last day's [{"hour", "signs", "crowded", "jumped", "signs_messages", "seen", "unknown", "settled", "matched"}] of a hijack,
    "logged": the same of its log: [{"hour", "log_signs", "refusing", "guessed", "log_seen", "recipients", "nobodys", "failures",
    "settled", "matched"}], "log": False where a permit lets the log be read and the settings name none}."""
    now, told = world.clock.now(), world.policy
    fresh = told is not None and now - told.at <= SILENT
    answered = {s.permit: s for s in told.told.stages} if told and fresh else {}
    stages: list[dict[str, Any]] = []
    counted = {m: figures(world, m) for m in sorted({m for m, _ in STAGES})}
    for permit, _ in in_force(world, now):
        named = {"permit": permit.id, "measure": permit.measure, "title": EVERY[permit.measure].title, "step": permit.step.name}
        try:
            stage = compile_stage(permit)
        except BadScope as no:
            stages.append({**named, "bad": no.where})
            continue
        one = answered.get(permit.id, Answered(permit.id))
        stages.append({
            **named,
            "until": permit.until,
            "since": told.since.get(permit.id) if told else None,
            "when_down": stage.when_down,
            "moment": stage.moment,
            "asked": one.asked,
            "refused": one.refused,
            "failed": one.failed,
            "answered": permit.id in answered,
            "agreed": None if (agreed := agreeing.agreed(world, permit, now)) is None else len(agreed),
            "hours": _hours(counted[permit.measure], permit.id),
        })  # fmt: skip
    policy, early = world.settings.policy, [s for s in stages if s.get("moment") == RCPT]
    found = {
        "listen": policy.listen,
        "state": _state(world, fresh=fresh),
        "down": told.told.down if told and fresh else "",
        "at": told.at if told else None,
        "asked": told.told.asked if told else 0,
        "malformed": told.told.malformed if told else 0,
        "tells": _tells(world, now),
        "held": held_accounts.counted(world, now),
        "closed": any(s.get("when_down") == DEFER for s in stages if s.get("moment") == END_OF_MESSAGE),
        "recipients": any(s["when_down"] == DEFER for s in early) if early else None,
        "stages": stages,
        "labels": {"milter": policy.milter, "by": policy.label_by} if any(s.get("moment") == LABELLED for s in stages) else None,
        "hours": [{n: v for n, v in row.items() if n != "of"} for row in counted[MEASURE][-DAY:]],
        "alike": [{"hour": r["hour"], **{n: said[n] for n in ALIKE}} for r in counted[alike.MEASURE][-DAY:] if (said := whole(r))],
        "signs": [{"hour": r["hour"], **{n: said[n] for n in SIGNS}} for r in counted[hijack.MEASURE][-DAY:] if (said := signs(r))],
        "logged": [{"hour": r["hour"], **{n: said[n] for n in LOGGED}} for r in counted[hijack.MEASURE][-DAY:] if (said := log_signs(r))],
        "log": policy.mail_log is not None or not any(s["step"] in (sending_log.COUNT_LOG, sending_log.HOLD_LOG) for s in stages),
    }
    return dict(plain(found))


def _tells(world: World, now: datetime) -> bool:
    """Whether whoever is held now, by whatever is in force, can be told; while nobody can be held, whether a permit to tell lives."""
    tells = held_accounts.telling(world, now)
    holding = {(p.measure, p.step.name) for p, _ in in_force(world, now)} & set(held_accounts.HOLDERS)
    return holding <= set(tells) if holding else bool(tells)


def _hours(rows: Sequence[Mapping[str, Any]], permit: str) -> list[dict[str, Any]]:
    """What one permit was asked and put off, hour by hour."""
    mine = ((row["hour"], row.get("of", {}).get(permit)) for row in rows[-DAY:])
    return [{"hour": hour, "asked": of["asked"], "refused": of["refused"], "found": of.get("found", {})} for hour, of in mine if of]


def _state(world: World, *, fresh: bool) -> str:
    if not fresh or world.policy is None:
        return "silent" if world.settings.policy.listen else "not-set-up"
    return "down" if world.policy.told.down else "well"
