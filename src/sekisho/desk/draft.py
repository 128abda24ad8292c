"""From a plan written by a person (TOML) to a plan the gate can be asked about, and the papers that go with it.

measure = "infected-notice"
steps = ["register", "record", "match"]
lasts_days = 90                 # or: last_day = 2026-12-05, that day included
keeps_days = 30                 # left out: the term that the law of the case book sets, if it sets one
list = "lists/cc.toml"          # a watchlist, where a stream keeps only hits
consent = "per-line"            # only lines whose holder consents are ever named or written to
case = "2026-00001"             # the permits serve this case of a procedure and no other
[scope]                         # further words, where the measure has any
[[evidence]]
kind = "terms"
role = "desk"                   # who lays it in
paper = "papers/terms.md"       # its digest is the document
value = { version = "2024-04-01", text = "digest", ... }   # "digest" stands for the paper's, "today" for the day it is laid in
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sekisho.desk.watchlist import ListError, load_list
from sekisho.law.canonical import digest
from sekisho.law.casebook import Casebook
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Evidence, Plan, Regime, Role, Step, Value, VouchedBy, Voucher, nothing
from sekisho.measures.measure import Measure
from sekisho.measures.registry import EVERY

CASE = "case"
"""The word of a plan's scope that binds its permits to one case, by id or number."""
PER_LINE = "per-line"
"""The word of a scope that binds a plan to lines with a live consent, whatever case it stands on."""
KNOWN = {"measure", "steps", "lasts_days", "last_day", "keeps_days", "list", "consent", "case", "scope", "evidence", "facts"}
OF_A_PAPER = {"kind", "role", "paper", "value"}
IS_PAPER = "digest"
IS_TODAY = "today"
MOST_DAYS = 36_500


class DraftError(ValueError):
    """The plan file is wrong: `where` names the line's key, `code` says how, `said` is what stands there, `known` what could."""

    def __init__(self, where: str, code: str, said: object = "", known: Iterable[str] = ()) -> None:
        super().__init__(where, code)
        self.where = where
        self.code = code
        self.said = str(said)
        self.known = tuple(known)

    @property
    def near(self) -> str:
        """The known word that looks most like what stands there; empty if none does."""
        return next(iter(get_close_matches(self.said, self.known, 1, 0.6)), "")


@dataclass(frozen=True)
class Paper:
    """Evidence as drafted: what it says, which role lays it in, and the digest of the paper it stands on."""

    kind: str
    value: Mapping[str, Value]
    role: Role
    document: str

    def laid_in(self, purpose: str, person: str, at: datetime, kinds: Mapping[str, frozenset[VouchedBy]]) -> Evidence:
        """As evidence of a person: a document where the kind takes one, else their statement."""
        if VouchedBy.DOCUMENT in kinds.get(self.kind, frozenset()):
            return Evidence(self.kind, self.value, purpose, Voucher(VouchedBy.DOCUMENT, self.document, self.role, person), at)
        return Evidence(self.kind, self.value, purpose, Voucher(VouchedBy.STATEMENT, person, self.role), at)


@dataclass(frozen=True)
class Draft:
    """A plan and its papers."""

    plan: Plan
    papers: tuple[Paper, ...]


def read_draft(
    path: Path, *, actor: str, regime: Regime, proposer: str, day: date, now: datetime, book: Casebook | None = None
) -> Draft:
    """Read a plan file; where it says no term, the one that the law of `book` sets is compiled.

    Raises DraftError: absent, not-toml, unknown-key, unknown-measure, unknown-step, not-a-number and the like.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise DraftError(str(path), "absent") from why
    except ValueError as why:
        raise DraftError(f"{path}: {why}", "not-toml") from why
    for key in raw:
        if key not in KNOWN:
            raise DraftError(key, "unknown-key", key, sorted(KNOWN))
    measure = EVERY.get(str(raw.get("measure")))
    if measure is None:
        raise DraftError("measure", "unknown-measure", raw.get("measure", ""), sorted(EVERY))
    steps = _steps(raw.get("steps"), measure)
    plan = Plan(
        measure=measure.name,
        actor=actor,
        proposer=proposer,
        regime=regime,
        steps=steps,
        day=day,
        until=until(raw, now, book),
        scope=_scope(raw | lawful_term(raw, measure.name, steps, day, book), measure.name, steps, path.parent),
        facts=_value(raw.get("facts", {}), "facts"),
    )
    evidence = raw.get("evidence", [])
    if not isinstance(evidence, list):
        raise DraftError("evidence", "not-a-list")
    return Draft(plan, tuple(_paper(e, path.parent, day, f"evidence[{i}]") for i, e in enumerate(evidence)))


def until(raw: Mapping[str, Any], now: datetime, book: Casebook | None) -> datetime:
    """When it ends: so many days from now, or with a day of the book's country. Raises DraftError: never both, never neither."""
    if "last_day" not in raw:
        return now + timedelta(days=_days(raw, "lasts_days"))
    if "lasts_days" in raw:
        raise DraftError("last_day", "one-of-two", "", ("last_day", "lasts_days"))
    day = raw["last_day"]
    if book is None or type(day) is not date:  # a datetime is a date to isinstance
        raise DraftError("last_day", "not-a-day", day)
    try:
        ends = book.begins(day + timedelta(days=1))
    except OverflowError as why:
        raise DraftError("last_day", "not-a-day", day) from why
    if not timedelta(0) < ends - now <= timedelta(days=MOST_DAYS):
        raise DraftError("last_day", "day-is-over", day)
    return ends


def lawful_term(raw: Mapping[str, Any], measure: str, steps: Iterable[Step], day: date, book: Casebook | None) -> dict[str, int]:
    """The term the book's law sets for these steps, where the file leaves it to the law and the law sets one."""
    if book is None or "keeps_days" in raw:
        return {}
    found = {book.term(measure, s, day) for s in steps}
    (days,) = found if len(found) == 1 else (None,)
    return {} if days is None else {"keeps_days": days}


def _steps(names: object, measure: Measure) -> tuple[Step, ...]:
    """Steps the measure declares, each once."""
    declared = {s.name: s for s in measure.steps}
    if not isinstance(names, list) or not names or not all(isinstance(n, str) and n in declared for n in names):
        unknown = [str(n) for n in names if not isinstance(n, str) or n not in declared] if isinstance(names, list) else []
        raise DraftError("steps", "unknown-step", "".join(unknown[:1]), declared)
    if len(set(names)) != len(names):
        raise DraftError("steps", "unknown-step", "", declared)
    return tuple(declared[n] for n in names)


def _scope(raw: Mapping[str, Any], measure: str, steps: tuple[Step, ...], base: Path) -> Mapping[str, Value]:
    """Streams exactly as the measure declares them for these steps, kept for `keeps_days`."""
    days, names = _days(raw, "keeps_days"), {s.name for s in steps}
    listed = ""
    if "list" in raw:
        try:
            listed = load_list(_file(raw["list"], base, "list")).digest
        except ListError as why:
            raise DraftError("list", why.code) from why
    streams, rows = compiled(measure, names, days, listed)
    scope: dict[str, Value] = {"purposes": tuple(sorted({s.purpose for s in steps})), "days": days, "rows": rows, "streams": streams}
    if raw.get("consent", PER_LINE) != PER_LINE:
        raise DraftError("consent", "unknown-word", raw["consent"], [PER_LINE])
    bound = {"consent": PER_LINE} if "consent" in raw else {}
    return {**scope, **_words(raw, measure), **({"list": listed} if listed else {}), **bound, **of_case(raw)}


def _words(raw: Mapping[str, Any], measure: str) -> Mapping[str, Value]:
    """Words that this measure's scope has beside those of all measures."""
    words, known = _value(raw.get("scope", {}), "scope"), getattr(EVERY[measure], "words", ())
    for word in words:
        if word not in known:
            raise DraftError(f"scope.{word}", "unknown-key", word, known)
    return words


def of_case(raw: Mapping[str, Any]) -> dict[str, Value]:
    """The case of a procedure that the plan serves, as a word of its scope. Raises DraftError("missing")."""
    if CASE not in raw:
        return {}
    if not isinstance(raw[CASE], str) or not raw[CASE].strip():
        raise DraftError(CASE, "missing")
    return {CASE: raw[CASE]}


def compiled(measure: str, steps: Container[str], days: int, listed: str) -> tuple[Mapping[str, Value], str]:
    """The streams a measure declares for these steps, kept for so many days, and what rows survive intake."""
    streams: dict[str, Value] = {}
    rows = "all"
    for stream in EVERY[measure].streams:
        if stream.step not in steps:
            continue
        words: dict[str, Value] = {"shape": stream.shape, "rows": stream.rows, "columns": stream.columns, "term_days": days}
        if stream.rows == "hits":
            words["list"] = listed
        if stream.rows != "all":
            rows = stream.rows
        streams[stream.name] = words
    return streams, rows


def _file(named: object, base: Path, where: str) -> Path:
    if not isinstance(named, str) or not named or "\0" in named:
        raise DraftError(where, "not-a-path")
    return base / named


def _paper(raw: Any, base: Path, day: date, where: str) -> Paper:
    if not isinstance(raw, dict):
        raise DraftError(where, "not-a-table")
    for key in raw:
        if key not in OF_A_PAPER:
            raise DraftError(f"{where}.{key}", "unknown-key", key, sorted(OF_A_PAPER))
    try:
        said = {k: day.isoformat() if v == IS_TODAY else v for k, v in _value(raw["value"], f"{where}.value").items()}
        document = digest({"kind": str(raw["kind"]), "value": said})
        if "paper" in raw:
            document = hashlib.sha256(_file(raw["paper"], base, f"{where}.paper").read_bytes()).hexdigest()
        value = {k: document if v == IS_PAPER else v for k, v in said.items()}
        return Paper(str(raw["kind"]), value, Role(raw["role"]), document)
    except DraftError:
        raise
    except KeyError as why:
        raise DraftError(f"{where}.{why.args[0]}", "missing") from why
    except OSError as why:
        raise DraftError(f"{where}.paper", "absent") from why
    except (ValueError, TypeError) as why:
        raise DraftError(where, "unknown-word") from why


def _value(raw: object, where: str) -> Mapping[str, Value]:
    if not isinstance(raw, dict):
        raise DraftError(where, "not-a-table")
    if not raw:
        return nothing()
    try:
        return read(dict[str, Value], raw, where)
    except ReadingError as why:
        raise DraftError(why.path, why.code) from why


def _days(raw: Mapping[str, Any], key: str) -> int:
    days = raw.get(key)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= MOST_DAYS:
        raise DraftError(key, "not-a-number")
    return days
