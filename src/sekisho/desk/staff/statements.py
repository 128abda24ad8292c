"""What people sign, made in one place: the same statement for the console, the terminal and the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from sekisho.desk import access_statements, campaign_statements, case_statements, entrust_statements, envelope_statements, event_statements
from sekisho.desk.signed_words import Comment, EndEvent, StopBoard
from sekisho.gate.envelope import Envelope
from sekisho.gate.people import Approval, Confirmation, Signature, Withdrawal
from sekisho.law.canonical import canonical, digest, plain
from sekisho.law.entrustment import Move
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Evidence, Kind, Role, Value, VouchedBy, Voucher

JST = timezone(timedelta(hours=9))
KINDS = ("approval", "confirmation", "withdrawal", "evidence", "comment", "sign-in")
"""Those about plans and permits; those about cases and envelopes are in the `REQUESTS` of their own files."""


class NoStatement(ValueError):
    """The fields do not make a statement. `code` says which is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SignIn:
    """Signed to open a session: a nonce of the console's, good once."""

    person: str
    nonce: str
    at: datetime


@dataclass(frozen=True)
class Laid:
    """Evidence with the plan it is laid in for. The signature covers the evidence."""

    plan: str
    evidence: Evidence


Statement = (
    Approval
    | Confirmation
    | Withdrawal
    | Laid
    | Comment
    | SignIn
    | StopBoard
    | EndEvent
    | case_statements.CaseStatement
    | envelope_statements.EnvelopeStatement
    | access_statements.AccessStatement
    | campaign_statements.CampaignStatement
    | Move
)


OTHERS: Mapping[str, Callable[[str, Mapping[str, Any], str, datetime], Statement]] = {
    **dict.fromkeys(case_statements.REQUESTS, case_statements.made),
    **dict.fromkeys(envelope_statements.REQUESTS, envelope_statements.made),
    **dict.fromkeys(entrust_statements.REQUESTS, entrust_statements.made),
    **dict.fromkeys(access_statements.REQUESTS, access_statements.made),
    **dict.fromkeys(campaign_statements.REQUESTS, campaign_statements.made),
    **dict.fromkeys(event_statements.REQUESTS, event_statements.made),
}
"""Those made in files of their own."""


def approval(plan: str, shown: str, person: str, now: datetime) -> Approval:
    return Approval(plan, shown, person, now)


def confirmation(  # noqa: PLR0913 - the words of the statement, one by one
    case: str, measure: str, book: str, reasons: str, person: str, until: datetime, now: datetime, *, rule: str = "", consultation: str = ""
) -> Confirmation:
    """`rule` is the digest of the case as shown, so that the confirmation outlives a book that changes other cases only."""
    return Confirmation(case, measure, book, reasons, person, now, until, rule, consultation)


def envelope(
    plan: str, kinds: Iterable[Kind], triggers: Iterable[str], longest: timedelta, days: int, person: str, now: datetime
) -> Envelope:
    """An envelope from now on, for so many days."""
    return Envelope(plan, frozenset(kinds), longest, frozenset(triggers), now, now + timedelta(days=days), person)


def withdrawal(permit: str, person: str, reason: str, now: datetime) -> Withdrawal:
    return Withdrawal(permit, person, reason, now)


def evidence(
    kind: str, value: Mapping[str, Value], purpose: str, person: str, role: Role, document: str, until: datetime | None, now: datetime
) -> Evidence:
    """A document by its digest, or a statement where `document` is empty."""
    voucher = Voucher(VouchedBy.DOCUMENT, document, role, person) if document else Voucher(VouchedBy.STATEMENT, person, role)
    return Evidence(kind, value, purpose, voucher, now - timedelta(seconds=1), until)


def made(kind: str, fields: Mapping[str, Any], plan: Mapping[str, Any] | None, roles: frozenset[Role], now: datetime) -> Statement:
    """A statement from a form's fields; `plan` is what the overview says of the plan it is about. Raises NoStatement."""
    try:
        said = _made(kind, fields, plan or {}, roles, now)
        canonical(signed_part(said))  # half a character or a float has no one spelling: nobody could sign it
        return said
    except (KeyError, TypeError, ValueError, ReadingError) as why:
        raise NoStatement(str(why)) from why


def _made(kind: str, fields: Mapping[str, Any], plan: Mapping[str, Any], roles: frozenset[Role], now: datetime) -> Statement:
    person = str(fields["person"]) if kind != "sign-in" or "person" in fields else ""
    if kind == "approval":
        return approval(fields["plan"], fields["shown"], person, now)
    if kind == "confirmation":
        case, end = fields["case"], end_of(fields["until"])
        said = {"rule": plan.get("rules", {}).get(case, ""), "consultation": fields.get("consultation") or ""}
        return confirmation(case, fields["measure"], plan["book"], fields["reasons"], person, end, now, **said)
    if kind == "withdrawal":
        return withdrawal(fields["permit"], person, fields["reason"], now)
    if kind == "evidence":
        may = frozenset(Role(r) for r in plan["kinds"][fields["kind"]]["roles"]) & roles
        until = end_of(fields["until"]) if fields.get("until") else None
        value = read(dict[str, Value], fields["value"])
        purpose = plan["plan"]["steps"][0]["purpose"]
        return Laid(fields["plan"], evidence(fields["kind"], value, purpose, person, min(may), fields.get("document") or "", until, now))
    if kind == "comment":
        return Comment(fields["plan"], fields["text"], fields["conflict"] is True, person, now)
    if kind == "sign-in":
        return SignIn(person, fields["nonce"], now)
    if kind in OTHERS:
        return OTHERS[kind](kind, fields, person, now)
    raise NoStatement("unknown-kind")


def signed_part(statement: Statement) -> object:
    """The part that is signed: for evidence the evidence itself, else the whole."""
    return statement.evidence if isinstance(statement, Laid) else statement


def as_shown(statement: Statement) -> dict[str, Any]:
    """{"statement": what is signed, "digest": hex}."""
    part = signed_part(statement)
    return {"statement": plain(part), "digest": digest(part)}


def request(kind: str, statement: Mapping[str, Any], signature: Mapping[str, Any], plan: str) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters. Raises NoStatement for another kind."""
    said = read(Signature, dict(signature))
    if kind in case_statements.REQUESTS:
        return case_statements.request(kind, statement, said)
    if kind in envelope_statements.REQUESTS:
        return envelope_statements.request(kind, statement, said)
    if kind in entrust_statements.REQUESTS:
        return entrust_statements.request(statement, said)
    if kind in access_statements.REQUESTS:
        return access_statements.request(kind, statement, said)
    if kind in campaign_statements.REQUESTS:
        return campaign_statements.request(kind, statement, said)
    if kind in event_statements.REQUESTS:
        return event_statements.request(statement, said, kind)
    methods = {
        "approval": "review",
        "confirmation": "confirm",
        "withdrawal": "withdraw",
        "evidence": "supply",
        "comment": "comment",
        "sign-in": "sign-in",
    }
    if kind not in methods:
        raise NoStatement("unknown-kind")
    params: dict[str, Any] = {kind.replace("-", "_"): dict(statement), "signature": said}
    return methods[kind], params | ({"plan": plan} if kind == "evidence" else {})


def end_of(day: str) -> datetime:
    """The last instant of a day in Japan, in UTC."""
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59), JST).astimezone(UTC)
