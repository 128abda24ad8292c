"""Filters of a line: the page of whoever sits behind it, with what each filter refuses and its switch.

It knows the line by the address the request came from. Nobody is asked for a name, an account or a reason.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sekisho.faces.said_filter import names_words, words
from sekisho.faces.web import strangers
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

NAME = "name"
"""Who comes from a name that was filtered comes with this word; which name it was, nobody is told."""


async def mine(visit: Visit) -> Response:
    """Which filters there are for this line; sent, one of them is switched off or on."""
    found = await front(visit)
    address = visit.request.client.host if visit.request.client else ""
    answer, status, refused = dict[str, Any](), 200, ""
    if visit.request.method == "POST":
        form = await sent(visit)
        answer = await visit.desk.doors.throw_my_switch(address, line(form, "filter"), line(form, "to"))
        refused, status = strangers.refusal(answer)
    stands = checked(await visit.desk.doors.my_filters(address))
    for one in stands["filters"]:
        one["names"] = "categories" in one
        one["said"] = words(one["classes"], visit.language) if not one["names"] else names_words(one, visit.language)
    came = NAME in visit.request.query_params
    values = {"stands": stands, "thrown": answer.get("to", ""), "refused": refused, "came": came}
    return show(visit, "filters.html", found["operator"], status, **values)
