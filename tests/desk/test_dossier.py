"""The consultation paper: every section, every question and every digest stands in the PDF, and nothing said in it is ever run."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.asking.dossier import Dossier, carry_out, print_plan, seen, whole
from sekisho.desk.draft import DraftError
from sekisho.desk.papers import words_of
from sekisho.effects.letter import absent_fonts
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.canonical import plain
from sekisho.law.examples import plan_of
from tests.conftest import ROOT
from tests.desk.asking import NOW, book, here, steps

TEXTS = ROOT / "texts"
CONSULTATION = ROOT / "examples" / "questions" / "consultation.toml"
SECTIONS = (
    *("operator", "plan", "steps", "flow", "evidence", "alternatives"),
    *("tried", "questions", "missing", "duties", "attachments", "reply"),
)

pytestmark = pytest.mark.skipif(bool(absent_fonts()), reason="no Japanese font here: install fonts-noto-cjk (make parts)")
Ask = Callable[..., Dossier]


def request(path: Path, language: str = "ja", **more: Any) -> Dossier:
    return Dossier(path, here(), TEXTS, NOW, language, **more)


def read(pdf: bytes) -> str:
    """The text of every page without spaces: lines break where they like."""
    from pypdf import PdfReader

    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def squeezed(text: str) -> str:
    """Without spaces, soft hyphens and the difference between typographic and plain quotes."""
    return re.sub(r"\s|\u00ad|-(?=\n)", "", text).replace("’", "'").replace("“", '"').replace("”", '"').replace("-", "")


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    return {language: read(carry_out(request(CONSULTATION, language))) for language in ("ja", "en")}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_section_is_there_in_order(printed: dict[str, str], language: str) -> None:
    labels = words_of(TEXTS, "dossier@1", language).labels
    places = [printed[language].find(squeezed(f"{n}. {labels[name]}")) for n, name in enumerate(SECTIONS, 1)]
    assert -1 not in places, dict(zip(SECTIONS, places, strict=True))
    assert places == sorted(places)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_question_to_the_authority_is_printed_with_its_case(printed: dict[str, str], language: str) -> None:
    """What the referred case tells to ask, and what the operator adds."""
    data = whole(request(CONSULTATION, language))
    assert len(data["questions"]) == 2
    assert book().case("jp/B-31/1").ask[language] == data["questions"][0][0]  # type: ignore[index] # it has one
    for question, source in data["questions"]:
        assert squeezed(question) in printed[language]
        assert squeezed(source) in printed[language]


def test_a_question_that_two_cases_ask_is_asked_once_for_both(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('measure = "suspension"\nsteps = ["suspend"]\n', encoding="utf-8")
    data = whole(request(plan))
    texts = [question for question, _ in data["questions"]]
    assert len(texts) == len(set(texts))
    assert any("jp/C-16/1" in sources and "jp/C-16/2" in sources for _, sources in data["questions"])


def test_operator_figures_alternatives_flow_and_attachments_are_printed(printed: dict[str, str]) -> None:
    said = printed["ja"]
    for words in ("株式会社例示ネットワークス", "夜間の混雑", "専用の網", "8,120", "SNMP", "内訳が分からず", "届出番号"):
        assert words in said
    digest = sha256((ROOT / "examples" / "papers" / "terms-of-service.md").read_bytes()).hexdigest()
    assert digest in said
    assert book().digest in said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_article_that_moved_is_cited_by_both_numbers(printed: dict[str, str], language: str) -> None:
    """The ministry reads today's number, the case was written under another."""
    assert squeezed("GL 23 → GL 38") in printed[language]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_case_tried_stands_there_with_each_condition(printed: dict[str, str], language: str) -> None:
    for case in ("jp/B-31/1", "jp/E-17/2"):
        assert squeezed(case) in printed[language]
        for condition in book().case(case).conditions:
            assert squeezed(condition.words[language]) in printed[language]
        assert squeezed(book().case(case).source) in printed[language]


def test_what_is_only_assumed_is_marked(printed: dict[str, str]) -> None:
    assert "roletable（仮）" in printed["ja"]
    assert "roletable(assumed)" in printed["en"]


def test_the_paper_says_that_it_is_no_legal_advice_and_where_the_answer_is_written(printed: dict[str, str]) -> None:
    assert "法的助言ではありません" in printed["ja"]
    assert "口頭の回答も" in printed["ja"]
    assert "nolegaladvice" in printed["en"]


def test_missing_evidence_is_listed_with_who_supplies_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('measure = "traffic-picture"\nsteps = ["count"]\n', encoding="utf-8")
    data = whole(request(plan))
    assert any("技術担当" in row[2] for row in data["missing"])
    assert squeezed(data["missing"][0][0]) in read(carry_out(request(plan)))


EVIL = '#eval("1+1") $x$ *b* \\ ] #panic() <a> @b // c'


def test_malicious_strings_are_harmless(tmp_path: Path) -> None:
    """In every place a person can write: shown, never run."""
    import json

    text = CONSULTATION.read_text(encoding="utf-8").replace("../papers/", str(ROOT / "examples" / "papers") + "/")
    evil = json.dumps(EVIL)
    for name in ("actor", "notification", "responsible", "contact", "background"):
        text = re.sub(rf"^{name} = .*$", lambda _, n=name: f"{n} = {evil}", text, flags=re.MULTILINE)  # type: ignore[misc] # bound at once
    text = re.sub(r"^(figures|questions) = .*$", lambda m: f"{m[1]} = [{evil}]", text, flags=re.MULTILINE)
    plan = tmp_path / "plan.toml"
    plan.write_text(text.replace('["engineer"]', f"[{evil}]"), encoding="utf-8")
    said = read(carry_out(request(plan)))
    assert said.count(squeezed(EVIL)) >= 7


@pytest.mark.parametrize(
    ("line", "where", "code"),
    [
        ('contakt = "x"', "dossier.contakt", "unknown-key"),
        ("contact = 5", "dossier.contact", "not-a-str"),
        ('figures = "many"', "dossier.figures", "not-a-list"),
        ("alternatives = [{ what = 'x' }]", "dossier.alternatives", "not-a-list"),
        ('attachments = ["gone.pdf"]', "dossier.attachments[0]", "absent"),
    ],
)
def test_what_is_written_for_the_paper_is_read_strictly(tmp_path: Path, line: str, where: str, code: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(f'measure = "traffic-picture"\nsteps = ["count"]\n[dossier]\n{line}\n', encoding="utf-8")
    with pytest.raises(DraftError) as no:
        whole(request(plan))
    assert (no.value.where, no.value.code) == (where, code)


@pytest.mark.parametrize(("measure", "step"), steps())
def test_every_measure_of_the_book_can_be_consulted_about(tmp_path: Path, measure: str, step: str) -> None:
    """Data only; the pages are set for a few of them below."""
    plan = tmp_path / "plan.toml"
    plan.write_text(f'measure = "{measure}"\nsteps = ["{step}"]\n', encoding="utf-8")
    for language in ("ja", "en"):
        data = whole(request(plan, language))
        assert data["tried"][0]["axes"]
        referred = [m for d in data["tried"] for a in d["axes"] for c in a["cases"] for m in [c["id"]]]
        asked = {q[1].split("（")[0].split(" (")[0].replace("事例 ", "").replace("case ", "") for q in data["questions"]}
        assert asked <= set(referred)


def test_a_new_measure_can_be_consulted_about(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    step = 'name = "listen"\nkind = "look"\nacts = ["learn"]\nelements = ["header"]\npurpose = "x"\n'
    plan.write_text(f'measure = "drone-wifi"\nnew = true\n[[steps]]\n{step}', encoding="utf-8")
    assert "この日にこの手順を認める事例はありません" in read(carry_out(request(plan)))


def test_a_plan_that_keep_knows_is_printed_from_its_answer() -> None:
    example = next(e for e in book().examples if e.measure == "traffic-picture" and not e.case and e.expect == "referred")
    plan, now = plan_of(example, book())
    found = {"plan": plain(plan), "decisions": [decision_json(d, book()) for d in decide(plan, book(), now)]}
    said = read(print_plan(found, book(), TEXTS, NOW, "ja"))
    assert squeezed("jp/B-31/1") in said
    assert squeezed(book().case("jp/B-31/1").ask["ja"]) in said  # type: ignore[index] # it has one


def test_the_same_question_gives_the_same_bytes_and_pages_that_can_be_looked_at() -> None:
    ask = partial(request, CONSULTATION)
    assert carry_out(ask()) == carry_out(ask())
    assert all(page.startswith(b"\x89PNG") for page in seen(ask(), 40))
