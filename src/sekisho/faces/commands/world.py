"""What every command needs: the settings, the channel to `keep`, and a person's key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sekisho.desk.config import ConfigError, Settings, read_settings
from sekisho.desk.keyfile import KeyFile, read_key
from sekisho.desk.opening import read_public
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.faces.channel import Channel
from sekisho.faces.say import refuse

Config = Annotated[Path, typer.Option("--config", envvar="SEKISHO_CONFIG", help="設定ファイル / settings file")]
Key = Annotated[Path, typer.Option("--key", envvar="SEKISHO_KEY", help="署名する人の鍵ファイル / key file of the person who signs")]
DEFAULT = Path("sekisho.toml")


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
