"""port25: the help desk opens a caller's line for a while and closes it again; what is left before the start, as evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.access import mail_services, owner_request
from sekisho.desk.outside import Outside
from sekisho.desk.signed_words import LineClosing, LineOpening
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.canonical import plain
from sekisho.law.words import Role

HELP = "25番ポート：回線を例外として開く、元に戻す / port 25: open a line as an exception, close it again"
port25 = typer.Typer(no_args_is_help=True, help=HELP)


@port25.command("open")
def open_line(
    code: Annotated[str, typer.Argument(help="お客様が読み上げるコード / the code the caller reads out")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    key: Key,
    days: Annotated[int, typer.Option(help="日数（最長30）/ for so many days (at most 30)")] = 7,
    config: Config = DEFAULT,
) -> None:
    """回線をしばらく例外として開く。期限が来れば自然に閉じる / Open a caller's line for a while; it closes by itself."""
    signer = key_of(key)
    with outside(config) as world:
        words = LineOpening(code, reason, days, signer.person, world.clock())
        found = world.keep.call("open-line", opening=words, signature=signer.sign(words))
        answer(found, f"{t('line-opened')}: {found['exception']}  → {found['until'][:16]}")


@port25.command()
def close(
    exception: Annotated[str, typer.Argument(help="例外の番号 / exception id")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """開いた回線を今すぐ元に戻す / Close a line again now."""
    signer = key_of(key)
    with outside(config) as world:
        words = LineClosing(exception, reason, signer.person, world.clock())
        found = world.keep.call("close-line", closing=words, signature=signer.sign(words))
        answer(found, f"{t('line-closed')}: {found['exception']}")


@port25.command()
def lines(config: Config = DEFAULT) -> None:
    """開いた回線の一覧。アドレスは出ない / Which lines are open and why; no address is shown."""
    with outside(config) as world:
        found = world.keep.call("opened-lines")
    head = f"{t('lines-open')}: {found['open']}  {t('line-codes')}: {found['codes']}"
    answer(found, Text("\n".join([head, *(_row(x) for x in found["lines"])])))


def _row(line: dict[str, Any]) -> str:
    state = t(f"line-state-{line['state']}")
    return f"{line['id']}  {state}  {line['at'][:16]} → {line['until'][:16]}  {line['by']}: {line['reason']}"


@port25.command()
def services(
    path: Annotated[Path, typer.Argument(help="services.csv")],
    plan: Annotated[str, typer.Option(help="数えた結果を加える計画 / lay what was counted in for this plan")] = "",
    key: Annotated[Path | None, typer.Option(envvar="SEKISHO_KEY", help="署名する鍵ファイル / key file of who signs")] = None,
    config: Config = DEFAULT,
) -> None:
    """投稿ポートのないメールサービス：開始前に残るもの / Mail services without a submission port: what is left before the start."""
    try:
        found = mail_services.carry_out(mail_services.MailServices(path))
    except mail_services.NotAList as why:
        raise refuse("absent-columns", {"columns": ", ".join(why.absent)}, 2) from why
    except OSError as why:
        raise refuse("absent", {"path": str(path)}, 2) from why
    laid = {"permits": _lay_in(found, plan, key_of(key or Path()), config)} if plan else {}
    answer({**plain(found), **laid}, Text("\n".join(_worked_off(path, found))))
    if not found.done:
        raise typer.Exit(1)


@port25.command()
def owner(
    case: Annotated[str, typer.Argument(help="持ち主への依頼の受付番号 / number of the case in which the owner was asked")],
    plan: Annotated[str, typer.Option(help="持ち主の答えを加える計画 / lay the owner's answer in for this plan")] = "",
    key: Annotated[Path | None, typer.Option(envvar="SEKISHO_KEY", help="署名する鍵ファイル / key file of who signs")] = None,
    config: Config = DEFAULT,
) -> None:
    """回線の持ち主への依頼：機械で読める依頼と、答え / Roamed lines: the request for machines, the answer as evidence."""
    with outside(config) as world:
        found = world.keep.call("case", matter=case)
        try:
            asked = owner_request.carry_out(found, world.settings.operator.name)
            laid = {"permits": _answered(world, found, plan, key_of(key or Path()))} if plan else {}
        except owner_request.NotThere as no:
            raise refuse(no.code, {"told": no.told}) from no
    answer({**plain(asked), **laid}, Text("\n".join(f"{name} = {json.dumps(plain(v))}" for name, v in vars(asked).items())))


def _answered(world: Outside, case: dict[str, Any], plan: str, signer: KeyFile) -> tuple[str, ...]:
    roles = next((p["roles"] for p in world.keep.call("people") if p["id"] == signer.person), ())
    role = Role.DESK if Role.DESK in roles else Role.WINDOW
    words = owner_request.evidence(case, signer.person, role, world.clock())
    return tuple(world.keep.call("supply", plan=plan, evidence=words, signature=signer.sign(words))["permits"])


def _lay_in(found: mail_services.WorkedOff, plan: str, signer: KeyFile, config: Path) -> tuple[str, ...]:
    """As evidence of the plan, signed; the permits it made possible."""
    with outside(config) as world:
        day = date.fromisoformat(world.keep.call("book")["day"])
        roles = next((p["roles"] for p in world.keep.call("people") if p["id"] == signer.person), ())
        role = Role.DESK if Role.DESK in roles else Role.HELP_DESK
        words = mail_services.evidence(found, signer.person, role, day, world.clock())
        return tuple(world.keep.call("supply", plan=plan, evidence=words, signature=signer.sign(words))["permits"])


def _worked_off(path: Path, found: mail_services.WorkedOff) -> Iterator[str]:
    yield f"{t('services-listed')}: {found.listed}  {t('services-left')}: {len(found.left)}"
    yield from (f"  {t(f'service-{state}')}: {count}" for state, count in found.states.items())
    yield from (f"! {s.day}  {s.service}  {s.contact}  {t(f'service-{s.state}')}  {s.note}".rstrip() for s in found.left)
    yield from (f"! {path}:{r.row}: {r.column}: {r.why}" for r in found.refused)
    yield f"SHA-256 {found.digest}"
