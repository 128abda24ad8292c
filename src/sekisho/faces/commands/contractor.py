"""campaign contractor: admit, list, shut. A contractor's person hands in mailings and never holds an address."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.commitment import ordered, root
from sekisho.desk.messages.files import CampaignError, read_people
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.campaign import Recipient
from sekisho.law.canonical import plain
from sekisho.law.contractor import Admission, Shut
from sekisho.law.reading import ReadingError, read

contractor = typer.Typer(no_args_is_help=True, help="委託先の人が原稿を出す / a contractor's person hands in mailings")


@contractor.command()
def admit(
    folder: Annotated[Path, typer.Argument(help="admission.toml と people.csv のあるフォルダ / folder with admission.toml and people.csv")],
    key: Key,
    aliases: Annotated[Path | None, typer.Option(help="委託先に渡す別名の CSV を書く所 / where to write the contractor's aliases")] = None,
    config: Config = DEFAULT,
) -> None:
    """委託先の人に、宛先を渡さずに原稿を出せるようにする。合い鍵は一度だけ示す / Admit one person; the token is shown this once."""
    signer = key_of(key)
    with outside(config) as world:
        said, people = _read(folder, signer.person, world.clock())
        found = world.keep.call("admit", admission=said, recipients=people, signature=signer.sign(said))
        if aliases is not None:
            _write(aliases, people, found["aliases"])
        told = {k: v for k, v in found.items() if k != "aliases"}
        lines = [f"{t('admitted')}: {found['admission']}  {found['persons']}", f"{t('admitted-token')}:", f"  {found['token']}"]
        answer(told, Text("\n".join([*lines, f"{t('admitted-until')}: {found['until']}"])))


def _read(folder: Path, by: str, at: Any) -> tuple[Admission, tuple[Recipient, ...]]:
    where = folder / "admission.toml"
    try:
        raw = tomllib.loads(where.read_text(encoding="utf-8"))
        fields = raw.get("fields", [])
        people = read_people(folder / "people.csv", fields if isinstance(fields, list) else [])
        more = {"fields": [], "recipients": root([leaf for leaf, _ in ordered(people)]), "persons": len(people), "by": by, "at": at}
        return read(Admission, plain({**more, **raw})), people
    except ReadingError as why:
        raise refuse("wrong-admission", {"where": why.path, "why": why.code}, 2) from why
    except CampaignError as why:
        raise refuse("wrong-admission", {"where": why.where, "why": why.why}, 2) from why
    except (OSError, ValueError) as why:
        raise refuse("wrong-admission", {"where": str(where), "why": type(why).__name__}, 2) from why


def _write(path: Path, people: tuple[Recipient, ...], aliases: list[str]) -> None:
    """Alias, language and the fields a text may name: what a contractor needs to choose, and no way to anybody."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["alias", "language"])
            rows.writerows(sorted((alias, p.language) for alias, p in zip(aliases, people, strict=True)))
    except OSError as why:
        raise refuse("cannot-write", {"path": str(path)}, 2) from why


@contractor.command("list")
def list_admissions(config: Config = DEFAULT) -> None:
    """原稿を出せる委託先の人と、出された原稿 / Who may hand in mailings, and what was handed in."""
    with outside(config) as world:
        found = world.keep.call("admissions")
        answer(found, Text("\n".join(line for one in found for line in _lines(one)) or t("no-admissions")))


def _lines(one: Mapping[str, Any]) -> list[str]:
    head = f"{one['party']}  {one['person']}  [{t('admission-' + one['status'])}]  {one['id']}"
    lines = [head, f"    {one['people']}: {one['persons']}  – {one['until']}  {one['entrustment']}"]
    handed_in = [f"    {said['at']}  {said['name']}  {said['campaign'] or t('hand-in-' + said['held'])}" for said in one["handed_in"]]
    return [*lines, *handed_in]


@contractor.command()
def shut(
    name: Annotated[str, typer.Argument(help="番号 / admission id")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """その人の合い鍵を今すぐ使えなくする / End a person's token now."""
    signer = key_of(key)
    with outside(config) as world:
        words = Shut(name, reason, signer.person, world.clock())
        found = world.keep.call("shut-admission", shut=words, signature=signer.sign(words))
        answer(found, f"{t('admission-ended')}: {found['admission']}")
