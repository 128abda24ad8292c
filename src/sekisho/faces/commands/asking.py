"""decide: may we? And schema: in which form to ask. They need no node and no settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from sekisho.desk.draft import DraftError
from sekisho.faces.commands.world import DEFAULT, Book, Config, Day, OfRegime, day_of, here_of
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import Canonical, answer, decision_tree, pick, say_canonical, t, to_do

NO = ("refused", "referred")


def decide(
    plan: Annotated[Path, typer.Argument(help="plan.toml")],
    config: Config = DEFAULT,
    on: Day = "",
    regime: OfRegime = None,
    book: Book = None,
    canonical: Canonical = False,
) -> None:
    """関所に尋ねるだけ。何も書かず、何も許さない / Ask the gate; writes nothing, mints nothing."""
    from sekisho.desk.asking import trial

    asked = trial.Trial(plan, here_of(config, book), day_of(on), datetime.now(UTC), regime)
    try:
        found = trial.carry_out(asked)
    except DraftError as why:
        raise mistake(plan, why) from why
    if canonical:
        say_canonical(found["decisions"])
    else:
        answer(found, told(found))
    if any(d["outcome"] in NO for d in found["decisions"]):
        raise typer.Exit(1)


def schema(
    name: Annotated[str, typer.Argument(help="plan, facts, permit, decision, …、または証拠の種類 / … or a kind of evidence")] = "",
    config: Config = DEFAULT,
    book: Book = None,
) -> None:
    """計画、証拠、許可証などの書式（JSON Schema） / The form of plans, evidence, permits: JSON Schema."""
    from sekisho.desk.asking import schemas

    try:
        found = schemas.carry_out(schemas.Wanted(name, here_of(config, book).book))
    except DraftError as why:
        raise mistake(Path("schema"), why) from why
    if name:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    rows = [f"{s['name']:<28} {s['id']:<44} {pick(s.get('x-title'))}" for s in found["schemas"]]
    answer(found, Text("\n".join(rows)))


def told(found: Mapping[str, Any]) -> Group:
    """What is assumed, and for every step the tree and what is missing."""
    head = f"{found['measure']}  {t('law-of')} {found['on']} ({found['regime']}, {found['book']['country']} {found['book']['version']})"
    parts: list[Any] = [Text(head, style="dim")]
    if found["assumed"]:
        parts.append(Text(f"{t('assumed')}:", style="bold"))
        parts += [Text(f"  • {_assumed(a)}") for a in found["assumed"]]
    for decision in found["decisions"]:
        parts.append(decision_tree(decision))
        if decision["missing"]:
            parts += [Text(t("missing"), style="bold"), to_do(decision)]
    return Group(*parts, Text(t("legend"), style="dim"), Text(t("no-advice"), style="dim"))


def _assumed(one: Mapping[str, str]) -> str:
    if one["what"] == "confirmation":
        return f"{one['name']}: {t('assumed-confirmation')}"
    who = one["who"] if one["by"] != "document" else f"{one['who'][:12]}…"
    return f"{one['name']}: {t(one['by'])} {who}"
