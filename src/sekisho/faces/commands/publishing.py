"""posts texts, posts report: what a service with posts publishes about itself, from what is in force and from closed cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.papers import PaperError
from sekisho.desk.posts import posts_texts
from sekisho.faces.commands.papers import write
from sekisho.faces.commands.posts import posts
from sekisho.faces.commands.world import DEFAULT, Config, outside, texts_folder
from sekisho.faces.words.say import answer, refuse, t

__all__ = ["posts", "report", "texts"]

JST = timezone(timedelta(hours=9))
Service = Annotated[str, typer.Argument(help="サービスの名前 / name of the service, as its permits have it")]


@posts.command()
def texts(
    service: Service,
    to: Annotated[Path | None, typer.Option("--to", help="書き出すフォルダ / the folder to write them into")] = None,
    check: Annotated[list[Path] | None, typer.Option(help="公表中のファイルと比べる / hold a published file against it")] = None,
    config: Config = DEFAULT,
) -> None:
    """規約とプライバシーの文面を、いまの設定から書く。--check で公表中の文面と比べる / Terms and privacy text, out of what is in force."""
    with outside(config) as world:
        asked = posts_texts.PostsTexts(world.keep.call("public-terms", service=service), texts_folder(config))
    try:
        if check:
            _held_against(asked, check)
            return
        made = posts_texts.carry_out(asked)
    except PaperError as why:
        raise refuse("no-words", {"why": str(why)}, 2) from why
    files = {f"{kind}.{language}.md": text for (kind, language), text in made.items()}
    for name, text in files.items() if to else ():
        write((to or Path()) / name, text.encode())
    answer({"texts": files}, Text("\n".join([str(to / n) for n in files] if to else files.values())))


def _held_against(asked: posts_texts.PostsTexts, paths: list[Path]) -> None:
    """Every file must say what the settings say; one that does not ends with a failure that names its lines."""
    found: dict[str, Any] = {}
    for path in paths:
        try:
            drifts = posts_texts.drift(asked, path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as why:
            raise refuse("absent", {"path": str(path)}, 2) from why
        found |= {str(path): [line for d in drifts for line in d.lines]} if drifts else {}
    if found:
        raise refuse("text-drifted", {"lines": "\n".join(f"{p}: {line}" for p, lines in found.items() for line in lines)})
    answer({"drift": {}}, t("no-drift"))


@posts.command()
def report(
    year: Annotated[int, typer.Option(help="年（2026）/ the year")] = 0,
    to: Annotated[Path | None, typer.Option("--to", help="書き出すフォルダ / the folder to write it into")] = None,
    publishing: Annotated[bool, typer.Option("--publish", help="公開ページに載せる / put it on the public page")] = False,
    config: Config = DEFAULT,
) -> None:
    """透明性レポート：終わった事案から数え、小さい数は伏せる / The transparency report; small numbers are hidden."""
    from sekisho.desk.posts import transparency
    from sekisho.faces.web.transparency import publish

    with outside(config) as world:
        wanted = year or datetime.now(UTC).astimezone(JST).year
        cases = world.keep.call("decisions", first=f"{wanted:04d}-01-01", last=f"{wanted:04d}-12-31")["cases"]
        request = transparency.Report(wanted, world.settings.operator.name, cases)
        public = world.settings.folder / "register"
    made = transparency.carry_out(request)
    whole = {"report": made, "statements": transparency.statements(request, made)}
    files = []
    for folder in [*([to] if to else []), *([public] if publishing else [])]:
        try:
            files += [str(folder / name) for name in publish(folder, whole)]
        except OSError as why:
            raise refuse("unwritable", {"folder": str(folder), "why": why.strerror}, 2) from why
    answer({**whole, "files": files}, Text("\n".join(files) or transparency.as_csv(made)))
