"""An old decision is replayed with the book of its day and with what stood in the ledger before it, whatever came later."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sekisho.desk import books, plans
from sekisho.desk.outside import KeepSaidNo
from tests.conftest import ROOT
from tests.desk.office import Office


def another_book(office: Office) -> str:
    """One word of a title elsewhere changes: another digest."""
    folder = office.home / "book"
    shutil.copytree(ROOT / "casebook" / "jp", folder)
    file = folder / "name-board.toml"
    text = file.read_text("utf-8")
    changed = re.sub(r'(title = \{ ja = ")', r"\1※", text, count=1)
    assert changed != text
    file.write_text(changed, "utf-8")
    settings = office.home / "sekisho.toml"
    lines = re.sub(r"^book = .*$", f"book = {json.dumps(str(folder))}", settings.read_text("utf-8"), flags=re.MULTILINE)
    settings.write_text(lines, "utf-8")
    old = office.world.book.digest
    office.reopen()
    assert office.world.book.digest != old
    return old


def outcomes(office: Office, entry: int) -> list[tuple[str, str]]:
    return [(d["step"]["name"], d["outcome"]) for d in office.terminal.call("explain", entry=entry)["decisions"]]


def test_a_permit_is_explained_after_the_book_changed(office: Office) -> None:
    before = {p["ledger_index"]: outcomes(office, p["ledger_index"]) for p in office.permits()}
    old = another_book(office)
    assert {i: outcomes(office, i) for i in before} == before
    said = office.terminal.call("explain", entry=next(iter(before)))["book"]
    assert (said["digest"], said["in_force"]) == (old, False)


def test_every_book_is_kept_once_by_its_digest(office: Office) -> None:
    another_book(office)
    office.reopen()
    kept = books.folder_of(office.world)
    names = {p.name for p in kept.iterdir() if p.is_dir()}
    assert len(names) == 2
    assert office.world.book.digest in names


@pytest.mark.parametrize("how", ["lost", "changed"])
def test_a_kept_book_that_is_gone_or_changed_explains_nothing(office: Office, how: str) -> None:
    """It says so, by digest; it never replays with other words than those of that day."""
    entry = office.permits()[0]["ledger_index"]
    old = another_book(office)
    kept: Path = books.folder_of(office.world) / old
    if how == "lost":
        shutil.rmtree(kept)
    else:
        file = kept / "name-board.toml"
        file.write_text(file.read_text("utf-8").replace('ja = "', 'ja = "※', 1), "utf-8")
    with pytest.raises(KeepSaidNo, match="book-not-kept"):
        office.terminal.call("explain", entry=entry)


def test_a_paper_laid_in_later_and_dated_back_plays_no_part(office: Office) -> None:
    """What decided is what was there, by the ledger's order; `at` is its giver's word."""
    permit = next(p for p in office.permits() if p["step"] == "match")
    before = office.terminal.call("explain", entry=permit["ledger_index"])["decisions"]
    with office.turn() as world:
        plan = plans.load(world, permit["plan"])
        for paper in plan.evidence:
            late = replace(paper, at=paper.at - timedelta(hours=1), value={})
            plans.lay_in(world, permit["plan"], late, world.clock.now())
    assert office.terminal.call("explain", entry=permit["ledger_index"])["decisions"] == before


def test_a_confirmation_taken_back_later_still_explains_what_rested_on_it(office: Office) -> None:
    from sekisho.desk.signed_words import Retraction

    permit = next(p for p in office.permits() if p["step"] == "match")
    before = outcomes(office, permit["ledger_index"])
    for given in office.terminal.call("confirmations"):
        words = Retraction(given["id"], "x", office.keys["officer"].person, office.watch.at)
        office.terminal.call("unconfirm", retraction=words, signature=office.keys["officer"].sign(words))
    assert outcomes(office, permit["ledger_index"]) == before == [("match", "permitted")]
