"""Who is in the set of clients: a device that agreed to what a permit carries, at the addresses that are seen to be its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.desk.portal import leading, told_resolver
from sekisho.desk.portal.hold_clients import HoldClients
from sekisho.desk.portal.leading import TOLD_OF, leads
from sekisho.desk.portal.offers import BY_PURPOSE
from sekisho.desk.portal.sightings import MOST_ADDRESSES, QUIET, Sightings
from sekisho.desk.portal.told_network import NoPortal
from sekisho.desk.settings import Event, Operator, Portal, Settings
from sekisho.effects import client_set
from sekisho.gate.permit import Permit
from sekisho.law.words import Act, Element, Kind, Step
from tests.desk.holding import Falling
from tests.desk.test_portal import NAMES, ONE, THREE, TWO
from tests.gate.test_check import PERMIT

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
STEP = Step("count-names", Kind.COLLECT, frozenset({Act.LEARN, Act.USE}), BY_PURPOSE[NAMES].elements, NAMES)
V4, NEW4, V6, PRIVACY = "198.51.100.10", "198.51.100.12", "2001:db8::10", "2001:db8::f00d"


def permit(step: Step = STEP, identity: str = "permit-1", **span: float) -> Permit:
    return replace(PERMIT, id=identity, step=step, since=NOW, until=NOW + timedelta(**(span or {"hours": 1})))


class Held:
    """The set on a kernel that is a model; a second passes with each round."""

    def __init__(self, *agree: str, permits: tuple[Permit, ...] = (permit(),)) -> None:
        self.kernel, self.agree, self.permits, self.now = Falling(), set(agree), permits, NOW
        self.clients = HoldClients(self.kernel, "wifi0", client_set.ports(TOLD_OF, 5300))

    def round(self, neighbours: Mapping[str, str], *, seconds: float = 1) -> set[str]:
        """The addresses in the set afterwards."""
        self.now += timedelta(seconds=seconds)
        self.kernel.model.age(int(seconds))
        self.reads = self.clients.turn(self.permits, lambda hardware, _: hardware in self.agree, neighbours, self.now)
        assert self.kernel.there is not None
        return {key.split(" . ")[1] for s in self.kernel.there.sets.values() for key in s.members}


# Whose addresses


def test_every_address_of_a_device_that_agreed_is_in_and_no_other() -> None:
    assert Held(ONE).round({V4: ONE, V6: ONE, PRIVACY: ONE, "198.51.100.20": TWO}) == {V4, V6, PRIVACY}


def test_a_new_address_is_outside_until_it_is_seen_with_the_device_that_agreed() -> None:
    held = Held(ONE)
    assert held.round({V4: ONE}) == {V4}
    assert held.round({V4: ONE, NEW4: TWO}) == {V4}
    assert held.round({NEW4: THREE, V6: ONE}) == {V6}


def test_an_address_that_another_device_took_is_out_at_once_and_stays_out_while_there_is_doubt() -> None:
    held = Held(ONE, TWO)
    held.round({V4: ONE})
    assert held.round({V4: TWO}) == set(), "though both agreed"
    assert held.round({V4: ONE}) == set()
    assert held.round({V4: ONE}, seconds=QUIET.total_seconds()) == set()
    assert held.round({V4: ONE}) == {V4}


def test_one_hardware_address_with_very_many_addresses_is_no_device() -> None:
    held = Held(ONE)
    few = {f"2001:db8::{n}": ONE for n in range(1, MOST_ADDRESSES + 1)}
    assert held.round(few) == set(few)
    assert held.round({**few, V4: ONE}) == set()


def test_what_was_seen_is_forgotten_after_a_minute_of_silence() -> None:
    sightings = Sightings()
    sightings.settled({V4: ONE}, NOW)
    assert sightings.settled({V4: TWO}, NOW + QUIET + timedelta(seconds=1)) == {V4: TWO}


def test_who_takes_it_back_is_out_with_the_next_round() -> None:
    held = Held(ONE)
    held.round({V4: ONE})
    held.agree.clear()
    assert held.round({V4: ONE}) == set()


def test_with_nobody_to_renew_it_the_set_is_empty_within_its_seconds() -> None:
    held = Held(ONE)
    held.round({V4: ONE, V6: ONE})
    held.kernel.model.age(client_set.HEART)
    assert held.kernel.there is not None
    assert not any(s.members for s in held.kernel.there.sets.values())
    assert held.kernel.there.chains.keys() == {"lead", "guard"}, "and the guard stands"


# Because of which permit


def test_without_a_permit_nobody_is_in_and_the_guard_stands() -> None:
    held = Held(ONE, permits=())
    assert held.round({V4: ONE}) == set()
    assert held.kernel.there is not None
    assert "guard" in held.kernel.there.chains


def test_numbers_alone_are_told_and_by_permit() -> None:
    held = Held(ONE)
    held.round({V4: ONE, V6: ONE, "198.51.100.20": TWO})
    (read,) = held.reads
    assert (read.permit, read.wanted, read.there) == ("permit-1", {"clients": 2}, {"clients": 2})


def test_of_two_permits_for_one_purpose_the_longer_one_carries() -> None:
    held = Held(ONE, permits=(permit(identity="permit-long", hours=2), permit(identity="permit-short", minutes=1)))
    held.round({V4: ONE})
    assert {r.permit: r.wanted["clients"] for r in held.reads} == {"permit-long": 1, "permit-short": 0}


def test_a_permit_to_collect_what_the_question_named_leads() -> None:
    assert leads(permit())


@pytest.mark.parametrize(
    "wider",
    [
        {"kind": Kind.PUBLISH},
        {"purpose": "fault-handling"},
        {"purpose": "attendee-types"},
        {"elements": STEP.elements | {Element.CONTENT}},
        {"acts": STEP.acts | {Act.PROVIDE}},
        {"audience": frozenset({"sponsor"})},
    ],
)
def test_a_permit_for_anything_the_question_did_not_name_leads_nobody(wider: dict[str, object]) -> None:
    """The purpose has to be one that a question is about, and nothing may be wider than that question said."""
    assert not leads(permit(replace(STEP, **wider)))  # type: ignore[arg-type] # one field each


# What the resolver is told


def told(socket: str) -> Settings:
    here = Path("/somewhere")
    event, portal = Event(dnstap=Path(socket), dnstap_port=5310), Portal(listen="[::]:8088")
    return Settings(here, Operator("Example", "Window"), here, here, event=event, portal=portal)


def test_the_resolver_tells_of_one_port_and_has_no_console() -> None:
    found = told_resolver.carry_out(told("/run/sekisho/tap.sock"))
    (port,) = {p for agreed, p in found["ports"].items() if agreed == NAMES}
    assert f'addLocal("0.0.0.0:{port}")\naddLocal("[::]:{port}")\n' in found["text"]
    assert f'addAction(DSTPortRule({port}), DnstapLogAction("{NAMES}", sekisho))' in found["text"]
    assert not re.search(r"(?i)response|control|console|webserver|setkey|\bAllRule", found["text"]), "questions alone, and no way in"
    assert port == leading.ports(told("/tap"))[NAMES] == 5310


def test_a_path_with_odd_letters_stays_one_string_of_lua() -> None:
    text = told_resolver.carry_out(told('/tap"\n) os.execute("x'))["text"]
    assert 'newFrameStreamUnixLogger("/tap\\034\\010) os.execute(\\034x", ' in text


@pytest.mark.parametrize(("without", "code"), [({"portal": Portal()}, "no-portal"), ({"event": Event()}, "no-dnstap")])
def test_without_a_portal_or_a_socket_the_resolver_is_told_nothing(without: dict[str, object], code: str) -> None:
    with pytest.raises(NoPortal) as why:
        told_resolver.carry_out(replace(told("/tap"), **without))  # type: ignore[arg-type] # one field each
    assert why.value.code == code


def test_without_a_socket_the_gateway_has_no_such_port() -> None:
    assert leading.ports(replace(told("/tap"), event=Event())) == {}
