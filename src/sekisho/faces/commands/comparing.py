"""casebook check, diff, conduct: whether the book is sound, what changed between two, and the book as a code of conduct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.book import book_check, book_diff
from sekisho.desk.book import conduct as codes
from sekisho.desk.draft import DraftError
from sekisho.faces.commands.papers import printing, write
from sekisho.faces.commands.world import DEFAULT, Book, Config, Day, book_folder, book_of, day_of, here_of, texts_folder
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import MARKS, Chosen, answer, pick, t

Folder = Annotated[Path, typer.Argument(help="事例集のフォルダ / folder of a case book")]


def check(
    book: Annotated[Path | None, typer.Argument(help="事例集のフォルダ / folder of a case book")] = None, config: Config = DEFAULT
) -> None:
    """厳格に読み、例題をすべて解く / Read the book strictly and run every example."""
    found = book_check.carry_out(book_folder(config, book), None if book else texts_folder(config))
    rows = [_wrong(w) for w in found["wrong"]]
    sound = f"{t('book-ok')}: {found['cases']} {t('cases')}, {found['examples']} {t('examples')}"
    answer(found, Text("\n".join(rows) or sound))
    if rows:
        raise typer.Exit(1)


def _wrong(one: Mapping[str, Any]) -> str:
    """The file, the line, the field, and what was expected."""
    place = ":".join(str(p) for p in (one["file"], one.get("line")) if p)
    where = f" {one['where']}:" if one.get("where") else ""
    if "code" in one:
        return f"{place}:{where} {t(one['code'])}: {one['name']}"
    if "what" in one:
        return f"{place}:{where} {one['what']}"
    return f"{place}:{where} {pick(one['because'])}: {t('expected')} {one['expect']}, {t('came-out')} {one['got']}"


def diff(before: Folder, after: Folder) -> None:
    """二つの版の違い：増えた、終わった、変わった規則と、変わる結論 / What came, ended and changed, and which answers turn."""
    found = book_diff.carry_out(book_diff.Diff(book_of(before), book_of(after)))
    answer(found, Text("\n".join(_differences(found))))


def _differences(found: Mapping[str, Any]) -> Iterator[str]:
    head = [f"{b['country']} {b['version']} ({b['digest'][:12]}…)" for b in (found["before"], found["after"])]
    yield " → ".join(head)
    for how in ("added", "ended", "changed", "gone"):
        for case in found[how]:
            yield f"{t(f'rule-{how}')}: {case['id']}  {pick(case['title'])}"
            yield f"    {_whose(case)}  {case['since']}–{case['until'] or ''}  {case['source']}"
            yield from (f"    {t('field-' + f['field'])}: {_short(f['before'])} → {_short(f['after'])}" for f in case.get("fields", ()))
            for condition in case.get("conditions", ()):
                yield f"    {t('condition')} {t(condition['how'])}: {pick(condition['words'])} ({condition['condition']})"
    for how in ("added", "gone"):
        yield from (f"{t('measure')} {t(how)}: {name}" for name in found["measures"][how])
    yield from (f"{t('kind-of-evidence')} {t(k['how'])}: {pick(k['title'])} ({k['kind']})" for k in found["kinds"])
    for span in found["days"]:
        whose = t("every-measure") if span["measure"] == "*" else span["measure"]
        yield f"{t('other-rules-on')}: {whose}  {span['from']}–{span['until'] or ''}"
    for flip in found["flips"]:
        marks = f"{MARKS[flip['before']]} {t(flip['before'])} → {MARKS[flip['after']]} {t(flip['after'])}"
        yield f"{t('answer-turns')}: {flip['file']} / {flip['step']} ({flip['on']}) {marks}\n    {pick(flip['because'])}"
    if not any(found[k] for k in ("added", "ended", "changed", "gone", "kinds", "days", "flips")):
        yield t("no-difference")


def _whose(case: Mapping[str, Any]) -> str:
    return t("every-measure") if case["measure"] == "*" else f"{case['measure']}: {', '.join(case['steps'])}"


def _short(value: object) -> str:
    if isinstance(value, dict) and {"ja", "en"} >= set(value):
        value = pick(value)
    text = "-" if value is None or value == [] else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def conduct(
    measure: Annotated[str, typer.Argument(help="施策 / measure")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="書き出すファイル / the file to write: .pdf, .md")] = None,
    on: Day = "",
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """事例集を施策ごとの行動規範にする / The book as a code of conduct for one measure."""
    here = here_of(config, book)
    day = day_of(on) or here.book.day(datetime.now(UTC))
    printed(codes.Conduct(measure, here.book, texts_folder(config), day, Chosen.language, here.operator), out)


def printed(request: codes.Conduct, out: Path | None) -> None:
    """To the file, by its ending, or as Markdown to the terminal."""
    with printing():
        try:
            found = codes.whole(request)
        except DraftError as why:
            raise mistake(Path(request.measure), why) from why
        text = "\n".join(_markdown(found)) + "\n"
        if out is None:
            if Chosen.as_json:
                answer(found, text)
            else:
                typer.echo(text, nl=False)
            return
        write(out, codes.carry_out(request) if out.suffix == ".pdf" else text.encode())
    answer({"file": str(out)}, Text(f"{t('printed')}: {out}"))


def _markdown(found: Mapping[str, Any]) -> Iterator[str]:
    label = found["words"]
    yield from (f"# {_md(found['title'])}{label['colon']}{_md(found['subject'])}", "", _md(found["summary"]), "")
    for step in found["steps"]:
        yield from (f"## {_md(step['name'])}  {_md(step['says'])}", "")
        yield from (f"- {_md(name)}{label['colon']}{_md(said)}" for name, said in step["facts"])
        for axis in step["axes"]:
            yield from ("", f"### {_md(axis['title'])}", "")
            yield from (() if axis["rules"] else (label["no_rule"], ""))
            for rule in axis["rules"]:
                yield from _rule(rule, label)
    yield from (f"{label['book']}{label['colon']}{found['book']} `{found['book_digest']}`", "", label["no_advice"])


def _rule(rule: Mapping[str, Any], label: Mapping[str, str]) -> Iterator[str]:
    yield from (f"#### {_md(rule['id'])}  {_md(rule['title'])}", "", _md(rule["ground"]), "", _md(rule["source"]), "")
    yield from ((f"**{label['never']}**", "") if rule["never"] else ())
    for words, check in rule["conditions"]:
        yield f"- {_md(words)}"
        yield f"    - {label['checked']}{label['colon']}{_md(check)}"
    yield ""
    yield from ((_md(rule["signatures"]), "") if rule["signatures"] else ())
    for name in ("ask", "remark", "notes"):
        yield from ((f"**{label[name]}**{label['colon']}{_md(rule[name])}", "") if rule[name] else ())
    for name in ("duties", "dissent"):
        for said in rule[name]:
            yield from (f"**{label[name]}**{label['colon']}{_md(said)}", "")


def _md(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text.replace("\n", " "))
