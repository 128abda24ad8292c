"""casebook list, show, why, measures, codes: the book read at the terminal, one page a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.book import why_book
from sekisho.desk.draft import DraftError
from sekisho.desk.papers import Words, words_of
from sekisho.faces.commands.owing import show_rule
from sekisho.faces.commands.papers import printing
from sekisho.faces.commands.world import DEFAULT, Book, Config, Day, book_folder, book_of, day_of, texts_folder
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import Chosen, answer, pick, refuse, t
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.words import Axis, Case, Ground

OfMeasure = Annotated[str, typer.Option(help="施策 / of this measure")]
OfRow = Annotated[str, typer.Option(help="項（C-01 など）/ carrying this row of law, like C-01")]
OnAxis = Annotated[Axis | None, typer.Option(help="観点 / of this axis")]
OnGround = Annotated[Ground | None, typer.Option(help="根拠 / on this ground")]
Uncertain = Annotated[bool, typer.Option("--uncertain", help="人の判断を要するものだけ / only what is referred to a person")]


Spare = Annotated[list[str] | None, typer.Argument(hidden=True)]


def list_cases(
    measure: OfMeasure = "",
    row: OfRow = "",
    on: Day = "",
    axis: OnAxis = None,
    ground: OnGround = None,
    uncertain: Uncertain = False,
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """事例の一覧 / Every case, or those that are asked for."""
    whole, day = book_of(book_folder(config, book)), day_of(on)
    if measure and measure not in (*whole.steps, "*"):
        raise mistake(Path("casebook"), DraftError("measure", "unknown-measure", measure, sorted(whole.steps)))
    wanted = [c for c in whole.cases if _wanted(c, measure, row, day)]
    wanted = [c for c in wanted if axis in (None, c.axis) and ground in (None, c.ground)]
    if uncertain:
        wanted = [c for c in wanted if not c.certainty_on(day or whole.day(datetime.now(UTC))).decides_alone]
    answer([plain(c) for c in wanted], Text("\n".join(map(_line, wanted)) or t("no-such-cases")))


def _wanted(case: Case, measure: str, row: str, day: date | None) -> bool:
    rows = {*case.id.split("/")[1:2], *case.rows}
    in_force = day is None or (case.since <= day and (case.until is None or day < case.until))
    return measure in ("", case.measure) and (not row or row in rows) and in_force


def _line(case: Case) -> str:
    until = f"–{case.until}" if case.until else ""
    sure = f"{case.ground:<5} {case.authority} {case.certainty:<5}"
    return f"{case.id:<12} {case.axis:<14} {sure} {case.since}{until}  {pick(case.title)}"


def show_case(
    case: Annotated[str, typer.Argument(help="事例の番号 / case id")],
    spare: Spare = None,
    on: Day = "",
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """ひとつの事例（または義務の規定）を一枚に：言葉、検査、出典、沿革、例題 / One case, or one rule of what is owed, on one page."""
    from sekisho.desk.book import read_book

    _nothing_more(f"show {case}", spare)
    folder = book_folder(config, book)
    whole = book_of(folder)
    day = day_of(on) or whole.day(datetime.now(UTC))
    rules = [r.id for r in whole.owed.rules]
    if case in rules:
        return show_rule(case, folder)
    try:
        found = read_book.case_page(whole, case, day)
    except KeyError as why:
        meant = [c.id for c in whole.cases if case in (c.measure, c.id.split("/")[1])]
        raise mistake(Path("casebook"), DraftError("case", "unknown-case", case, meant or [*(c.id for c in whole.cases), *rules])) from why
    with printing():
        words = words_of(texts_folder(config), "", Chosen.language)
    return answer(found, Text("\n".join(_page(found, whole, words))))


def list_measures(config: Config = DEFAULT, book: Book = None) -> None:
    """施策の一覧 / Every measure of the book, by its name and what it is."""
    from sekisho.desk.book import read_book

    found = read_book.index(book_of(book_folder(config, book)))["measures"]
    rows = [f"{m['measure']:<26} {pick(m['title'])}" for m in found]
    answer(found, Text("\n".join([*rows, f"{t('go-on')}: sekisho ask {t('measure-word')}"])))


def _page(found: Mapping[str, Any], book: Casebook, words: Words) -> Iterator[str]:
    case = book.case(found["case"]["id"])
    yield f"{case.id}  {pick(case.title)}"
    steps = words.listed(s["name"] for s in found["steps"]) or words.each("kind", case.kinds)
    yield from (f"{name}: {said}" for name, said in _facts(case, found, words, steps) if said)
    yield f"\n{t('conditions')}"
    yield from (line for number, c in enumerate(case.conditions, 1) for line in _condition(number, c, book, words))
    if not case.conditions:
        yield f"  {t('never-permitted')}"
    for duty in case.duties:
        within = t("due-at-once") if not duty.within.days else t("within-days").format(days=duty.within.days)
        yield f"\n{t('duty')}: {pick(duty.words)} ({within})"
    for name, said in (("asked-of-officer", case.ask), ("note", case.notes)):
        yield from ((f"\n{t(name)}: {pick(said)}",) if said else ())
    for dissent in case.dissent:
        yield f"\n{t('seen-otherwise')}: {pick(dissent.words)} ({dissent.source}; {words.of('authority', dissent.authority)})"
    yield from ((f"\n{t('norms')}",) if found["norms"] else ())
    yield from (f"  § {pick(n['title'])}" for n in found["norms"])
    yield f"\n{t('history')}"
    yield from (_past(h, case.id) for h in found["history"])
    yield f"\n{t('worked')}"
    yield from (f"  {e['on']} {e['step']}: {t(e['expect'])} — {pick(e['because'])}" for e in found["examples"])
    yield f"\n{t('no-advice')}"


def _past(case: Mapping[str, Any], this: str) -> str:
    return f"  {'→' if case['id'] == this else ' '} {case['id']:<12} {case['since']}–{case['until'] or '':<10}  {pick(case['title'])}"


def _facts(case: Case, found: Mapping[str, Any], words: Words, steps: str) -> Iterator[tuple[str, str]]:
    """What stands at the head of the page, name by name."""
    measure = f"{pick(found['about'])} ({case.measure})" if found["about"] else t("every-measure")
    moved = [f"{', '.join(c['then'])} → {', '.join(c['now'])}" if c["then"] != c["now"] else c["cite"] for c in found["cites"]]
    yield t("measure"), f"{measure}: {steps}"
    yield t("field-axis"), pick(found["axis"])
    yield t("field-ground"), f"{words.of('ground', case.ground)} [{case.ground}]"
    yield t("field-authority"), f"{words.of('authority', case.authority)} [{case.authority}]"
    yield t("field-certainty"), f"{words.of('certainty', case.certainty)} [{case.certainty}]"
    yield t("field-source"), case.source
    yield t("field-cites"), "; ".join(moved)
    yield t("in-force"), f"{case.since}–{case.until or ''}"
    yield t("field-sure_from"), str(case.sure_from or "")
    yield t("field-seen"), str(case.seen)
    yield t("field-rows"), ", ".join(case.rows)
    yield t("field-acts"), words.each("act", case.acts)
    yield t("field-elements"), words.each("element", case.elements)
    yield t("field-audience"), words.listed(words.of("audience", a) for a in sorted(case.audience))
    yield t("field-regimes"), words.each("regime", case.regimes)
    yield t("field-signatures"), str(case.signatures)
    yield t("field-longest"), t("so-many-days").format(days=case.longest.days) if case.longest else ""


def _condition(number: int, condition: Any, book: Casebook, words: Words) -> Iterator[str]:
    """The rule's words, what its check looks at, and who can supply the evidence."""
    yield f"  {number}. {pick(condition.words)}  ({condition.id})"
    yield f"       [{condition.check}] {words.checked(condition, book)}"
    kind = book.kinds.get(str(condition.params.get("kind", "")))
    if kind is not None:
        by = words.each("voucher", kind.vouchers)
        yield f"       {t('who')}: {words.listed(pick(book.roles.get(r.value)) or r.value for r in sorted(kind.roles))} ({by})"


def why(
    name: Annotated[str, typer.Argument(help="事例、施策、施策/手順 / case id, measure, or measure/step")],
    spare: Spare = None,
    on: Day = "",
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """その日にどの事例が有効で、他はなぜ違うか / Which cases were in force on a day, and why others were not."""
    _nothing_more(f"why {name}", spare)
    whole = book_of(book_folder(config, book))
    day = day_of(on) or whole.day(datetime.now(UTC))
    try:
        found = why_book.carry_out(why_book.Why(name, whole, day))
    except DraftError as no:
        raise mistake(Path("casebook"), no) from no
    answer(found, Text("\n".join(_reasons(found))))


def _nothing_more(asked: str, spare: list[str] | None) -> None:
    """A day stands behind `--on`; who wrote it without is told how."""
    if spare:
        raise refuse("day-with-on", {"write": f"sekisho casebook {asked} --on {spare[0]}"}, 2)


def _reasons(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{t('law-of')} {found['on']}"
    for step in found["steps"]:
        yield f"\n{t('every-measure') if step['step'] is None else step['measure'] + ' / ' + step['step']}"
        for case in step["cases"]:
            reason = t("in-force") if case["holds"] else _reason(case)
            yield f"  {'✓' if case['holds'] else '✗'} {case['id']:<12} {case['axis']:<14} {reason}  {pick(case['title'])}"
        if not any(c["holds"] for c in step["cases"]):
            yield f"  {t('none-in-force')}"


def _reason(case: Mapping[str, Any]) -> str:
    dated = {"not-yet": case["since"], "over": case["until"]}.get(case["why"], "")
    return f"{t('case-' + case['why'])} {dated}".rstrip()
