"""Norms and grounds: what the law says before a ground is asked for, whom it binds, and how each ground is tested."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sekisho.law.casebook import Casebook, CasebookError, load
from sekisho.law.norms import Norm, read_grounds, read_norms, touched
from sekisho.law.tables import Table
from sekisho.law.words import Act, Axis, Certainty, Ground, Regime

JP = Path(__file__).resolve().parents[2] / "casebook" / "jp"
BOOK = load(JP)
TODAY = date(2026, 11, 21)
LEARN = frozenset({Act.LEARN})
DISCLOSE = frozenset({Act.DISCLOSE})


def ids(regime: Regime, axis: Axis = Axis.SECRECY, acts: frozenset[Act] = LEARN, day: date = TODAY, audience: str = "operator") -> set[str]:
    return {n.id for n in touched(BOOK.norms, axis, regime, acts, {audience}, day)}


def norm(name: str) -> Norm:
    return next(n for n in BOOK.norms if n.id == name)


@pytest.mark.parametrize("regime", list(Regime))
def test_no_operator_is_outside_of_secrecy(regime: Regime) -> None:
    """Whatever law binds the operator, disclosing another's communication touches a statute of secrecy with a penalty."""
    found = touched(BOOK.norms, Axis.SECRECY, regime, DISCLOSE, {"operator"}, TODAY)
    assert [n for n in found if n.penalty and "拘禁刑" in n.penalty["ja"]]


def test_an_exempt_operator_is_bound_by_4_and_179_but_not_by_28_or_6() -> None:
    """Applicability is per article: the duty to report and fairness bind carriers; secrecy and its penalty bind the exempt too."""
    exempt, carrier = ids(Regime.TBA_EXEMPT, acts=DISCLOSE), ids(Regime.TBA, acts=DISCLOSE)
    assert {"jp/A-03/n1", "jp/A-04/n1", "jp/A-06/n1", "jp/A-07/n2"} <= exempt
    assert "jp/A-10/n1" in carrier - exempt
    assert ids(Regime.TBA, Axis.FAIRNESS) == {"jp/A-05/n1"}
    assert ids(Regime.TBA_EXEMPT, Axis.FAIRNESS) == set()
    assert ids(Regime.TBA_EXEMPT, Axis.CENSORSHIP) == {"jp/A-02/n1"}


def test_neither_carrier_nor_exempt_falls_under_wire_or_radio() -> None:
    """WIRE 9 and RADIO 59 take what TBA 4(1) leaves; mere reception of radio is not listed."""
    assert "jp/A-08/n1" in ids(Regime.WIRE)
    assert "jp/A-03/n1" not in ids(Regime.WIRE)
    assert "jp/A-09/n1" in ids(Regime.RADIO, acts=DISCLOSE)
    assert "jp/A-09/n1" not in ids(Regime.RADIO)


@pytest.mark.parametrize(("day", "word", "name"), [("2025-05-31", "懲役", "jp/A-07/n1"), ("2025-06-01", "拘禁刑", "jp/A-07/n2")])
def test_the_penalty_is_that_of_the_day(day: str, word: str, name: str) -> None:
    """The word for imprisonment changed on 2025-06-01; one of the two is in force on any day, never both."""
    found = ids(Regime.TBA, day=date.fromisoformat(day)) & {"jp/A-07/n1", "jp/A-07/n2"}
    assert found == {name}
    assert word in (norm(name).penalty or {})["ja"]


def test_the_duty_to_report_names_no_smallest_number_and_thirty_days() -> None:
    """A-10: no head-count threshold, thirty days of knowing."""
    assert "30日" in norm("jp/A-10/n1").says["ja"]
    assert "no smallest number" in norm("jp/A-10/n1").says["en"]


def test_some_norms_are_touched_by_some_recipients_only() -> None:
    """The certified association's article and the state's Act are asked about when they are the audience."""
    assert "jp/A-12/n1" in ids(Regime.TBA, acts=DISCLOSE, audience="certified-association")
    assert "jp/A-13/n1" in ids(Regime.TBA, acts=DISCLOSE, audience="government")
    assert not {"jp/A-12/n1", "jp/A-13/n1"} & ids(Regime.TBA, acts=DISCLOSE)
    assert "jp/A-12/n1" not in ids(Regime.TBA, acts=DISCLOSE, audience="certified-association", day=date(2018, 10, 31))


def test_a_remembered_first_day_is_said_to_be_remembered() -> None:
    """Before the day a source attests it, a norm counts as from memory."""
    six = norm("jp/A-05/n1")
    assert six.certainty_on(date(2006, 12, 5)) is Certainty.MEM
    assert six.certainty_on(date(2006, 12, 6)) is Certainty.LAW
    assert norm("jp/A-14/n1").certainty_on(TODAY) is Certainty.MEM


def test_every_ground_that_needs_a_test_has_one_numbered_as_the_source_numbers_it() -> None:
    """G0 to G6 and the five conditions; the numbers run without a gap."""
    tests = {g.ground: g for g in BOOK.grounds}
    assert tests.keys() == set(Ground) - {Ground.RULE, Ground.NONE}
    for test in tests.values():
        assert [i.number for i in test.items] == [f"({n})" for n in range(1, len(test.items) + 1)]
    assert {g.value: len(t.items) for g, t in tests.items()} == {"G0": 4, "G1": 6, "G2": 5, "G2-5": 5, "G3": 3, "G4": 4, "G5": 4, "G6": 4}


def test_what_of_a_ground_is_from_memory_is_said_item_by_item() -> None:
    """Free and revocable, clearly limited, against the attacker: the three items nobody read in a source."""
    remembered = {(g.ground.value, i.number) for g in BOOK.grounds for i in g.items if not i.certainty.decides_alone}
    assert remembered == {("G1", "(6)"), ("G2", "(4)"), ("G4", "(4)")}


def test_a_book_without_norms_is_a_book_and_its_digest_is_another(tmp_path: Path) -> None:
    """Small books need none of the four files; with one of them gone the book is another."""
    for name in ("norms.toml", "grounds.toml", "renumbering.toml"):
        copy = Path(shutil.copytree(JP, tmp_path / name / "jp"))
        (copy / name).unlink()
        assert load(copy).digest != BOOK.digest
    assert Casebook("xx", "1", BOOK.axes, {}, ()).norms == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("norms.toml", 'axis = "censorship"', 'axis = "manners"', "manners"),
        ("norms.toml", 'id = "jp/A-02/n1"', 'id = "jp/A-01/n1"', "twice"),
        ("norms.toml", "until = 2025-06-01", "until = 1985-04-01", "ends before"),
        ("norms.toml", "sure_from = 2006-12-06", "sure_from = 1985-04-01", "sure_from"),
        ("norms.toml", 'cites = ["CON 21(2)"]', "cites = []", "cites"),
        ("norms.toml", 'regimes = ["TBA", "TBA-exempt"]', 'regimes = ["nobody"]', "nobody"),
        ("norms.toml", "binds = ", "bind = ", "bind"),
        ("grounds.toml", 'ground = "G1"', 'ground = "G0"', "twice"),
        ("grounds.toml", 'number = "(2)"', 'number = "(1)"', "twice"),
        ("grounds.toml", 'evidence = ["consent"]', 'evidence = ["hearsay"]', "hearsay"),
        ("grounds.toml", "[[ground.item]]", "[[ground.items]]", "items"),
    ],
)
def test_a_norm_or_ground_that_is_not_as_it_must_be_is_refused_by_file_and_place(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    """Unknown words, doubled ids, dates out of order, missing sentences."""
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CasebookError, match=says) as why:
        load(copy)
    assert why.value.file == file


SAID = {"ja": "言葉", "en": "words"}
ITEM = {"number": "(1)", "words": SAID, "certainty": "LAW"}
FROM = {"source": "s", "authority": "A1", "certainty": "LAW", "since": TODAY, "seen": TODAY}
GROUND = {"ground": "G1", "title": SAID, "limits": SAID, "item": [ITEM], **FROM}
NORM = {"id": "xx/A-01/n1", "axis": "secrecy", "title": SAID, "binds": SAID, "says": SAID, "cites": ["TBA 4"], **FROM}


def refused(read: Callable[[Table], object], data: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(CasebookError) as why:
        read(Table("a.toml", "", data))
    return why.value.where, why.value.what


def grounds(table: Table) -> object:
    return read_grounds(table, ())


def test_a_key_nobody_knows_is_refused_at_every_depth() -> None:
    """Of the file, of a norm, of a ground, of an item: a misspelt key must not silently say nothing."""
    unknown = "nobody knows this key; remove it or correct its spelling"
    assert refused(read_norms, {"norm": [NORM], "x": 1}) == ("x", unknown)
    assert refused(read_norms, {"norm": [{**NORM, "x": 1}]})[1] == unknown
    assert refused(grounds, {"ground": [GROUND], "x": 1}) == ("x", unknown)
    assert refused(grounds, {"ground": [{**GROUND, "x": 1}]})[1] == unknown
    assert refused(grounds, {"ground": [{**GROUND, "item": [{**ITEM, "x": 1}]}]})[1] == unknown
    assert read_norms(Table("a.toml", "", {"norm": [NORM]}))[0].id == "xx/A-01/n1"
    assert read_grounds(Table("a.toml", "", {"ground": [GROUND]}), ())[0].ground is Ground.CONSENT


def test_a_ground_without_a_test_is_refused() -> None:
    for bare in ({**GROUND, "item": []}, {k: v for k, v in GROUND.items() if k != "item"}):
        assert refused(grounds, {"ground": [bare]})[1] == "is missing: a ground without a test would carry everything"
