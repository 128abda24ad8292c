"""Lines over a declared volume share one class, alike for all, in declared hours. The kernel applies the test: nobody is named to it.

`scope` of the permit: `ranges` (prefixes of the lines), `line_v6` (how long a prefix a line has of IPv6), `heavy_mb` and
`window_hours` (the test: more megabytes than that since the line's first packet of the window), `hours` ("20-24", JST), `links` and
`kbit` (the class on each of these links); `may_leave`, true where each line may leave the control. A line that left is neither counted
nor slowed down. Where the measure is of an application, `application` says how it is known: then only its packets are counted, and only
they go by the class. Ends within seconds when nobody renews it: then nothing is slowed down, as the law has it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sekisho.effects.application import WORD, Application, read_application
from sekisho.effects.nft import Chain, Member, Rule, Set, kind_of, reads
from sekisho.effects.ports import LATER, LET, either_port
from sekisho.effects.prefix_sets import FIELDS, HEART, BadScope, Prefix, inside, number, read_lines, same_member, seconds_left
from sekisho.effects.with_switch import line_in
from sekisho.gate.permit import Permit
from sekisho.law.words import Value

MEASURE, STEP = "shaping", "shape"
OF_CLASS = "class-shaping"
"""The measure whose classes are of one application."""
JST = timezone(timedelta(hours=9))
MAJOR = 0x5E1C
"""The number of our root on a link, by which it is known as ours."""
MEGABYTE = 1_000_000
MOST_LINES = 1 << 20
"""Volumes are counted for so many lines at once; who comes after that is not counted, and so not slowed down."""
LONGEST_WINDOW = 24 * 31
NEVER = 1 << 40
FASTEST = 34_359_738
"""Kilobits a second that the kernel can say of a class (32 bits of octets): a larger one is cut without a word, and never as asked."""
NFPROTO = ("ipv4", "ipv6")


@dataclass(frozen=True)
class Shape:
    """A permit read. `hours` are hours of the day in JST, the second not included; `line_v6` a length; `kbit` of each link's class.

    `gone`: prefixes of the lines that left it, where `may_leave`. `application`: empty where all that a line moves is meant.
    """

    permit: str
    until: datetime
    ranges: tuple[Prefix, ...]
    line_v6: int
    heavy_mb: int
    window_hours: int
    hours: tuple[int, int]
    links: tuple[str, ...]
    kbit: int
    may_leave: bool = False
    gone: tuple[Prefix, ...] = ()
    application: Application = ()

    @property
    def number(self) -> int:
        """The number of its class: tc keeps no comment, so the permit's id is in the number as far as it goes."""
        return int.from_bytes(hashlib.sha256(self.permit.encode()).digest()[:2]) % 0xFFFE + 1

    def open_for(self, now: datetime) -> int:
        """Seconds that these hours still last; 0 outside them."""
        here = now.astimezone(JST)
        begin, end = self.hours
        if not (begin <= here.hour < end if begin < end else here.hour >= begin or here.hour < end):
            return 0
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        over = midnight + timedelta(hours=end, days=int(begin > end and here.hour >= begin))
        return seconds_left(over, now)

    def line(self, address: str) -> Prefix | None:
        """The line that this address is of; None where it is none of these, or none may leave."""
        return line_in(self.ranges, self.line_v6, address) if self.may_leave else None


def compile_shape(permit: Permit, gone: Iterable[str] = ()) -> Shape:
    """Raises BadScope for a scope that is not of this step's form."""
    return read_shape(permit.id, permit.until, permit.scope, gone, measure=permit.measure)


def read_shape(permit: str, until: datetime, scope: Mapping[str, Value], gone: Iterable[str] = (), *, measure: str = MEASURE) -> Shape:
    """The scope of a permit or of a plan of that measure. Raises BadScope."""
    ranges, line_v6 = read_lines(scope)
    numbers = [number(scope, w, most) for w, most in (("heavy_mb", NEVER), ("window_hours", LONGEST_WINDOW), ("kbit", FASTEST))]
    links = scope.get("links")
    if not isinstance(links, tuple) or not links or not all(isinstance(one, str) and 0 < len(one) <= 15 for one in links):
        raise BadScope("scope.links", links)
    if "consent" in scope:
        raise BadScope("scope.consent", scope["consent"])  # which lines agreed is nothing it is told: it must not take all for them
    may_leave = scope.get("may_leave", False)
    if not isinstance(may_leave, bool):
        raise BadScope("scope.may_leave", may_leave)
    if measure != OF_CLASS and WORD in scope:
        raise BadScope(f"scope.{WORD}", scope[WORD])
    application = read_application(scope) if measure == OF_CLASS else ()
    heavy_mb, window, kbit = numbers
    left = tuple(ipaddress.ip_network(p) for p in gone) if may_leave else ()
    its_links = tuple(map(str, links))
    return Shape(permit, until, ranges, line_v6, heavy_mb, window, read_hours(scope), its_links, kbit, may_leave, left, application)


def read_hours(scope: Mapping[str, Value]) -> tuple[int, int]:
    """From "20-24" to its two numbers. Raises BadScope."""
    said = scope.get("hours")
    begin, dash, end = str(said).partition("-")
    if not dash or not (begin.isdecimal() and end.isdecimal() and int(begin) < 24 and 0 < int(end) <= 24 and int(begin) != int(end)):
        raise BadScope("scope.hours", said)
    return int(begin), int(end)


def rules(shape: Shape, now: datetime) -> tuple[dict[str, Set], dict[str, Chain], Rule]:
    """Its sets and chains, and the rule that leads to them."""
    left = seconds_left(shape.until, now)
    name = shape.permit.replace("-", "_")
    sets = {
        f"{name}_live": Set(kind_of(type="nf_proto", flags=["timeout"]), _always(shape.permit, min(left, HEART))),
        f"{name}_hours": Set(kind_of(type="nf_proto", flags=["timeout"]), _always(shape.permit, min(left, shape.open_for(now)))),
    }
    leave, tests = list(_left(shape, sets, left)), list[Rule]()
    for (version, length), group in sorted(same_member(shape.ranges, Member(shape.permit, left)).items()):
        its, volumes = f"{name}_lines{version}_{length}", f"{name}_volumes{version}"
        kind = FIELDS[version][1]
        sets[its] = Set(kind_of(type=kind, flags=["timeout"]), group)
        sets[volumes] = Set(kind_of(type=kind, flags=["timeout"], size=MOST_LINES), {})
        for side in ("saddr", "daddr"):
            over = ("jump " + name + "_over", {"jump": {"target": f"{name}_over"}})
            tests.append(_rule(shape.permit, [inside(version, length, side, its), _test(shape, version, side, volumes), over]))
    live = (f"meta nfproto @{name}_live", _nfproto(f"@{name}_live"))
    chains = {f"{name}_over": _over(shape, name)}
    if shape.application:
        chains[f"{name}_tests"] = Chain("{}", tuple(tests))
        tests = list(_of_application(shape, f"{name}_tests"))
    return sets, {name: Chain("{}", (*leave, *tests)), **chains}, _rule(shape.permit, [live, _jump(name)])


def _of_application(shape: Shape, tests: str) -> Iterator[Rule]:
    """Packets of the application go to the tests and do not come back, so that one with both ports of it is counted once."""
    yield from (_rule(shape.permit, [later, LET]) for later in LATER)
    there = (f"goto {tests}", {"goto": {"target": tests}})
    yield from (_rule(shape.permit, [port, there]) for protocol, span in shape.application for port in either_port(protocol, span))


def _left(shape: Shape, sets: dict[str, Set], left: int) -> Iterator[Rule]:
    """Packets of lines that left it go on before anything is counted; these lines are added to `sets`."""
    name, gone = shape.permit.replace("-", "_"), same_member(shape.gone, Member(shape.permit, left))
    for version, length in ((4, 32), (6, shape.line_v6)) if shape.may_leave else ():
        if version not in {r.version for r in shape.ranges}:
            continue
        its = f"{name}_left{version}_{length}"
        sets[its] = Set(kind_of(type=FIELDS[version][1], flags=["timeout"]), gone.get((version, length), {}))
        yield from (_rule(shape.permit, [inside(version, length, side, its), LET]) for side in ("saddr", "daddr"))


def _always(permit: str, left: int) -> dict[str, Member]:
    return dict.fromkeys(NFPROTO, Member(permit, left)) if left > 0 else {}


def _over(shape: Shape, name: str) -> Chain:
    """What becomes of a packet of a line that is over the test."""
    number = f"{MAJOR:x}:{shape.number:x}"
    put = ("counter meta priority set " + number, {"mangle": {"key": {"meta": {"key": "priority"}}, "value": number}})
    hours = (f"meta nfproto @{name}_hours", _nfproto(f"@{name}_hours"))
    told = [hours[1], {"counter": None}, put[1]]
    return Chain("{}", (Rule(shape.permit, reads(told), f"{hours[0]} {put[0]}"),))


def _test(shape: Shape, version: int, side: str, volumes: str) -> tuple[str, Any]:
    """That the line moved more than it may since its first packet of the window; a packet of a new line begins its window."""
    protocol = FIELDS[version][0]
    payload: Any
    words, payload = f"{protocol} {side}", {"payload": {"protocol": protocol, "field": side}}
    if version == 6 and shape.line_v6 != 128:
        mask = str(ipaddress.ip_network(f"::/{shape.line_v6}").netmask)
        words, payload = f"{words} & {mask}", {"&": [payload, mask]}
    octets, seconds = shape.heavy_mb * MEGABYTE, shape.window_hours * 3600
    quota = {"quota": {"val": octets, "val_unit": "bytes", "inv": True}}
    told = {"set": {"op": "add", "elem": {"elem": {"val": payload, "timeout": seconds}}, "set": f"@{volumes}", "stmt": [quota]}}
    return f"add @{volumes} {{ {words} timeout {seconds}s quota over {octets} bytes }}", told


def _nfproto(right: str) -> Any:
    return {"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": right}}


def _jump(name: str) -> tuple[str, Any]:
    return f"jump {name}", {"jump": {"target": name}}


def _rule(permit: str, parts: Iterable[tuple[str, Any]]) -> Rule:
    every = list(parts)
    return Rule(permit, reads(p[1] for p in every), " ".join(p[0] for p in every))
