"""`sekisho posts`: sealed sender records of services. Keys to seal with, openings for a case, and what the poster is told."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.case_words import RevealOrder
from sekisho.desk.outside import Outside
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t

JST = timezone(timedelta(hours=9))
PATIENCE = 30.0
Service = Annotated[str, typer.Argument(help="サービスの名前（設定の [[service]]）/ name of the service, as the settings have it")]
Opening = Annotated[str, typer.Argument(help="開示の番号（look-…）/ id of the opening")]
Ticket = Annotated[str, typer.Option(help="reveal が示した券（15分間）/ the ticket that reveal told, good for 15 minutes")]

posts = typer.Typer(no_args_is_help=True, help="投稿サービスの発信者情報 / sender records of services with posts")


@posts.command("list")
def list_records(
    service: Service,
    kind: Annotated[str, typer.Option(help="post, login, signup, logout, account-deletion")] = "",
    post: Annotated[str, typer.Option(help="投稿などの番号 / id of the post, log-in or account")] = "",
    day: Annotated[str, typer.Option(help="日（2026-11-22）/ a day")] = "",
    config: Config = DEFAULT,
) -> None:
    """封じられた記録の一覧。中身は見えない / The sealed records there are; nothing of them is opened."""
    from sekisho.desk.posts import fetch_record

    with outside(config) as world:
        found = fetch_record.listed(world, fetch_record.Records(service, kind, post, day))
    rows = [f"{r['day']}  {r['kind']:<16} {r['subject']:<24} {r['id']}  {t('opened-times')}: {r['opened']}" for r in found]
    answer(found, Text("\n".join(rows) or t("no-records")))


@posts.command()
def keys(
    service: Service,
    to: Annotated[Path | None, typer.Option("--to", help="書き出す先 / where to write sender-keys.json")] = None,
    days: Annotated[int, typer.Option(help="今日から何日分か / for how many days from today")] = 14,
    config: Config = DEFAULT,
) -> None:
    """サービスが記録を封じる公開鍵を、署名つきで書き出す / The public keys a service seals with, signed: sender-keys.json."""
    with outside(config) as world:
        found = world.keep.call("sender-keys", service=service, days=days)
    if to is None:
        typer.echo(_file(found), nl=False)
        return
    new = to.with_name(to.name + ".new")
    try:
        new.write_text(_file(found), encoding="utf-8")
        new.replace(to)
    except OSError as why:
        raise refuse("not-writable", {"path": str(to), "why": why.strerror}, 2) from why
    last = max(k["day"] for k in found["keys"])
    answer({"path": str(to), "keys": len(found["keys"]), "last": last}, f"{t('made')}: {to} ({len(found['keys'])}, {last})")


@posts.command()
def reveal(
    service: Service,
    record: Annotated[str, typer.Argument(help="記録か投稿の番号（許可証のとおり）/ id of the record or post, as the permit names it")],
    case: Annotated[str, typer.Option(help="事案の番号 / number or id of the case")],
    purpose: Annotated[str, typer.Option(help="目的（許可証のとおり）/ purpose, as the permit says")],
    permit: Annotated[str, typer.Option(help="許可証 / the permit")],
    key: Key,
    full: Annotated[bool, typer.Option("--full", help="許可された項目を開く（二度目から）/ open the items, after a first view")] = False,
    config: Config = DEFAULT,
) -> None:
    """ひとつの記録を事案のために開く。まずネットワークだけ / Open one record for a case: the network first, then --full."""
    signer = key_of(key)
    with outside(config) as world:
        matter = str(world.keep.call("case", matter=case)["id"])
        words = RevealOrder(service, record, matter, purpose, permit, full, signer.person, world.clock())
        asked = world.keep.call("reveal", order=words, signature=signer.sign(words))
        found = _awaited(world, asked)
    answer({**found, "ticket": asked["ticket"]}, Text("\n".join(_opening(found, asked["ticket"]))))


@posts.command()
def openings(
    case: Annotated[str, typer.Option(help="この事案だけ / of this case only")] = "",
    config: Config = DEFAULT,
) -> None:
    """誰が、いつ、どの事案と許可証で開いたか。中身は出さない / Who opened what, when, for which case. Never what was seen."""
    with outside(config) as world:
        matter = str(world.keep.call("case", matter=case)["id"]) if case else ""
        found = world.keep.call("reveals", matter=matter)
    rows = [
        f"{_jst(r['at'])}  {t('full-view' if r['full'] else 'first-view')}  {t('opening-' + r['state'])}  {r['by']['name']}  {r['matter']}"
        f"  {r['permit']}  {r['id']}"
        for r in found
    ]
    answer(found, Text("\n".join(rows) or t("no-openings")))


@posts.command()
def opened(
    service: Service,
    record: Annotated[str, typer.Argument(help="記録の番号 / id of the record")],
    config: Config = DEFAULT,
) -> None:
    """投稿者に見える、開かれた回数・日時・目的 / What the poster sees: how often it was opened, when, and what for."""
    with outside(config) as world:
        found = world.keep.call("opened", service=service, record=record)
    rows = [f"{t('opened-times')}: {found['count']}"]
    rows += [f"  {_jst(o['at'])}  {o['purpose'] or '-'}  {t('full-view' if o['full'] else 'first-view')}" for o in found["openings"]]
    answer(found, Text("\n".join(rows)))


@posts.command()
def certificate(
    opening: Opening,
    ticket: Ticket,
    url: Annotated[str, typer.Option(help="投稿の URL / where the post stands")],
    config: Config = DEFAULT,
) -> None:
    """接続事業者に示すログの証跡の内容 / The facts of a log certificate, as access providers ask for them."""
    with outside(config) as world:
        found = world.keep.call("log-certificate", reveal=opening, ticket=ticket, url=url)
    answer(found, Text("\n".join(f"{name}: {'-' if value is None else value}" for name, value in found.items())))


def _awaited(world: Outside, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was seen, or that nothing was, within half a minute."""
    end = time.monotonic() + PATIENCE
    while True:
        found: dict[str, Any] = world.keep.call("revealed", reveal=asked["reveal"], ticket=asked["ticket"])
        if found["state"] in ("shown", "refused", "failed") or time.monotonic() > end:
            return found
        time.sleep(0.2)


def _opening(found: Mapping[str, Any], ticket: str) -> list[str]:
    rows = [f"{t('opening-' + found['state'])}: {found['id']}"]
    if found["code"]:
        rows.append(f"  {t(found['code'])}")
    view = found["view"]
    if view is None:
        return rows
    rows += [f"  {t('network')}: {view['prefix'] or '-'}  {view['operator']}", f"  {t('same-sender')}: {', '.join(view['same_as']) or '-'}"]
    rows += [f"  {t('not-compared')}: {', '.join(view['not_compared'])}"] if view["not_compared"] else []
    rows.append(f"  {t('items-held')}: {', '.join(view['held']) or '-'}  ({t('items-not-held')}: {', '.join(view['not_held']) or '-'})")
    rows += [f"  {t('tampered')}"] if view["tampered"] else []
    rows += [f"  {t('why-empty')}: {view['why_empty']}"] if view["why_empty"] else []
    for name in ("source", "destination"):
        if view[name]:
            rows.append(f"  {t('end-' + name)}: {view[name]['ip']}  {t('port')} {view[name]['port'] or '-'}")
    if view["seen_us"] is not None:
        at = datetime.fromtimestamp(view["seen_us"] // 1_000_000, JST)
        rows.append(f"  {t('seen-at')}: {at:%Y-%m-%d %H:%M:%S} JST")
    return [*rows, f"  {t('ticket')}: {ticket}"]


def _file(found: Mapping[str, Any]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _jst(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(JST):%Y-%m-%d %H:%M:%S}"
