"""A question to the gate, written by a person (TOML), about any measure of the case book. It proposes nothing, so it may assume more.

measure = "port-25-block"
steps = ["block"]                      # by name; or written out: [[steps]] name, kind, acts, elements, purpose, audience
regime = "TBA"                         # else the settings', else --regime, else TBA
on = 2026-11-21                        # the day whose law is asked for; else today
lasts_days = 30                        # or: last_day = 2026-12-05
keeps_days = 7
list = "lists/cc.toml"                 # a file, or a digest
consent = "per-line"                   # only whose consent lives is ever counted, named or written to
confirmed = ["jp/B-13/1"]              # taken as confirmed by the legal officer
new = true                             # a measure the book does not have yet; its steps are written out
[scope]                                # what the plan binds itself to
[facts]
[dossier]                              # what only the consultation paper says; see desk/asking/dossier.py
[[evidence]]
kind = "terms"
role = "desk"                          # who would lay it in
paper = "papers/terms.md"              # its digest is the document
vouched = { by = "probe", who = "switch-test" }   # taken as measured
purpose = "port-25-block"              # where the plan has several; or a list of them
day = 2026-11-01                       # when it was laid in; else now
value = { version = "2024-04-01", ... }           # "digest" stands for the paper's, "today" for the day
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sekisho.desk.draft import IS_PAPER, IS_TODAY, MOST_DAYS, PER_LINE, DraftError, compiled, lawful_term, of_case, until
from sekisho.desk.watchlist import ListError, load_list
from sekisho.gate.checks import typed
from sekisho.law.canonical import digest
from sekisho.law.casebook import Casebook
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Act, Element, Evidence, EvidenceKind, Kind, Plan, Regime, Role, Step, Value, VouchedBy, Voucher, nothing
from sekisho.measures.registry import EVERY

KNOWN = (
    *("measure", "steps", "regime", "on", "actor", "lasts_days", "last_day", "keeps_days", "list", "confirmed", "new"),
    *("case", "consent", "scope", "facts", "dossier", "evidence"),
)
OF_A_STEP = ("name", "kind", "acts", "elements", "purpose", "audience")
OF_EVIDENCE = ("kind", "role", "paper", "value", "purpose", "vouched", "day")
OF_A_VOUCHER = ("by", "who", "role", "person")
PROPOSER = "trial-proposer"
LASTS = 30
NOON = timedelta(hours=12)
HEX = set("0123456789abcdef")

E = TypeVar("E", Kind, Act, Element, Regime, Role, VouchedBy)


@dataclass(frozen=True)
class Here:
    """Where the question is asked: the book, and what settings say where there are any."""

    book: Casebook
    operator: str = "-"
    regime: Regime | None = None
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assumed:
    """What the question takes on trust: evidence nobody has laid in yet, or a confirmation nobody has signed."""

    what: str
    name: str
    by: str = ""
    who: str = ""


@dataclass(frozen=True)
class Question:
    """The plan, the moment it is asked about, the cases taken as confirmed, all that is assumed, and the words for a dossier."""

    plan: Plan
    now: datetime
    confirmed: tuple[str, ...]
    assumed: tuple[Assumed, ...]
    dossier: Mapping[str, Value]
    attached: Mapping[str, str]


def read_question(path: Path, here: Here, now: datetime, *, on: date | None = None, regime: Regime | None = None) -> Question:
    """Read a question. `on` and `regime` come before what the file says. Raises DraftError naming key, code and what is known."""
    raw = _parsed(path)
    _only(raw, KNOWN, "")
    day = on or _day(raw, "on") or here.book.day(now)
    moment = here.book.begins(day) + NOON if on or "on" in raw else now
    said = _word(raw["regime"], Regime, "regime") if "regime" in raw else None
    measure = _measure(raw, here.book)
    steps = tuple(_steps(raw.get("steps"), here.book.steps.get(measure, ()), new=raw.get("new") is True))
    raw |= lawful_term(raw, measure, steps, day, here.book)
    plan = Plan(
        measure=measure,
        actor=_text(raw, "actor", here.operator),
        proposer=PROPOSER,
        regime=regime or said or here.regime or Regime.TBA,
        steps=steps,
        day=day,
        until=until(raw, moment, here.book) if "last_day" in raw else moment + timedelta(days=_days(raw, "lasts_days") or LASTS),
        scope=_scope(raw, measure, steps, path.parent),
        facts=_value(raw.get("facts", {}), "facts"),
    )
    papers = list(_evidence(raw, here.book, plan, path.parent, moment))
    confirmed = _confirmed(raw, here.book)
    assumed = (*(a for _, a, _ in papers), *(Assumed("confirmation", c) for c in confirmed))
    return Question(
        plan=replace(plan, evidence=tuple(e for found, _, _ in papers for e in found)),
        now=moment,
        confirmed=confirmed,
        assumed=assumed,
        dossier=_value(raw.get("dossier", {}), "dossier"),
        attached={name: document for _, _, (name, document) in papers if name},
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise DraftError(str(path), "absent") from why
    except ValueError as why:
        raise DraftError(f"{path}: {why}", "not-toml") from why


def _only(raw: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in raw:
        if key not in known:
            raise DraftError(f"{where}{key}", "unknown-key", key, known)


def _measure(raw: Mapping[str, Any], book: Casebook) -> str:
    """A measure of the book; another name only where the file says that it is new and writes its steps out."""
    name, new = raw.get("measure", ""), raw.get("new", False)
    if not isinstance(new, bool):
        raise DraftError("new", "not-bool", new)
    if not isinstance(name, str) or not name:
        raise DraftError("measure", "missing", name, sorted(book.steps))
    if new and name in book.steps:
        raise DraftError("new", "known-measure", name)
    if not new and name not in book.steps:
        raise DraftError("measure", "unknown-measure", name, sorted(book.steps))
    return name


def _steps(raw: object, declared: Iterable[Step], *, new: bool) -> Iterator[Step]:
    """Each step by its name, or written out."""
    by_name = {s.name: s for s in declared}
    if not isinstance(raw, list) or not raw:
        raise DraftError("steps", "not-a-list" if raw else "missing", raw or "", by_name)
    seen: set[str] = set()
    for number, entry in enumerate(raw):
        where = f"steps[{number}]"
        if isinstance(entry, dict):
            step = _written(entry, where)
        elif isinstance(entry, str) and entry in by_name:
            step = by_name[entry]
        else:
            raise DraftError("steps", "not-a-table" if new else "unknown-step", entry, OF_A_STEP if new else by_name)
        if step.name in seen:
            raise DraftError("steps", "doubled", step.name)
        seen.add(step.name)
        yield step


def _written(raw: Mapping[str, Any], where: str) -> Step:
    _only(raw, OF_A_STEP, f"{where}.")
    for key in OF_A_STEP[:-1]:
        if key not in raw:
            raise DraftError(f"{where}.{key}", "missing", "", OF_A_STEP)
    return Step(
        name=_text(raw, "name", where=where),
        kind=_word(raw["kind"], Kind, f"{where}.kind"),
        acts=frozenset(_word(v, Act, f"{where}.acts") for v in _texts(raw["acts"], f"{where}.acts")),
        elements=frozenset(_word(v, Element, f"{where}.elements") for v in _texts(raw["elements"], f"{where}.elements")),
        purpose=_text(raw, "purpose", where=where),
        audience=frozenset(_texts(raw.get("audience", ["operator"]), f"{where}.audience")),
    )


def _scope(raw: Mapping[str, Any], measure: str, steps: Sequence[Step], base: Path) -> Mapping[str, Value]:
    """What the file says, beside what follows from it: the steps' purposes, the term, the list by its digest, a measure's streams."""
    scope: dict[str, Value] = {"purposes": tuple(sorted({s.purpose for s in steps}))}
    if "list" in raw:
        scope["list"] = _list(raw["list"], base)
    if days := _days(raw, "keeps_days"):
        scope["days"] = days
        if measure in EVERY:
            scope["streams"], scope["rows"] = compiled(measure, {s.name for s in steps}, days, str(scope.get("list", "")))
    bound = {"consent": PER_LINE} if raw.get("consent") == PER_LINE else {}
    return {**scope, **_value(raw.get("scope", {}), "scope"), **bound, **of_case(raw)}


def _list(named: object, base: Path) -> str:
    if isinstance(named, str) and _is_digest(named):
        return named
    try:
        return load_list(_file(named, base, "list")).digest
    except ListError as why:
        raise DraftError("list", why.code, named) from why


def _confirmed(raw: Mapping[str, Any], book: Casebook) -> tuple[str, ...]:
    names = raw.get("confirmed", [])
    known = [c.id for c in book.cases]
    for name in (found := _texts(names, "confirmed") if names else ()):
        if name not in known:
            raise DraftError("confirmed", "unknown-case", name, known)
    return found


def _evidence(
    raw: Mapping[str, Any], book: Casebook, plan: Plan, base: Path, now: datetime
) -> Iterator[tuple[tuple[Evidence, ...], Assumed, tuple[str, str]]]:
    """Each piece once for every purpose it is for, that it is assumed, and the paper's name and digest."""
    entries = raw.get("evidence", [])
    if not isinstance(entries, list):
        raise DraftError("evidence", "not-a-list", entries)
    for number, entry in enumerate(entries):
        where = f"evidence[{number}]"
        if not isinstance(entry, dict):
            raise DraftError(where, "not-a-table", entry)
        _only(entry, OF_EVIDENCE, f"{where}.")
        kind = _kind(entry, book, where)
        day = _day(entry, "day", where)
        at = book.begins(day) + NOON if day else now
        document = _paper(entry, base, where)
        value = _filled(entry, kind, document, book.day(now).isoformat(), where)
        document = document or digest({"kind": kind.name, "value": value})
        voucher = _voucher(entry, kind, document, where)
        pieces = tuple(Evidence(kind.name, value, p, voucher, at) for p in _purposes(entry, plan, where))
        yield pieces, Assumed("evidence", kind.name, voucher.by.value, voucher.who), (str(entry.get("paper", "")), document)


def _kind(entry: Mapping[str, Any], book: Casebook, where: str) -> EvidenceKind:
    name = entry.get("kind")
    if not isinstance(name, str) or name not in book.kinds:
        raise DraftError(f"{where}.kind", "unknown-kind" if name else "missing", name or "", sorted(book.kinds))
    return book.kinds[name]


def _filled(entry: Mapping[str, Any], kind: EvidenceKind, document: str, today: str, where: str) -> Mapping[str, Value]:
    """Every field of the kind, each of its type: half a piece of evidence is none."""
    if "value" not in entry:
        raise DraftError(f"{where}.value", "missing", "", kind.fields)
    said = _value(entry["value"], f"{where}.value")
    for name in said:
        if name not in kind.fields:
            raise DraftError(f"{where}.value.{name}", "unknown-key", name, kind.fields)
    stands_for = {IS_TODAY: today, IS_PAPER: document or digest({"kind": kind.name, "value": said})}
    value = {k: stands_for.get(v, v) if isinstance(v, str) else v for k, v in said.items()}
    for name, wanted in kind.fields.items():
        if name not in value:
            raise DraftError(f"{where}.value.{name}", "missing", "", (wanted,))
        if not typed(wanted, value[name]):
            raise DraftError(f"{where}.value.{name}", f"not-a-{wanted}", value[name])
    return value


def _voucher(entry: Mapping[str, Any], kind: EvidenceKind, document: str, where: str) -> Voucher:
    """As the file says; else by the kind: a document in the role that lays it in, or that role's statement."""
    said = entry.get("vouched", {})
    if not isinstance(said, dict):
        raise DraftError(f"{where}.vouched", "not-a-table", said)
    _only(said, OF_A_VOUCHER, f"{where}.vouched.")
    by = _word(said["by"], VouchedBy, f"{where}.vouched.by") if "by" in said else None
    if by is VouchedBy.PROBE:
        who = said.get("who")
        if who not in kind.probes:
            raise DraftError(f"{where}.vouched.who", "unknown-probe", who or "", sorted(kind.probes))
        return Voucher(by, str(who))
    named = said.get("role", entry.get("role"))
    if named is None:
        raise DraftError(f"{where}.role", "missing", "", sorted(kind.roles))
    role = _word(named, Role, f"{where}.role")
    person = _text(said, "person", f"trial-{role}", where=f"{where}.vouched")
    if by is VouchedBy.DOCUMENT or (by is None and VouchedBy.DOCUMENT in kind.vouchers):
        return Voucher(VouchedBy.DOCUMENT, _text(said, "who", document, where=f"{where}.vouched"), role, person)
    return Voucher(VouchedBy.STATEMENT, _text(said, "who", person, where=f"{where}.vouched"), role)


def _purposes(entry: Mapping[str, Any], plan: Plan, where: str) -> tuple[str, ...]:
    """Evidence serves one purpose: the plan's own where there is but one, else the one that is named."""
    known = sorted({s.purpose for s in plan.steps})
    if "purpose" in entry:
        named = entry["purpose"]
        return _texts([named] if isinstance(named, str) else named, f"{where}.purpose")
    if len(known) > 1:
        raise DraftError(f"{where}.purpose", "missing", "", known)
    return tuple(known)


def _paper(entry: Mapping[str, Any], base: Path, where: str) -> str:
    if "paper" not in entry:
        return ""
    try:
        return hashlib.sha256(_file(entry["paper"], base, f"{where}.paper").read_bytes()).hexdigest()
    except OSError as why:
        raise DraftError(f"{where}.paper", "absent", entry["paper"]) from why


def _file(named: object, base: Path, where: str) -> Path:
    if not isinstance(named, str) or not named or "\0" in named:
        raise DraftError(where, "not-a-path", named)
    return base / named


def _text(raw: Mapping[str, Any], key: str, otherwise: str | None = None, where: str = "") -> str:
    value = raw.get(key, otherwise)
    if not isinstance(value, str) or not value.strip():
        raise DraftError(f"{where}.{key}".lstrip("."), "not-str", "" if value is None else value)
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
        raise DraftError(where, "not-a-list", value)
    return tuple(value)


def _word(value: object, enum: type[E], where: str) -> E:
    try:
        return enum(str(value))
    except ValueError as why:
        raise DraftError(where, "unknown-word", value, [e.value for e in enum]) from why


def _day(raw: Mapping[str, Any], key: str, where: str = "") -> date | None:
    value = raw.get(key)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise DraftError(f"{where}.{key}".lstrip("."), "not-a-day", value)
    return value


def _days(raw: Mapping[str, Any], key: str) -> int:
    days = raw.get(key, 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS or (key in raw and not days):
        raise DraftError(key, "not-a-number", days)
    return days


def _value(raw: object, where: str) -> Mapping[str, Value]:
    if not isinstance(raw, dict):
        raise DraftError(where, "not-a-table", raw)
    try:
        return read(dict[str, Value], raw, where) if raw else nothing()
    except ReadingError as why:
        raise DraftError(why.path, why.code) from why


def _is_digest(value: str) -> bool:
    return len(value) == 64 and set(value) <= HEX
