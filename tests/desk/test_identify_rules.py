"""Who was behind a token, rule by rule: one user, proven with a margin at every contact, and one line of theirs, or nobody."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.flows.identify import MARGIN_MS, Line, Nobody, _line, _user
from sekisho.wire.intervals import Assignment, Index, intervals

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZERO = int(NOON.timestamp() * 1000)
HOUR = 3_600_000
BOX = "permit-0123456789abcdef/contact/2026-11-21 00ff"
ALWAYS: tuple[datetime | None, datetime | None] = (None, None)


def sixteen(address: str) -> bytes:
    """As streams hold it: IPv4 as ::ffff:a.b.c.d."""
    one = ipaddress.ip_address(address)
    return b"\0" * 10 + b"\xff\xff" + one.packed if one.version == 4 else one.packed


V4 = sixteen("198.51.100.11")
V6 = sixteen("2001:db8:100:100::7")


def session(user: str | None, start: int, stop: int | None, address: bytes = V4, length: int = 128) -> list[Assignment]:
    """One session from its Start to its Stop, `ms` after noon; without a Stop it is open."""
    net = (int.from_bytes(address) >> (128 - length) << (128 - length)).to_bytes(16)
    name = f"{user}-{start}"
    told = [Assignment(net, length, user, "nas-1", name, "start", ZERO + start)]
    return told if stop is None else [*told, Assignment(net, length, user, "nas-1", name, "stop", ZERO + stop)]


def hit(start: int, end: int | None = None, address: object = V4) -> dict[str, object]:
    """A contact, `ms` after noon."""
    return {"line": address, "start": at(start), "end": None if end is None else at(end)}


def at(ms: int) -> datetime:
    return NOON + timedelta(milliseconds=ms)


def user(log: Sequence[Assignment], *hits: Mapping[str, object]) -> str:
    """The name, or why nobody is named."""
    found = _user(Index(intervals(log)), hits)
    return f"nobody: {found.why}" if isinstance(found, Nobody) else found


# The user


def test_one_user_who_held_the_address_at_every_contact_is_named() -> None:
    assert user(session("aki", 0, HOUR), hit(60_000), hit(120_000, 180_000)) == "aki"


@pytest.mark.parametrize(("start", "end"), [(MARGIN_MS, HOUR - MARGIN_MS), (MARGIN_MS, None), (HOUR - MARGIN_MS, None)])
def test_a_contact_a_whole_margin_inside_the_session_names_somebody(start: int, end: int | None) -> None:
    assert user(session("aki", 0, HOUR), hit(start, end)) == "aki"


@pytest.mark.parametrize(
    ("start", "end"), [(MARGIN_MS - 1, None), (HOUR - MARGIN_MS + 1, None), (MARGIN_MS, HOUR - MARGIN_MS + 1), (0, None), (HOUR, None)]
)
def test_a_contact_nearer_than_the_margin_to_either_end_names_nobody(start: int, end: int | None) -> None:
    """Clocks of routers and RADIUS servers differ by a few seconds; a millisecond too near is too near."""
    assert user(session("aki", 0, HOUR), hit(start, end)) == "nobody: ambiguous"


def test_one_contact_too_near_spoils_all_the_others() -> None:
    log = session("aki", 0, HOUR)
    assert user(log, hit(60_000), hit(120_000)) == "aki"
    assert user(log, hit(60_000), hit(120_000), hit(HOUR - 1)) == "nobody: ambiguous"


def test_the_end_of_a_contact_counts_as_much_as_its_start() -> None:
    """The address changed hands while the connection was open: whose it was is nobody's to guess."""
    log = session("aki", 0, HOUR) + session("ben", HOUR + 60_000, 2 * HOUR)
    assert user(log, hit(HOUR - 60_000)) == "aki"
    assert user(log, hit(HOUR - 60_000, HOUR + 120_000)) == "nobody: ambiguous"


def test_an_end_before_its_start_is_read_as_no_end() -> None:
    assert user(session("aki", 0, HOUR), hit(60_000, 1_000)) == "aki"


def test_two_users_one_after_the_other_are_two_and_not_the_later() -> None:
    """A token's contacts lead to the earlier holder and to the later one: neither is named."""
    log = session("aki", 0, HOUR) + session("ben", 2 * HOUR, 3 * HOUR)
    assert user(log, hit(60_000), hit(2 * HOUR + 60_000)) == "nobody: ambiguous"


def test_two_users_at_one_time_is_a_log_that_contradicts_itself() -> None:
    assert user(session("aki", 0, HOUR) + session("ben", 1_000, HOUR), hit(60_000)) == "nobody: ambiguous"


@pytest.mark.parametrize("contact", [-60_000, HOUR + 60_000])
def test_outside_every_session_there_is_no_record(contact: int) -> None:
    assert user(session("aki", 0, HOUR), hit(contact)) == "nobody: no-record"
    assert user([], hit(contact)) == "nobody: no-record"


def test_a_session_that_nobody_ended_names_nobody_after_its_last_word() -> None:
    """It may go on; that it may is no proof."""
    assert user(session("aki", 0, None), hit(60_000)) == "nobody: ambiguous"


def test_an_accounting_record_without_a_name_names_nobody() -> None:
    assert user(session(None, 0, HOUR), hit(60_000)) == "nobody: ambiguous"


def test_another_address_of_the_same_network_is_not_this_one() -> None:
    assert user(session("aki", 0, HOUR), hit(60_000, address=sixteen("198.51.100.12"))) == "nobody: no-record"


@pytest.mark.parametrize(("length", "said"), [(128, "aki"), (127, "nobody: no-record"), (120, "nobody: no-record")])
def test_an_ipv4_address_is_one_line_and_a_block_of_them_is_a_pool(length: int, said: str) -> None:
    """Lengths count over 128 bits: 120 is a /24."""
    assert user(session("aki", 0, HOUR, V4, length), hit(60_000)) == said


@pytest.mark.parametrize(("length", "said"), [(64, "aki"), (56, "aki"), (48, "aki"), (47, "nobody: no-record"), (32, "nobody: no-record")])
def test_an_ipv6_prefix_up_to_48_is_one_line_and_a_shorter_one_a_pool(length: int, said: str) -> None:
    assert user(session("aki", 0, HOUR, V6, length), hit(60_000, address=V6)) == said


def test_ipv4_and_ipv6_contacts_of_one_user_are_one_user() -> None:
    log = session("aki", 0, HOUR) + session("aki", 0, HOUR, V6, 56)
    assert user(log, hit(60_000), hit(60_000, address=V6)) == "aki"
    other = session("aki", 0, HOUR) + session("ben", 0, HOUR, V6, 56)
    assert user(other, hit(60_000), hit(60_000, address=V6)) == "nobody: ambiguous"


@pytest.mark.parametrize("broken", [{"line": None}, {"line": "198.51.100.11"}, {"start": None}, {"end": "later"}])
def test_a_contact_without_address_or_time_leads_to_nobody(broken: dict[str, object]) -> None:
    assert user(session("aki", 0, HOUR), {**hit(60_000), **broken}) == "nobody: no-record"


@given(
    held=st.lists(st.tuples(st.sampled_from(["aki", "ben", "chi"]), st.integers(0, 200), st.integers(1, 120)), min_size=1, max_size=5),
    contacts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), min_size=1, max_size=4),
)
def test_never_a_name_where_two_users_held_the_address_in_the_window(
    held: list[tuple[str, int, int]], contacts: list[tuple[int, int]]
) -> None:
    """Seconds after noon. Whoever is named held it alone, from a margin before each contact to a margin after."""
    log = [row for who, start, long in held for row in session(who, start * 1000, (start + long) * 1000)]
    named = user(log, *(hit(s * 1000, (s + long) * 1000) for s, long in contacts))
    margin = MARGIN_MS // 1000
    for start, long in contacts:
        first, last = start - margin, start + long + margin
        holders = {who for who, s, lasts in held if s <= last and s + lasts >= first}
        if len(holders) > 1:
            assert named.startswith("nobody: ")
        if not named.startswith("nobody: "):
            assert holders == {named}


@given(start=st.integers(0, 3_600), contact=st.integers(0, 7_200), lasts=st.integers(1, 3_600))
def test_one_lone_session_names_its_user_exactly_inside_its_margins(start: int, contact: int, lasts: int) -> None:
    margin = MARGIN_MS // 1000
    inside = start <= contact - margin and contact + margin <= start + lasts
    log = session("aki", start * 1000, (start + lasts) * 1000)
    assert (user(log, hit(contact * 1000)) == "aki") is inside


# The line


def key(line: str, kind: str, value: str, term: tuple[datetime | None, datetime | None] = ALWAYS) -> dict[str, object]:
    return {"line": line, "kind": kind, "value": value, "valid_from": term[0], "valid_until": term[1]}


def customer(line: str, name: str = "aki", term: tuple[datetime | None, datetime | None] = ALWAYS) -> list[dict[str, object]]:
    """A line as the register knows it."""
    kinds = (("radius-name", name), ("contract", line), ("terms", "2024-04-01"), ("contact", f"{BOX}{line[-2:]}"))
    return [key(line, k, v, ALWAYS if k in ("terms", "contact") else term) for k, v in kinds]


HITS = (hit(0), hit(60_000), hit(60_000, 70_000), hit(120_000))


def line(
    keys: Sequence[Mapping[str, object]], hits: Sequence[Mapping[str, object]] = HITS, now: datetime = NOON + timedelta(days=1)
) -> Line | str:
    found = _line(keys, "aki", hits, now)
    return found.why if isinstance(found, Nobody) else found


def test_one_customer_of_that_name_is_the_line_with_its_box_shut() -> None:
    """Contacts are counted by when they began, so that one flow told twice is one."""
    assert line([*customer("L-01"), *customer("L-02", "ben")]) == Line("L-01", f"{BOX}01", "2024-04-01", at(0), at(120_000), 3)


def test_a_name_the_register_does_not_know_is_no_record() -> None:
    assert line([]) == "no-record"
    assert line(customer("L-02", "ben")) == "no-record"


def test_two_lines_of_one_name_at_one_time_are_ambiguous() -> None:
    assert line([*customer("L-01"), *customer("L-02")]) == "ambiguous"


def test_a_name_that_was_another_tenants_leads_to_who_had_it_then() -> None:
    """The name was handed on: today's customer gets no letter about what the previous one's line did."""
    before, after = customer("L-01", term=(None, at(HOUR))), customer("L-02", term=(at(HOUR), None))
    assert line([*before, *after]) == "moved-on"
    later = (hit(2 * HOUR), hit(3 * HOUR))
    found = line([*before, *after], later)
    assert isinstance(found, Line)
    assert found.line == "L-02"


def test_contacts_on_both_sides_of_a_change_of_tenant_name_neither() -> None:
    keys = [*customer("L-01", term=(None, at(60_000))), *customer("L-02", term=(at(60_000), None))]
    assert line(keys) == "no-record"


def test_the_moment_of_the_change_belongs_to_the_new_tenant() -> None:
    keys = [*customer("L-01", term=(None, at(0))), *customer("L-02", term=(at(0), None))]
    found = line(keys, (hit(0),))
    assert isinstance(found, Line)
    assert found.line == "L-02"


def test_whose_contract_ended_since_is_not_written_to() -> None:
    keys = customer("L-01", term=(None, NOON + timedelta(hours=12)))
    assert line(keys, now=NOON + timedelta(hours=12)) == "moved-on"
    assert isinstance(line(keys, now=NOON + timedelta(hours=11)), Line)


def test_a_line_without_a_contract_is_no_customers() -> None:
    assert line([k for k in customer("L-01") if k["kind"] != "contract"]) == "moved-on"


@pytest.mark.parametrize("empty", [True, False])
def test_a_line_without_a_box_has_no_contact(empty: bool) -> None:
    keys = [k for k in customer("L-01") if k["kind"] != "contact"] + ([key("L-01", "contact", "")] if empty else [])
    assert line(keys) == "no-contact"


def test_a_line_without_terms_has_a_letter_without_their_version() -> None:
    found = line([k for k in customer("L-01") if k["kind"] != "terms"])
    assert isinstance(found, Line)
    assert found.terms == ""


@given(terms=st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), max_size=4), when=st.integers(-5, 5))
def test_a_line_is_named_only_where_exactly_one_had_the_name_then(terms: list[tuple[int, int]], when: int) -> None:
    """Hours after noon: each line has the name from the first to just before the second."""
    keys = [k for n, (a, b) in enumerate(terms) for k in customer(f"L-{n:02}", term=(at(a * HOUR), at(b * HOUR)))]
    had = [f"L-{n:02}" for n, (a, b) in enumerate(terms) if a <= when < b]
    found = line(keys, (hit(when * HOUR),), at(when * HOUR))
    assert (found.line if isinstance(found, Line) else found) == (had[0] if len(had) == 1 else "ambiguous" if had else "no-record")
