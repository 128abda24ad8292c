"""dossier: the consultation paper for the ministry, as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.draft import DraftError
from sekisho.desk.papers import PaperError
from sekisho.faces.commands.world import DEFAULT, Book, Config, Day, OfRegime, day_of, here_of, outside, texts_folder
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import Chosen, answer, refuse, t

Out = Annotated[Path, typer.Option("--out", "-o", help="書き出すファイル / the file to write (.pdf)")]


def dossier(
    plan: Annotated[str, typer.Argument(help="plan.toml、または計画の番号 / plan.toml, or a plan's id")],
    out: Out,
    on: Day = "",
    regime: OfRegime = None,
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """所管官庁への相談資料を PDF で書く（日本語。--lang en で英語） / The consultation paper for the ministry, as PDF."""
    from sekisho.desk.asking import dossier as papers

    language = "en" if Chosen.asked == "en" else "ja"
    texts = texts_folder(config)
    path = Path(plan)
    with printing():
        if not path.suffix and not path.exists():
            with outside(config) as world:
                found = world.keep.call("plan", plan=plan)
            made = papers.print_plan(found, here_of(config, book).book, texts, datetime.now(UTC), language)
        else:
            request = papers.Dossier(path, here_of(config, book), texts, datetime.now(UTC), language, day_of(on), regime)
            try:
                made = papers.carry_out(request)
            except DraftError as why:
                raise mistake(path, why) from why
    write(out, made)
    answer({"file": str(out), "bytes": len(made)}, Text(f"{t('printed')}: {out}"))


@contextmanager
def printing() -> Iterator[None]:
    """What stops a paper from being printed, said at the terminal."""
    from sekisho.desk.asking.dossier import CannotPrint

    try:
        yield
    except CannotPrint as why:
        raise refuse(why.code, {"absent": ", ".join(why.absent)} if why.absent else {"why": str(why)}, 2) from why
    except PaperError as why:
        raise refuse("no-words", {"why": str(why)}, 2) from why


def write(path: Path, made: bytes) -> None:
    """A paper may be printed again over its last print."""
    try:
        path.write_bytes(made)
    except OSError as why:
        raise refuse("cannot-write", {"path": str(path)}, 2) from why
