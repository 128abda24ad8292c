"""Pages of the manual made from the rules of what is owed: each duty, shield and hold, its words beside what it asks of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from house.pages import both, cell, spoken, table, told
from sekisho.law.casebook import Casebook
from sekisho.law.clocks import Clock
from sekisho.law.duties import Asks, Doing, DutyRule, EventKind, HoldRule, Rule, ShieldRule

KINDS = ((DutyRule, "duty"), (ShieldRule, "shield"), (HoldRule, "hold"))


def page_of_rule(rule: Rule) -> str:
    """Where a rule's page lies, below the docs folder."""
    return f"cases/{rule.id.replace('/', '-')}.md"


def rule_page(rule: Rule, book: Casebook) -> str:
    """A rule as Markdown: what it says, when it runs out, and what it asks of the facts."""
    bound = ", ".join(sorted(r.value for r in rule.regimes)) + (f"; {', '.join(sorted(rule.roles))}" if rule.roles else "")
    facts = [
        ("kind", next(name for kind, name in KINDS if isinstance(rule, kind))),
        ("about", ", ".join(rule.events)),
        ("binds", bound),
        ("in force", f"since {rule.since}" + (f" until {rule.until}" if rule.until else "")),
        ("source", rule.source),
        ("cites", ", ".join(rule.cites) or "-"),
        ("authority", f"{rule.authority.value} ({rule.authority.name.lower()})"),
        ("certainty", rule.certainty.value + (f"; from memory before {rule.sure_from}" if rule.sure_from else "")),
        ("source last read", str(rule.seen)),
    ]
    parts = [f"# {rule.id}", both(rule.title), both(rule.words), table(("", ""), ((cell(k), cell(v)) for k, v in facts))]
    parts += _body(rule)
    parts += [f"## {title}\n\n{both(words)}" for title, words in (("Asked of the officer", rule.ask), ("Notes", rule.notes)) if words]
    parts += [f"## Seen otherwise\n\n{both(d.words)} ({cell(d.source)}, {d.authority.value})" for d in rule.dissent]
    parts += ["## Worked", _worked(rule, book), "## Facts", *(_kind(book.owed.kinds[name]) for name in rule.events)]
    return "\n\n".join(parts) + "\n"


def _body(rule: Rule) -> Iterator[str]:
    if isinstance(rule, DutyRule):
        yield f"## To whom\n\n{both(rule.to)}"
        rows = [("by when", _by_when(rule)), ("when", _asks(rule.when) or "always"), ("unless", _asks(rule.unless) or "-")]
        rows += [("done", "<br>".join(map(_done, rule.done))), ("waits for", f"`{rule.awaits}`" if rule.awaits else "-")]
        rows += [("lapses", _lapses(rule))]
        yield table(("", ""), rows)
    if isinstance(rule, ShieldRule):
        yield "## Conditions"
        yield table(("id", "words", "asks"), ((f"`{c.id}`", both(c.words), _condition(c.asks, c.after)) for c in rule.conditions))
        yield f"Judged on the day `{rule.acts}`." if rule.acts else "Judged on the day it is asked."
    if isinstance(rule, HoldRule):
        yield f"## What must stay\n\n{both(rule.what)}"
        spans = "; ".join(f"`{s.field}`, {s.most} at most" for s in rule.spans)
        rows = [("from", f"`{rule.starts}`"), ("until", _clock(rule.clock) or spans or ", ".join(f"`{e}`" for e in rule.ends))]
        rows += [("in all", f"{rule.in_all} days")] if rule.in_all else []
        rows += [("when", _asks(rule.when) or "always"), ("unless", _asks(rule.unless) or "-")]
        yield table(("", ""), rows)
        yield "It stops deletion and permits no disclosure."


def _worked(rule: Rule, book: Casebook) -> str:
    """The examples the tests run, each changing something of facts that are complete."""
    rows = [
        (both(w.because), str(w.on), told(w.given), f"{w.expect}{f' {w.by}' if w.by else ''}", ", ".join(f"`{m}`" for m in w.lacks) or "-")
        for w in book.worked
        if w.rule == rule.id
    ]
    return table(("because", "on", "changed", "expected", "missing"), rows) if rows else "No example names this rule."


def _by_when(rule: DutyRule) -> str:
    way = _clock(rule.clock) or (f"the day `{rule.by}`" if rule.by else f"before `{rule.before}`")
    return way + ("; a right, not a duty" if rule.may else "")


def _clock(clock: Clock | None) -> str:
    if clock is None:
        return ""
    length = f"{clock.length} {clock.unit.value.replace('-', ' ')}" if clock.unit.counted else clock.unit.value.replace("-", " ")
    more = [", the first day counted"] if clock.counts_first else []
    more += [", moved from a closed day"] if clock.moves else []
    more += [f"; practice {clock.practice[0]} to {clock.practice[1]} days"] if clock.practice else []
    return f"{length} from `{clock.starts}`{''.join(more)}"


def _asks(asks: Asks) -> str:
    return " or<br>".join(_table(one) for one in asks)


def _table(one: Mapping[str, Any]) -> str:
    return " and ".join(f"`{name}` {cell(spoken(asked))}" for name, asked in one.items())


def _condition(asks: Asks, after: Clock | None) -> str:
    wait = [f"{_clock(after)} have passed"] if after is not None else []
    return "<br>".join([*([_asks(asks)] if asks else []), *wait])


def _done(doing: Doing) -> str:
    where = f" where {_table(doing.where)}" if doing.where else ""
    return f"`{doing.by}`{where}" + (f", {_clock(doing.ahead)} before" if doing.ahead else "")


def _lapses(rule: DutyRule) -> str:
    ways = [*(f"`{e}`" for e in rule.ends), *([f"{_clock(rule.forfeits)} without it"] if rule.forfeits else [])]
    return "; ".join(ways) or "-"


def _kind(kind: EventKind) -> str:
    rows = (
        (f"`{f.name}`", f.type + (f": {', '.join(f.among)}" if f.among else ""), both(f.words)) for f in kind.fields.values()
    )
    return f"### `{kind.name}`\n\n{both(kind.title)}\n\n{table(('field', 'type', 'words'), rows)}"


def rule_index(book: Casebook) -> Iterable[str]:
    """All rules of a book by kind, for the index of cases."""
    for kind, name in KINDS:
        rows = [
            (f"[{r.id}]({page_of_rule(r).removeprefix('cases/')})", both(r.title), ", ".join(r.events), r.certainty.value, str(r.since))
            for r in book.owed.rules
            if isinstance(r, kind)
        ]
        if rows:
            yield f"### What is owed: every {name}"
            yield table(("id", "title", "about", "certainty", "since"), rows)
