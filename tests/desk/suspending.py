"""A customer's case, walked as far as a test wants: warned, heard, suspended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.law.words import Value
from tests.desk.caseload import Caseload

ACCOUNT = "saburo@isp.example"
GROUNDED: Mapping[str, Value] = {
    "terms_version": "2024-04-01",
    "terms_day": "2024-04-01",
    "terms_for": ("suspension",),
    "clause_fair": True,
    "purpose_shown": "2024-04-01",
    "basis": "permit-0000000000000001",
    "basis_for": ("suspension",),
    "basis_lawful": True,
}
PROPOSED: Mapping[str, Value] = {
    "alike": "every-line-found",
    "like_cases": "同じ量の送信4件を同じ期間停止した。",
    "milder": "送信数の制限では足りなかった。",
    "chosen_by": ("breach-of-terms",),
    "decision_reason": "警告の後も続いた。",
    "back_to": "お客様相談室",
    "back_days": 30,
    "back_when": "端末の対処が済んだとき。",
    "back_open": True,
}
URGENT: Mapping[str, Value] = {"urgent_why": "毎分千通を超えている。", "endangers": ("property",), "urgent_now": True, **PROPOSED}
WRONG: Mapping[str, Value] = {"restored_because": "wrong", "restored_reason": "似た名前の別の契約者の送信でした。お詫びします。"}


@dataclass
class Suspending:
    """The office's people at such cases."""

    load: Caseload

    def grounded(self, account: str = ACCOUNT, **more: Value) -> str:
        load = self.load
        opening = {"customer": "見本 三郎", "account": account, "breach": "bulk-mail", "what_happened": "毎日2万通を超えた。"}
        matter = load.open("suspension", {**opening, "received_on": load.today(), "language": "ja"})
        for paper in ("terms", "privacy-notice", "basis"):
            load.attach(matter, paper)
        load.move(matter, "ground", {**GROUNDED, **more}, who="desk")
        return matter

    def warned(self, account: str = ACCOUNT) -> str:
        matter = self.grounded(account)
        self.load.move(matter, "warn", {"warned_on": self.load.today(), "term_days": 7}, who="desk")
        self.load.attach(matter, "warning-copy")
        return matter

    def heard(self, account: str = ACCOUNT) -> str:
        load, matter = self.load, self.warned(account)
        load.office.watch.wind(days=8)
        load.move(matter, "went-on", {"went_on": True}, who="desk")
        load.move(matter, "ask", {"asked_on": load.today()}, who="desk")
        load.attach(matter, "answer")
        load.move(matter, "answered", {"answer_says": "送っていません。"}, who="desk")
        return matter

    def proposed(self, account: str = ACCOUNT, **more: Value) -> str:
        matter = self.heard(account)
        self.load.move(matter, "propose-suspend", {**PROPOSED, **more}, who="desk")
        return matter

    def suspended(self, account: str = ACCOUNT) -> tuple[str, str]:
        """The case, and the permit it got."""
        matter = self.proposed(account)
        return matter, self.decided(matter, "suspend")

    def urgent(self, account: str = ACCOUNT) -> tuple[str, str]:
        """Nobody was warned: it could not wait."""
        load, matter = self.load, self.grounded(account)
        load.move(matter, "ask-now", {"asked_on": load.today()}, who="desk")
        for paper in ("hazard", "hearing-record"):
            load.attach(matter, paper)
        load.move(matter, "propose-now", URGENT, who="desk")
        return matter, self.decided(matter, "suspend-now")

    def decided(self, matter: str, move: str) -> str:
        """Two reviewers sign what the officer's confirmation lets through; the permit."""
        self.load.confirm(matter, move)
        return self.load.grant(matter, move)

    def permit(self, identity: str) -> dict[str, Any]:
        return next(p for p in self.load.office.permits() if p["id"] == identity)
