"""owed: what is due, what is late, what shields, what must not be deleted. Needs no node and no settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from sekisho.desk import owe
from sekisho.desk.draft import DraftError
from sekisho.faces.commands.asking import Day, day_of
from sekisho.faces.commands.world import DEFAULT, Book, Config, book_folder, book_of
from sekisho.faces.mistakes import mistake
from sekisho.faces.say import answer, pick, refuse, t

ORDER = ("breached", "due", "done", "lapsed", "not-due")
MARK = {"breached": "✗", "due": "!", "done": "✓", "lapsed": "–", "not-due": "–"}
STYLE = {"breached": "bold red", "due": "bold"}


def owed(
    facts: Annotated[Path, typer.Argument(help="facts.toml")],
    config: Config = DEFAULT,
    on: Day = "",
    book: Book = None,
) -> None:
    """何をいつまでにしなければならないか、何が免責し、何を消してはならないか / What is due, late, shielded, held."""
    asked = owe.WhatIsOwed(facts, book_of(book_folder(config, book)), day_of(on), datetime.now(UTC))
    try:
        found = owe.carry_out(asked)
    except DraftError as why:
        raise mistake(facts, why) from why
    answer(found, told(found))
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


def told(found: Mapping[str, Any]) -> Group:
    """Overdue first, then what is due by day, then shields and holds; what does not apply last, one line each."""
    rows: list[Text] = [Text(f"{t('owed-on')} {found['on']} (JST; {found['country']} {found['version']})", style="dim")]
    duties = sorted(found["duties"], key=_urgency)
    rows += [line for duty in duties if duty["state"] != "not-due" for line in _duty(duty)]
    rows += [line for shield in found["shields"] for line in _shield(shield)]
    rows += [line for hold in found["holds"] if hold["state"] != "not-held" for line in _hold(hold)]
    idle: list[Mapping[str, Any]] = [x for x in (*duties, *found["holds"]) if x["state"] in ("not-due", "not-held")]
    rows += [Text(f"– {x['rule']} {_title(x)}: {pick(x['why_words'])}{_named(x['facts'])}", style="dim") for x in idle]
    if len(rows) == 1:
        rows.append(Text(t("nothing-owed")))
    return Group(*rows, Text(t("no-advice"), style="dim"))


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
        yield f"({t('term-until')} {duty['by']})" if duty["by"] else f"({t('no-start')})"
        if duty["at_once"]:
            yield t("at-once")
    if state == "due":
        if duty["before"]:
            yield t("before-act")
        elif duty["at_once"]:
            yield t("at-once") + (f" ({t('practice-until')} {duty['aim']})" if duty["aim"] else "")
        else:
            yield f"{duty['by']} {t('until-then')} ({duty['left']} {t('days-left')})" + (
                f", {t('practice-until')} {duty['aim']}" if duty["aim"] else ""
            )
        if duty["unentered"]:
            yield f"{t('holidays-unentered')} {', '.join(map(str, duty['unentered']))}"
    if state == "done":
        yield duty["on"] + (f" ({t('late')})" if duty["late"] else "")
    if state == "lapsed":
        yield str(duty["on"] or "")


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
    day = hold["ended"] or (f"{hold['until']} {t('up-to')}" if hold["until"] else t("until-it-ends"))
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
