"""Signs that somebody else uses a mail account: many networks within an hour, many more messages than ever, many recipients that are
nobody's, a password tried again and again and then used. Counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Gauge, Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "hijack-signs"
E = Element
COUNTED = frozenset({E.COUNT, E.PARTY, E.DATETIME})
TEST = ("networks", "jump", "least", "usual_hours", "young_days", "held_hours")
"""Words of a plan that say what a sign is; the figures carry them, so that what was tried is what is done."""
LOG_TEST = ("refused", "refused_permille", "failed", "young_days", "held_hours")
"""The same of what the sending log says."""
LATELY = 24


def signs(row: Mapping[str, Any]) -> Mapping[str, int]:
    """What was found in one hour: as the permit says it that counted most, for what one holds back it does not count."""
    said = [one for one in row.get("of", {}).values() if "signs" in one.get("found", {})]
    return dict(max(said, key=lambda one: int(one["messages"]))["found"]) if said else {}


def load(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "load" from the last hours counted: what accounts with signs sent at most."""
    most = max((said["signs_messages"] for r in rows[-LATELY:] if (said := signs(r))), default=None)
    if most is None:
        return None
    return {"what": "messages-of-accounts-with-signs", "measured": most, "unit": "the-hours-held", "impaired": most > 0}


def tried(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "hijack-test": of settled accounts, how many the newest test found in the last hours; none tried, none."""
    lately = [said for r in rows[-LATELY:] if (said := signs(r))]
    same = [one for one in lately if all(one[w] == lately[-1][w] for w in TEST)]
    settled, matched = (max((one[w] for one in same), default=0) for w in ("settled", "matched"))
    if not settled:
        return None
    return {**{w: same[-1][w] for w in TEST}, "settled": settled, "matched": matched, "permille": -(-matched * 1000 // settled)}


def log_signs(row: Mapping[str, Any]) -> Mapping[str, int]:
    """What the sending log said in one hour: as the permit says it under which most was seen."""
    said = [one["found"] for one in row.get("of", {}).values() if "log_signs" in one.get("found", {})]
    return dict(max(said, key=lambda one: int(one["log_seen"]))) if said else {}


def tried_log(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "log-test": what the newest test found in the last hours, and how many of those are settled; none tried, none."""
    lately = [said for r in rows[-LATELY:] if (said := log_signs(r))]
    same = [one for one in lately if all(one[w] == lately[-1][w] for w in LOG_TEST)]
    signs, settled, matched = (max((one[w] for one in same), default=0) for w in ("log_signs", "settled", "matched"))
    if not settled:
        return None
    test = {w: same[-1][w] for w in LOG_TEST}
    return {**test, "signs": signs, "settled": settled, "matched": matched, "permille": -(-matched * 1000 // settled)}


@dataclass(frozen=True)
class HijackSigns:
    """`words`: what a sign is, which accounts the test is tried on, how long one is held, what becomes of mail while we cannot answer."""

    name: ClassVar[str] = "hijack-signs"
    title: ClassVar[Words] = {
        "ja": "乗っ取られたメールアカウントの兆しと自動停止",
        "en": "Signs of a hijacked mail account, and an automatic stop",
    }
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count", Kind.LOOK, frozenset({Act.LEARN, Act.USE}), COUNTED, PURPOSE),
        Step("hold", Kind.THROTTLE, frozenset({Act.USE}), COUNTED, PURPOSE),
        Step("count-log", Kind.LOOK, frozenset({Act.LEARN, Act.USE}), COUNTED, PURPOSE),
        Step("hold-log", Kind.THROTTLE, frozenset({Act.USE}), COUNTED, PURPOSE),
        Step("tell-owner", Kind.SEND, frozenset({Act.USE}), frozenset({E.PARTY}), PURPOSE, frozenset({"subscriber"})),
        Step("read-bodies", Kind.LOOK, frozenset({Act.LEARN}), frozenset({E.CONTENT}), PURPOSE),
        Step("keep-recipients", Kind.LOOK, frozenset({Act.LEARN, Act.USE}), frozenset({E.PARTY, E.COUNTERPART, E.DATETIME}), PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    gauges: ClassVar[tuple[Gauge, ...]] = (
        Gauge("load", "load-meter", load), Gauge("hijack-test", "load-meter", tried), Gauge("log-test", "load-meter", tried_log),
    )  # fmt: skip
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", *TEST, *LOG_TEST[:3], "when_down")
    text: ClassVar[str] = "hijack-signs@1"
    binds: ClassVar[Mapping[str, Value]] = {
        "held_by": ("signs-of-a-hijack",), "times": 1, "lines": "every-line-found", "restored_by": "the-owners-number",
    }  # fmt: skip

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: signs are found on the mail server's own counts."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
