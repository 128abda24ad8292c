"""owed: what is due, what is late, what shields, what must not be deleted. Needs no node and no settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from sekisho.desk.asking import owe
from sekisho.desk.draft import DraftError
from sekisho.faces.commands.world import DEFAULT, Book, Config, Day, book_folder, book_of, day_of
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import answer, pick, refuse, t

ORDER = ("breached", "due", "done", "lapsed", "not-due")
MARK = {"breached": "✗", "due": "!", "done": "✓", "lapsed": "–", "not-due": "–"}
STYLE = {"breached": "bold red", "due": "bold"}


def owed(
    facts: Annotated[Path, typer.Argument(help="facts.toml")],
    config: Config = DEFAULT,
    on: Day = "",
    book: Book = None,
    everything: Annotated[bool, typer.Option("--all", help="関係しない規定も / also the rules that do not concern this")] = False,
) -> None:
    """何をいつまでにしなければならないか、何が免責し、何を消してはならないか / What is due, late, shielded, held."""
    asked = owe.WhatIsOwed(facts, book_of(book_folder(config, book)), day_of(on), datetime.now(UTC))
    try:
        found = owe.carry_out(asked)
    except DraftError as why:
        raise mistake(facts, why) from why
    answer(found, told(found, everything=everything))
    if any(d["state"] == "breached" for d in found["duties"]):
        raise typer.Exit(1)


def show_rule(name: str, folder: Path) -> None:
    """`casebook show` of a rule: its words, source, dates and, for a shield, its conditions."""
    found = owe.rule(book_of(folder), name)
    if found is None:
        raise refuse("unknown-case", {"case": name})
    rows = [f"{found['id']}  {pick(found['title'])}", pick(found["words"]), found["source"]]
    rows.append(f"{found['kind']} {found['authority']} {found['certainty']} {found['since']}–{found['until'] or ''} ({found['seen']})")
    rows += [f"  → {pick(found['to'])}"] if "to" in found else []
    rows += [f"  {pick(c['words'])}" for c in found.get("conditions", ())]
    answer(found, Text("\n".join(rows)))


def told(found: Mapping[str, Any], *, everything: bool = False) -> Group:
    """Overdue first, then what is due by day and what lapsed; open shields, holds, what is done; what could still shield.

    What does not concern these events is a number; with `everything` one line each.
    """
    rows: list[Text] = [Text(f"{t('owed-on')} {found['on']} (JST; {found['country']} {found['version']})", style="dim")]
    duties = sorted(found["duties"], key=_urgency)
    open_first = sorted(found["shields"], key=lambda s: s["state"] != "open")
    rows += [line for duty in duties if duty["state"] in ("breached", "due", "lapsed") for line in _duty(duty)]
    rows += [line for shield in open_first if shield["state"] == "open" for line in _shield(shield)]
    rows += [line for hold in found["holds"] if hold["state"] != "not-held" for line in _hold(hold)]
    rows += [line for duty in duties if duty["state"] == "done" for line in _duty(duty)]
    shut = [s for s in open_first if s["state"] != "open"]
    rows += [line for shield in shut if everything or not _hopeless(shield) for line in _shield(shield)]
    idle: list[Mapping[str, Any]] = [x for x in (*duties, *found["holds"]) if x["state"] in ("not-due", "not-held")]
    if everything:
        rows += [Text(f"– {x['rule']} {_title(x)}: {pick(x['why_words'])}{_named(x['facts'])}", style="dim") for x in idle]
    elif away := len(idle) + sum(map(_hopeless, shut)):
        rows.append(Text(f"– {t('not-concerned')}: {away} ({t('show-all')})", style="dim"))
    if len(rows) == 1:
        rows.append(Text(t("nothing-owed")))
    return Group(*rows, Text(t("legend"), style="dim"), Text(t("no-advice"), style="dim"))


def _hopeless(shield: Mapping[str, Any]) -> bool:
    """Whether somebody said what keeps it shut: no further fact opens it."""
    return any(c["against"] for c in shield["conditions"])


def _urgency(duty: Mapping[str, Any]) -> tuple[int, str, str]:
    return ORDER.index(duty["state"]), str(duty.get("since") if duty["state"] == "breached" else duty.get("by") or "9"), duty["rule"]


def _duty(duty: Mapping[str, Any]) -> Iterator[Text]:
    state = duty["state"]
    when = "; ".join(_when(duty))
    yield Text(f"{MARK[state]} {_title(duty)}: {pick(duty['state_words'])}{' ' + when if when else ''}", style=STYLE.get(state, ""))
    if state in ("due", "breached"):
        yield Text(f"    → {pick(duty['to'])}")
        yield Text(f"    {pick(duty['words'])}", style="dim")
        yield from _unknown(duty)
    yield from _source(duty)


def _title(found: Mapping[str, Any]) -> str:
    return f"{pick(found['title'])} ({found['event']})"


def _when(duty: Mapping[str, Any]) -> Iterator[str]:
    state = duty["state"]
    if state == "breached":
        yield _over(duty)
    if state == "due":
        yield t("before-act") if duty["before"] else _last(duty)
        if duty["unentered"]:
            yield f"{t('holidays-unentered')} {', '.join(map(str, duty['unentered']))}"
    if state == "done":
        yield duty["on"] + (f" ({t('late')})" if duty["late"] else "")
    if state == "lapsed":
        yield str(duty["on"] or "")


def _over(duty: Mapping[str, Any]) -> str:
    if not duty["by"]:
        return f"({t('no-start')})"
    if duty["at_once"]:
        return f"({t('unit-' + duty['clock']['unit'])}: {t('no-number')}; {t('practice-was')} {duty['by']})"
    return f"({t('term-until')} {duty['by']})"


def _last(duty: Mapping[str, Any]) -> str:
    """The last day; where the law says "promptly", that, and the day by which it is done in practice."""
    aim = f"{t('practice-until')} {duty['aim']}" if duty["aim"] else ""
    if duty["at_once"]:
        return f"{t('unit-' + duty['clock']['unit'])} ({'; '.join(x for x in (t('no-number'), aim) if x)})"
    return ", ".join(x for x in (f"{duty['by']} {t('until-then')} ({duty['left']} {t('days-left')})", aim) if x)


def _shield(shield: Mapping[str, Any]) -> Iterator[Text]:
    open_ = shield["state"] == "open"
    yield Text(f"{'✓' if open_ else '✗'} {_title(shield)}: {pick(shield['state_words'])}", style="bold")
    for one in shield["conditions"]:
        waits = f" ({t('waits-until')} {one['waits_until']})" if one["waits_until"] and not one["met"] else ""
        lacks = f" — {t('nobody-said')}{_named(one['missing'])}" if one["missing"] else ""
        yield Text(f"    {'✓' if one['met'] else '✗'} {pick(one['words'])}{waits}{lacks}")
    known = {c["id"] for c in shield["conditions"]}
    yield from (Text(f"    ✗ {pick(m['words']) or m['id']}") for m in shield["missing"] if m["id"] not in known)
    yield from _source(shield)


def _hold(hold: Mapping[str, Any]) -> Iterator[Text]:
    held = hold["state"] == "holds"
    day = hold["ended"] or (t("up-to").format(day=hold["until"]) if hold["until"] else t("until-it-ends"))
    yield Text(f"{'■' if held else '–'} {_title(hold)}: {pick(hold['state_words'])} {day}", style="bold" if held else "")
    if hold["state"] == "holds":
        yield Text(f"    {pick(hold['what'])}")
        yield Text(f"    {pick(hold['disclosure_words'])}{' (' + t('capped') + ')' if hold['capped'] else ''}")
        yield from _unknown(hold)
    yield from _source(hold)


def _unknown(found: Mapping[str, Any]) -> Iterator[Text]:
    if found["presumed"]:
        yield Text(f"    {t('held-against')}{_named(found['presumed'])}")


def _source(found: Mapping[str, Any]) -> Iterator[Text]:
    yield Text(f"    {found['rule']} [{found['authority']} {found['certainty']}] {found['source']}", style="dim")
    if found["ask"]:
        yield Text(f"    ? {t('not-sure-ask')}: {pick(found['ask'])}")


def _named(facts: list[Mapping[str, Any]]) -> str:
    return ": " + "; ".join(f"{pick(f['words'])} ({f['fact']})" for f in facts) if facts else ""
