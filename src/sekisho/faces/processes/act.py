"""The process with the rights to touch the world: checks each permit in numbered steps, then acts. It mints nothing and reads no stream."""

from __future__ import annotations

import asyncio
from collections import Counter

from sekisho.desk.access import try_port
from sekisho.desk.entrusting import hand_over_do
from sekisho.desk.entrusting.hand_over_steps import Waiting as List
from sekisho.desk.flows import carry_out
from sekisho.desk.flows.order import Waiting
from sekisho.desk.incidents import call
from sekisho.desk.incidents.rungs import Call
from sekisho.desk.messages import deliver, returned
from sekisho.desk.messages.batches import Mailing
from sekisho.desk.outside import Outside
from sekisho.desk.posts import fetch_record
from sekisho.desk.posts.reveal_fetch import Fetch
from sekisho.desk.public import read_public
from sekisho.desk.talking import pass_on
from sekisho.desk.talking.own_said import LONGEST_ANSWER, Read, believed
from sekisho.faces.processes.channel import KeepIsGone, KeepSaidNo
from sekisho.faces.processes.confine import confine, report
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now
from sekisho.faces.processes.returns import Child, Reader
from sekisho.faces.words.incident import CALLED
from sekisho.faces.words.talk import held_for
from sekisho.law.reading import read

LISTEN = 0.5
AT_ONCE = 8
RETRY = 60.0
TALK = "sekisho.faces.processes.read_talk"


class Actor:
    """Takes waiting orders, a few at once, and reports each outcome."""

    def __init__(self, world: Outside) -> None:
        self.world = world
        self.counters: Counter[str] = Counter()
        self.busy: set[str] = set()
        self.later: dict[str, float] = {}
        self.going = True
        self.try_at, self.failed = 0.0, 0
        self.mailing: asyncio.Task[None] | None = None
        self.talking: asyncio.Task[None] | None = None

    async def run(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        while self.going:
            for waiting in await asyncio.to_thread(self._orders):
                if waiting.id not in self.busy and len(self.busy) < AT_ONCE and self._due(waiting.id):
                    self.busy.add(waiting.id)
                    task = asyncio.create_task(self._one(waiting))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            if self.mailing is None or self.mailing.done():
                self.mailing = asyncio.create_task(self._mail())
            await asyncio.to_thread(self._records)
            await asyncio.to_thread(self._lists)
            await asyncio.to_thread(self._returns)
            await self._calls()
            if self.talking is None or self.talking.done():
                self.talking = asyncio.create_task(self._talks())
            self._port(tasks)
            await asyncio.sleep(LISTEN)
        await asyncio.gather(*tasks, *(t for t in (self.mailing, self.talking) if t), return_exceptions=True)

    async def _mail(self) -> None:
        """Campaigns, one after another; before anything is sent the mail server is asked about what an earlier process left."""
        try:
            while await deliver.ask_server(self.world, deliver.AskServer()):
                self.counters["mails-asked-about"] += 1
            for asked in await asyncio.to_thread(self.world.keep.call, "mailings"):
                await self._campaign(read(Mailing, asked))
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    async def _campaign(self, mailing: Mailing) -> None:
        if not self.going or not self._due(mailing.campaign):
            return
        try:
            done = await deliver.carry_out(self.world, deliver.Deliver(mailing, lambda: self.going))
            self.counters.update({f"mails-{outcome}": count for outcome, count in done.counts.items()})
            later = RETRY if done.later else 0.0
        except (deliver.NotSent, KeepSaidNo) as why:
            self.counters[why.code] += 1
            later = RETRY
        self.later[mailing.campaign] = asyncio.get_running_loop().time() + later

    def _orders(self) -> list[Waiting]:
        try:
            self.world.keep.call("report", process="act", counters=dict(self.counters))
            return [read(Waiting, w) for w in self.world.keep.call("orders")]
        except (KeepSaidNo, KeepIsGone):
            return []

    def _records(self) -> None:
        """Sealed sender records that are to be opened, one after another; a service that does not answer is asked again next time."""
        try:
            for asked in self.world.keep.call("fetches") if self.world.settings.service else ():
                fetch_record.carry_out(self.world, read(Fetch, asked))
                self.counters["records"] += 1
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    def _lists(self) -> None:
        """Lists to be handed over, one after another."""
        try:
            for asked in self.world.keep.call("hand-overs-waiting"):
                waiting = read(List, asked)
                ended = hand_over_do.carry_out(self.world, hand_over_do.HandOver(waiting))
                self.counters[f"hand-over-{ended.outcome}"] += 1
                told = {"outcome": ended.outcome, "code": ended.code, "line": ended.line}
                self.world.keep.call("hand-over-done", hand_over=waiting.id, **told)
            self.counters["hand-over-taken-back"] += hand_over_do.take_back(self.world)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    def _returns(self) -> None:
        """Mails that came back."""
        try:
            with Reader() as read:
                found = returned.carry_out(self.world, returned.ReadReturns(read))
            self.counters.update({f"returns-{kind}": count for kind, count in found.items()})
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    async def _talks(self) -> None:
        """Mails of masked talks: taken in, and passed on one by one; before that the server is asked what an earlier process left."""
        if not self.world.settings.mail.talks:
            return
        try:
            while await pass_on.ask_server(self.world, pass_on.AskServer()):
                self.counters["talks-asked-about"] += 1
            with Child(TALK, believed, longest=LONGEST_ANSWER) as child:
                found = await asyncio.to_thread(pass_on.take_in, self.world, pass_on.TakeIn(child))
                self.counters.update({f"talks-{why}": count for why, count in found.items()})
                for name in await asyncio.to_thread(self.world.keep.call, "talk-mails"):
                    if self.going and self._due(name):
                        await self._pass(name, child)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    async def _pass(self, name: str, child: Child[Read]) -> None:
        done = await pass_on.carry_out(self.world, pass_on.PassOn(name, child, held_for))
        self.counters[f"talks-{done.outcome}"] += 1
        if done.outcome in ("deferred", "stopped", "unknown"):
            self.later[name] = asyncio.get_running_loop().time() + RETRY
        told = {"outcome": done.outcome, "reply": done.reply, "why": done.why}
        await asyncio.to_thread(self.world.keep.call, "talk-mail-done", passing=done.passing, **told)

    async def _calls(self) -> None:
        """Rungs of an incident's ladder, to our own people."""
        try:
            for asked in await asyncio.to_thread(self.world.keep.call, "ladder-calls"):
                waiting = read(Call, asked)
                if not self._due(waiting.id):
                    continue
                done = await call.carry_out(self.world, call.MailCall(waiting, CALLED.get(waiting.language, CALLED["ja"])))
                self.counters[f"call-{done.outcome}"] += 1
                self.later[waiting.id] = asyncio.get_running_loop().time() + RETRY
                await asyncio.to_thread(self.world.keep.call, "ladder-told", call=waiting.id, outcome=done.outcome, reply=done.reply)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    def _port(self, tasks: set[asyncio.Task[None]]) -> None:
        """The submission port is tried now and then, beside everything else."""
        if not self.world.settings.access.submission or asyncio.get_running_loop().time() < self.try_at:
            return
        self.try_at = asyncio.get_running_loop().time() + try_port.EVERY
        task = asyncio.create_task(self._try())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _try(self) -> None:
        tried = await asyncio.to_thread(try_port.carry_out, self.world, try_port.TryPort(self.failed))
        self.failed = tried.failed
        self.counters["port-failed" if tried.failed else "port-tried"] += 1
        if tried.failed or not tried.told:
            self.try_at = asyncio.get_running_loop().time() + try_port.SOON

    def _due(self, order: str) -> bool:
        return asyncio.get_running_loop().time() >= self.later.get(order, 0.0)

    async def _one(self, waiting: Waiting) -> None:
        try:
            done = await carry_out.carry_out(self.world, carry_out.CarryOut(waiting))
            self.counters[done.outcome] += 1
            if done.outcome == carry_out.DEFERRED:
                self.later[waiting.id] = asyncio.get_running_loop().time() + RETRY
            await asyncio.to_thread(self.world.keep.call, "done", order=waiting.id, outcome=done.outcome, reply=done.reply)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1
        finally:
            self.busy.discard(waiting.id)


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    public = read_public(settings.folder)
    records, databases, ports = fetch_record.places(settings.service)
    canaries = [settings.canaries] if settings.canaries else []
    outbox = settings.folder / "act"
    mail = settings.mail
    asked = [p for p in (mail.log.parent if mail.log else None, mail.postfix, mail.dkim_key) if p is not None]
    ports = [mail.port, *([mail.training_port] if mail.training_port else []), *ports]
    ports = [*ports, *([try_port.place(settings.access.submission)[1]] if settings.access.submission else [])]
    writes = [*databases, outbox, *(box for box in (mail.returns, mail.talks) if box)]
    held = confine(read=[settings.texts, *asked, *records, *canaries], write=writes, connect=ports)
    report("act", files=held)
    channel.call("act-starts")
    actor = Actor(Outside(settings, channel, public, now))
    end_with_parent(lambda: setattr(actor, "going", False))
    asyncio.run(actor.run())


if __name__ == "__main__":
    main()
