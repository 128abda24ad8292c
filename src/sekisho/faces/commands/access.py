"""effects: what the permits say and what stands in the kernel, side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from rich.text import Text

from sekisho.faces.commands.world import DEFAULT, Config, outside
from sekisho.faces.say import answer, t

SORT = re.compile(r"([a-z]+)([46])_([0-9]+)\Z")
WELL = ("same", "not-held")


def effects(config: Config = DEFAULT) -> None:
    """許可証とカーネルを並べて見る：違いと直した回数も / Both sides of every effect: what is permitted, what stands in the kernel."""
    with outside(config) as world:
        found = world.keep.call("effects")
    lines = [t(f"kernel-{found['state']}") + (f": {found['said']}" if found["said"] else "")]
    lines += [line for e in found["effects"] for line in _effect(e)] or [t("effect-none")]
    lines += [f"  ! {name}" for name in found["left"]]
    if found["mends"]:
        lines.append(f"{t('effect-mended')}: {found['mends']}  ({found['mended_at'][:19]}  {', '.join(found['mended'])})")
    answer(found, Text("\n".join(lines)))
    if found["state"] not in WELL:
        raise typer.Exit(1)


def _effect(effect: Mapping[str, Any]) -> Iterator[str]:
    yield f"{effect['permit']}  {effect['measure']}/{effect['step']}"
    if "bad" in effect:
        yield f"  ! {effect['bad']}"
        return
    for name in sorted({*effect["wanted"], *effect["there"]}):
        want, there = effect["wanted"].get(name, 0), effect["there"].get(name, 0)
        yield f"  {'=' if want == there else '!'} {_named(name)}: {t('effect-wanted')} {want}, {t('effect-there')} {there}"
    shaped = any(name.startswith("class ") for name in effect["wanted"])
    yield f"  {t('effect-shaped' if shaped else 'effect-refused')}: {effect['packets']}"


def _named(name: str) -> str:
    """A set by what is in it: "range4_24" is dynamic ranges, IPv4, /24; "class uplink" is the class on that link."""
    kind, _, link = name.partition(" ")
    if link:
        return f"{t('set-' + kind)} {link}"
    found = SORT.match(name)
    return f"{t('set-' + found[1])} IPv{found[2]} /{found[3]}" if found else t(f"set-{name}")
