"""One nftables table of ours as values: what should stand in it, what does, what makes the one the other. Nothing is asked or told here.

Every set is a plain hash set of prefixes of one length, and each member ends by itself. A rule counts only while the member of its
permit's `live` set does, which is put there anew every few seconds: who cannot renew it any more has ended the effect.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

FAMILY, TABLE = "inet", "sekisho"
LATE = 3
"""Seconds a member may end before its time until it is renewed."""
EARLY = 1
"""Seconds a member may end after its time, as the kernel rounds; more is cut back."""
AT_ONCE = 20_000
DAY = 86_400


class KernelSaidNo(Exception):
    """nft refused. `code`: no-library, not-permitted, refused or not-readable; `words` are its own."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words


@dataclass(frozen=True)
class Member:
    """One element of a set: whose it is, and for how many seconds more. None: for ever, which nothing of ours is."""

    whose: str
    left: int | None


@dataclass(frozen=True)
class Set:
    """`kind` is what nft says of it beside its name and members, as canonical JSON.

    One with a size is filled by the kernel itself, as rules count; its members are not ours, and never read on.
    """

    kind: str
    members: Mapping[str, Member]

    @property
    def counts(self) -> bool:
        return "size" in json.loads(self.kind)


@dataclass(frozen=True)
class Rule:
    """`reads` is how nft tells it (canonical JSON, counters left out), `text` how we write it; read rules have no text."""

    whose: str
    reads: str
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Chain:
    """`kind` is where it hangs, as canonical JSON; "{}" for one that is only jumped to."""

    kind: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Table:
    """All that is in a table of ours. `strange` names what is of no sort we make; `packets` is what the counters of a permit's rules say.

    `name`: which of our tables.
    """

    sets: Mapping[str, Set] = field(default_factory=lambda: MappingProxyType({}))
    chains: Mapping[str, Chain] = field(default_factory=lambda: MappingProxyType({}))
    strange: frozenset[str] = frozenset()
    packets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    name: str = field(default=TABLE, compare=False)


@dataclass(frozen=True)
class Change:
    """From what stands there to what should. `anew`: why the table is written again; else members go and come.

    `cleared`: what then goes from a table that keeps its counting sets, since the kernel takes no count back once it is gone ("chain x",
    "set x"; rules go with them). Empty: all of it goes, counts too.
    """

    anew: tuple[str, ...] = ()
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    fresh: Mapping[str, Mapping[str, Member]] = field(default_factory=lambda: MappingProxyType({}))
    cleared: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.anew or self.gone or self.fresh)


def change(wanted: Table, there: Table | None) -> Change:
    """What must be done; nothing where both agree. An empty table is as good as none."""
    if there is None:
        return Change(("table",)) if wanted.sets or wanted.chains else Change()
    anew = sorted({*_unlike(wanted, there), *there.strange})
    if anew:
        return Change(tuple(anew), cleared=() if there.strange else _cleared(wanted, there))
    gone: dict[str, tuple[str, ...]] = {}
    fresh: dict[str, dict[str, Member]] = {}
    for name, one in wanted.sets.items():
        have = there.sets[name].members
        bad = {k for k, m in have.items() if k not in one.members or not _same(one.members[k], m)}
        if bad:
            gone[name] = tuple(sorted(bad))
        if new := {k: m for k, m in one.members.items() if k not in have or k in bad}:
            fresh[name] = new
    return Change((), gone, fresh)


def _cleared(wanted: Table, there: Table) -> tuple[str, ...]:
    """All but the sets that count on; nothing where none does."""
    kept = {n for n, s in wanted.sets.items() if s.counts and n in there.sets and there.sets[n].kind == s.kind}
    if not kept:
        return ()
    return (*(f"chain {n}" for n in sorted(there.chains)), *(f"set {n}" for n in sorted({*there.sets} - kept)))


def _unlike(wanted: Table, there: Table) -> Iterator[str]:
    """Sets of another kind, chains with other rules, and what is there and should not be, or the other way round."""
    for name in {*wanted.sets, *there.sets}:
        mine, its = wanted.sets.get(name), there.sets.get(name)
        if mine is None or its is None or mine.kind != its.kind:
            yield f"set {name}"
    for name in {*wanted.chains, *there.chains}:
        if wanted.chains.get(name) != there.chains.get(name):
            yield f"chain {name}"


def _same(wanted: Member, there: Member) -> bool:
    if wanted.whose != there.whose or wanted.left is None or there.left is None:
        return wanted == there
    return wanted.left - LATE <= there.left <= wanted.left + EARLY


def commands(made: Change, wanted: Table) -> str:
    """What nft is told, as one transaction: all of it happens, or nothing."""
    lines = list(_anew(made, wanted)) if made.anew else []
    for name, keys in {} if made.anew else made.gone.items():
        for part in _parts(keys):
            lines.append(f"delete element {FAMILY} {wanted.name} {name} {{ {', '.join(part)} }}")
    for name, members in {n: s.members for n, s in wanted.sets.items()}.items() if made.anew else made.fresh.items():
        for part in _parts(_element(k, m) for k, m in members.items()):
            lines.append(f"add element {FAMILY} {wanted.name} {name} {{ {', '.join(part)} }}")
    return "\n".join(lines) + "\n" if lines else ""


def _anew(made: Change, wanted: Table) -> Iterator[str]:
    """The table goes and comes in one step: no packet sees it away."""
    yield f"add table {FAMILY} {wanted.name}"
    yield f"{'flush' if made.cleared else 'delete'} table {FAMILY} {wanted.name}"
    for sort, _, name in (one.partition(" ") for one in made.cleared):
        yield f"delete {sort} {FAMILY} {wanted.name} {name}"
    if not (wanted.sets or wanted.chains):
        return
    yield f"add table {FAMILY} {wanted.name}"
    for name, one in wanted.sets.items():
        kind = json.loads(one.kind)
        how = f"size {kind['size']}; flags dynamic,timeout;" if one.counts else "flags timeout;"
        parts = [kind["type"]] if isinstance(kind["type"], str) else kind["type"]
        yield f"add set {FAMILY} {wanted.name} {name} {{ type {' . '.join(parts)}; {how} }}"
    for name, chain in wanted.chains.items():
        hang = json.loads(chain.kind)
        where = "type {type} hook {hook} priority {prio}; policy {policy};".format(**hang) if hang else ""
        yield f"add chain {FAMILY} {wanted.name} {name} {{ {where} }}"
    for name, chain in wanted.chains.items():
        for rule in chain.rules:
            yield f'add rule {FAMILY} {wanted.name} {name} {rule.text} comment "{rule.whose}"'


def _element(key: str, member: Member) -> str:
    days, seconds = divmod(max(1, member.left or 0), DAY)  # nft reads no more than eight digits of any unit
    return f'{key} timeout {days}d{seconds}s comment "{member.whose}"'


def _parts(items: Iterable[str]) -> Iterator[list[str]]:
    every = list(items)
    for at in range(0, len(every), AT_ONCE):
        yield every[at : at + AT_ONCE]


def parse(listed: str, *, dormant: bool = False) -> Table:
    """What `nft -j list table` prints. Raises ValueError for what is not that."""
    sets: dict[str, Set] = {}
    kinds: dict[str, str] = {}
    rules: dict[str, list[Rule]] = {}
    strange = {"dormant"} if dormant else set()
    packets: dict[str, int] = {}
    for one in json.loads(listed)["nftables"]:
        ((sort, words),) = one.items()
        if sort == "set":
            sets[words["name"]] = Set(_kind(words), {} if "size" in words else dict(map(_member, words.get("elem", ()))))
        elif sort == "chain":
            kinds[words["name"]] = _kind(words)
        elif sort == "rule":
            rule = Rule(str(words.get("comment", "")), reads(words["expr"]))
            rules.setdefault(words["chain"], []).append(rule)
            packets[rule.whose] = packets.get(rule.whose, 0) + _counted(words["expr"])
        elif sort not in ("metainfo", "table"):
            strange.add(f"{sort} {words.get('name', '')}".strip())
    chains = {name: Chain(kind, tuple(rules.get(name, ()))) for name, kind in kinds.items()}
    return Table(sets, chains, frozenset(strange), packets)


def reads(expressions: Iterable[Any]) -> str:
    """A rule's expressions in the one spelling two of them are compared by: counters without their counts."""
    return _canonical([_plain(e) for e in expressions])


def kind_of(**words: Any) -> str:
    """How a set's or a chain's kind is spelled."""
    return _canonical(words)


def _plain(expression: Any) -> Any:
    if isinstance(expression, dict) and "counter" in expression:
        return {"counter": None}
    if isinstance(expression, dict) and "match" in expression:
        return {"match": {**expression["match"], "op": "==" if expression["match"]["op"] == "in" else expression["match"]["op"]}}
    return expression


def _counted(expressions: Iterable[Any]) -> int:
    return sum(int((e.get("counter") or {}).get("packets", 0)) for e in expressions if isinstance(e, dict) and "counter" in e)


def _kind(words: Mapping[str, Any]) -> str:
    return _canonical({k: v for k, v in words.items() if k not in ("family", "table", "name", "handle", "elem")})


def _member(element: Any) -> tuple[str, Member]:
    words = element["elem"] if isinstance(element, dict) and "elem" in element else {"val": element}
    said = words["val"]
    joined = said.get("concat") if isinstance(said, dict) else [said]
    key = " . ".join(joined) if joined and all(isinstance(p, str) for p in joined) else _canonical(said)
    return key, Member(str(words.get("comment", "")), words.get("expires"))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
