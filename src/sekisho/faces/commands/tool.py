"""entrust tool: questions, declare, drill, sheet, go, no-go, released, list. What a contractor's tool can do, before real data go in."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.entrusting.drill_file import DrillFile, WrongFile, declared, drill_file
from sekisho.desk.entrusting.drill_script import Result
from sekisho.desk.outside import Outside
from sekisho.desk.papers import PaperError
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.processes.drilling import drilled
from sekisho.faces.words.say import Chosen, answer, refuse, t
from sekisho.faces.words.tool import WORDS, template
from sekisho.law.tool import Declaration, Drill, Said, ToolMove

tool = typer.Typer(no_args_is_help=True, help="委託先の道具の点検と演習 / a contractor's tool: declared and drilled")
Row = Annotated[str, typer.Argument(help="委託の番号 / entrustment id")]


@tool.command()
def questions(config: Config = DEFAULT) -> None:
    """委託先に答えてもらう質問表を書き出す / What the contractor fills in: everything a tool may send, show, create or share."""
    with outside(config) as world:
        found = world.keep.call("tool-questions")
        if Chosen.as_json:
            answer(found, "")
        else:
            typer.echo(template(found["questions"], found["groups"]))


@tool.command()
def declare(
    row: Row,
    file: Annotated[Path, typer.Argument(help="答えの入った質問表 / the questions, answered (TOML)")],
    paper: Annotated[Path, typer.Argument(help="委託先の人が署名した書面 / what the contractor's person signed")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """委託先の申告を読んで、署名して記録する / Enter what the contractor declares, read and signed by one of ours."""
    signer, proof = key_of(key), _digest(paper)
    try:
        said = declared(file)
    except (WrongFile, OSError) as why:
        raise _wrong(file, why) from why
    with outside(config) as world:
        asked = world.keep.call("tool-questions")["digest"]
        rest = (said.named, proof, signer.person, world.clock())
        words = Declaration(row, said.tool, said.release, asked, said.answers, *rest)
        found = world.keep.call("declare-tool", declaration=words, signature=signer.sign(words))
        more = f"\n{t('tool-forbidden')}: {', '.join(found['forbidden'])}" if found["forbidden"] else ""
        answer(found, Text(f"{t('tool-declared')}: {found['tool']}\n{said_of(found['clear'])}{more}{_ended(found)}"))


@tool.command()
def drill(
    row: Row,
    file: Annotated[Path, typer.Argument(help="drill.toml")],
    key: Key,
    keep_mails: Annotated[Path | None, typer.Option("--mails", help="届いたメールを置く所 / a folder for what came")] = None,
    config: Config = DEFAULT,
) -> None:
    """架空の人で演習し、結果を記録する。申告のない機能が動けば 1 で終わる / Drill the tool; 1 if it did what was not said."""
    signer = key_of(key)
    try:
        told = drill_file(file)
    except (WrongFile, OSError) as why:
        raise _wrong(file, why) from why
    with outside(config) as world:
        (one,) = world.keep.call("tools", entrustment=row)["tools"] or ({"declaration": None},)
        if not one["declaration"]:
            raise refuse("no-such-declaration", {"entrustment": row})
        came = _drilled(told, world, keep_mails)
        facts = (came.ran, came.canaries, came.mails, came.heard, came.report)
        words = Drill(row, one["declaration"]["id"], told.release, *facts, signer.person, world.clock())
        found = world.keep.call("record-drill", drill=words, signature=signer.sign(words))
        undeclared = set(found["undeclared"])
        caught = [asdict(h) for h in came.heard if h.function in undeclared]
        lines = [f"  ✗ {h['function']}: {h['step']} {h['actor']} → {h['to']}  {h['where']}  {h['mail'][:16]}…" for h in caught]
        head = f"{t('tool-drilled')}: {found['tool']}  {came.mails} {t('tool-mails')}\n{said_of(found['clear'])}"
        answer({**found, "mails": came.mails, "ran": dict(came.ran), "caught": caught}, Text("\n".join([head, *lines]) + _ended(found)))
    if found["clear"] not in ("no-sheet", "clear"):
        raise typer.Exit(1)


def _drilled(told: DrillFile, world: Outside, mails: Path | None) -> Result:
    """In a folder that goes away, unless one is named."""
    with tempfile.TemporaryDirectory() as temporary:
        try:
            return drilled(told, world.clock, mails or Path(temporary))
        except OSError as why:
            raise refuse("no-sink", {"listen": f"{told.listen[0]}:{told.listen[1]}"}, 2) from why


@tool.command()
def sheet(
    row: Row,
    to: Annotated[Path, typer.Argument(help="書き出す PDF / the PDF to write")],
    config: Config = DEFAULT,
) -> None:
    """双方が署名する紙（PDF）を作る / The sheet that both sides sign, as PDF."""
    from sekisho.desk.entrusting.tool_sheet import CannotPrint, ToolSheet, carry_out

    with outside(config) as world:
        found = world.keep.call("tools", entrustment=row)
        if not found["tools"]:
            raise refuse("no-such-declaration", {"entrustment": row})
        try:
            made = carry_out(ToolSheet(found, world.settings.texts, Chosen.language))
            to.write_bytes(made)
        except (CannotPrint, PaperError, OSError) as why:
            raise refuse("cannot-print", {"path": str(to), "why": str(why)}, 2) from why
        answer({"path": str(to), "sha256": sha256(made).hexdigest()}, f"{to}  sha256 {sha256(made).hexdigest()[:16]}…")


@tool.command()
def go(
    row: Row,
    paper: Annotated[Path, typer.Argument(help="双方が署名した紙 / the sheet, signed by both")],
    named: Annotated[str, typer.Option(help="委託先の署名者 / who signed for the contractor")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """可とする。申告を読んだ人・演習した人とは別の人が署名する / Go: signed by somebody who neither read the answers nor ran the drill."""
    _say(row, Said.GO, key, config, named=named, paper=_digest(paper))


@tool.command("no-go")
def no_go(
    row: Row,
    reason: Annotated[str, typer.Argument(help="理由 / why")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """不可とする。この道具に基づく許可は終わる / No-go; permits that rest on the tool end."""
    _say(row, Said.NO_GO, key, config, reason=reason)


@tool.command()
def released(
    row: Row,
    release: Annotated[str, typer.Argument(help="新しい版 / the new release")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """新しい版が出た。申告と演習をやり直すまで、何も渡さない / A new release: nothing goes until it is declared and drilled anew."""
    _say(row, Said.RELEASED, key, config, release=release)


def _say(row: str, what: Said, key: Path, config: Path, **said: str) -> None:
    signer = key_of(key)
    with outside(config) as world:
        drill = ""
        if what is not Said.RELEASED:
            tools = world.keep.call("tools", entrustment=row)["tools"]
            drill = next((x["drill"]["id"] for x in tools if x["drill"]), "")
        rest = (said.get("release", ""), said.get("named", ""), said.get("paper", ""), said.get("reason", ""))
        words = ToolMove(row, what, drill, *rest, signer.person, world.clock())
        found = world.keep.call("move-tool", move=words, signature=signer.sign(words))
        answer(found, f"{row}: {said_of(found['clear'])}{_ended(found)}")


@tool.command("list")
def list_tools(config: Config = DEFAULT) -> None:
    """委託先の道具は、実際のデータを入れてよい状態か / Which tools are clear for real data, and why others are not."""
    with outside(config) as world:
        found = world.keep.call("tools")
        answer(found, Text("\n".join(_line(x) for x in found["tools"]) or t("no-tools")))


def _line(one: Mapping[str, Any]) -> str:
    said, drill = one["declaration"], one["drill"]
    tool_ = f"  {said['tool']} {said['release']} ({said['named']})" if said else ""
    caught = f"\n    ✗ {', '.join(drill['undeclared'])}" if drill and drill["undeclared"] else ""
    return f"{one['party']}  [{said_of(one['clear'])}]  {one['entrustment']}{tool_}{caught}"


def said_of(code: str) -> str:
    """A state of a tool, in the chosen language."""
    ja, en = WORDS.get(code, (code, code))
    return ja if Chosen.language == "ja" else en


def _ended(found: Mapping[str, Any]) -> str:
    return f"\n{t('ended-with-it')}: {', '.join(found['permits'])}" if found["permits"] else ""


def _wrong(file: Path, why: Exception) -> typer.Exit:
    if isinstance(why, WrongFile):
        return refuse("wrong-tool-file", {"path": str(file), "where": why.where, "why": why.code}, 2)
    return refuse("absent", {"path": str(getattr(why, "filename", None) or file)}, 2)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as why:
        raise refuse("absent", {"path": str(path)}, 2) from why
