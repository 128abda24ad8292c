"""A caller's line is opened to port 25 by the code they read out: signed, entered, in the kernel at once, and over by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from sekisho.desk import compare, records
from sekisho.desk.access import opened_lines
from sekisho.desk.access.opened_lines import CODE_LASTS, L
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.signed_words import LineClosing, LineOpening
from sekisho.effects.nft import Member
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.holding import Router, _measured, _permitted, router

__all__ = ["_measured", "_permitted", "router"]

DYNAMIC, FIXED, FOREIGN, DYNAMIC6 = "198.51.100.20", "198.51.100.9", "192.0.2.7", "2001:db8:100:1::20"


def code(router: Router, address: str = DYNAMIC) -> str:
    return str(router.office.channel("show").call("give-line-code", address=address)["code"])


def opening(router: Router, code: str, who: str = "desk", days: int = 7, reason: str = "their mail appliance") -> dict[str, Any]:
    router.office.watch.wind(seconds=1)
    key = router.office.keys[who]
    words = LineOpening(code, reason, days, key.person, router.office.watch.at)
    return dict(router.office.terminal.call("open-line", opening=words, signature=key.sign(words)))


def closing(router: Router, exception: str, who: str = "desk", reason: str = "no longer needed") -> None:
    router.office.watch.wind(seconds=1)
    key = router.office.keys[who]
    words = LineClosing(exception, reason, key.person, router.office.watch.at)
    router.office.terminal.call("close-line", closing=words, signature=key.sign(words))


def let_through(router: Router) -> dict[str, Member]:
    """Members of the sets of opened lines, as they stand in the kernel after a round."""
    router.round()
    assert router.kernel.there is not None
    return {k: m for n, s in router.kernel.there.sets.items() if "_open" in n for k, m in s.members.items()}


def refusal(call: Any) -> str:
    with pytest.raises(KeepSaidNo) as no:
        call()
    return no.value.code


def stands(router: Router, address: str = DYNAMIC) -> dict[str, Any]:
    return dict(router.office.channel("show").call("my-port", address=address))


def test_the_code_the_caller_reads_out_opens_their_line_and_no_other(router: Router) -> None:
    made = opening(router, code(router))
    assert stands(router)["opened"]["id"] == made["exception"]
    ((address, member),) = let_through(router).items()
    assert address == DYNAMIC
    assert member.whose == f"{router.permit} {made['exception']}"
    assert member.left == 7 * 86_400
    assert router.effects()["state"] == "same"
    assert stands(router, "198.51.100.21")["opened"] is None


def test_a_line_of_ipv6_is_its_64_and_a_mapped_address_is_the_one_it_maps(router: Router) -> None:
    opening(router, code(router, DYNAMIC6))
    assert set(let_through(router)) == {"2001:db8:100:1::"}
    assert stands(router, f"::ffff:{DYNAMIC}")["address"] == DYNAMIC


def test_it_closes_by_itself_and_its_address_is_forgotten(router: Router) -> None:
    opening(router, code(router), days=1)
    router.wait(hours=23)
    assert let_through(router)
    router.wait(hours=1)
    assert not let_through(router)
    with router.office.turn() as world:
        assert list(world.db.execute(select(L.c.prefix, L.c.ended))) == [("", "over")]
    assert [x["state"] for x in router.office.terminal.call("opened-lines")["lines"]] == ["over"]


def test_it_ends_with_the_permit_it_is_an_exception_from(router: Router) -> None:
    opening(router, code(router))
    router.office.withdraw(router.permit)
    assert not router.round()


def test_of_two_permits_that_overlap_each_ends_alone_and_an_opened_line_stays_open_under_the_other(router: Router) -> None:
    other = beside(router)
    made = opening(router, code(router))
    router.round()
    assert rules_of(router) == {router.permit, other}
    router.office.withdraw(made["permit"])
    (stays,) = {router.permit, other} - {made["permit"]}
    ((address, member),) = let_through(router).items()
    assert (address, member.whose) == (DYNAMIC, f"{stays} {made['exception']}")
    assert rules_of(router) == {stays}
    assert stands(router)["refused"]["permit"] == stays
    assert router.effects()["state"] == "same"
    router.office.withdraw(stays)
    assert not router.round()
    assert stands(router)["refused"] is None


def beside(router: Router) -> str:
    """A second permit for the same ranges, with a plan of its own."""
    office, key = router.office, router.office.keys["engineer"]
    draft = office.draft("op25b").plan
    other = replace(draft, until=draft.until - timedelta(days=1))
    plan = office.terminal.call("propose", plan=other, signature=key.sign(other))["plan"]
    office.supply(plan, "op25b")
    office.confirm(plan)
    for who in ("reviewer-a", "reviewer-b"):
        office.approve(plan, who)
    return str(next(p["id"] for p in office.permits() if p["plan"] == plan))


def rules_of(router: Router) -> set[str]:
    """Whose rules stand in the kernel, on the way of a packet."""
    assert router.kernel.there is not None
    return {rule.whose for rule in router.kernel.there.chains["forward"].rules}


@pytest.mark.parametrize("by", ["help desk", "line"])
def test_closed_again_it_is_refused_with_the_next_round(router: Router, by: str) -> None:
    made = opening(router, code(router))
    assert let_through(router)
    if by == "line":
        router.office.channel("show").call("close-my-line", address=DYNAMIC)
    else:
        closing(router, made["exception"])
    assert not let_through(router)
    assert refusal(lambda: closing(router, made["exception"])) == "unknown-exception"
    with router.office.turn() as world:
        assert list(world.db.execute(select(L.c.prefix))) == [("",)]


def test_a_code_works_once_and_for_half_an_hour(router: Router) -> None:
    first = code(router)
    opening(router, first)
    assert refusal(lambda: opening(router, first)) == "unknown-code"
    late = code(router, "198.51.100.21")
    router.wait(seconds=CODE_LASTS.total_seconds())
    assert refusal(lambda: opening(router, late)) == "unknown-code"


def test_who_tries_codes_is_stopped_after_ten_and_others_are_not(router: Router) -> None:
    """Ten digits and ten thousand codes that wait: without a count a program with a desk's key finds one in an afternoon."""
    given = code(router)
    for n in range(10):
        assert refusal(lambda n=n: opening(router, f"{n:010d}")) == "unknown-code"
    assert refusal(lambda: opening(router, given)) == "too-many-codes"
    assert refusal(lambda: opening(router, "0000000011")) == "too-many-codes"
    router.office.watch.wind(minutes=59)
    assert refusal(lambda: opening(router, code(router))) == "too-many-codes"
    router.office.watch.wind(minutes=2)
    assert opening(router, code(router))["exception"]


def test_a_line_has_one_code_the_newest(router: Router) -> None:
    first, second = code(router), code(router)
    assert refusal(lambda: opening(router, first)) == "unknown-code"
    assert opening(router, second.replace(" ", ""))["exception"]


def test_a_refused_opening_leaves_the_code_as_it_was(router: Router) -> None:
    given = code(router)
    for days, reason, why in ((0, "x", "line-days"), (31, "x", "line-days"), (7, "  ", "no-reasons")):
        assert refusal(lambda d=days, r=reason: opening(router, given, days=d, reason=r)) == why
    assert refusal(lambda: opening(router, given, who="engineer")) == "wrong-role"
    assert refusal(lambda: opening(router, "00000 00000")) == "unknown-code"
    assert not let_through(router)
    assert opening(router, given)["exception"]
    assert refusal(lambda: opening(router, code(router))) == "line-open-already"


@pytest.mark.parametrize("address", [FIXED, FOREIGN, "not an address", ""])
def test_who_is_not_refused_gets_no_code(router: Router, address: str) -> None:
    assert refusal(lambda: code(router, address)) == "not-refused-here"
    assert stands(router, address)["refused"] is None


def test_the_subscriber_is_told_the_permit_its_ground_and_its_end(router: Router) -> None:
    told = stands(router)["refused"]
    assert told["permit"] == router.permit
    assert told["since"] < told["until"]
    assert {"jp/C-06/1"} <= {c["id"] for c in told["cases"]}


def test_a_code_is_gone_with_keep_and_an_opened_line_is_not(router: Router) -> None:
    opening(router, code(router))
    waiting = code(router, "198.51.100.21")
    router.office.reopen()
    router.holder.world = router.office.outside("hold")
    assert set(let_through(router)) == {DYNAMIC}
    assert refusal(lambda: opening(router, waiting)) == "unknown-code"


def test_a_row_that_somebody_wrote_into_the_records_opens_nothing(router: Router) -> None:
    opening(router, code(router))
    with router.office.turn() as world:
        world.db.execute(update(L).values(prefix="198.51.100.21/32"))
    assert not let_through(router)


def test_a_row_whose_end_somebody_moved_opens_nothing(router: Router) -> None:
    opening(router, code(router), days=1)
    with router.office.turn() as world:
        world.db.execute(update(L).values(until=records.stamp(router.office.watch.at + timedelta(days=365))))
    assert not let_through(router)
    assert stands(router)["opened"] is None


def test_a_closed_line_that_somebody_opened_again_in_the_records_stays_closed(router: Router) -> None:
    made = opening(router, code(router))
    closing(router, made["exception"])
    with router.office.turn() as world:
        world.db.execute(update(L).values(prefix=f"{DYNAMIC}/32", ended=None))
    assert not let_through(router)


def test_neither_the_ledger_nor_what_people_see_names_the_address(router: Router) -> None:
    made = opening(router, code(router))
    closing(router, made["exception"])
    entries = [Entry.decode(e) for e in router.office.world.log.entries()]
    mine = [e for e in entries if e.type in (EntryType.LINE_OPENED, EntryType.LINE_CLOSED)]
    assert [e.ids["exception"] for e in mine] == [made["exception"]] * 2
    seen = [e.encode().decode() for e in mine] + [json.dumps(router.office.terminal.call(m)) for m in ("opened-lines", "effects")]
    with router.office.turn() as world:
        seen += [records.rows(world.db, t)[0]["body"].decode() for t in (records.OPENED_LINES, records.CLOSED_LINES)]
        assert not list(compare.carry_out(world, compare.Compare()).differences)
    assert not [s for s in seen if DYNAMIC in s]


def test_thousands_who_ask_for_codes_fill_no_memory(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.desk.access import line_code

    monkeypatch.setattr(line_code, "MOST_CODES", 3)
    codes = [code(router, f"198.51.100.{n}") for n in range(20, 26)]
    assert len(router.office.world.line_codes) == 3
    assert refusal(lambda: opening(router, codes[0])) == "unknown-code"
    assert opening(router, codes[-1])["exception"]


@pytest.mark.parametrize("address", ["testclient", "", "198.51.100.0/24", "fe80::1%wan", "198.51.100.020"])
def test_what_is_no_address_is_no_line(address: str) -> None:
    assert opened_lines.line_of(address) is None
