"""The contractor's door, for programs: JSON in, JSON out, by the token of an admission. No cookie is looked at and none is given.

GET says what became of what was handed in, in tens; POST hands in a mailing. A person is never told of.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from sekisho.faces.web.strangers import front
from sekisho.faces.web.visit import Visit

BEARER = "bearer "
STATUS = {"unknown-token": 401, "admission-shut": 403, "row-not-in-force": 403, "too-many-today": 429, "too-large": 413, "away": 503}
ANSWERED = frozenset({"name", "announcement", "texts", "attachments", "since", "until", "training"})


async def door(visit: Visit) -> Response:
    """Raises Turned for who asks too often."""
    await front(visit)
    said = visit.request.headers.get("authorization", "")
    token = said[len(BEARER) :].strip() if said.lower().startswith(BEARER) else ""
    if not token:
        return _no("unknown-token")
    if visit.request.method != "POST":
        return _answer(await visit.desk.doors.my_mailings(token))
    try:
        asked = json.loads(await visit.request.body())
    except (ValueError, RecursionError):
        asked = None
    if visit.request.scope.get("sekisho.refused"):
        return _no(str(visit.request.scope["sekisho.refused"]))
    if not isinstance(asked, dict) or not isinstance(asked.get("to"), list) or set(asked) - ANSWERED != {"to"}:
        return _no("not-a-request", fields=sorted({"to", *ANSWERED}))
    to = [str(name)[:64] for name in asked.pop("to")]
    return _answer(await visit.desk.doors.hand_in(token, asked, to), made=201)


def _answer(found: dict[str, Any], made: int = 200) -> Response:
    error = found.get("error")
    if not isinstance(error, dict):
        return JSONResponse(found, made)
    return _no(str(error.get("code", "refused")), **{k: v for k, v in error.items() if k != "code"})


def _no(code: str, **detail: Any) -> Response:
    headers = {"www-authenticate": "Bearer"} if code == "unknown-token" else {}
    return JSONResponse({"error": {"code": code, **detail}}, STATUS.get(code, 422), headers)
