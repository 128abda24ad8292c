"""The poster sees how often their record was opened, when and what for; and the log certificate says to the line what a provider asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.posts.log_certificate import certified
from sekisho.desk.reveals import End, View
from sekisho.desk.settings import Operator, Settings
from sekisho.desk.world import No
from tests.desk.posting import PURPOSE, RECORD, Posting, canonical, sender_record

URL = "https://chat.example/rooms/1#34"
SETTINGS = Settings(Path(), Operator("Example Networks", "Abuse desk"), Path(), Path())


def code(call: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        call()
    return no.value.code


def told(posting: Posting, record: str = RECORD) -> list[tuple[str, bool]]:
    found = posting.call("opened", service="chat", record=record)
    assert found["count"] == len(found["openings"])
    return [(o["purpose"], o["full"]) for o in found["openings"]]


def test_every_opening_is_told_to_the_poster_and_to_their_service(posting: Posting, permit: str) -> None:
    assert told(posting) == []
    posting.both(permit)
    assert told(posting) == [(PURPOSE, False), (PURPOSE, True)]
    assert posting.opened() == 2
    posting.reveal(permit)
    assert (len(told(posting)), posting.opened()) == (3, 3)


def test_the_poster_hears_no_name_and_no_case(posting: Posting, permit: str) -> None:
    posting.reveal(permit)
    (opening,) = posting.call("opened", service="chat", record=RECORD)["openings"]
    assert set(opening) == {"at", "purpose", "full", "withheld"}


def test_an_unknown_id_tells_nothing_and_a_short_one_is_none(posting: Posting, permit: str) -> None:
    posting.reveal(permit)
    assert told(posting, "rec-0123456789abcdef-9") == []
    assert code(lambda: posting.call("opened", service="chat", record="1")) == "unknown-code"
    assert code(lambda: posting.call("opened", service="blog", record=RECORD)) == "unknown-code"


def test_the_number_in_the_service_never_falls_and_is_made_good(posting: Posting, permit: str) -> None:
    """A service put back from an old copy says too little, until the next opening; what it says too much stays."""
    posting.both(permit)
    posting.sql("DROP TRIGGER append_only")
    posting.sql("UPDATE sekisho_sender_record SET opened = 0")
    posting.reveal(permit)
    assert posting.opened() == 3
    posting.sql("UPDATE sekisho_sender_record SET opened = 9")
    posting.reveal(permit)
    assert posting.opened() == 9


def test_a_record_whose_count_cannot_be_written_is_not_opened(posting: Posting, permit: str) -> None:
    posting.sql("CREATE TRIGGER no_count BEFORE UPDATE ON sekisho_sender_record BEGIN SELECT RAISE(ABORT, 'no'); END")
    identity = posting.ask(permit)
    posting.fetch()
    assert posting.office.channel("supervisor").call("due-looks")["start"] == []
    assert posting.seen(identity)["state"] == "refused"


def test_where_a_named_law_asks_for_it_the_poster_hears_on_its_day_and_not_before(posting: Posting) -> None:
    permit = posting.permit(withheld_until="2026-11-25", withheld_law="刑訴法 197条5項")
    assert posting.reveal(permit)["state"] == "shown"
    assert (told(posting), posting.opened()) == ([], 0)
    posting.office.watch.wind(days=3)
    posting.fetch()
    assert (told(posting), posting.opened()) == ([(PURPOSE, False)], 1)
    (opening,) = posting.call("opened", service="chat", record=RECORD)["openings"]
    assert opening["withheld"] == {"until": "2026-11-25", "law": "刑訴法 197条5項"}


@pytest.mark.parametrize("half", [{"withheld_until": "2026-11-25"}, {"withheld_law": "x"}, {"withheld_until": "soon", "withheld_law": "x"}])
def test_without_a_law_and_a_day_nothing_is_withheld(posting: Posting, half: dict[str, str]) -> None:
    posting.reveal(posting.permit(**half))
    assert (len(told(posting)), posting.opened()) == (1, 1)


def test_the_certificate_has_what_an_access_provider_asks_for(posting: Posting, permit: str) -> None:
    posting.reveal(permit)
    identity = posting.ask(permit, full=True)
    posting.fetch()
    posting.look()
    found = posting.call("log-certificate", reveal=identity, ticket=posting.tickets[identity], url=URL)
    assert (found["source_ip"], found["source_port"]) == ("203.0.113.9", 51234)
    assert (found["destination_ip"], found["destination_port"]) == ("198.51.100.7", 443)
    assert (found["at_jst"], found["at_utc"]) == ("2026-11-22 05:54:56", "2026-11-21T20:54:56.789Z")
    assert (found["clock_offset_us"], found["transport"], found["http"], found["host"]) == (1200, "tcp", "1.1", "web-1")
    assert (found["operator"], found["window"], found["service"], found["url"]) == ("Example Networks", "Abuse desk", "chat", URL)
    assert found["digest"] == sha256(canonical(sender_record(RECORD, "post-0001"))).hexdigest()
    assert (found["record"], found["reveal"], found["kind"]) == (RECORD, identity, "post")


def test_no_certificate_is_made_of_a_first_view_nor_without_a_ticket(posting: Posting, permit: str) -> None:
    identity = posting.ask(permit)
    posting.fetch()
    posting.look()
    ticket = posting.tickets[identity]
    assert code(lambda: posting.call("log-certificate", reveal=identity, ticket=ticket, url=URL)) == "not-seen-in-full"
    assert code(lambda: posting.call("log-certificate", reveal=identity, ticket="", url=URL)) == "another-ticket"


VIEW = View("post", "2026-11-22", True, "203.0.0.0/16", "", (), (), (), "", False, End("203.0.113.9", None), None, 0)


@given(st.integers(0, 4_102_444_800_000_000))
def test_the_times_of_a_certificate_are_cut_and_never_rounded_up(seen_us: int) -> None:
    """Nine hours apart, the same instant, and never a second that had not come."""
    made = certified(SETTINGS, replace(VIEW, seen_us=seen_us), "chat", "r", URL, "look", datetime.now(UTC))
    jst = datetime.strptime(made.at_jst, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - timedelta(hours=9)
    utc = datetime.fromisoformat(made.at_utc)
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=seen_us)
    assert timedelta() <= at - utc < timedelta(milliseconds=1)
    assert timedelta() <= at - jst < timedelta(seconds=1)


def test_what_is_not_known_stays_unknown_on_a_certificate() -> None:
    made = certified(SETTINGS, VIEW, "chat", "r", URL, "look", datetime.now(UTC))
    assert (made.source_port, made.destination_ip, made.destination_port, made.clock_offset_us) == (None,) * 4


@pytest.mark.parametrize("url", ["", "chat.example", "javascript:alert(1)", "https://chat.example/a b"])
def test_a_certificate_names_a_web_address(url: str) -> None:
    with pytest.raises(No, match="not-a-url"):
        certified(SETTINGS, VIEW, "chat", "r", url, "look", datetime.now(UTC))
