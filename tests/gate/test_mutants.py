"""Hand-made mutants: each takes one safeguard out of the gate, and the suite of checks and properties must notice every one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "sekisho"
ROOMS = ("law", "gate")
OWED = ("tests/gate/test_owed.py", "tests/law/test_clocks.py")
"""What watches over the gate's second question and the clocks below it."""
SUITE = tuple(f"tests/gate/test_{name}.py" for name in ("checks", "predicates", "minting", "renewal", "envelope", "dates", "properties"))

MUTANTS = {
    "an axis without a case passes": (
        "gate/decide.py",
        "return AxisAnswer(rule.axis, rule.title, Outcome.REFUSED, (), norms=norms)",
        "return AxisAnswer(rule.axis, rule.title, Outcome.PERMITTED, (), norms=norms)",
    ),
    "the best axis decides instead of the worst": (
        "gate/decide.py",
        "return max((a.outcome for a in axes)",
        "return min((a.outcome for a in axes)",
    ),
    "any met condition is enough": (
        "gate/decide.py",
        "any(isinstance(c.answer, Unmet) for c in checked)",
        "all(isinstance(c.answer, Unmet) for c in checked)",
    ),
    "what is from memory decides alone": ("gate/decide.py", "    if not sure:", "    if False:"),
    "a case over since yesterday still holds": ("gate/decide.py", "plan.day < case.until)", "plan.day <= case.until)"),
    "wider elements are no surplus": ("gate/decide.py", "for e in step.elements - case.elements", "for e in step.elements - step.elements"),
    "a larger audience is no surplus": ("gate/decide.py", "set(step.audience - case.audience)", "set()"),
    "half of two papers is a whole": ("gate/decide.py", "        if not found\n", "        if False\n"),
    "confirmations of another book count": (
        "gate/decide.py",
        " and (confirmation.book == book.digest or (bool(confirmation.rule) and confirmation.rule == book.rules.get(case.id)))",
        "",
    ),
    "a confirmation for ever": ("gate/decide.py", "confirmation.until - confirmation.at <= LONGEST_CONFIRMATION", "True"),
    "a ground of none may carry": ("gate/decide.py", "if case.ground is Ground.NONE or not case.conditions or ", "if "),
    "the decision handed in is trusted": (
        "gate/decide.py",
        "return make(words,",
        "words = replace(words, decision=decision); return make(words,",
    ),
    "approvals of something else count": ("gate/_mint.py", "(a.plan, a.shown) == signed_for", "a.plan == signed_for[0]"),
    "the proposer approves": ("gate/_mint.py", "good -= {words.plan.proposer, ", "good -= {"),
    "who declared a conflict approves": ("gate/_mint.py", "*words.conflicted, ", ""),
    "who vouched for it approves": ("gate/_mint.py", ", *vouched_for(words.plan, words.decision)}", "}"),
    "outside of the envelope is inside": ("gate/decide.py", "if passes and (why :=", "if False and (why :="),
    "an envelope lasts for ever": ("gate/envelope.py", "if not envelope.since <= now < envelope.until:", "if False:"),
    "yesterday's trigger is live": ("gate/envelope.py", "now - LIVE <= e.at <= now", "e.at <= now"),
    "one person approves an envelope": ("gate/envelope.py", "PEOPLE = 2", "PEOPLE = 1"),
    "any evidence is as approved": ("gate/renewal.py", "return all(any(_ends_sooner(e, o) or (renewed", "return all(True or any((renewed"),
    "a renewed paper makes a permit": ("gate/decide.py", "renewed=carries_on is not None", "renewed=True"),
    "a permit is carried on for ever": ("gate/_mint.py", "min(decision.ends, words.latest or decision.ends)", "decision.ends"),
    "what is over is carried on": ("gate/_mint.py", "if not old.since <= now < old.until < until:", "if False:"),
    "another scope is carried on": ("gate/_mint.py", "    if not same:", "    if False:"),
    "anybody is a reviewer": ("gate/_mint.py", " and people[name].roles & REVIEWERS", ""),
    "a clock that jumped mints": ("gate/decide.py", "now.tzinfo is None or now < not_before", "now.tzinfo is None"),
    "the proposer vouches": (
        "gate/checks.py",
        "if ask.plan.proposer in (voucher.who, voucher.person) or not ask.plan.proposer:",
        "if False:",
    ),
    "seven days have passed on the seventh": ("gate/predicates.py", "age >= max(0, a.asked)", "age >= a.asked - 1"),
    "a probe's word from yesterday ends the permit": (
        "gate/checks.py",
        "evidence.until if evidence.voucher.by is VouchedBy.PROBE else _stale(kind, evidence)",
        "_stale(kind, evidence)",
    ),
    "no paper's age ends a permit": (
        "gate/checks.py",
        "evidence.until if evidence.voucher.by is VouchedBy.PROBE else _stale(kind, evidence)",
        "evidence.until",
    ),
    "any name is a probe": ("gate/checks.py", "return voucher.who in kind.probes", "return bool(voucher.who)"),
    "any text is a document": ("gate/checks.py", "if voucher.by is VouchedBy.DOCUMENT and not _is_digest(voucher.who):", "if False:"),
    "a review of any age": ("gate/predicates.py", "0 <= age <= a.asked", "0 <= age"),
    "a remembered date is as good as a read one": (
        "gate/decide.py",
        "certainty = case.certainty_on(plan.day)",
        "certainty = case.certainty",
    ),
    "stale evidence is fresh": ("gate/checks.py", 'return "stale" if end is not None and end <= ask.on else ""', 'return ""'),
    "evidence from tomorrow": ("gate/checks.py", "if evidence.at > ask.on:", "if False:"),
    "evidence for another purpose": ("gate/checks.py", "if evidence.purpose != ask.step.purpose:", "if False:"),
    "a statement where a probe can measure": ("gate/checks.py", "voucher.by not in kind.vouchers or ", ""),
    "any role lays evidence in": ("gate/checks.py", "voucher.role not in kind.roles", "False"),
    "an unknown check is met": ("gate/checks.py", 'return Unmet("unknown-check", detail={"check": ask.condition.check})', "return Met()"),
    "an unknown kind is met": ("gate/checks.py", 'return Unmet("unknown-kind", detail={"kind": name})', "return Met()"),
    "one is as good as true": (
        "gate/checks.py",
        'if name == "bool":\n        return isinstance(value, bool)',
        'if name == "bool":\n        return True',
    ),
    "a poster is consent": ("law/consent.py", 'value.get("way") in {w.value for w in CLEAR}', "True"),
    "consent to one thing is consent to more": (
        "law/consent.py",
        '{e.value for e in step.elements} <= _texts(value, "elements")',
        'bool(_texts(value, "elements"))',
    ),
    "consent that cannot be taken back": ("law/consent.py", 'value.get("withdrawable") is True', "True"),
    "a stranger consents for the party": ("law/consent.py", "bool(party & named)", "True"),
    "doubled conditions make a book": ("law/sound.py", "_distinct((c.id for c in case.conditions), case.id)", "pass"),
    "no conditions make a book": ("law/sound.py", "_must(never or bool(case.conditions), case.id,", "_must(True, case.id,"),
    "a plan of another day's law": ("gate/decide.py", "in_force = case.since <= plan.day and", "in_force ="),
}
MUTANTS_OWED = {
    "the first day counts": ("law/clocks.py", "first if self.counts_first else first + timedelta(days=1)", "first"),
    "a last day never moves": ("law/clocks.py", "return _working(last, 1, calendar) if self.moves else (last, [])", "return last, []"),
    "a short month runs over": ("law/clocks.py", "month_ends if first.day > month_ends.day else", ""),
    "holidays are worked": ("law/clocks.py", " and day not in self.holidays", ""),
    "a year nobody entered is known": ("law/clocks.py", "if not calendar.knows(d)", "if False"),
    "a term ends when its last day begins": ("law/clocks.py", "calendar.begins(last + timedelta(days=1))", "calendar.begins(last)"),
    "what is unknown is no": ("gate/owed.py", "    if open_facts:\n", "    if False:\n"),
    "an unknown exemption frees": (
        "gate/owed.py",
        "    if freed:\n        return NotDue",
        "    if freed is not False:\n        return NotDue",
    ),
    "an unknown start is no start": ("gate/owed.py", "        if look.unknown(starts):", "        if False:"),
    "late is one day later": ("gate/owed.py", "    if look.today > last:", "    if look.today > last + ONE_DAY:"),
    "tomorrow has happened": ("gate/owed.py", "return date.fromisoformat(value) > today", "return False"),
    "a wait is over on its last day": ("gate/owed.py", "waited = act > term.last", "waited = act >= term.last"),
    "a wait into an unknown year is over": ("gate/owed.py", "waited = act > term.last and not term.unentered", "waited = act > term.last"),
    "an uncertain shield opens": ("gate/owed.py", "    if not certainty.decides_alone:", "    if False:"),
    "nobody need say that it was removed": ("gate/owed.py", "    if rule.acts and look.unknown(rule.acts):", "    if False:"),
    "a hold shows": ("gate/owing.py", "        return False", "        return True"),
    "more days than the law allows": ("gate/owed.py", "else min(value, span.most) for span", "else value for span"),
    "silence asks for no days": ("gate/owed.py", "span.most if not isinstance(value, int)", "0 if not isinstance(value, int)"),
    "an exempt operator is bound": ("gate/owed.py", "operator.regime is not None and operator.regime not in rule.regimes", "False"),
    "rules of every day are in force": ("law/duties.py", "return self.since <= day and (", "return (self.since <= day or True) and ("),
    "a right not used is a breach": ("gate/owed.py", "Lapsed(last + ONE_DAY, starts) if rule.may else", ""),
    "rules published today suffice": ("gate/owed.py", "(act or look.today) <= term.last", "False"),
}


def survives(folder: Path, suite: tuple[str, ...]) -> bool:
    """Whether a suite passes on the sources in `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *suite],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("mutant", [*MUTANTS, *MUTANTS_OWED])
def test_the_suite_kills_each_mutant(mutant: str, tmp_path: Path) -> None:
    """With one safeguard taken out, some test fails."""
    file, safeguard, without = (MUTANTS | MUTANTS_OWED)[mutant]
    package = tmp_path / "sekisho"
    package.mkdir()
    shutil.copy(SOURCE / "__init__.py", package)
    for room in ROOMS:
        shutil.copytree(SOURCE / room, package / room, ignore=shutil.ignore_patterns("__pycache__"))
    text = (package / file).read_text("utf-8")
    assert text.count(safeguard) == 1, f"{mutant}: the safeguard stands {text.count(safeguard)} times in {file}"
    (package / file).write_text(text.replace(safeguard, without), encoding="utf-8")
    assert not survives(tmp_path, SUITE if mutant in MUTANTS else OWED)
