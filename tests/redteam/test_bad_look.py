"""A taken-over `work` child: it has a real look under a real permit, and wants more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.find import Find
from sekisho.desk.find import carry_out as find
from sekisho.desk.identify import Identify
from sekisho.desk.identify import carry_out as identify
from sekisho.desk.look import Opened
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.gate.check import read as words
from sekisho.law.reading import read
from sekisho.law.words import Regime
from sekisho.measures.registry import EVERY
from sekisho.store.parts import Part, periods, segments
from sekisho.store.view import open_view
from tests.node import Desk, no, read_records


def looking(desk: Desk, sort: str = "identify") -> tuple[Outside, Opened, list[str]]:
    """A child with its first look open: `find` under a standing permit, or `identify` about one token."""
    desk.time.pass_(seconds=30 if sort == "find" else 0)
    desk.due()
    planned = [json.loads(body) for (body,) in read_records(desk.state, "select body from looks where state = 'waiting' order by at")]
    first = next(p["id"] for p in planned if p["sort"] == sort)
    group = [first, *(p["id"] for p in planned if p["after"] == first)]
    world = desk.outside("work", group)
    return world, read(Opened, world.keep.call("open-look", look=first)), group


def standing(desk: Desk) -> dict[str, str]:
    """Standing permits by step."""
    return {p["step"]: p["id"] for p in desk.world.keep.call("permits") if p["step"] in ("register", "record", "match")}


def ask(world: Outside, look: str, key: str, wrapped: bytes = bytes(81)) -> str:
    return no(lambda: world.keep.call("release-key", look=look, key_id=key, wrapped=wrapped))


def day(desk: Desk, **away: float) -> str:
    return (desk.time.wall() + timedelta(**away)).date().isoformat()


def wrapped_hits(desk: Desk) -> tuple[str, Part, dict[str, bytes]]:
    """A segment of the hits, and its wrapped keys by key id."""
    permit = standing(desk)["match"]
    streams = desk.state / "streams"
    taken: dict[str, bytes] = {}

    (part,) = segments(streams, permit, "hits", periods(streams, permit, "hits"))
    assert part.is_segment
    match_permit = words(read_signed(desk, permit))
    world, opened, _ = looking(desk, "find")
    release = world.release(opened.look.id)

    def noted(key: str, wrapped: bytes) -> bytes:
        taken[key] = wrapped
        return release(key, wrapped)

    open_view(streams, match_permit, "hits", ("peer", "start", "line_port"), [part.period], noted).close()
    return permit, part, taken


def read_signed(desk: Desk, permit: str) -> Any:
    from sekisho.desk.standing import StandingPermit

    said = [read(StandingPermit, s) for s in desk.channel("collect").call("standing")]
    return next(s.permit for s in said if words(s.permit).id == permit)


def test_the_right_key_is_released_and_stands_in_the_ledger_first(permitted: Desk) -> None:
    world, opened, _ = looking(permitted)
    size = permitted.world.keep.call("overview")["ledger"]["size"]
    found = identify(world, Identify(opened))
    assert type(found).__name__ == "Line"
    assert permitted.world.keep.call("overview")["ledger"]["size"] > size


def test_another_days_key_is_refused(permitted: Desk) -> None:
    world, opened, _ = looking(permitted)
    of = standing(permitted)["match"]
    for other in (day(permitted, days=-1), day(permitted, days=1), "0001-01-01", ""):
        assert ask(world, opened.look.id, f"{of}/party/{other}") in ("period-not-permitted", "bad-key-id")


def test_another_days_token_key_is_refused(permitted: Desk) -> None:
    """With it, tokens of a day outside the permit could be led back to lines."""
    world, opened, _ = looking(permitted)
    for other in (day(permitted, days=-1), day(permitted, days=1)):
        assert no(lambda other=other: world.keep.call("token-key", look=opened.look.id, period=other)) == "period-not-permitted"


def test_another_classs_key_is_refused(permitted: Desk) -> None:
    world, opened, _ = looking(permitted)
    of, today = standing(permitted), day(permitted)
    assert ask(world, opened.look.id, f"{of['match']}/counterpart/{today}") == "class-not-permitted"
    assert ask(world, opened.look.id, f"{of['register']}/contact/{today}") == "class-not-permitted"
    for made_up in ("content", "PARTY", "party ", "*", ".."):
        assert ask(world, opened.look.id, f"{of['match']}/{made_up}/{today}") == "class-not-permitted"


def test_another_purposes_key_is_refused(permitted: Desk) -> None:
    """The traffic picture is another purpose with a stream of its own."""
    permitted.people.stand("traffic-picture")
    (picture,) = [p["id"] for p in permitted.world.keep.call("permits") if p["measure"] == "traffic-picture"]
    world, opened, _ = looking(permitted)
    assert ask(world, opened.look.id, f"{picture}/datetime/{day(permitted)}") == "not-this-permits-stream"
    mine, mine_opened, _ = looking(permitted, "find")
    assert words(mine_opened.permit).measure in ("infected-notice", "traffic-picture")
    other = picture if words(mine_opened.permit).measure == "infected-notice" else standing(permitted)["match"]
    assert ask(mine, mine_opened.look.id, f"{other}/datetime/{day(permitted)}") == "not-this-permits-stream"


def test_a_find_look_never_gets_the_accounting_or_the_register(permitted: Desk) -> None:
    world, opened, _ = looking(permitted, "find")
    of, today = standing(permitted), day(permitted)
    assert words(opened.permit).step.name == "match"
    for step in ("record", "register"):
        assert ask(world, opened.look.id, f"{of[step]}/party/{today}") == "not-this-permits-stream"


def test_the_key_id_of_one_class_does_not_open_the_wrapped_key_of_another(permitted: Desk) -> None:
    """It says `party` and hands in the wrapped key of the counterparts."""
    permit, part, taken = wrapped_hits(permitted)
    world, opened, _ = looking(permitted)
    counterpart = taken[f"{permit}/counterpart/{part.period}"]
    assert ask(world, opened.look.id, f"{permit}/party/{part.period}", counterpart) == "key-refused"


def test_a_look_gets_no_key_of_another_look(permitted: Desk) -> None:
    groups = permitted.due()
    mine, theirs = permitted.outside("work", groups[0]), permitted.outside("work", groups[1])
    opened = read(Opened, theirs.keep.call("open-look", look=groups[1][0]))
    mine.keep.call("open-look", look=groups[0][0])
    key = f"{standing(permitted)['match']}/party/{day(permitted)}"
    assert ask(mine, opened.look.id, key) == "another-looks-channel"
    assert no(lambda: mine.keep.call("token-key", look=opened.look.id, period=day(permitted))) == "another-looks-channel"
    assert no(lambda: mine.keep.call("close-look", look=opened.look.id, state="done")) == "another-looks-channel"
    assert no(lambda: mine.keep.call("open-look", look=groups[2][0])) == "another-looks-channel"


def test_a_look_that_is_over_gets_nothing_more(permitted: Desk) -> None:
    world, opened, _ = looking(permitted)
    identify(world, Identify(opened))
    world.keep.call("close-look", look=opened.look.id, state="ambiguous")
    key = f"{standing(permitted)['match']}/party/{day(permitted)}"
    assert ask(world, opened.look.id, key) == "look-not-under-way"
    assert no(lambda: world.keep.call("token-key", look=opened.look.id, period=day(permitted))) == "look-not-under-way"
    assert no(lambda: world.keep.call("open-look", look=opened.look.id)) == "look-not-waiting"


def test_the_contact_stays_shut_until_one_line_was_named(permitted: Desk) -> None:
    world, opened, group = looking(permitted)
    assert no(lambda: world.keep.call("open-look", look=group[1])) == "earlier-look-named-nobody"
    world.keep.call("close-look", look=opened.look.id, state="ambiguous")
    assert no(lambda: world.keep.call("open-look", look=group[1])) == "earlier-look-named-nobody"


def test_who_sends_reads_contacts_and_nothing_else(permitted: Desk) -> None:
    world, opened, group = looking(permitted)
    world.keep.call("close-look", look=opened.look.id, state="named")
    second = read(Opened, world.keep.call("open-look", look=group[1]))
    of, today = standing(permitted), day(permitted)
    assert ask(world, second.look.id, f"{of['register']}/party/{today}") == "class-not-permitted"
    assert ask(world, second.look.id, f"{of['match']}/contact/{today}") == "not-this-permits-stream"
    assert ask(world, second.look.id, f"{of['register']}/contact/{day(permitted, days=-2)}") == "period-not-permitted"


ORDER: dict[str, Any] = {
    "text": "infected-notice@1",
    "language": "ja",
    "params": {},
    "recipient": bytes(100),
    "pseudonym": "0" * 64,
    "code": "0" * 64,
}


def test_who_sends_cannot_order_another_text_nor_a_second_mail(permitted: Desk) -> None:
    from sekisho.effects.texts import load

    world, opened, group = looking(permitted)
    right = load(world.settings.texts).digest("infected-notice@1")
    assert no(lambda: world.keep.call("order", look=opened.look.id, text_digest=right, **ORDER)) == "sends-nothing"
    world.keep.call("close-look", look=opened.look.id, state="named")
    second = read(Opened, world.keep.call("open-look", look=group[1]))
    wrong = ORDER | {"text": "please-pay@1"}
    assert no(lambda: world.keep.call("order", look=second.look.id, text_digest=right, **wrong)) == "another-text"
    assert world.keep.call("order", look=second.look.id, text_digest=right, **ORDER)
    assert no(lambda: world.keep.call("order", look=second.look.id, text_digest=right, **ORDER)) == "already-ordered"


def test_an_order_for_bytes_other_than_the_adopted_text_is_refused(permitted: Desk) -> None:
    """One changed byte voids the adoption: the digest ordered is the one the officer signed."""
    world, opened, group = looking(permitted)
    world.keep.call("close-look", look=opened.look.id, state="named")
    second = read(Opened, world.keep.call("open-look", look=group[1]))
    assert no(lambda: world.keep.call("order", look=second.look.id, text_digest="0" * 64, **ORDER)) == "another-text"


def test_a_child_proposes_nothing_but_what_its_measure_declares(permitted: Desk) -> None:
    world, opened, _ = looking(permitted)
    plan = read_plan(permitted)
    for changed, code in (
        (replace(plan, steps=(replace(plan.steps[0], elements=frozenset(EVERY["infected-notice"].steps[2].elements)),)), "not-as-declared"),
        (replace(plan, day=plan.day + timedelta(days=1)), "not-todays-plan"),
        (replace(plan, measure="anything"), "unknown-measure"),
        (replace(plan, scope={**plan.scope, "tokens": ("0" * 32,)}), "nobody-found-this"),
        (replace(plan, until=plan.until - timedelta(seconds=1)), "already-asked"),
        (replace(plan, proposer="person-0"), "unsigned-proposal"),
    ):
        assert no(lambda changed=changed: world.keep.call("propose", plan=changed)) == code


def read_plan(desk: Desk) -> Any:
    from sekisho.law.words import Plan

    (plan,) = {p["plan"] for p in desk.world.keep.call("permits") if p["step"] == "identify"}
    whole = read(Plan, desk.world.keep.call("plan", plan=plan)["plan"])
    return replace(whole, evidence=(), regime=Regime(whole.regime), day=date.fromisoformat(str(whole.day)))


def test_a_view_of_another_permits_stream_is_refused_when_it_is_proposed(permitted: Desk) -> None:
    permitted.people.stand("traffic-picture")
    (picture,) = [p["id"] for p in permitted.world.keep.call("permits") if p["measure"] == "traffic-picture"]
    world, _, _ = looking(permitted)
    plan = read_plan(permitted)
    views = {**plan.scope["views"], "hits": {**plan.scope["views"]["hits"], "of": picture}}
    scope = {k: v for k, v in plan.scope.items() if k != "tokens"} | {"views": views}
    assert no(lambda: world.keep.call("propose", plan=replace(plan, scope=scope))) == "another-purpose"
    gone = {**views, "hits": {**views["hits"], "of": "permit-0"}}
    assert no(lambda: world.keep.call("propose", plan=replace(plan, scope={**scope, "views": gone}))) == "unknown-permit"


def test_a_finding_of_another_measure_is_not_taken(permitted: Desk) -> None:
    world, opened, _ = looking(permitted, "find")
    find(world, Find(opened))
    one = {
        "measure": "traffic-picture",
        "token": "0" * 32,
        "period": day(permitted),
        "first": permitted.time.wall(),
        "last": permitted.time.wall(),
        "facts": {"contacts": 9},
    }
    assert no(lambda: world.keep.call("found", look=opened.look.id, findings=[one])) == "another-measures-finding"


def test_sealed_parts_open_to_nobody_who_makes_up_keys(permitted: Desk, tmp_path: Path) -> None:
    permit, part, _ = wrapped_hits(permitted)
    match = words(read_signed(permitted, permit))
    from sekisho.store.errors import StoreError

    for made_up in (bytes(32), bytes(range(32))):
        with pytest.raises((StoreError, OSError)):
            open_view(permitted.state / "streams", match, "hits", ("peer",), [part.period], lambda *_, k=made_up: k)


def test_a_permit_withdrawn_while_a_look_runs_refuses_the_next_key_within_a_second(permitted: Desk) -> None:
    import time

    world, opened, _ = looking(permitted)
    asked: list[float] = []
    ended: list[float] = []

    class Meddled:
        """The child's own channel; after its first key somebody withdraws the permit."""

        def call(self, method: str, **params: object) -> Any:
            asked.append(time.monotonic())
            answer = world.keep.call(method, **params)
            if method == "release-key" and not ended:
                permitted.people.withdraw(opened.look.permit)
                ended.append(time.monotonic())
            return answer

    with pytest.raises(KeepSaidNo) as why:
        identify(replace(world, keep=Meddled()), Identify(opened))
    assert why.value.code == "withdrawn"
    assert asked[-1] >= ended[0]
    assert time.monotonic() - ended[0] < 1
