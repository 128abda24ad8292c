"""A taken-over `work` child: it has a real look under a real permit, and wants more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.flows.find import Find
from sekisho.desk.flows.find import carry_out as find
from sekisho.desk.flows.identify import Identify, Line
from sekisho.desk.flows.identify import carry_out as identify
from sekisho.desk.flows.look import Opened
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.gate.check import read as words
from sekisho.law.reading import read
from sekisho.store.parts import Part, periods, segments
from sekisho.store.view import open_view
from tests.conftest import BUSY
from tests.node import Desk, no, read_records


def looking(desk: Desk, sort: str = "identify") -> tuple[Outside, Opened]:
    """A child with its first look open: `find` under a standing permit, or `identify` about one token."""
    desk.time.pass_(seconds=30 if sort == "find" else 0)
    desk.due()
    planned = [json.loads(body) for (body,) in read_records(desk.state, "select body from looks where state = 'waiting' order by at")]
    first = next(p["id"] for p in planned if p["sort"] == sort)
    world = desk.outside("work", [first])
    return world, read(Opened, world.keep.call("open-look", look=first))


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
    world, opened = looking(desk, "find")
    release = world.release(opened.look.id)

    def noted(key: str, wrapped: bytes) -> bytes:
        taken[key] = wrapped
        return release(key, wrapped)

    open_view(streams, match_permit, "hits", ("peer", "start", "line_port"), [part.period], noted).close()
    return permit, part, taken


def read_signed(desk: Desk, permit: str) -> Any:
    from sekisho.desk.flows.standing import StandingPermit

    said = [read(StandingPermit, s) for s in desk.channel("collect").call("standing")]
    return next(s.permit for s in said if words(s.permit).id == permit)


def test_the_right_key_is_released_and_stands_in_the_ledger_first(permitted: Desk) -> None:
    world, opened = looking(permitted)
    size = permitted.world.keep.call("overview")["ledger"]["size"]
    found = identify(world, Identify(opened))
    assert type(found).__name__ == "Line"
    assert permitted.world.keep.call("overview")["ledger"]["size"] > size


def test_another_days_key_is_refused(permitted: Desk) -> None:
    world, opened = looking(permitted)
    of = standing(permitted)["match"]
    for other in (day(permitted, days=-1), day(permitted, days=1), "0001-01-01", ""):
        assert ask(world, opened.look.id, f"{of}/party/{other}") in ("period-not-permitted", "bad-key-id")


def test_another_days_token_key_is_refused(permitted: Desk) -> None:
    """With it, tokens of a day outside the permit could be led back to lines."""
    world, opened = looking(permitted)
    for other in (day(permitted, days=-1), day(permitted, days=1)):
        assert no(lambda other=other: world.keep.call("token-key", look=opened.look.id, period=other)) == "period-not-permitted"


def test_another_classs_key_is_refused(permitted: Desk) -> None:
    world, opened = looking(permitted)
    of, today = standing(permitted), day(permitted)
    assert ask(world, opened.look.id, f"{of['match']}/counterpart/{today}") == "class-not-permitted"
    assert ask(world, opened.look.id, f"{of['register']}/contact/{today}") == "class-not-permitted"
    for made_up in ("content", "PARTY", "party ", "*", ".."):
        assert ask(world, opened.look.id, f"{of['match']}/{made_up}/{today}") == "class-not-permitted"


def test_another_purposes_key_is_refused(permitted: Desk) -> None:
    """The traffic picture is another purpose with a stream of its own."""
    permitted.people.stand("traffic-picture")
    (picture,) = [p["id"] for p in permitted.world.keep.call("permits") if p["measure"] == "traffic-picture"]
    world, opened = looking(permitted)
    assert ask(world, opened.look.id, f"{picture}/datetime/{day(permitted)}") == "not-this-permits-stream"
    mine, mine_opened = looking(permitted, "find")
    assert words(mine_opened.permit).measure in ("infected-notice", "traffic-picture")
    other = picture if words(mine_opened.permit).measure == "infected-notice" else standing(permitted)["match"]
    assert ask(mine, mine_opened.look.id, f"{other}/datetime/{day(permitted)}") == "not-this-permits-stream"


def test_a_find_look_never_gets_the_accounting_or_the_register(permitted: Desk) -> None:
    world, opened = looking(permitted, "find")
    of, today = standing(permitted), day(permitted)
    assert words(opened.permit).step.name == "match"
    for step in ("record", "register"):
        assert ask(world, opened.look.id, f"{of[step]}/party/{today}") == "not-this-permits-stream"


def test_the_key_id_of_one_class_does_not_open_the_wrapped_key_of_another(permitted: Desk) -> None:
    """It says `party` and hands in the wrapped key of the counterparts."""
    permit, part, taken = wrapped_hits(permitted)
    world, opened = looking(permitted)
    counterpart = taken[f"{permit}/counterpart/{part.period}"]
    assert ask(world, opened.look.id, f"{permit}/party/{part.period}", counterpart) == "key-refused"


def test_a_look_gets_no_key_of_another_look(permitted: Desk) -> None:
    first, second, third = permitted.due()[:3]
    mine, theirs = permitted.outside("work", [first]), permitted.outside("work", [second])
    theirs.keep.call("open-look", look=second)
    mine.keep.call("open-look", look=first)
    key = f"{standing(permitted)['match']}/party/{day(permitted)}"
    assert ask(mine, second, key) == "another-looks-channel"
    assert no(lambda: mine.keep.call("token-key", look=second, period=day(permitted))) == "another-looks-channel"
    assert no(lambda: mine.keep.call("close-look", look=second, state="done")) == "another-looks-channel"
    assert no(lambda: mine.keep.call("identified", look=second, nobody="ambiguous")) == "another-looks-channel"
    assert no(lambda: mine.keep.call("open-look", look=third)) == "another-looks-channel"


def test_a_look_that_is_over_gets_nothing_more(permitted: Desk) -> None:
    world, opened = looking(permitted)
    identify(world, Identify(opened))
    key = f"{standing(permitted)['match']}/party/{day(permitted)}"
    assert ask(world, opened.look.id, key) == "look-not-under-way"
    assert no(lambda: world.keep.call("token-key", look=opened.look.id, period=day(permitted))) == "look-not-under-way"
    assert no(lambda: world.keep.call("open-look", look=opened.look.id)) == "look-not-waiting"


def test_contacts_stay_shut_to_every_look(permitted: Desk) -> None:
    """Boxes are opened by who sends, one at a time, for an order that carries them."""
    of, today = standing(permitted)["register"], day(permitted)
    for sort in ("identify", "find"):
        world, opened = looking(permitted, sort)
        assert ask(world, opened.look.id, f"{of}/contact/{today}") in ("class-not-permitted", "not-this-permits-stream")
        assert no(lambda w=world: w.keep.call("release-contact", order="order-0")) == "not-for-this-role"


def line(desk: Desk, box: str) -> dict[str, Any]:
    now = desk.time.wall()
    return {"line": "L-9999", "box": box, "terms": "2024-04-01", "first": now, "last": now, "contacts": 3}


def test_a_child_cannot_slip_an_address_of_its_own_into_an_order(permitted: Desk) -> None:
    """What it hands on is a sealed box of the register; a look that may not identify hands on nothing."""
    finder, opened = looking(permitted, "find")
    assert no(lambda: finder.keep.call("identified", look=opened.look.id, line=line(permitted, "x"))) == "not-an-identification"
    world, opened = looking(permitted)
    assert no(lambda: world.keep.call("identified", look=opened.look.id, line=line(permitted, "mallory@mail.example"))) == "not-a-box"
    assert no(lambda: world.keep.call("identified", look=opened.look.id, nobody="because")) == "unknown-state"


def test_a_look_that_named_somebody_names_nobody_else(permitted: Desk) -> None:
    world, opened = looking(permitted)
    found = identify(world, Identify(opened))
    assert isinstance(found, Line)
    assert no(lambda: world.keep.call("identified", look=opened.look.id, line=found)) == "look-not-under-way"


def test_a_child_proposes_nothing_orders_nothing_and_approves_nothing(permitted: Desk) -> None:
    world, _ = looking(permitted)
    for method in ("propose", "order", "review", "supply", "confirm", "withdraw", "look-again", "begin", "orders", "standing", "half"):
        assert no(lambda m=method: world.keep.call(m)) == "not-for-this-role"


def test_a_finding_of_another_measure_is_not_taken(permitted: Desk) -> None:
    world, opened = looking(permitted, "find")
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


def test_a_permit_that_is_over_opens_nothing(permitted: Desk) -> None:
    world, opened = looking(permitted)
    key = f"{standing(permitted)['match']}/party/{day(permitted)}"
    permitted.time.pass_(days=15)
    assert ask(world, opened.look.id, key) == "ended"
    assert no(lambda: world.keep.call("token-key", look=opened.look.id, period=day(permitted, days=-15))) == "ended"


def test_a_permit_withdrawn_while_a_look_runs_refuses_the_next_key_within_a_second(permitted: Desk) -> None:
    import time

    world, opened = looking(permitted)
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
    assert time.monotonic() - ended[0] < 1 + BUSY
