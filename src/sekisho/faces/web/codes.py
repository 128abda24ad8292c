"""Codes into sentences. Everything the desk says as a code gets its words here; a code nobody wrote words for is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sekisho.faces.web import codes_access as access
from sekisho.faces.web import codes_campaign as campaign
from sekisho.faces.web import codes_cases as cases
from sekisho.faces.web import codes_desk as desk
from sekisho.faces.web import codes_entrust as entrust
from sekisho.faces.web import codes_event as event
from sekisho.faces.web import codes_law as law
from sekisho.faces.web import codes_talk as talk

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "effect-kind": access.EFFECT_KINDS,
    "effect-when": access.EFFECT_WHEN,
    "outcome": desk.OUTCOMES,
    "role": law.ROLES,
    "side": law.SIDES,
    "regime": law.REGIMES,
    "element": law.ELEMENTS,
    "touched": law.TOUCHED,
    "act": law.ACTS,
    "kind": law.KINDS,
    "axis": law.AXES,
    "ground": law.GROUNDS,
    "authority": law.AUTHORITIES,
    "certainty": law.CERTAINTIES,
    "voucher": law.VOUCHERS,
    "state": desk.STATES,
    "kernel": access.STATES,
    "panel-state": event.PANEL_STATES,
    "kernel-set": access.SETS,
    "at-resolver": access.AT_RESOLVER,
    "line-state": access.LINES,
    "mail-server": access.MAIL,
    "sender-state": access.SENDERS,
    "sender-notice": access.NOTICES,
    "when-down": access.DOWN,
    "envelope": desk.ENVELOPES,
    "entrustment": entrust.STATUSES,
    "field-class": entrust.CLASSES,
    "entrusted-action": entrust.ACTIONS,
    "again": entrust.AGAIN,
    "rung": entrust.RUNGS,
    "entrustment-move": entrust.MOVES,
    "hand-over": entrust.HAND_OVERS,
    "hand-over-why": entrust.HAND_OVER_WHY,
    "withheld": entrust.WITHHELD,
    "campaign": campaign.STATUSES,
    "mail-state": campaign.STATES,
    "mail-lost": campaign.LOST,
    "reply": campaign.REPLIES,
    "reply-answer": campaign.ANSWERS,
    "admission": campaign.ADMISSIONS,
    "talk": talk.TALKS,
    "talk-mail": talk.MAILS,
    "held-fate": talk.FATES,
    "handed-in": campaign.HANDED_IN,
    "tool": entrust.TOOLS,
    "tool-move": entrust.TOOL_MOVES,
    "drill-step": entrust.DRILL_STEPS,
    "drill-ran": entrust.DRILL_RAN,
    "due": entrust.DUE,
    "process": desk.PROCESSES,
    "proposer": desk.PROPOSERS,
    "measure": desk.MEASURES,
    "missing": desk.MISSING,
    "document": law.DOCUMENTS,
    "statement": desk.STATEMENTS,
    "entry": desk.ENTRIES,
    "why": desk.WHY,
    "notice": desk.NOTICES,
    "seen": desk.SEEN,
    "consent": desk.CONSENTS,
    "wrong": desk.WRONG,
    "check": law.CHECKS,
    "predicate": law.PREDICATES,
    "reason": desk.REASONS,
    "done": desk.DONE,
    "unit": cases.UNITS,
    "owed": cases.OWED,
    "when": cases.WHENS,
    "clock": cases.CLOCKS,
    "hold": cases.HOLDS,
    "opening": cases.OPENINGS,
    "sender-item": cases.SENDER_ITEMS,
    "lack": cases.LACKS,
    "public-statement": cases.PUBLIC_STATEMENTS,
    "call": cases.CALLS,
    "told-way": cases.TOLD_WAYS,
    "told-why": cases.TOLD_WHY,
    "scan": cases.SCANS,
    "addressee": cases.ADDRESSEES,
    "outside": cases.OUTSIDE,
    "report": cases.REPORT,
    "counted": cases.COUNTED,
})


def sentence(table: str, code: str) -> str:
    """The English message of a code, or the code itself when nobody wrote one."""
    return TABLES[table].get(code, code)
