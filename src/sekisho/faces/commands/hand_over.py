"""entrust hand-over: propose, give, list, where, canary. A list goes to a party, once, under a permit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.draft import DraftError, read_draft
from sekisho.faces.commands.world import DEFAULT, Config, Key, book_folder, book_of, key_of, outside
from sekisho.faces.words import hand_over as said_hand_over
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import Chosen, answer, refuse, t
from sekisho.law.entrustment import AskedWhere, Giving, PartyKey

hand_over = typer.Typer(no_args_is_help=True, help="名簿の引渡し / handing a list over")
GONE, TRY_AGAIN = 3, 75
LARGEST_MAIL = 32 << 20
List = Annotated[Path, typer.Argument(help="名簿の CSV（1行目は見出し）/ the list, CSV; its first line names the columns")]


def key_told(
    row: Annotated[str, typer.Argument(help="委託の番号 / entrustment id")],
    party_key: Annotated[str, typer.Argument(help="相手の age 公開鍵 / the party's age public key (age1...)")],
    paper: Annotated[Path, typer.Argument(help="鍵を知らせてきた書面 / the paper by which it was told")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """相手の公開鍵を台帳に記す。前の鍵に基づく許可は終わる / Take down the party's key; permits that name the old one end."""
    signer = key_of(key)
    proof = _digest(_content(paper))
    with outside(config) as world:
        words = PartyKey(row, party_key, proof, signer.person, world.clock())
        found = world.keep.call("tell-key", told=words, signature=signer.sign(words))
        ended = f"\n{t('ended-with-it')}: {', '.join(found['permits'])}" if found["permits"] else ""
        answer(found, f"{t('key-told')}: {row}{ended}")


@hand_over.command()
def propose(
    plan: Annotated[Path, typer.Argument(help="plan.toml")],
    file: List,
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """この名簿を渡す計画を出す。人数と指紋は名簿から読む / Propose to hand over this list; its people are counted here."""
    from sekisho.desk.entrusting.hand_over_draft import WrongList, fill

    signer, content = key_of(key), _content(file)
    with outside(config) as world:
        now, operator = world.clock(), world.settings.operator
        day = date.fromisoformat(world.keep.call("book")["day"])
        try:
            book = book_of(book_folder(config, None))
            draft = read_draft(plan, actor=operator.name, regime=operator.regime, proposer=signer.person, day=day, now=now, book=book)
            words, found = fill(draft.plan, content, world.keep.call("entrustments")["entrustments"])
        except DraftError as why:
            raise mistake(plan, why) from why
        except WrongList as why:
            raise refuse(why.code, {"path": str(file), **why.detail}, 2) from why
        said = world.keep.call("propose", plan=words, signature=signer.sign(replace(words, evidence=())))
        scope = words.scope
        told = {"people": scope["persons"], "lines": found.lines, "encoding": found.encoding, "fields": scope["fields"]}
        answer({**said, **told, "file": scope["file"]}, f"{t('proposed')}: {said['plan']}\n  {_told(told)}")


@hand_over.command()
def give(
    permit: Annotated[str, typer.Argument(help="許可証の番号 / permit id")],
    file: List,
    key: Key,
    without: Annotated[Path | None, typer.Option(help="渡さないよう求めた人の CSV（1列目）/ who objected: first column of a CSV")] = None,
    config: Config = DEFAULT,
) -> None:
    """許可された名簿を渡す。ここで封をし、許可どおりに切り出して相手の鍵で封じるのは act / Hand the list over, sealed from here on."""
    from sekisho.desk.entrusting.hand_over_draft import WrongList, box

    signer, content = key_of(key), _content(file)
    objected = _content(without) if without else b""
    with outside(config) as world:
        half = world.keep.call("list-half", permit=permit)
        words = Giving(permit, _digest(content), _digest(objected), signer.person, world.clock())
        try:
            sealed = box(bytes.fromhex(half["half"]), half["key_id"], content, objected)
        except WrongList as why:
            raise refuse(why.code, {"path": str(file), **why.detail}, 2) from why
        found = world.keep.call("hand-over", giving=words, signature=signer.sign(words), key_id=half["key_id"], box=sealed)
        answer(found, f"{t('hand-over-waits')}: {found['hand_over']}")


@hand_over.command("list")
def list_hand_overs(
    row: Annotated[str, typer.Argument(help="委託の番号（省略可）/ entrustment id; all if left out")] = "",
    config: Config = DEFAULT,
) -> None:
    """何を、何人分、誰に渡したか / What went to whom: how many people, which columns, why others did not, and what is due back."""
    with outside(config) as world:
        found = world.keep.call("hand-overs", entrustment=row)
        folder = world.settings.folder / "act" / "outbox"
        answer(found, Text("\n".join(_lines(h, folder) for h in found["hand_overs"]) or t("no-hand-overs")))


@hand_over.command()
def where(
    who: Annotated[str, typer.Argument(help="名簿にある連絡先又は番号 / the address or number as it stood in the list")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """この人のデータは、どの引渡しに含まれたか（署名し、台帳に残る）/ In which hand-overs was this person? Signed, and entered."""
    signer = key_of(key)
    with outside(config) as world:
        words = AskedWhere(sha256(who.encode()).hexdigest(), signer.person, world.clock())
        found = world.keep.call("where-handed", who=who, asked=words, signature=signer.sign(words))
        folder = world.settings.folder / "act" / "outbox"
        told = [f"{_lines(h, folder)}\n    {said(h['why'] or 'in-it')}" for h in found["hand_overs"]]
        answer(found, Text("\n".join(told) or t("in-no-hand-over")))


@hand_over.command()
def canary(
    to: Annotated[str, typer.Argument(help="届いた宛先 / to which of our own it came")],
    file: Annotated[Path | None, typer.Argument(help="メール。なければ標準入力 / the mail; else standard input")] = None,
    config: Config = DEFAULT,
) -> None:
    """見張り用の宛先にメールが届いた：どの引渡しの名簿か / A mail came to one of our own: from which list did the address get out?

    Made for a mail server's pipe: ends with 75 (try again later) where `keep` is not there, else with 0.
    """
    from sekisho.desk.entrusting.canary_mail import of

    raw = _content(file) if file else sys.stdin.buffer.read(LARGEST_MAIL)
    try:
        with outside(config) as world:
            found = world.keep.call("canary-mail", **asdict(of(to, raw)))
    except typer.Exit as why:
        raise typer.Exit(TRY_AGAIN if why.exit_code == GONE else why.exit_code) from why
    if not found["known"]:
        answer(found, t("canary-unknown"))
    elif found["explained"]:
        answer(found, t("canary-explained"))
    else:
        answer(found, Text(f"{t('canary-leaked')} {found['to']} ({found['hand_over']})"))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as why:
        raise refuse("absent", {"path": str(file)}, 2) from why


def _digest(content: bytes) -> str:
    """SHA-256; empty for nothing."""
    return sha256(content).hexdigest() if content else ""


def said(code: str) -> str:
    """A word of ours in the chosen language."""
    ja, en = said_hand_over.WORDS.get(code, (code, code))
    return ja if Chosen.language == "ja" else en


def _told(told: Mapping[str, Any]) -> str:
    fields = ", ".join(told["fields"])
    return f"{told['people']} {t('people-count')} / {told['lines']} {said('lines')} ({told['encoding']}): {fields}"


def _lines(one: Mapping[str, Any], folder: Path) -> str:
    """One hand-over for reading."""
    head = f"{one['id']}  {one['at'][:16]}  → {one['to']}  [{said(one['state'])}]"
    more = [f"    {one['purpose']}: {', '.join(one['columns'] or one['fields'])}  {said('under')} {one['permit']}  {one['name']}"]
    if one["given"]:
        more.append(f"    {one['given']} {t('people-count')}, {one['canaries']} {said('canaries')}{_withheld(one['withheld'])}")
    if one["code"]:
        place = f" ({said('line')} {one['line']})" if one["line"] else ""
        more.append(f"    {said(one['code'])}{place}")
    if one["state"] == "given":
        more.append(f"    {folder / (one['id'] + '.csv.age')}  sha256 {one['sealed'][:16]}…")
    if one["return_due"] and not one["proof"]:
        more.append(f"    {t('return-due')} {one['return_due']}{'  ' + t('return-late') if one['late'] else ''}")
    more += [f"    ✗ {t('canary-leaked')} {one['to']}: {leak['at'][:16]}  {leak['from']}  {leak['mail'][:16]}…" for leak in one["leaks"]]
    if one["proof"]:
        more.append(f"    {said('proved')} sha256 {one['proof'][:16]}…")
    return "\n".join([head, *more])


def _withheld(reasons: Mapping[str, int]) -> str:
    return "".join(f", {said('withheld-' + why)} {n}" for why, n in sorted(reasons.items()))
