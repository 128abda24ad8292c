"""doctor: looks at what runs and says what is wrong with it.

`web`: whom a service takes its clients for; `scan`: is the scanner there; `mail`: is the mail server answered as the permits declare.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.desk.mail import examined
from sekisho.faces.commands.world import DEFAULT, Config, outside
from sekisho.faces.words.say import Chosen, answer, t

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


@doctor.command()
def scan(config: Config = DEFAULT) -> None:
    """マルウェアの検査プログラムが応答するか、未検査のファイルがあるか / Does the malware scanner answer, and what waits for it."""
    with outside(config) as world:
        found = world.keep.call("overview")["scan"]
    rows = [t(f"scanner-{found['state']}"), f"{t('files-waiting')}: {found['waiting']}", f"{t('files-found')}: {found['found']}"]
    answer(found, "\n".join(rows))
    raise typer.Exit(int(found["state"] == "away"))


@doctor.command()
def mail(config: Config = DEFAULT) -> None:
    """メールサーバが許可証のとおりに答えられているか / Is the mail server answered as the permits declare."""
    with outside(config) as world:
        found = examined.carry_out(examined.Examine(world.keep.call("mail-stages"), world.settings.mail.postfix))
    rows = [t(f"mail-{found['state']}"), t(f"asked-{found['asked']}")]
    rows += [t(f"postfix-{found['postfix']}")] if found["listen"] else []
    rows += [t(f"owners-{found['owners']}")] if found["owners"] != "not-needed" else []
    answer(found, "\n".join(rows))
    raise typer.Exit(int(found["wrong"] > 0))
