"""event: the network of an event from the terminal: its board as it is reviewed and shown, the stop, and its portal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sekisho.desk.event.named_panels import LISTS, NAMED
from sekisho.desk.event.panels import MEASURE, PANELS
from sekisho.desk.portal import told_network, told_resolver
from sekisho.desk.remarks import newest
from sekisho.desk.signed_words import StopBoard
from sekisho.faces.commands import event_box, event_end
from sekisho.faces.commands.comparing import printed
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import Chosen, answer, pick, refuse, t
from sekisho.law.canonical import plain
from sekisho.law.casebook import load

event = typer.Typer(no_args_is_help=True, help="イベントの公開ボードと案内ページ / an event's public board and portal")
event.command()(event_box.init)
event.command()(event_box.papers)
event.command()(event_end.end)
event.command()(event_end.report)


@event.command()
def panels() -> None:
    """審査するパネルを、計画に書く形で示す / Every panel as it is reviewed, named as a plan names it."""
    found = [plain(p) | {"reviewed": p.reviewed} for p in PANELS.values()]
    found += [plain(p) | {"reviewed": p.reviewed} for p in NAMED.values()]
    lines = [f'"{p.reviewed}",\n  L{p.level} {p.step}: {pick(p.title)} ({", ".join(p.counters)})' for p in PANELS.values()]
    lines += [f'"{p.reviewed}",\n  L{p.level} {p.step}: {pick(p.title)} ({LISTS[p.name]})' for p in NAMED.values()]
    answer({"panels": found}, Text("\n".join(lines)))


@event.command()
def board(config: Config = DEFAULT) -> None:
    """ボードが今何を見せているか / What the board shows now, panel by panel."""
    with outside(config) as world:
        found = world.keep.call("board")
    lines = [f"{p['name']:9} {t('panel-' + p['state'])}" for p in found["panels"]]
    answer(found, Text("\n".join(lines)))


@event.command()
def portal(config: Config = DEFAULT) -> None:
    """案内ページが出ているか、今日何台が答えたか / Whether devices are led to the portal, and how many answered today."""
    with outside(config) as world:
        found = world.keep.call("portal-stands")
    leading = f"{t('portal-leads' if found['leading'] else 'portal-leads-nobody')} {' '.join(found['leading'])}".rstrip()
    lines = [leading, f"{t('portal-answered')}: {found['answered']}", *(f"  {p}: {n}" for p, n in found["agreed"].items())]
    answer(found, Text("\n".join(lines)))


@event.command()
def network(config: Config = DEFAULT) -> None:
    """DHCP と RA に書く案内ページの場所（RFC 8910）/ What DHCP and RA are told of the portal (RFC 8910): lines for Kea and radvd."""
    with outside(config) as world:
        try:
            found = told_network.carry_out(world.settings.portal)
        except told_network.NoPortal as no:
            raise refuse(no.code, {"where": no.where}, 2) from no
    answer(found, Text(found["text"]))


@event.command()
def resolver(config: Config = DEFAULT) -> None:
    """同意した端末の問合せだけを伝えるために dnsdist に書く行 / Lines for dnsdist, which then tells of what devices that agreed ask."""
    with outside(config) as world:
        try:
            found = told_resolver.carry_out(world.settings)
        except told_network.NoPortal as no:
            raise refuse(no.code, {"where": no.where}, 2) from no
    answer(found, Text(found["text"]))


@event.command()
def stop(key: Key, config: Config = DEFAULT) -> None:
    """すべてのパネルを今すぐボードから外す / Take every panel off the board now; any of the staff may."""
    signer = key_of(key)
    with outside(config) as world:
        words = StopBoard(signer.person, world.clock())
        found = world.keep.call("stop-board", stop=words, signature=signer.sign(words))
    answer(found, f"{t('board-stopped')}: {len(found['permits'])}")


@event.command()
def guidelines(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="書き出すファイル / the file to write: .pdf, .md")] = None,
    config: Config = DEFAULT,
) -> None:
    """催しの Wi-Fi の指針：規則、法務の意見、次に見直す日 / Guidelines for the Wi-Fi: rules, the legal officer's remarks, the next look."""
    from sekisho.desk.book.conduct import Conduct

    with outside(config) as world:
        remarks = newest(world.keep.call("confirmations"))
        settings, day = world.settings, load(world.settings.book).day(world.clock())
    request = Conduct(MEASURE, load(settings.book), settings.texts, day, Chosen.language, settings.operator.name, remarks)
    printed(request, out)


@event.command()
def rehearse(
    devices: Annotated[int, typer.Option(min=1, max=100_000, help="会場の端末 / devices at the venue")] = 1000,
    consenting: Annotated[int, typer.Option(min=0, max=100_000, help="名前に同意する端末 / devices that consent to names")] = 200,
    days: Annotated[int, typer.Option(min=1, max=14, help="日数 / days")] = 2,
    daily: Annotated[bool, typer.Option("--daily", help="名前は1時間ごとでなく1日1回 / names once a day, not each hour")] = False,
) -> None:
    """架空の参加者でボードを試す：何が出て、何が推し量られるか / Try the board on people who do not exist: what it shows and gives away."""
    from sekisho.desk.event import rehearse as rehearsal

    try:
        found = rehearsal.carry_out(rehearsal.Rehearsal(devices, consenting, days, daily))
    except rehearsal.NoNoise as why:
        raise refuse("no-noise", {}, 2) from why
    except ValueError as why:
        raise refuse("more-consent-than-devices", {"devices": devices, "consenting": consenting}, 2) from why
    answer(found, _rehearsed(found))


def _rehearsed(found: Mapping[str, Any]) -> Group:
    hidden = {moment: [n for n, shown in panels.items() if shown is None] for moment, panels in found["panels"].items()}
    dark = {moment: ", ".join(pick(PANELS[n].title) for n in names) or t("hides-nothing") for moment, names in hidden.items()}
    lines = [f"{t('rehearsed-' + moment)}: {names}" for moment, names in dark.items()]
    table = Table(t("rehearsed-window"), t("rehearsed-shown"), t("rehearsed-right"), t("rehearsed-error"), t("rehearsed-best"), box=None)
    for one in found["windows"]:
        best = ", ".join(f"{name} {count}" for name, count in list(one["shown"].items())[:1]) or "–"
        error = "–" if one["error"] is None else f"±{one['error']}"
        table.add_row(f"{one['day']}, {one['window']}", str(len(one["shown"])), f"{one['right_of_ten']}/10", error, best)
    loss, attacker = found["loss"], found["attacker"]
    told = [f"{t('rehearsed-loss')}: ε ≤ {loss['epsilon']} (ρ = {loss['rho']})"]
    if attacker["tries"]:
        told.append(f"{t('rehearsed-attacker')}:")
        told += [f"  {t('rehearsed-' + known)}: {_guessed(attacker, known)}" for known in ("all", "half")]
    return Group(Text("\n".join(lines)), Text(), table, Text(), Text("\n".join([*told, t("rehearsed-luck")])))


def _guessed(attacker: Mapping[str, int], known: str) -> str:
    exact, noisy = (100 * attacker[f"{way}_{known}"] // attacker["tries"] for way in ("exact", "noisy"))
    return t("rehearsed-guesses").format(exact=exact, noisy=noisy)
