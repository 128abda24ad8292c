"""register: the operator's public page of measures in force, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sekisho.faces.commands.world import DEFAULT, Config, outside
from sekisho.faces.words.say import answer, pick, refuse, t


def register(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="書き出すフォルダ / write the pages into this folder")] = None,
    config: Config = DEFAULT,
) -> None:
    """公開登録簿：有効な施策、根拠、期間、異議の申し出先 / The public register: measures in force, ground, term, how to object."""
    from sekisho.faces.web.register import write

    with outside(config) as world:
        found = world.keep.call("register")
    try:
        written = write(output, found) if output else []
    except OSError as why:
        raise refuse("unwritable", {"folder": str(output), "why": why.strerror}, 2) from why
    rows = [f"{pick(e['title'])} / {pick(e['says']) or e['step']}  {e['since']} – {e['until']}" for e in found["in_force"]]
    rows += [f"{pick(e['title'])} / {pick(e['says']) or e['step']}  {e['since']} – {e['ended']} ({t(e['how'])})" for e in found["ended"]]
    rows += [str(output / name) for name in written if output]
    answer({**found, "files": written} if written else found, Text("\n".join(rows) or t("nothing-in-force")))
