"""What every command needs: the settings, the channel to `keep`, and a person's key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from sekisho.desk.asking.question import Here
from sekisho.desk.config import ConfigError, read_settings
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.public import book_place, read_public
from sekisho.desk.settings import Settings
from sekisho.desk.staff.keyfile import KeyFile, read_key
from sekisho.faces.processes.channel import Channel
from sekisho.faces.words.say import refuse
from sekisho.law.casebook import Casebook, CasebookError, load
from sekisho.law.words import Regime

Config = Annotated[Path, typer.Option("--config", envvar="SEKISHO_CONFIG", help="設定ファイル / settings file")]
Key = Annotated[Path, typer.Option("--key", envvar="SEKISHO_KEY", help="署名する人の鍵ファイル / key file of the person who signs")]
Book = Annotated[Path | None, typer.Option("--book", envvar="SEKISHO_BOOK", help="事例集のフォルダ / folder of a case book")]
OfRegime = Annotated[Regime | None, typer.Option("--regime", help="適用される法律 / the law that binds the operator")]
Day = Annotated[str, typer.Option("--on", help="その日の法で / with the law of that day (YYYY-MM-DD)")]
DEFAULT = Path("sekisho.toml")
SHIPPED = Path(__file__).resolve().parents[4]
"""Where the case book and the texts lie that come with the program."""


def settings_of(config: Path) -> Settings:
    try:
        return read_settings(config)
    except ConfigError as why:
        raise refuse("wrong-settings", {"where": why.where, "why": why.code}, 2) from why


@contextmanager
def outside(config: Path) -> Iterator[Outside]:
    """The world of a command: its refusals become exit codes (1: `keep` said no, 3: `keep` is not there)."""
    settings = settings_of(config)
    try:
        channel = Channel.at(settings.folder / "run" / "keep.sock", patience=60)
        yield Outside(settings, channel, read_public(settings.folder), lambda: datetime.now(UTC))
    except KeepSaidNo as no:
        raise refuse(no.code, no.detail) from no
    except (KeepIsGone, FileNotFoundError) as gone:
        raise refuse("keep-is-gone", {"config": str(config)}, 3) from gone


def key_of(path: Path) -> KeyFile:
    try:
        return read_key(path)
    except (OSError, ValueError) as why:
        raise refuse("not-a-key-file", {"path": str(path)}, 2) from why


def day_of(on: str) -> date | None:
    try:
        return date.fromisoformat(on) if on else None
    except ValueError as why:
        raise refuse("not-a-day", {"on": on}, 2) from why


def book_folder(config: Path, book: Path | None) -> Path:
    """The book that is named, else the one in force by the settings, else the one that came with the program."""
    if book is not None:
        return book
    return SHIPPED / "casebook" / "jp" if _without(config) else book_place(settings_of(config))


def book_of(folder: Path) -> Casebook:
    try:
        return load(folder)
    except CasebookError as why:
        raise refuse("not-a-book", {"book": str(folder), "why": str(why)}, 2) from why


def here_of(config: Path, book: Path | None) -> Here:
    """Where a question is asked: with the settings if there are any, else with what came with the program."""
    found = book_of(book_folder(config, book))
    if _without(config):
        return Here(found)
    settings = settings_of(config)
    return Here(found, settings.operator.name, settings.operator.regime, settings.network.prefixes)


def texts_folder(config: Path) -> Path:
    return SHIPPED / "texts" if _without(config) else settings_of(config).texts


def _without(config: Path) -> bool:
    """Whether there are no settings: nobody named a file, and none lies here."""
    return config == DEFAULT and not config.exists()
