"""What the public pages share: their language, their forms, their files, and what is said when something is refused.

Nothing here needs a sign-in or a script. What is wrong is said on the page where it was typed, with everything still in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from sekisho.faces.web import i18n
from sekisho.faces.web.actions import attempt
from sekisho.faces.web.desk import Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.visit import Visit, checked

MOST_FILES = 4
ANSWERED = {"unknown-code": 404, "case-file-gone": 410, "case-closed": 409, "already-answered": 409, "too-many-claims": 429}
LOST = frozenset({"unknown-door", "away"})


async def front(visit: Visit) -> Json:
    """The doors and who the operator is; the language of the address, where it names one. Raises Turned for who asks too often."""
    client = visit.request.client
    if not visit.console.readers.turn(client.host if client else ""):
        raise Turned("too-many")
    chosen = visit.request.query_params.get("lang", "")
    if chosen in i18n.LANGUAGES:
        visit.language = chosen
    return checked(await visit.desk.doors.doors())


async def sent(visit: Visit) -> FormData:
    """A form a stranger sent: its token checked, its author counted."""
    attempt(visit)
    return await visit.form(files=MOST_FILES)


def show(visit: Visit, template: str, operator: Mapping[str, Any], status: int = 200, **values: Any) -> Response:
    """A public page. `refused` is the code of what was refused, if anything was."""
    return visit.page(template, status, operator=operator, **{"refused": "", "wrong": {}, **values})


def refusal(answer: Json) -> tuple[str, int]:
    """The code of a refused answer and its status; ("", 200) for one that is not. Raises Turned where no form can help."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return "", 200
    code = str(error.get("code", "refused"))
    if code in LOST:
        raise Turned(code)
    return code, ANSWERED.get(code, 422)


def lacking(answer: Json) -> dict[str, str]:
    """What is wrong with which field, as `keep` said it: codes of the table `wrong`."""
    found = answer.get("error", {}).get("lacks", [])
    return {str(x["name"]): "empty" if x["code"] in ("fact-missing", "pledge-missing") else "letters" for x in found}


def line(form: Mapping[str, Any], name: str, most: int = 128) -> str:
    """One short field, cut."""
    value = form.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def words(form: Mapping[str, Any], name: str) -> str:
    """Several lines, as they were typed."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


async def files(form: FormData) -> list[Json]:
    """Every file that was chosen; its field says which paper it is. A field left empty is none."""
    found: list[Json] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and name.startswith("file.") and (value.filename or value.size):
            content = await value.read()
            found.append({"paper": name.removeprefix("file."), "name": (value.filename or "")[:255], "content": content})
    return found
