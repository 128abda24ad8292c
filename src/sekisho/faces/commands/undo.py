"""unconfirm, confirmations, people dismiss: what was said or granted by a person, taken back by the legal officer."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.signed_words import Dismissal, Retraction
from sekisho.faces.commands.records import people
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, t

__all__ = ["confirmations", "dismiss", "people", "unconfirm"]

Reason = Annotated[str, typer.Option(help="理由 / why")]


def confirmations(config: Config = DEFAULT) -> None:
    """確認された事例の一覧 / Every confirmation, and whether it was taken back."""
    with outside(config) as world:
        found = world.keep.call("confirmations")
        rows = [
            f"{c['id']}  {c['case']:<12} {c['measure']:<18} {c['until'][:10]}  {c['person']}{'  ✗' if c['taken_back'] else ''}"
            for c in found
        ]
        answer(found, Text("\n".join(rows) or t("none-given")))


def unconfirm(
    confirmation: Annotated[str, typer.Argument(help="確認の番号 / confirmation id")], reason: Reason, key: Key, config: Config = DEFAULT
) -> None:
    """事例の確認を取り消す（法務責任者）/ Take back a confirmation (legal officer): what rests on it ends within seconds."""
    signer = key_of(key)
    with outside(config) as world:
        words = Retraction(confirmation, reason, signer.person, world.clock())
        found = world.keep.call("unconfirm", retraction=words, signature=signer.sign(words))
        answer({"confirmation": found}, f"{t('unconfirmed')}: {found}")


@people.command()
def dismiss(
    person: Annotated[str, typer.Argument(help="人の番号 / person id")], reason: Reason, key: Key, config: Config = DEFAULT
) -> None:
    """その人の署名を今から無効にする（法務責任者）/ A person's signatures count no more, from now on (legal officer)."""
    signer = key_of(key)
    with outside(config) as world:
        words = Dismissal(person, reason, signer.person, world.clock())
        found = world.keep.call("dismiss", dismissal=words, signature=signer.sign(words))
        answer({"person": found}, f"{t('dismissed-now')}: {found}")
