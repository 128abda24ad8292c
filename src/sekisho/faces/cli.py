"""`sekisho`: the command line. Each command is a few lines; what it does is a use case of the desk."""

from __future__ import annotations

from importlib import import_module
from itertools import islice
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from sekisho import __version__
from sekisho.faces.commands.table import COMMANDS
from sekisho.faces.words.say import Chosen


class Later(TyperCommand):
    """A command of which so far only its name and its one line are known: its module is loaded when it is to run."""

    def loaded(self) -> Any:
        """The command itself, or the group of commands."""
        name = str(self.name)
        found = getattr(import_module(f"sekisho.faces.commands.{COMMANDS[name][0]}"), name)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name)(found)
            command = get_command(alone)
        command.name = name
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return self.loaded().make_context(info_name, args, parent, **extra)


class Anywhere(TyperGroup):
    """`--json` and `--lang` are understood before the command and behind it."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands.update({name: Later(name, help=line) for name, (_, line) in COMMANDS.items()})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        front: list[str] = []
        rest: list[str] = []
        waiting = iter(args)
        for word in waiting:
            if word == "--":
                rest += [word, *waiting]
            elif word == "--json" or word.startswith("--lang="):
                front.append(word)
            elif word == "--lang":
                front += [word, *islice(waiting, 1)]
            else:
                rest.append(word)
        return super().parse_args(ctx, [*front, *rest])


app = typer.Typer(cls=Anywhere, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="関所 / the checkpoint")


@app.callback(invoke_without_command=True)
def options(
    lang: Annotated[str, typer.Option(help="ja / en", envvar="SEKISHO_LANG")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="機械のために / for machines")] = False,
    version: Annotated[bool, typer.Option("--version", is_eager=True)] = False,
) -> None:
    """見る前に、止める前に、送る前に、根拠を確かめる / No step without its ground."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if lang in ("ja", "en"):
        Chosen.language = lang
    Chosen.asked = lang
    Chosen.as_json = as_json


def every_command() -> dict[str, Any]:
    """All of them by name, loaded: for the manual and for whoever looks at each."""
    return {name: Later(name).loaded() for name in COMMANDS}


def main() -> None:
    app()
