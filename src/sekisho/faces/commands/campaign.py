"""campaign: check, submit, list, show, leave-out, reachable, replied, contractor. One approved message to many people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.campaign_look import every_fault
from sekisho.desk.messages.answer import LARGEST, understood
from sekisho.desk.messages.files import CampaignError, read_campaign
from sekisho.desk.messages.reply_read import answers
from sekisho.desk.settings import Settings
from sekisho.faces.commands.contractor import contractor
from sekisho.faces.commands.replies import answer_reply, close_reply, read_reply, replies
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words import campaign as said_campaign
from sekisho.faces.words.say import Chosen, answer, refuse, t
from sekisho.law.campaign import Campaign, Loss, Lost, Reachable, Recipient, faults, identity
from sekisho.law.reading import ReadingError

campaign = typer.Typer(no_args_is_help=True, help="多くの人への連絡メール / one approved message to many people")
campaign.add_typer(contractor, name="contractor")
campaign.command("replies")(replies)
campaign.command("read-reply")(read_reply)
campaign.command("answer-reply")(answer_reply)
campaign.command("close-reply")(close_reply)
Folder = Annotated[Path, typer.Argument(help="campaign.toml と文面のあるフォルダ / folder with campaign.toml and its texts")]
People = Annotated[Path | None, typer.Option(help="宛先の CSV（なければ people.csv）/ the list, else people.csv in the folder")]
NOBODYS = ("machine", "no-mail")
"""What a reply is that no person wrote."""
Name = Annotated[str, typer.Argument(help="連絡メールの番号 / campaign id")]


@campaign.command()
def check(folder: Folder, people: People = None, config: Config = DEFAULT) -> None:
    """送る前に、できあがる一通を1バイトずつ点検する / Look at every byte it would make. Sends and writes nothing."""
    with outside(config) as world:
        said, listed = _read(folder, people, world.settings, "person", world.clock())
        if not _looked_over(said, listed, world.settings.console.url):
            raise typer.Exit(1)


def _looked_over(said: Campaign, listed: tuple[Recipient, ...], url: str) -> bool:
    """Says what was found, and whether it was nothing."""
    found, fields = every_fault(said, listed, url), list(faults(said))
    told = {"digest": identity(said), "persons": said.persons, "fields": fields, "faults": found}
    lines = [f"  {_fault(f)}" for f in found] + [f"  campaign.toml: {name}" for name in fields]
    answer(told, "\n".join([f"{t('campaign-faults')}:", *lines]) if lines else t("campaign-clean"))
    return not lines


def _fault(found: Mapping[str, str]) -> str:
    """Where, what it is in words, and the piece itself."""
    ja, en = said_campaign.FAULTS.get(found["code"], (found["code"], found["code"]))
    return f"{found['where']}: {ja if Chosen.language == 'ja' else en} ({found['code']}) {found['what']}".rstrip()


def _read(folder: Path, people: Path | None, settings: Settings, by: str, at: Any) -> tuple[Campaign, tuple[Recipient, ...]]:
    try:
        return read_campaign(folder, settings.mail.sender, by, at, people)
    except ReadingError as why:
        raise refuse("wrong-campaign", {"where": why.path, "why": why.code}, 2) from why
    except CampaignError as why:
        raise refuse("wrong-campaign", {"where": why.where, "why": why.why}, 2) from why


@campaign.command()
def submit(folder: Folder, key: Key, people: People = None, config: Config = DEFAULT) -> None:
    """点検し、宛先を封じて、ほかの人の承認に出す / Look it over, seal its recipients, and lay it before somebody else."""
    signer = key_of(key)
    with outside(config) as world:
        said, listed = _read(folder, people, world.settings, signer.person, world.clock())
        if every_fault(said, listed, world.settings.console.url):
            _looked_over(said, listed, world.settings.console.url)
            raise typer.Exit(1)
        found = world.keep.call("submit-campaign", campaign=said, recipients=listed, signature=signer.sign(said))
        lines = [t("campaign-submitted"), f"{found['campaign']}  {found['persons']}", f"{t('campaign-plan')}: {found['plan']}"]
        lines += [f"{t('campaign-left-out')}: {found['left_out']}"] if found["left_out"] else []
        answer(found, "\n".join(lines))


@campaign.command("list")
def list_campaigns(config: Config = DEFAULT) -> None:
    """すべての連絡メールと、その進み具合 / Every campaign, and how far each has got."""
    with outside(config) as world:
        found = world.keep.call("campaigns")
        answer(found, Text("\n".join(line for one in found for line in _lines(one)) or t("no-campaigns")))


@campaign.command()
def show(name: Name, config: Config = DEFAULT) -> None:
    """送るものを一字一句、宛先の人数と進み具合とともに示す / All that would go out, word for word, and how far it has got."""
    with outside(config) as world:
        found = world.keep.call("campaign", campaign=name)
        answer(found, Text("\n".join([*_lines(found), *_words(found)])))


@campaign.command("leave-out")
def leave_out(
    name: Name,
    mail: Annotated[str, typer.Argument(help="その人のアドレス / that person's address")],
    why: Annotated[Lost, typer.Option(help="理由 / why")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """一人を宛先から外す。加えることはできない / Take one person off the set. Nobody can be put on it."""
    signer = key_of(key)
    with outside(config) as world:
        who = world.keep.call("who-is-recipient", mail=mail)["recipient"]
        words = Loss(name, who, why, signer.person, world.clock())
        found = world.keep.call("lose-recipient", loss=words, signature=signer.sign(words))
        answer(found, f"{t('recipient-lost')}: {found['waiting']}")


@campaign.command()
def reachable(
    mail: Annotated[str, typer.Argument(help="そのアドレス / the address")],
    reason: Annotated[str, typer.Option(help="届くと分かった理由 / how you know")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """戻ってきたため送らないことにしたアドレスへ、また送れるようにする / Mail to it came back, and it is good after all."""
    signer = key_of(key)
    with outside(config) as world:
        words = Reachable(world.keep.call("who-is-recipient", mail=mail)["recipient"], reason, signer.person, world.clock())
        found = world.keep.call("end-return", reachable=words, signature=signer.sign(words))
        answer(found, t("return-ended"))


@campaign.command()
def replied(config: Config = DEFAULT) -> None:
    """届いた返信を読み、配信停止を取り消すか窓口へ封じて渡す / Read a reply on standard input: undo a stop, or seal it for the desk.

    Ends with 0 whatever the mail says: a mail server would send an error back to whoever wrote it.
    """
    raw = sys.stdin.buffer.read(LARGEST)
    found = understood(raw, said_campaign.AGAIN)
    if found.why in NOBODYS:
        answer({"undone": False, "why": found.why, "reply": ""}, t(f"reply-{found.why}"))
        return
    with outside(config) as world:
        if found.code and world.keep.call("mail-again-by-reply", code=found.code)["undone"]:
            answer({"undone": True, "why": "", "reply": ""}, t("reply-undone"))
            return
        said = answers(raw)
        laid = world.keep.call("reply-came", raw=raw, ids=said.ids, code=said.code)
        why = "at-desk" if laid["reply"] else laid["why"] if laid["why"] != "foreign" else found.why or "no-stop"
        answer({"undone": False, "why": why, "reply": laid["reply"]}, t(f"reply-{why}"))


def _word(code: str) -> str:
    ja, en = said_campaign.WORDS.get(code, (code, code))
    return ja if Chosen.language == "ja" else en


def _lines(one: Mapping[str, Any]) -> list[str]:
    """Name, state, window, and where every mail of the set stands."""
    counts = "  ".join(f"{_word(state)} {count}" for state, count in sorted(one["counts"].items()))
    losses = "  ".join(f"{_word(why)} {count}" for why, count in sorted(one["losses"].items()))
    head = f"{one['name']}  [{_word(one['status'])}]  {one['id']}"
    lines = [head, f"    {one['since']} – {one['until']}  {one['submitter']}", f"    {one['persons']}: {counts}"]
    return [*lines, f"    {losses}"] if losses else lines


def _words(found: Mapping[str, Any]) -> list[str]:
    said = found["campaign"]
    lines = ["", f"From: {said['sender_name']} <{said['sender']}>", f"Reply-To: {said['reply_desk']}", f"SHA-256: {found['digest']}"]
    for language, text in said["texts"].items():
        lines += ["", f"── {language} ──", f"Subject: {text['subject']}", "", text["plain"]]
    lines += [f"📎 {a['name']} ({a['media']})" for a in said["attachments"]]
    lines += ["", f"{t('campaign-unknown')}:", *found["unknown"]] if found["unknown"] else []
    return lines
