"""The forms are JSON Schemas that a stranger's validator understands: what is right fits, what is wrong does not."""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from sekisho.desk.asking.interview import Interview, Said
from sekisho.desk.asking.interview import carry_out as interview
from sekisho.desk.asking.question import read_question
from sekisho.desk.asking.schemas import NAMES, Wanted, carry_out, listed
from sekisho.desk.draft import DraftError
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain
from sekisho.law.examples import plan_of
from sekisho.law.words import Evidence, Plan
from tests.conftest import ROOT
from tests.desk.asking import NOW, TODAY, book, decided, here, steps

KINDS = sorted(book().kinds)
WHOLE = [e for e in book().examples if not e.case]
QUESTIONS = sorted((ROOT / "examples" / "questions").glob("*.toml")) + sorted((ROOT / "examples" / "plans").glob("*.toml"))


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(carry_out(Wanted(name, book())), format_checker=FormatChecker())


def told(value: Any) -> Any:
    """As JSON gives it."""
    return json.loads(json.dumps(plain(value)))


def toml(text: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(text), default=str))


@cache
def laid_in() -> dict[str, Evidence]:
    """Of each kind a piece that some worked plan of the book holds."""
    return {evidence.kind: evidence for example in book().examples for evidence in plan_of(example, book())[0].evidence}


def worked(kind: str) -> Evidence:
    if kind not in laid_in():
        pytest.skip(f"no worked plan holds {kind}")
    return laid_in()[kind]


@pytest.mark.parametrize("name", [*NAMES, *KINDS])
def test_every_form_is_a_schema_with_its_own_stable_id(name: str) -> None:
    schema = carry_out(Wanted(name, book()))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"sekisho:schema/{'evidence/' if name in KINDS else ''}{name}/1"


def test_the_list_names_every_form_once() -> None:
    ids = [s["id"] for s in listed(book())]
    assert len(ids) == len(set(ids)) == len(NAMES) + len(KINDS)


def test_a_name_nobody_knows_is_a_mistake_with_the_nearest() -> None:
    with pytest.raises(DraftError) as no:
        carry_out(Wanted("tems", book()))
    assert (no.value.code, no.value.near) == ("unknown-schema", "terms")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_its_title_in_both_languages_who_vouches_and_how_long_it_is_fresh(kind: str) -> None:
    schema, declared = carry_out(Wanted(kind, book())), book().kinds[kind]
    assert schema["x-title"] == dict(declared.title)
    assert set(schema["x-vouchers"]) == set(declared.vouchers)
    assert set(schema["x-roles"]) == set(declared.roles)
    assert schema.get("x-fresh-hours") == (declared.fresh // timedelta(hours=1) if declared.fresh else None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_worked_piece_of_evidence_fits_and_a_broken_one_does_not(kind: str) -> None:
    right = told(worked(kind))
    form, any_kind = validator(kind), validator("evidence")
    assert form.is_valid(right), list(form.iter_errors(right))
    assert any_kind.is_valid(right)
    for field in right["value"]:
        without = copy.deepcopy(right)
        del without["value"][field]
        assert not form.is_valid(without), field
        wrong = copy.deepcopy(right)
        wrong["value"][field] = None
        assert not form.is_valid(wrong), field
    for change in ({"kind": "other"}, {"surplus": 1}, {"at": "yesterday"}, {"voucher": {"by": "rumour", "who": "x"}}, {"value": {}}):
        assert not form.is_valid({**right, **change}), change


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_vouches_in_a_way_the_kind_does_not_allow(kind: str) -> None:
    right, declared = told(worked(kind)), book().kinds[kind]
    for by, voucher in {
        "probe": {"by": "probe", "who": "somebody"},
        "document": {"by": "document", "who": "not a digest", "role": "desk", "person": "p"},
        "statement": {"by": "statement", "who": "p", "role": "subscriber"},
    }.items():
        allowed = by == "statement" and "subscriber" in declared.roles and by in declared.vouchers
        assert validator(kind).is_valid({**right, "voucher": voucher}) is allowed, by


@pytest.mark.parametrize("path", QUESTIONS, ids=[p.name for p in QUESTIONS])
def test_the_example_files_fit_the_form_of_a_plan(path: Path) -> None:
    assert not list(validator("plan").iter_errors(toml(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("measure", "step"), steps()[::4])
def test_a_plan_that_ask_writes_fits_and_reads(measure: str, step: str, tmp_path: Path) -> None:
    text = interview(Interview(here(), measure, step, TODAY), lambda *_: Said.YES)["plan"]
    assert not list(validator("plan").iter_errors(toml(text)))
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    assert read_question(tmp_path / "plan.toml", here(), NOW).plan.measure == measure


LEAST = 'measure = "traffic-picture"\nsteps = ["count"]\n'


@pytest.mark.parametrize(
    "text",
    [
        'steps = ["count"]\n',
        'measure = "traffic-picture"\n',
        LEAST.replace('["count"]', "[]"),
        LEAST.replace("traffic", "trafic"),
        LEAST + "new = true\n",
        LEAST + "surplus = 1\n",
        LEAST + 'regime = "NONE"\n',
        LEAST + "keeps_days = 0\n",
        LEAST + 'on = "today"\n',
        LEAST + 'confirmed = ["jp/B-31/9"]\n',
        LEAST + '[[evidence]]\nkind = "roles"\nrole = "engineer"\nvalue = { people = 3 }\n',
        LEAST + '[[evidence]]\nkind = "roles"\nvalue = { may_see = ["x"], people = 3, logged = true }\n',
    ],
)
def test_a_form_refuses_what_the_reader_refuses(text: str, tmp_path: Path) -> None:
    assert not validator("plan").is_valid(toml(text))
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DraftError):
        read_question(tmp_path / "plan.toml", here(), NOW)


def test_worked_plans_fit_the_form_of_a_proposal() -> None:
    form = validator("proposal")
    for example in WHOLE[:40]:
        plan: Plan = plan_of(example, book())[0]
        assert form.is_valid(told(plan)), example.because["en"]
        assert not form.is_valid({**told(plan), "surplus": 1})


def test_what_decide_says_fits_the_form_of_a_decision() -> None:
    form = validator("decision")
    for path in QUESTIONS:
        for decision in decided(path)["decisions"]:
            assert not list(form.iter_errors(told(decision)))
            assert not form.is_valid({**told(decision), "outcome": "perhaps"})


def test_every_case_fits_the_form_of_a_case() -> None:
    form = validator("case")
    for case in book().cases:
        assert form.is_valid(told(case)), case.id


def test_a_permit_fits_and_a_widened_or_unsigned_one_does_not() -> None:
    plan, now = plan_of(WHOLE[0], book())
    permit = Permit("permit-1", "plan-1", plan.measure, plan.steps[0], plan.scope, (), book().digest, now, now, (), (), False, False)
    form = validator("permit")
    assert form.is_valid(told(permit))
    for key in told(permit).keys() - {"envelope"}:  # a permit that rests on none need not say so
        assert not form.is_valid({k: v for k, v in told(permit).items() if k != key}), key
    assert not form.is_valid({**told(permit), "measures": []})


def test_the_facts_of_the_examples_fit_and_an_unknown_event_does_not() -> None:
    form = validator("facts")
    files = sorted((ROOT / "examples" / "facts").glob("*.toml"))
    assert files
    for path in files:
        assert not list(form.iter_errors(toml(path.read_text(encoding="utf-8")))), path.name
    assert not form.is_valid({"event": [{"kind": "birthday"}]})
    assert not form.is_valid({"event": []})
