"""The help desk lets a caller's mail account send again: the number of the notice, a reason, and the statement to sign."""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web import forms
from sekisho.faces.web.actions import lay
from sekisho.faces.web.visit import Visit


async def restoring(visit: Visit) -> Response:
    """The number that the caller reads out, and why; sent, the statement to sign."""
    if visit.request.method != "POST":
        return visit.page("sender_restore.html", form={}, wrong={})
    form = await visit.form()
    said, wrong = forms.read({"code": "str", "words": "str"}, form)
    if wrong:
        return visit.page("sender_restore.html", 422, form=form, wrong=wrong)
    return await lay(visit, "sender-restoring", {"code": said["code"], "reason": said["words"]}, "/mailserver")
