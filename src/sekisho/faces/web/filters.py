"""Filters of a line: the page of whoever sits behind it, with what each filter refuses and its switch; bandwidth control has one too.

It knows the line by the address the request came from. Nobody is asked for a name, an account or a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked
from sekisho.faces.words.filter import names_words, shape_words, words

NAME = "name"
"""Who comes from a name that was filtered comes with this word; which name it was, nobody is told."""


async def mine(visit: Visit) -> Response:
    """Which filters there are for this line; sent, one of them is switched off or on."""
    found = await front(visit)
    address = visit.request.client.host if visit.request.client else ""
    answer, permit, status, refused = dict[str, Any](), "", 200, ""
    if visit.request.method == "POST":
        form = await sent(visit)
        permit = line(form, "filter")
        answer = await visit.desk.doors.throw_my_switch(address, permit, line(form, "to"))
        refused, status = strangers.refusal(answer)
    stands = checked(await visit.desk.doors.my_filters(address))
    for one in stands["filters"]:
        one["names"], one["shapes"] = "categories" in one, "shape" in one
        one["said"] = _said(one, visit.language)
    came = NAME in visit.request.query_params
    shaped = any(one["shapes"] and one["permit"] == permit for one in stands["filters"])
    values = {"stands": stands, "thrown": answer.get("to", ""), "shaped": shaped, "refused": refused, "came": came}
    return show(visit, "filters.html", found["operator"], status, **values)


def _said(one: Mapping[str, Any], language: str) -> tuple[str, list[str]]:
    """What it does, in the words of its kind."""
    if one["shapes"]:
        return shape_words(one["shape"], language)
    return names_words(one, language) if one["names"] else words(one["classes"], language)
