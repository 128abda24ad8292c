"""doctor: looks at what runs and says what is wrong with it. `web`: whom a service with posts takes its clients for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.faces.say import Chosen

doctor = typer.Typer(no_args_is_help=True, help="診断 / look for what is wrong")


@doctor.callback()
def examine() -> None:
    """診断 / Look for what is wrong."""


@doctor.command()
def web(
    url: Annotated[str, typer.Argument(help="サービスの URL / the service's URL")],
    token: Annotated[Path, typer.Option("--token", help="診断用の合言葉のファイル / the file with the doctor's token")],
    insecure: Annotated[bool, typer.Option("--insecure", help="保証のない証明書も受け入れる / accept any certificate")] = False,
) -> None:
    """サービスが見ている送信元を尋ね、偽のヘッダーで試す / Ask a service who we are to it, and try forged headers on it."""
    from sekisho_sender.cli import main

    words = ["doctor", url, "--token", str(token), "--lang", Chosen.language]
    raise typer.Exit(main([*words, *(["--insecure"] if insecure else []), *(["--json"] if Chosen.as_json else [])]))
