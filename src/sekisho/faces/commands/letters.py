"""cases letter, decided, reasons: what comes out of cases, as paper and as data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sekisho.faces.commands.cases import Case, cases
from sekisho.faces.commands.papers import printing, write
from sekisho.faces.commands.world import DEFAULT, Config, outside, texts_folder
from sekisho.faces.say import answer, t

__all__ = ["cases", "decided", "letter", "reasons"]


@cases.command()
def letter(
    letter: Annotated[str, typer.Argument(help="手紙の番号（show が示す）/ the letter, as show names it")],
    out: Annotated[Path, typer.Option("--out", "-o", help="書き出すファイル / the file to write (.pdf)")],
    masked: Annotated[bool, typer.Option("--masked", help="伏せた写し / the copy with what may be kept back blacked out")] = False,
    config: Config = DEFAULT,
) -> None:
    """手紙を PDF/A で書き出す。同じ言葉からは同じ PDF ができる / Write a letter as PDF/A; the same words give the same file."""
    from sekisho.desk.cases import letter_paper

    with outside(config) as world:
        found = world.keep.call("letter", letter=letter, masked=masked)
    with printing():
        made = letter_paper.pdf(texts_folder(config), found)
    write(out, made)
    proof = {k: found[k] for k in ("letter", "text", "entry", "words", "signature", "node", "masked")}
    answer({"file": str(out), "bytes": len(made), **proof}, Text(f"{t('printed')}: {out}"))


@cases.command()
def decided(
    first: Annotated[str, typer.Option("--from", help="最初の日（2026-04-01）/ the first day")],
    last: Annotated[str, typer.Option("--to", help="最後の日 / the last day")],
    config: Config = DEFAULT,
) -> None:
    """期間中に受け付けたか判断した事案を、言葉を除いて数えられる形で / Cases of a period in a form that can be counted, without words."""
    with outside(config) as world:
        found = world.keep.call("decisions", first=first, last=last)
    columns = ("number", "received_on", "decided_on", "procedure", "decision")
    rows = ["  ".join(str(c[k] or "-") for k in columns) for c in found["cases"]]
    answer(found, Text("\n".join(rows) or t("no-cases")))


@cases.command()
def reasons(
    case: Case,
    public: Annotated[bool, typer.Option("--public", help="誰の言葉も含めない / without anybody's words")] = False,
    config: Config = DEFAULT,
) -> None:
    """判断の理由書を機械が読める形で（DSA 型＋日本法の軸）/ The statement of reasons for machines (DSA-shaped, with a Japanese axis)."""
    with outside(config) as world:
        found = world.keep.call("reasons", matter=case, public=public)
    rows = [f"{k}: {v}" for k, v in found.items() if k != "jp" and v not in (None, [], "")]
    answer(found, Text("\n".join([*rows, *(f"jp.{k}: {v}" for k, v in found["jp"].items() if v not in (None, [], ""))])))
