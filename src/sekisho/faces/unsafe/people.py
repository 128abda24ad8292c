"""The demo's race: an agency and its printing house with keys of their own, forty made-up runners, a list that goes out as approved."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sekisho.desk.draft import Draft, read_draft
from sekisho.desk.entrusting.hand_over_draft import box, fill
from sekisho.desk.outside import Outside
from sekisho.desk.root import new_custodian
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.law import tool
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.entrustment import Entrustment, Giving, Move, PartyKey, What
from sekisho.law.reading import read
from sekisho.law.words import Role

ROWS = unsafe_demo.EXAMPLES / "entrustments"
PLAN = unsafe_demo.EXAMPLES / "plans" / "hand-over.toml"
PEOPLE = 40
HEADING: Mapping[str, str] = MappingProxyType({"name": "氏名", "mail": "メールアドレス", "birthday": "生年月日", "allergy": "アレルギー"})
WHY = {"ja": "どの宛名にも走者の名が入る", "en": "each letter greets its runner by name"}
Said = Mapping[str, Any]


def runners() -> bytes:
    """The list as a Japanese spreadsheet saves it."""
    lines = (f"走者 {n:02},runner{n:02}@example.jp,1990-01-{n % 28 + 1:02},{'落花生' if n % 9 == 0 else ''}" for n in range(PEOPLE))
    return ("\r\n".join([",".join(HEADING.values()), *lines]) + "\r\n").encode("cp932")


@dataclass
class Race:
    """Its rows and its parties' keys, in a folder of the demo's. `parties` maps a row's id to the file of its party's own key."""

    home: Path
    world: Outside
    keys: Mapping[str, KeyFile]
    book: Casebook
    parties: dict[str, Path] = field(default_factory=dict)

    def enter(self, name: str, parent: str = "", **changed: Any) -> str:
        """A row in force, its term around today, its party's key taken down, and its contractor's tool clear."""
        said = self._row(name, parent, **changed)
        desk, row = self.keys["desk"], self._entered(said)
        if parent:
            self.move(row, What.AGREED, "officer", proof=said.contract)
        self.move(row, What.APPROVED, "reviewer-a")
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity, recipient = new_custodian()
        self.parties[row] = self.home / f"unsafe-demo-{name}.key"
        self.parties[row].write_text(identity + "\n", encoding="utf-8")
        told = PartyKey(row, recipient, said.contract, desk.person, self.world.clock())
        self.world.keep.call("tell-key", told=told, signature=desk.sign(told))
        if tool.asked(said.rung.value, said.actions, into_a_tool=False):
            self.clear(row, said.contract)
        return row

    def enter_only(self, name: str, parent: str = "") -> str:
        """A row that nobody has approved."""
        return self._entered(self._row(name, parent))

    def _entered(self, said: Entrustment) -> str:
        return str(self.world.keep.call("entrust", entrustment=said, signature=self.keys["desk"].sign(said))["entrustment"])

    def clear(self, row: str, paper: str) -> None:
        """The demo's agency has a tool that can do nothing but send what it is given: declared, and drilled on paper alone. Not for use."""
        keep, desk, engineer, reviewer = self.world.keep, self.keys["desk"], self.keys["engineer"], self.keys["reviewer-a"]
        asked = keep.call("tool-questions")
        off = tool.Answer(on=False, who="", evidence=paper)
        answers = {q["id"]: off for q in asked["questions"]}
        who, now = "unsafe-demo-contractor", self.world.clock()
        said = tool.Declaration(row, "unsafe-demo-tool", "1", asked["digest"], answers, who, paper, desk.person, now)
        declared = keep.call("declare-tool", declaration=said, signature=desk.sign(said))["tool"]
        ran = dict.fromkeys((s.value for s in tool.Step), tool.Ran.REFUSED)
        run = tool.Drill(row, declared, "1", ran, tool.LEAST_CANARIES, 0, (), paper, engineer.person, self.world.clock())
        drilled = keep.call("record-drill", drill=run, signature=engineer.sign(run))["tool"]
        go = tool.ToolMove(row, tool.Said.GO, drilled, "", who, paper, "", reviewer.person, self.world.clock())
        keep.call("move-tool", move=go, signature=reviewer.sign(go))

    def move(self, row: str, what: What, who: str, reason: str = "", proof: str = "") -> None:
        key = self.keys[who]
        words = Move(row, what, reason, proof, key.person, self.world.clock())
        self.world.keep.call("move-entrustment", move=words, signature=key.sign(words))

    def propose(self, row: str, content: bytes, **scope: Any) -> str:
        """The plan to hand this list over, with its papers; its id."""
        draft, engineer = self._draft(), self.keys["engineer"]
        kept = {**draft.plan.scope, "entrustment": row, "why_not_lower": " / ".join(WHY.values()), "who": "mail", **scope}
        kept["columns"] = {f: h for f, h in HEADING.items() if f in {*kept["fields"], "mail"}}
        rows = self.world.keep.call("entrustments")["entrustments"]
        words, _ = fill(replace(draft.plan, scope=kept), content, rows)
        plan = str(self.world.keep.call("propose", plan=words, signature=engineer.sign(words))["plan"])
        vouchers = {n: k.vouchers for n, k in self.book.kinds.items()}
        for paper in draft.papers:
            key = self.keys[{Role.OFFICER: "officer"}.get(paper.role, "desk")]
            evidence = paper.laid_in(words.steps[0].purpose, key.person, self.world.clock() - timedelta(seconds=1), vouchers)
            self.world.keep.call("supply", plan=plan, evidence=evidence, signature=key.sign(evidence))
        return plan

    def approve(self, plan: str) -> list[str]:
        """Both approvals; the permits."""
        return [p for who in ("reviewer-a", "reviewer-b") for p in unsafe_demo.approve(self.world, self.keys[who], plan)]

    def missing(self, plan: str) -> list[Mapping[str, str]]:
        """What the gate lacks, in the words of the case book."""
        (decision,) = self.world.keep.call("plan", plan=plan)["decisions"]
        tried = [t for axis in decision["axes"] for t in axis["tried"]]
        return [c["words"] for t in tried for c in t["checked"] if c["answer"] == "unmet"]

    def give(self, permit: str, content: bytes, without: Sequence[str] = ()) -> str:
        """Seal the list and lay it in; the hand-over's id."""
        desk, objected = self.keys["desk"], "\n".join(["who", *without]).encode() if without else b""
        half = self.world.keep.call("list-half", permit=permit)
        file, without_them = (hashlib.sha256(c).hexdigest() if c else "" for c in (content, objected))
        words = Giving(permit, file, without_them, desk.person, self.world.clock())
        sealed = box(bytes.fromhex(half["half"]), half["key_id"], content, objected)
        said = {"giving": words, "signature": desk.sign(words), "key_id": half["key_id"], "box": sealed}
        return str(self.world.keep.call("hand-over", **said)["hand_over"])

    def ended(self, hand_over: str) -> Said:
        """The hand-over as the register tells it, once `act` is done with it. Raises TimeoutError."""
        return dict(unsafe_demo.wait_for(f"act to hand over {hand_over}", lambda: self._ended(hand_over)))

    def _ended(self, hand_over: str) -> Said | None:
        found = self.world.keep.call("hand-overs")["hand_overs"]
        return next((h for h in found if h["id"] == hand_over and h["state"] not in ("waiting", "begun")), None)

    def _row(self, name: str, parent: str, **changed: Any) -> Entrustment:
        raw = tomllib.loads((ROWS / f"{name}.toml").read_text(encoding="utf-8"))
        papers = {p: hashlib.sha256((ROWS / raw[p]).read_bytes()).hexdigest() if raw.get(p) else "" for p in ("contract", "consent")}
        now = self.world.clock()
        said = read(Entrustment, {**raw, **papers, "parent": parent, "by": self.keys["desk"].person, "at": plain(now)})
        day, later = now.date(), timedelta(days=90 if not parent else 30)
        return replace(said, since=day - timedelta(days=1), until=day + later, checked=day - timedelta(days=20), **changed)

    def _draft(self) -> Draft:
        operator, now = self.world.settings.operator, self.world.clock()
        who, day = self.keys["engineer"].person, self.book.day(now)
        return read_draft(PLAN, actor=operator.name, regime=operator.regime, proposer=who, day=day, now=now, book=self.book)
