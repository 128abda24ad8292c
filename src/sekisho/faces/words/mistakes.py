"""What is wrong with a file somebody wrote: the file, the line, the field, what was expected, and the word that was perhaps meant."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import typer
from rich.text import Text

from sekisho.desk.draft import DraftError
from sekisho.desk.where import line_of
from sekisho.faces.words.say import Chosen, answer, err, t

MISTAKES: Mapping[str, tuple[str, str]] = {
    "absent": ("ファイルがありません", "there is no such file"),
    "bad-names": ("この名前のフィルタは規則にできません", "this filter of names cannot be made into rules"),
    "bad-class": ("このパケットのクラスは規則にできません", "this class of packets cannot be made into rules"),
    "bad-range": ("この範囲は規則にできません", "this range of lines cannot be made into rules"),
    "bad-entry": ("一覧に読めない行があります", "the list has an entry that cannot be read"),
    "day-is-over": ("その日はもう過ぎたか、遠すぎます", "that day is over, or too far away"),
    "doubled": ("同じものが二度あります", "it stands there twice"),
    "empty": ("空です。何か書いてください", "it is empty; say something"),
    "known-measure": ("この施策は事例集にあります。new を外してください", "the book has this measure; take `new` out"),
    "list-absent": ("一覧のファイルがありません", "there is no such list file"),
    "list-empty": ("一覧が空です", "the list is empty"),
    "list-too-large": ("一覧が大きすぎます", "the list is too large"),
    "missing": ("書かれていません。必要な項目です", "it is missing, and needed"),
    "not-a-bool": ("true か false で書いてください", "write true or false"),
    "not-a-count": ("0 以上の整数を書いてください", "write a whole number, 0 or more"),
    "not-a-day": ("日付を 2026-11-21 の形で書いてください", "write a day, like 2026-11-21"),
    "not-a-digest": (
        'SHA-256（16進64文字）か、書類の要約値を表す "digest" を書いてください',
        'write a SHA-256 in hex (64 characters), or "digest" for that of the paper',
    ),
    "not-a-folder-of-its-own": (
        "状態のフォルダとは別の、専用のフォルダに置いてください",
        "put it into a folder of its own, apart from the state",
    ),
    "not-a-int": ("整数を書いてください", "write a whole number"),
    "not-a-list": ("一つ以上の値の一覧を書いてください", "write a list of at least one value"),
    "not-a-number": ("日数を 1 から 36500 の整数で書いてください", "write a number of days, 1 to 36500"),
    "not-a-path": ("ファイルの場所を書いてください", "write the path of a file"),
    "not-a-str": ("空でない文字列を書いてください", "write text that is not empty"),
    "not-a-table": ("表（[名前] または { 項目 = 値 }）で書いてください", "write a table: [name] or { key = value }"),
    "not-a-value": (
        "小数や時刻は使えません。文字列、整数、true/false、日付、一覧、表で書いてください",
        "no decimals and no times of day: text, whole numbers, true/false, days, lists, tables",
    ),
    "not-a-words": (
        '言語ごとの文（{ ja = "…", en = "…" }）を書いてください',
        'write a sentence by language: { ja = "...", en = "..." }',
    ),
    "not-an-object": ("表で書いてください", "write a table"),
    "not-bool": ("true か false で書いてください", "write true or false"),
    "not-day-or-not-yet": (
        '日付を 2026-11-21 の形で書くか、まだ起きていなければ "not-yet" と書いてください',
        'write a day, like 2026-11-21, or "not-yet" if it has not happened',
    ),
    "not-int": ("整数を書いてください", "write a whole number"),
    "not-str": ("空でない文字列を書いてください", "write text that is not empty"),
    "not-toml": ("TOML として読めません", "it cannot be read as TOML"),
    "one-of-two": ("lasts_days と last_day はどちらか一つだけ書いてください", "write lasts_days or last_day, not both"),
    "not-a-url": ("https:// で始まる URL を書いてください", "write a URL that begins with https://"),
    "too-deep": ("入れ子が深すぎます", "it is nested too deeply"),
    "too-large": ("大きすぎます", "it is too large"),
    "too-many": ("多すぎます", "there are too many"),
    "two-others": (
        "審査する人は二人以上、法務の人とも会場のネットワークの人とも別の人にしてください",
        "name at least two reviewers, who are neither the legal contact nor of the network team",
    ),
    "unknown-answer": ("yes、no、unknown のどれかで書いてください", "write yes, no or unknown"),
    "unknown-case": ("その番号の事例はありません", "the book has no such case"),
    "unknown-class": ("計画にない名前のクラスです", "the plan has no class of that name"),
    "unknown-condition": ("そのような条件は尋ねられていません", "no such condition is asked about"),
    "unknown-event": ("事例集にない種類の出来事です", "the book knows no such kind of event"),
    "unknown-key": ("この項目は知られていません", "nobody knows this key"),
    "unknown-kind": ("事例集にない種類の証拠です", "the book knows no such kind of evidence"),
    "unknown-measure": ("事例集にない施策です", "the book has no such measure"),
    "unknown-probe": ("この種類の証拠を測るプローブではありません", "this probe does not measure that kind of evidence"),
    "unknown-schema": ("その名前の書式はありません", "there is no schema of that name"),
    "unknown-step": ("この施策にない手順です", "the measure has no such step"),
    "unknown-word": ("決まった言葉のどれかで書いてください", "write one of the known words"),
}  # fmt: skip
"""Every code of a mistake in a question, a plan or a file of answers. Shown after the place."""

SHOWN = 12
"""So many known words are listed; of more only the closest."""

CLOSEST = 5
LISTED_BY: Mapping[str, str] = {
    "unknown-case": "sekisho casebook list",
    "unknown-event": "sekisho schema facts",
    "unknown-kind": "sekisho schema",
    "unknown-measure": "sekisho casebook measures",
    "unknown-schema": "sekisho schema",
}
"""The command that lists what is known, where there is one; else `--json` holds all."""


def mistake(path: Path, why: DraftError) -> typer.Exit:
    """Say it, and the exit to raise: 2."""
    text = _text(path)
    line = line_of(text, why.where)
    if why.code == "not-toml":
        line = _line_of_syntax(str(why.where))
    found: dict[str, object] = {"file": str(path), "line": line, "where": why.where, "why": why.code}
    found |= {"said": why.said, "near": why.near, "known": list(why.known)}
    if Chosen.as_json:
        answer({"error": {"code": "wrong-plan", "detail": found, "words": {"ja": _words(why, 0), "en": _words(why, 1)}}}, "")
        return typer.Exit(2)
    place = f"{path}:{line}" if line else str(path)
    where = "" if why.code in ("absent", "not-toml") and why.where.startswith(str(path)) else f" {why.where}:"
    err.print(Text(f"{t('no')}: {place}:{where} {reason(why)}", style="bold"), soft_wrap=True)
    if why.code == "not-toml":
        err.print(Text(f"  {why.where.removeprefix(f'{path}: ')}"), soft_wrap=True)
    if why.known:
        err.print(Text(f"  {_known(why)}"), soft_wrap=True)
    return typer.Exit(2)


def reason(why: DraftError) -> str:
    """In the chosen language, without a file: for who is being asked."""
    return _words(why, 0 if Chosen.language == "ja" else 1)


def _known(why: DraftError) -> str:
    """What could stand there: all of it if that is little, else the closest, how many there are, and how to list them."""
    if len(why.known) <= SHOWN:
        return f"{t('known-are')}: {', '.join(why.known)}"
    how = f"{len(why.known)} {t('in-all')}; {t('list-them')}: {LISTED_BY.get(why.code, '--json')}"
    near = get_close_matches(why.said, why.known, CLOSEST, 0.3) if why.said else []
    return f"{t('closest')}: {', '.join(near)} ({how})" if near else how


def _words(why: DraftError, language: int) -> str:
    said = f' "{why.said}"' if why.said and why.code != "not-toml" else ""
    meant = (f"。もしかして: {why.near}", f"; perhaps: {why.near}")[language] if why.near and why.near != why.said else ""
    return f"{MISTAKES.get(why.code, (why.code, why.code))[language]}{said}{meant}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _line_of_syntax(message: str) -> int | None:
    """From "(at line 3, column 7)"."""
    _, found, rest = message.rpartition("at line ")
    number = rest.split(",")[0].split(")")[0]
    return int(number) if found and number.isdigit() else None
