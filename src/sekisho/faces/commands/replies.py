"""campaign replies, read-reply, answer-reply, close-reply: what people wrote back, at a desk, and sent on to nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.messages.reply_read import shown
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.reply import MOST_ANSWER, AnswerReply, CloseReply, Ending, OpenReply

Name = Annotated[str, typer.Argument(help="返信の番号 / reply id")]


def replies(config: Config = DEFAULT) -> None:
    """届いた返信の一覧。誰のものか、何と書いてあるかは示さない / What came in; neither who wrote nor a word of it."""
    with outside(config) as world:
        found = world.keep.call("replies")
        lines = [f"{r['at']}  [{t('reply-is-' + (r['ending'] or r['state']))}]  {r['id']}  {r['name']}{_sent(r['answer'])}" for r in found]
        answer(found, Text("\n".join(lines) or t("no-replies")))


def read_reply(name: Name, key: Key, config: Config = DEFAULT) -> None:
    """返信を一通開く。開いたことは台帳に残る / Open one reply; that you did is an entry of the ledger."""
    signer = key_of(key)
    with outside(config) as world:
        words = OpenReply(name, signer.person, world.clock())
        found = world.keep.call("read-reply", opening=words, signature=signer.sign(words))
        said = shown(bytes.fromhex(found["raw"]))
        told = {k: found[k] for k in ("reply", "campaign", "name", "mail")}
        own = {"sender": said.sender, "subject": said.subject, "text": said.text, "files": list(said.files)}
        head = [f"{t('reply-to')}: {found['name']} <{found['mail']}>", f"{t('reply-claims')}: {said.sender}", f"Subject: {said.subject}"]
        files = [f"📎 {file}" for file in said.files]
        answer({**told, **own}, Text("\n".join([*head, "", said.text, *files])))


def answer_reply(
    name: Name,
    text: Annotated[Path, typer.Option("--text", help="回答の文面（4000字まで）/ a file with the words, 4000 letters at most")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """返信を書いた本人だけに、一通で答える / Answer whoever wrote it and nobody else, in one mail under its permit."""
    signer = key_of(key)
    try:
        said = text.read_bytes()[: 4 * MOST_ANSWER + 4].decode("utf-8-sig").replace("\r\n", "\n").strip("\n")
    except (OSError, UnicodeDecodeError) as why:
        raise refuse("absent", {"path": str(text)}, 2) from why
    with outside(config) as world:
        words = AnswerReply(name, said, signer.person, world.clock())
        found = world.keep.call("answer-reply", answer=words, signature=signer.sign(words))
        answer(found, f"{t('reply-is-on-its-way')}: {found['reply']}")


def _sent(state: str) -> str:
    """What became of the mail that answers it."""
    return f"  {t('answer-is-' + state)}" if state else ""


def close_reply(
    name: Name,
    ending: Annotated[Ending, typer.Option("--as", help="どうなったか / what became of it")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """対応を終え、本文を消す / Say what became of it; its words are gone from here."""
    signer = key_of(key)
    with outside(config) as world:
        words = CloseReply(name, ending, signer.person, world.clock())
        found = world.keep.call("close-reply", closing=words, signature=signer.sign(words))
        answer(found, f"{t('reply-settled')}: {found['reply']}  {t('reply-is-' + found['ending'])}")
