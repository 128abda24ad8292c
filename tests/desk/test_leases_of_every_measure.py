"""Every standing measure of an access provider lives exactly as long as its ground: one suite over all that stand in the kernel, at the
resolver, or are asked by the mail server.

All stand in one office at once, and each test lets something befall them. What the probes would have counted is laid in; how each is
counted is its own test's matter, and what a packet, a name or a mail meets is its own story's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import kernel_rules, mail_stages, probes
from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.desk.access.hold_names import HoldNames
from sekisho.desk.outside import KeepIsGone
from sekisho.desk.permitting import remeasure
from sekisho.desk.steady import Steady
from sekisho.effects import account_hold, name_filter, prefix_sets
from sekisho.law.words import Evidence, Plan, VouchedBy, Voucher
from sekisho.wire import cdb
from tests.desk.filtering import compared
from tests.desk.holding import Falling
from tests.desk.naming_filter import LISTED, Resolver
from tests.desk.office import Office
from tests.desk.test_answer_mail import Server
from tests.desk.test_mail_recipients import agrees
from tests.desk.test_own_block_list import BLOCK_SHOWN, BLOCKED

EVENING = datetime(2026, 12, 2, 11, 30, tzinfo=UTC)
"""After every start, and within the hours of shaping."""
PLANS: Mapping[str, tuple[str, str]] = {
    "shaping": ("shaping", "shape"),
    "class-shaping": ("class-shaping", "shape"),
    "op25b": ("op25b", "block-port-25"),
    "default-on-filter": ("default-on-filter", "filter"),
    "name-filter": ("name-filter", "filter-names"),
    "bulk-sender-count": ("bulk-sender-limit", "count"),
    "bulk-sender-limit": ("bulk-sender-limit", "limit"),
    "ip25b-count": ("ip25b", "count-origins"),
    "ip25b": ("ip25b", "block-inbound-25"),
    "greylisting": ("greylisting", "delay"),
    "rbl": ("rbl", "reject"),
    "mail-authentication": ("mail-authentication", "label"),
    "mail-authentication-signed": ("mail-authentication", "label-signed"),
    "alike-count": ("alike-accounts", "count"),
    "alike-hold": ("alike-accounts", "hold"),
    "hijack-count": ("hijack-signs", "count"),
    "hijack-hold": ("hijack-signs", "hold"),
    "hijack-count-log": ("hijack-signs", "count-log"),
    "hijack-hold-log": ("hijack-signs", "hold-log"),
    "new-account-limit": ("sign-up-check", "probation"),
}
"""Every example plan of a standing effect: its measure and its step."""
OF_A_WEEK = ("bulk-sender-limit", "alike-hold", "hijack-hold", "hijack-hold-log")
"""Plans that last no longer: permitted when the others have started."""
COUNTED: Mapping[tuple[str, str], tuple[tuple[str, str, Mapping[str, Any]], ...]] = {
    PLANS["shaping"]: (
        ("traffic-share", "load-meter", {
            "of": "heavy-users", "users_permille": 230, "share_permille": 918, "hampers_others": True, "measured_from": "2026-11-21",
            "measured_to": "2026-11-21", "method": "octets-by-line-and-hour-least-10-lines",
        }),
        ("shaper-profile", "shaper-config", {
            "hours": "20-24", "floor_kbit": 2416, "only_when_congested": True, "degree_from_data": True,
        }),
    ),
    PLANS["class-shaping"]: (
        ("traffic-share", "load-meter", {
            "of": "peer-to-peer", "users_permille": 230, "share_permille": 638, "hampers_others": True, "measured_from": "2026-11-21",
            "measured_to": "2026-11-21", "method": "octets-by-line-and-hour-least-10-lines",
        }),
        ("shaper-profile", "shaper-config", {
            "hours": "20-24", "floor_kbit": 1416, "only_when_congested": True, "degree_from_data": True,
        }),
    ),
    PLANS["op25b"]: (
        ("submission-port", "port-test", {"port": "587", "works": True, "authenticated": True}),
        ("load", "load-meter", {"what": "lines that send directly", "measured": 9, "unit": "lines", "impaired": True}),
    ),
    PLANS["bulk-sender-limit"]: (
        ("load", "load-meter", {"what": "messages-of-one-account", "measured": 500, "unit": "an-hour", "impaired": True}),
    ),
    PLANS["ip25b"]: (
        ("bulk-mail-origin", "mail-meter", {
            "messages": 120, "from_fixed_permille": 0, "from_dynamic_permille": 1000, "hardly_from_fixed": True, "comes_from_dynamic": True,
            "uniform_rate_control_enough": False, "measured_to": "2026-11-21",
        }),
    ),
    PLANS["alike-hold"]: (
        ("load", "load-meter", {"what": "messages-of-accounts-that-act-alike", "measured": 600, "unit": "a-window", "impaired": True}),
        ("alike-test", "load-meter", {
            "members": 10, "each": 5, "together": 500, "alike": 900, "young_days": 30, "window": 86400, "settled": 60, "matched": 0,
            "permille": 0,
        }),
    ),
    PLANS["hijack-hold"]: (
        ("load", "load-meter", {"what": "messages-of-accounts-with-signs", "measured": 8, "unit": "the-hours-held", "impaired": True}),
        ("hijack-test", "load-meter", {
            "networks": 8, "jump": 20, "least": 100, "usual_hours": 12, "young_days": 30, "held_hours": 12, "settled": 60, "matched": 0,
            "permille": 0,
        }),
    ),
    PLANS["hijack-hold-log"]: (
        ("load", "load-meter", {"what": "messages-of-accounts-with-signs", "measured": 8, "unit": "the-hours-held", "impaired": True}),
        ("log-test", "load-meter", {
            "refused": 50, "refused_permille": 300, "failed": 20, "young_days": 30, "held_hours": 12, "signs": 6, "settled": 60,
            "matched": 0, "permille": 0,
        }),
    ),
}  # fmt: skip
"""What probes say of each, by measure and step."""
LISTS = {"sources.txt": "203.0.113.0/24\n", "dynamic.txt": "203.0.113.0/24\n"}
POLICY = """
[policy]
listen = "127.0.0.1:10031"
milter = "127.0.0.1:10032"
label_by = "mx.isp.example"
resolver = "127.0.0.1:53"
domain = "isp.example"
block_list = "lists/sources.txt"
dynamic_ranges = "lists/dynamic.txt"
"""


class Gone:
    """A `keep` that does not answer."""

    def call(self, method: str, **_params: object) -> Any:
        raise KeepIsGone(method)


class Held:
    """All of it: an office, a kernel and a resolver that are models, and the three who hold them and answer the mail server."""

    def __init__(self, office: Office) -> None:
        self.office, self.kernel, self.resolver = office, Falling(), Resolver()
        self.start()

    def start(self) -> None:
        """New processes, which find what their predecessors left."""
        world = self.office.outside("hold")
        self.holder = HoldKernel(world, self.kernel, trial=Falling())
        self.holder.clock = Steady(world.clock, self.office.watch.ticks)
        self.names = HoldNames(self.holder, self.resolver, LISTED)
        self.tick = 0.0
        self.server = Server(self.office, self.office.home / "counts.db")

    def silent(self) -> None:
        for one in (self.holder, self.server.answering):
            one.world = replace(one.world, keep=Gone())

    def hear(self) -> None:
        for name in LISTS:
            at = self.office.watch.at.timestamp()
            os.utime(self.office.home / "lists" / name, (at, at))
        self.holder.hear()
        self.server.hear()

    def turn(self, *, heard: bool = True) -> frozenset[str]:
        """A round of each; the plans whose effect is there then."""
        if heard:
            self.hear()
        self.holder.turn()
        self.tick += 1.2
        self.names.turn(self.tick)
        return self.there()

    def there(self) -> frozenset[str]:
        now = self.office.watch.at.timestamp()
        table, ends = self.kernel.there, int(self.resolver.read("heart").decode().split()[0] or 0)
        living = {n.removesuffix("_live") for n, s in table.sets.items() if n.endswith("_live") and s.members} if table else set()
        lines = dict(cdb.records(self.resolver.read("lines.cdb"))) if now < ends else {}
        answered = {s.permit for s in self.server.answering.told().stages}
        found = {i for i in self.permits.values() if i.replace("-", "_") in living or i.encode() in lines or i in answered}
        return frozenset(name for name, identity in self.permits.items() if identity in found)

    @property
    def permits(self) -> Mapping[str, str]:
        """The permit of each plan."""
        by_step = {(p["measure"], p["step"]): p["id"] for p in self.office.permits()}
        return {name: by_step[which] for name, which in PLANS.items() if which in by_step}

    def wait(self, span: timedelta) -> None:
        """Time passes for everybody, the kernel included."""
        self.office.watch.wind(seconds=span.total_seconds())
        self.kernel.model.age(int(span.total_seconds()))

    def close(self) -> None:
        self.server.counts.close()
        self.office.close()


@pytest.fixture(scope="module")
def said() -> Iterator[dict[tuple[str, str], Any]]:
    """What the probes say besides what they say by themselves."""
    known, says = probes.measured, dict(COUNTED)

    def measured(world: Any, plan: Plan, now: Any) -> Iterator[Evidence]:
        every = [e for step in plan.steps for e in says.get((plan.measure, step.name), ())]
        kinds = {kind for kind, *_ in every}
        yield from (e for e in known(world, plan, now) if e.kind not in kinds)
        purpose = plan.steps[0].purpose
        yield from (Evidence(kind, value, purpose, Voucher(VouchedBy.PROBE, who), now) for kind, who, value in every)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probes, "measured", measured)
        yield says


@pytest.fixture(scope="module")
def _standing(_founded: Path, said: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("every") / "home")
    (office.home / "lists").mkdir()
    for name, text in LISTS.items():
        (office.home / "lists" / name).write_text(text, "ascii")
    with (office.home / "sekisho.toml").open("a", encoding="utf-8") as settings:
        settings.write(POLICY)
    held = Held(office.open())
    agrees(office, "bob@mail.example")
    agrees(office, "bob@mail.example", BLOCK_SHOWN, **BLOCKED)
    held.holder.try_switch()
    compared(office)
    for _ in range(8):
        held.turn()
    for name in sorted(PLANS, key=OF_A_WEEK.__contains__):
        if name in OF_A_WEEK:
            held.wait(EVENING - office.watch.at)
        assert office.stand(name), name
    held.close()
    return office.home


@pytest.fixture
def held(_standing: Path, tmp_path: Path) -> Iterator[Held]:
    closed = Office(_standing).copied_closed(tmp_path / "every")
    closed.watch.wind(seconds=(EVENING - closed.watch.at).total_seconds())
    made = Held(closed.open())
    assert made.turn() == frozenset(PLANS)
    yield made
    made.close()


def test_every_standing_effect_is_among_these() -> None:
    """Whoever adds one adds its plan here. A suspension is a case's, not a plan's: tests/desk/test_account_hold.py."""
    of_cases = {(account_hold.MEASURE, step) for step in account_hold.STEPS}
    known = {*kernel_rules.STEPS, (name_filter.MEASURE, name_filter.STEP), *mail_stages.STAGES}
    assert known - of_cases == set(PLANS.values())


def test_each_is_gone_once_it_is_withdrawn_and_the_others_stay(held: Held) -> None:
    left = set(PLANS)
    for name, identity in held.permits.items():
        held.office.withdraw(identity)
        left.remove(name)
        assert held.turn() == left, name


def test_each_is_gone_at_its_end_without_anybody_saying_so(held: Held) -> None:
    """A second before it stands; then `keep` is not heard any more, and it is gone all the same."""
    ends = {n: datetime.fromisoformat(p["until"]) for p in held.office.permits() for n, i in held.permits.items() if i == p["id"]}
    for until in sorted(set(ends.values())):
        held.wait(until - held.office.watch.at - timedelta(seconds=1))
        assert held.turn() == {n for n, end in ends.items() if end >= until}
        held.wait(timedelta(seconds=2))
        assert held.turn(heard=False) == {n for n, end in ends.items() if end > until}


def test_each_that_rests_on_what_was_measured_is_gone_when_that_is_gone(held: Held, said: dict[Any, Any]) -> None:
    """What was counted, and of the filters the switch, which nobody tried for days. The others rest on papers and on what people said."""
    rests = {name for name, which in PLANS.items() if which in COUNTED} | {"default-on-filter", "name-filter"}
    said.clear()
    try:
        with held.office.turn() as world:
            remeasure.carry_out(world, remeasure.Remeasure())
    finally:
        said.update(COUNTED)
    assert held.turn() == set(PLANS) - rests


def test_a_silent_keep_ends_all_of_it_with_its_last_word(held: Held) -> None:
    held.silent()
    assert held.turn() == frozenset(PLANS), "what it vouched for still runs"
    held.wait(timedelta(seconds=11))
    assert held.turn() == frozenset()


def test_killed_processes_leave_nothing_longer_than_a_lease_and_the_next_ones_take_it_up(held: Held) -> None:
    """The kernel ends its rules within ten seconds, the resolver within two; who does not run answers no mail server."""
    asked = {name for name, which in PLANS.items() if which in mail_stages.STAGES}
    held.wait(timedelta(seconds=name_filter.HEART))
    assert held.there() - asked == set(PLANS) - asked - {"name-filter"}
    held.wait(timedelta(seconds=prefix_sets.HEART - name_filter.HEART))
    assert held.there() - asked == frozenset()
    held.server.counts.close()
    held.start()
    assert held.turn() == frozenset(PLANS)


def test_what_was_withdrawn_while_nobody_ran_is_gone_with_the_next_process(held: Held) -> None:
    held.server.counts.close()
    for name in ("op25b", "name-filter", "rbl"):
        held.office.withdraw(held.permits[name])
    held.start()
    assert held.turn() == set(PLANS) - {"op25b", "name-filter", "rbl"}


def test_a_kernel_and_a_folder_made_anew_have_all_of_it_after_one_round(held: Held) -> None:
    held.kernel.model.there, held.resolver.files = None, {}
    assert held.turn() == frozenset(PLANS)


def test_a_keep_that_was_started_anew_goes_on_with_all_of_it(held: Held) -> None:
    held.close()
    again = Held(Office(held.office.home, held.office.watch).open())
    again.kernel, again.resolver = held.kernel, held.resolver
    assert again.turn() == frozenset(PLANS)
    held.office, held.server = again.office, again.server
