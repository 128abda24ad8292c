"""Many mail accounts that act alike, each under its limit: opened on one day, sending from one network at the same hours. Counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Gauge, Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "alike-accounts"
E = Element
COUNTED = frozenset({E.COUNT, E.PARTY, E.DATETIME})
TEST = ("members", "each", "together", "alike", "young_days", "window")
"""Words of a plan that say when accounts act alike; the figures carry them, so that what was tried is what is done."""
LATELY = 24


def whole(row: Mapping[str, Any]) -> Mapping[str, int]:
    """What was found in one hour: as the permit says it that counted most, for what one holds back it does not count."""
    said = [one for one in row.get("of", {}).values() if "groups" in one.get("found", {})]
    return dict(max(said, key=lambda one: int(one["messages"]))["found"]) if said else {}


def load(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "load" from the last hours counted: what groups of young accounts sent together at most."""
    most = max((said["grouped_messages"] for r in rows[-LATELY:] if (said := whole(r))), default=None)
    if most is None:
        return None
    return {"what": "messages-of-accounts-that-act-alike", "measured": most, "unit": "a-window", "impaired": most > 0}


def tried(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "alike-test": of settled accounts, how many the newest test found in the last hours; none tried, none."""
    lately = [said for r in rows[-LATELY:] if (said := whole(r))]
    same = [one for one in lately if all(one[w] == lately[-1][w] for w in TEST)]
    settled, matched = (max((one[w] for one in same), default=0) for w in ("settled", "matched"))
    if not settled:
        return None
    return {**{w: same[-1][w] for w in TEST}, "settled": settled, "matched": matched, "permille": -(-matched * 1000 // settled)}


def _look(name: str, *elements: E) -> Step:
    return Step(name, Kind.LOOK, frozenset({Act.LEARN}), frozenset(elements), PURPOSE)


@dataclass(frozen=True)
class AlikeAccounts:
    """`words`: when accounts act alike, how young they are, over how long it is counted, what becomes of mail while we cannot answer."""

    name: ClassVar[str] = "alike-accounts"
    title: ClassVar[Words] = {
        "ja": "上限未満で同じ動きをする多数のアカウントへの対処",
        "en": "Many mail accounts that act alike, each under its limit",
    }
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count", Kind.LOOK, frozenset({Act.LEARN, Act.USE}), COUNTED, PURPOSE),
        Step("hold", Kind.THROTTLE, frozenset({Act.USE}), COUNTED, PURPOSE),
        Step("tell-owner", Kind.SEND, frozenset({Act.USE}), frozenset({E.PARTY}), PURPOSE, frozenset({"subscriber"})),
        _look("compare-contents", E.CONTENT),
        _look("compare-recipients", E.COUNTERPART),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    gauges: ClassVar[tuple[Gauge, ...]] = (Gauge("load", "load-meter", load), Gauge("alike-test", "load-meter", tried))
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", *TEST, "when_down")
    text: ClassVar[str] = "alike-accounts@1"
    binds: ClassVar[Mapping[str, Value]] = {"held_by": ("acting-alike",), "times": 1, "lines": "every-line-found"}

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: groups are found on the mail server's own counts."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
