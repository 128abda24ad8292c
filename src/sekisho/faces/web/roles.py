"""Who may open which page and start which action: one table, and nothing else decides it in the console.

`keep` checks every signature again; this table only spares people doors that would not open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sekisho.law.campaign import MAY_LOSE
from sekisho.law.contractor import MAY_SHUT
from sekisho.law.entrustment import MAY as MAY_MOVE
from sekisho.law.entrustment import What
from sekisho.law.reply import MAY_READ
from sekisho.law.talk import MAY_READ as MAY_READ_HELD
from sekisho.law.words import Role


class Use(StrEnum):
    """A page or an action of the console."""

    OVERVIEW = "overview"
    MEASURES = "measures"
    BOOK = "book"
    DECISION = "decision"
    APPROVALS = "approvals"
    PERMITS = "permits"
    TRAFFIC = "traffic"
    LEDGER = "ledger"
    ENTRY = "entry"
    PEOPLE = "people"
    MAILBOX = "mailbox"
    COMMENT = "comment"
    LAY_EVIDENCE = "lay-evidence"
    CONFIRM = "confirm"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    LOOK = "look"
    OPEN_LINE = "open-line"
    SIGN = "sign"
    ENVELOPES = "envelopes"
    REVIEW_USE = "review-use"
    ENTRUSTMENTS = "entrustments"
    APPROVE_ENTRUSTMENT = "approve-entrustment"
    STOP_ENTRUSTMENT = "stop-entrustment"
    CAMPAIGNS = "campaigns"
    LEAVE_OUT = "leave-out"
    REPLIES = "replies"
    SHUT_ADMISSION = "shut-admission"
    TALKS = "talks"
    HELD_MAILS = "held-mails"
    PROCEDURES = "procedures"
    CASE_WORK = "case-work"
    CASE_MOVE = "case-move"
    HOLD = "hold"
    SEE_SENDER = "see-sender"
    OFFICER_ORDER = "officer-order"
    STOP_BOARD = "stop-board"
    EVENT = "event"
    END_EVENT = "end-event"
    ANYBODY = "anybody"


STAFF = frozenset(
    {
        Role.ENGINEER,
        Role.DESK,
        Role.HELP_DESK,
        Role.REVIEWER,
        Role.OFFICER,
        Role.WINDOW,
        Role.KEY_HOLDER,
        Role.AUDITOR,
    }
)
REVIEWING = frozenset({Role.REVIEWER, Role.OUTSIDE_REVIEWER, Role.OFFICER})
CONCERNED = frozenset({Role.SUBSCRIBER})
CASE_DESK = frozenset({Role.DESK, Role.HELP_DESK, Role.OFFICER, Role.WINDOW})

MAY: Mapping[Use, frozenset[Role]] = {
    Use.OVERVIEW: STAFF,
    Use.MEASURES: STAFF,
    Use.BOOK: STAFF | {Role.OUTSIDE_REVIEWER},
    Use.DECISION: STAFF | {Role.OUTSIDE_REVIEWER},
    Use.APPROVALS: REVIEWING | {Role.WINDOW},
    Use.PERMITS: STAFF,
    Use.TRAFFIC: frozenset({Role.ENGINEER, Role.DESK, Role.REVIEWER, Role.OFFICER, Role.AUDITOR}),
    Use.LEDGER: STAFF | {Role.OUTSIDE_REVIEWER},
    Use.ENTRY: STAFF | {Role.OUTSIDE_REVIEWER},
    Use.PEOPLE: STAFF,
    Use.MAILBOX: STAFF | CONCERNED,
    Use.COMMENT: (STAFF - {Role.AUDITOR}) | {Role.OUTSIDE_REVIEWER},
    Use.LAY_EVIDENCE: STAFF - {Role.AUDITOR},
    Use.CONFIRM: frozenset({Role.OFFICER}),
    Use.APPROVE: REVIEWING,
    Use.WITHDRAW: frozenset({Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW}),
    Use.LOOK: frozenset({Role.ENGINEER, Role.DESK}),
    Use.OPEN_LINE: frozenset({Role.DESK, Role.HELP_DESK}),
    Use.SIGN: frozenset(Role) - {Role.AUDITOR},
    Use.ENVELOPES: STAFF,
    Use.REVIEW_USE: frozenset({Role.REVIEWER, Role.OFFICER}),
    Use.ENTRUSTMENTS: STAFF,
    Use.APPROVE_ENTRUSTMENT: MAY_MOVE[What.APPROVED],
    Use.STOP_ENTRUSTMENT: MAY_MOVE[What.SUSPENDED],
    Use.CAMPAIGNS: STAFF,
    Use.LEAVE_OUT: frozenset(MAY_LOSE),
    Use.REPLIES: frozenset(MAY_READ),
    Use.SHUT_ADMISSION: frozenset(MAY_SHUT),
    Use.TALKS: STAFF,
    Use.HELD_MAILS: frozenset(MAY_READ_HELD),
    Use.PROCEDURES: CASE_DESK | {Role.REVIEWER, Role.AUDITOR},
    Use.CASE_WORK: CASE_DESK,
    Use.CASE_MOVE: CASE_DESK | {Role.REVIEWER},
    Use.HOLD: frozenset({Role.OFFICER, Role.WINDOW}),
    Use.SEE_SENDER: frozenset({Role.DESK, Role.OFFICER, Role.WINDOW}),
    Use.OFFICER_ORDER: frozenset({Role.OFFICER}),
    Use.STOP_BOARD: STAFF - {Role.AUDITOR, Role.KEY_HOLDER},
    Use.EVENT: STAFF,
    Use.END_EVENT: frozenset({Role.OFFICER, Role.WINDOW}),
    Use.ANYBODY: frozenset(Role),
}


def allowed(use: Use, roles: Iterable[str]) -> bool:
    """Whether any of these roles opens this door. Unknown roles open none."""
    return bool({r.value for r in MAY[use]} & set(roles))


def openers(use: Use) -> list[str]:
    """The roles that open this door, in the order of the law's list."""
    return [r.value for r in Role if r in MAY[use]]


OF_ONE_PLAN = frozenset({Use.DECISION, Use.APPROVE, Use.COMMENT})
"""What somebody asked about one plan may do: read that plan, say something about it, approve it."""
BESIDE = frozenset({Use.SIGN, Use.BOOK, Use.ENTRY, Use.ANYBODY})
"""And what goes with it: sign what was laid before them, read the law, and the entries of that plan, which `of_plan` picks."""


def within_plan(use: Use, only_plan: str, named: str) -> bool:
    """Whether somebody bound to one plan may go through this door; `named` is the id in its path."""
    return not only_plan or use in BESIDE or (use in OF_ONE_PLAN and named == only_plan)


def of_plan(ids: Mapping[str, str], plan: str, permits: Iterable[str]) -> bool:
    """Whether a ledger entry with these ids is about this plan, or about one of its permits."""
    return ids.get("plan") == plan or ("plan" not in ids and ids.get("permit") in set(permits))
