"""The case book: law as dated, cited data. Read strictly, valid from birth, one digest over all that decides."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sekisho.law import procedure_reader, reader, sound, walkable
from sekisho.law.canonical import digest
from sekisho.law.clocks import Calendar
from sekisho.law.duties import Duties
from sekisho.law.duties_reader import FACTS, duties
from sekisho.law.holidays import Holidays, holidays
from sekisho.law.norms import GroundTest, Norm, read_grounds, read_norms
from sekisho.law.numbering import Law, read_renumbering
from sekisho.law.owed_worked import Worked, worked
from sekisho.law.parameters import Parameter, filled, read_parameters
from sekisho.law.procedures import Procedure
from sekisho.law.tables import CasebookError, Table
from sekisho.law.words import About, Axis, AxisRule, Case, Complete, EvidenceKind, Example, Role, Step, Words

__all__ = ["Casebook", "CasebookError", "load"]

LARGEST = 1 << 20
OWED, PROCEDURES = "owed", "procedures"
REQUIRED = ("book.toml", "axes.toml", "evidence.toml")
OPTIONAL = ("norms.toml", "grounds.toml", "renumbering.toml", "parameters.toml")
SPECIAL = (*REQUIRED, "calendar.toml", *OPTIONAL)


def _empty() -> Mapping[str, Words]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Casebook:
    """All cases of one country. A book that exists is sound: no id twice, no case without conditions, every name known.

    `steps` are the declared steps by measure; `says` the words for every code of the gate; `roles` the titles of roles. `norms`
    are what the law says before a ground is asked for, `grounds` the test of each ground, `laws` how articles were numbered when,
    `parameters` the numbers that changed or are disputed, `fields` what people call the fields of evidence.
    Raises CasebookError for anything unsound.
    """

    country: str
    version: str
    axes: tuple[AxisRule, ...]
    kinds: Mapping[str, EvidenceKind]
    cases: tuple[Case, ...]
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=lambda: MappingProxyType({}))
    says: Mapping[str, Words] = field(default_factory=_empty)
    roles: Mapping[str, Words] = field(default_factory=_empty)
    examples: tuple[Example, ...] = ()
    complete: Mapping[str, Complete] = field(default_factory=lambda: MappingProxyType({}))
    utc_offset_hours: int = 9
    about: Mapping[str, About] = field(default_factory=lambda: MappingProxyType({}))
    holidays: Holidays = field(default_factory=Holidays)
    procedures: Mapping[str, Procedure] = field(default_factory=lambda: MappingProxyType({}))
    norms: tuple[Norm, ...] = ()
    grounds: tuple[GroundTest, ...] = ()
    laws: Mapping[str, Law] = field(default_factory=lambda: MappingProxyType({}))
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    owed: Duties = field(default_factory=Duties)
    worked: tuple[Worked, ...] = ()
    fields: Mapping[str, Words] = field(default_factory=_empty)

    def __post_init__(self) -> None:
        sound.kinds(self.kinds)
        sound.axes(self.axes)
        sound.cases(self.cases, self.kinds)
        walkable.procedures(self.procedures, self.steps)
        sound.parameters(self.cases, self.parameters)
        if doubled := {c.id for c in self.cases} & {r.id for r in self.owed.rules}:
            raise CasebookError("owed", min(doubled), "is the id of a case too")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides or is shown; examples are not part of it."""
        said = (self.says, self.roles, self.about, self.norms, self.grounds, self.laws, self.parameters)
        days = (self.holidays.calendar, self.holidays.names)
        rules = (self.axes, self.kinds, self.cases, self.steps)
        named = (self.fields,) if self.fields else ()
        return digest((self.country, self.version, self.utc_offset_hours, *rules, said, days, self.procedures, self.owed, *named))

    @property
    def calendar(self) -> Calendar:
        """The country's working days, for every clock."""
        return self.holidays.calendar

    def words_of(self, kind: EvidenceKind) -> Mapping[str, Words]:
        """What people call the kind's fields; none in a book that has no words for them."""
        return {name: self.fields[name] for name in kind.fields if name in self.fields}

    def about_axis(self, axis: Axis, measure: str) -> tuple[Case, ...]:
        """The cases of an axis that speak of a measure, or of every measure, in the book's order; of whatever date."""
        return self._by_axis.get((axis, measure)) or self._by_axis.get((axis, "*"), ())

    @cached_property
    def _by_axis(self) -> Mapping[tuple[Axis, str], tuple[Case, ...]]:
        pairs = {(c.axis, c.measure) for c in self.cases}
        return {(a, m): tuple(c for c in self.cases if c.axis is a and c.measure in (m, "*")) for a, m in pairs}

    @cached_property
    def rules(self) -> Mapping[str, str]:
        """By case id, SHA-256 over the case with the kinds of evidence and numbers it asks for: what a confirmation of it was given to."""
        told = ("kind", self.kinds), ("parameter", self.parameters)
        return MappingProxyType({c.id: digest((c, [[of[n] for n in _named(c, key)] for key, of in told])) for c in self.cases})

    @property
    def zone(self) -> timezone:
        """Where the book's days begin and end."""
        return timezone(timedelta(hours=self.utc_offset_hours))

    def day(self, now: datetime) -> date:
        """The day of the book's country at `now`."""
        return now.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """The first instant of a day, in UTC."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def case(self, name: str) -> Case:
        """The case of that id. Raises KeyError."""
        for case in self.cases:
            if case.id == name:
                return case
        raise KeyError(name)

    def term(self, measure: str, step: Step, day: date) -> int | None:
        """For how many days the law of that day says that what this step collects is kept; None where it leaves that to the operator."""
        for case in self.cases:
            if _speaks_of(case, measure, step, day):
                for condition in (filled(c, self.parameters, day) for c in case.conditions if c.check == "term"):
                    if isinstance(days := condition.params.get("days"), int):
                        return days
        return None

    def step(self, measure: str, name: str) -> Step | None:
        """The declared step of a measure, or None."""
        return next((s for s in self.steps.get(measure, ()) if s.name == name), None)


def _speaks_of(case: Case, measure: str, step: Step, day: date) -> bool:
    in_force = case.since <= day and (case.until is None or day < case.until)
    mine = step.kind in case.kinds if case.measure == "*" else case.measure == measure and step.name in case.steps
    return in_force and mine


def _named(case: Case, key: str) -> list[str]:
    """What the conditions of a case name under this parameter, each once."""
    return sorted({name for c in case.conditions if isinstance(name := c.params.get(key), str)})


def load(folder: Path) -> Casebook:
    """Read `book.toml`, `axes.toml`, `evidence.toml`, `calendar.toml`, those of OPTIONAL and every other TOML
    file of a country's folder.

    Files of its folder `procedures` are procedures, one each; those of `owed` say what is owed when. A country without
    `calendar.toml` has no year anybody entered; its clocks say so. A book cannot change, so files that hold the same bytes
    as when they were last read give the same book again.

    Raises CasebookError naming file, place and what to change.
    """
    return _built(tuple(_files(folder)))


def procedures_in(folder: Path) -> Mapping[str, Procedure]:
    """Every procedure of a folder, one TOML file each; none where there is no folder. Raises CasebookError."""
    return _procedures([_raw(path, f"{PROCEDURES}/{path.name}") for path in sorted(folder.glob("*.toml"))])


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of a book, the three it cannot do without first."""
    for name in REQUIRED:
        yield _raw(folder / name, name)
    pages = [path for path in sorted(folder.glob("*.toml")) if path.name not in REQUIRED]
    if all(path.name in SPECIAL for path in pages):
        raise CasebookError(str(folder), "", "holds no case file; one TOML file per measure belongs here")
    yield from (_raw(path, path.name) for path in pages)
    for below in (OWED, PROCEDURES):
        yield from (_raw(path, f"{below}/{path.name}") for path in sorted((folder / below).glob("*.toml")))


@lru_cache(maxsize=4)
def _built(files: tuple[tuple[str, bytes], ...]) -> Casebook:
    tables = {name: _parse(name, raw) for name, raw in files}
    head = reader.head(tables["book.toml"])
    pages = [_page(name, raw) for name, raw in files if "/" not in name and name not in SPECIAL]
    _once([p.measure for p in pages if p.measure != "*"], "measure")
    kinds = reader.kinds(tables["evidence.toml"])
    fields = reader.fields(tables["evidence.toml"], kinds)
    _titled(kinds, head.roles)
    _in_file("evidence.toml", sound.kinds, kinds)
    for page in pages:
        _in_file(f"{page.file}.toml", sound.cases, page.cases, kinds)
        _in_file(f"{page.file}.toml", sound.complete, page.complete, kinds)
    rules = _below(OWED, tables)
    owed = duties(rules)
    return Casebook(
        country=head.country,
        version=head.version,
        utc_offset_hours=head.utc_offset_hours,
        holidays=_holidays(tables, head.utc_offset_hours),
        owed=owed,
        worked=worked((t for t in rules if t.file != FACTS), owed),
        says=head.says,
        roles=head.roles,
        axes=reader.axes(tables["axes.toml"]),
        kinds=kinds,
        fields=fields,
        cases=tuple(c for p in pages for c in p.cases),
        steps=MappingProxyType({p.measure: p.steps for p in pages if p.measure != "*"}),
        about=MappingProxyType({p.measure: p.about for p in pages if p.about}),
        examples=tuple(e for p in pages for e in p.examples),
        complete=MappingProxyType({p.file: p.complete for p in pages}),
        procedures=_procedures((name, raw) for name, raw in files if name.startswith(f"{PROCEDURES}/")),
        norms=read_norms(_maybe("norms.toml", tables)),
        grounds=read_grounds(_maybe("grounds.toml", tables), kinds),
        laws=read_renumbering(_maybe("renumbering.toml", tables)),
        parameters=read_parameters(_maybe("parameters.toml", tables)),
    )


def _below(folder: str, tables: Mapping[str, Table]) -> list[Table]:
    return [table for name, table in tables.items() if name.startswith(f"{folder}/")]


def _holidays(tables: Mapping[str, Table], utc_offset_hours: int) -> Holidays:
    calendar = tables.get("calendar.toml")
    return holidays(calendar, utc_offset_hours) if calendar else Holidays(Calendar(utc_offset_hours=utc_offset_hours))


@lru_cache(maxsize=256)
def _page(name: str, raw: bytes) -> reader.Page:
    """A new edition changes few of its files; the others are not read again. What is handed out cannot change."""
    return reader.page(_parse(name, raw))


def _procedures(files: Iterable[tuple[str, bytes]]) -> Mapping[str, Procedure]:
    read = [_procedure(name, raw) for name, raw in files]
    return MappingProxyType({procedure.id: procedure for procedure in read})


@lru_cache(maxsize=256)
def _procedure(name: str, raw: bytes) -> Procedure:
    """The same for procedures, each sound by itself."""
    read = procedure_reader.procedure(_parse(name, raw))
    _in_file(name, walkable.procedure, read)
    return read


def _maybe(name: str, tables: Mapping[str, Table]) -> Table:
    """A small book needs no norms, renumbering or parameters; a file that is there is read as strictly as any."""
    return tables.get(name) or Table(name, "", {})


def _raw(path: Path, name: str) -> tuple[str, bytes]:
    try:
        with path.open("rb") as source:
            raw = source.read(LARGEST + 1)
    except OSError as why:
        raise CasebookError(name, "", f"cannot be read: {why.strerror}") from why
    if len(raw) > LARGEST:
        raise CasebookError(name, "", f"is larger than {LARGEST} bytes; split it")
    return name, raw


def _parse(name: str, raw: bytes) -> Table:
    try:
        return Table(name, "", _toml(raw))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise CasebookError(name, "", f"is not TOML: {why}") from why


@lru_cache(maxsize=256)
def _toml(raw: bytes) -> dict[str, Any]:
    """A new edition changes few of its files; the others are not parsed again. Nobody writes into what is handed out."""
    return tomllib.loads(raw.decode())


def _in_file(file: str, check: Callable[..., None], *told: object) -> None:
    """Run a check of the whole book on one file's part of it, so that the error can name the file."""
    try:
        check(*told)
    except CasebookError as why:
        raise CasebookError(file, why.where, why.what) from why


def _once(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CasebookError(f"{name}.toml", what, f"{name} stands in two files")
        seen.add(name)


def _titled(kinds: Mapping[str, EvidenceKind], roles: Mapping[str, Words]) -> None:
    for kind in kinds.values():
        for role in kind.roles:
            if role.value not in roles:
                raise CasebookError("book.toml", f"roles.{role.value}", "has no title")
    if unknown := roles.keys() - {r.value for r in Role}:
        raise CasebookError("book.toml", f"roles.{min(unknown)}", "is no role")
