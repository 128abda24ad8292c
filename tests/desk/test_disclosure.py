"""Disclosure: by two people, on a ground the book finds in the case, of exactly the items asked for, held and lawful; and its letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sekisho.desk.cases import letter_paper
from sekisho.desk.outside import KeepSaidNo
from sekisho.effects import letter
from tests.conftest import ROOT
from tests.desk.caseload import PDF, Caseload
from tests.desk.office import Office
from tests.desk.test_decided import everything, squeezed, text_of

IP, AT = "post-address-and-port", "post-time"
VALUES = (f"{IP}=203.0.113.9:51234", f"{AT}=2026-11-01T12:03:04.120Z")
HIDDEN = ("見本 花子", "見本花子", "hanako@example.jp", "見本町")
NOT_RELEASED = ("髙﨑 美咲", "misaki@mail.example")
LOG = ("destination=[2001:db8::7]:443", "url=https://bbs.example.jp/12#34", "clock-error=±2 ms (NTP)", f"record={'9f' * 32}")
ASKED = {
    "where_posted": "https://bbs.example.jp/12#34",
    "posted": "Aは借金を返さない",
    "infringed_right": "honour",
    "why_clear": "見本 花子（hanako@example.jp）の社会的評価を下げる。",
    "why_needed": ("damages",),
    "items_asked": (IP, AT, "name"),
    "identity_checked": True,
}
JUDGED = {"clear": True, "clear_reason": "虚偽である。", "just": True, "just_reason": "損害賠償請求の準備"}


class Request:
    """One request after another, each walked as far as a test wants."""

    def __init__(self, office: Office) -> None:
        self.office, self.load = office, Caseload(office)

    def heard(self, claim_by: str = "desk", **more: Any) -> str:
        load = self.load
        opening = {"claimant": "見本 花子", "claimant_contact": "hanako@example.jp", "claimant_address": "静岡市葵区見本町1-2-3"}
        told = {**opening, "received_on": load.today(), "tell_name": False, "language": "ja"}
        matter = load.open("disclosure-request", told)
        load.attach(matter, "claim", who=claim_by)
        load.attach(matter, "identity")
        load.move(matter, "complete", {**ASKED, **more}, who="desk")
        load.move(matter, "record-held", {"items_held": (IP, AT, "mail", "management-code")}, who="desk")
        load.move(matter, "draft", who="desk")
        load.move(matter, "sent", {"sent_on": load.today()}, who="desk")
        load.attach(matter, "answer")
        load.move(matter, "answered", {"answered_on": load.today(), "opinion": "objects", "opinion_reason": "事実である。"}, who="desk")
        return matter

    def approved(self) -> str:
        matter = self.heard()
        self.load.move(matter, "decide-release", {**JUDGED, "to_release": (IP, AT)})
        self.load.grant(matter, "approve-release")
        return matter

    def no(self, matter: str, move: str, facts: dict[str, Any], who: str = "officer") -> KeepSaidNo:
        with pytest.raises(KeepSaidNo) as why:
            self.load.move(matter, move, facts, who=who)
        return why.value


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Request]:
    office = Office(tmp_path_factory.mktemp("disclosure") / "office").found()
    yield Request(office)
    office.close()


@pytest.fixture(scope="module")
def released(desk: Request) -> dict[str, Any]:
    """The case walked to its end, restarted before its last three steps: each letter as words and as paper."""
    load = desk.load
    matter = desk.approved()
    desk.office.reopen()
    load.move(matter, "release", {"released": VALUES})
    desk.office.reopen()
    load.move(matter, "certify", {"certified": VALUES, "log": LOG})
    desk.office.reopen()
    assert load.move(matter, "close") == "disclosed"
    case = load.case(matter)
    return {x["text"]: load.call("letter", letter=x["id"], masked=False) for x in case["letters"]} | {"case": case}


@pytest.mark.parametrize("items", [(IP, AT, "name"), ("mail",), (IP, "telephone")])
def test_only_what_was_asked_for_and_is_held_can_be_decided(desk: Request, items: tuple[str, ...]) -> None:
    why = desk.no(desk.heard(), "decide-release", {**JUDGED, "to_release": items})
    assert {"code": "must", "name": "asked-and-held"} in why.detail["lacks"]


@pytest.mark.parametrize("field", ["clear", "just"])
def test_both_boxes_must_be_true(desk: Request, field: str) -> None:
    why = desk.no(desk.heard(), "decide-release", {**JUDGED, field: False, "to_release": (IP,)})
    assert why.detail["lacks"] == [{"code": "must", "name": field}]


def test_who_decided_does_not_approve(desk: Request) -> None:
    matter = desk.heard()
    desk.load.move(matter, "decide-release", {**JUDGED, "to_release": (IP,)})
    assert desk.no(matter, "approve-release", {}).code == "same-person"
    desk.load.grant(matter, "approve-release")
    assert desk.load.case(matter)["state"] == "approved"


def test_a_claim_nobody_in_the_right_role_laid_in_is_no_ground(desk: Request) -> None:
    """The gate asks who vouches: the request form is the desk's to lay in, and the answer says so."""
    matter = desk.heard(claim_by="officer")
    desk.load.move(matter, "decide-release", {**JUDGED, "to_release": (IP,)})
    why = desk.no(matter, "approve-release", {}, who="reviewer-a")
    assert why.code == "no-ground"
    assert why.detail["missing"]
    assert desk.load.case(matter)["state"] == "proposed"


@pytest.mark.parametrize(("who", "stands"), [("desk", True), ("officer", False)])
def test_a_claim_from_the_door_stands_on_who_signed_that_it_is_complete(desk: Request, who: str, stands: bool) -> None:
    """No outsider vouches; whoever read what came in and signed its facts does, in the role the gate asks for."""
    load, told = desk.load, {k: v for k, v in ASKED.items() if k != "identity_checked"}
    facts = {**told, "claimant": "見本 花子", "claimant_contact": "hanako@example.jp", "tell_name": False, "truthful": True}
    files = [{"paper": "identity", "name": "id.pdf", "content": PDF}]
    receipt = load.call("knock", door="disclosure-request", facts=facts, files=files, language="ja")
    matter = load.case(receipt["number"])["id"]
    load.move(matter, "complete", ASKED, who=who)
    load.move(matter, "record-held", {"items_held": (IP, AT)}, who="desk")
    load.move(matter, "draft", who="desk")
    load.move(matter, "sent", {"sent_on": load.today()}, who="desk")
    load.attach(matter, "answer")
    load.move(matter, "answered", {"answered_on": load.today(), "opinion": "objects", "opinion_reason": "事実である。"}, who="desk")
    load.move(matter, "decide-release", {**JUDGED, "to_release": (IP,)})
    if stands:
        load.grant(matter, "approve-release")
        assert load.case(matter)["state"] == "approved"
    else:
        assert desk.no(matter, "approve-release", {}, who="reviewer-a").code == "no-ground"


def test_the_fourteenth_item_stands_on_a_row_of_its_own(desk: Request) -> None:
    matter = desk.heard(items_asked=(IP, "management-code"))
    desk.load.move(matter, "decide-release", {**JUDGED, "to_release": (IP, "management-code")})
    desk.load.grant(matter, "approve-release")
    assert desk.load.case(matter)["state"] == "approved"


def test_login_data_take_a_permit_of_their_own(desk: Request) -> None:
    matter = desk.heard()
    why = desk.no(matter, "decide-release", {**JUDGED, "to_release": ("login-time",)})
    assert {"code": "must", "name": "not-login"} in why.detail["lacks"]


@pytest.mark.parametrize(
    ("values", "lack"), [((*VALUES, "name=x"), "no-more"), (VALUES[:1], "no-less"), ((f"{IP}=203.0.113.9", VALUES[1]), "released")]
)
def test_exactly_the_items_decided_are_released(desk: Request, values: tuple[str, ...], lack: str) -> None:
    why = desk.no(desk.approved(), "release", {"released": values})
    assert lack in {x["name"] for x in why.detail["lacks"]}


def test_the_certificate_certifies_what_was_released_and_nothing_else(desk: Request) -> None:
    matter = desk.approved()
    desk.load.move(matter, "release", {"released": VALUES})
    other = (f"{IP}=203.0.113.9:51235", VALUES[1])
    assert desk.no(matter, "certify", {"certified": other, "log": LOG}).detail["lacks"] == [{"code": "must", "name": "same"}]
    short = desk.no(matter, "certify", {"certified": VALUES, "log": LOG[:1]})
    assert short.detail["lacks"] == [{"code": "must", "name": "with-destination"}]


def test_each_letter_is_drafted_in_its_turn_and_the_report_counts_them(desk: Request, released: dict[str, Any]) -> None:
    assert [x["text"] for x in released["case"]["letters"]] == [
        "opinion-inquiry@1", "opinion-answer@1", "disclosed-items@1", "no-misuse@1", "disclosure-notice@1", "log-certificate@1"
    ]  # fmt: skip
    row = next(
        c
        for c in desk.load.call("decisions", first="2026-11-01", last="2026-12-31")["cases"]
        if c["number"] == released["case"]["number"]
    )
    assert (row["decision"], row["items_asked"], row["items_released"]) == ("disclosed", [IP, AT, "name"], [IP, AT])


def test_the_letters_hold_what_was_released_and_no_other_item_in_any_byte(released: dict[str, Any]) -> None:
    if letter.absent_fonts():
        pytest.skip("no Japanese font here: install fonts-noto-cjk (make parts)")
    for name in ("disclosed-items@1", "log-certificate@1"):
        made = letter_paper.pdf(ROOT / "texts", released[name])
        shown = squeezed(text_of(made))
        assert "203.0.113.9:51234" in shown
        assert "2026-11-0121:03:04.120JST(UTC2026-11-0112:03:04.120)" in shown
        assert not any(word in shown for word in ("電子メール", "利用管理符号", "電話番号"))
    for piece in ("[2001:db8::7]:443", "https://bbs.example.jp/12#34", "9f" * 32, "±2ms", "ExampleNetworks"):
        assert piece in shown


@pytest.mark.parametrize("name", ["opinion-inquiry@1", "opinion-answer@1", "disclosure-notice@1"])
def test_the_senders_letters_hold_nothing_of_who_asks_and_no_value(released: dict[str, Any], name: str) -> None:
    if letter.absent_fonts():
        pytest.skip("no Japanese font here: install fonts-noto-cjk (make parts)")
    seen = everything(letter_paper.pdf(ROOT / "texts", released[name]))
    for word in (*HIDDEN, *NOT_RELEASED, "203.0.113.9", "51234"):
        assert word.encode() not in seen, word
        assert word.encode("utf-16-be") not in seen, word
