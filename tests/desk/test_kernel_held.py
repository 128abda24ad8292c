"""`keep` says which permits are rules in the kernel, `hold` makes the kernel so and tells what it read; people see both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk import probes
from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.desk.outside import KeepIsGone, Outside
from sekisho.desk.steady import Steady
from sekisho.effects.nft import Member
from sekisho.effects.prefix_sets import HEART
from tests.desk.holding import MEASURED, Router, _measured, _permitted, router
from tests.desk.office import Office, Watch

__all__ = ["_measured", "_permitted", "router"]


def test_a_permit_becomes_rules_and_both_sides_are_shown(router: Router) -> None:
    assert router.effects()["state"] == "not-held"
    assert router.round()
    shown = router.effects()
    assert shown["state"] == "same"
    (effect,) = shown["effects"]
    assert effect["permit"] == router.permit
    assert effect["wanted"] == effect["there"] == {"live": 1, "mail4_32": 1, "range4_24": 1, "range6_48": 1, "static4_29": 1}


def test_nothing_is_done_twice_and_begin_and_end_are_written_once(router: Router) -> None:
    for _ in range(3):
        router.round()
        router.wait(seconds=2)
    assert router.written() == 1
    router.office.withdraw(router.permit)
    assert not router.round()
    router.round()
    assert router.written() == 2
    assert router.effects()["effects"] == []


def test_what_was_withdrawn_is_gone_with_the_next_round(router: Router) -> None:
    assert router.round()
    router.office.withdraw(router.permit)
    assert not router.round()


def test_at_its_end_it_is_gone_without_anybody_saying_so(router: Router) -> None:
    assert router.round()
    router.wait(days=366)
    assert not router.round()


def test_evidence_that_went_stale_ends_it(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.desk.permitting import remeasure

    assert router.round()
    monkeypatch.setitem(MEASURED, "submission-port", {"port": "587", "works": False, "authenticated": True})  # type: ignore[arg-type] # a dict
    with router.office.turn() as world:
        remeasure.carry_out(world, remeasure.Remeasure())
    assert not router.round()
    monkeypatch.undo()


def test_silence_of_keep_ends_it_with_its_last_word(router: Router) -> None:
    assert router.round()

    class Gone:
        def call(self, method: str, **_params: object) -> Any:
            raise KeepIsGone(method)

    router.holder.world = replace(router.holder.world, keep=Gone())
    assert router.round(), "what it vouched for still runs"
    router.wait(seconds=6)
    assert not router.round()


def test_a_keep_that_says_no_ends_it_at_once(router: Router) -> None:
    assert router.round()
    router.holder.world = router.office.outside("collect")
    assert not router.round()


def test_what_somebody_changed_by_hand_is_put_right_counted_and_written(router: Router) -> None:
    router.round()
    there = router.kernel.there
    assert there is not None
    name = next(n for n in there.sets if "range4" in n)
    more = {**there.sets[name].members, "192.0.2.0": Member("", None)}
    router.kernel.model.there = replace(there, sets={**there.sets, name: replace(there.sets[name], members=more)})
    assert router.round()
    shown = router.effects()
    assert shown["state"] == "same"
    assert shown["mends"] == 1
    assert shown["mended"] == [f"set {name} -1 +0"]
    assert router.written() == 2
    router.kernel.model.there = None
    assert router.round()
    assert router.effects()["mends"] == 2


def test_the_passing_of_time_is_nobodys_meddling(router: Router) -> None:
    for _ in range(20):
        router.round()
        router.wait(seconds=2)
    assert router.effects()["mends"] == 0


def test_a_kernel_that_refuses_is_said_and_the_next_round_makes_it_good(router: Router) -> None:
    router.kernel.says = "not-permitted"
    router.holder.hear()
    assert router.holder.turn() is None
    shown = router.effects()
    assert (shown["state"], shown["said"]) == ("refused", "not-permitted")
    router.kernel.says = ""
    assert router.round()
    assert router.effects()["state"] == "same"


def test_an_emptied_kernel_and_a_new_process_find_each_other(router: Router) -> None:
    """A reboot: nothing stands there and nothing is remembered. A killed process: all stands there and nothing is remembered."""
    router.round()
    router.kernel.model.there = None
    router.holder = HoldKernel(router.office.outside("hold"), router.kernel)
    assert router.round()
    writes = router.kernel.model.writes
    router.holder = HoldKernel(router.office.outside("hold"), router.kernel)
    assert router.round()
    assert router.kernel.model.writes == writes
    assert router.effects()["mends"] == 0
    router.office.withdraw(router.permit)
    router.holder = HoldKernel(router.office.outside("hold"), router.kernel)
    assert not router.round()


def test_who_does_not_answer_for_ten_seconds_is_not_believed(router: Router) -> None:
    router.round()
    router.wait(seconds=11)
    shown = router.effects()
    assert shown["state"] == "not-held"
    assert shown["effects"][0]["there"] == {}


def test_a_forged_permit_makes_no_rule(router: Router) -> None:
    said = router.holder.world.keep.call

    class Forger:
        def call(self, method: str, **params: object) -> Any:
            answer = said(method, **params)
            if method == "kernel-leases" and answer["rented"]:
                body = bytes.fromhex(answer["rented"][0]["permit"]["body"]).replace(b"198.51.100.0/24", b"192.51.100.0/24")
                answer["rented"][0]["permit"]["body"] = body.hex()
            return answer

    world = router.holder.world
    router.holder = HoldKernel(Outside(world.settings, Forger(), world.public, world.clock), router.kernel)
    assert not router.round()
    assert router.holder.counters["permit-forged"]


def test_a_wall_clock_set_back_makes_no_lease_longer() -> None:
    watch = Watch()
    clock = Steady(watch.wall, watch.ticks)
    watch.wind(seconds=30)
    right = watch.at
    watch.jump(days=-1)
    assert clock() == right
    watch.jump(days=2)
    assert clock() == right + timedelta(days=1), "set forward, everything ends early"


def test_a_lease_in_the_kernel_is_never_longer_than_the_heart(router: Router) -> None:
    router.round()
    assert router.kernel.there is not None
    live = [m.left for n, s in router.kernel.there.sets.items() if n.endswith("_live") for m in s.members.values()]
    assert live == [HEART]


@pytest.mark.parametrize(
    ("scope", "missing"),
    [
        ({"ranges": ("192.0.2.0/24",)}, "ranges of somebody else"),
        ({"own_mail": ()}, "no mail server of our own"),
        ({"ranges": ("0.0.0.0/0",)}, "everybody"),
    ],
)
def test_a_scope_wider_than_dynamic_lines_is_refused(founded: Office, scope: Mapping[str, Any], missing: str) -> None:
    """The rules are compiled before anybody is asked to approve; what they look at is evidence nobody can state."""
    draft = founded.draft("op25b").plan
    plan = replace(draft, scope={**draft.scope, **scope})
    found = [e for e in probes.compiled(plan, founded.settings.network.prefixes, founded.watch.at) if e.kind == "scope"]
    assert not [e for e in found if e.value["rows"] == "dynamic-lines-direct-to-25"], missing
