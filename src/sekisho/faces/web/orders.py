"""The page on which a contractor answers an order after an incident. Its letter has the only key; loading tells nobody anything."""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.desk import Json
from sekisho.faces.web.strangers import front, line, sent, show, words
from sekisho.faces.web.visit import Visit


async def order(visit: Visit) -> Response:
    """The form for number and code; sent, the firm's own order."""
    found = await front(visit)
    if visit.request.method != "POST":
        number = visit.request.query_params.get("number", "")[:32]
        return show(visit, "order.html", found["operator"], order=None, number=number, code="", form={}, done=False)
    form = await sent(visit)
    who = line(form, "number", 32), line(form, "code", 64)
    return _shown(visit, found["operator"], who, await visit.desk.doors.my_order(*who))


async def answer(visit: Visit) -> Response:
    """The answer, with what proves it. What was refused stands in the form again."""
    found = await front(visit)
    form = await sent(visit)
    who = line(form, "number", 32), line(form, "code", 64)
    said, undone = words(form, "words"), line(form, "undone", 9)
    count = int(undone) if undone.isascii() and undone.isdigit() else None
    told = await visit.desk.doors.answer_order(*who, said, count, await strangers.files(form))
    refused, status = strangers.refusal(told)
    if not refused:
        return _shown(visit, found["operator"], who, told, done=True)
    again = await visit.desk.doors.my_order(*who)
    typed = {"words": said, "undone": undone}
    return _shown(visit, found["operator"], who, again, refused=refused, status=status, form=typed)


def _shown(visit: Visit, operator: Json, who: tuple[str, str], told: Json, **more: object) -> Response:
    refused, status = strangers.refusal(told)
    page: dict[str, object] = {"number": who[0], "code": who[1], "form": {}, "done": False, **more}
    code = page.pop("status", 200)
    if refused:
        return show(visit, "order.html", operator, status, **{**page, "order": None, "refused": refused})
    return show(visit, "order.html", operator, code if isinstance(code, int) else 200, order=told, **page)
