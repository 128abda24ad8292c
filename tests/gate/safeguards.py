"""Mutants made by hand: each takes one safeguard out of the law or the gate. `python -m tests.gate.safeguards` says which test noticed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from house.mutants import TARGETS, known, source
from house.mutating import Mutant, edited
from house.trying import Target, Trial, run

OTHERS = (
    Target("law/duties", "sekisho.law.duties", TARGETS["gate/owed"].tests),
    Target("law/sound", "sekisho.law.sound", ("tests/gate/test_properties.py",)),
)
SUITES = {**TARGETS, **{target.name: target for target in OTHERS}}

MUTANTS = {
    "an axis without a case passes": (
        "gate/decide",
        "return AxisAnswer(rule.axis, rule.title, Outcome.REFUSED, (), norms=norms)",
        "return AxisAnswer(rule.axis, rule.title, Outcome.PERMITTED, (), norms=norms)",
    ),
    "the best axis decides instead of the worst": (
        "gate/decide",
        "return max((a.outcome for a in axes)",
        "return min((a.outcome for a in axes)",
    ),
    "any met condition is enough": (
        "gate/decide",
        "any(isinstance(c.answer, Unmet) for c in checked)",
        "all(isinstance(c.answer, Unmet) for c in checked)",
    ),
    "what is from memory decides alone": ("gate/decide", "    if not sure:", "    if False:"),
    "a case over since yesterday still holds": ("gate/decide", "plan.day < case.until)", "plan.day <= case.until)"),
    "wider elements are no surplus": ("gate/decide", "for e in step.elements - case.elements", "for e in step.elements - step.elements"),
    "a larger audience is no surplus": ("gate/decide", "set(step.audience - case.audience)", "set()"),
    "half of two papers is a whole": ("gate/decide", "        if not found\n", "        if False\n"),
    "confirmations of another book count": (
        "gate/decide",
        " and (confirmation.book == book.digest or (bool(confirmation.rule) and confirmation.rule == book.rules.get(case.id)))",
        "",
    ),
    "a confirmation for ever": ("gate/decide", "confirmation.until - confirmation.at <= LONGEST_CONFIRMATION", "True"),
    "a ground of none may carry": ("gate/decide", "if case.ground is Ground.NONE or not case.conditions or ", "if "),
    "the decision handed in is trusted": (
        "gate/decide",
        "return make(words,",
        "words = replace(words, decision=decision); return make(words,",
    ),
    "approvals of something else count": ("gate/_mint", "(a.plan, a.shown) == signed_for", "a.plan == signed_for[0]"),
    "the proposer approves": ("gate/_mint", "good -= {words.plan.proposer, ", "good -= {"),
    "who declared a conflict approves": ("gate/_mint", "*words.conflicted, ", ""),
    "who vouched for it approves": ("gate/_mint", ", *vouched_for(words.plan, words.decision)}", "}"),
    "outside of the envelope is inside": ("gate/decide", "if passes and (why :=", "if False and (why :="),
    "an envelope lasts for ever": ("gate/envelope", "if not envelope.since <= now < envelope.until:", "if False:"),
    "yesterday's trigger is live": ("gate/envelope", "now - LIVE <= e.at <= now", "e.at <= now"),
    "one person approves an envelope": ("gate/envelope", "PEOPLE = 2", "PEOPLE = 1"),
    "any evidence is as approved": ("gate/renewal", "return all(any(_ends_sooner(e, o) or (renewed", "return all(True or any((renewed"),
    "a renewed paper makes a permit": ("gate/decide", "renewed=carries_on is not None", "renewed=True"),
    "a permit is carried on for ever": ("gate/_mint", "min(decision.ends, words.latest or decision.ends)", "decision.ends"),
    "what is over is carried on": ("gate/_mint", "if not old.since <= now < old.until < until:", "if False:"),
    "another scope is carried on": ("gate/_mint", "    if not same:", "    if False:"),
    "anybody is a reviewer": ("gate/_mint", " and people[name].roles & REVIEWERS", ""),
    "a clock that jumped mints": ("gate/decide", "now.tzinfo is None or now < not_before", "now.tzinfo is None"),
    "the proposer vouches": (
        "gate/checks",
        "if ask.plan.proposer in (voucher.who, voucher.person) or not ask.plan.proposer:",
        "if False:",
    ),
    "seven days have passed on the seventh": ("gate/predicates", "age >= max(0, a.asked)", "age >= a.asked - 1"),
    "a probe's word from yesterday ends the permit": (
        "gate/checks",
        "evidence.until if evidence.voucher.by is VouchedBy.PROBE else _stale(kind, evidence)",
        "_stale(kind, evidence)",
    ),
    "no paper's age ends a permit": (
        "gate/checks",
        "evidence.until if evidence.voucher.by is VouchedBy.PROBE else _stale(kind, evidence)",
        "evidence.until",
    ),
    "any name is a probe": ("gate/checks", "return voucher.who in kind.probes", "return bool(voucher.who)"),
    "any text is a document": ("gate/checks", "if voucher.by is VouchedBy.DOCUMENT and not _is_digest(voucher.who):", "if False:"),
    "a review of any age": ("gate/predicates", "0 <= age <= a.asked", "0 <= age"),
    "a remembered date is as good as a read one": (
        "gate/decide",
        "certainty = case.certainty_on(plan.day)",
        "certainty = case.certainty",
    ),
    "stale evidence is fresh": ("gate/checks", 'return "stale" if end is not None and end <= ask.on else ""', 'return ""'),
    "evidence from tomorrow": ("gate/checks", "if evidence.at > ask.on:", "if False:"),
    "evidence for another purpose": ("gate/checks", "if evidence.purpose != ask.step.purpose:", "if False:"),
    "a statement where a probe can measure": ("gate/checks", "voucher.by not in kind.vouchers or ", ""),
    "any role lays evidence in": ("gate/checks", "voucher.role not in kind.roles", "False"),
    "an unknown check is met": ("gate/checks", 'return Unmet("unknown-check", detail={"check": ask.condition.check})', "return Met()"),
    "an unknown kind is met": ("gate/checks", 'return Unmet("unknown-kind", detail={"kind": name})', "return Met()"),
    "one is as good as true": (
        "gate/checks",
        'if name == "bool":\n        return isinstance(value, bool)',
        'if name == "bool":\n        return True',
    ),
    "a poster is consent": ("law/consent", 'value.get("way") in {w.value for w in CLEAR}', "True"),
    "consent to one thing is consent to more": (
        "law/consent",
        '{e.value for e in step.elements} <= _texts(value, "elements")',
        'bool(_texts(value, "elements"))',
    ),
    "consent that cannot be taken back": ("law/consent", 'value.get("withdrawable") is True', "True"),
    "a stranger consents for the party": ("law/consent", "bool(party & named)", "True"),
    "doubled conditions make a book": ("law/sound", "_distinct((c.id for c in case.conditions), case.id)", "pass"),
    "no conditions make a book": ("law/sound", "_must(never or bool(case.conditions), case.id,", "_must(True, case.id,"),
    "a plan of another day's law": ("gate/decide", "in_force = case.since <= plan.day and", "in_force ="),
    "the first day counts": ("law/clocks", "first if self.counts_first else first + timedelta(days=1)", "first"),
    "a last day never moves": ("law/clocks", "return _working(last, 1, calendar) if self.moves else (last, [])", "return last, []"),
    "a short month runs over": ("law/clocks", "month_ends if first.day > month_ends.day else", ""),
    "holidays are worked": ("law/clocks", " and day not in self.holidays", ""),
    "a year nobody entered is known": ("law/clocks", "if not calendar.knows(d)", "if False"),
    "a term ends when its last day begins": ("law/clocks", "calendar.begins(last + timedelta(days=1))", "calendar.begins(last)"),
    "what is unknown is no": ("gate/owed", "    if open_facts:\n", "    if False:\n"),
    "an unknown exemption frees": (
        "gate/owed",
        "    if freed:\n        return NotDue",
        "    if freed is not False:\n        return NotDue",
    ),
    "an unknown start is no start": ("gate/owed", "        if look.unknown(starts):", "        if False:"),
    "late is one day later": ("gate/owed", "    if look.today > last:", "    if look.today > last + ONE_DAY:"),
    "tomorrow has happened": ("gate/owed", "return date.fromisoformat(value) > today", "return False"),
    "a wait is over on its last day": ("gate/owed", "waited = act > term.last", "waited = act >= term.last"),
    "a wait into an unknown year is over": ("gate/owed", "waited = act > term.last and not term.unentered", "waited = act > term.last"),
    "an uncertain shield opens": ("gate/owed", "    if not certainty.decides_alone:", "    if False:"),
    "nobody need say that it was removed": ("gate/owed", "    if rule.acts and look.unknown(rule.acts):", "    if False:"),
    "a hold shows": ("gate/owing", "        return False", "        return True"),
    "more days than the law allows": ("gate/owed", "else min(value, span.most) for span", "else value for span"),
    "silence asks for no days": ("gate/owed", "span.most if not isinstance(value, int)", "0 if not isinstance(value, int)"),
    "an exempt operator is bound": ("gate/owed", "operator.regime is not None and operator.regime not in rule.regimes", "False"),
    "rules of every day are in force": ("law/duties", "return self.since <= day and (", "return (self.since <= day or True) and ("),
    "a right not used is a breach": ("gate/owed", "Lapsed(last + ONE_DAY, starts) if rule.may else", ""),
    "rules published today suffice": ("gate/owed", "(act or look.today) <= term.last", "False"),
}

"""By what becomes of the gate: the module, the safeguard as it stands there once, and what stands there without it."""


def mutants() -> Iterator[Mutant]:
    for name, (target, safeguard, without) in MUTANTS.items():
        text = source(target)
        if text.count(safeguard) != 1:
            raise SystemExit(f"{name}: the safeguard stands {text.count(safeguard)} times in {target}")
        yield edited(target, name, text, text.replace(safeguard, without))


def main() -> None:
    trial = Trial(first=known())
    run(SUITES, mutants(), trial, workers=2, tell=lambda _: None)
    sys.stdout.write(json.dumps(trial.noticed_by))


if __name__ == "__main__":
    main()
