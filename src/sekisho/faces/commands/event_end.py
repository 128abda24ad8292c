"""event end and event report: the event is over, nothing of it can be opened any more, and what was collected, shown and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sekisho.desk.event.copies import Found, Sought, search
from sekisho.desk.outside import Outside
from sekisho.desk.portal.offers import BY_PURPOSE
from sekisho.desk.signed_words import CopiesSearched, EndEvent
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.event import REPORT_KINDS
from sekisho.faces.words.say import Chosen, answer, t

Copies = Annotated[list[Path] | None, typer.Option("--copy", help="調べる写し / a copy to search too, such as a backup")]
Words = Annotated[list[str] | None, typer.Option("--word", help="どこにも残っていてはならない語 / a word that must lie nowhere")]
Json = Mapping[str, Any]


def end(key: Key, copy: Copies = None, word: Words = None, config: Config = DEFAULT) -> None:
    """催しを終える：許可と鍵を終わらせ、写しをすべて調べ、報告する / End the event: permits, keys; search every copy; report."""
    signer = key_of(key)
    with outside(config) as world:
        ending = EndEvent(world.keep.call("event-report")["event"], signer.person, world.clock())
        done = world.keep.call("end-event", ending=ending, signature=signer.sign(ending))
        gone = world.keep.call("event-report")["gone"]
        sought = Sought(gone["files"], gone["names"], frozenset(BY_PURPOSE), word or ())
        folders = (world.settings.folder, *(copy or ()))
        found = {str(folder): search(folder, sought) for folder in folders}
        whole = sum(found.values(), Found())
        search_said = CopiesSearched(done["id"], len(folders), words=len(sought.words), by=signer.person, at=world.clock(), **asdict(whole))
        world.keep.call("event-searched", search=search_said, signature=signer.sign(search_said))
        told = _reported(world)
    texts = [Text(_ended(done)), *(Text(f"{folder}: {_copy(one)}") for folder, one in found.items())]
    answer({**done, "copies": {folder: asdict(one) for folder, one in found.items()}, **told}, Group(*texts, Text(), _page(told)))
    if not whole.clean or told["gone"]["opened"] or told["gone"]["alive"] or told["gone"]["left"]:
        raise typer.Exit(1)


def report(config: Config = DEFAULT) -> None:
    """催しの報告：集めたもの、見せたもの、消したもの / The report of an event: what was collected, shown and deleted."""
    with outside(config) as world:
        told = _reported(world)
    answer(told, _page(told))


def _reported(world: Outside) -> dict[str, Any]:
    return dict(world.keep.call("event-report"))


def _ended(done: Json) -> str:
    said = t("event-ended").format(permits=len(done["permits"]), consents=done["consents"], keys=done["keys"])
    return f"{said} {t('event-held').format(held=done['held'])}" if done["held"] else said


def _copy(found: Found) -> str:
    return t("copy-clean" if found.clean else "copy-not-clean").format(**asdict(found))


def _page(told: Json) -> Group:
    gone, said = told["gone"], told["report"]["said"]
    over = f"{told['ended']['at'][:16]} UTC, {t('entry')} {told['ended']['entry']}" if told["ended"] else t("event-goes-on")
    parts: list[Text | Padding] = [Text(f"{told['event']} ({told['operator']}): {over}", style="bold")]
    for part in ("collected", "shown", "deleted"):
        parts += [Text(f"\n{t('event-' + part)}", style="bold"), Padding(_table(told["report"][part]), (0, 0, 0, 2))]
    parts.append(Text(f"\n{t('event-said').format(**said)}"))
    if told["ended"]:
        parts.append(Text(t("event-gone").format(**gone)))
    return Group(*parts)


def _table(rows: Iterable[Json]) -> Table | Text:
    rows = list(rows)
    if not rows:
        return Text(t("event-nothing"))
    days = sorted({r["day"] for r in rows})
    table = Table("", *days, box=None)
    for kind in dict.fromkeys(r["kind"] for r in rows):
        counts = {r["day"]: str(r["count"]) for r in rows if r["kind"] == kind}
        table.add_row(_kind(kind), *(counts.get(day, "–") for day in days))
    return table


def _kind(kind: str) -> str:
    both = REPORT_KINDS.get(kind)
    return kind if both is None else both[Chosen.language != "ja"]
