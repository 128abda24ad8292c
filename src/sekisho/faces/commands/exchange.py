"""casebook export, import, others, consulted: what operators and authorities say of the law, signed, beside the book."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.book import export_cases
from sekisho.desk.book.pack_book import PackageError, read_file
from sekisho.desk.public import book_place
from sekisho.desk.signed_words import Taking
from sekisho.desk.staff import statements
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, pick, refuse, t
from sekisho.law.exchange import Answered, Consultation
from sekisho.law.reading import read
from sekisho.law.words import Authority, Certainty, Role, Value


def export(
    cases: Annotated[list[str], typer.Argument(help="事例の番号 / case ids")],
    key: Annotated[Path, typer.Option("--key", help="事業者の鍵ファイル（publisher-key で作る） / the operator's key file")],
    output: Annotated[Path, typer.Option("--output", "-o", help="書き出すファイル / the file to write")],
    config: Config = DEFAULT,
) -> None:
    """事例と照会の結果を、他の事業者のために署名して書き出す / Cases and authorities' answers, signed for other operators."""
    with outside(config) as world:
        told = world.keep.call("exchanged")["own"]
        day = date.fromisoformat(world.keep.call("book")["day"])
        asked = export_cases.Export(book_place(world.settings), cases, told, key, world.settings.operator.name, day)
    try:
        bundle = export_cases.carry_out(asked)
        with output.open("xb") as file:
            file.write(bundle.encode())
    except FileExistsError as why:
        raise refuse("exists", {"path": str(output)}, 2) from why
    except (ValueError, OSError) as why:
        raise refuse("not-an-exchange", {"why": str(why)}, 2) from why
    said = {"file": str(output), "bundle": bundle.digest, "cases": len(bundle.cases), "consultations": len(bundle.consultations)}
    answer(said, Text(f"{t('packed')}: {output}\n  {len(bundle.cases)} {t('cases')}, {len(bundle.consultations)} {t('answers')}"))


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="他の事業者が署名したファイル / a file another operator signed")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """他の事業者の事例を取り込む（法務責任者）。並べて示すだけで、判断には使わない / Take in another operator's cases (legal officer)."""
    signer = key_of(key)
    try:
        text = read_file(file)
        bundle = export_cases.look(text)
    except (PackageError, export_cases.ExchangeError, OSError) as why:
        raise refuse("not-an-exchange", {"file": str(file), "why": str(why)}, 2) from why
    with outside(config) as world:
        words = Taking(bundle.digest, bundle.key.hex(), signer.person, world.clock())
        found = world.keep.call("take-in", taking=words, signature=signer.sign(words), bundle=text)
    counts = f"{found['cases']} {t('cases')}, {found['consultations']} {t('answers')}"
    said = f"{t('taken-in')}: {bundle.operator} ({bundle.key.hex()[:16]}…), {counts}\n{t('decides-nothing')}"
    answer({**found, "key": bundle.key.hex()}, Text(said))


def others(case: Annotated[str, typer.Argument(help="事例の番号 / case id")] = "", config: Config = DEFAULT) -> None:
    """照会の結果と、他の事業者の事例 / Authorities' answers, and other operators' cases."""
    with outside(config) as world:
        found = world.keep.call("exchanged", case=case)
    rows = [_row(a, t("our-own")) for a in found["own"]]
    for bundle in found["others"]:
        origin = f"{t('from-operator')} {bundle['operator']} ({bundle['key'][:16]}…)"
        rows += [f"{c['id']:<12} {pick(c['title'])}\n    {origin}  {c['source']}" for c in bundle["cases"]]
        rows += [_row(a, origin) for a in bundle["consultations"]]
    answer(found, Text("\n".join(rows) or t("nothing-told")))


def _row(said: dict[str, Any], origin: str) -> str:
    how = t("oral" if said["oral"] else "written")
    source = f"{said['who']} {said['answered']} {how} [{said['authority']} {said['certainty']}]"
    return f"{said['case']:<12} {t('answer-' + said['answer'])}  {source}\n    {origin}  {said['id']}\n    {said['words']}"


def consulted(  # noqa: PLR0913, PLR0917 - one option per thing that an answer must say
    plan: Annotated[str, typer.Argument(help="計画の番号 / plan id")],
    case: Annotated[str, typer.Argument(help="事例の番号 / case id")],
    question: Annotated[str, typer.Option(help="尋ねたこと / what was asked")],
    who: Annotated[str, typer.Option(help="答えた部署（個人名は書かない） / the office that answered, never a person")],
    asked: Annotated[str, typer.Option(help="尋ねた日 / day asked (YYYY-MM-DD)")],
    answered: Annotated[str, typer.Option(help="答えた日 / day answered (YYYY-MM-DD)")],
    said: Annotated[Answered, typer.Option("--answer", help="答え / the answer")],
    words: Annotated[str, typer.Option(help="答えの言葉 / the answer's words")],
    key: Key,
    authority: Annotated[Authority, typer.Option(help="A1-A6")] = Authority.MINISTRY,
    paper: Annotated[Path | None, typer.Option(help="書面（なければ口頭） / the paper; without one it was by word of mouth")] = None,
    config: Config = DEFAULT,
) -> None:
    """照会の結果を証拠として加える。口頭の答えもよい（法務責任者） / Lay in an authority's answer, oral ones too (legal officer)."""
    signer = key_of(key)
    try:
        document = hashlib.sha256(paper.read_bytes()).hexdigest() if paper else ""
        days = {"asked": date.fromisoformat(asked).isoformat(), "answered": date.fromisoformat(answered).isoformat()}
    except OSError as why:
        raise refuse("absent", {"path": str(paper)}, 2) from why
    except ValueError as why:
        raise refuse("not-an-answer", {"why": str(why)}, 2) from why
    sure = Certainty.SRC if document else Certainty.MEM
    value: dict[str, Value] = {"case": case, "question": question, "authority": authority.value, "who": who, **days}
    value |= {"oral": not document, "answer": said.value, "words": words, "certainty": sure.value}
    with outside(config) as world:
        purpose = world.keep.call("plan", plan=plan)["plan"]["steps"][0]["purpose"]
        evidence = statements.evidence("consultation", value, purpose, signer.person, Role.OFFICER, document, None, world.clock())
        found = world.keep.call("supply", plan=plan, evidence=evidence, signature=signer.sign(evidence))
    known = read(Consultation, value).id
    answer({**found, "consultation": known}, Text(f"{t('supplied')}: {known}"))
