"""The portal's answers: by device of one day and network, with the words that were shown; taken back at once; kept without any address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import consents, records
from sekisho.desk.outside import KeepIsGone
from sekisho.desk.portal import told_network
from sekisho.desk.portal.answer import MOST_ANSWERS
from sekisho.desk.portal.hold_gateway import HoldGateway
from sekisho.desk.portal.offers import OFFERS
from sekisho.desk.settings import Portal
from sekisho.law.words import Act, Element, Kind, Step
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.holding import Falling
from tests.desk.office import Office
from tests.node import no

ONE, TWO, THREE = (f"02:00:00:00:00:0{n}" for n in (1, 2, 3))
NAMES, KINDS = (o.purpose for o in OFFERS)
PORTAL = '[portal]\nlisten = "[::]:8088"\nurl = "https://wifi.example/"\ninterface = "wifi0"\nssid = "Conference"\n'


@pytest.fixture(scope="module")
def _asking(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("asking") / "home")
    path = office.home / "sekisho.toml"
    path.write_text(path.read_text("utf-8") + PORTAL, encoding="utf-8")
    office.open().stand("event-portal")
    office.close()
    return office.home


@pytest.fixture
def asking(_asking: Path, tmp_path: Path) -> Iterator[Office]:
    """A portal under its permit; nobody answered yet."""
    office = Office(_asking).copied(tmp_path / "asking")
    yield office
    office.close()


def page(office: Office, hardware: str = ONE) -> dict[str, Any]:
    return dict(office.channel("portal").call("portal-page", hardware=hardware))


def answered(office: Office, *agreed: str, hardware: str = ONE, language: str = "ja", shown: Mapping[str, str] | None = None) -> Any:
    digests = {o["purpose"]: o["digest"][language] for o in page(office)["offers"]} if shown is None else shown
    return office.channel("portal").call("answer-portal", hardware=hardware, agreed=list(agreed), shown=digests, language=language)


def states(office: Office, hardware: str = ONE) -> dict[str, str]:
    return {a["purpose"]: a["state"] for a in page(office, hardware)["device"]["answers"]}


def holder(office: Office) -> HoldGateway:
    held = HoldGateway(office.outside("gateway"), Falling())
    held.hear()
    return held


def step(purpose: str, *elements: Element) -> Step:
    return Step("any", Kind.COLLECT, frozenset({Act.LEARN}), frozenset(elements), purpose)


# What is asked and kept


def test_before_any_answer_nothing_is_agreed_to_and_the_words_are_there_in_both_languages(asking: Office) -> None:
    found = page(asking)
    assert found["leading"]
    assert found["device"] == {"known": True, "answered": False, "answers": []}
    for offer in found["offers"]:
        for language in ("ja", "en"):
            text = offer["text"][language]
            assert offer["digest"][language] == hashlib.sha256(text.encode()).hexdigest()
            assert "Example Networks" in text


def test_one_question_may_be_agreed_to_and_the_other_not(asking: Office) -> None:
    answered(asking, NAMES)
    assert states(asking) == {NAMES: "given", KINDS: "refused"}
    assert states(asking, TWO) == {}


def test_a_yes_covers_its_own_elements_and_purpose_and_no_other(asking: Office) -> None:
    answered(asking, KINDS)
    with asking.turn() as world:
        now = world.clock.now()

        def covered(one: Step) -> bool:
            from sekisho.desk.portal import devices

            return consents.covers(world, one, devices.of(world, ONE, one.purpose, now), now)

        assert covered(step(KINDS, Element.PARTY, Element.COUNTERPART))
        assert not covered(step(KINDS, Element.HEADER))
        assert not covered(step(NAMES, Element.COUNTERPART))


def test_the_record_holds_the_very_text_of_the_language_it_was_asked_in(asking: Office) -> None:
    answered(asking, NAMES, language="en")
    (said,) = (o for o in page(asking)["offers"] if o["purpose"] == NAMES)
    kept = asking.channel("portal").call("portal-receipt", hardware=ONE, purpose=NAMES)
    node = kept["receipt"]["@graph"][0]
    assert node["dpv:hasNotice"]["sekisho:shown"] == said["text"]["en"]
    assert node["dct:language"] == "en"
    assert [node[f"sekisho:{n}"] for n in ("defaultOff", "refusalFree", "withdrawable")] == [True, True, True]
    assert node["sekisho:way"] == "own-screen"
    assert len(kept["proofs"]) == 1


def test_the_code_of_the_receipt_is_good_at_the_consent_page_too(asking: Office) -> None:
    answered(asking, NAMES)
    code = asking.channel("portal").call("portal-receipt", hardware=ONE, purpose=NAMES)["code"]
    assert asking.channel("show").call("my-consent", code=code)["live"]
    asking.channel("show").call("withdraw-my-consent", code=code)
    assert states(asking)[NAMES] == "withdrawn"


def test_the_same_answer_again_is_the_one_there_is_and_another_takes_its_place(asking: Office) -> None:
    answered(asking, NAMES)
    answered(asking, NAMES)
    assert asking.terminal.call("portal-stands")["agreed"] == {NAMES: 1, KINDS: 0}
    assert len(asking.terminal.call("consents")) == 2
    answered(asking)
    assert states(asking) == {NAMES: "refused", KINDS: "refused"}


def test_one_press_takes_everything_back_and_it_can_be_given_again(asking: Office) -> None:
    answered(asking, NAMES, KINDS)
    asking.watch.wind(seconds=1)
    asking.channel("portal").call("withdraw-at-portal", hardware=ONE)
    assert set(states(asking).values()) == {"withdrawn"}
    asking.watch.wind(seconds=1)
    answered(asking, KINDS)
    assert states(asking) == {NAMES: "withdrawn", KINDS: "given"}


def test_taking_back_one_leaves_the_other(asking: Office) -> None:
    answered(asking, NAMES, KINDS)
    asking.channel("portal").call("withdraw-at-portal", hardware=ONE, purpose=NAMES)
    assert states(asking) == {NAMES: "withdrawn", KINDS: "given"}


# What is refused


def test_an_answer_to_other_words_than_todays_is_none(asking: Office) -> None:
    shown = {NAMES: "0" * 64, KINDS: "0" * 64}
    assert no(lambda: answered(asking, NAMES, shown=shown)) == "text-overtaken"
    assert no(lambda: answered(asking, NAMES, shown={})) == "text-overtaken"
    assert states(asking) == {}


@pytest.mark.parametrize("hardware", ["", "02:00:00:00:00", "02:00:00:00:00:0g", "02-00-00-00-00-01", "02:00:00:00:00:01 "])
def test_what_is_no_hardware_address_has_no_answer(asking: Office, hardware: str) -> None:
    assert no(lambda: answered(asking, NAMES, hardware=hardware)) == "no-device"
    assert page(asking, hardware)["device"]["known"] is False


def test_an_unknown_question_and_an_unknown_language_are_refused(asking: Office) -> None:
    assert no(lambda: answered(asking, "location")) == "unknown-purpose"
    ask = {"hardware": ONE, "agreed": [], "shown": {}, "language": "fr"}
    assert no(lambda: asking.channel("portal").call("answer-portal", **ask)) == "no-text-in-language"
    assert no(lambda: asking.channel("portal").call("portal-receipt", hardware=ONE, purpose="location")) == "unknown-purpose"
    assert no(lambda: asking.channel("portal").call("withdraw-at-portal", hardware=ONE, purpose="location")) == "unknown-purpose"


def test_who_answers_back_and_forth_all_day_is_stopped_but_may_always_take_back(asking: Office) -> None:
    for turn in range(MOST_ANSWERS):
        asking.watch.wind(seconds=1)
        answered(asking, *([NAMES, KINDS] if turn % 2 else []))
    assert no(lambda: answered(asking)) == "device-answered-too-often"
    asking.channel("portal").call("withdraw-at-portal", hardware=ONE)
    assert set(states(asking).values()) == {"withdrawn"}


# Whose it is


def test_tomorrow_every_device_is_another_one(asking: Office) -> None:
    answered(asking, NAMES)
    asking.watch.wind(days=1)
    assert states(asking) == {}
    assert asking.terminal.call("portal-stands")["agreed"] == {NAMES: 0, KINDS: 0}


def test_an_answer_ends_with_its_day_in_japan(asking: Office) -> None:
    answered(asking, NAMES)
    (said, _) = page(asking)["device"]["answers"]
    assert said["until"] == page(asking)["until"]
    assert said["until"].startswith("2026-11-22T15:00:00")


def test_nothing_that_is_kept_has_the_address_in_it_and_two_purposes_cannot_be_joined(asking: Office) -> None:
    answered(asking, NAMES, KINDS)
    with asking.turn() as world:
        rows = records.rows(world.db, records.CONSENTS)
        assert len({r["principal"] for r in rows}) == 2
    for path in asking.home.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert ONE.encode() not in body
            assert bytes.fromhex(ONE.replace(":", "")) not in body or path.suffix not in {".db", ".tile"}


def test_what_was_done_names_the_permit_and_nobody(asking: Office) -> None:
    """No permit of these purposes: nothing was done, and the page says just that."""
    answered(asking, NAMES)
    assert page(asking)["deeds"] == []
    said = json.dumps(page(asking))
    assert not any(key.person in said for key in asking.keys.values())


# The gateway


def test_who_answered_yes_or_no_is_let_through_and_nobody_else(asking: Office) -> None:
    answered(asking, NAMES, hardware=ONE)
    answered(asking, hardware=TWO)
    held = holder(asking)
    assert held.answered([ONE, TWO, THREE]) == {ONE, TWO}
    assert held.turn({"198.51.100.7": ONE, "2001:db8::7": ONE, "198.51.100.9": THREE})
    (members,) = [s.members for n, s in held.kernel.there.sets.items() if n.endswith("_answered")]  # type: ignore[attr-defined] # a model
    assert set(members) == {ONE}


def test_keep_never_hears_of_a_neighbour_and_the_same_is_told_once(asking: Office) -> None:
    held = holder(asking)
    assert not held.hear()
    answered(asking, NAMES)
    assert held.hear()
    assert not held.hear()


def test_begin_and_end_are_written_once_with_the_permit(asking: Office) -> None:
    def written() -> int:
        return sum(Entry.decode(e).type is EntryType.EFFECT for e in asking.world.log.entries())

    held, (permit,) = holder(asking), asking.terminal.call("portal-stands")["leading"]
    for _ in range(3):
        held.turn({})
    assert written() == 1
    asking.withdraw(permit)
    held.hear()
    held.turn({})
    assert written() == 2
    assert not held.kernel.there or not held.kernel.there.chains  # type: ignore[attr-defined] # a model
    assert held.answered([ONE]) == frozenset()


def test_silence_of_keep_opens_the_network_with_its_last_word(asking: Office) -> None:
    held = holder(asking)
    held.turn({})

    class Gone:
        def call(self, method: str, **_params: object) -> Any:
            raise KeepIsGone(method)

    held.world = replace(held.world, keep=Gone())
    asking.watch.wind(seconds=6)
    held.hear()
    held.turn({})
    assert not held.kernel.there or not held.kernel.there.chains  # type: ignore[attr-defined] # a model
    assert held.counters["keep-is-gone"] >= 2


def test_a_permit_that_was_changed_on_the_way_does_nothing(asking: Office) -> None:
    held = holder(asking)
    held.permits = tuple(replace(p, body=p.body.replace(b"wifi0", b"eth00")) for p in held.permits)
    held.turn({})
    assert not held.kernel.there or not held.kernel.there.chains  # type: ignore[attr-defined] # a model


def test_a_kernel_that_refuses_is_told_and_counted(asking: Office) -> None:
    held = holder(asking)
    held.kernel.says = "not-permitted"  # type: ignore[attr-defined] # a model
    assert not held.turn({})
    assert held.counters["kernel-not-permitted"] == 1
    assert asking.world.gateway is not None
    assert asking.world.gateway.read.said == "not-permitted"


# What DHCP is told


def test_what_kea_and_radvd_are_told_is_the_api_over_https() -> None:
    told = told_network.carry_out(Portal(listen="[::]:8088", url="https://wifi.example/"))
    assert told["kea4"] == {"option-data": [{"name": "v4-captive-portal", "data": "https://wifi.example/captive-portal/api"}]}
    assert told["kea6"]["option-data"][0]["name"] == "v6-captive-portal"
    assert told["api"] in told["radvd"]


@pytest.mark.parametrize(("portal", "code"), [(Portal(), "no-portal"), (Portal(listen="[::]:1", url="http://a/"), "portal-not-https")])
def test_without_a_portal_that_devices_believe_nothing_is_told(portal: Portal, code: str) -> None:
    with pytest.raises(told_network.NoPortal) as why:
        told_network.carry_out(portal)
    assert why.value.code == code


def test_after_the_days_of_its_permit_it_leads_nobody(asking: Office) -> None:
    asking.watch.wind(days=4)
    assert not page(asking)["leading"]
    assert holder(asking).permits == ()
