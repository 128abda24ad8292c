"""Somebody's application, walked as far as a test wants: asked, checked, on probation, opened, checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.law.words import Value
from tests.desk.caseload import Caseload

ACCOUNT = "hana@isp.example"
ORDINARY: Mapping[str, Value] = {
    "risk": "ordinary",
    "signs": ("none",),
    "risk_reason": "特別な事情はない。",
    "methods": ("letter-code",),
    "copy_days": 0,
    "record_days": 1095,
    "data_from": "申込書",
    "from_communication": False,
    "purpose_for": ("sign-up-check",),
    "purpose_shown": "2024-04-01",
}
OWED: Mapping[str, Value] = {
    **ORDINARY,
    "risk": "owed",
    "signs": ("statute-asks",),
    "risk_reason": "電話番号の提供に本人確認を求める法律。",
    "methods": ("letter-code", "paper-copied"),
    "copy_days": 14,
}
LOOKED = "30日で12通、苦情なし。"


@dataclass
class SigningUp:
    """The office's people at such cases."""

    load: Caseload

    def proposed(self, said: Mapping[str, Value] = ORDINARY, account: str = ACCOUNT) -> str:
        load = self.load
        opening = {"applicant": "見本 花", "account": account, "received_on": load.today(), "language": "ja"}
        matter = load.open("sign-up", opening)
        for paper in ("application", "privacy-notice"):
            load.attach(matter, paper)
        load.move(matter, "propose", said, who="desk")
        return matter

    def asked(self, said: Mapping[str, Value] = ORDINARY, account: str = ACCOUNT) -> str:
        matter = self.proposed(said, account)
        self.decided(matter, "ask")
        return matter

    def decided(self, matter: str, move: str) -> str:
        """The officer confirms, one reviewer signs; the permit."""
        self.load.confirm(matter, move)
        return self.load.grant(matter, move)

    def passed(self, matter: str, move: str = "passed", *used: str) -> str:
        told = {"used": used or ("letter-code",), "checked_on": self.load.today(), "result": "符号を入力した。"}
        return self.load.move(matter, move, told, who="desk")

    def probation(self, said: Mapping[str, Value] = ORDINARY, account: str = ACCOUNT) -> str:
        matter = self.asked(said, account)
        assert self.passed(matter) == "probation"
        return matter

    def opened(self, matter: str) -> str:
        return self.load.move(matter, "look", {"looked_on": self.load.today(), "looked_at": LOOKED})

    def rechecked(self, matter: str, said: Mapping[str, Value] = ORDINARY) -> str:
        """Taken up by its sign, proposed, permitted again and passed."""
        load = self.load
        load.move(matter, "recheck", {"sign_seen": "letter-came-back", "sign_reason": "郵便が戻った。"}, who="desk")
        load.move(matter, "propose-again", said, who="desk")
        self.decided(matter, "ask-again")
        return self.passed(matter, "passed-again")
