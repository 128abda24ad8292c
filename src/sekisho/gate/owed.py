"""What is owed? Every rule about every event: duties with their clocks, shields with their conditions, holds.

Rule 1: the day of the event picks the rules in force; the moment picks what is late. Rule 2: a fact nobody gave is held against
the operator: it presumes that a duty applies, that its term began, that nothing was done, that a condition fails, that a
hold stands. Rule 3: what is dated after the moment has not happened yet. Rule 4: each clock runs alone; one report finishes
one duty. Rule 5: an uncertain rule still binds, with whom to ask beside it, and never opens a shield.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sekisho.gate.owing import (
    Answered,
    Breached,
    Done,
    Due,
    Ended,
    Holds,
    Lapsed,
    NotDue,
    NotHeld,
    Open,
    Owed,
    OwedDuty,
    OwedHold,
    OwedShield,
    Shut,
    State,
)
from sekisho.gate.predicates import plainly
from sekisho.law.casebook import Casebook
from sekisho.law.clocks import Calendar, Clock, Term
from sekisho.law.duties import NOT_YET, Asked, Asks, Doing, DutyRule, HoldRule, Rule, ShieldRule
from sekisho.law.facts import Event, Facts
from sekisho.law.words import Certainty, Regime, Value

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """One event looked at on one day: its facts as they stand on that day; `undated` is the day that would pick its law."""

    event: Event
    facts: Mapping[str, Value]
    today: date
    happened: bool
    undated: str
    operator: Facts
    calendar: Calendar

    def day(self, name: str) -> date | None:
        """The day a fact names, None if it has not happened or nobody said."""
        value = self.facts.get(name)
        return date.fromisoformat(value) if isinstance(value, str) and value != NOT_YET else None

    def unknown(self, name: str) -> bool:
        return self.facts.get(name) is None

    def term(self, clock: Clock) -> Term | None:
        start = self.day(clock.starts)
        return clock.run(start, self.calendar) if start is not None else None


def owed(facts: Facts, book: Casebook, now: datetime) -> Owed:
    """Every duty, shield and hold of the book's rules about these events. Pure: the same inputs give the same answer for ever.

    `now` needs a zone; the book's country says which day that is. Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("`now` has no time zone; say which moment is meant")
    today = book.day(now)
    rules = book.owed
    duties: list[OwedDuty] = []
    shields: list[OwedShield] = []
    holds: list[OwedHold] = []
    for event in facts.events:
        names = rules.kinds[event.kind].dated_by
        dated = _dated(event, names)
        on = dated or today
        look = Look(event, _standing(event, today), today, on <= today, "" if dated else names[0], facts, book.calendar)
        duties += (_duty(r, look, r.certainty_on(on)) for r in rules.duties if _about(r, event, on))
        shields += (_shield(r, look, r.certainty_on(on)) for r in rules.shields if _about(r, event, on))
        holds += (_hold(r, look, r.certainty_on(on)) for r in rules.holds if _about(r, event, on))
    return Owed(today, book.digest, tuple(duties), tuple(shields), tuple(holds))


def _about(rule: Rule, event: Event, on: date) -> bool:
    return event.kind in rule.events and rule.in_force(on)


def _dated(event: Event, names: Iterable[str]) -> date | None:
    days = (event.facts.get(name) for name in names)
    return next((date.fromisoformat(d) for d in days if isinstance(d, str) and d != NOT_YET), None)


def _standing(event: Event, today: date) -> Mapping[str, Value]:
    """The facts as they stand today: a day that is still to come has not happened."""
    return {name: NOT_YET if _to_come(value, today) else value for name, value in event.facts.items()}


def _to_come(value: Value, today: date) -> bool:
    if not isinstance(value, str) or value == NOT_YET:
        return False
    try:
        return date.fromisoformat(value) > today
    except ValueError:
        return False


def _bound(rule: Rule, look: Look) -> tuple[bool, tuple[str, ...]]:
    """Whether the rule binds this operator, and what was presumed for it: who does not say what they are is bound."""
    operator = look.operator
    if operator.regime is not None and operator.regime not in rule.regimes:
        return False, ("operator.regime",)
    if rule.roles and operator.roles is not None and not rule.roles & operator.roles:
        return False, ("operator.roles",)
    presumed = ["operator.regime"] if operator.regime is None and len(rule.regimes) < len(Regime) else []
    return True, (*presumed, *(["operator.roles"] if rule.roles and operator.roles is None else []))


def _any(asks: Asks, look: Look) -> tuple[bool | None, tuple[str, ...]]:
    """Whether any of the tables holds: True, False, or None where facts are unknown; with the facts it rests on.

    A no that one and the same fact says to every table rests on that fact alone.
    """
    open_facts: list[str] = []
    against: list[set[str]] = []
    for table in asks:
        values = {name: look.facts.get(name) for name in table}
        false = [n for n, asked in table.items() if values[n] is not None and not _holds(asked, values[n])]
        unknown = [n for n in table if values[n] is None]
        if not false and not unknown:
            return True, tuple(sorted(table))
        if false:
            against.append(set(false))
        else:
            open_facts += unknown
    if open_facts:
        return None, tuple(sorted(set(open_facts)))
    everywhere = set.intersection(*against) if against else set()
    return False, tuple(sorted(everywhere or set().union(*against)))


def _holds(asked: Value, value: Value) -> bool:
    """What has not happened yet answers nothing that is asked, not even that it was given."""
    return value != NOT_YET and plainly(asked, value)


# --- duties


def _duty(rule: DutyRule, look: Look, certainty: Certainty) -> OwedDuty:
    state, presumed = _judge(rule, look)
    return OwedDuty(rule, look.event, state, certainty, tuple(sorted(set(presumed))))


def _judge(rule: DutyRule, look: Look) -> tuple[State, tuple[str, ...]]:
    bound, presumed = _bound(rule, look)
    if not bound:
        return NotDue("not-bound", presumed), ()
    if not look.happened:
        return NotDue("not-happened"), ()
    applies, rests_on = _any(rule.when, look) if rule.when else (True, ())
    if applies is False:
        return NotDue("does-not-apply", rests_on), ()
    presumed += rests_on if applies is None else ()
    freed, rests_on = _any(rule.unless, look)
    if freed:
        return NotDue("exempt", rests_on), ()
    presumed += rests_on if freed is None else ()
    if rule.awaits and look.facts.get(rule.awaits) == NOT_YET:
        return _awaiting(rule, look), presumed
    presumed += (rule.awaits,) if rule.awaits and look.unknown(rule.awaits) else ()
    state, more = _before(rule, look) if rule.before else _timed(rule, look)
    return state, presumed + more


def _awaiting(rule: DutyRule, look: Look) -> State:
    """Nothing is due until others act; once their own term ran out, or the whole ended, nothing will be."""
    if (lapse := _lapse(rule, look)) is not None:
        return lapse
    term = look.term(rule.forfeits) if rule.forfeits is not None else None
    if term is not None and look.today > term.last and not term.unentered:
        return Lapsed(term.last + ONE_DAY, rule.awaits)
    return NotDue("awaits", (rule.awaits,))


def _lapse(rule: DutyRule, look: Look) -> Lapsed | None:
    """The first day that ended it, if one did."""
    days = [(day, name) for name in rule.ends if (day := look.day(name)) is not None]
    return Lapsed(*min(days)) if days else None


def _done(rule: DutyRule, look: Look, act: date | None = None) -> date | None:
    """The first day on which it was done in one of the ways the rule knows."""
    days = [day for doing in rule.done if (day := _did(doing, look, act)) is not None]
    return min(days, default=None)


def _did(doing: Doing, look: Look, act: date | None) -> date | None:
    if doing.where and _any((doing.where,), look)[0] is not True:
        return None
    if doing.ahead is not None:
        term = look.term(doing.ahead)
        if term is None or term.unentered or (act or look.today) <= term.last:
            return None
    return look.day(doing.by)


def _before(rule: DutyRule, look: Look) -> tuple[State, tuple[str, ...]]:
    """Due before an act of the operator's: too late once the act has come."""
    act = look.day(rule.before)
    unsaid = look.unknown(rule.before)
    done = _done(rule, look, date.min if unsaid else act)
    lapse = _lapse(rule, look)
    if unsaid:
        return (Done(done, late=True) if done is not None else Breached(None)), (rule.before,)
    if act is None:
        return (Done(done) if done is not None else lapse or Due(None, before=rule.before)), ()
    if done is not None and done <= act:
        return Done(done), ()
    if lapse is not None and lapse.on is not None and lapse.on <= act:
        return lapse, ()
    return (Done(done, late=True) if done is not None else Breached(act)), ()


def _timed(rule: DutyRule, look: Look) -> tuple[State, tuple[str, ...]]:
    """Due by the end of a term, or by the day an order names."""
    starts = rule.clock.starts if rule.clock is not None else rule.by
    at_once = rule.clock is not None and not rule.clock.unit.counted
    done, lapse = _done(rule, look), _lapse(rule, look)
    last, aim, unentered = _last(rule, look)
    if last is None:
        if done is not None:
            return Done(done, late=True), (starts,)
        if look.unknown(starts):
            return (Lapsed(None, starts) if rule.may else Breached(None, at_once=at_once)), (starts,)
        return lapse or NotDue("not-begun", (starts,)), ()
    if done is not None:
        return Done(done, late=done > last), ()
    if lapse is not None and lapse.on is not None and lapse.on <= last:
        return lapse, ()
    if look.today > last:
        return (Lapsed(last + ONE_DAY, starts) if rule.may else Breached(last + ONE_DAY, last, at_once)), ()
    return Due(last, (last - look.today).days, at_once, aim, unentered=unentered), ()


def _last(rule: DutyRule, look: Look) -> tuple[date | None, date | None, tuple[int, ...]]:
    """The last day, the practice's day, and the years whose holidays nobody entered. Where the law has no number, practice counts."""
    if rule.clock is None:
        return look.day(rule.by), None, ()
    term = look.term(rule.clock)
    if term is None:
        return None, None, ()
    last = term.last if rule.clock.unit.counted else term.aim or term.last
    return last, term.aim, term.unentered


# --- shields


def _shield(rule: ShieldRule, look: Look, certainty: Certainty) -> OwedShield:
    bound, presumed = _bound(rule, look)
    act = look.day(rule.acts) if rule.acts else None
    conditions = tuple(_answered(asked, look, act or look.today) for asked in rule.conditions)
    missing = [c.asked.id for c in conditions if not c.met]
    if not look.happened:
        missing.insert(0, "not-happened")
    if not bound or presumed:
        missing.insert(0, "not-bound")
    if look.undated:
        missing.append(look.undated)
    if rule.acts and look.unknown(rule.acts):
        missing.append(rule.acts)
    if not certainty.decides_alone:
        missing.append("confirmation")
    answer = Shut(tuple(missing)) if missing else Open(act or look.today)
    return OwedShield(rule, look.event, answer, certainty, conditions)


def _answered(asked: Asked, look: Look, act: date) -> Answered:
    met, facts = _any(asked.asks, look) if asked.asks else (True, ())
    missing, against = (facts if met is None else ()), (facts if met is False else ())
    if asked.after is None:
        return Answered(asked, met is True, missing, against)
    term = look.term(asked.after)
    if term is None:
        start = (asked.after.starts,)
        unsaid = look.unknown(asked.after.starts)
        return Answered(asked, False, missing + (start if unsaid else ()), against + (() if unsaid else start))
    waited = act > term.last and not term.unentered
    return Answered(asked, met is True and waited, missing, against, term.last)


# --- holds


def _hold(rule: HoldRule, look: Look, certainty: Certainty) -> OwedHold:
    bound, presumed = _bound(rule, look)
    if not bound:
        return OwedHold(rule, look.event, NotHeld("not-bound", presumed), certainty)
    if not look.happened:
        return OwedHold(rule, look.event, NotHeld("not-happened"), certainty)
    applies, rests_on = _any(rule.when, look) if rule.when else (True, ())
    if applies is False:
        return OwedHold(rule, look.event, NotHeld("does-not-apply", rests_on), certainty)
    presumed += rests_on if applies is None else ()
    freed, rests_on = _any(rule.unless, look)
    if freed:
        return OwedHold(rule, look.event, NotHeld("exempt", rests_on), certainty)
    presumed += rests_on if freed is None else ()
    if look.facts.get(rule.starts) == NOT_YET:
        return OwedHold(rule, look.event, NotHeld("not-begun", (rule.starts,)), certainty)
    until, more, capped = _until(rule, look)
    over = until is not None and look.today > until
    answer = Ended(until + ONE_DAY) if over and until is not None else Holds(until)
    return OwedHold(rule, look.event, answer, certainty, tuple(sorted({*presumed, *more})), capped)


def _until(rule: HoldRule, look: Look) -> tuple[date | None, tuple[str, ...], bool]:
    """The last day of a hold, the facts presumed for it, and whether more was asked than the law allows."""
    days: list[date] = [day for name in rule.ends if (day := look.day(name)) is not None]
    start = look.day(rule.starts)
    presumed = [] if start is not None else [rule.starts]
    capped = False
    if rule.clock is not None and (term := look.term(rule.clock)) is not None and not term.unentered:
        days.append(term.last)
    if rule.spans:
        asked = [(span, look.facts.get(span.field)) for span in rule.spans]
        presumed += [span.field for span, value in asked if value is None]
        counts = [span.most if not isinstance(value, int) else min(value, span.most) for span, value in asked]
        capped = sum(counts) > rule.in_all or any(isinstance(v, int) and v > s.most for s, v in asked)
        if start is not None:
            days.append(start + timedelta(days=min(sum(counts), rule.in_all)))
    return min(days, default=None), tuple(presumed), capped
