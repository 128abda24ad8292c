"""lines, ledger, people: the data an operator keeps and shows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.progress import Progress
from rich.text import Text

from sekisho.desk import audit
from sekisho.desk.public import Public, read_public
from sekisho.desk.signed_words import Invite
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside, settings_of
from sekisho.faces.words.say import Chosen, answer, err, refuse, t
from sekisho.law.words import Role

lines = typer.Typer(no_args_is_help=True, help="回線の台帳 / the subscriber register")
ledger = typer.Typer(no_args_is_help=True, help="監査台帳 / the ledger")
people = typer.Typer(no_args_is_help=True, help="署名できる人 / who may sign")


@lines.command("import")
def import_lines(path: Annotated[Path, typer.Argument(help="lines.csv")], config: Config = DEFAULT) -> None:
    """CSV から取り込む。連絡先は別に封じる / Import from CSV; contacts are sealed in a class of their own."""
    from sekisho.desk.flows import lines as register

    with outside(config) as world:
        try:
            found = register.carry_out(world, register.ImportLines(path))
        except register.NoRegisterPermit as why:
            raise refuse("no-register-permit") from why
        except register.NotACsv as why:
            raise refuse("absent-columns", {"columns": ", ".join(why.absent)}, 2) from why
        except OSError as why:
            raise refuse("absent", {"path": str(path)}, 2) from why
    rows = "\n".join(f"  {path}:{r.row}: {r.column}: {r.why}" for r in found.refused)
    answer(found, f"{found.lines} {t('imported')}" + (f"\n{t('refused-rows')}:\n{rows}" if rows else ""))
    if found.refused:
        raise typer.Exit(1)


def _ledger(config: Path, folder: Path | None, key: str) -> audit.Audit:
    if folder is not None:
        if not key:
            raise refuse("no-vkey", {"folder": str(folder)}, 2)
        return audit.Audit(folder, Public(b"", key, key.partition("+")[0]))
    settings = settings_of(config)
    return audit.Audit(settings.folder / "ledger", read_public(settings.folder))


@ledger.command()
def verify(
    config: Config = DEFAULT,
    folder: Annotated[Path | None, typer.Option(help="台帳の写し / a copy of the ledger")] = None,
    vkey: Annotated[str, typer.Option(help="公開鍵の行 / the public key line, name+hash+key")] = "",
    since: Annotated[Path | None, typer.Option(help="以前の checkpoint / a checkpoint you saw earlier")] = None,
) -> None:
    """全部を読み、署名と合うか確かめる / Read all of it and compare with what was signed."""
    asked = _ledger(config, folder, vkey)
    if since is not None:
        asked = audit.Audit(asked.folder, asked.public, since.read_text(encoding="utf-8"))
    with Progress(console=err, transient=True, disable=Chosen.as_json) as bar:
        task = bar.add_task("verify", total=None)
        found = audit.carry_out(asked, lambda done, total: bar.update(task, completed=done, total=total))
    bad = found["bad"]
    words = t("ledger-ok" if found["ok"] else "ledger-bad")
    more = f"\n{t('first-bad')}: {bad['file']} #{bad['index']} ({bad['why']})" if bad else ""
    answer({**found, "seconds": f"{found['seconds']:.3f}"}, f"{words}: {found['checked']} {t('entries')}, {found['root'][:16]}…{more}")
    if not found["ok"]:
        raise typer.Exit(1)


@ledger.command()
def compare(config: Config = DEFAULT) -> None:
    """手元の記録が台帳と合うか確かめる / Hold our records against the ledger: nothing altered, taken out or slipped in."""
    total: dict[str, Any] = {"ok": True, "entries": 0, "rows": 0, "found": 0, "differences": []}
    with outside(config) as world:
        start: int | None = 0
        while start is not None:
            found = world.keep.call("compare", start=start)
            start = found["next"]
            for name in ("entries", "rows", "found"):
                total[name] += found[name]
            total["differences"] += found["differences"]
    total["ok"] = not total["found"]
    rows = [f"  {d['where']} #{'-' if d['entry'] is None else d['entry']}: {t(d['what'])}" for d in total["differences"]]
    words = t("records-ok" if total["ok"] else "records-bad")
    answer(total, Text("\n".join([f"{words}: {total['entries']} {t('entries')}, {total['rows']} {t('rows')}", *rows])))
    if not total["ok"]:
        raise typer.Exit(1)


@ledger.command("show")
def show_entries(start: int = 0, count: int = 50, config: Config = DEFAULT) -> None:
    """記録を並べる / List entries."""
    found = audit.entries(_ledger(config, None, ""), start, count)
    rows = [
        f"{e['index']:>6} {e['at']} {e['type']:<13} {' '.join(f'{k}={v}' for k, v in e['ids'].items())}"
        for e in map(_flat, found["entries"])
    ]
    answer(found, Text("\n".join(rows)))


@ledger.command()
def receipt(index: Annotated[int, typer.Argument()], config: Config = DEFAULT) -> None:
    """ある記録が台帳にある証明（tlog-proof）/ The proof that an entry is in the ledger."""
    text = audit.receipt(_ledger(config, None, ""), index)
    if not text:
        raise refuse("no-such-entry", {"index": index})
    typer.echo(text, nl=False)


def _flat(entry: dict[str, Any]) -> dict[str, Any]:
    at = entry["at"]
    return {**entry, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime) else str(at)}


@people.command("list")
def list_people(config: Config = DEFAULT) -> None:
    """署名できる人 / Who may sign."""
    with outside(config) as world:
        found = world.keep.call("people")
        answer(found, Text("\n".join(f"{p['id']}  {p['name']}  {', '.join(p['roles'])}  {p['key_kind']}" for p in found)))


@people.command()
def invite(
    name: Annotated[str, typer.Argument()],
    role: Annotated[list[Role], typer.Option()],
    key: Key,
    plan: Annotated[str, typer.Option(help="外部審査担当：この計画だけ / an outside reviewer: for this plan only")] = "",
    config: Config = DEFAULT,
) -> None:
    """人を招く（法務責任者の署名）/ Invite a named person into roles (signed by the legal officer)."""
    signer = key_of(key)
    with outside(config) as world:
        words = Invite(name, frozenset(role), signer.person, world.clock(), plan)
        code = world.keep.call("invite", invite=words, signature=signer.sign(words))
        link = f"{world.settings.console.url}/enrol/{code}"
        answer({"code": code, "link": link}, Text(f"{t('one-time-link')}:\n  {link}"))


@people.command()
def enrol(
    code: Annotated[str, typer.Argument(help="一度だけ使えるコード / the one-time code")],
    file: Annotated[Path, typer.Argument(help="作る鍵ファイル / the key file to make")],
    config: Config = DEFAULT,
) -> None:
    """パスキーの代わりに鍵ファイルで登録する / Enrol with a key file instead of a passkey."""
    if file.exists():
        raise refuse("exists", {"path": str(file)}, 2)
    private = Ed25519PrivateKey.generate()
    with outside(config) as world:
        person = world.keep.call("enrol", code=code, key_kind="file", public_key=private.public_key().public_bytes_raw())
    KeyFile(person, private).write(file)
    answer({"person": person, "key": str(file)}, f"{t('enrolled')}: {person} → {file}")
