"""effect: complaints, help-desk contacts, blacklist entries, reports and load by day; before, while and after a measure's permits lived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.effect import count_file
from sekisho.desk.effect.enter import MOST
from sekisho.desk.outside import Outside
from sekisho.desk.signed_words import EffectCount, EffectCounts, EffectKind
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.canonical import plain

HELP = "苦情などの日ごとの件数と施策の前後 / complaints and other counts by day, before and after a measure"
JAPAN = timezone(timedelta(hours=9))
WHEN = ("before", "during", "after")
effect = typer.Typer(no_args_is_help=True, help=HELP)


@effect.command()
def add(
    kind: Annotated[EffectKind, typer.Argument(help="種別 / what was counted")],
    count: Annotated[int, typer.Argument(help="その日の件数 / how many that day")],
    on: Annotated[str, typer.Option("--on", help="日（日本時間）/ the day, Japan's (YYYY-MM-DD)")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """1日分の件数を署名して記録する / Enter one day's count, signed."""
    day = count_file.day_of(on)
    if day is None:
        raise refuse("effect-bad-day", {"on": on}, 2)
    signer = key_of(key)
    with outside(config) as world:
        found = _enter(world, signer, (EffectCount(day, kind, count),))
    answer(found, f"{t('effect-entered')}: {found['counts']}")


@effect.command()
def read(
    file: Annotated[Path, typer.Argument(help="day,kind,count の CSV / CSV of day,kind,count", exists=True, dir_okay=False)],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """CSV の件数を署名して記録する。読めない行は行番号と理由を示す / Enter the counts of a CSV; each line that cannot be read is named."""
    with file.open("rb") as opened:
        raw = opened.read(count_file.LARGEST + 1)
    if len(raw) > count_file.LARGEST:
        raise refuse("too-many-counts", {"file": file.name}, 2)
    signer = key_of(key)
    with outside(config) as world:
        counts, bad = count_file.read(raw, world.clock().astimezone(JAPAN).date())
        found = _enter(world, signer, counts)
    lines = [f"{t('effect-entered')}: {found['counts']}"]
    lines += [f"{t('effect-bad')}: {len(bad)}"] if bad else []
    lines += [f"  {t('effect-line')} {b.line}: {t('effect-' + b.why)}" for b in bad]
    answer({**found, "bad": plain(bad)}, Text("\n".join(lines)))
    if bad:
        raise typer.Exit(1)


@effect.command()
def show(measure: Annotated[str, typer.Argument(help="施策 / the measure")], config: Config = DEFAULT) -> None:
    """施策の許可証が有効な間と前後の件数 / Counts before, while and after the measure's permits lived."""
    with outside(config) as world:
        found = world.keep.call("measure-effect", measure=measure)
    lines = [line for kind in found["kinds"] for line in _kind(kind)]
    answer(found, Text("\n".join([*lines, t("effect-no-cause")] if lines else [t("effect-no-counts")])))


def _enter(world: Outside, signer: KeyFile, counts: Sequence[EffectCount]) -> dict[str, Any]:
    """Signed so many at a time as one message holds."""
    entered = []
    for start in range(0, len(counts), MOST):
        words = EffectCounts(tuple(counts[start : start + MOST]), signer.person, world.clock())
        entered.append(world.keep.call("enter-counts", counts=words, signature=signer.sign(words))["id"])
    return {"ids": entered, "counts": len(counts)}


def _kind(kind: Mapping[str, Any]) -> Iterator[str]:
    yield t(f"effect-kind-{kind['kind']}")
    for when in WHEN:
        said = kind[when]
        told = f"{t('effect-mean')} {said['mean_milli'] / 1000:.1f}  ({t('effect-days')}: {said['days']})" if said else "–"
        yield f"  {t('effect-' + when)}: {told}"
