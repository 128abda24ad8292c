"""casebook: the group. What it reads, checks, compares, explains and exchanges stands in the modules beside this one."""

from __future__ import annotations

import typer

from sekisho.faces.commands import books, comparing, exchange, glossary
from sekisho.faces.commands import casebook as reading

casebook = typer.Typer(no_args_is_help=True, help="事例集 / the case book")
casebook.command()(exchange.export)
casebook.command("import")(exchange.import_)
casebook.command()(exchange.others)
casebook.command()(exchange.consulted)
casebook.command()(books.pack)
casebook.command("verify")(books.verify)
casebook.command()(books.load)
casebook.command("publisher-key")(books.publisher_key)
casebook.command("list")(reading.list_cases)
casebook.command("show")(reading.show_case)
casebook.command()(reading.why)
casebook.command("measures")(reading.list_measures)
casebook.command()(glossary.codes)
casebook.command()(comparing.check)
casebook.command()(comparing.diff)
casebook.command()(comparing.conduct)
