"""Held mails of masked talks: a named person reads one, and says what becomes of it. Nothing is passed on as it came.

What is read is shown once, to who signed for it, and lies nowhere in this process afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.faces.web.actions import FATES, lay
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.pages import identifier, one
from sekisho.faces.web.strangers import line
from sekisho.faces.web.visit import Visit
from sekisho.law.talk import MOST_LINES, Fate, State

BACK = "/talks"


async def _held(visit: Visit) -> Mapping[str, Any]:
    found = one(await visit.desk.held_mails(), "id", identifier(visit))
    if found["state"] != State.HELD.value:
        raise Turned("not-held", mail=found["id"])
    return found


async def read(visit: Visit) -> Response:
    """The statement to sign; signed, the page with the words."""
    found = await _held(visit)
    return await lay(visit, "held-mail-reading", {"mail": found["id"]}, BACK)


async def settle(visit: Visit) -> Response:
    """What becomes of it; sent, the statement to sign."""
    found = await _held(visit)
    if visit.request.method != "POST":
        return visit.page("talk_settle.html", mail=found, fates=FATES, form={}, wrong={})
    form = await visit.form()
    fate, without = line(form, "fate"), numbers(line(form, "without"))
    wrong = {**({} if fate in FATES else {"fate": "empty"}), **({"without": "lines"} if without is None else {})}
    if without and fate in FATES and fate != Fate.RELEASE.value:
        wrong["without"] = "only-released"
    if wrong:
        return visit.page("talk_settle.html", 422, mail=found, fates=FATES, form=form, wrong=wrong)
    return await lay(visit, "held-mail-settling", {"mail": found["id"], "fate": fate, "without": without}, BACK)


def numbers(said: str) -> list[int] | None:
    """Lines as typed ("2, 5"); None for anything that is none."""
    typed = [word.strip() for word in said.replace("、", ",").split(",") if word.strip()]
    if len(typed) > MOST_LINES or not all(word.isascii() and word.isdecimal() and len(word) <= 6 and int(word) for word in typed):
        return None
    return sorted({int(word) for word in typed})
