"""event: the public board of an event from the terminal: its panels as they are reviewed, what it shows now, and the stop."""

from __future__ import annotations

import typer
from rich.text import Text

from sekisho.desk.event.panels import PANELS
from sekisho.desk.signed_words import StopBoard
from sekisho.faces.commands import event_box
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.say import answer, pick, t
from sekisho.law.canonical import plain

event = typer.Typer(no_args_is_help=True, help="イベントの公開ボード / an event's public board")
event.command()(event_box.init)
event.command()(event_box.papers)


@event.command()
def panels() -> None:
    """審査するパネルを、計画に書く形で示す / Every panel as it is reviewed, named as a plan names it."""
    found = [plain(p) | {"reviewed": p.reviewed} for p in PANELS.values()]
    lines = [f'"{p.reviewed}",\n  L{p.level} {p.step}: {pick(p.title)} ({", ".join(p.counters)})' for p in PANELS.values()]
    answer({"panels": found}, Text("\n".join(lines)))


@event.command()
def board(config: Config = DEFAULT) -> None:
    """ボードが今何を見せているか / What the board shows now, panel by panel."""
    with outside(config) as world:
        found = world.keep.call("board")
    lines = [f"{p['name']:9} {t('panel-' + p['state'])}" for p in found["panels"]]
    answer(found, Text("\n".join(lines)))


@event.command()
def stop(key: Key, config: Config = DEFAULT) -> None:
    """すべてのパネルを今すぐボードから外す / Take every panel off the board now; any of the staff may."""
    signer = key_of(key)
    with outside(config) as world:
        words = StopBoard(signer.person, world.clock())
        found = world.keep.call("stop-board", stop=words, signature=signer.sign(words))
    answer(found, f"{t('board-stopped')}: {len(found['permits'])}")
