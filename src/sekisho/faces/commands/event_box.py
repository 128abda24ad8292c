"""event init and event papers: a volunteer's plain answers become an installation, a plan, a poster and a list of what is to be done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.text import Text

from sekisho.desk.draft import DraftError
from sekisho.desk.event import box
from sekisho.desk.event.box import Answers, Box, CannotPrint
from sekisho.desk.event.panels import PANELS
from sekisho.faces.commands.papers import printing
from sekisho.faces.commands.setup import HERE, make, say, settings_text
from sekisho.faces.commands.world import DEFAULT, Config, settings_of
from sekisho.faces.words.mistakes import mistake, reason
from sekisho.faces.words.say import Chosen, answer, err, out, pick, refuse, t
from sekisho.law.casebook import load
from sekisho.law.words import Role

Given = Annotated[Path | None, typer.Option("--answers", help="答えのファイル。なければ尋ねる / a file of answers; else you are asked")]
Custodians = Annotated[list[str] | None, typer.Option("--custodian", help="age1...: ルート鍵を開けられる人 / who can open the root key")]
QUESTIONS: Mapping[str, str] = {
    "event": "", "venue": "", "first_day": "2026-12-04", "last_day": "2026-12-05", "organiser": "", "window": "", "contact": "",
    "url": "https://board.example.org", "officer": "", "reviewers": "", "network": "", "panels": "", "interface": "eth0",
    "resolver": "unbound:/run/unbound.ctl",
}  # fmt: skip
"""What is asked, in this order, and what an answer may look like."""
MAY_BE_LATER = ("interface", "resolver")


def init(
    folder: Annotated[Path, typer.Argument(help="空のフォルダ / an empty folder")], answers: Given = None, custodian: Custodians = None
) -> None:
    """催しのために、まるごと用意する：係、設定、計画、掲示、一覧 / Everything for an event: people, settings, plan, poster, checklist."""
    texts = HERE / "texts"
    if folder.exists() and any(folder.iterdir()):
        raise refuse("exists", {"folder": str(folder)}, 2)
    asked = _read(answers) if answers else _asked(texts)
    made = _files(asked, texts, answers)
    people = [(asked.officer, Role.OFFICER), *((r, Role.REVIEWER) for r in asked.reviewers), *((n, Role.ENGINEER) for n in asked.network)]
    begun = make(folder, _settings(asked), people, custodian or [])
    _write(folder, made)
    found = {"folder": str(folder), "config": str(begun.config), "people": begun.links, "custodians": begun.custodians}
    if not Chosen.as_json:
        say(folder, begun)
    answer(found | {"files": sorted(made)}, _next(folder, made))


def papers(config: Config = DEFAULT) -> None:
    """event.toml を直したあと、計画、掲示、一覧を書き直す / Write plan, poster and list again, after event.toml was mended."""
    folder, path = config.parent, config.parent / "event.toml"
    made = _files(_read(path), settings_of(config).texts, path)
    _write(folder, made)
    answer({"files": sorted(made)}, _next(folder, made))


def _read(path: Path) -> Answers:
    try:
        return box.read_answers(path)
    except DraftError as why:
        raise mistake(path, why) from why


def _files(answers: Answers, texts: Path, path: Path | None) -> dict[str, bytes]:
    """Everything but the posters is made on a machine without fonts too."""
    request = Box(answers, texts, _today())
    with printing():
        try:
            made = box.carry_out(request)
        except DraftError as why:
            raise mistake(path or Path("event.toml"), why) from why
    try:
        return made | box.posters(request)
    except CannotPrint as why:
        err.print(Text(f"{t('posters-later')}: {', '.join(why.absent) or why}", style="bold"))
        return made


def _today() -> date:
    return load(HERE / "casebook" / "jp").day(datetime.now(UTC))


def _settings(answers: Answers) -> str:
    name = urlsplit(answers.url).hostname or ""
    console = f"name = {box.toml(name)}\nurl = {box.toml(answers.url.rstrip('/'))}"
    told = settings_text(answers.organiser, answers.window, answers.contact, console)
    event = {"name": answers.event, "interface": answers.interface, "resolver": answers.resolver, "decide_minutes": answers.minutes}
    return told + "\n[event]\n" + "".join(f"{key} = {box.toml(value)}\n" for key, value in event.items())


def _write(folder: Path, made: Mapping[str, bytes]) -> None:
    for path, content in made.items():
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        except OSError as why:
            raise refuse("cannot-write", {"path": str(folder / path)}, 2) from why


def _next(folder: Path, made: Mapping[str, bytes]) -> Text:
    files = "".join(f"  {folder / path}\n" for path in sorted(made))
    return Text(f"\n{t('event-written')}:\n{files}\n{t('event-next')}:\n  sekisho run --config {folder / 'sekisho.toml'}")


def _asked(texts: Path) -> Answers:
    """Asked one by one; an answer that cannot be is asked for again."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise refuse("answers-needed", {}, 2)
    said: dict[str, Any] = {name: _ask(name) for name in QUESTIONS}
    while True:
        answers = Answers(**said)
        try:
            box.carry_out(Box(answers, texts, _today()))
        except DraftError as why:
            err.print(Text(reason(why), style="bold"))
            said[why.where] = _ask(why.where)
        else:
            return answers


def _ask(name: str) -> object:
    out.print(Text(t(f"event-asks-{name}"), style="bold"))
    if name == "panels":
        return tuple(n for n, p in PANELS.items() if _line(f"  {pick(p.title)} [{t('yes-empty')}] ").lower() in ("", "y", "yes", "はい"))
    while True:
        typed = _line(f"  {t('such-as')} {QUESTIONS[name]}: " if QUESTIONS[name] else "  > ")
        try:
            if typed or name in MAY_BE_LATER:
                return AS.get(name, str)(typed)
        except ValueError:
            err.print(Text(reason(DraftError(name, "not-a-day", typed)), style="bold"))


def _names(typed: str) -> tuple[str, ...]:
    return tuple(name for part in typed.replace("、", ",").split(",") if (name := part.strip()))


AS: Mapping[str, Callable[[str], object]] = {
    "first_day": date.fromisoformat,
    "last_day": date.fromisoformat,
    "reviewers": _names,
    "network": _names,
}


def _line(prompt: str) -> str:
    out.print(Text(prompt), end="")
    typed = sys.stdin.readline()
    if not typed:
        raise refuse("answers-needed", {}, 2)
    return typed.strip()
