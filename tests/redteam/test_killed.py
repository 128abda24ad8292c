"""Processes die at the worst moment, and a server is slow: nothing is sent that was withdrawn, nothing goes twice, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sekisho.desk import audit
from sekisho.store.parts import periods
from tests.node import Node, kill, running, started, until

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


@dataclass
class Story:
    """What was seen. Times are monotonic seconds."""

    stopped: str = ""
    told: list[str] = field(default_factory=list)
    handed: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    after_act: dict[str, str] = field(default_factory=dict)
    told_later: list[str] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    sealed_until: float = 0
    grew_after_lease: bool = True
    fell_with_keep: bool = False
    after: dict[str, str] = field(default_factory=dict)
    verified: bool = False


def states(node: Node) -> dict[str, str]:
    return dict(node.orders())


def permits(node: Node) -> dict[str, str]:
    return {p["id"]: p["state"] for p in node.world.keep.call("permits")}


def sizes(node: Node) -> dict[str, int]:
    """Every part of a stream and how long it is."""
    return {str(p): p.stat().st_size for p in (node.state / "streams").rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    seen = Story()
    folder = tmp_path_factory.mktemp("killed")
    with running(folder) as node:
        root = node.root
        node.people.stand()
        node.people.register()
        node.send()
        node.sink.go.clear()
        node.sink.take.clear()
        node.people.agree(node.found())
        until("three RCPT held back", lambda: len(node.sink.told) == 3)
        withdraw_one(node, seen)
        node.sink.go.set()
        until("the withdrawn order to stop", lambda: states(node)[seen.stopped] == "stopped")
        until("two messages handed over", lambda: len(node.sink.handed) == 2)
        until("two orders begun", lambda: sorted(states(node).values()) == ["begun", "begun", "stopped"])
        seen.begun = [p for p, state in states(node).items() if state == "begun"]
        kill(node.pid("act"))
        node.sink.take.set()
        until("act to be started again", lambda: "begun" not in states(node).values())
        seen.after_act = states(node)
        time.sleep(4)
        seen.told, seen.handed = list(node.sink.told), list(node.sink.handed)
        seen.before = permits(node)
        lose_keep(node, seen)
        seen.fell_with_keep = bool(node.died)
        place, server = node.place, node.sink
    with started(place, server, root) as again:
        again.people.keys = place.keys()
        seen.after = permits(again)
        time.sleep(3)
        seen.told_later = list(server.told)
        seen.verified = bool(audit.carry_out(audit.Audit(again.state / "ledger", again.world.public))["ok"])
        yield seen


def withdraw_one(node: Node, seen: Story) -> None:
    seen.stopped = node.people.permits("notify")[0]["id"]
    node.people.withdraw(seen.stopped)


def lose_keep(node: Node, seen: Story) -> None:
    """`keep` is killed while exporters go on; the supervisor is held back so that nobody tells the collector."""
    node.paused.set()
    time.sleep(0.5)
    kill(node.pid("keep"))
    lost = time.monotonic()
    before, quiet = sizes(node), 0.0
    while time.monotonic() - lost < 20:
        replay(node)
        now = sizes(node)
        if now != before:
            seen.sealed_until = time.monotonic() - lost
            before = now
        quiet = time.monotonic() - lost - seen.sealed_until
        if quiet > 6:
            break
    seen.grew_after_lease = quiet <= 6
    node.paused.clear()
    until("the supervisor to notice", lambda: node.died)


def replay(node: Node) -> None:
    from sekisho.faces.unsafe import demo as unsafe_demo
    from tests.node import V9

    unsafe_demo.replay(V9, node.place.settings.intake.flows)
    time.sleep(0.5)


def test_a_mail_not_yet_accepted_is_not_sent_when_its_permit_is_withdrawn_meanwhile(story: Story) -> None:
    assert len(story.told) == 3
    assert story.after_act[story.stopped] == "stopped"
    assert len(set(story.handed)) == 2


def test_what_a_killed_act_had_begun_is_listed_as_unknown_and_never_sent_twice(story: Story) -> None:
    assert len(story.begun) == 2
    assert {story.after_act[p] for p in story.begun} == {"unknown"}
    assert len(story.told) == len(set(story.told)) == 3
    assert len(story.handed) == len(set(story.handed)) == 2
    assert story.told_later == story.told


def test_without_keep_collectors_stop_sealing_when_their_lease_ends(story: Story) -> None:
    assert not story.grew_after_lease
    assert story.sealed_until < 5 + 5, "a lease is five seconds; the rest is this machine's"


def test_when_keep_is_killed_everything_stops_with_it(story: Story) -> None:
    assert story.fell_with_keep


def test_what_keep_had_acknowledged_is_there_after_it_was_killed_and_started_again(story: Story) -> None:
    assert len(story.before) == 9
    assert story.after == story.before
    assert story.verified


def test_a_killed_collector_loses_at_most_a_second_of_what_it_had_accepted(tmp_path: Path) -> None:
    """Everything the kernel had handed it a second before it was killed can be found by the next look."""
    with running(tmp_path) as node:
        node.people.stand()
        node.people.register()
        node.paused.set()
        node.send()
        port = int(node.place.settings.intake.flows.rpartition(":")[2])
        until("the collector to have taken every datagram", lambda: queued(port) == 0)
        time.sleep(1)
        kill(node.pid("collect"))
        (permit,) = [p["id"] for p in node.people.permits("match")]
        assert periods(node.state / "streams", permit, "hits")
        node.paused.clear()
        plan = node.found()
        assert len(node.world.keep.call("plan", plan=plan)["plan"]["scope"]["tokens"]) == 3
        until("the collector to be started again", lambda: node.counters("collect-0").get("listening"))


def queued(port: int) -> int:
    """Octets the kernel holds for the sockets on a UDP port, -1 for none."""
    rows = [row.split() for row in Path("/proc/net/udp").read_text("ascii").splitlines()[1:]]
    held = [int(row[4].partition(":")[2], 16) for row in rows if int(row[1].partition(":")[2], 16) == port]
    return sum(held) if held else -1
