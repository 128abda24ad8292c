"""ask: from "we want to ..." to the step, its conditions as plain questions, what is missing, and who supplies it."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from sekisho.desk.asking import interview, wishes
from sekisho.desk.asking.interview import Asked, Said
from sekisho.desk.asking.question import Here
from sekisho.desk.draft import DraftError
from sekisho.faces.commands.asking import NO
from sekisho.faces.commands.world import DEFAULT, Book, Config, Day, OfRegime, day_of, here_of
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import Chosen, answer, decision_tree, err, out, pick, refuse, t, to_do
from sekisho.law.casebook import Casebook
from sekisho.law.words import Regime

YES = ("yes", "y", "はい", "ハイ", "h")
JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff々]")
LATIN = re.compile(r"[A-Za-z]{2,} +[A-Za-z]{2,}")
NAY = ("no", "n", "いいえ", "イイエ", "i")

Words = Annotated[list[str] | None, typer.Argument(help="したいこと、または施策 [手順] / what you want, or MEASURE [STEP]")]
Affirm = Annotated[list[str] | None, typer.Option("--yes", help="はいと答える条件（all: すべて）/ condition to say yes to, or all")]
Answers = Annotated[Path | None, typer.Option(help="条件 = yes/no/unknown の TOML / answers as TOML: condition = yes, no or unknown")]
Save = Annotated[Path | None, typer.Option(help="続きの plan.toml を書く / write a plan.toml to go on with")]


def ask(
    words: Words = None,
    yes: Affirm = None,
    answers: Answers = None,
    save: Save = None,
    on: Day = "",
    regime: OfRegime = None,
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """平易な問いで、根拠と足りないものを知る / Plain questions: may we, what is missing, who supplies it."""
    here = here_of(config, book)
    said = list(words or [])
    if said and said[0] not in here.book.steps:
        Chosen.language = _language(" ".join(said))
    if not said:
        if not _at_a_terminal():
            raise refuse("nothing-asked", {}, 2)
        said = [_line(f"{t('what-do-you-want')} ")]
    if said[0] not in here.book.steps:
        chosen = _search(" ".join(said), here.book)
        if not chosen:
            return
        said = [chosen]
    how = _how(yes, answers)
    day = day_of(on) or here.book.day(datetime.now(UTC))
    try:
        found = [_interview(here, said[0], step, day, regime, how) for step in _steps(here.book, said, one=save is not None)]
    except DraftError as why:
        raise mistake(answers or Path(said[0]), why) from why
    _told(found)
    if save is not None:
        _save(save, found[0]["plan"])
    if any(f["decision"]["outcome"] in NO for f in found):
        raise typer.Exit(1)


def _language(words: str) -> str:
    """Who asks in a script is answered in its language, unless somebody named another."""
    return Chosen.asked or ("ja" if JAPANESE.search(words) else "en" if LATIN.search(words) else Chosen.language)


def _search(words: str, book: Casebook) -> str:
    """Say what fits; at a terminal let one be chosen. Ends with 1 where nothing fits."""
    found = wishes.carry_out(wishes.Wish(words, book))
    head = "fits" if found["sure"] else "fits-not" if found["measures"] else "fits-nothing"
    rows: list[Any] = [Text(t(head), style="bold")]
    for place, one in enumerate(found["measures"], 1):
        rows.append(Text(f" {place}. {one['measure']}  {pick(one['title'])}"))
        rows += [Text(f"      {s['name']}: {pick(s['says'])}", style="dim") for s in one["steps"]]
    if found["sure"]:
        rows.append(Text(f"{t('go-on')}: sekisho ask {found['measures'][0]['measure']} {found['measures'][0]['steps'][0]['name']}"))
    else:
        rows += [Text(t("ask-the-officer")), Text(f"{t('look-through')}: sekisho casebook measures", style="dim")]
    answer(found, Group(*rows))
    if found["sure"] and not Chosen.as_json and _at_a_terminal():
        number = _line(f"{t('which-one')} [1-{len(found['measures'])}] ")
        if number.isdigit() and 0 < int(number) <= len(found["measures"]):
            return str(found["measures"][int(number) - 1]["measure"])
    if not found["sure"]:
        raise typer.Exit(1)
    return ""


def _steps(book: Casebook, said: list[str], *, one: bool) -> list[str]:
    """The step that is named; without one the only step, at a terminal the chosen one, else every step."""
    names = [s.name for s in book.steps[said[0]]]
    if len(said) > 1:
        return [interview.step_of(book, said[0], said[1]).name]
    if len(names) == 1:
        return names
    if not Chosen.as_json and _at_a_terminal():
        about = book.about.get(said[0])
        for place, name in enumerate(names, 1):
            out.print(Text(f" {place}. {name}  {pick(about.steps.get(name, {}) if about else {})}"))
        number = _line(f"{t('which-step')} [1-{len(names)}] ")
        if number.isdigit() and 0 < int(number) <= len(names):
            return [names[int(number) - 1]]
        one = True
    if one:
        raise DraftError("step", "missing", "", names)
    return names


def _how(yes: list[str] | None, answers: Path | None) -> Callable[[tuple[Asked, ...]], interview.Answer]:
    """Who answers: the options, a file, the person at the terminal; where nobody can, don't know."""
    if answers is not None:
        try:
            table = tomllib.loads(answers.read_text(encoding="utf-8"))
        except OSError as why:
            raise mistake(answers, DraftError(str(answers), "absent")) from why
        except ValueError as why:
            raise mistake(answers, DraftError(f"{answers}: {why}", "not-toml")) from why
        return lambda questions: interview.by_table(table, questions)
    if yes is None and not Chosen.as_json and _at_a_terminal():
        return lambda _questions: _ask
    return lambda questions: interview.by_names(yes or [], questions)


def _interview(here: Here, measure: str, step: str, day: date, regime: Regime | None, how: Any) -> dict[str, Any]:
    remarks = interview.Remarks(Chosen.language, tuple(t("plan-head").split("\n")), t("plan-example"), t("plan-lacking"))
    request = interview.Interview(here, measure, step, day, regime, remarks)
    return interview.carry_out(request, how(interview.questions(request)))


def _ask(question: Asked, number: int, most: int) -> Said:
    """One question at the terminal. Nothing, and the end of input, is don't know."""
    out.print(Text(f"\n[{number}/{most}] {pick(question.condition.words)}", style="bold"))
    cases = ", ".join(sorted({case for case, _ in question.places}))
    out.print(Text(f"      {cases}", style="dim"))
    said = _line(f"      {t('yes-or-no')} ").strip().lower()
    return Said.YES if said in YES else Said.NO if said in NAY else Said.UNKNOWN


def _told(found: list[dict[str, Any]]) -> None:
    parts: list[Any] = []
    for one in found:
        parts.append(Text(f"{one['measure']} / {one['step']}  {t('law-of')} {one['on']} ({one['regime']})", style="dim"))
        parts += [_answered(q) for q in one["questions"] if q["said"] is not None]
        decision: Mapping[str, Any] = one["decision"]
        parts.append(decision_tree(decision))
        if decision["missing"]:
            parts += [Text(t("missing"), style="bold"), to_do(decision)]
    whole = {"measure": found[0]["measure"], "steps": found}
    answer(whole, Group(*parts, Text(t("legend"), style="dim"), Text(t("no-advice"), style="dim")))


def _answered(question: Mapping[str, Any]) -> Text:
    mark = {"yes": "✓", "no": "✗", "unknown": "?"}[question["said"]]
    names = ", ".join(f"{c['case']}/{c['condition']}" for c in question["conditions"])
    return Text(f" {mark} {pick(question['words'])}  ({names})")


def _save(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as why:
        raise refuse("file-exists", {"path": str(path)}, 2) from why
    except OSError as why:
        raise refuse("cannot-write", {"path": str(path)}, 2) from why
    err.print(Text(f"{t('saved')}: {path}   sekisho decide {path}"))


def _line(prompt: str) -> str:
    out.print(Text(prompt), end="")
    return sys.stdin.readline().strip()


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
