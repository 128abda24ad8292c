"""The case book on pages: every measure, one case with the rule's words beside its checks, and what if a fact were otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams

from sekisho.faces.web import forms
from sekisho.faces.web.desk import Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.visit import Visit, checked

CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]{0,79}\Z")
WORD = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}\Z")
LONGEST = 400
REGIMES = ("TBA", "TBA-exempt", "WIRE", "RADIO")


async def book(visit: Visit) -> Json:
    """All measures; with `q`, those that somebody who says so may mean."""
    words = visit.request.query_params.get("q", "")[:LONGEST]
    return {**checked(await visit.desk.book(words)), "words": words}


async def book_case(visit: Visit) -> Json:
    name = str(visit.request.path_params["id"])
    if not CASE.match(name):
        raise Turned("unknown")
    return checked(await visit.desk.book_case(name))


async def book_measure(visit: Visit) -> Json:
    """One measure as a code of conduct: each step, why it may be lawful, and the rules to follow."""
    name = word(visit, "id")
    index = checked(await visit.desk.book(""))
    found = next((m for m in index["measures"] if m["measure"] == name), None)
    if found is None:
        raise Turned("unknown")
    cases = [checked(await visit.desk.book_case(c["id"])) for c in found["cases"]]
    return {"measure": found, "cases": cases, "general": index["general"], "version": index["version"], "country": index["country"]}


async def what_if(visit: Visit) -> Json:
    """A step with everything at hand, as the visitor changes it. Fields that cannot be read are named and left as they were."""
    asked: dict[str, Any] = {"measure": word(visit, "measure"), "step": word(visit, "step")}
    query = visit.request.query_params
    asked |= {k: query[k][:20] for k in ("on", "regime") if query.get(k)}
    whole = checked(await visit.desk.what_if(asked))
    if "asked" not in query:
        return {**whole, "wrong": {}, "regimes": REGIMES, "asked": False}
    shown = {e["kind"]: e for e in whole["evidence"]}
    wrong: dict[str, str] = {}
    there = set(query.getlist("have"))
    changed = {
        "without": sorted(k for k in query.getlist("k") if k in shown and k not in there),
        "evidence": {k: values for k, e in shown.items() if k in there and (values := told(query, e, wrong))},
        "scope": scope(query, whole["scope"], wrong),
        "confirmed": sorted(c for c in query.getlist("confirmed") if c in whole["confirmable"]),
    }
    return {**checked(await visit.desk.what_if(asked | changed)), "wrong": wrong, "regimes": REGIMES, "asked": True}


def told(query: QueryParams, evidence: Mapping[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    """What the form says of one kind of evidence."""
    found: dict[str, Any] = {}
    for field in evidence["fields"]:
        name = f"v.{evidence['kind']}.{field['name']}"
        if name in query and field["type"] in forms.READERS:
            read(query[name], field["type"], name, found, field["name"], wrong)
    return found


def scope(query: QueryParams, whole: Mapping[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    """What the form says of the plan's scope; the type of each field is that of its present value."""
    found: dict[str, Any] = {}
    for field, value in whole.items():
        kind = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "list" if isinstance(value, list) else "str"
        if f"s.{field}" in query:
            read(query[f"s.{field}"], kind, f"s.{field}", found, field, wrong)
    return found


def read(raw: str, kind: str, name: str, into: dict[str, Any], key: str, wrong: dict[str, str]) -> None:
    try:
        into[key] = forms.READERS[kind](raw)
    except forms.Wrong as why:
        wrong[name] = str(why.args[0])


def word(visit: Visit, name: str) -> str:
    """A name from the path. Raises Turned for what can be none."""
    text = str(visit.request.path_params[name])
    if not WORD.match(text):
        raise Turned("unknown")
    return text
