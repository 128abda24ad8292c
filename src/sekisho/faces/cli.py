"""`sekisho`: the command line. Each command is a few lines; what it does is a use case of the desk."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sekisho import __version__
from sekisho.faces.commands import (
    asking,
    books,
    casebook,
    comparing,
    consent,
    demo,
    entrust,
    envelope,
    examining,
    exchange,
    glossary,
    letters,
    owing,
    papers,
    plans,
    posts,
    publishing,
    records,
    register,
    setup,
    undo,
    wishing,
)
from sekisho.faces.say import Chosen


class Anywhere(TyperGroup):
    """`--json` and `--lang` are understood before the command and behind it."""

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


app.command()(demo.demo)
app.command()(setup.init)
app.command()(setup.run)
for command in (
    asking.decide,
    asking.schema,
    wishing.ask,
    owing.owed,
    papers.dossier,
    plans.propose,
    plans.supply,
    plans.approve,
    plans.comment,
    plans.confirm,
    undo.confirmations,
    undo.unconfirm,
    plans.withdraw,
    plans.look,
    plans.permits,
    plans.explain,
    register.register,
):
    app.command()(command)
app.add_typer(letters.cases, name="cases")
app.add_typer(records.lines, name="lines")
posts.posts.command()(publishing.texts)
posts.posts.command()(publishing.report)
app.add_typer(posts.posts, name="posts")
app.add_typer(consent.consent, name="consent")
app.add_typer(entrust.entrust, name="entrust")
app.add_typer(envelope.envelope, name="envelope")
app.add_typer(examining.doctor, name="doctor")
app.add_typer(records.ledger, name="ledger")
records.casebook.command()(exchange.export)
records.casebook.command("import")(exchange.import_)
records.casebook.command()(exchange.others)
records.casebook.command()(exchange.consulted)
records.casebook.command()(books.pack)
records.casebook.command("verify")(books.verify)
records.casebook.command()(books.load)
records.casebook.command("publisher-key")(books.publisher_key)
records.casebook.command("list")(casebook.list_cases)
records.casebook.command("show")(casebook.show_case)
records.casebook.command()(casebook.why)
records.casebook.command("measures")(casebook.list_measures)
records.casebook.command()(glossary.codes)
records.casebook.command()(comparing.check)
records.casebook.command()(comparing.diff)
records.casebook.command()(comparing.conduct)
app.add_typer(records.casebook, name="casebook")
records.people.command()(undo.dismiss)
app.add_typer(records.people, name="people")


def main() -> None:
    app()
