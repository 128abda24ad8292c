"""effects: what the permits say and what stands in the kernel, side by side. volumes: who moves how much, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.faces.commands.world import DEFAULT, Config, outside
from sekisho.faces.words.filter import ports_words
from sekisho.faces.words.say import answer, pick, t

SORT = re.compile(r"([a-z]+)([46])_([0-9]+)\Z")
WELL = ("same", "not-held")


def effects(config: Config = DEFAULT) -> None:
    """許可証とカーネルを並べて見る：違いと直した回数も / Both sides of every effect: what is permitted, what stands in the kernel."""
    with outside(config) as world:
        found = world.keep.call("effects")
    lines = [t(f"kernel-{found['state']}") + (f": {found['said']}" if found["said"] else "")]
    lines += [line for e in found["effects"] for line in _effect(e, "effect-refused")] or [t("effect-none")]
    lines += [f"  ! {name}" for name in found["left"]]
    if found["mends"]:
        lines.append(f"{t('effect-mended')}: {found['mends']}  ({found['mended_at'][:19]}  {', '.join(found['mended'])})")
    gateway = found["gateway"]
    if gateway["held"]:
        lines.append(f"{t('effect-gateway')}: {t('kernel-' + gateway['state'])}" + (f": {gateway['said']}" if gateway["said"] else ""))
        lines += [line for e in gateway["effects"] for line in _effect(e, "effect-led")]
    resolver = found["resolver"]
    if resolver["held"]:
        said = f": {resolver['said']}" if resolver["said"] else ""
        lines.append(f"{t('effect-resolver')}: {t('resolver-' + resolver['state'])}{said}")
        lines += [line for e in resolver["effects"] for line in _effect(e, "")]
        lines += [f"  ! {name}" for name in resolver["left"]]
        if resolver["mends"]:
            lines.append(f"{t('effect-mended')}: {resolver['mends']}  ({', '.join(resolver['mended'])})")
    answer(found, Text("\n".join(lines)))
    if not {found["state"], gateway["state"], resolver["state"]} <= set(WELL):
        raise typer.Exit(1)


Which = Annotated[str, typer.Argument(help="shaping か class-shaping / shaping, or class-shaping: of one application")]


def volumes(measure: Which = "shaping", config: Config = DEFAULT) -> None:
    """通信量の分布：少数の回線が占める割合と、混む時間帯 / Volumes of lines: which share moves how much, and the hours the band is full."""
    with outside(config) as world:
        found = world.keep.call("volumes", measure=measure)
    lines = [t("volumes-none")] if not found["days"] else [f"{t('volumes-of')} {found['day']}  ({found['permit']})"]
    if found["application"]:
        lines.append(f"  {found['target']}: {ports_words(found['application'])}")
    for step in found["steps"]:
        over = t("volumes-all") if not step["over_mb"] else f"> {step['over_mb']:,} MB"
        shares = f"{step['lines_permille'] / 10:.1f} % → {step['octets_permille'] / 10:.1f} %"
        lines.append(f"  {over}: {step['lines']:,} {t('volumes-lines')}, {shares}")
    heavy = bool(found["shaped"])
    lines += [t("volumes-hours")] if found["hours"] else []
    for hour in found["hours"]:
        of_heavy = f"  ({t('volumes-class' if found['application'] else 'volumes-heavy')} {hour['heavy_kbit']:,})" if heavy else ""
        lines.append(f"  {hour['hour']:2}: {hour['kbit']:,} kbit/s{of_heavy}")
    answer(found, Text("\n".join(lines)))


def _effect(effect: Mapping[str, Any], packets: str) -> Iterator[str]:
    yield f"{pick(effect['title'])}  {effect['measure']}/{effect['step']}  {effect['permit']}"
    if "bad" in effect:
        yield f"  ! {effect['bad']}"
        return
    for name in sorted({*effect["wanted"], *effect["there"]}):
        want, there = effect["wanted"].get(name, 0), effect["there"].get(name, 0)
        where = t("effect-there" if packets else "effect-answered")
        yield f"  {'=' if want == there else '!'} {_named(name)}: {t('effect-wanted')} {want}, {where} {there}"
    if not packets:
        return
    shaped = any(name.startswith("class ") for name in effect["wanted"])
    yield f"  {t('effect-shaped' if shaped else packets)}: {effect['packets']}"


def _named(name: str) -> str:
    """A set by what is in it: "range4_24" is dynamic ranges, IPv4, /24; "class uplink" is the class on that link."""
    kind, _, link = name.partition(" ")
    if link:
        return f"{t('set-' + kind)} {link}"
    found = SORT.match(name)
    return f"{t('set-' + found[1])} IPv{found[2]} /{found[3]}" if found else t(f"set-{name}")
