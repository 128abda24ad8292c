"""A desk that answers from the recorded JSON. What it cannot replay (signatures) it checks for real."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from webauthn import verify_authentication_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException

from sekisho.desk.asking import what_if
from sekisho.desk.book import read_book
from sekisho.desk.world import No
from sekisho.faces.web.case_desk import CASE_STATEMENTS
from sekisho.faces.web.desk import (
    ACCESS_STATEMENTS,
    CAMPAIGN_STATEMENTS,
    ENTRUST_STATEMENTS,
    ENVELOPE_STATEMENTS,
    EVENT_STATEMENTS,
    STATEMENTS,
    DeskAway,
    Json,
)
from sekisho.law.canonical import digest, plain
from sekisho.law.casebook import load
from sekisho.law.reading import read

FOLDER = Path(__file__).parent / "recorded"
CODE = "one-time-code-for-the-second-reviewer"
LETTER = "4N7K-2QXD"
REVIEWER = "person-00000000000000a1"


TODAY = date(2026, 11, 21)
BOOK = load(Path(__file__).resolve().parents[3] / "casebook" / "jp")


def through_keep(answer: Json) -> Json:
    """As it comes over the channel."""
    found: Json = json.loads(json.dumps(plain(answer)))
    return found


def recorded(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


class Recordings(dict[str, Any]):
    """What is recorded, by name, each read when it is first asked for."""

    def __missing__(self, name: str) -> Any:
        return self.setdefault(name, recorded(name))


class RecordedCases:
    """Implements `CaseDesk`. `staged` keeps the files that wait for a signature; `opened` is what every case lists as its openings."""

    def __init__(self, desk: RecordedDesk) -> None:
        self.desk = desk
        self.staged: dict[str, bytes] = {}
        self.opened: list[Json] = []

    async def listed(self, shown: str) -> Json:
        return dict(self.desk.said("cases")["lists"][shown])

    async def one(self, case: str) -> Json:
        found = self.desk.said("cases")["cases"].get(case)
        return found or {"error": {"code": "unknown-matter", "matter": case}}

    async def room(self, case: str) -> Json:
        found = self.desk.said("cases")["rooms"].get(case)
        return found or {"error": {"code": "no-incident-case", "matter": case}}

    async def find(self, words: str, _roles: Sequence[str]) -> Json:
        return {"words": words, "cases": [c for c in self.desk.said("cases")["lists"]["all"]["cases"] if words in c["number"]]}

    async def preview(self, _matter: str, _move: str, _facts: Json) -> Any:
        return []

    async def prepared(self, _matter: str, move: str, _facts: Json) -> Json:
        return dict(self.desk.said("cases")["prepared"].get(move, {"language": "ja", "waiting": 0, "texts": []}))

    async def procedures(self) -> Sequence[Json]:
        return list(self.desk.said("cases")["procedures"])

    async def texts(self) -> Sequence[Json]:
        return list(self.desk.said("cases")["texts"])

    async def file(self, attachment: str, dangerous: bool) -> Json:
        known = [a for c in self.desk.said("cases")["cases"].values() for a in c["attachments"] if a["id"] == attachment]
        if not known:
            return {"error": {"code": "unknown-attachment", "attachment": attachment}}
        scan = known[0]["scan"]
        if scan["state"] == "found" and not dangerous:
            return {"error": {"code": "attachment-dangerous", "found": scan["name"], "by": scan["by"]}}
        name = f"DANGER-{known[0]['name']}.danger" if scan["state"] == "found" else known[0]["name"]
        return {"name": name, "media": "application/pdf", "content": b"%PDF-1.7".hex()}

    async def letter(self, letter: str, masked: bool) -> Json:
        known = [x for c in self.desk.said("cases")["cases"].values() for x in c["letters"] if x["id"] == letter]
        if not known:
            return {"error": {"code": "unknown-letter", "letter": letter}}
        return {"name": f"2026-00001{'-masked' if masked else ''}.pdf", "content": b"%PDF-1.7".hex()}

    async def reasons(self, case: str) -> Json:
        found = self.desk.said("cases")["cases"].get(case)
        return {"schema": "sekisho.statement-of-reasons/1"} if found else {"error": {"code": "unknown-matter", "matter": case}}

    async def openings(self, _matter: str) -> Any:
        return self.opened

    async def seen(self, opening: str, _ticket: str) -> Json:
        return {"error": {"code": "unknown-reveal", "reveal": opening}}

    async def certificate(self, opening: str, _ticket: str, _url: str) -> Json:
        return {"error": {"code": "unknown-reveal", "reveal": opening}}

    def stage(self, content: bytes) -> str:
        digest_ = sha256(content).hexdigest()
        self.staged[digest_] = content
        return digest_


class RecordedDoors:
    """Implements `DoorDesk` as far as pages that nobody sends go: no door is open, no code is known."""

    async def doors(self) -> Json:
        return {"operator": {"name": "Example Networks", "window": "Abuse desk", "phone": "-", "hours": "-"}, "doors": []}

    async def printed(self, *_asked: Any) -> Json:
        return {"error": {"code": "unknown-door"}}

    async def years(self) -> list[int]:
        return []

    async def report(self, _year: str) -> Json | None:
        return None

    async def statements(self) -> Json:
        return {"operator": {}, "outside_body": "", "outside_contact": "", "incidents": []}

    async def knock(self, *_told: Any) -> Json:
        return {"error": {"code": "unknown-door"}}

    async def _unknown(self, *_told: Any, **_more: Any) -> Json:
        return {"error": {"code": "unknown-code"}}

    line_code = close_my_line = throw_my_switch = _unknown

    async def my_filters(self, address: str) -> Json:
        return {"address": address, "filters": [], "ended": []}

    async def my_port(self, address: str) -> Json:
        return {"address": address, "submission": "mail.example.net:587", "refused": None, "opened": None, "most_days": 30}

    my_case = add = open_inquiry = save_answer = send_answer = ask_longer = opened = _unknown

    async def check_mail(self, *_told: Any) -> Json:
        return {"mail": None, "like": []}

    async def announced_mails(self) -> Json:
        return {"mailings": []}

    async def _same(self, *_told: Any) -> Json:
        return {"ok": True, "stops": []}

    async def questions(self) -> list[Json]:
        return []

    films = Path("/nowhere")

    async def viewing(self, _which: str) -> Json:
        return {"error": {"code": "unknown-viewing"}}

    async def question(self, _which: str) -> Json:
        return {"error": {"code": "unknown-question"}}

    answer_question = ask_code = open_viewing = watch = _unknown
    one_press = stop_mail = mail_again = mail_stands = _same


class RecordedDesk:
    """Implements `Desk`. `submitted` and `laid` keep what arrived; `away` makes every answer fail as when `keep` is down."""

    def __init__(self, demo: bool = True, origin: str = "http://localhost:8080") -> None:
        self.demo, self.origin, self.away = demo, origin, False
        self.submitted: list[tuple[str, Json, Json]] = []
        self.withdrawn: list[str] = []
        self.keys: dict[str, Json] = {}
        self.answers = Recordings()
        self.cases = RecordedCases(self)
        self.doors = RecordedDoors()
        self.receipts = recorded("receipt")
        self.seed = Ed25519PrivateKey.generate()
        if not demo:
            self.answers["overview"]["demo"] = False
            for person in self.answers["people"]:
                person["unsafe_demo"] = False
            self.answers["people"].append(
                {"id": REVIEWER, "name": "Mori Kei", "roles": ["reviewer"], "key_kind": "passkey", "unsafe_demo": False}
            )

    def said(self, name: str) -> Any:
        if self.away:
            raise DeskAway
        return copy.deepcopy(self.answers[name])

    async def overview(self) -> Json:
        return dict(self.said("overview"))

    async def plan(self, plan: str) -> Json:
        whole = dict(self.said("plan"))
        return whole if plan == whole["id"] else {"error": {"code": "unknown-plan", "plan": plan}}

    async def permits(self) -> Sequence[Json]:
        return list(self.said("permits"))

    async def measures(self) -> Sequence[Json]:
        return list(self.said("measures"))

    async def measure_effect(self, measure: str) -> Json:
        told = dict(self.said("effect"))
        return told if measure == told["measure"] else {"measure": measure, "lived": [], "kinds": []}

    async def book(self, words: str) -> Json:
        return through_keep(read_book.index(BOOK, words))

    async def book_case(self, case: str) -> Json:
        try:
            return through_keep(read_book.case_page(BOOK, case, TODAY))
        except KeyError:
            return {"error": {"code": "unknown-case", "case": case}}

    async def what_if(self, asked: Mapping[str, Any]) -> Json:
        try:
            return through_keep(what_if.supposed(BOOK, read(what_if.WhatIf, asked), TODAY))
        except No as no:
            return {"error": {"code": no.code, **no.detail}}

    async def traffic(self) -> Json:
        return dict(self.said("traffic"))

    async def effects(self) -> Json:
        return dict(self.said("effects"))

    async def volumes(self, measure: str) -> Json:
        return dict(self.said("volumes" if measure == "shaping" else "class-volumes"))

    async def opened_lines(self) -> Json:
        return dict(self.said("opened_lines"))

    async def mail_stages(self) -> Json:
        return dict(self.said("mail_stages"))

    async def held_senders(self) -> Json:
        return dict(self.said("held_senders"))

    async def hand_overs(self) -> Json:
        return dict(self.said("hand_overs"))

    async def campaigns(self) -> Sequence[Json]:
        return list(self.said("campaigns")["list"])

    async def campaign(self, campaign: str) -> Json:
        found = self.said("campaigns")["each"].get(campaign)
        return found or {"error": {"code": "unknown-campaign", "campaign": campaign}}

    async def who_is(self, mail: str) -> Json:
        return {"recipient": sha256(mail.encode()).hexdigest()}

    async def replies(self) -> Sequence[Json]:
        return list(self.said("replies")["list"])

    async def admissions(self) -> Sequence[Json]:
        return list(self.said("admissions"))

    async def talks(self) -> Sequence[Json]:
        return list(self.said("talks")["list"])

    async def held_mails(self) -> Sequence[Json]:
        return list(self.said("talks")["held"])

    async def tools(self) -> Json:
        return dict(self.said("tools"))

    async def entrustments(self) -> Json:
        return dict(self.said("entrustments"))

    async def envelopes(self) -> Sequence[Json]:
        return list(self.said("envelopes"))

    async def public_register(self) -> Json:
        return dict(self.said("register"))

    async def board(self) -> Json:
        return dict(self.said("board"))

    async def event(self) -> dict[str, Any]:
        return dict(self.said("event"))

    async def ledger(self, start: int, count: int) -> Json:
        whole = self.said("ledger")
        return {**whole, "entries": whole["entries"][start : start + count]}

    async def verify(self) -> Json:
        return dict(self.said("verify"))

    async def receipt(self, index: int) -> str:
        return str(self.receipts) if index < self.said("ledger")["size"] else ""

    async def explain(self, entry: int) -> Json:
        if entry % 14 == 3:
            return {"error": {"code": "evidence-gone", "duty": "delete-at-term", "at": "2026-11-20"}}
        return {"entry": {}, "decisions": self.said("plan")["decisions"] if entry % 14 == 7 else []}

    async def people(self) -> Sequence[Json]:
        return list(self.said("people"))

    async def mailbox(self) -> Sequence[Json]:
        return list(self.said("mailbox"))

    async def line(self, code: str) -> Json:
        return dict(self.said("line")) if code == LETTER else {"error": {"code": "unknown-code"}}

    async def withdraw_mine(self, code: str) -> Json:
        if code != LETTER:
            return {"error": {"code": "unknown-code"}}
        self.withdrawn.append(code)
        return {"ok": True, "permits": [p["id"] for p in self.said("line")["permits"]]}

    async def consent(self, code: str) -> Json:
        return dict(self.said("consent")) if code == LETTER else {"error": {"code": "unknown-code"}}

    async def withdraw_consent(self, code: str) -> Json:
        if code != LETTER:
            return {"error": {"code": "unknown-code"}}
        self.withdrawn.append(code)
        return {"ok": True, "consents": [self.said("consent")["consent"]["id"]]}

    async def look_again(self, permit: str) -> Json:
        found = next((p for p in self.said("permits") if p["id"] == permit), None)
        if found is None:
            return {"error": {"code": "unknown-permit", "permit": permit}}
        return {"ok": True, "look": "00"} if found["state"] == "in-force" else {"error": {"code": found["state"], "permit": permit}}

    async def statement(self, kind: str, fields: Mapping[str, Any]) -> Json:
        if self.away:
            raise DeskAway
        known = (*STATEMENTS, *CASE_STATEMENTS, *ENVELOPE_STATEMENTS, *ENTRUST_STATEMENTS, *ACCESS_STATEMENTS, *CAMPAIGN_STATEMENTS)
        assert kind in (*known, *EVENT_STATEMENTS)
        made = {**fields, "at": "2026-11-21T03:00:12.000000Z"}
        return {"statement": made, "digest": digest(made)}

    async def submit(self, kind: str, statement: Json, signature: Json) -> Json:
        """Passkey signatures are checked as `keep` would: over the digest of the statement, for this origin and name."""
        person = next((p for p in self.said("people") if p["id"] == signature["person"]), None)
        if person is None:
            return {"error": {"code": "unknown-person"}}
        if not self.demo and not self.holds(statement, signature):
            return {"error": {"code": "bad-signature", "person": person["id"]}}
        self.submitted.append((kind, statement, signature))
        opened = {"reply-reading": "replies", "held-mail-reading": "talks"}.get(kind)
        return {"ok": True, "person": person, **(self.said(opened)["read"] if opened else {})}

    def holds(self, statement: Json, signature: Json) -> bool:
        key = self.keys.get(signature["person"])
        if key is None:
            return False
        response = {
            "clientDataJSON": bytes_to_base64url(bytes.fromhex(signature["client_data"])),
            "authenticatorData": bytes_to_base64url(bytes.fromhex(signature["authenticator_data"])),
            "signature": bytes_to_base64url(bytes.fromhex(signature["signature"])),
        }
        which = bytes_to_base64url(bytes.fromhex(key["credential"]))
        try:
            verify_authentication_response(
                credential={"id": which, "rawId": which, "type": "public-key", "response": response},
                expected_challenge=bytes.fromhex(digest(statement)),
                expected_rp_id="localhost",
                expected_origin=self.origin,
                credential_public_key=bytes.fromhex(key["public_key"]),
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except WebAuthnException:
            return False
        return True

    async def demo_sign(self, person: str, digest: str) -> Json:
        if not self.demo:
            return {"error": {"code": "not-demo"}}
        return {"person": person, "signature": self.seed.sign(bytes.fromhex(digest)).hex(), "client_data": "", "authenticator_data": ""}

    async def enrol_options(self, code: str) -> Json:
        if code != CODE or REVIEWER in self.keys:
            return {"error": {"code": "unknown-or-used-code"}}
        return {"person": next(p for p in self.said("people") if p["id"] == REVIEWER), "exclude": []}

    async def enrol(self, code: str, key: Json) -> Json:
        options = await self.enrol_options(code)
        if "error" not in options:
            self.keys[REVIEWER] = key
        return options if "error" in options else {"ok": True, "person": options["person"]}
