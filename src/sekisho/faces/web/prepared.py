"""Prepared texts beside the fields for reasons: picked by a button that sends the whole form, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sekisho.faces.web import forms
from sekisho.faces.web.visit import Visit, checked

FREE = frozenset({"str", "text"})


async def offered(visit: Visit, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What may be picked, filled in from the case and from what the form was told; {"texts": []} where nothing is free text."""
    button, case = shown["button"], shown["case"]
    if not any(f["type"] in FREE for f in button["facts"]):
        return {"texts": []}
    told = forms.facts(button["facts"], await visit.form())[0] if visit.request.method == "POST" else {}
    return checked(await visit.desk.cases.prepared(case["id"], button["id"], told))


async def picked(visit: Visit, shown: Mapping[str, Any], fact: object) -> dict[str, Any]:
    """The form as it was sent, with the text that was picked for the fact: after what somebody wrote there, in place of what nobody did."""
    form = dict(await visit.form())
    field = next((f for f in shown["button"]["facts"] if f["id"] == fact), None)
    texts = [t for t in shown["offered"]["texts"] if t["fact"] == fact]
    wanted = next((t for t in texts if t["text"] == form.get(f"prepared.{fact}")), None)
    if field is None or wanted is None:
        return form
    old = str(form.get(f"f.{fact}", "")).replace("\r\n", "\n").strip()
    unwritten = {"", *(t["said"] for t in texts), *([forms.sample(field, visit.language)] if visit.console.settings.demo else [])}
    between = " " if field["type"] == "str" else "\n\n"
    return form | {f"f.{fact}": wanted["said"] if old in unwritten else f"{old}{between}{wanted['said']}"}
