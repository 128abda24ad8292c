"""JSON Schemas (2020-12) of everything an operator writes and everything the gate says: made from the book and from the words of the law.

Ids are stable: `sekisho:schema/plan/1`, `sekisho:schema/evidence/terms/1`. The number rises, in VERSIONS, when a form changes so that an
old value no longer fits.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sekisho.desk.asking.question import OF_A_STEP, OF_A_VOUCHER
from sekisho.desk.draft import MOST_DAYS, DraftError
from sekisho.gate.answers import AxisAnswer, Missing, Outcome, Tried
from sekisho.gate.people import Approval, Confirmation
from sekisho.gate.permit import Permit
from sekisho.law.casebook import Casebook
from sekisho.law.duties import Field
from sekisho.law.words import Case, Duty, Evidence, EvidenceKind, Plan, Regime, Role, Step, VouchedBy, Voucher, Words

Json = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAMES = ("plan", "proposal", "evidence", "facts", "permit", "decision", "approval", "confirmation", "case")
VERSIONS: Mapping[str, int] = types.MappingProxyType({})
"""By name (`plan`, `evidence/terms`), where it is no longer 1."""

DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$",
}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TEXT = {"type": "string", "pattern": r"\S"}
SENTENCE = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "minLength": 1}}
FIELD: Mapping[str, Json] = types.MappingProxyType(
    {
        "str": TEXT,
        "int": {"type": "integer"},
        "bool": {"type": "boolean"},
        "day": DAY,
        "digest": DIGEST,
        "list": {"type": "array", "minItems": 1},
        "words": SENTENCE,
    }
)
SCALARS: Mapping[Any, Json] = types.MappingProxyType(
    {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        date: DAY,
        datetime: MOMENT,
        timedelta: {"type": "string", "pattern": r"^PT-?\d{1,12}S$"},
        bytes: {"type": "string", "pattern": "^([0-9a-f]{2})*$"},
    }
)


@dataclass(frozen=True)
class Wanted:
    """One form by its name: one of NAMES, or a kind of evidence. Empty: the list of all."""

    name: str
    book: Casebook


def carry_out(wanted: Wanted) -> Json:
    """The schema. Raises DraftError for a name nobody knows."""
    book, name = wanted.book, wanted.name.removeprefix("evidence/")
    if not wanted.name:
        return {"schemas": listed(book)}
    if name in book.kinds:
        return _headed(f"evidence/{name}", evidence(book.kinds[name]))
    made: Mapping[str, Callable[[], Json]] = {
        "plan": lambda: plan_file(book),
        "proposal": lambda: of(Plan),
        "evidence": lambda: {"oneOf": [evidence(kind) for kind in book.kinds.values()]},
        "facts": lambda: facts(book),
        "permit": lambda: of(Permit),
        "decision": decision,
        "approval": lambda: of(Approval),
        "confirmation": lambda: of(Confirmation),
        "case": lambda: of(Case),
    }
    if name not in made:
        raise DraftError("schema", "unknown-schema", wanted.name, (*NAMES, *sorted(book.kinds)))
    return _headed(name, made[name]())


def listed(book: Casebook) -> list[Json]:
    """Every schema there is: name, id, and for evidence its title, vouchers and roles."""
    plain = [{"name": name, "id": identity(name)} for name in NAMES]
    return plain + [{"name": kind.name, "id": identity(f"evidence/{kind.name}"), **_about(kind)} for kind in book.kinds.values()]


def identity(name: str) -> str:
    return f"sekisho:schema/{name}/{VERSIONS.get(name, 1)}"


def _headed(name: str, schema: Json) -> Json:
    return {"$schema": DRAFT, "$id": identity(name), **schema}


def _about(kind: EvidenceKind) -> Json:
    """What the book says of a kind beside its fields: annotations, which a validator passes over."""
    said: Json = {"title": " / ".join(kind.title[k] for k in ("ja", "en") if k in kind.title)}
    said["x-title"] = dict(kind.title)
    said["x-vouchers"], said["x-roles"] = sorted(kind.vouchers), sorted(kind.roles)
    if kind.probes:
        said["x-probes"] = sorted(kind.probes)
    if kind.fresh is not None:
        said["x-fresh-hours"] = kind.fresh // timedelta(hours=1)
    return said


def evidence(kind: EvidenceKind) -> Json:
    """A piece of evidence of one kind, as it is signed: its fields, who may vouch, and how."""
    found = of(Evidence)
    found["properties"]["kind"] = {"const": kind.name}
    found["properties"]["value"] = value_of(kind)
    found["properties"]["voucher"] = {"oneOf": [_voucher(by, kind) for by in sorted(kind.vouchers)]}
    return {**_about(kind), **found}


def value_of(kind: EvidenceKind) -> Json:
    """Every field, and no other."""
    properties = {name: FIELD[type_] for name, type_ in kind.fields.items()}
    return {"type": "object", "properties": properties, "required": sorted(properties), "additionalProperties": False}


def _voucher(by: VouchedBy, kind: EvidenceKind) -> Json:
    found = of(Voucher)
    found["properties"]["by"] = {"const": by.value}
    found["required"] = ["by", "who"]
    if by is VouchedBy.PROBE:
        found["properties"]["who"] = {"enum": sorted(kind.probes)}
        return found
    found["properties"]["who"] = DIGEST if by is VouchedBy.DOCUMENT else TEXT
    found["properties"]["role"] = {"enum": sorted(kind.roles)}
    found["required"] += ["role", "person"] if by is VouchedBy.DOCUMENT else ["role"]
    return found


def plan_file(book: Casebook) -> Json:
    """What `sekisho decide` reads, as JSON gives it: a day is its text."""
    step = of(Step)
    step["required"] = sorted(set(OF_A_STEP) - {"audience"})
    days = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
    return {
        "type": "object",
        "properties": {
            "measure": {"type": "string", "minLength": 1},
            "new": {"type": "boolean"},
            "steps": {"type": "array", "minItems": 1, "items": {"oneOf": [{"type": "string", "minLength": 1}, step]}},
            "regime": _enum(Regime),
            "on": DAY,
            "actor": TEXT,
            "lasts_days": days,
            "last_day": DAY,
            "keeps_days": days,
            "list": {"type": "string", "minLength": 1},
            "consent": {"const": "per-line"},
            "confirmed": {"type": "array", "items": {"enum": [c.id for c in book.cases]}},
            "case": {"type": "string", "minLength": 1},
            "scope": {"type": "object"},
            "facts": {"type": "object"},
            "dossier": {"type": "object"},
            "evidence": {"type": "array", "items": {"oneOf": [_laid_in(kind) for kind in book.kinds.values()]}},
        },
        "required": ["measure", "steps"],
        "not": {"required": ["lasts_days", "last_day"]},
        "additionalProperties": False,
        "if": {"properties": {"new": {"const": True}}, "required": ["new"]},
        "then": {"properties": {"steps": {"items": {"type": "object"}}}},
        "else": {"properties": {"measure": {"enum": sorted(book.steps)}}},
        "$comment": f"case book {book.country} {book.version}",
    }


def _laid_in(kind: EvidenceKind) -> Json:
    """Evidence as a plan file writes it; the words `digest` and `today` stand for what is not known yet."""
    value = value_of(kind)
    stands_for = {"digest": {"enum": ["digest"]}, "day": {"enum": ["today"]}}
    for name, type_ in kind.fields.items():
        if type_ in stands_for:
            value["properties"][name] = {"anyOf": [FIELD[type_], stands_for[type_]]}
    voucher = {key: {"type": "string", "minLength": 1} for key in OF_A_VOUCHER}
    voucher["by"] = _enum(VouchedBy)
    return {
        **_about(kind),
        "type": "object",
        "properties": {
            "kind": {"const": kind.name},
            "value": value,
            "role": _enum(Role),
            "paper": {"type": "string", "minLength": 1},
            "vouched": {"type": "object", "properties": voucher, "additionalProperties": False},
            "purpose": {"oneOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT}]},
            "day": DAY,
        },
        "required": ["kind", "value"],
        "anyOf": [{"required": ["role"]}, {"required": ["vouched"]}],
        "additionalProperties": False,
    }


def facts(book: Casebook) -> Json:
    """What `sekisho owed` reads: who the operator is, and what happened."""
    rules = book.owed
    operator = {"regime": _enum(Regime), "roles": {"type": "array", "items": {"enum": sorted(rules.roles)}}}
    events = []
    for kind in rules.kinds.values():
        said = {"kind": {"const": kind.name}, "name": TEXT, **{name: _fact(field) for name, field in kind.fields.items()}}
        title = " / ".join(kind.title[k] for k in ("ja", "en") if k in kind.title)
        events.append({"title": title, "type": "object", "properties": said, "required": ["kind"], "additionalProperties": False})
    return {
        "type": "object",
        "properties": {
            "operator": {"type": "object", "properties": operator, "additionalProperties": False},
            "event": {"type": "array", "minItems": 1, "items": {"oneOf": events}},
        },
        "required": ["event"],
        "additionalProperties": False,
    }


def _fact(field: Field) -> Json:
    if field.type == "day":
        return {"anyOf": [DAY, {"const": "not-yet"}]}
    if field.type == "int":
        return {"type": "integer", "minimum": 0}
    if field.among:
        return {"enum": list(field.among)}
    return dict(FIELD[field.type])


def decision() -> Json:
    """One step's answer, as `decide`, `explain` and the API say it."""
    words = {"oneOf": [SENTENCE, {"type": "null"}]}
    who = {"type": "array", "items": _open({"role": _enum(Role), "words": {"type": "object"}})}
    checked = _open({"condition": TEXT, "words": SENTENCE, "answer": {"enum": ["met", "unmet", "ask"]}})
    tried, axis, missing = of(Tried), of(AxisAnswer), of(Missing)
    for part in (tried, axis, missing):
        part["additionalProperties"] = True
        part["required"] = [name for name in part["required"] if name not in ("norms", "instead")]
    tried["properties"]["checked"] = {"type": "array", "items": checked}
    axis["properties"] |= {"tried": {"type": "array", "items": tried}, "norms": {"type": "array"}}
    missing["properties"] |= {"who": who, "why_words": words, "kind": {"type": ["object", "null"]}}
    return _open(
        {
            "step": of(Step),
            "on": DAY,
            "outcome": _enum(Outcome),
            "axes": {"type": "array", "items": axis},
            "missing": {"type": "array", "items": missing},
            "duties": {"type": "array", "items": of(Duty)},
            "ends": MOMENT,
            "signatures": {"type": "integer", "minimum": 0},
            "cases": {"type": "array", "items": TEXT},
            "book": DIGEST,
        }
    )


def _open(properties: Json) -> Json:
    """An object with at least these."""
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _enum(enum: type[Enum]) -> Json:
    return {"enum": [e.value for e in enum]}


def of(kind: Any) -> Json:
    """The schema of one of our types, as canonical JSON spells it."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Words or kind == Words:
        return dict(SENTENCE)
    if origin is typing.Union or origin is types.UnionType:
        return _choice(inner)
    if origin is tuple:
        return {"type": "array", "items": of(inner[0])}
    if origin is frozenset:
        return {"type": "array", "items": of(inner[0]), "uniqueItems": True}
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": of(inner[1])}
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    return dict(SCALARS.get(kind, {}))


def _choice(inner: tuple[Any, ...]) -> Json:
    """A type or nothing; anything else of many is a free value."""
    known = [k for k in inner if k is not type(None)]
    if len(known) != 1:
        return {}
    return {"oneOf": [of(known[0]), {"type": "null"}]}


def _dataclass(kind: type[Any]) -> Json:
    hints = typing.get_type_hints(kind)
    required = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    properties = {f.name: of(hints[f.name]) for f in fields(kind)}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
