"""Makes the recorded answers in `recorded/`: decisions come from the real case book and gate, the rest is written here once.

Run `python -m tests.faces.web.record` after the shape of the desk's answers changed, and read the difference.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sekisho.gate.decide import decide, shown
from sekisho.gate.render import decision_json
from sekisho.law.canonical import digest, plain
from sekisho.law.casebook import load
from sekisho.law.examples import build
from sekisho.law.words import Act, Element, Kind, Step

FOLDER = Path(__file__).parent / "recorded"
BOOK = load(Path(__file__).resolve().parents[3] / "casebook" / "jp")
NOW = datetime(2026, 11, 21, 3, 0, 12, tzinfo=UTC)
TODAY = NOW.date().isoformat()
PLAN = "3f9c1a7be0d24c55"
PERMIT_IDS = ("a1d3f0c9b2e84f17", "b77e10d4c3a94d02", "c90a5512fe6b4a3e", "d4410b9e7f3c4b68", "e05b7c21d8f94913")
PEOPLE = [
    {"id": "unsafe-demo-person-0000000000000001", "name": "Sato Ren", "roles": ["engineer", "desk"]},
    {"id": "unsafe-demo-person-0000000000000002", "name": "Takasaki Mio", "roles": ["legal-officer"]},
    {"id": "unsafe-demo-person-0000000000000003", "name": "Watanabe Aoi", "roles": ["reviewer"]},
    {"id": "unsafe-demo-person-0000000000000004", "name": "Kimura Jun", "roles": ["reviewer"]},
    {"id": "unsafe-demo-person-0000000000000005", "name": "Suzuki Hana", "roles": ["subscriber"]},
]
MEASURES = ("infected-notice", "traffic-picture")


def at(minutes: float) -> str:
    """A moment so many minutes from now, as the desk spells it."""
    return str(plain(NOW + timedelta(minutes=minutes)))


def asked(name: str, **given: Any) -> tuple[Any, Any]:
    """The plan for one declared step of the story, and the gate's answer to it."""
    complete = BOOK.complete["infected-notice"]
    step = {s.name: s for s in complete.steps}[name]
    plan, now = build(BOOK, complete, "infected-notice", step, MappingProxyType(given), TODAY)
    return plan, decide(plan, BOOK, now)[0]


def publish() -> Any:
    """The board of 2023: names asked at the venue, shown to the world."""
    step = Step(
        "publish",
        Kind.PUBLISH,
        frozenset({Act.DISCLOSE}),
        frozenset({Element.COUNTERPART, Element.DATETIME}),
        "public-board",
        frozenset({"public"}),
    )
    plan, _ = asked("identify")
    return decide(replace(plan, measure="public-board", steps=(step,), day=date(2023, 10, 27)), BOOK, NOW)[0]


def permit(place: int, **changes: Any) -> dict[str, Any]:
    """One PermitView."""
    view = {
        "id": PERMIT_IDS[place],
        "measure": "infected-notice",
        "step": "match",
        "plan": PLAN,
        "since": at(-600),
        "until": at(60 * 24 * 20),
        "state": "in-force",
        "cases": ["jp/B-13/1", "jp/E-01/1"],
        "signed_by": ["Watanabe Aoi", "Kimura Jun"],
        "one_person": False,
        "out_of_scope": False,
        "scope": {"rows": "hits", "days": 14},
        "ledger_index": 17 + place,
        "withdrawn": None,
    }
    return view | changes


def permits() -> list[dict[str, Any]]:
    gone = {"by": "Takasaki Mio", "at": at(-90), "reason": "objection"}
    return [
        permit(
            4,
            step="notify",
            since=at(-120),
            until=at(60 * 24 * 14),
            state="withdrawn",
            cases=["jp/B-12/1", "jp/A-05/1", "jp/E-01/1"],
            withdrawn=gone,
        ),
        permit(3),
        permit(2, step="record", since=at(-1800), cases=["jp/E-17/1"], until=at(60 * 24 * 25)),
        permit(1, measure="traffic-picture", step="count", since=at(-2400), until=at(60 * 24 * 6), cases=["jp/B-31/1"], one_person=True),
        permit(0, step="register", since=at(-60 * 24 * 5), until=at(-60 * 24), state="ended", cases=["jp/G0-2/1"], out_of_scope=True),
    ]


def plan() -> dict[str, Any]:
    """The waiting decision: identify and notify with the list still unproved, and a match whose case the officer must confirm."""
    whole, identify = asked("identify", without=("evidence.finding", "evidence.terms"))
    other, notify = asked("notify", without=("evidence.finding", "evidence.terms"))
    matching, match = asked("match")
    both = replace(whole, steps=(*whole.steps, *other.steps, *matching.steps))
    decisions = [decision_json(d, BOOK) for d in (identify, notify, match)]
    missing = {(m["what"], m["case"], m["condition"]) for d in decisions for m in d["missing"]}
    kinds = {
        n: {"title": plain(k.title), "fields": plain(k.fields), "roles": plain(k.roles), "vouchers": plain(k.vouchers)}
        for n, k in BOOK.kinds.items()
    }
    example = BOOK.complete["infected-notice"].evidence["terms"]
    kinds["terms"] |= {"example": plain(example), "example_document": digest("terms of service, 2014-04")}
    return brief(decisions, len(missing)) | {
        "plan": plain(both),
        "shown": shown(both, BOOK),
        "decisions": decisions,
        "comments": [
            {
                "plan": PLAN,
                "person": PEOPLE[2]["id"],
                "name": PEOPLE[2]["name"],
                "text": "一覧の点検日を確かめました。",
                "conflict": False,
                "at": at(-9),
            }
        ],
        "conflicted": [],
        "one_person": False,
        "approvals": [{"person": PEOPLE[2]["id"], "name": PEOPLE[2]["name"], "at": at(-12)}],
        "signatures_needed": 2,
        "evidence": [plain(e) | {"digest": digest(e), "fresh": e.kind != "roles"} for e in whole.evidence],
        "permits": [permits()[0]],
        "kinds": kinds,
        "confirmable": sorted({m["case"] for d in decisions for m in d["missing"] if m["what"] == "confirmation"}),
    }


def brief(decisions: list[dict[str, Any]], missing: int) -> dict[str, Any]:
    return {
        "id": PLAN,
        "measure": "infected-notice",
        "proposer": {"id": PEOPLE[0]["id"], "name": PEOPLE[0]["name"]},
        "at": at(-35),
        "outcome": "refused",
        "missing": missing,
        "steps": [{"name": d["step"]["name"], "kind": d["step"]["kind"], "outcome": d["outcome"]} for d in decisions],
    }


def cards() -> list[dict[str, Any]]:
    """Five questions, one per founding document."""
    questions = (
        (
            "D0-board",
            "public-board",
            "会場で問い合わせのあったドメイン名を公開の画面に出してよいか",
            "May the names asked at the venue be shown on a public board?",
            publish(),
        ),
        (
            "D1-entry",
            "entrustment",
            "参加者の住所を、使い道を知らせずに委託先へ渡してよいか",
            "May participants be entered into a contractor's app beforehand?",
            asked("register", without=("evidence.purpose-text",))[1],
        ),
        (
            "D2-filter",
            "default-on-filter",
            "切り替えのない遮断を初期設定で有効にしてよいか",
            "May a filter be on by default without a switch that works?",
            asked("match", evidence={"optout": {"works": False, "any_time": True}})[1],
        ),
        (
            "D3-record",
            "disclosure-request",
            "接続記録を期間を定めて残してよいか",
            "May the accounting log be kept for a set term?",
            asked("record")[1],
        ),
        (
            "D4-notice",
            "infected-notice",
            "感染端末の利用者に知らせてよいか",
            "May the subscriber of an infected terminal be told?",
            asked("notify")[1],
        ),
    )
    return [
        {"id": i, "measure": m, "question": {"ja": ja, "en": en}, "outcome": d.outcome.value, "decisions": [decision_json(d, BOOK)]}
        for i, m, ja, en, d in questions
    ]


def overview() -> dict[str, Any]:
    whole = plan()
    counted = {"datagrams": 18421, "records": 405262, "refused": 7}
    return {
        "demo": True,
        "now": plain(NOW),
        "operator": "Sakura Net (demo)",
        "waiting": [{k: whole[k] for k in ("id", "measure", "proposer", "at", "outcome", "missing", "steps")}],
        "cards": cards(),
        "findings": [
            {"measure": "infected-notice", "count": 3, "list": digest("list")[:16], "since": at(-55), "until": at(-38), "plan": PLAN}
        ],
        "permits": {"in_force": 3, "ending": [permits()[3]]},
        "ledger": {"size": 214, "root": digest("root"), "at": at(-0.1)},
        "health": [
            {"process": "keep", "state": "running", "counters": {"decisions": 96, "permits": 5}},
            {"process": "collect", "state": "running", "counters": counted},
            {"process": "work", "state": "idle", "counters": {"looks": 12}},
            {"process": "act", "state": "running", "counters": {"mails": 1}},
            {"process": "show", "state": "running", "counters": {}},
        ],
        "notices": [{"code": "permit-ends", "args": {"permit": PERMIT_IDS[1][:8]}}],
    }


def measures() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "steps": plain(BOOK.steps[name]),
            "cases": [
                {k: plain(getattr(c, k)) for k in ("id", "title", "axis", "ground", "authority", "certainty")}
                for c in BOOK.cases
                if c.measure == name
            ],
            "permits": [p for p in permits() if p["measure"] == name],
        }
        for name in MEASURES
    ]


def traffic() -> dict[str, Any]:
    """Two hours of three prefixes: a slow wave with a step in it, whole octets a minute."""
    minutes = [at(m - 120) for m in range(120)]
    series = []
    for place, prefix in enumerate(("198.51.100.0/24", "203.0.113.0/24", "2001:db8:40::/48")):
        for direction, size in (("out", 21_000_000), ("in", 96_000_000)):
            octets = [int(size / (place + 1) * (1.2 + math.sin((m + 25 * place) / 19)) + (m % 7) * 310_000) for m in range(120)]
            series.append({"prefix": prefix, "direction": direction, "octets": octets, "packets": [o // 730 for o in octets]})
    return {
        "permit": PERMIT_IDS[1],
        "minutes": minutes,
        "series": series,
        "interfaces": [
            {"exporter": "192.0.2.1", "interface": i, "octets_in": 91_402_113 * i, "octets_out": 20_911_020 * i} for i in (1, 2, 3)
        ],
        "counters": [
            {"exporter": "192.0.2.1", "records": 402_113, "datagrams": 18_300, "refused": {"no-template": 4, "truncated": 1}},
            {"exporter": "192.0.2.9", "records": 3_149, "datagrams": 121, "refused": {}},
        ],
    }


def entries() -> list[dict[str, Any]]:
    kinds = (
        "started",
        "person",
        "plan",
        "evidence",
        "evidence",
        "approval",
        "approval",
        "permit",
        "key-made",
        "look",
        "key-release",
        "order",
        "done",
        "withdrawal",
    )
    return [
        {
            "index": i,
            "type": kinds[i % len(kinds)],
            "at": at((i - 214) * 3),
            "ids": {"plan": digest(i // 14)[:16], "permit": digest(-i)[:16]},
        }
        for i in range(214)
    ]


def mailbox() -> list[dict[str, Any]]:
    body = (
        "鈴木 花 様\n\nさくらネットです。お客様の回線につながる機器のひとつが、外部から操られている可能性があります。\n\n"
        "この通知の符号: 4N7K-2QXD\n"
    )
    headers = {"Message-ID": "<1@sakura.example>", "Auto-Submitted": "auto-generated", "List-Unsubscribe": "<https://sakura.example/stop>"}
    subject = "ご利用の回線についてのお知らせ"
    return [
        {"at": at(-100), "from": "abuse@sakura.example", "to": "hana@mail.example", "subject": subject, "body": body, "headers": headers}
    ]


def line() -> dict[str, Any]:
    look = {"at": at(-110), "measure": "infected-notice", "step": "identify", "permit": PERMIT_IDS[4], "by": ["Watanabe Aoi", "Kimura Jun"]}
    return {
        "reference": "4N7K",
        "seen": [{"at": at(-130), "measure": "infected-notice", "permit": PERMIT_IDS[3], "what": "contacts"}],
        "looks": [look | {"cases": ["jp/B-12/1", "jp/E-01/1"], "entry": 88}],
        "notices": [{"at": at(-100), "measure": "infected-notice", "text": "infected-notice@1"}],
        "permits": [permit(3, step="notify", cases=["jp/B-12/1", "jp/A-05/1"])],
    }


def consent() -> dict[str, Any]:
    shown = "あなたの回線の利用者と日時を、感染のお知らせのために照合します。"
    said = {
        "id": "consent-3f9c1a7be0d24c55",
        "purpose": "infected-notice",
        "elements": ["datetime", "party"],
        "audience": ["operator", "subscriber"],
        "days": 365,
        "until": at(500_000),
        "notice": {"id": "infected-consent", "version": "1", "digest": digest(shown), "language": "ja"},
        "events": [{"what": "given", "at": at(-25_000), "by": "subscriber"}],
    }
    stops = [
        {"at": "2026-11-05T01:00:00.000000+00:00", "how": "one-press", "ended": "2026-11-05T02:10:00.000000+00:00"},
        {"at": "2026-11-08T01:00:00.000000+00:00", "how": "page", "ended": None},
    ]
    told = {"live": True, "state": "given", "receipt": {"@context": {}, "@graph": []}, "proofs": [], "stops": stops}
    return {"consent": said, "shown": shown, **told}


def register() -> dict[str, Any]:
    """What strangers may know: three steps in force, one that was withdrawn."""
    about = BOOK.about["infected-notice"]
    steps = {s.name: s for s in BOOK.steps["infected-notice"]}

    def entry(name: str, cases: list[str], **more: Any) -> dict[str, Any]:
        step = steps[name]
        shown = ("title", "axis", "ground", "authority", "source")
        grounds = [{"case": c} | {n: getattr(BOOK.case(c), n) for n in shown} for c in cases]
        duties = [d.words for c in cases for d in BOOK.case(c).duties]
        words = {"measure": "infected-notice", "title": about.title, "step": name, "says": about.steps[name], "grounds": grounds}
        of_step = {"kind": step.kind, "purpose": step.purpose, "elements": step.elements, "audience": step.audience}
        days = {"since": "2026-11-01", "until": "2027-01-30"}
        return dict(plain({**words, **of_step, **days, "duties": duties, "one_person": False, "out_of_scope": False, **more}))

    return {
        "operator": {"name": "さくらネット", "regime": "TBA", "one_person": False},
        "object": {"window": "不正利用対策窓口", "phone": "0776-00-0000", "hours": "平日 10:00-17:00", "url": "https://sakura.example/help"},
        "demo": True,
        "at": at(0),
        "in_force": [entry("notify", ["jp/B-12/1"]), entry("match", ["jp/B-13/1", "jp/E-17/2"]), entry("record", ["jp/E-17/2"])],
        "ended": [entry("register", ["jp/E-17/2"], ended="2026-11-12", how="withdrawn", one_person=True)],
    }


def everything() -> dict[str, Any]:
    head = {
        "origin": "sekisho.example/demo",
        "vkey": "sekisho.example/demo+5c1b0a3f+AY2xkZ0l0Y3VzdG9tZXI=",
        "size": 214,
        "root": digest("root"),
    }
    people = [p | {"key_kind": "file", "unsafe_demo": True} for p in PEOPLE]
    return {
        "overview": overview(),
        "plan": plan(),
        "permits": permits(),
        "measures": measures(),
        "traffic": traffic(),
        "ledger": head | {"entries": entries()},
        "verify": {"ok": True, "size": 214, "root": digest("root"), "checked": 214, "seconds": 0, "bad": None},
        "people": people,
        "mailbox": mailbox(),
        "line": line(),
        "consent": consent(),
        "register": register(),
        "receipt": "c2sp.org/tlog-proof@v1\nindex 17\n",
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, value in everything().items():
        text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
