"""The process with the console: no keys, cannot mint, cannot approve. It shows what `keep` says and carries what people sign."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from sekisho.desk import audit
from sekisho.desk.flows import figures
from sekisho.desk.public import Public, read_public
from sekisho.desk.settings import Settings
from sekisho.desk.staff import statements
from sekisho.desk.texts import adoption
from sekisho.faces.processes.channel import Channel, KeepIsGone, KeepSaidNo
from sekisho.faces.processes.confine import confine, report
from sekisho.faces.processes.mailbox import mails
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now
from sekisho.faces.processes.show_cases import KeepCases
from sekisho.faces.processes.show_doors import KeepDoors
from sekisho.faces.web.app import create_app
from sekisho.faces.web.desk import DeskAway, Json
from sekisho.faces.web.register import Written
from sekisho.faces.web.settings import Settings as WebSettings
from sekisho.law.canonical import digest
from sekisho.law.words import Role

REMEMBERED = 1000
WRITING = 2.0
AFTER_TROUBLE = 60.0


class KeepDesk:
    """The console's desk over `keep`'s channel. What was shown for signing is remembered, so that it can be handed in as shown."""

    def __init__(self, settings: Settings, public: Public, channel: Channel) -> None:
        self.settings, self.public, self.channel = settings, public, channel
        self.ledger_folder = audit.Audit(settings.folder / "ledger", public)
        self._plan_of: OrderedDict[str, str] = OrderedDict()
        self.cases = KeepCases(self._ask, settings.texts)
        self.doors = KeepDoors(self._ask, settings.texts, settings.folder / "register", settings.folder / "viewing")

    async def _ask(self, method: str, **params: object) -> Any:
        """The answer, or {"error": {...}} for a refusal. Raises DeskAway when `keep` is silent."""
        try:
            return await asyncio.to_thread(self.channel.call, method, **params)
        except KeepSaidNo as no:
            return {"error": {"code": no.code, **no.detail}}
        except KeepIsGone as gone:
            raise DeskAway from gone

    async def overview(self) -> Json:
        found: Json = await self._ask("overview")
        return found

    async def plan(self, plan: str) -> Json:
        found: Json = await self._ask("plan", plan=plan)
        if self.settings.demo and "kinds" in found and "text-adopted" in found["kinds"]:
            found["kinds"]["text-adopted"] |= adoption(self.settings.texts, found["plan"]["scope"].get("text"))
        return found

    async def permits(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("permits")
        return found

    async def effects(self) -> Json:
        found: Json = await self._ask("effects")
        return found

    async def volumes(self, measure: str) -> Json:
        found: Json = await self._ask("volumes", measure=measure)
        return found

    async def opened_lines(self) -> Json:
        found: Json = await self._ask("opened-lines")
        return found

    async def mail_stages(self) -> Json:
        found: Json = await self._ask("mail-stages")
        return found

    async def held_senders(self) -> Json:
        found: Json = await self._ask("held-senders")
        return found

    async def measures(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("measures")
        return found

    async def measure_effect(self, measure: str) -> Json:
        found: Json = await self._ask("measure-effect", measure=measure)
        return found

    async def book(self, words: str) -> Json:
        found: Json = await self._ask("book-index", words=words)
        return found

    async def book_case(self, case: str) -> Json:
        found: Json = await self._ask("book-case", case=case)
        return found

    async def what_if(self, asked: Mapping[str, Any]) -> Json:
        found: Json = await self._ask("what-if", **asked)
        return found

    async def traffic(self) -> Json:
        return figures.plotted(await self._ask("traffic"))

    async def ledger(self, start: int, count: int) -> Json:
        return await asyncio.to_thread(audit.entries, self.ledger_folder, start, count)

    async def verify(self) -> Json:
        return await asyncio.to_thread(audit.carry_out, self.ledger_folder)

    async def receipt(self, index: int) -> str:
        return await asyncio.to_thread(audit.receipt, self.ledger_folder, index)

    async def explain(self, entry: int) -> Json:
        found: Json = await self._ask("explain", entry=entry)
        return found

    async def envelopes(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("envelopes")
        return found

    async def entrustments(self) -> Json:
        found: Json = await self._ask("entrustments")
        return found

    async def hand_overs(self) -> Json:
        found: Json = await self._ask("hand-overs")
        return found

    async def campaigns(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("campaigns")
        return found

    async def campaign(self, campaign: str) -> Json:
        found: Json = await self._ask("campaign", campaign=campaign)
        return found

    async def who_is(self, mail: str) -> Json:
        found: Json = await self._ask("who-is-recipient", mail=mail)
        return found

    async def replies(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("replies")
        return found

    async def admissions(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("admissions")
        return found

    async def talks(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("talks")
        return found

    async def held_mails(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("held-mails")
        return found

    async def tools(self) -> Json:
        found: Json = await self._ask("tools")
        return found

    async def public_register(self) -> Json:
        found: Json = await self._ask("register")
        return found

    async def board(self) -> Json:
        found: Json = await self._ask("board")
        return found

    async def event(self) -> Json:
        found: Json = await self._ask("event-report")
        return found

    async def people(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("people")
        return found

    async def mailbox(self) -> Sequence[Json]:
        return mails(self.settings.folder.parent / "mailbox") if self.settings.demo else []

    async def line(self, code: str) -> Json:
        found: Json = await self._ask("my-line", code=code)
        return found

    async def withdraw_mine(self, code: str) -> Json:
        found: Json = await self._ask("withdraw-mine", code=code)
        return found if "error" in found else {"ok": True, **found}

    async def consent(self, code: str) -> Json:
        found: Json = await self._ask("my-consent", code=code)
        return found

    async def withdraw_consent(self, code: str) -> Json:
        found: Json = await self._ask("withdraw-my-consent", code=code)
        return found if "error" in found else {"ok": True, **found}

    async def look_again(self, permit: str) -> Json:
        found = await self._ask("look-again", permit=permit)
        return found if isinstance(found, dict) and "error" in found else {"ok": True, "look": found}

    async def statement(self, kind: str, fields: Mapping[str, Any]) -> Json:
        plan = await self.plan(str(fields["plan"])) if "plan" in fields else None
        if plan is not None and "error" in plan:
            return plan
        try:
            said = statements.made(kind, fields, plan, await self._roles(str(fields.get("person", ""))), now())
        except statements.NoStatement as why:
            return {"error": {"code": "not-a-statement", "why": why.code}}
        shown = statements.as_shown(said)
        if plan is not None:
            self._plan_of[shown["digest"]] = str(fields["plan"])
            while len(self._plan_of) > REMEMBERED:
                self._plan_of.popitem(last=False)
        return shown

    async def submit(self, kind: str, statement: Json, signature: Json) -> Json:
        try:
            method, params = statements.request(kind, statement, signature, self._plan_of.get(digest(statement), ""))
        except ValueError as why:
            return {"error": {"code": "not-a-statement", "why": str(why)}}
        if kind == "attaching":
            content = self.cases.staged(str(statement.get("digest")))
            if content is None:
                return {"error": {"code": "waited-too-long"}}
            params["content"] = content
        found = await self._ask(method, **params)
        if isinstance(found, dict) and "error" in found:
            return found
        if kind == "sign-in":
            return {"ok": True, "person": found}
        return {"ok": True, **found} if isinstance(found, dict) else {"ok": True, "done": found}

    async def demo_sign(self, person: str, digest: str) -> Json:
        if not self.settings.demo:
            return {"error": {"code": "not-demo"}}
        raw = await asyncio.to_thread(self._unsafe_signature, person, digest)
        return (
            {"person": person, "signature": raw, "client_data": "", "authenticator_data": ""}
            if raw
            else {"error": {"code": "unknown-person"}}
        )

    def _unsafe_signature(self, person: str, digest: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, contextlib.suppress(OSError):
            sock.settimeout(5)
            sock.connect(str(self.settings.folder / "run" / "unsafe-demo-people.sock"))
            sock.sendall(json.dumps({"person": person, "digest": digest}).encode())
            return sock.recv(4096).decode("ascii", "replace")
        return ""

    async def enrol_options(self, code: str) -> Json:
        found: Json = await self._ask("invited", code=code)
        return found

    async def enrol(self, code: str, key: Json) -> Json:
        person = await self._ask("enrol", code=code, key_kind="passkey", public_key=key["public_key"], credential=key["credential"])
        if isinstance(person, dict):
            return person
        return {"ok": True, "person": next(p for p in await self.people() if p["id"] == person)}

    async def _roles(self, person: str) -> frozenset[Role]:
        known = next((p for p in await self.people() if p["id"] == person), None)
        return frozenset(Role(r) for r in known["roles"]) if known else frozenset()


def web_settings(settings: Settings) -> WebSettings:
    console = settings.console
    hosts = tuple(dict.fromkeys((*WebSettings.hosts, console.name, urlsplit(console.url).hostname or console.name)))
    web = WebSettings(origin=console.url, rp_id=console.name, hosts=hosts, demo=settings.demo, secure=console.url.startswith("https:"))
    return web if settings.access.resolver is None else replace(web, elsewhere=f"{console.url.rstrip('/')}/filters?name")


def keep_register(channel: Channel, written: Written, stop: Callable[[float], object] = time.sleep) -> None:
    """Every two seconds the public register is as the permits are; the files change when it does. Ends with its channel."""
    while True:
        try:
            written.keep(channel.call("register"), now())
        except KeepIsGone:
            return
        except (KeepSaidNo, OSError) as why:
            sys.stderr.write(f"show: the public register was not written: {type(why).__name__}\n")
            stop(AFTER_TROUBLE)
        stop(WRITING)


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    desk = KeepDesk(settings, read_public(settings.folder), channel)
    (settings.folder / "viewing").mkdir(exist_ok=True)
    shared = [settings.folder / "ledger", settings.folder / "viewing", settings.texts] + (
        [settings.folder.parent / "mailbox", settings.folder / "run"] if settings.demo else []
    )
    report("show", files=confine(read=shared, write=[settings.folder / "register"], bind=[settings.console.port]))
    end_with_parent()
    threading.Thread(target=keep_register, args=(channel, Written(settings.folder / "register")), daemon=True).start()
    app = create_app(desk, web_settings(settings))
    uvicorn.run(app, host=settings.console.host, port=settings.console.port, log_level="warning", access_log=False, server_header=False)


if __name__ == "__main__":
    main()
