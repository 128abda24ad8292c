"""entrust: add, agree, approve, suspend, resume, end, returned, list, ask, key, hand-over, tool, export. Who holds what of our people's."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.faces.commands.hand_over import hand_over, key_told
from sekisho.faces.commands.tool import tool
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words import entrust as said_entrust
from sekisho.faces.words.say import MARKS, Chosen, answer, refuse, t, to_do
from sekisho.law.entrustment import Entrustment, Move, Rung, What
from sekisho.law.reading import ReadingError, read

entrust = typer.Typer(no_args_is_help=True, help="委託の台帳 / the register of entrustments")
entrust.add_typer(hand_over, name="hand-over")
entrust.add_typer(tool, name="tool")
entrust.command("key")(key_told)
Row = Annotated[str, typer.Argument(help="委託の番号 / entrustment id")]
WORST = ("list-leaked", "back-late")
Reason = Annotated[str, typer.Argument(help="理由 / why")]
Proof = Annotated[Path, typer.Argument(help="証拠の書面 / the document")]
PAPERS = ("contract", "consent")


@entrust.command()
def add(
    file: Annotated[Path, typer.Argument(help="row.toml")],
    key: Key,
    under: Annotated[str, typer.Option(help="再委託元の番号 / the entrustment it is handed on from")] = "",
    config: Config = DEFAULT,
) -> None:
    """委託（又は再委託）を台帳に記載する。ほかの人の承認までは下書き / Enter a row; a draft until somebody else approves."""
    signer = key_of(key)
    with outside(config) as world:
        words = _row(file, under, signer.person, world.clock())
        found = world.keep.call("entrust", entrustment=words, signature=signer.sign(words))
        answer(found, f"{t('entrusted')}: {found['entrustment']}")


def _row(file: Path, under: str, person: str, now: datetime) -> Entrustment:
    """The row in the file; the papers it names lie beside it, and their digests are kept."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        papers = {p: _digest(file.parent / raw[p]) if raw.get(p) else "" for p in PAPERS}
        signed = {"parent": under, "by": person, "at": now.isoformat()}
        return read(Entrustment, {**raw, **papers, **signed})
    except FileNotFoundError as why:
        raise refuse("absent", {"path": why.filename}, 2) from why
    except ReadingError as why:
        raise refuse("wrong-entrustment", {"where": why.path, "why": why.code}, 2) from why
    except (OSError, ValueError, TypeError) as why:
        raise refuse("wrong-entrustment", {"where": str(file), "why": type(why).__name__}, 2) from why


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@entrust.command()
def agree(row: Row, paper: Proof, key: Key, config: Config = DEFAULT) -> None:
    """再委託を事前に承諾する（法務責任者）/ The controller consents to a re-entrustment beforehand."""
    _move(row, What.AGREED, "", paper, key, config)


@entrust.command()
def approve(row: Row, key: Key, config: Config = DEFAULT) -> None:
    """記載した人とは別の人が承認する。ここから有効になる / Somebody else approves; from here on it is in force."""
    _move(row, What.APPROVED, "", None, key, config)


@entrust.command()
def suspend(row: Row, reason: Reason, key: Key, config: Config = DEFAULT) -> None:
    """今すぐ止める。これに基づく許可も終わる / Stop it now, with all that rests on it."""
    _move(row, What.SUSPENDED, reason, None, key, config)


@entrust.command()
def resume(row: Row, reason: Reason, key: Key, config: Config = DEFAULT) -> None:
    """停止を解く / Let a suspended entrustment go on."""
    _move(row, What.RESUMED, reason, None, key, config)


@entrust.command()
def end(row: Row, reason: Reason, key: Key, config: Config = DEFAULT) -> None:
    """委託を終える。返却・消去の期限が始まる / End it; from now on what was handed over is owed back."""
    _move(row, What.ENDED, reason, None, key, config)


@entrust.command()
def returned(row: Row, paper: Proof, key: Key, config: Config = DEFAULT) -> None:
    """返却・消去の証明を受け取った / It was given back or erased; the proof is kept by its digest."""
    _move(row, What.RETURNED, "", paper, key, config)


def _move(row: str, what: What, reason: str, paper: Path | None, key: Path, config: Path) -> None:
    signer = key_of(key)
    try:
        proof = _digest(paper) if paper else ""
    except OSError as why:
        raise refuse("absent", {"path": str(paper)}, 2) from why
    with outside(config) as world:
        words = Move(row, what, reason, proof, signer.person, world.clock())
        found = world.keep.call("move-entrustment", move=words, signature=signer.sign(words))
        ended = f"\n{t('ended-with-it')}: {', '.join(found['permits'])}" if found["permits"] else ""
        answer(found, f"{row}: {_word('status', found['status'])}{ended}")


@entrust.command("list")
def list_entrustments(config: Config = DEFAULT) -> None:
    """台帳を木のかたちで示す / The register as a tree: who holds what, for what, until when."""
    with outside(config) as world:
        found = world.keep.call("entrustments")
        answer(found, Text(_tree(found) or t("no-entrustments")))


@entrust.command()
def ask(
    row: Row,
    file: Annotated[Path, typer.Argument(help="渡したい名簿の CSV（1行目は項目名）/ the list, CSV; its first line names the fields")],
    rung: Annotated[Rung, typer.Option(help="段階 / rung of the ladder")] = Rung.FIELDS,
    why: Annotated[str, typer.Option(help="より少ないデータで足りない理由 / why less will not do")] = "",
    to: Annotated[str, typer.Option(help="相手 / to whom; else the row's party")] = "",
    action: Annotated[list[str] | None, typer.Option(help="作業 / to be done with it; else the row's")] = None,
    plan: Annotated[str, typer.Option(help="計画の番号 / a plan whose papers count")] = "",
    config: Config = DEFAULT,
) -> None:
    """この名簿を渡してよいか、関門にたずねる（何も渡さない）/ May this list be handed over? Only the question; nothing is handed over."""
    fields, persons = _list(file)
    asked = {"entrustment": row, "fields": fields, "persons": persons, "rung": rung.value, "why_not_lower": why}
    with outside(config) as world:
        found = world.keep.call("may-hand-over", **asked, to=to, actions=action or [], plan=plan)
        answer(found, Text(_verdict(found)))
    if found["decision"]["outcome"] != "permitted":
        raise typer.Exit(1)


def _list(file: Path) -> tuple[list[str], int]:
    """The fields of a list and of how many people it is. Nothing of what it says leaves this machine, nor this function."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream)
            fields = [f.strip() for f in next(lines, [])]
            persons = sum(1 for line in lines if any(cell.strip() for cell in line))
    except (OSError, ValueError, csv.Error) as why:
        raise refuse("absent" if isinstance(why, OSError) else "no-list-of-people", {"path": str(file)}, 2) from why
    if not any(fields) or not persons:
        raise refuse("no-list-of-people", {"path": str(file)}, 2)
    return fields, persons


@entrust.command()
def due(config: Config = DEFAULT) -> None:
    """漏れた名簿・返却の期限・終わる委託 / What leaked, is owed back or ends soon.

    Ends with 1 if a list leaked or something is late. Asked every morning by cron, it is mailed to whoever cron mails.
    """
    with outside(config) as world:
        found = world.keep.call("entrustments")["due"]
        answer({"due": found}, Text("\n".join(map(_due, found)) or t("nothing-due")))
    if any(d["call"] in WORST for d in found):
        raise typer.Exit(1)


def _due(one: Mapping[str, Any]) -> str:
    late = f" ({-one['days']} {t('days-late')})" if one["days"] < 0 else ""
    besides = f"  {t('told-too')}: {', '.join(t(r) for r in one['told'])}" if one["told"] else ""
    head = f"{'✗' if one['call'] in WORST else '!'} {one['party']}: {t(one['call'])} {one['day'] or ''}{late}".rstrip()
    return f"{head}\n    {one['entrustment']}  {t('answers-for-it')}: {one['name']}{besides}"


@entrust.command()
def export(
    form: Annotated[str, typer.Option("--as", help="json-ld / csv")] = "json-ld",
    config: Config = DEFAULT,
) -> None:
    """台帳を書き出す（DPV の JSON-LD、又は表計算の数式にならない CSV）/ The register as JSON-LD (DPV), or as CSV."""
    from sekisho.desk.entrusting import entrust_export

    with outside(config) as world:
        found: dict[str, Any] = world.keep.call("entrustments")
    if form == "csv":
        typer.echo(entrust_export.csv_of(found), nl=False)
    elif form == "json-ld":
        typer.echo(json.dumps(entrust_export.json_ld(found), ensure_ascii=False, indent=1))
    else:
        raise refuse("unknown-form", {"form": form}, 2)


def _word(table: str, code: str) -> str:
    """A code in the chosen language."""
    ja, en = said_entrust.WORDS[table].get(code, (code, code))
    return ja if Chosen.language == "ja" else en


def _tree(register: Mapping[str, Any]) -> str:
    """The register as an indented tree, our own firm on top."""
    rows = [line for row in register["entrustments"] for line in _rows(row)]
    return "\n".join([str(register["operator"]), *rows]) if rows else ""


def _rows(row: Mapping[str, Any]) -> list[str]:
    said, pad = row["entrustment"], "  " * (row["depth"] + 1)
    state = _word("status", row["status"])
    if row["status"] == "in-force" and row["chain"] != "in-force":
        state += f" ↑{_word('status', row['chain'])}"
    fields = ", ".join(f"{f}*" if f in row["special"] else f for f in said["fields"])
    told = [f"{t('return-due')} {row['return_due']}"] if row["status"] in ("over", "ended") else []
    told += [t("return-late")] if row["late"] else []
    told += [t("ends-soon")] if row["ends_soon"] else []
    head = f"{pad}└ {said['party']}  [{state}]  {row['id']}"
    what = f"{pad}    {said['purpose']}: {fields}  {said['persons']} {t('people-count')}  {said['since']} – {said['until']}  {row['name']}"
    return [head, what, *(f"{pad}    {line}" for line in told)]


def _verdict(found: Mapping[str, Any]) -> str:
    """What the gate answers, what is missing, and what would do with less data."""
    decision = found["decision"]
    lines = [f"{MARKS[decision['outcome']]} {t(decision['outcome'])}"]
    if decision["missing"]:
        lines += [f"{t('missing')}:", to_do(decision).plain.rstrip("\n")]
    if found["lower"]:
        lines += [f"{t('less-data')}:", *(f"  {n}. {_word('rung', r)} ({r})" for n, r in enumerate(found["lower"], 1))]
    return "\n".join([*lines, t("no-advice")])
