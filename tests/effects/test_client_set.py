"""Whose questions the resolver tells of, as the kernel has it: addresses of devices that agreed, each for seconds, behind a guard."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.effects import nft
from sekisho.effects.client_set import GRAIN, HEART, Client, ports, standing, table
from sekisho.effects.nft import Change, change
from tests.effects.test_nft import Model

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LED = {"names": 5300}
A4 = "02:00:00:00:00:10 . 198.51.100.10"
CLIENTS = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["198.51.100.{}", "2001:db8::{}"])), max_size=12, unique=True)


def client(number: int = 10, address: str = "198.51.100.{}", permit: str = "permit-1", **span: float) -> Client:
    until = NOW + timedelta(**(span or {"hours": 1}))
    return Client(f"02:00:00:00:00:{number:02}", address.format(number), "names", (permit,), until)


def words(*clients: Client) -> str:
    return nft.commands(Change(("table",)), table("wifi0", LED, clients, NOW))


def test_only_questions_to_this_machine_by_who_is_a_member_are_led_to_the_port() -> None:
    leads = [line.partition(" lead ")[2] for line in words().splitlines() if " lead iif" in line]
    assert leads == [
        'iifname "wifi0" fib daddr type local meta l4proto { tcp, udp } th dport 53 '
        f'ether saddr . {protocol} saddr @clients{version}_5300 counter redirect to :5300 comment "names"'
        for version, protocol in ((4, "ip"), (6, "ip6"))
    ]


def test_without_anybody_that_port_hears_nobody() -> None:
    """The guard does not hang on a permit or on us: with no member everything that comes to the port is refused."""
    guard = [line.partition(" guard ")[2] for line in words().splitlines() if "add rule" in line and " guard " in line]
    assert guard[2:] == ['udp dport 5300 counter reject comment "guard"', 'tcp dport 5300 counter reject with tcp reset comment "guard"']
    assert all(rule.endswith('accept comment "guard"') and "@clients" in rule for rule in guard[:2])


def test_a_member_is_a_device_and_its_address_together() -> None:
    assert f'add element inet sekisho_clients clients4_5300 {{ {A4} timeout 0d10s comment "permit-1" }}' in words(client())


@pytest.mark.parametrize("passed", range(2 * GRAIN))
def test_each_member_ends_within_seconds_of_its_last_renewal_and_is_renewed_in_time(passed: int) -> None:
    now = NOW + timedelta(seconds=passed)
    (member,) = table("wifi0", LED, [client()], now).sets["clients4_5300"].members.values()
    assert GRAIN < (member.left or 0) <= HEART


def test_no_member_outlives_its_permit() -> None:
    found = table("wifi0", LED, [client(1, seconds=3), client(2, seconds=0)], NOW).sets["clients4_5300"].members
    assert [m.left for m in found.values()] == [3]


@given(CLIENTS, CLIENTS)
def test_who_agrees_or_takes_it_back_changes_members_and_no_rule(before: list[tuple[int, str]], after: list[tuple[int, str]]) -> None:
    kernel = Model(None)
    first, then = (table("wifi0", LED, [client(n, a) for n, a in some], NOW) for some in (before, after))
    kernel.write(change(first, None), first)
    made = change(then, kernel.read())
    assert not made.anew
    assert sum(len(m) for m in made.gone.values()) == len(set(before) - set(after))
    assert sum(len(m) for m in made.fresh.values()) == len(set(after) - set(before))
    kernel.write(made, then)
    assert not change(then, kernel.read())


def test_what_was_agreed_to_together_has_a_port_of_its_own_and_a_purpose_more_moves_none() -> None:
    """So what is told at one port was agreed to by everybody who is heard there."""
    assert ports(["names"], 5300) == {"names": 5300}
    assert ports(["names", "kinds"], 5300) == {"names": 5300, "kinds": 5301, "names+kinds": 5302}
    three = ports(["names", "kinds", "more"], 5300)
    assert len(set(three.values())) == 7
    assert three.items() >= ports(["names", "kinds"], 5300).items()


def test_a_member_that_two_permits_carry_counts_for_both() -> None:
    both = Client("02:00:00:00:00:10", "2001:db8::1", "names", ("permit-1", "permit-2"), NOW + timedelta(hours=1))
    assert standing(table("wifi0", LED, [both, client()], NOW)) == {"permit-1": 2, "permit-2": 1}
    assert standing(None) == {}


def test_what_nft_lists_is_read_as_it_was_written() -> None:
    """A member of two parts, as libnftables tells it."""
    element = {"elem": {"val": {"concat": A4.split(" . ")}, "timeout": 10, "expires": 7, "comment": "permit-1"}}
    said = {"set": {"family": "inet", "name": "s", "table": "t", "type": ["ether_addr", "ipv4_addr"], "handle": 3, "elem": [element]}}
    (member,) = nft.parse(json.dumps({"nftables": [said]})).sets["s"].members.items()
    assert member == (A4, nft.Member("permit-1", 7))
