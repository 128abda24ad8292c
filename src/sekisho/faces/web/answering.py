"""The page of whoever was asked: what was claimed, until when to answer, and the answer itself. The code of the letter is the only key.

Loading the page tells nobody anything and starts nothing: programs open links. Only the code, typed and sent, shows the inquiry.
"""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.desk import Json
from sekisho.faces.web.strangers import front, line, sent, show, words
from sekisho.faces.web.visit import Visit


async def answer(visit: Visit) -> Response:
    """The form for number and code; sent, the inquiry with its choices."""
    found = await front(visit)
    if visit.request.method != "POST":
        number = visit.request.query_params.get("number", "")[:32]
        return show(visit, "answer.html", found["operator"], inquiry=None, number=number, code="", form={}, done="")
    form = await sent(visit)
    return await shown(visit, found["operator"], (line(form, "number", 32), line(form, "code", 64)))


async def act(visit: Visit) -> Response:
    """What the person does on the page: keep a draft, ask for more time, or answer."""
    found = await front(visit)
    form = await sent(visit)
    who = (line(form, "number", 32), line(form, "code", 64))
    what, choice, said = line(form, "do", 16), line(form, "choice", 32), words(form, "words")
    doors = visit.desk.doors
    if what == "longer":
        done = await doors.ask_longer(*who, words(form, "longer"))
    elif what == "save":
        done = await doors.save_answer(*who, choice, said)
    else:
        what = "send"
        done = await doors.send_answer(*who, choice, said, await strangers.files(form))
    refused, status = strangers.refusal(done)
    typed: Json = {"choice": choice, "words": said, "longer": words(form, "longer")} if refused else {}
    return await shown(visit, found["operator"], who, refused=refused, status=status, form=typed, done="" if refused else what)


async def shown(visit: Visit, operator: Json, who: tuple[str, str], **values: object) -> Response:
    """The inquiry as it stands now."""
    inquiry = await visit.desk.doors.open_inquiry(*who)
    refused, status = strangers.refusal(inquiry)
    page: dict[str, object] = {"number": who[0], "code": who[1], "form": {}, "done": "", **values}
    code = page.pop("status", 200)
    if refused:
        return show(visit, "answer.html", operator, status, **{**page, "inquiry": None, "refused": refused})
    return show(visit, "answer.html", operator, code if isinstance(code, int) else 200, inquiry=inquiry, **page)
