"""Hand-overs in one office: a row with its party's key, a list, its plan all the way to a permit, and `act` in the same process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage

from sekisho.desk import records
from sekisho.desk.entrusting.hand_over_do import Ended, HandOver, carry_out
from sekisho.desk.entrusting.hand_over_draft import box, fill
from sekisho.desk.entrusting.hand_over_steps import Waiting
from sekisho.desk.outside import KeepIsGone
from sekisho.law.entrustment import AskedWhere, Giving, PartyKey
from sekisho.law.reading import read
from sekisho.wire.people_list import PeopleList, read_list
from tests.desk.office import Channel, Office
from tests.desk.test_entrust import PROOF, entrusted

RUNNERS = [("森 花", "hana@example.jp", "落花生"), ("林 一郎", "ichiro@example.jp", ""), ("原 三枝", "SAEKO@example.jp", "=1+1")]
HEADINGS = ("name", "mail", "allergy")
CANARIES = [("見張 一", "guard-1@sink.example.jp"), ("見張 二", "guard-2@sink.example.jp"), ("見張 三", "guard-3@sink.example.jp")]


def csv(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(r) for r in (headings, *rows)).encode(encoding) + b"\r\n"


LIST = csv(RUNNERS)


def digest(content: bytes) -> str:
    return sha256(content).hexdigest() if content else ""


@dataclass
class Party:
    """A contractor with a key of its own."""

    identity: pyrage.x25519.Identity

    @classmethod
    def new(cls) -> Party:
        return cls(pyrage.x25519.Identity.generate())

    @property
    def key(self) -> str:
        return str(self.identity.to_public())

    def opened(self, sealed: bytes) -> PeopleList:
        return read_list(self.plain(sealed))

    def plain(self, sealed: bytes) -> bytes:
        return bytes(pyrage.decrypt(sealed, [self.identity]))


def tell(office: Office, entrustment: str, key: str, who: str = "desk") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    words = PartyKey(entrustment, key, PROOF, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("tell-key", told=words, signature=office.keys[who].sign(words)))


def prepared(office: Office, **changed: Any) -> tuple[str, Party]:
    """A row in force whose party told its key; and people of our own in the settings."""
    (office.home / "canaries.csv").write_bytes(csv(CANARIES, ("name", "mail")))
    settings = office.home / "sekisho.toml"
    if "canaries" not in settings.read_text(encoding="utf-8"):
        settings.write_text('canaries = "canaries.csv"\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    row, party = entrusted(office, **changed), Party.new()
    tell(office, row, party.key)
    return row, party


def permitted(office: Office, row: str, content: bytes = LIST, **scope: Any) -> str:
    """The list's own plan, approved by two who did not propose it."""
    office.watch.wind(seconds=1)
    key, draft = office.keys["engineer"], office.draft("entrustment")
    base = {k: v for k, v in draft.plan.scope.items() if k not in ("to", "persons", "actions", "places", "for")}
    plan = replace(draft.plan, scope={**base, "entrustment": row, **scope})
    plan, _ = fill(plan, content, office.terminal.call("entrustments")["entrustments"])
    identity = str(office.terminal.call("propose", plan=plan, signature=key.sign(plan))["plan"])
    office.watch.wind(seconds=2)
    office.supply(identity, "entrustment")
    office.approve(identity, "reviewer-a")
    found = office.approve(identity, "reviewer-b")
    assert len(found) == 1, office.terminal.call("plan", plan=identity)["decisions"][0]["missing"]
    return found[0]


def give(office: Office, of: str, content: bytes = LIST, without: bytes = b"", who: str = "desk", says: str = "") -> str:
    """`says`: the digest that the statement names, where it is not the list's own."""
    office.watch.wind(seconds=1)
    half = office.terminal.call("list-half", permit=of)
    words = Giving(of, says or digest(content), digest(without), office.keys[who].person, office.watch.at)
    sealed = box(bytes.fromhex(half["half"]), half["key_id"], content, without)
    said = {"giving": words, "signature": office.keys[who].sign(words), "key_id": half["key_id"], "box": sealed}
    return str(office.terminal.call("hand-over", **said)["hand_over"])


def said_in(office: Office, of: str, word: str) -> str:
    """What the scope of a permit says."""
    with office.turn() as world:
        return str(records.body(records.one(world.db, records.PERMITS, id=of) or {})["scope"][word])


class Killed(BaseException):
    """`act` was killed right here."""


@dataclass
class Wire:
    """The channel of `act`; the test says before or after which call it is killed, or `keep` falls silent."""

    channel: Channel
    before: str = ""
    after: str = ""
    silent: str = ""

    def call(self, method: str, **params: object) -> Any:
        if method == self.before:
            raise Killed(method)
        if method == self.silent:
            raise KeepIsGone(method)
        found = self.channel.call(method, **params)
        if method == self.after:
            raise Killed(method)
        return found


def act(office: Office, **wire: str) -> list[Ended]:
    """One round of `act`: everything that waits."""
    channel = Wire(office.channel("act"), **wire)
    world, found = replace(office.outside("act"), keep=channel), []
    for asked in channel.call("hand-overs-waiting"):
        waiting = read(Waiting, asked)
        ended = carry_out(world, HandOver(waiting))
        channel.call("hand-over-done", hand_over=waiting.id, outcome=ended.outcome, code=ended.code, line=ended.line)
        found.append(ended)
    return found


def outbox(office: Office) -> list[Path]:
    folder = office.settings.folder / "act" / "outbox"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def sealed(office: Office, identity: str) -> bytes:
    return (office.settings.folder / "act" / "outbox" / f"{identity}.csv.age").read_bytes()


def listed(office: Office) -> list[Mapping[str, Any]]:
    return list(office.terminal.call("hand-overs")["hand_overs"])


def where(office: Office, who: str, asks: str = "desk") -> list[Mapping[str, Any]]:
    office.watch.wind(seconds=1)
    words = AskedWhere(sha256(who.encode()).hexdigest(), office.keys[asks].person, office.watch.at)
    said = office.terminal.call("where-handed", who=who, asked=words, signature=office.keys[asks].sign(words))
    return list(said["hand_overs"])
