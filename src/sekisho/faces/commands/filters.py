"""filter: what its signatures find and take wrongly, measured on captures; a list tried on names; what customers are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sekisho.desk.access import try_names as dry_run
from sekisho.desk.access.read_survey import FLOOR, NotASurvey, ReadSurvey, Survey
from sekisho.desk.access.read_survey import carry_out as read_survey
from sekisho.desk.access.try_parity import NoPath, Parity, TryParity
from sekisho.desk.access.try_parity import carry_out as try_parity
from sekisho.desk.access.try_signatures import (
    BadCapture,
    Measured,
    Share,
    Tried,
    TrySignatures,
    carry_out,
    plans_classes,
    plans_lines,
    plans_names,
    titles,
    told_of,
    told_of_names,
)
from sekisho.desk.draft import DraftError
from sekisho.faces.processes.confine import without_network
from sekisho.faces.words.filter import names_words, paper
from sekisho.faces.words.filter import words as in_words
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import answer, refuse, t
from sekisho.law.canonical import plain

HELP = "切替スイッチ付きフィルタ：署名を実測し、説明文を出す / a filter's signatures: tried on captures, told in words"
filter = typer.Typer(no_args_is_help=True, help=HELP)  # noqa: A001 - the word people type

Plan = Annotated[Path, typer.Argument(metavar="PLAN", help="フィルタの計画 / plan.toml of the filter")]
MILLION = 1_000_000


@filter.command("try")
def try_signatures(
    plan: Plan,
    captures: Annotated[list[Path], typer.Argument(metavar="FILE…", help="ほかの通信のキャプチャ / captures of other things")],
    own: Annotated[list[str] | None, typer.Option(help="クラス名=そのソフトのキャプチャ / CLASS=FILE, its own program's capture")] = None,
) -> None:
    """計画のクラスをキャプチャで実測する（保存しない） / Try a plan's classes on captures, as the kernel's rules would. Keeps nothing."""
    pairs = [said.partition("=")[::2] for said in own or []]
    try:
        found = carry_out(TrySignatures(plan, tuple(captures), tuple((name, Path(path)) for name, path in pairs)))
    except DraftError as why:
        raise mistake(plan, why) from why
    except BadCapture as why:
        raise refuse(f"capture-{why.code}", {"file": str(why.path)}, 2) from why
    answer(found, Text("\n".join(_said(found)), no_wrap=True, overflow="ignore"))


@filter.command()
def words(plan: Plan) -> None:
    """利用者に伝える文を規則から作る（日本語と英語） / What customers are told, made from the rules, in both languages."""
    try:
        names = plans_names(plan)
        classes = () if names else plans_classes(plan, measured=True)
        said = told_of_names(plan, names) if names else told_of(plan)
    except DraftError as why:
        raise mistake(plan, why) from why
    told = {"origin": names.origin, "list": names.list, "categories": plain(names.categories)} if names else {}
    both = ("ja", "en")
    texts = {x: paper(names_words(told, x) if names else in_words(plain(classes), x)) for x in both}
    same = said.told == said.rules
    lines = [*texts.values(), f"told = \"{said.rules}\"  {t('filter-told' if same else 'filter-told-otherwise')}"]
    answer({**texts, "told": said.rules, "as_told": same}, Text("\n\n".join(lines), no_wrap=True, overflow="ignore"))
    if not same:
        raise typer.Exit(1)


@filter.command()
def parity(plan: Plan) -> None:
    """オンの回線とオフの回線で、通信の速さが同じかを測る / Measure whether a line gets the same with the filter on and off."""
    try:
        ranges, line_v6 = plans_lines(plan)
        request = TryParity(ranges, line_v6, plans_classes(plan))
    except DraftError as why:
        raise mistake(plan, why) from why
    if not without_network():
        raise refuse("parity-no-namespace", {}, 2)
    try:
        found = try_parity(request, datetime.now(UTC))
    except NoPath as why:
        raise refuse("parity-refused-rules" if why.code == "refused" else f"parity-{why.code}", {}, 2) from why
    said = {"same": all(one.same for one in found), "paths": [{**plain(one), "same": one.same} for one in found]}
    answer(said, Text("\n".join(line for one in found for line in _path(one))))
    if not said["same"]:
        raise typer.Exit(1)


def _path(one: Parity) -> Iterator[str]:
    yield f"IPv{one.family}: {t('parity-same' if one.same else 'parity-differs')}"
    for name, side in (("on", one.on), ("off", one.off)):
        told = f"{side.answered:,} / {one.asked:,}, {side.median_ns / 1000:.1f} µs, {side.kbit // 1000:,} Mbit/s"
        yield f"  {t('parity-' + name)}: {told}, {t('parity-refused' if side.refused else 'parity-passed')}"


@filter.command()
def survey(
    answers: Annotated[Path, typer.Argument(metavar="CSV", help="回答の集計（CSV） / the answers, a line for each group of customers")],
    needed: Annotated[int, typer.Option(help="必要とする割合（千分率） / share in favour that you declare, in permille")] = FLOOR,
    least_asked: Annotated[int, typer.Option(help="尋ねる人の最少の人数（自社で定める） / least number to be asked, your own")] = 0,
    least_answered: Annotated[int, typer.Option(help="答える人の最少の人数（自社で定める） / least number of answers, your own")] = 0,
    reasons: Annotated[str, typer.Option(help="その人数と割合にした理由 / why these numbers and this share")] = "",
    plan: Annotated[
        Path | None, typer.Option(help="フィルタの計画と問いを比べる / the filter's plan, to hold the question against")
    ] = None,
) -> None:
    """アンケートを数え、証拠の文にする。標本の弱みも示す / Count a survey, print it as evidence, and say what the sample cannot carry."""
    try:
        found = read_survey(ReadSurvey(answers, needed, least_asked, least_answered, reasons, titles(plan) if plan else ()))
    except DraftError as why:
        raise mistake(plan or answers, why) from why
    except NotASurvey as why:
        where = {name: said for name, said in (("file", str(answers)), ("line", why.line), ("column", why.column)) if said}
        raise refuse(f"survey-{why.why}", where, 2) from why
    answer(found, Text("\n".join(_asked(found)), no_wrap=True, overflow="ignore"))
    if found.said:
        raise typer.Exit(1)


def _asked(found: Survey) -> Iterator[str]:
    for name, count in (("asked", found.asked), ("answered", found.answered), ("in-favour", found.in_favour)):
        yield f"{t('survey-' + name)}: {count:,}"
    share = Share(found.answered, found.in_favour, found.low, found.high)
    yield f"{t('survey-share')}: {_share(share)}"
    yield f"{t('survey-wording')}: {found.wording}\n{t('survey-sample')}: {found.sample}"
    yield from (f"! {t('survey-' + said)}" for said in found.said)
    figures = f"asked = {found.asked}, answered = {found.answered}, agreed = {found.in_favour}, needed_permille = {found.needed}"
    own = f"least_asked = {found.least_asked}, least_answered = {found.least_answered}, reasons = {_quoted(found.reasons)}"
    words = f"wording = {_quoted(found.wording)}, about = {_quoted(found.about)}, sample = {_quoted(found.sample)}"
    days = f"since = {found.since}, day = {found.day}"
    yield f'[[evidence]]\nkind = "survey"\nrole = "desk"\npaper = "..."\nvalue = {{ {figures}, {own}, {words}, {days} }}'
    yield f"SHA-256 {found.digest}"


def _quoted(said: str | tuple[str, ...]) -> str:
    return json.dumps(said, ensure_ascii=False)


@filter.command()
def names(
    listed: Annotated[Path, typer.Argument(help="名前のリスト（カテゴリごと）/ the list of names, by category")],
    own: Annotated[Path, typer.Argument(help="自社が選んだ名前、1行に1つ / names of your own choice, one a line")],
) -> None:
    """名前のリストを、自社が選んだ名前に当ててみる：数だけを出す / Try a list on names of your own: how many it would take, as numbers."""
    try:
        found = dry_run.carry_out(dry_run.TryNames(listed, own))
    except dry_run.NotNames as why:
        raise refuse(why.code, why.detail, 2) from why
    lines = [f"{t('names-tried')}: {found['others']:,}  ({found['list']})"]
    lines += [f"  {c}: {n['names']:,} {t('set-names')}, {t('names-met')} {n['wrong']:,}" for c, n in found["categories"].items()]
    answer(found, Text("\n".join(lines)))


def _said(found: Measured) -> Iterator[str]:
    yield f"{t('filter-frames')}: {sum(frames for _, frames in found.captures):,}  ({t('filter-files')}: {len(found.captures)})"
    for one in found.classes:
        yield f"{one.name}"
        yield from _rows(one)
        if one.wrong.tried:
            yield f"  others = {one.wrong.tried}\n  wrong = {one.wrong.found}"
    if not found.told:
        yield t("filter-untried")
        return
    yield f'told = "{found.told}"\n[[evidence]]\nkind = "false-matches"\nrole = "desk"\npaper = "..."'
    figures = f"captures = {len(found.captures)}, frames = {sum(frames for _, frames in found.captures)}"
    yield f'value = {{ rules = "{found.told}", {figures}, text = "digest", day = "today" }}'


def _rows(one: Tried) -> Iterator[str]:
    for name in ("wrong", "wrong_openings", "packets", "openings"):
        yield f"  {t('filter-' + name.replace('_', '-'))}: {_share(getattr(one, name))}"
    if one.untold:
        yield f"  ! {t('filter-untold')}: {one.untold:,}"


def _share(share: Share) -> str:
    if not share.tried:
        return t("filter-not-tried")
    low, high = (f"{100 * bound / MILLION:.4f}".rstrip("0").rstrip(".") for bound in (share.low, share.high))
    return f"{share.found:,} / {share.tried:,}  ({low}–{high} %)"
