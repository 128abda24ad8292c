"""An open question in one office: an invitation that was approved, and the permit under which codes go out to whoever asks."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sekisho.desk.flows import carry_out
from sekisho.desk.flows.order import Waiting
from sekisho.law.reading import read
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


def act(office: Office) -> list[str]:
    """What `act` does with the orders that wait; how each ended."""
    outside, ended = office.outside("act"), []
    for order in outside.keep.call("orders"):
        waiting = read(Waiting, order)
        with ThreadPoolExecutor(1) as beside:  # a browser's own loop may run in this thread
            done = beside.submit(asyncio.run, carry_out.carry_out(outside, carry_out.CarryOut(waiting))).result(60)
        outside.keep.call("done", order=waiting.id, outcome=done.outcome, reply=done.reply)
        ended.append(done.outcome)
    return ended
