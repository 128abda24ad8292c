"""cases texts, adopt, prepared: the texts of letters and of reasons, which of them were adopted, and what may be picked where."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.case_words import Adoption
from sekisho.faces.commands.cases import Case, Facts, Set, facts_of, facts_told
from sekisho.faces.commands.letters import cases
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, pick, refuse, t

__all__ = ["adopt", "cases", "prepared", "texts"]


@cases.command()
def texts(config: Config = DEFAULT) -> None:
    """手紙と理由の文面と、採用されているか / The texts of letters and of reasons, and whether the operator adopted them."""
    with outside(config) as world:
        found = world.keep.call("letter-texts")
    rows = [f"{'✓' if x['adopted'] else '✗'} {x['name']:<28} {pick(x['title'])}" for x in found]
    answer(found, Text("\n".join(rows)))


@cases.command()
def adopt(
    text: Annotated[list[str], typer.Argument(help="文面の名前（texts が示す）/ names of the texts")], key: Key, config: Config = DEFAULT
) -> None:
    """文面を事業者のものとして採用する（法務責任者）/ Adopt texts as the operator's own (legal officer)."""
    signer, done = key_of(key), []
    with outside(config) as world:
        known = {x["name"]: x["digest"] for x in world.keep.call("letter-texts")}
        for name in text:
            if name not in known:
                raise refuse("unknown-text", {"text": name})
            words = Adoption(name, known[name], signer.person, world.clock())
            done.append(world.keep.call("adopt-text", adoption=words, signature=signer.sign(words)))
    answer({"texts": done}, Text("\n".join(f"{t('text-adopted')}: {name}" for name in done)))


@cases.command()
def prepared(
    case: Case,
    step: Annotated[str, typer.Argument(help="手順の名前（show が示す）/ the move, as show names it")],
    file: Facts = None,
    one: Set = None,
    config: Config = DEFAULT,
) -> None:
    """手順で理由を書くときに使える、用意した文面 / Prepared texts for the reasons a move asks for, filled in from the case."""
    with outside(config) as world:
        whole = world.keep.call("case", matter=case)
        fields = facts_of(whole, step)
        found = world.keep.call("prepared-texts", matter=whole["id"], move=step, facts=facts_told(file, one, fields))
    titles = {f["id"]: pick(f["title"]) for f in fields}
    rows = [f"{x['text']}  {pick(x['title'])}  ({titles[x['fact']]})\n    {x['said']}" for x in found["texts"]]
    rows += [f"{found['waiting']} {t('texts-wait')}"] if found["waiting"] else []
    answer(found, Text("\n".join(rows) or t("no-prepared-texts")))
