"""incident: show, order, letters, reporter, statements. What is recorded in the room are moves of its case (`sekisho cases move`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from sekisho.desk.case_words import CaseMove, HandingReporter, TakingLetters
from sekisho.faces.commands.papers import printing
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside, texts_folder
from sekisho.faces.words.say import answer, pick, refuse, t

incident = typer.Typer(no_args_is_help=True, help="事故対応の部屋 / the room of an incident")
Case = Annotated[str, typer.Argument(help="事案の番号 / number or id of the case")]


@incident.command()
def show(case: Case, config: Config = DEFAULT) -> None:
    """事実・原因・対策・質問・命令・公表・費用と、残っていること / Everything recorded, and what is still open."""
    with outside(config) as world:
        found = world.keep.call("incident", matter=case)
    answer(found, Text("\n".join(_whole(found))))


@incident.command()
def order(
    case: Case,
    words: Annotated[str, typer.Argument(help="命令・依頼の内容 / what is ordered")],
    due: Annotated[str, typer.Option(help="期日（2026-11-25）/ by which day")],
    key: Key,
    kind: Annotated[str, typer.Option(help="stop, preserve, erase, undo-accounts, report, other")] = "other",
    config: Config = DEFAULT,
) -> None:
    """台帳のすべての委託先・再委託先に命じる / Order every contractor and sub-contractor of the register."""
    signer = key_of(key)
    with outside(config) as world:
        room = world.keep.call("incident", matter=case)
        rows = [h["row"] for h in room["holding"]]
        if not rows:
            raise refuse("nobody-to-order", {"case": room["number"]})
        told = {"order_text": words, "order_kind": kind, "order_due": due, "order_to": "\n".join(rows)}
        after = world.keep.call("case", matter=room["id"])["events"]
        move = CaseMove(room["id"], "order", after, told, signer.person, world.clock())
        world.keep.call("move-case", move=move, signature=signer.sign(move))
        found = world.keep.call("incident", matter=room["id"])
    answer(found["orders"][-1], Text("\n".join(_order(found["orders"][-1]))))


@incident.command()
def letters(
    case: Case,
    people: Annotated[str, typer.Argument(help="本人の名簿（添付の番号）/ the list of persons, by the id of the attachment")],
    out: Annotated[Path, typer.Option("--out", "-o", help="封をした束を置くフォルダ / folder for the sealed batches")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """メールの届かない人への手紙を、印刷の委託先あてに封をする / Letters by post, sealed for the printing house; resumable."""
    from sekisho.desk.incidents import letter_batches

    signer = key_of(key)
    with outside(config) as world, printing(), Progress(console=Console(stderr=True)) as progress:
        room = world.keep.call("incident", matter=case)
        whole = sum(x["ways"].get("post", 0) for x in room["people"] if x["list"] == people)
        task = progress.add_task(t("room-letters"), total=whole)
        first, found, count = 1, list[str](), 0
        while first:
            words = TakingLetters(room["id"], people, first, signer.person, world.clock())
            taken = world.keep.call("take-letters", taking=words, signature=signer.sign(words))
            if taken["letters"]:
                batch = letter_batches.Batch(out, people, taken["letters"], taken["key"], texts_folder(config))
                found.append(letter_batches.carry_out(batch))
            count += len(taken["letters"])
            progress.update(task, completed=count)
            first = taken["next"] or 0
    answer({"letters": count, "files": found}, Text(f"{t('room-letters')}: {count}\n" + "\n".join(found)))


@incident.command()
def reporter(
    case: Case,
    number: Annotated[int, typer.Argument(help="守られた通報者の番号 / number of the protected reporter")],
    reason: Annotated[str, typer.Option(help="外部の機関が求める理由 / why the outside body asks")],
    out: Annotated[Path, typer.Option("--out", "-o", help="封をした名前を書くファイル / file for the sealed name")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """通報者の名前を、外部の機関だけが開けるように封をする。毎回、台帳に残る / A reporter's name, sealed to the outside body."""
    signer = key_of(key)
    if out.exists():
        raise refuse("exists", {"path": str(out)}, 2)
    with outside(config) as world:
        room = world.keep.call("incident", matter=case)
        words = HandingReporter(room["id"], number, reason, signer.person, world.clock())
        found = world.keep.call("hand-reporter", handing=words, signature=signer.sign(words))
    out.write_bytes(bytes.fromhex(found.pop("sealed")))
    answer({**found, "file": str(out)}, f"{t('reporter-sealed')}: {found['body']}  {out}")


@incident.command()
def statements(
    number: Annotated[str, typer.Option(help="この受付番号だけ / of this incident only")] = "", config: Config = DEFAULT
) -> None:
    """公表したもの（第一報・追記・訂正）/ What was said in public: first statements, additions, corrections."""
    with outside(config) as world:
        found = world.keep.call("statements", number=number)
    rows = [line for one in found["incidents"] for line in (f"{one['number']}  {one['spokesperson']}", *map(_statement, one["statements"]))]
    answer(found, Text("\n".join(rows) or t("no-statements")))


def _whole(room: Mapping[str, Any]) -> list[str]:
    rows = [f"{room['number']}  {room['what']}", ""]
    ladder = [f"  {r['minutes']} {t('room-minutes')}  {t(r['role'])}  {r['by'] or '–'}{_late(r)}" for r in room["ladder"]]
    rows += _part("room-ladder", ladder)
    rows += _part("room-facts", [_fact(f) for f in room["facts"]])
    rows += _part("room-warnings", [f"  {w['warning_when']}  {w['warning_to']}: {w['warning_text']}" for w in room["warnings"]])
    rows += _part("room-causes", [*_causes(room["causes"], 1)])
    rows += _part("room-measures", [_measure(m) for m in room["measures"]])
    rows += _part("room-questions", [line for q in room["questions"] for line in _question(q)])
    rows += _part("room-orders", [line for o in room["orders"] for line in _order(o)])
    rows += _part("room-statements", [_statement(s) for s in room["statements"]])
    costs = [_cost(c) for c in room["costs"]]
    rows += _part("room-costs", [*costs, f"  ¥{room['yen']:,}"] if costs else [])
    left = [f"  ✗ {t(x['code'])} {x['name']}" for x in room["open"]]
    return [*rows, f"{t('room-open')}:", *(left or [f"  {t('room-nothing-open')}"])]


def _fact(f: Mapping[str, Any]) -> str:
    return f"  {f['fact_when']}  {f['fact_text']}  [{f['fact_source']}; {f['fact_certainty']}]"


def _cost(c: Mapping[str, Any]) -> str:
    flag = f"  ✗ {t('room-profits')}: {c['cost_despite']}" if c["profits_leaker"] else ""
    return f"  {c['number']}. {c['cost_text']}  ¥{c['yen']:,}{flag}"


def _part(title: str, rows: list[str]) -> list[str]:
    return [f"{t(title)}:", *rows, ""] if rows else []


def _late(one: Mapping[str, Any]) -> str:
    return f"  ✗ {t('room-late')}" if one["late"] else ""


def _causes(causes: list[Mapping[str, Any]], depth: int) -> Iterator[str]:
    for c in causes:
        yield f"{'  ' * depth}{c['number']}. {c['cause_text']}  [{c['cause_kind']}{'; ' + t('room-root') if c['root'] else ''}]"
        yield from _causes(c["why"], depth + 1)


def _measure(m: Mapping[str, Any]) -> str:
    return f"  {m['number']}. → {m['measure_cause']}  {m['measure_text']}  ({m['measure_owner']}, {m['measure_due']})"


def _question(q: Mapping[str, Any]) -> list[str]:
    state = "unanswered" if q["state"] == "open" else q["state"]
    day = f" {q['promise']['later_by']}" if q["promise"] and not q["answers"] else ""
    return [f"  {q['number']}. {q['question_text']}  [{t('question-' + state)}{day}]", *(f"      {a['answer_text']}" for a in q["answers"])]


def _order(o: Mapping[str, Any]) -> list[str]:
    rows = [f"      {'✓' if r['taken'] else '✗'} {r['row']}  {r['party']}" for r in o["rows"]]
    return [f"  {o['number']}. {o['order_text']}  ({o['order_due']}){_late(o)}", *rows]


def _statement(s: Mapping[str, Any]) -> str:
    out = s["out"][:16] if s["out"] else t("room-draft")
    return f"  {s['number']}. [{s['kind']}] {pick(s['title'])}  {out}"
