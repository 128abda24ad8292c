"""May this be done? Every step, every axis that applies, every case in force, every condition: all tried, the whole tree shown.

Rule 1: an axis with no case that carries it refuses. Rule 2: what is uncertain refers to a person until that person confirms.
Rule 3: a case carries only what it names; anything wider is surplus. Rule 4: nothing the proposer says of themselves
turns a no into a yes: the book decides which axes apply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.gate._mint import CannotMint, Minting, make, vouched_for
from sekisho.gate.answers import Ask, AxisAnswer, Checked, Decision, Met, Outcome, Tried, Unmet
from sekisho.gate.check import within
from sekisho.gate.checks import DRAFTERS, Question, check, ends
from sekisho.gate.envelope import PEOPLE, Envelope, outside, shown_envelope
from sekisho.gate.papers import Papers
from sekisho.gate.people import Approval, Confirmation, Person
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.gate.renewal import approved, stands_as_approved
from sekisho.gate.todo import say, to_do
from sekisho.law.canonical import digest
from sekisho.law.casebook import Casebook
from sekisho.law.norms import touched
from sekisho.law.parameters import filled
from sekisho.law.words import AxisRule, Case, Condition, Evidence, Ground, Plan, Step, Value

__all__ = ["CannotMint", "decide", "mint", "shown", "vouched_for"]

LONGEST_CONFIRMATION = timedelta(days=366)
BEST_FIRST = (Outcome.PERMITTED, Outcome.OUT, Outcome.REFERRED, Outcome.REFUSED)


@dataclass(frozen=True)
class Asked:
    """All that one call of `decide` was given, the evidence digested."""

    plan: Plan
    book: Casebook
    now: datetime
    confirmations: tuple[Confirmation, ...]
    papers: Papers


def decide(plan: Plan, book: Casebook, now: datetime, confirmations: Sequence[Confirmation] = ()) -> tuple[Decision, ...]:
    """One decision per step of the plan, in its order. Pure: the same inputs give the same answer for ever.

    The plan's day picks the cases in force; `now` (with a zone) picks which evidence and confirmations are fresh.
    """
    if now.tzinfo is None:
        raise ValueError("`now` has no time zone; say which moment is meant")
    asked = Asked(plan, book, now, tuple(confirmations), Papers.of(plan))
    return tuple(_step(asked, step) for step in plan.steps)


def shown(plan: Plan, book: Casebook) -> str:
    """The digest an approver signs: the plan with what people vouch for, and the book it was shown under.

    What probes measure is not part of it: it is measured afresh before every permit, and must hold then.
    """
    return digest({"plan": approved(plan), "book": book.digest})


def mint(  # noqa: PLR0913 - each is checked apart, and its callers hold them apart
    plan: Plan,
    decision: Decision,
    book: Casebook,
    approvals: Sequence[Approval],
    people: Mapping[str, Person],
    signer: Ed25519PrivateKey,
    now: datetime,
    *,
    not_before: datetime,
    not_after: datetime | None = None,
    confirmations: Sequence[Confirmation] = (),
    plan_id: str | None = None,
    token: str | None = None,
    scope: Mapping[str, Value] | None = None,
    evidence: Sequence[Evidence] | None = None,
    conflicted: AbstractSet[str] = frozenset(),
    envelope: tuple[str, Envelope] | None = None,
    carries_on: Permit | None = None,
) -> SignedPermit:
    """Sign what the gate answers today, once enough people approved exactly what was shown.

    The signatures of `approvals` and `confirmations` must be verified already; who they are is judged here. `decision`
    says which step is meant and what was shown; the answer is made again and must be the same. `not_before` is the last
    `now` that was seen, `not_after` how late it can be at most: outside of both the clock jumped. `plan_id` is what
    approvals call the plan (default: its digest). `token` narrows the permit to one of the plan's tokens. `evidence` is the
    plan's as it stands today: measured afresh, papers renewed (`gate.renewal`). `conflicted` people declared a conflict of
    interest. `envelope`, id and words: `approvals` are of it, and the answer is made for the narrowed scope. `carries_on`:
    the permit whose end this one moves, nothing else; a renewed paper carries on and makes none, since nobody who signed saw it.
    Raises CannotMint.
    """
    if now.tzinfo is None or now < not_before or (not_after is not None and now > not_after):
        raise CannotMint("clock")
    part = _narrowed(plan.scope, scope, token)
    if evidence is not None and not stands_as_approved(evidence, plan, renewed=carries_on is not None):
        raise CannotMint("not-as-shown")
    asked = _as_it_stands(plan, book.day(now), evidence, part if envelope is not None else plan.scope)
    again = [d for d in decide(asked, book, now, confirmations) if d.step == decision.step]
    if len(again) != 1:
        raise CannotMint("step-not-in-plan")
    if (again[0].outcome, again[0].cases, decision.book) != (decision.outcome, decision.cases, book.digest):
        raise CannotMint("answer-changed")
    words = Minting(asked, plan_id or digest(plan), shown(plan, book), again[0], part, frozenset(conflicted))
    if envelope is not None:
        words = _inside(words, *envelope, now)
    if carries_on is not None:
        longest = min((c.longest for c in book.cases if c.longest and c.id in again[0].cases), default=None)
        words = replace(words, carries_on=carries_on, latest=carries_on.since + longest if longest else None)
    return make(words, approvals, people, signer, now)


def _as_it_stands(plan: Plan, today: date, evidence: Sequence[Evidence] | None, scope: Mapping[str, Value]) -> Plan:
    """The plan by today's law, with today's evidence, for this scope. Raises CannotMint."""
    if plan.day > today:
        raise CannotMint("day-to-come")
    return replace(plan, day=today, scope=scope, evidence=plan.evidence if evidence is None else tuple(evidence))


def _inside(words: Minting, identity: str, envelope: Envelope, now: datetime) -> Minting:
    """The same, approved by day in an envelope, and no longer than it allows. Raises CannotMint."""
    if envelope.plan != words.plan_id:
        raise CannotMint("another-plan")
    passes = words.decision.outcome in (Outcome.PERMITTED, Outcome.OUT)  # a no is said as such, by `make`
    if passes and (why := outside(envelope, words.plan, words.decision, now)):
        raise CannotMint(why)
    signed = (identity, shown_envelope(envelope, words.shown))
    latest = min(now + envelope.longest, envelope.until)
    conflicted = words.conflicted | {envelope.proposer}
    return replace(words, envelope=identity, approved_as=signed, least=PEOPLE, latest=latest, conflicted=conflicted)


def _narrowed(whole: Mapping[str, Value], part: Mapping[str, Value] | None, token: str | None) -> Mapping[str, Value]:
    """The part of the plan's scope that one permit is for, and of its tokens the one it is about. Never wider than the plan's."""
    if part is not None and not within(whole, part):
        raise CannotMint("wider-than-the-plan")
    scope = whole if part is None else part
    if token is None:
        return scope
    tokens = scope.get("tokens")
    if not isinstance(tokens, tuple) or token not in tokens:
        raise CannotMint("token-not-in-plan")
    return {**scope, "tokens": (token,)}


def _step(asked: Asked, step: Step) -> Decision:
    plan, book = asked.plan, asked.book
    rules = [r for r in book.axes if plan.regime in r.regimes and applies(r, step)]
    axes = tuple(_axis(rule, asked, step) for rule in rules)
    outcome = _whole(axes, step)
    stood = [t for a in axes for t in a.tried if t.case == a.stands_on]
    return Decision(
        step=step,
        on=plan.day,
        outcome=outcome,
        axes=axes,
        missing=to_do(axes, book, outcome),
        duties=tuple({(d.do, d.within): d for t in stood for d in t.duties}.values()),
        ends=min([plan.until, *(t.ends for t in stood if t.ends)]),
        book=book.digest,
    )


def applies(rule: AxisRule, step: Step) -> bool:
    """Whether an axis applies to a step: the book says so by element, kind or act."""
    return step.kind in rule.kinds or bool(step.elements & rule.elements) or bool(step.acts & rule.acts)


def _whole(axes: Sequence[AxisAnswer], step: Step) -> Outcome:
    """What the axes come to together: the worst of them; a step no axis knows, or that names nothing, is refused."""
    if not axes or not (step.elements and step.acts and step.audience and step.purpose and step.name):
        return Outcome.REFUSED
    return max((a.outcome for a in axes), key=_severity)


def _severity(outcome: Outcome) -> int:
    return (Outcome.OUT, Outcome.PERMITTED, Outcome.REFERRED, Outcome.REFUSED).index(outcome)


def _axis(rule: AxisRule, asked: Asked, step: Step) -> AxisAnswer:
    plan = asked.plan
    tried = tuple(_try(case, asked, step) for case in asked.book.about_axis(rule.axis, plan.measure) if matches(case, plan, step))
    best = min(tried, key=lambda t: BEST_FIRST.index(t.outcome), default=None)
    norms = tuple(n.id for n in touched(asked.book.norms, rule.axis, plan.regime, step.acts, step.audience, plan.day))
    if best is None:
        return AxisAnswer(rule.axis, rule.title, Outcome.REFUSED, (), norms=norms)
    carried = best.outcome in (Outcome.PERMITTED, Outcome.OUT)
    return AxisAnswer(rule.axis, rule.title, best.outcome, tried, best.case if carried else None, norms)


def matches(case: Case, plan: Plan, step: Step) -> bool:
    """Whether the case speaks of this step, and was in force on the plan's day."""
    in_force = case.since <= plan.day and (case.until is None or plan.day < case.until)
    if case.measure == "*":
        return in_force and step.kind in case.kinds
    return in_force and case.measure == plan.measure and step.name in case.steps


def _told(condition: Condition, asked: Asked) -> Condition:
    """The condition with the number of the plan's day, where the book keeps one by day."""
    return filled(condition, asked.book.parameters, asked.plan.day)


def _try(case: Case, asked: Asked, step: Step) -> Tried:
    plan, book, now, papers = asked.plan, asked.book, asked.now, asked.papers
    checked = (
        *_bounds(case, plan, step, book),
        *(Checked(c.id, c.words, check(Question(_told(c, asked), plan, step, now, book.kinds, papers))) for c in case.conditions),
    )
    serving = _serving(papers, checked)
    checked = (*checked, *_split(serving, book))
    confirmation = next((c for c in asked.confirmations if confirms(c, case, plan, book, now)), None)
    certainty = case.certainty_on(plan.day)
    limits = [e for e in (_latest(found, book) for found in serving.values()) if e]
    limits += [book.begins(case.until)] if case.until else []
    limits += [now + case.longest] if case.longest else []
    limits += [confirmation.until] if confirmation and not certainty.decides_alone else []
    return Tried(
        case=case.id,
        title=case.title,
        ground=case.ground,
        authority=case.authority,
        certainty=certainty,
        source=case.source,
        since=case.since,
        until=case.until,
        seen=case.seen,
        outcome=_outcome(case, checked, sure=certainty.decides_alone or confirmation is not None),
        checked=checked,
        confirmed_by=confirmation.person if confirmation else None,
        ask=case.ask,
        duties=case.duties,
        signatures=case.signatures,
        ends=min(limits, default=None),
    )


def _outcome(case: Case, checked: Sequence[Checked], *, sure: bool) -> Outcome:
    if case.ground is Ground.NONE or not case.conditions or any(isinstance(c.answer, Unmet) for c in checked):
        return Outcome.REFUSED
    if any(isinstance(c.answer, Ask) for c in checked):
        return Outcome.REFERRED
    if not sure:
        return Outcome.REFERRED
    if not all(isinstance(c.answer, Met) for c in checked):
        return Outcome.REFUSED
    return Outcome.OUT if case.ground is Ground.NOT_SECRECY else Outcome.PERMITTED


def _bounds(case: Case, plan: Plan, step: Step, book: Casebook) -> tuple[Checked, ...]:
    """What the step names beyond what the case covers. Only surplus is shown; within bounds there is nothing to say."""
    declared = book.step(plan.measure, step.name)
    unknown = plan.measure in book.steps and declared is None
    covered = step.elements <= case.elements and step.acts <= case.acts and step.audience <= case.audience and plan.regime in case.regimes
    if covered and not unknown and (declared is None or (declared.kind, declared.purpose) == (step.kind, step.purpose)):
        return ()
    surplus = {
        "surplus-elements": {e.value for e in step.elements - case.elements},
        "surplus-acts": {a.value for a in step.acts - case.acts},
        "surplus-audience": set(step.audience - case.audience),
        "undeclared-step": {step.name} if unknown else set(),
        "other-regime": {plan.regime.value} - {r.value for r in case.regimes},
        "other-kind": {step.kind.value} - ({declared.kind.value} if declared else {step.kind.value}),
        "other-purpose": {step.purpose} - ({declared.purpose} if declared else {step.purpose}),
    }
    return tuple(
        Checked(f"@{why}", say(book, why), Unmet(why, DRAFTERS, detail=MappingProxyType({"surplus": tuple(sorted(over))})))
        for why, over in surplus.items()
        if over
    )


def _serving(papers: Papers, checked: Sequence[Checked]) -> Mapping[str, Sequence[Evidence]]:
    """By kind of evidence, the pieces that meet every met condition about that kind."""
    found: dict[str, set[str]] = {}
    for answer in (c.answer for c in checked):
        if isinstance(answer, Met) and answer.evidence:
            kind, meets = papers.pieces[answer.evidence[0]].kind, set(answer.evidence)
            found[kind] = found[kind] & meets if kind in found else meets
    return {kind: [papers.pieces[d] for d in sorted(meets)] for kind, meets in found.items()}


def _split(serving: Mapping[str, Sequence[Evidence]], book: Casebook) -> tuple[Checked, ...]:
    """Conditions about one kind of evidence must be met by one and the same piece, not half by one and half by another."""
    return tuple(
        Checked(f"@split-papers-{kind}", say(book, "split-papers"), Unmet("split-papers", book.kinds[kind].roles, kind))
        for kind, found in serving.items()
        if not found
    )


def _latest(found: Sequence[Evidence], book: Casebook) -> datetime | None:
    """Until when a permit may stand on the best of these pieces; None: without end."""
    limits = [ends(book.kinds[e.kind], e) for e in found]
    return None if None in limits else max((e for e in limits if e), default=None)


def confirms(confirmation: Confirmation, case: Case, plan: Plan, book: Casebook, now: datetime) -> bool:
    """Whether the officer's word makes this case usable here and now: this case, measure and rule, with reasons, for a year at most.

    The rule is this book's, or that of a book in which the case stands word for word as it stands here.
    """
    said = confirmation.case == case.id and confirmation.measure == plan.measure
    said = said and (confirmation.book == book.digest or (bool(confirmation.rule) and confirmation.rule == book.rules.get(case.id)))
    lasts = confirmation.at <= now < confirmation.until and confirmation.until - confirmation.at <= LONGEST_CONFIRMATION
    return said and lasts and bool(confirmation.person and confirmation.reasons.strip())
