"""What devices of attendees who agreed look up reaches the board as numbers with noise, within a budget that stands in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import delete

from sekisho.desk import records
from sekisho.desk.event import releases
from sekisho.desk.event.name_tap import NameTap
from sekisho.desk.event.window import MOST_NAMES, MOST_TIMES, Window
from sekisho.desk.outside import KeepIsGone
from sekisho.ledger.entry import Entry, EntryType
from sekisho.store.release import Loss
from sekisho.wire.dnstap import COLUMNS
from tests.desk.office import Office
from tests.desk.test_event_board import object_to, stop
from tests.desk.test_portal import NAMES, PORTAL
from tests.node import no

DEVICES = 130
POPULAR, RARE = "alice.2026.pycon.jp", "alice.rare-site.net"
DAY = {"hours": 9, "seconds": 2}
BUDGET = Loss(100_000, 500_000)


def hardware(number: int) -> str:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"


def address(number: int) -> bytes:
    return bytes([198, 51, 100 + (number >> 8), number & 255])


NEIGHBOURS = {".".join(map(str, address(n))): hardware(n) for n in range(DEVICES + 1)}
STRANGER = DEVICES
"""A device that answered nothing."""

MANY = [f"n{n}.com" for n in range(1001)]


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("counting") / "home")
    path = office.home / "sekisho.toml"
    path.write_text(path.read_text("utf-8") + PORTAL, encoding="utf-8")
    office.open()
    portal = office.channel("portal")
    digests = {o["purpose"]: o["digest"]["ja"] for o in portal.call("portal-page")["offers"]}
    for number in range(DEVICES):
        portal.call("answer-portal", hardware=hardware(number), agreed=[NAMES], shown=digests, language="ja")
    permits = office.stand("attendee-names")
    assert set(permits) == {"count-names", "show-names"}
    office.close()
    return office.home


@pytest.fixture
def counting(_counting: Path, tmp_path: Path) -> Iterator[Office]:
    """Many devices agreed to names and to nothing else; the permits are in force; nothing was counted yet."""
    office = Office(_counting).copied(tmp_path / "counting")
    yield office
    office.close()


def tap(office: Office) -> NameTap:
    """One that has heard `keep` and begun its first window."""
    found = NameTap(office.outside("tap"))
    assert found.hear()
    found.turn()
    return found


def asked(pairs: Iterable[tuple[int, str]]) -> pa.Table:
    rows = [(address(n), name, 1) for n, name in pairs]
    return pa.table([pa.array(c, f.type) for c, f in zip(zip(*rows, strict=True), COLUMNS, strict=True)], schema=COLUMNS)


def ask(one: NameTap, name: str, devices: Iterable[int] = range(DEVICES)) -> None:
    one.take(asked((n, name) for n in devices), NEIGHBOURS)


def full(office: Office, one: NameTap, **by: float) -> None:
    """The window ends."""
    office.watch.wind(**(by or DAY))
    assert one.hear()
    one.turn()


def panel(office: Office, name: str = "names") -> dict[str, Any]:
    return {p["name"]: p for p in office.channel("show").call("board")["panels"]}[name]


def permit(office: Office, step: str) -> str:
    return str(next(p["id"] for p in office.permits() if p["step"] == step))


def told(office: Office) -> dict[str, int]:
    found = panel(office)["numbers"]["told"]
    return {} if found is None else {row["name"]: row["devices"] for row in found["rows"]}


def spends(office: Office, **by: float) -> str:
    """The code of the refusal when somebody asks for a release of the window that ends now."""
    since = office.watch.at
    office.watch.wind(**(by or DAY))
    return no(lambda: office.channel("tap").call("spend-release", permit=permit(office, "count-names"), since=since))


# What is counted, and of whom


def test_without_a_permit_nothing_may_be_counted_and_no_panel_stands_there(founded: Office) -> None:
    one = NameTap(founded.outside("tap"))
    assert not one.hear()
    one.turn()
    assert one.windows == {}
    assert {p["level"] for p in founded.channel("show").call("board")["panels"]} == {0, 1}


def test_a_name_that_many_asked_for_is_shown_cut_and_only_after_its_delay(counting: Office) -> None:
    one = tap(counting)
    ask(one, POPULAR)
    ask(one, RARE, range(5))
    full(counting, one)
    assert panel(counting)["state"] == "live"
    assert told(counting) == {}, "it waits, so that staff may look first"
    counting.watch.wind(minutes=15)
    assert set(told(counting)) == {"pycon.jp"}


def test_who_did_not_agree_is_counted_nowhere(counting: Office) -> None:
    one = tap(counting)
    ask(one, "www.pypi.org", [STRANGER] * 50)
    one.take(asked([(300, "www.pypi.org")]), NEIGHBOURS)
    assert all(not w.devices for w in one.windows.values())
    assert one.counters["left-out"] == 51


def test_consent_to_names_lets_no_kind_be_counted(counting: Office) -> None:
    one = tap(counting)
    ask(one, "www.youtube.com")
    assert set(one.windows) == {NAMES}


def test_a_device_that_takes_it_back_is_out_of_the_window_under_way(counting: Office) -> None:
    one = tap(counting)
    ask(one, "www.pypi.org", range(3))
    assert len(one.windows[NAMES].devices) == 3
    counting.channel("portal").call("withdraw-at-portal", hardware=hardware(1))
    one.hear()
    assert len(one.windows[NAMES].devices) == 2
    ask(one, "www.pypi.org", [1])
    assert len(one.windows[NAMES].devices) == 2


def test_only_the_registered_name_is_ever_in_memory(counting: Office) -> None:
    one = tap(counting)
    ask(one, "alice.secret.pypi.org", [0])
    ask(one, "printer.local", [0])
    (names,) = one.windows[NAMES].devices.values()
    assert dict(names) == {"pypi.org": 1}


def test_when_the_permit_is_withdrawn_or_keep_is_silent_everything_is_forgotten(counting: Office) -> None:
    one = tap(counting)
    ask(one, "www.pypi.org")

    class Silent:
        def call(self, *_: object, **__: object) -> None:
            raise KeepIsGone

    spoke, one.world = one.world, replace(one.world, keep=Silent())
    assert one.hear(), "what keep said lasts for seconds"
    counting.watch.wind(seconds=6)
    assert not one.hear()
    assert one.windows == {}
    one.world = spoke
    assert one.hear()
    ask(one, "www.pypi.org")
    counting.withdraw(permit(counting, "show-names"))
    assert not one.hear(), "what nobody may see is not counted"
    assert one.windows == {}


def test_a_window_is_bounded_whatever_a_device_asks_for() -> None:
    window = Window("permit", timedelta)  # type: ignore[arg-type] # no time is read here
    for n in range(MOST_NAMES + 10):
        window.add("device", f"n{n}.com")
    for _ in range(MOST_TIMES + 10):
        window.add("device", "n0.com")
    assert len(window.devices["device"]) == MOST_NAMES
    assert window.devices["device"]["n0.com"] == MOST_TIMES
    assert window.seen().num_rows == MOST_NAMES - 1 + MOST_TIMES


# What is told


def test_popular_names_stand_there_with_their_price_and_the_number_of_consents(counting: Office) -> None:
    one = tap(counting)
    ask(one, "www.pypi.org")
    full(counting, one)
    counting.watch.wind(minutes=15)
    found = panel(counting)
    assert abs(told(counting)["pypi.org"] - DEVICES) < 60
    numbers = found["numbers"]
    assert numbers["agreed"] == 130
    assert numbers["spent"] == numbers["budget"] == {"rho": 100_000, "delta": 500_000, "epsilon": "2.51"}
    assert numbers["next"] is False
    assert numbers["list"]["name"] == "names@1"
    assert found["permit"] == permit(counting, "show-names")
    assert [g["case"] for g in found["grounds"]] == ["jp/F-08/4"]


def test_how_many_agreed_is_rounded_and_few_are_not_told(counting: Office) -> None:
    portal = counting.channel("portal")
    portal.call("withdraw-at-portal", hardware=hardware(0))
    assert panel(counting)["numbers"]["agreed"] == 120
    for n in range(DEVICES - 19, DEVICES):
        portal.call("withdraw-at-portal", hardware=hardware(n))
    assert panel(counting)["numbers"]["agreed"] == 110


def test_stopped_objected_or_changed_no_number_is_left(counting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    one = tap(counting)
    ask(one, "www.pypi.org")
    full(counting, one)
    counting.watch.wind(minutes=15)
    assert told(counting)
    changed = replace(releases.NAMED["names"], listed="1" * 64)
    with monkeypatch.context() as patch:
        patch.setattr("sekisho.desk.event.named_panels.NAMED", {"names": changed})
        patch.setattr("sekisho.desk.event.named_board.NAMED", {"names": changed})
        assert (panel(counting)["state"], panel(counting)["numbers"]) == ("changed", None)
        assert not NameTap(counting.outside("tap")).hear()
    object_to(counting, "names")
    assert (panel(counting)["state"], panel(counting)["numbers"]) == ("objected", None)
    assert permit(counting, "show-names") in stop(counting, "desk")
    assert (panel(counting)["state"], panel(counting)["numbers"]) == ("stopped", None)


def test_no_name_that_was_counted_stands_in_anything_that_was_kept(counting: Office) -> None:
    one = tap(counting)
    ask(one, "secret-of-many.org")
    full(counting, one)
    one.forget()
    counting.watch.wind(minutes=15)
    assert "secret-of-many.org" in told(counting)
    counting.close()
    for path in (p for p in counting.home.rglob("*") if p.is_file()):
        assert b"secret-of-many" not in path.read_bytes(), path
    counting.open()


@pytest.mark.parametrize(
    "numbers",
    [{"www.pypi.org": 90}, {"pypi.org": 40}, {"tinder.com": 90}, {"video": 90}, {"pypi.org": 10**9}, dict.fromkeys(MANY, 90)],
    ids=["sub-domain", "below its threshold", "never named", "a kind", "too many devices", "too many names"],
)
def test_keep_takes_no_number_that_its_panel_could_not_show(counting: Office, numbers: dict[str, int]) -> None:
    channel, since = counting.channel("tap"), counting.watch.at
    counting.watch.wind(**DAY)
    paid = channel.call("spend-release", permit=permit(counting, "count-names"), since=since)["release"]
    said = {"release": paid, "since": since, "threshold": 50}
    assert no(lambda: channel.call("tell-release", **said, numbers=numbers)) == "not-a-number-of-its-panel"
    assert no(lambda: channel.call("tell-release", **said, numbers={"pypi.org": 90})) == "no-such-release", "one answer for one price"
    assert told(counting) == {}


# The accountant


def test_a_release_is_in_the_ledger_before_any_noise_and_the_next_that_exceeds_is_refused_over_restarts(counting: Office) -> None:
    one = tap(counting)
    ask(one, "www.pypi.org")
    full(counting, one)
    newest = Entry.decode(list(counting.world.log.entries(0, counting.world.log.size))[-1])
    assert newest.type is EntryType.NUMBERS_RELEASED
    assert set(newest.ids) == {"release", "permit"}
    assert spends(counting, hours=8, minutes=59.9) == "budget-spent"
    counting.reopen()
    assert (
        no(
            lambda: counting.channel("tap").call(
                "spend-release", permit=permit(counting, "count-names"), since=counting.watch.at - timedelta(hours=9)
            )
        )
        == "budget-spent"
    )
    assert told(counting) == {}, "numbers were in memory alone; what they cost was not"
    assert panel(counting)["numbers"]["spent"]["rho"] == BUDGET.rho


def test_a_release_of_which_only_the_ledger_is_left_costs_the_whole_day(counting: Office) -> None:
    """A power cut between ledger and records, or an old copy of the records put back."""
    since = counting.watch.at
    counting.watch.wind(**DAY)
    counting.channel("tap").call("spend-release", permit=permit(counting, "count-names"), since=since)
    with counting.turn() as world:
        world.db.execute(delete(records.BOARD_RELEASES))
        records.set_meta(world.db, records.APPLIED, str(world.log.size - 1))
    with counting.turn() as world:
        now = world.clock.now()
        assert releases.spent(world, NAMES, now, BUDGET) == [BUDGET]
        assert releases.spent(world, NAMES, now + timedelta(days=1), BUDGET) == []
    assert spends(counting, hours=8, minutes=59.9) == "budget-spent"


def test_faster_than_its_window_nothing_is_released_whatever_tap_says(counting: Office) -> None:
    count = permit(counting, "count-names")
    channel = counting.channel("tap")
    assert no(lambda: channel.call("spend-release", permit=count, since=counting.watch.at)) == "too-soon"
    assert no(lambda: channel.call("spend-release", permit=count, since=counting.watch.at - timedelta(hours=9))) == "too-soon", "yesterday"
    assert spends(counting, hours=8) == "too-soon"


def test_only_the_permit_to_count_pays_and_only_while_the_panel_may_be_shown(counting: Office) -> None:
    channel, since = counting.channel("tap"), counting.watch.at
    counting.watch.wind(**DAY)
    shows, counts = permit(counting, "show-names"), permit(counting, "count-names")
    assert no(lambda: channel.call("spend-release", permit=shows, since=since)) == "another-measure"
    counting.withdraw(shows)
    assert no(lambda: channel.call("spend-release", permit=counts, since=since)) == "panel-not-permitted"
    assert no(lambda: counting.channel("show").call("spend-release", permit=counts, since=since)) == "not-for-this-role"


def test_without_noise_nothing_is_paid_and_nothing_told(counting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.store import release

    one = tap(counting)
    ask(one, "www.pypi.org")
    monkeypatch.setitem(__import__("sys").modules, "opendp.prelude", None)
    release._noise.cache_clear()
    full(counting, one)
    release._noise.cache_clear()
    assert one.counters["no-noise"] == 1
    assert panel(counting)["numbers"]["spent"]["rho"] == 0
