"""init and run: make an installation, and start its five processes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sekisho.desk.root import CannotUnlock, is_recipient, make_root, new_custodian, unlock
from sekisho.desk.signed_words import Invite
from sekisho.faces.commands.world import DEFAULT, Config, settings_of
from sekisho.faces.processes.supervise import KeepDied, Supervisor
from sekisho.faces.words.say import Chosen, out, refuse, t
from sekisho.law.words import Role

HERE = Path(__file__).resolve().parents[4]
SETTINGS = """# Sekisho: settings of one installation. Paths are relative to this file. docs/getting-started.md explains each.
folder = "state"
book = {book}
texts = {texts}
lists = []                       # lists of command-and-control servers (TOML), each named by its digest in a plan
look_seconds = 60

[operator]
name = {name}
window = {window}                # who answers for what is done; shown on every letter
window_phone = {phone}
window_hours = "-"
help_url = "https://example.invalid/help"
regime = "TBA"                   # TBA, TBA-exempt, WIRE or RADIO: nobody is outside

[intake]
flows = "127.0.0.1:2055"         # where exporters send; opened only while a permit wants flows
workers = 1
# accounting = "/var/log/freeradius/radacct/detail"

[network]
prefixes = []                    # our own: they alone tell a line from its peer

[mail]
host = "127.0.0.1"
port = 587
sender = "notice@example.invalid"
helo = "localhost"
tls = "starttls"

[console]
port = 8470
{console}
"""
LOCAL = 'url = "http://localhost:8470"'


def init(
    folder: Annotated[Path, typer.Argument(help="空のフォルダ / an empty folder")],
    officer: Annotated[str, typer.Option(help="法務責任者の名前 / name of the legal officer")],
    reviewer: Annotated[list[str], typer.Option(help="審査する人の名前（2人以上）/ name of a reviewer; give two or more")],
    engineer: Annotated[list[str] | None, typer.Option(help="技術者の名前 / name of an engineer")] = None,
    desk: Annotated[list[str] | None, typer.Option(help="窓口の人の名前 / name of somebody at the desk")] = None,
    operator: Annotated[str, typer.Option(help="事業者の名前 / name of the operator")] = "Operator",
    custodian: Annotated[list[str] | None, typer.Option(help="age1...: ルート鍵を開けられる人 / who can open the root key")] = None,
) -> None:
    """新しく作る：ルート鍵、台帳、設定、登録リンク / Make an installation. There is no password."""
    people = [(officer, Role.OFFICER), *((r, Role.REVIEWER) for r in reviewer)]
    people += [*((e, Role.ENGINEER) for e in engineer or []), *((d, Role.DESK) for d in desk or [])]
    made = make(folder, settings_text(operator), people, custodian or [])
    _said(folder, made)


@dataclass(frozen=True)
class Made:
    """A new installation: its settings file, a link for each person, how many can open the root key, and whether one of them is `own`."""

    config: Path
    links: list[dict[str, str]]
    custodians: int
    own: bool


def settings_text(operator: str, window: str = "Abuse desk", phone: str = "-", console: str = LOCAL) -> str:
    """A settings file to fill in, with the shipped case book and texts."""
    said = {"name": operator, "window": window, "phone": phone, "texts": str(HERE / "texts"), "book": str(HERE / "casebook" / "jp")}
    return SETTINGS.format(console=console, **{key: json.dumps(value, ensure_ascii=False) for key, value in said.items()})


def make(folder: Path, settings: str, people: Sequence[tuple[str, Role]], custodians: Sequence[str]) -> Made:
    """Root key, ledger, settings, a one-time link for each person. Exits where the folder holds something or a custodian is none."""
    from sekisho.desk.opening import begin

    if folder.exists() and any(folder.iterdir()):
        raise refuse("exists", {"folder": str(folder)}, 2)
    for recipient in custodians:
        if not is_recipient(recipient):
            raise refuse("not-a-custodian", {"custodian": recipient}, 2)
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    config = folder / "sekisho.toml"
    config.write_text(settings, encoding="utf-8")
    recipients = list(custodians)
    if not recipients:
        identity, recipient = new_custodian()
        _secret(folder / "custodian.key", identity)
        recipients = [recipient]
    root = make_root(folder, recipients)
    now = datetime.now(UTC)
    read = settings_of(config)
    codes = begin(read, root, [Invite(name, frozenset({role}), "init", now) for name, role in people])
    links = [{"name": n, "role": r, "code": c, "link": f"{read.console.url}/enrol/{c}"} for (n, r), c in zip(people, codes, strict=True)]
    return Made(config, links, len(recipients), not custodians)


def run(
    config: Config = DEFAULT,
    identity: Annotated[
        Path | None, typer.Option(envvar="SEKISHO_CUSTODIAN", help="ルート鍵を開ける人の鍵 / a custodian's age identity file")
    ] = None,
    accept_clock: Annotated[
        bool, typer.Option("--accept-clock", help="時計を確かめた。前回から大きく離れていても正しい / you checked the clock: it is right")
    ] = False,
) -> None:
    """5つのプロセスを起動する / Start the five processes. Ctrl-C ends them."""
    settings = settings_of(config)
    if settings.demo:
        raise refuse("unsafe-demo", {"config": str(config)}, 2)
    path = identity or config.parent / "custodian.key"
    try:
        root = unlock(config.parent, path.read_text(encoding="utf-8"))
    except (CannotUnlock, OSError) as why:
        raise refuse("wrong-custodian", {"identity": str(path)}, 2) from why
    try:
        supervisor = Supervisor.start(config, root, accept_clock=accept_clock)
        del root
        out.print(f"{t('running')}  {t('console')}: {settings.console.url}\n{t('no-permit-yet')}")
        supervisor.run()
    except KeepDied as why:
        raise refuse("stopped", {"why": str(why)}, 3) from why


def _secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def _said(folder: Path, made: Made) -> None:
    if Chosen.as_json:
        found = {"folder": str(folder), "config": str(made.config), "people": made.links, "custodians": made.custodians}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    say(folder, made)
    out.print(f"\n{t('fill-in')}:\n  {made.config}\n  sekisho run --config {made.config}", soft_wrap=True)


def say(folder: Path, made: Made) -> None:
    """What was made, who can open it, and everybody's link."""
    out.print(f"{t('made')}: {folder}\n{t('custodians')}: {made.custodians}")
    if made.own:
        out.print(f"{folder / 'custodian.key'}: {t('one-custodian')}")
    out.print(f"\n{t('one-time-link')}:")
    for link in made.links:
        out.print(f"  {link['name']} ({link['role']})\n    {link['link']}", soft_wrap=True)
