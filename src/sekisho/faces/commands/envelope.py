"""envelope: propose, approve, use, review, revoke, list. Approved by day, used by night, reviewed the next day."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.signed_words import Revocation, Use, UseReview
from sekisho.desk.staff import statements
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Kind, Value

envelope = typer.Typer(no_args_is_help=True, help="夜間の枠 / what may happen by night")
Named = Annotated[str, typer.Argument(help="枠の番号 / envelope id")]


@envelope.command()
def propose(
    plan: Annotated[str, typer.Argument(help="計画の番号 / plan id")],
    kind: Annotated[list[Kind], typer.Option(help="block, throttle, …")],
    trigger: Annotated[list[str], typer.Option(help="プローブが測る証拠の種類 / a kind of evidence a probe measures")],
    key: Key,
    hours: Annotated[int, typer.Option(help="一回の長さ（時間）/ how long one use lasts")] = 1,
    days: Annotated[int, typer.Option(help="枠の有効日数（最長31）/ good for (at most 31)")] = 7,
    config: Config = DEFAULT,
) -> None:
    """ある計画のうち、夜間にできることの枠を出す / Put an envelope about a plan before two people."""
    signer = key_of(key)
    with outside(config) as world:
        words = statements.envelope(plan, kind, trigger, timedelta(hours=hours), days, signer.person, world.clock())
        found = world.keep.call("propose-envelope", envelope=words, signature=signer.sign(words))
        answer(found, f"{t('proposed')}: {found['envelope']}")


@envelope.command()
def approve(envelope: Named, key: Key, config: Config = DEFAULT) -> None:
    """示されたとおりの枠を承認する（二人）/ Approve an envelope exactly as it is shown; two people must."""
    signer = key_of(key)
    with outside(config) as world:
        said = next((e for e in world.keep.call("envelopes") if e["id"] == envelope), None)
        if said is None:
            raise refuse("unknown-envelope", {"envelope": envelope})
        words = statements.approval(envelope, said["shown"], signer.person, world.clock())
        found = world.keep.call("approve-envelope", approval=words, signature=signer.sign(words))
        answer(found, f"{t('approved')}: {envelope} ({found['approvals']}/2)")


@envelope.command()
def use(
    envelope: Named,
    reason: Annotated[str, typer.Option(help="理由 / why now")],
    key: Key,
    scope: Annotated[list[Path] | None, typer.Option(help="計画より狭い範囲の TOML / a narrower scope, TOML")] = None,
    config: Config = DEFAULT,
) -> None:
    """枠の中で今すぐ許可を得る（狭い範囲から試す）/ Get a permit now inside the envelope; the narrowest scope is tried first."""
    signer = key_of(key)
    scopes = tuple(_scope(path) for path in scope or []) or ({},)
    with outside(config) as world:
        words = Use(envelope, scopes, reason, signer.person, world.clock())
        found = world.keep.call("use-envelope", use=words, signature=signer.sign(words))
        answer(found, f"{found['use']}\n{t('permits')}: {', '.join(found['permits'])}\n{t('review-within-a-day')}")


def _scope(path: Path) -> dict[str, Value]:
    try:
        return read(dict[str, Value], tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as why:
        raise refuse("absent", {"path": str(path)}, 2) from why
    except (ValueError, ReadingError) as why:
        raise refuse("wrong-plan", {"where": str(path), "why": type(why).__name__}, 2) from why


@envelope.command()
def review(
    use: Annotated[str, typer.Argument(help="使用の番号 / use id")],
    words: Annotated[str, typer.Argument(help="所見 / what you found")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """使用を翌日までに確かめる / Review one use, within a day; without it nothing more is made in that envelope."""
    signer = key_of(key)
    with outside(config) as world:
        said = UseReview(use, words, signer.person, world.clock())
        found = world.keep.call("review-use", review=said, signature=signer.sign(said))
        answer(found, f"{t('reviewed')}: {use}")


@envelope.command()
def revoke(
    envelope: Named,
    reason: Annotated[str, typer.Argument(help="理由 / why")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """枠を今すぐ終わらせる。枠から出た許可も終わる / End an envelope now, and every permit made in it."""
    signer = key_of(key)
    with outside(config) as world:
        said = Revocation(envelope, reason, signer.person, world.clock())
        found = world.keep.call("revoke-envelope", revocation=said, signature=signer.sign(said))
        answer(found, f"{t('revoked')}: {envelope}\n{t('ended-with-it')}: {', '.join(found['permits']) or '–'}")


@envelope.command("list")
def list_envelopes(config: Config = DEFAULT) -> None:
    """枠と使用の一覧 / Every envelope, its state and its uses."""
    with outside(config) as world:
        found = world.keep.call("envelopes")
        answer(found, Text("\n".join(row for e in found for row in _rows(e)) or t("no-envelopes")))


def _rows(said: dict[str, Any]) -> list[str]:
    words, mark = said["envelope"], f"  [{t('use-not-reviewed')}]" if said["blocked"] else ""
    head = f"{said['id']}  {t(said['state']):<10} {words['plan']}  {', '.join(words['kinds'])}  {words['until'][:16]}{mark}"
    return [head, *(_use_row(u) for u in said["uses"])]


def _use_row(used: dict[str, Any]) -> str:
    waits = "✓" if used["review"] else f"{t('review-due')} {used['due'][:16]}"
    return f"  {used['id']}  {used['at'][:16]}  {used['reason']}  {waits}"
