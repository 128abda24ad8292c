"""An open question in one office: an invitation that was approved, and the permit under which codes go out to whoever asks."""

from __future__ import annotations

from typing import Any

from tests.desk.inviting import SENDER
from tests.desk.office import Office

BROWSER = "b" * 43


def may_answer(office: Office) -> str:
    """A living permit to send codes: proposed, its papers laid in, its text adopted, approved; the permit."""
    office.watch.wind(seconds=1)
    plan = office.propose("asked-code")
    office.supply(plan, "asked-code")
    office.adopt(plan, "asked-code")
    (permit,) = office.approve(plan, "reviewer-a")
    return permit


def ask(office: Office, question: str, mail: str, **changed: Any) -> dict[str, Any]:
    told = {"question": question, "mail": mail, "language": "ja", "browser": BROWSER, "sender": SENDER, **changed}
    return dict(office.channel("show").call("ask-code", **told))
