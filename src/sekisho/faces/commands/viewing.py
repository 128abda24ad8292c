"""viewing: add, list. A film or files for invited people, encrypted where they lie, to a day their rights holder agreed to."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.viewing.files import read_files, seal_files
from sekisho.desk.viewing.film import FilmError, encrypt, read_film
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.viewing import Viewing

viewing = typer.Typer(no_args_is_help=True, help="招待した人だけへの映像・ファイルの公開 / a film or files for invited people only")
Folder = Annotated[Path, typer.Argument(help="HLS に分けた映像、またはファイルのフォルダ / folder with the film as HLS, or with files")]


@viewing.command()
def add(
    folder: Folder,
    ja: Annotated[str, typer.Option(help="題名（日本語）/ title in Japanese")],
    en: Annotated[str, typer.Option(help="題名（英語）/ title in English")],
    until: Annotated[datetime, typer.Option(help="終わり、UTC / its end, UTC", formats=["%Y-%m-%dT%H:%M:%SZ"])],
    key: Key,
    devices: Annotated[int, typer.Option(help="一つの招待で同時に見られる台数 / devices of one invitation at a time")] = 2,
    config: Config = DEFAULT,
) -> None:
    """映像・ファイルを暗号化し、鍵を keep に封じ、ほかの人の承認に出す / Encrypt it, seal its key, and lay it before somebody else."""
    signer = key_of(key)
    with outside(config) as world:
        name, film_key = secrets.token_hex(8), secrets.token_bytes(16)
        to = world.settings.folder / "viewing" / name
        try:
            files, names = _sealed(folder, to, film_key)
        except (FilmError, OSError) as why:
            shutil.rmtree(to, ignore_errors=True)
            detail = {"where": getattr(why, "where", str(folder)), "why": getattr(why, "why", type(why).__name__)}
            raise refuse("wrong-film", detail, 2) from why
        now = world.clock()
        words = Viewing({"ja": ja, "en": en}, files, name, now, until.replace(tzinfo=now.tzinfo), devices, signer.person, now, names)
        try:
            found = world.keep.call("submit-viewing", viewing=words, key=film_key, signature=signer.sign(words))
        except BaseException:
            shutil.rmtree(to, ignore_errors=True)
            raise
        page = f"{world.settings.console.url}/watch/{found['viewing']}"
        lines = [t("viewing-submitted"), f"{found['viewing']}  {t('viewing-plan')}: {found['plan']}"]
        lines += [f"{t('viewing-work')}: {found['work']}", f"{t('viewing-last-day')}: {found['last_day']}", page]
        answer({**found, "page": page}, Text("\n".join(lines)))


def _sealed(folder: Path, to: Path, key: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Digests and names: a folder with a playlist is a film, any other holds files. Raises FilmError, OSError."""
    if any(folder.glob("*.m3u8")):
        return encrypt(read_film(folder), to, key), ()
    files = read_files(folder)
    return seal_files(files, to, key), files.names


@viewing.command("list")
def list_viewings(config: Config = DEFAULT) -> None:
    """すべての映像と、その状態・期限・開いている台数 / Every film: its state, its end, how many devices it is open on."""
    with outside(config) as world:
        found = world.keep.call("viewings")
        rows = [f"{v['id']}  {t('viewing-' + v['state'])}  {v['until'][:16]}  {v['sessions']}  {v['title']['ja']}" for v in found]
        answer(found, Text("\n".join(rows) or t("no-viewings")))
