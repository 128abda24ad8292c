"""What people do with envelopes on the console: each action becomes a statement that is shown, signed, and handed to `keep`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import forms, pages
from sekisho.faces.web.actions import lay
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.visit import Visit

LIVES = ("waiting", "in-force")


async def one(visit: Visit) -> Mapping[str, Any]:
    """The envelope of the path. Raises Turned."""
    return pages.one(await visit.desk.envelopes(), "id", pages.identifier(visit))


async def living(visit: Visit) -> Mapping[str, Any]:
    """The same, if something can still be made in it. Raises Turned."""
    envelope = await one(visit)
    if envelope["state"] not in LIVES:
        raise Turned(f"envelope-{envelope['state']}", envelope=envelope["id"])
    return envelope


async def approve(visit: Visit) -> Response:
    """What the envelope allows, and the approval of exactly that."""
    envelope = await living(visit)
    fields = {"envelope": envelope["id"], "shown": envelope["shown"]}
    return await lay(visit, "envelope-approval", fields, "/envelopes", envelope=envelope)


async def revoke(visit: Visit) -> Response:
    """End an envelope now, and with it every permit made in it."""
    envelope = await living(visit)
    said = await words(visit, "envelope_revoke.html", envelope=envelope)
    if isinstance(said, Response):
        return said
    return await lay(visit, "revocation", {"envelope": envelope["id"], "reason": said}, "/envelopes", envelope=envelope)


async def review(visit: Visit) -> Response:
    """What a reviewer found about one use: what was signed for, and what was done."""
    envelope = await one(visit)
    use = pages.one(envelope["uses"], "id", pages.identifier(visit, "use"))
    if use["review"] is not None:
        raise Turned("reviewed-already", use=use["id"])
    if use["by"] == visit.person["id"]:
        raise Turned("user-never-reviews")
    said = await words(visit, "envelope_review.html", envelope=envelope, use=use)
    if isinstance(said, Response):
        return said
    return await lay(visit, "use-review", {"use": use["id"], "words": said}, "/envelopes", envelope=envelope)


async def words(visit: Visit, template: str, **shown: Any) -> str | Response:
    """What somebody wrote; the page of the form while they have not."""
    if visit.request.method != "POST":
        return visit.page(template, form={}, wrong={}, **shown)
    form = await visit.form()
    said, wrong = forms.read({"words": "str"}, form)
    return visit.page(template, 422, form=form, wrong=wrong, **shown) if wrong else str(said["words"])
