"""talk: open, list, held, read, settle. Two people write to each other through us; neither learns the other's address."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.talking.own_said import shown
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.faces.words.talk import held_for
from sekisho.law.reading import read as read_words
from sekisho.law.talk import Fate, OpenTalk, ReadHeld, Reason, SettleHeld

talk = typer.Typer(no_args_is_help=True, help="アドレスを伏せた二人の連絡 / masked talk between two people")
Name = Annotated[str, typer.Argument(help="止められたメールの番号 / id of a held mail")]
JA, EN = "ja", "en"


@talk.command("open")
def open_talk(
    invitation: Annotated[str, typer.Argument(help="二人が同意した案内の番号 / id of the invitation both agreed to")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """二人とも同意した案内から連絡を始める計画を出す / Lay a talk between the two of an invitation before somebody else, as a plan."""
    signer = key_of(key)
    with outside(config) as world:
        words = OpenTalk(invitation, signer.person, world.clock())
        found = world.keep.call("open-talk", opening=words, signature=signer.sign(words))
        lines = [t("talk-opened"), f"{found['talk']}  {t('talk-plan')}: {found['plan']}", f"{t('talk-until')}: {found['until'][:16]}"]
        answer(found, Text("\n".join(lines)))


@talk.command("list")
def list_talks(config: Config = DEFAULT) -> None:
    """すべての連絡と、その状態。誰のものか、何と書いてあるかは示さない / Every talk and its state; neither whose nor a word of it."""
    with outside(config) as world:
        found = world.keep.call("talks")
        rows = [f"{one['id']}  {t('talk-' + one['state'])}  {one['until'][:16]}  {_counts(one['mails'])}  {one['name']}" for one in found]
        answer(found, Text("\n".join(rows) or t("no-talks")))


def _counts(mails: dict[str, int]) -> str:
    return " ".join(f"{t('mail-is-' + state)} {count}" for state, count in sorted(mails.items())) or "–"


@talk.command()
def held(config: Config = DEFAULT) -> None:
    """止めているメールと理由 / Mails that wait for a person, and why; no word of any."""
    with outside(config) as world:
        found = world.keep.call("held-mails")
        rows = [f"{m['id']}  {m['at'][:16]}  [{t('mail-is-' + m['state'])}]  {m['talk']}{_why(m['why'])}" for m in found]
        answer(found, Text("\n".join(rows) or t("no-held-mails")))


def _why(said: list[dict[str, str]]) -> str:
    why = [read_words(Reason, one) for one in said]
    return f"\n    {held_for(why, JA)}\n    {held_for(why, EN)}" if why else ""


@talk.command()
def read(name: Name, key: Key, config: Config = DEFAULT) -> None:
    """止めたメールを一通開く。開いたことは台帳に残る / Read one held mail; that you did is an entry of the ledger."""
    signer = key_of(key)
    with outside(config) as world:
        words = ReadHeld(name, signer.person, world.clock())
        found = world.keep.call("read-held-mail", reading=words, signature=signer.sign(words))
        text, files = shown(bytes.fromhex(found["raw"]))
        told = {"id": found["id"], "talk": found["talk"], "why": found["why"], "text": text, "files": files}
        lines = [*(f"{number:4}  {line}" for number, line in enumerate(text.split("\n"), 1)), *(f"📎 {file}" for file in files)]
        answer(told, Text("\n".join([t("held-why") + _why(found["why"]), "", t("held-own-words"), *lines])))


@talk.command()
def settle(
    name: Name,
    fate: Annotated[Fate, typer.Option("--as", help="どうするか / what becomes of it")],
    key: Key,
    without: Annotated[str, typer.Option(help="除く行、例 2,5 / lines left out, as in 2,5")] = "",
    config: Config = DEFAULT,
) -> None:
    """除いて取り次ぐ、理由を添えて返す、取り次がない / Release without those lines, return with the reason, or drop."""
    signer = key_of(key)
    with outside(config) as world:
        try:
            lines = tuple(int(number) for number in without.split(",") if number.strip())
        except ValueError as why:
            raise refuse("wrong-lines", {"without": without}, 2) from why
        words = SettleHeld(name, fate, lines, signer.person, world.clock())
        found = world.keep.call("settle-held-mail", settling=words, signature=signer.sign(words))
        answer(found, f"{found['id']}  {t('held-' + found['fate'])}")
