"""The gateway's loop: a round at each change of answers or neighbours, an empty table when it cannot be read, an end with its namespace."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sekisho.desk.outside import KeepIsGone
from sekisho.desk.portal.neighbours import plain
from sekisho.faces.processes import gateway
from sekisho.wire.cursor import FormError


@dataclass
class Keep:
    """Hears reports; silent if told so."""

    silent: bool = False
    reports: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **params: object) -> None:
        if self.silent:
            raise KeepIsGone(method)
        self.reports.append({"method": method, **params})


@dataclass
class World:
    keep: Keep = field(default_factory=Keep)


@dataclass
class Holder:
    """Remembers the tables it was given; ends the loop after so many hearings."""

    ended: threading.Event
    heard_of: int = 0
    left: int = 1
    world: World = field(default_factory=World)
    counters: Counter[str] = field(default_factory=Counter)
    tables: list[dict[str, str]] = field(default_factory=list)

    def hear(self) -> bool:
        self.left -= 1
        if not self.left:
            self.ended.set()
        self.heard_of -= 1
        return self.heard_of >= 0

    def turn(self, neighbours: Mapping[str, str]) -> bool:
        self.tables.append(dict(neighbours))
        return True


@dataclass
class Table:
    """A neighbour table that tells of changes when told to, and may refuse to be read. `moves`: whether an address is another's then."""

    changes: list[bool] = field(default_factory=list)
    fails: Exception | None = None
    moves: bool = True
    number: int = 7

    def table(self) -> Mapping[str, str]:
        if self.fails is not None:
            raise self.fails
        return {"198.51.100.7": f"02:00:00:00:00:{self.number:02}"}

    def changed(self, _within: float) -> bool:
        told = self.changes.pop(0) if self.changes else False
        self.number += told and self.moves
        return told


def ran(hearings: int, *, answers: int = 0, table: Table | None = None, silent: bool = False, namespace: str = "") -> Holder:
    """The loop, for so many hearings; `answers`: in how many of them something changed."""
    ended = threading.Event()
    holder = Holder(ended, answers, hearings, World(Keep(silent)))
    gateway.run(holder, table or Table(), namespace, ended)  # type: ignore[arg-type] # as much of them as the loop uses
    return holder


def test_with_nothing_new_there_is_one_round_and_then_quiet() -> None:
    assert len(ran(4).tables) == 1


def test_each_answer_has_its_round_at_once() -> None:
    assert len(ran(4, answers=4).tables) == 4


def test_each_change_of_a_neighbour_has_its_round_at_once() -> None:
    """A device that changed its address is outside as soon as the kernel knows, not at the next look."""
    assert len(ran(4, table=Table([True, False, True, True])).tables) == 1 + 3


def test_what_changes_nobodys_address_has_no_round() -> None:
    """A neighbour that is merely confirmed again is told of too, thousands of times a minute in a full hall."""
    assert len(ran(4, table=Table([True, True, True, True], moves=False)).tables) == 1


@pytest.mark.parametrize("why", [OSError("gone"), FormError("neighbour-table", "truncated")])
def test_a_table_that_cannot_be_read_is_one_in_which_nobody_answered(why: Exception) -> None:
    holder = ran(1, table=Table(fails=why))
    assert holder.tables == [{}]
    assert holder.counters["neighbours-not-read"] == 1


def test_a_namespace_that_was_made_anew_ends_it() -> None:
    assert ran(9, namespace="no-such-namespace").left == 9


def test_it_says_what_it_counted_and_silence_is_counted_too() -> None:
    (report,) = ran(2).world.keep.reports
    assert (report["method"], report["process"]) == ("report", "gateway")
    assert ran(2, silent=True).counters["not-reported"] == 1


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%wifi0", "fe80::1"),
        ("2001:db8::7", "2001:db8::7"),
        ("", ""),
    ],
)
def test_an_address_is_looked_up_as_the_neighbour_table_spells_it(said: str, spelled: str) -> None:
    assert plain(said) == spelled
