"""The console for machines: an OpenAPI 3.1 description made from its own tables of doors and pages, so that it cannot tell of others.

It holds every page's JSON under /api, what strangers may read as JSON, CSV or PDF, and the forms strangers send. Forms answer with pages:
they need the token that the form's own page carries, and no program is refused who reads it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from sekisho.faces.web.errors import TROUBLES
from sekisho.faces.web.pages import PAGES, SHOWN
from sekisho.faces.web.roles import MAY, Use
from sekisho.faces.web.sessions import COOKIE

Json = dict[str, Any]

PART = re.compile(r"\{(\w+)(?::(\w+))?\}")
TEXT: Json = {"type": "string"}
YEAR: Json = {"type": "string", "pattern": "^[0-9]{4}$"}
OBJECT: Json = {"type": "object"}
LIST: Json = {"type": "array", "items": OBJECT}
PLACES: Mapping[str, Json] = {"index": {"type": "integer", "minimum": 0, "maximum": (1 << 53) - 1}, "year": YEAR}
"""Parts of a path that are not simply an id."""
ASKED: Mapping[str, Mapping[str, Json]] = {
    "/ledger": {"start": {"type": "integer", "minimum": 0}},
    "/procedures": {"shown": {"enum": [*SHOWN]}, "q": {"type": "string", "maxLength": 200}},
    "/book": {"q": {"type": "string", "maxLength": 400}},
    "/what-if/{measure}/{step}": {"on": {"type": "string", "format": "date"}, "regime": TEXT},
}
"""What may stand behind the question mark of a page's JSON. Another word there is ignored."""
DATA: Mapping[str, tuple[str, Json]] = {
    "/openapi.json": ("application/json", OBJECT),
    "/register.json": ("application/json", OBJECT),
    "/board.json": ("application/json", OBJECT),
    "/contact.json": ("application/json", OBJECT),
    "/contact/{id}/form.pdf": ("application/pdf", TEXT),
    "/watch/{id}/key": ("application/octet-stream", TEXT),
    "/watch/{id}/{name}": ("video/mp2t", TEXT),
    "/watch/{id}/files/{number:int}": ("application/octet-stream", TEXT),
    "/transparency/{year}.csv": ("text/csv", TEXT),
    "/transparency/{year}.json": ("application/json", OBJECT),
    "/transparency/{year}/statements.json": ("application/json", LIST),
}
"""Doors of anybody that answer with data: what kind, and its form."""
FORMS: Mapping[str, tuple[str, ...]] = {
    "/contact/{id}": ("once",),
    "/case": ("number", "code"),
    "/case/add": ("number", "code", "words"),
    "/answer": ("number", "code"),
    "/answer/act": ("number", "code", "do", "choice", "words", "longer"),
    "/touched": ("number", "code"),
    "/order": ("number", "code"),
    "/order/answer": ("number", "code", "words", "undone"),
    "/opened": ("service", "record"),
    "/mail/check": ("code", "subject", "sender", "day"),
    "/mail/stop": ("code", "typed", "do"),
    "/agree/{id}": ("code", "mail", "do"),
    "/port25": ("do",),
    "/filters": ("filter", "to"),
    "/watch/{id}": ("code", "do"),
}
"""Forms of strangers: their fields beside the token. What a door of /contact asks for is in /contact.json, each named `f.` and its id."""
BY_TOKEN = ("/hand-in",)
"""Doors for programs of contractors: JSON both ways, by the token of an admission."""
WITH_FILES = frozenset({"/contact/{id}", "/case/add", "/answer/act", "/order/answer"})


def described() -> Json:
    """The whole description."""
    paths = {"/api" + ("/overview" if p.path == "/" else p.path): {"get": told(p.path, p.use, p.read.__doc__)} for p in PAGES}
    paths |= {path: {"get": public(path, kind, form)} for path, (kind, form) in DATA.items()}
    paths |= {path: {"post": sent(path, fields)} for path, fields in FORMS.items()}
    paths |= {path: {"get": handed(path, "read", "200"), "post": handed(path, "hand", "201")} for path in BY_TOKEN}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sekisho",
            "version": version("sekisho"),
            "description": "Reading only: what is done needs a person's signature, on the console or by the command line. "
            "Fields are added, never renamed; what is not described may change.",
        },
        "paths": {PART.sub(r"{\1}", path): one for path, one in sorted(paths.items())},
        "components": {
            "schemas": {"Trouble": trouble()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def told(path: str, use: Use, words: str | None) -> Json:
    """One page's JSON, and the roles it is open to."""
    statuses = {"not-your-role", "signed-out", "unknown", "refused", "host", "method", "too-long", "too-large", "away"}
    return {
        "operationId": "read-" + (path.strip("/").replace("/", "-").translate({ord(c): None for c in "{}:"}) or "overview"),
        "summary": (words or "").partition("\n")[0],
        "description": "Open to: " + ", ".join(sorted(MAY[use])) + ".",
        "security": [{"session": []}],
        "parameters": [*parts(path), *(query(name, form) for name, form in ASKED.get(path, {}).items())],
        "responses": {"200": answer("application/json", OBJECT), **troubles(statuses, "application/json", "#/components/schemas/Trouble")},
    }


def public(path: str, kind: str, form: Json) -> Json:
    statuses = {"unknown", "too-many", "refused", "host", "method", "too-long", "too-large", "away"}
    statuses |= {"no-session", "viewing-over"} if path.startswith("/watch/") else set()
    return {
        "operationId": "public" + re.sub(r"[^a-z]+", "-", path),
        "parameters": parts(path),
        "responses": {"200": answer(kind, form), **troubles(statuses, "text/html", "")},
    }


def handed(path: str, verb: str, good: str) -> Json:
    """A door of contractors: what was handed in, or a mailing to hand in."""
    words = {"to": {"type": "array", "items": TEXT}, "name": TEXT, "texts": OBJECT, "attachments": LIST, "announcement": OBJECT}
    words |= {"since": TEXT, "until": TEXT, "training": {"type": "boolean"}}
    body = {"type": "object", "properties": words, "required": ["to", "name", "texts"], "additionalProperties": False}
    asked = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}} if verb == "hand" else {}
    refused = {"description": "nothing was taken; the code says why", "content": {"application/json": {"schema": OBJECT}}}
    statuses = {"too-many", "host", "method", "too-long", "away"}
    return {
        "operationId": verb + re.sub(r"[^a-z]+", "-", path),
        "security": [{"token": []}],
        "parameters": [],
        **asked,
        "responses": {
            good: answer("application/json", OBJECT),
            **dict.fromkeys(("401", "403", "413", "422", "429"), refused),
            **troubles(statuses, "text/html", ""),
        },
    }


def sent(path: str, fields: Iterable[str]) -> Json:
    """A form of strangers. It answers with its page, refused or not; 422 and the statuses beside it say that nothing was done."""
    said = {"csrf": {"type": "string", "description": "the token in the form's page"}, **dict.fromkeys(fields, TEXT)}
    body = {"type": "object", "properties": said, "required": ["csrf"], "additionalProperties": TEXT}
    kinds = ["application/x-www-form-urlencoded", *(["multipart/form-data"] if path in WITH_FILES else [])]
    statuses = {"csrf", "unknown", "form", "too-many", "refused", "host", "method", "too-long", "too-large", "away", "unknown-or-used-code"}
    return {
        "operationId": "send" + re.sub(r"[^a-z]+", "-", path),
        "parameters": parts(path),
        "requestBody": {"required": True, "content": {kind: {"schema": body} for kind in kinds}},
        "responses": {"200": answer("text/html", TEXT), **troubles(statuses, "text/html", "")},
    }


def parts(path: str) -> list[Json]:
    return [{"name": name, "in": "path", "required": True, "schema": PLACES.get(name, TEXT)} for name, _ in PART.findall(path)]


def query(name: str, form: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": form}


def answer(kind: str, form: Json) -> Json:
    return {"description": "what was asked for", "content": {kind: {"schema": form}}}


def troubles(codes: Iterable[str], kind: str, form: str) -> Json:
    """The refusals by status, in the words of the first code that has it."""
    found = {str(TROUBLES[code].status): TROUBLES[code].title for code in sorted(codes, reverse=True)}
    schema = {"$ref": form} if form else TEXT
    return {status: {"description": title, "content": {kind: {"schema": schema}}} for status, title in sorted(found.items())}


def trouble() -> Json:
    """What every refused answer under /api looks like."""
    words = {"code": TEXT, "title": TEXT, "next": TEXT}
    error = {"type": "object", "properties": words, "required": [*words]}
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}
