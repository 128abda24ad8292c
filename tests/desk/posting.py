"""A service with posts beside an `Office`: its own database of sealed sender records, and one case about a post.

The sealing here is written from the format's own words and shares no code with what opens it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.desk.case_words import RevealOrder
from sekisho.desk.posts import fetch_record
from sekisho.desk.posts.reveal_fetch import Fetch
from sekisho.faces.processes import work
from sekisho.law.reading import read
from sekisho.law.words import Value
from tests.desk.caseload import CLAIM, Caseload
from tests.desk.office import Office

SERVICE = """
[[service]]
name = "chat"
database = "sqlite:///chat.db"
operators = "operators.csv"
"""
OPERATORS = "203.0.113.0/24,Example Mobile\n203.0.0.0/16,Somebody wider\nno prefix,nobody\n2001:db8::/32,Example Six\n"
TABLE = """CREATE TABLE sekisho_sender_record (
    id TEXT PRIMARY KEY, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, seen_day TEXT NOT NULL, key_id TEXT NOT NULL,
    sealed BLOB NOT NULL, ip_index TEXT, opened INTEGER NOT NULL DEFAULT 0)"""
GUARD = """CREATE TRIGGER append_only BEFORE UPDATE ON sekisho_sender_record
    WHEN NEW.id <> OLD.id OR NEW.sealed <> OLD.sealed OR NEW.opened < OLD.opened BEGIN SELECT RAISE(ABORT, 'append-only'); END"""
POSTER, SERVER = ("203.0.113.9", 51234), ("198.51.100.7", 443)
PURPOSE = "disclosure-request"
RECORD = "rec-0123456789abcdef-1"
SEEN_US = 1_795_294_496_789_012
"""2026-11-22 05:54:56.789012 in Japan."""


def open_service(home: Path) -> None:
    """The service's own database, and a table of networks, beside the settings."""
    (home / "operators.csv").write_text(OPERATORS, encoding="utf-8")
    with closing(sqlite3.connect(home / "chat.db")) as db:
        db.execute(TABLE)
        db.execute(GUARD)
        db.commit()


def posted(office: Office) -> Posting:
    """A closed office begins to keep records of `chat`, opened: one post is there, and a case about it."""
    with (office.home / "sekisho.toml").open("a", encoding="utf-8") as settings:
        settings.write(SERVICE)
    open_service(office.home)
    office.open()
    for name in ("post-log-keeping", "access-log-keeping"):
        plan = office.propose(name)
        office.supply(plan, name)
        office.approve(plan, "reviewer-a")
    posting = Posting(office)
    posting.post()
    posting.case()
    return posting


def sender_record(
    identity: str,
    subject: str,
    kind: str = "post",
    source: tuple[str, int | None] | None = POSTER,
    seen_us: int = SEEN_US,
    **more: Any,
) -> dict[str, Any]:
    """A record as a service writes it, in plain."""
    ends = [None if e is None else {"ip": e[0], "port": e[1]} for e in (source, SERVER)]
    sender: dict[str, Any] = {
        "source": ends[0],
        "destination": ends[1],
        "seen_us": seen_us,
        "hop": "10.0.0.1",
        "reading": "forwarded",
        "why_empty": "" if source else "source:no-header",
        "tampered": False,
        "chain": [],
    }
    said: dict[str, Any] = {"transport": "tcp", "http": "1.1", "user_agent": "secret-agent/1", "account": "acct-77"}
    said |= {"clock_offset_us": 1200, "host": "web-1"}
    return {"id": identity, "subject_kind": kind, "subject": subject, "sender": sender, **said, **more}


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sealed(record: Mapping[str, Any], public: bytes) -> tuple[bytes, str | None]:
    """`sks1`, and the blind index of the record's address, by their description."""
    once = X25519PrivateKey.generate()
    ephemeral, nonce = once.public_key().public_bytes_raw(), os.urandom(12)
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    keys = HKDF(hashes.SHA256(), 64, salt=None, info=b"sekisho-sender/1" + ephemeral + public).derive(shared)
    bound = canonical({"kind": record["subject_kind"], "subject": record["subject"], "id": record["id"]})
    content = b"sks1" + hashlib.sha256(public).digest()[:16] + ephemeral + nonce
    content += AESGCM(keys[:32]).encrypt(nonce, canonical(record), bound)
    source = record["sender"]["source"]
    if source is None:
        return content, None
    return content, "sks1:" + hmac.new(keys[32:], ipaddress.ip_address(source["ip"]).packed, "sha256").hexdigest()[:32]


@dataclass
class Posting:
    """The people of an office at the posts of the service `chat`."""

    office: Office
    matter: str = ""
    cases: Caseload = field(init=False)
    tickets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cases = Caseload(self.office, texts=False)

    def call(self, method: str, **params: Any) -> Any:
        return self.office.terminal.call(method, **params)

    def keys(self, **more: Any) -> dict[str, Any]:
        return dict(self.call("sender-keys", service="chat", **more))

    def post(self, identity: str = RECORD, subject: str = "post-0001", **more: Any) -> dict[str, Any]:
        """Somebody posts: their record is sealed to the key of today, and stands in the service's database."""
        record = sender_record(identity, subject, **more)
        day = self.office.world.book.day(self.office.watch.at).isoformat()
        key = next(k for k in self.keys()["keys"] if (k["kind"], k["day"]) == (record["subject_kind"], day))
        self.put(record, *sealed(record, bytes.fromhex(key["public"])), day)
        return record

    def put(self, record: Mapping[str, Any], content: bytes, index: str | None, day: str) -> None:
        row = (record["id"], record["subject_kind"], record["subject"], day, content[4:20].hex(), content, index)
        self.sql("INSERT INTO sekisho_sender_record VALUES (?, ?, ?, ?, ?, ?, ?, 0)", row)

    def sql(self, text: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.office.home / "chat.db")) as db:
            found = db.execute(text, values).fetchall()
            db.commit()
            return found

    def opened(self, record: str = RECORD) -> int:
        """How often the service says it was opened."""
        return int(self.sql("SELECT opened FROM sekisho_sender_record WHERE id = ?", (record,))[0][0])

    def case(self) -> str:
        self.matter = self.matter or self.cases.open("deletion-inquiry", CLAIM)
        return self.matter

    def permit(self, **scope: Value) -> str:
        """A permit to disclose of one post, all the way through its two signatures."""
        name = "disclosure-request"
        draft = self.office.draft(name)
        words: dict[str, Value] = {"case": self.case(), "records": ("post-0001",), **scope}
        plan = replace(draft.plan, scope={k: v for k, v in {**draft.plan.scope, **words}.items() if v != ()})
        identity = str(self.call("propose", plan=plan, signature=self.office.keys["engineer"].sign(plan))["plan"])
        self.office.supply(identity, name)
        self.office.approve(identity, "reviewer-a")
        (permit,) = self.office.approve(identity, "reviewer-b")
        return permit

    def order(self, permit: str, who: str = "officer", *, full: bool = False, **changed: Any) -> RevealOrder:
        self.office.watch.wind(microseconds=1000)
        person = self.office.keys[who].person
        words = RevealOrder("chat", "post-0001", self.case(), PURPOSE, permit, full, person, self.office.watch.at)
        return replace(words, **changed)

    def ask(self, permit: str, who: str = "officer", *, full: bool = False, **changed: Any) -> str:
        """An opening is asked for: its id."""
        words = self.order(permit, who, full=full, **changed)
        found = self.call("reveal", order=words, signature=self.office.keys[who].sign(words))
        self.tickets[found["reveal"]] = found["ticket"]
        return str(found["reveal"])

    def fetch(self, rounds: int = 2) -> None:
        """What `act` does every half second: the record is fetched, then its count told."""
        world = self.office.outside("act")
        for _ in range(rounds):
            for asked in world.keep.call("fetches"):
                fetch_record.carry_out(world, read(Fetch, asked))

    def look(self) -> None:
        """What the supervisor does: a child for each look that is due."""
        for look in self.office.channel("supervisor").call("due-looks")["start"]:
            work.look(self.office.outside("work", look), look)

    def reveal(self, permit: str, who: str = "officer", *, full: bool = False, **changed: Any) -> dict[str, Any]:
        """Asked, fetched, opened, and read by who asked."""
        identity = self.ask(permit, who, full=full, **changed)
        self.fetch()
        self.look()
        return self.seen(identity)

    def both(self, permit: str, **changed: Any) -> dict[str, Any]:
        """First the network, then the items: what the second shows."""
        self.reveal(permit, **changed)
        view = self.reveal(permit, full=True, **changed)["view"]
        return dict(view)

    def seen(self, identity: str) -> dict[str, Any]:
        return dict(self.call("revealed", reveal=identity, ticket=self.tickets[identity]))
