"""OP25B before it begins: the lines it would hit are counted, names sealed; the submission port is tried; not before, it may be."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import port_tried, probes, records
from sekisho.desk.access import try_port
from sekisho.desk.access.try_port import IN_A_ROW, TryPort
from sekisho.desk.outside import KeepIsGone
from sekisho.desk.permitting import remeasure
from sekisho.faces.commands import port25
from sekisho.faces.processes import work
from sekisho.measures.op25b import BULK, load
from tests.desk.office import EXAMPLES, Office
from tests.faces.conftest import sekisho

OURS, OTHERS = "203.0.113.25", "203.0.113.66"
TCP, UDP = 6, 17


def netflow(at: datetime, *flows: tuple[str, str, int, int]) -> bytes:
    """A NetFlow v5 datagram of (from, to, port, protocol), as Cisco's manual lays it out."""
    head = struct.pack("!HHIIIIBBH", 5, len(flows), 10_000, int(at.timestamp()), 0, 0, 0, 0, 0)
    parts = [
        struct.pack("!4s4s4sHHIIIIHHBBBBHHBBH", ip_address(src).packed, ip_address(dst).packed, bytes(4), 1, 2, 3, 180,
                    8000, 9000, 40_000, port, 0, 2, protocol, 0, 0, 0, 24, 24, 0)
        for src, dst, port, protocol in flows
    ]  # fmt: skip
    return head + b"".join(parts)


def export(office: Office, *flows: tuple[str, str, int, int]) -> None:
    intake = office.intake()
    intake.renew()
    for at in range(0, len(flows), 24):
        intake.feed(("192.0.2.1", 2055), netflow(office.watch.at, *flows[at : at + 24]), int(office.watch.at.timestamp() * 1000))
    intake.turn()
    intake.turn()
    intake.close()


def look(office: Office) -> None:
    (name,) = office.channel("supervisor").call("due-looks")["start"]
    work.look(office.outside("work", name), name)


def figures(office: Office) -> list[dict[str, Any]]:
    with office.turn() as world:
        row = records.one(world.db, records.FIGURES, measure="op25b")
        return list(records.body(row)["rows"]) if row else []


MAIL = [("198.51.100.20", OTHERS, 25, TCP)] * BULK + [("198.51.100.21", OTHERS, 25, TCP)]
NOT_COUNTED = [
    ("198.51.100.22", OURS, 25, TCP),  # through our own mail server
    ("198.51.100.9", OTHERS, 25, TCP),  # an address given for good
    ("198.51.100.23", OTHERS, 587, TCP),  # the submission port
    ("198.51.100.24", OTHERS, 25, UDP),
    (OTHERS, "198.51.100.25", 25, TCP),  # mail that comes in
]


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("counting") / "home").open()
    office.stand("op25b-count")
    office.close()
    return office.home


@pytest.fixture
def counting(_counting: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_counting).copied(tmp_path / "counting")
    yield office
    office.close()


def test_lines_that_would_be_hit_are_counted_and_nobody_is_named(counting: Office) -> None:
    export(counting, *MAIL, *NOT_COUNTED)
    look(counting)
    (day,) = figures(counting)
    assert {k: day[k] for k in ("lines", "bulk", "connections")} == {"lines": 2, "bulk": 1, "connections": BULK + 1}
    assert set(day) == {"day", "lines", "bulk", "connections"}
    with counting.turn() as world:
        assert not records.rows(world.db, records.FINDINGS), "nobody is followed up"


def test_nothing_else_was_ever_written_down(counting: Office) -> None:
    """Neither the other side nor a port is in any stream: line and time are all there is."""
    export(counting, *MAIL, *NOT_COUNTED)
    intake = counting.intake()
    intake.renew()
    (kept,) = intake.kept.values()
    assert kept.spec.columns == ("line", "start")
    intake.close()


def test_what_was_counted_is_the_need_and_no_count_is_none() -> None:
    assert load([]) is None
    none = load([{"bulk": 0, "lines": 3}]) or {}
    assert (none["measured"], none["impaired"]) == (0, False)
    assert (load([{"bulk": 1}, {"bulk": 4}]) or {})["measured"] == 4


def tried(office: Office, *, works: bool = True, authenticated: bool = True) -> None:
    office.channel("act").call("port-tried", port="587", works=works, authenticated=authenticated)


def measured(office: Office) -> None:
    """Both: the port answers, and somebody sends in bulk."""
    tried(office)
    export(office, *MAIL)
    look(office)


def keep_turns(office: Office) -> dict[str, int]:
    """What `keep` does every few seconds of itself."""
    with office.turn() as world:
        return dict(remeasure.carry_out(world, remeasure.Remeasure()))


def blocks(office: Office, plan: str) -> list[str]:
    return [p["state"] for p in office.permits() if p["plan"] == plan]


def test_a_plan_that_was_approved_before_its_last_probe_spoke_is_permitted_by_keep_itself(counting: Office) -> None:
    plan = counting.propose("op25b")
    counting.supply(plan, "op25b")
    assert counting.approve(plan, "reviewer-a") + counting.approve(plan, "reviewer-b") == []
    tried(counting)
    assert (keep_turns(counting)["minted"], blocks(counting, plan)) == (0, []), "the load is missing still"
    export(counting, *MAIL)
    look(counting)
    kinds = {e.kind: dict(e.value) for e in probed(counting)}
    assert kinds["submission-port"] == {"port": "587", "works": True, "authenticated": True}
    assert kinds["load"]["impaired"] is True
    assert (keep_turns(counting)["minted"], blocks(counting, plan)) == (1, ["in-force"])
    assert keep_turns(counting)["minted"] == 0, "once"


@pytest.mark.parametrize("signed", [(), ("reviewer-a",)])
def test_what_was_not_signed_by_all_is_not_permitted_by_any_measurement(counting: Office, signed: tuple[str, ...]) -> None:
    plan = counting.propose("op25b")
    counting.supply(plan, "op25b")
    for who in signed:
        counting.approve(plan, who)
    measured(counting)
    assert (keep_turns(counting)["minted"], blocks(counting, plan)) == (0, [])


def test_a_permit_that_was_withdrawn_or_ended_is_not_made_again_by_itself(counting: Office) -> None:
    measured(counting)
    first, second = replace_plan(counting), replace_plan(counting, seconds=1)
    counting.withdraw(first[0])
    tried(counting, works=False)
    assert keep_turns(counting) == {"measured": 2, "ended": 1, "minted": 0}
    tried(counting)
    assert keep_turns(counting)["minted"] == 0
    assert {p["id"]: p["state"] for p in counting.permits() if p["id"] in first + second} == {first[0]: "withdrawn", second[0]: "ended"}


def laid(office: Office, plan: str, *kinds: str) -> list[str]:
    """Its papers but for these kinds."""
    return laid_of(office, plan, "op25b", *kinds)


def laid_of(office: Office, plan: str, name: str, *kinds: str) -> list[str]:
    made = []
    for key, paper in office.papers(name):
        if paper.kind not in kinds:
            made += office.terminal.call("supply", plan=plan, evidence=paper, signature=key.sign(paper))["permits"]
    return made


def missing(office: Office, plan: str) -> set[str]:
    said = office.terminal.call("plan", plan=plan)
    return {m["condition"] for d in said["decisions"] for m in d["missing"]}


def test_while_a_mail_service_is_left_nothing_is_blocked_and_the_list_worked_off_permits_it(
    counting: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port25, "outside", lambda _config: nullcontext(counting.outside("terminal")))
    measured(counting)
    plan = counting.propose("op25b")
    laid(counting, plan, "mail-services")
    key = counting.home / "people" / "desk.key"

    def said(name: str) -> tuple[int, dict[str, Any]]:
        ran = sekisho("--json", "port25", "services", str(EXAMPLES / "papers" / name), "--plan", plan, SEKISHO_KEY=str(key))
        return ran.code, json.loads(ran.out)

    code, told = said("op25b-services.csv")
    assert (code, told["permits"], len(told["left"])) == (1, [], 2)
    assert counting.approve(plan, "reviewer-a") + counting.approve(plan, "reviewer-b") == []
    assert missing(counting, plan) == {"services-worked-off"}
    code, told = said("op25b-services-done.csv")
    assert (code, len(told["left"])) == (0, 0)
    assert counting.approve(plan, "reviewer-a") == [], "with another paper it is another plan: signed anew"
    assert len(counting.approve(plan, "reviewer-b")) == 1


@pytest.mark.parametrize(
    ("kind", "changed", "lacks"),
    [
        ("announced-start", {"starts": "2031-01-01"}, {"as-announced"}),
        ("announced-start", {"text": "4" * 64}, {"announced", "as-announced"}),
        ("text-adopted", {"digest": "4" * 64}, {"announcement-adopted"}),
        ("text-adopted", {"adopted": False}, {"announcement-adopted"}),
        ("mail-services", {"left": 1}, {"services-worked-off"}),
        ("mail-services", {"listed": 0}, {"services-worked-off"}),
    ],
    ids=["too early", "another text", "another adopted", "not adopted", "one left", "no list"],
)
def test_it_starts_no_earlier_and_with_no_other_words_than_were_announced(
    counting: Office, kind: str, changed: dict[str, Any], lacks: set[str]
) -> None:
    measured(counting)
    plan = counting.propose("op25b")
    laid(counting, plan, kind)
    (own,) = [(key, paper) for key, paper in counting.papers("op25b") if paper.kind == kind]
    paper = replace(own[1], value={**own[1].value, **changed})
    counting.terminal.call("supply", plan=plan, evidence=paper, signature=own[0].sign(paper))
    assert counting.approve(plan, "reviewer-a") + counting.approve(plan, "reviewer-b") == []
    assert missing(counting, plan) == lacks


def test_on_the_day_that_was_announced_keep_permits_it_of_itself(counting: Office) -> None:
    plan = counting.propose("op25b")
    laid(counting, plan, "announced-start")
    (key, own) = next(p for p in counting.papers("op25b") if p[1].kind == "announced-start")
    tomorrow = counting.world.book.day(counting.watch.at + timedelta(days=1))
    paper = replace(own, value={**own.value, "starts": tomorrow.isoformat()})
    counting.terminal.call("supply", plan=plan, evidence=paper, signature=key.sign(paper))
    measured(counting)
    assert counting.approve(plan, "reviewer-a") + counting.approve(plan, "reviewer-b") == []
    assert keep_turns(counting)["minted"] == 0
    counting.watch.wind(days=1)
    measured(counting)
    assert (keep_turns(counting)["minted"], blocks(counting, plan)) == (1, ["in-force"])


def replace_plan(office: Office, seconds: float = 0) -> list[str]:
    """A plan drafted anew, a moment later, to its permits."""
    office.watch.wind(seconds=seconds)
    plan = office.propose("op25b")
    office.supply(plan, "op25b")
    return office.approve(plan, "reviewer-a") + office.approve(plan, "reviewer-b")


def probed(office: Office) -> list[Any]:
    draft = office.draft("op25b").plan
    with office.turn() as world:
        return list(probes.measured(world, draft, office.watch.at))


def test_a_port_that_fails_ends_the_block(counting: Office) -> None:
    measured(counting)
    (permit,) = replace_plan(counting)
    tried(counting, works=False)
    keep_turns(counting)
    assert {p["id"]: p["state"] for p in counting.permits()}[permit] == "ended"


def test_the_newest_word_about_the_port_stands_also_after_a_restart(counting: Office) -> None:
    tried(counting, works=False)
    tried(counting)
    counting.reopen()
    with counting.turn() as world:
        assert [value for value, _ in port_tried.newest(world)] == [{"port": "587", "works": True, "authenticated": True}]


# The port, tried over real connections


@contextmanager
def server(*answers: bytes) -> Iterator[int]:
    """Says these lines one after another to whoever connects; the first is its greeting."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as conn, conn.makefile("rb") as heard:
                for answer in answers:
                    conn.sendall(answer)
                    if not heard.readline():
                        return

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])


class Told:
    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.gone = False

    def call(self, method: str, **params: Any) -> None:
        if self.gone:
            raise KeepIsGone(method)
        assert method == "port-tried"
        self.said.append(params)


@pytest.mark.parametrize(
    ("answers", "works", "authenticated"),
    [
        ((b"220 mx.test\r\n", b"250-mx.test\r\n250 AUTH PLAIN\r\n", b"221 bye\r\n"), True, True),
        ((b"220 mx.test\r\n", b"250 mx.test\r\n", b"221 bye\r\n"), True, False),
        ((b"554 not today\r\n",), False, False),
        ((b"220 mx.test\r\n", b"250-mx.test\r\n250 STARTTLS\r\n", b"220 go\r\n", b"no tls here\r\n"), False, False),
        ((), False, False),
    ],
    ids=["asks who one is", "takes anybody's mail", "does not greet", "breaks off at TLS", "says nothing"],
)
def test_a_port_is_what_it_does(founded: Office, answers: tuple[bytes, ...], works: bool, authenticated: bool) -> None:
    keep, world = Told(), founded.outside("act")
    with server(*answers) as port:
        access = replace(world.settings.access, submission=f"127.0.0.1:{port}")
        world = replace(world, keep=keep, settings=replace(world.settings, access=access))
        done = try_port.carry_out(world, TryPort(IN_A_ROW), ssl.create_default_context())
    assert (done.works, done.authenticated) == (works, authenticated)
    assert keep.said == [{"port": str(port), "works": works, "authenticated": authenticated}]


def test_one_failure_is_not_told_several_in_a_row_are_and_a_success_begins_anew(founded: Office) -> None:
    keep, world = Told(), founded.outside("act")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    access = replace(world.settings.access, submission=f"127.0.0.1:{port}")
    world = replace(world, keep=keep, settings=replace(world.settings, access=access))
    failed = 0
    for _ in range(IN_A_ROW):
        assert keep.said == []
        failed = try_port.carry_out(world, TryPort(failed)).failed
    assert [s["works"] for s in keep.said] == [False]
    keep.gone = True
    assert not try_port.carry_out(world, TryPort(failed)).told
