"""Forms into evidence. The case book says which fields a kind has and of what type; what does not fit is named, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sekisho.law.procedures import BLANK

TEXT_CHARS = 4000
LIST_LINES = 1000
DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class Wrong(ValueError):
    """A field does not hold what its type asks; `args[0]` is a code of the table `wrong`."""


def text(raw: str) -> str:
    value = raw.strip()
    if not value:
        raise Wrong("empty")
    if len(value) > TEXT_CHARS:
        raise Wrong("long")
    if BLANK.search(value):
        raise Wrong("blank")
    return value


def whole(raw: str) -> int:
    value = text(raw)
    if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
        raise Wrong("int")
    return int(value)


def truth(raw: str) -> bool:
    value = text(raw)
    if value not in ("yes", "no"):
        raise Wrong("bool")
    return value == "yes"


def calendar(raw: str) -> str:
    value = text(raw)
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Wrong("day") from None


def hexadecimal(raw: str) -> str:
    value = text(raw)
    if not DIGEST.match(value):
        raise Wrong("digest")
    return value


def lines(raw: str) -> list[str]:
    value = [line.strip() for line in raw.splitlines() if line.strip()]
    if not value:
        raise Wrong("empty")
    if len(value) > LIST_LINES or any(len(line) > TEXT_CHARS for line in value):
        raise Wrong("long")
    return value


READERS: Mapping[str, Callable[[str], Any]] = {
    "str": text,
    "int": whole,
    "bool": truth,
    "day": calendar,
    "digest": hexadecimal,
    "list": lines,
}


CASE_READERS: Mapping[str, Callable[[str], Any]] = {**READERS, "text": text, "choice": text, "data": lines}


def inputs(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """The form's inputs for the fields of a kind: (name, type); words become one input per language."""
    found: list[tuple[str, str]] = []
    for name, kind in fields.items():
        found += [(f"{name}.ja", "str"), (f"{name}.en", "str")] if kind == "words" else [(name, kind)]
    return found


def read(fields: Mapping[str, str], form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The value of a kind's fields, and what is wrong with which input (codes of the table `wrong`)."""
    value: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, kind in inputs(fields):
        raw = form.get(f"f.{name}")
        try:
            found = READERS.get(kind, text)(raw if isinstance(raw, str) else "")
        except Wrong as reason:
            wrong[name] = str(reason.args[0])
            continue
        whole_name, dot, language = name.partition(".")
        if dot:
            value.setdefault(whole_name, {})[language] = found
        else:
            value[name] = found
    return value, wrong


def facts(fields: Sequence[Mapping[str, Any]], form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts of a case's form, those that may be left out only where they were told, and what is wrong with which."""
    value: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        if field["type"] in ("choices", "items"):
            _several(field, form, value, wrong)
            continue
        raw = form.get(f"f.{field['id']}")
        text_ = raw.replace("\r\n", "\n") if isinstance(raw, str) else ""
        if not text_.strip() and not field["must"]:
            continue
        try:
            value[field["id"]] = CASE_READERS[field["type"]](text_)
        except Wrong as reason:
            wrong[field["id"]] = str(reason.args[0])
    return value, wrong


def _several(field: Mapping[str, Any], form: Mapping[str, Any], value: dict[str, Any], wrong: dict[str, str]) -> None:
    """One box, or one line, for each choice: what was ticked, or `choice=value` where something was written."""
    name = field["id"]
    told = {choice: raw for choice in field["choices"] if isinstance(raw := form.get(f"f.{name}.{choice}"), str) and raw.strip()}
    try:
        found = [choice if field["type"] == "choices" else f"{choice}={text(raw)}" for choice, raw in told.items()]
    except Wrong as reason:
        wrong[name] = str(reason.args[0])
        return
    if found:
        value[name] = found
    elif field["must"]:
        wrong[name] = "empty"


def sampled(fields: Sequence[Mapping[str, Any]], today: date, language: str) -> dict[str, str]:
    """A case's form filled in with the samples of its table, as a visitor of a demo would have typed it; days are today's."""
    return typed((f, today.isoformat() if f["type"] == "day" else sample(f, language)) for f in fields)


def sample(field: Mapping[str, Any], language: str) -> Any:
    """The sample of a fact, in the language of the page where it has one for each."""
    found = field["sample"]
    return found[language] if isinstance(found, Mapping) else found


def typed(told: Iterable[tuple[Mapping[str, Any], Any]]) -> dict[str, str]:
    """Facts and their values, as they stand in a form: what has choices is one input for each."""
    found: dict[str, str] = {}
    for field, value in told:
        if field["type"] in ("choices", "items"):
            for choice, _, said in (str(v).partition("=") for v in value):
                found[f"f.{field['id']}.{choice}"] = said or "yes"
        else:
            found |= filled({"example": {field["id"]: value}})
    return found


def filled(kind: Mapping[str, Any]) -> dict[str, str]:
    """A form filled in with a kind's example, as a visitor would have typed it; empty where it has none."""
    found: dict[str, str] = {}
    for name, value in kind.get("example", {}).items():
        if isinstance(value, Mapping):
            found |= {f"f.{name}.{language}": str(said) for language, said in value.items()}
        elif isinstance(value, bool):
            found[f"f.{name}"] = "yes" if value else "no"
        elif isinstance(value, list | tuple):
            found[f"f.{name}"] = "\n".join(str(v) for v in value)
        else:
            found[f"f.{name}"] = str(value)
    return found | ({"document": str(kind["example_document"])} if kind.get("example_document") else {})


def term(raw: Any, today: date, required: bool) -> str | None:
    """A day after today and at most a year away; None when it may be left out and is."""
    if not required and not (isinstance(raw, str) and raw.strip()):
        return None
    value = date.fromisoformat(calendar(raw if isinstance(raw, str) else ""))
    if value <= today:
        raise Wrong("past")
    if value > today + timedelta(days=365):
        raise Wrong("year")
    return value.isoformat()
