"""What the law says before anybody asks for a ground: who is bound, what it says, what breaking it costs; and each ground's test.

Applicability is per article: TBA 28 does not bind an exempt operator, TBA 4 and 179 do. A norm forbids or demands; no norm permits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sekisho.law.tables import CasebookError, Table
from sekisho.law.words import Act, Authority, Axis, Certainty, Ground, Regime, Words


@dataclass(frozen=True)
class Norm:
    """A dated norm of one axis. `cites` are articles as numbered on its first day.

    `regimes` are the operators it binds. `acts` and `audience` narrow it to steps with one of them; empty: every step of its axis.
    `sure_from` is the first day a source attests where `since` is from memory. It decides nothing: cases do.
    """

    id: str
    axis: Axis
    title: Words
    binds: Words
    says: Words
    cites: tuple[str, ...]
    source: str
    authority: Authority
    certainty: Certainty
    since: date
    seen: date
    regimes: frozenset[Regime] = frozenset(Regime)
    acts: frozenset[Act] = frozenset()
    audience: frozenset[str] = frozenset()
    penalty: Words | None = None
    until: date | None = None
    sure_from: date | None = None
    notes: Words | None = None

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def certainty_on(self, day: date) -> Certainty:
        """How sure the book is of it on that day: from memory where only a remembered date says so."""
        remembered = self.sure_from is not None and day < self.sure_from
        return Certainty.MEM if remembered and self.certainty.decides_alone else self.certainty


@dataclass(frozen=True)
class TestItem:
    """One item of a ground's test, numbered as the source numbers it."""

    __test__ = False

    number: str
    words: Words
    certainty: Certainty


@dataclass(frozen=True)
class GroundTest:
    """Why a step may be lawful: the test of a ground, item by item, its limits, and the kinds of evidence that usually show it."""

    ground: Ground
    title: Words
    items: tuple[TestItem, ...]
    limits: Words
    evidence: tuple[str, ...]
    source: str
    authority: Authority
    certainty: Certainty
    since: date
    seen: date
    cites: tuple[str, ...] = ()


def touched(
    norms: Iterable[Norm], axis: Axis, regime: Regime, acts: Collection[Act], audience: Collection[str], day: date
) -> tuple[Norm, ...]:
    """The norms in force on `day` that bind an operator of `regime` doing these acts for this audience: what is prima facie touched."""
    return tuple(
        n
        for n in norms
        if n.axis is axis
        and regime in n.regimes
        and n.in_force(day)
        and (not n.acts or not n.acts.isdisjoint(acts))
        and (not n.audience or not n.audience.isdisjoint(audience))
    )


def read_norms(table: Table) -> tuple[Norm, ...]:
    """`norms.toml`. Raises CasebookError naming file, place and what to change."""
    found = tuple(_norm(t) for t in table.tables("norm"))
    table.done()
    _distinct(table.file, [n.id for n in found])
    return found


def read_grounds(table: Table, kinds: Collection[str]) -> tuple[GroundTest, ...]:
    """`grounds.toml`; the evidence it names must be among `kinds`. Raises CasebookError."""
    found = tuple(_ground(t, kinds) for t in table.tables("ground"))
    table.done()
    _distinct(table.file, [g.ground.value for g in found])
    return found


def _norm(table: Table) -> Norm:
    found = Norm(
        id=table.text("id"),
        axis=table.word("axis", Axis),
        title=table.words("title"),
        binds=table.words("binds"),
        says=table.words("says"),
        cites=table.texts("cites"),
        source=table.text("source"),
        authority=table.word("authority", Authority),
        certainty=table.word("certainty", Certainty),
        since=table.day("since"),
        seen=table.day("seen"),
        regimes=table.maybe("regimes", lambda k: table.set_of(k, Regime), frozenset(Regime)),
        acts=table.maybe("acts", lambda k: table.set_of(k, Act), frozenset()),
        audience=table.maybe("audience", lambda k: frozenset(table.texts(k)), frozenset()),
        penalty=table.maybe("penalty", table.words),
        until=table.maybe("until", table.day),
        sure_from=table.maybe("sure_from", table.day),
        notes=table.maybe("notes", table.words),
    )
    table.done()
    if found.until is not None and found.until <= found.since:
        raise table.error("until", "ends before it begins")
    if found.sure_from is not None and not found.since < found.sure_from <= found.seen:
        raise table.error("sure_from", "is outside of `since` to `seen`")
    return found


def _ground(table: Table, kinds: Collection[str]) -> GroundTest:
    evidence = table.maybe("evidence", table.texts, ())
    if unknown := [e for e in evidence if e not in kinds]:
        raise table.error("evidence", f"{unknown[0]!r} is no kind of evidence")
    items = tuple(_item(t) for t in table.tables("item"))
    if not items:
        raise table.error("item", "is missing: a ground without a test would carry everything")
    found = GroundTest(
        ground=table.word("ground", Ground),
        title=table.words("title"),
        items=items,
        limits=table.words("limits"),
        evidence=evidence,
        source=table.text("source"),
        authority=table.word("authority", Authority),
        certainty=table.word("certainty", Certainty),
        since=table.day("since"),
        seen=table.day("seen"),
        cites=table.maybe("cites", table.texts, ()),
    )
    table.done()
    _distinct(table.file, [i.number for i in items])
    return found


def _item(table: Table) -> TestItem:
    found = TestItem(table.text("number"), table.words("words"), table.word("certainty", Certainty))
    table.done()
    return found


def _distinct(file: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CasebookError(file, name, "stands there twice")
        seen.add(name)

