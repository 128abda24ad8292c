"""casebook codes: what the short codes in every answer mean, in one place."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from sekisho.desk.papers import Words, words_of
from sekisho.faces.commands.papers import printing
from sekisho.faces.commands.world import DEFAULT, Config, texts_folder
from sekisho.faces.words.say import Chosen, answer, t

GROUPS = ("authority", "certainty", "ground", "axis", "element", "regime", "voucher")


def codes(config: Config = DEFAULT) -> None:
    """記号の意味（A1、MEM、LAW、G0 など）/ What A1, MEM, LAW, G0 and the ids of cases mean."""
    with printing():
        words = words_of(texts_folder(config), "", Chosen.language)
    answer({group: words.law[group] for group in GROUPS}, Text("\n".join(_page(words))))


def _page(words: Words) -> Iterator[str]:
    yield t("codes-id")
    yield t("codes-row")
    for group in GROUPS:
        yield f"\n{t('codes-' + group)}"
        yield from (f"  {code:<12} {said}" for code, said in words.law[group].items())


