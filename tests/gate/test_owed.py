"""The other question: what is owed, what shields, what must not be deleted. Worked questions of law.md and their neighbours."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.gate.owed import owed
from sekisho.gate.owing import (
    Breached,
    Done,
    Due,
    Ended,
    Holds,
    Lapsed,
    NotDue,
    NotHeld,
    Open,
    Owed,
    OwedDuty,
    OwedShield,
    Shut,
    State,
)
from sekisho.gate.predicates import PLAIN as FUNCTIONS
from sekisho.law.casebook import load
from sekisho.law.clocks import Clock, Unit
from sekisho.law.duties import NOT_YET, PLAIN, Duties
from sekisho.law.facts import Event, Facts, read_facts
from sekisho.law.words import Certainty, Regime, Value

BOOK = load(Path(__file__).parents[2] / "casebook" / "jp")
RULES = BOOK.owed


def read(text: str) -> Facts:
    return read_facts(tomllib.loads(text), RULES)


def on(day: date | str) -> datetime:
    """Noon in Japan."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return BOOK.begins(day) + timedelta(hours=12)


def ask(text: str, day: date | str) -> Owed:
    return owed(read(text), BOOK, on(day))


def duty(answer: Owed, rule: str) -> OwedDuty:
    return next(d for d in answer.duties if d.rule.id == rule)


def state(answer: Owed, rule: str) -> State:
    return duty(answer, rule).state


def shield(answer: Owed, rule: str) -> OwedShield:
    return next(s for s in answer.shields if s.rule.id == rule)


def missing(answer: Owed, rule: str) -> tuple[str, ...]:
    said = shield(answer, rule).answer
    return said.missing if isinstance(said, Shut) else ()


CARRIER = '[operator]\nregime = "TBA"\nroles = []\n'
EXEMPT = '[operator]\nregime = "TBA-exempt"\nroles = []\n'
PLATFORM = '[operator]\nregime = "TBA"\nroles = ["designated-platform"]\n'

SECRECY_LEAK = """
[[event]]
kind = "leak"
known = 2026-06-01
secrecy = true
personal_data = false
"""

DATA_LEAK = """
[[event]]
kind = "leak"
known = 2026-06-01
secrecy = false
personal_data = true
persons = {persons}
sensitive = false
financial_harm = false
wrongful_purpose = {wrongful}
stage = "held"
strongly_encrypted = false
as_entrustee = false
"""


def data_leak(persons: int = 1500, *, wrongful: bool = False) -> str:
    return CARRIER + DATA_LEAK.format(persons=persons, wrongful=str(wrongful).lower())


# --- law.md section 9, and the numbers it leaves out


def test_6_a_carrier_that_leaks_secrecy_of_three_users_reports_promptly_and_within_30_days() -> None:
    answer = ask(CARRIER + SECRECY_LEAK + "persons = 3\n", "2026-06-01")
    assert state(answer, "jp/A-10/d1") == Due(date(2026, 6, 1), 0, at_once=True)
    assert state(answer, "jp/A-10/d2") == Due(date(2026, 7, 1), 30)
    assert state(answer, "jp/E-06/d2") == NotDue("does-not-apply", ("personal_data",))


def test_6_on_day_31_it_is_a_breach() -> None:
    answer = ask(CARRIER + SECRECY_LEAK, "2026-07-02")
    assert state(answer, "jp/A-10/d2") == Breached(date(2026, 7, 2), date(2026, 7, 1))
    assert state(ask(CARRIER + SECRECY_LEAK + "mic_report = 2026-07-01\n", "2026-07-02"), "jp/A-10/d2") == Done(date(2026, 7, 1))
    late = ask(CARRIER + SECRECY_LEAK + "mic_report = 2026-07-02\n", "2026-07-02")
    assert state(late, "jp/A-10/d2") == Done(date(2026, 7, 2), late=True)


def test_7_an_exempt_operator_owes_no_report_to_the_ministry() -> None:
    """TBA 28 is not among the articles 164(3) extends; APPI binds all the same."""
    answer = ask(EXEMPT + SECRECY_LEAK, "2026-08-01")
    assert state(answer, "jp/A-10/d1") == NotDue("not-bound", ("operator.regime",))
    assert state(answer, "jp/A-10/d2") == NotDue("not-bound", ("operator.regime",))
    both = ask(EXEMPT + SECRECY_LEAK.replace("personal_data = false", "personal_data = true\npersons = 5000\nstage = 'held'"), "2026-08-01")
    assert isinstance(state(both, "jp/E-06/d2"), Breached)


def test_who_does_not_say_what_they_are_is_bound() -> None:
    answer = ask(SECRECY_LEAK, "2026-08-01")
    assert isinstance(state(answer, "jp/A-10/d2"), Breached)
    assert "operator.regime" in duty(answer, "jp/A-10/d2").presumed


def test_who_does_not_say_when_they_knew_is_late() -> None:
    """It happened; since when the operator knew nobody says. No day can be shown, and every one counts against it."""
    answer = ask(CARRIER + SECRECY_LEAK.replace("known", "occurred"), "2026-06-02")
    assert state(answer, "jp/A-10/d2") == Breached(None)
    assert duty(answer, "jp/A-10/d2").presumed == ("known",)
    unknowing = ask(CARRIER + SECRECY_LEAK.replace("known = 2026-06-01", 'known = "not-yet"\noccurred = 2026-05-01'), "2026-06-02")
    assert state(unknowing, "jp/A-10/d2") == NotDue("not-begun", ("known",))


INQUIRY = (
    CARRIER
    + """
[[event]]
kind = "removal-request"
received = 2026-05-28
claim_complete = true
inquiry_sent = 2026-05-29
inquiry_shows_claim = true
inquiry_received = 2026-06-01
objected = false
within_need = true
removed = 2026-06-09
"""
)


def test_74_silence_for_seven_days_from_receipt_then_removed() -> None:
    assert shield(ask(INQUIRY, "2026-06-10"), "jp/D-03/s1").answer == Open(date(2026, 6, 9))


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        (("removed = 2026-06-09", "removed = 2026-06-08"), "seven-days"),  # day 7 itself
        (("objected = false", "objected = true"), "no-objection"),
        (("objected = false\n", ""), "no-objection"),  # nobody said that there was none
        (("inquiry_received = 2026-06-01\n", ""), "seven-days"),  # sent on the 29th: sending is not receipt
        (("claim_complete = true", "claim_complete = false"), "claim-shown"),
        (("inquiry_shows_claim = true", "inquiry_shows_claim = false"), "inquiry"),
        (("inquiry_sent = 2026-05-29\n", ""), "inquiry"),
        (("within_need = true", "within_need = false"), "within-need"),
    ],
)
def test_75_each_condition_of_the_seven_days_alone_shuts_the_shield(change: tuple[str, str], lacks: str) -> None:
    answer = ask(INQUIRY.replace(*change), "2026-06-10")
    assert missing(answer, "jp/D-03/s1") == (lacks,)


def test_75_not_yet_removed_asks_about_today() -> None:
    waiting = INQUIRY.replace("removed = 2026-06-09", f'removed = "{NOT_YET}"')
    assert missing(ask(waiting, "2026-06-08"), "jp/D-03/s1") == ("seven-days",)
    assert shield(ask(waiting, "2026-06-09"), "jp/D-03/s1").answer == Open(date(2026, 6, 9))
    unsaid = INQUIRY.replace("removed = 2026-06-09\n", "")
    assert missing(ask(unsaid, "2026-06-20"), "jp/D-03/s1") == ("removed",)


def test_adequate_reason_shields_without_an_inquiry() -> None:
    quick = CARRIER + (
        '[[event]]\nkind = "removal-request"\nreceived = 2026-05-28\nwithin_need = true\nadequate_reason = true\nremoved = 2026-05-28\n'
    )
    answer = ask(quick, "2026-05-28")
    assert shield(answer, "jp/D-02/s1").answer == Open(date(2026, 5, 28))
    assert isinstance(shield(answer, "jp/D-03/s1").answer, Shut)
    assert missing(ask(quick.replace("adequate_reason = true\n", ""), "2026-05-28"), "jp/D-02/s1") == ("adequate-reason",)


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ("own_post = false\ncan_stop = false\n", True),
        ("own_post = false\nknew_infringement = false\nknew_information = false\n", True),
        ("own_post = false\nknew_infringement = false\nknew_information = true\nreason_to_know = false\n", True),
        ("own_post = false\nknew_infringement = false\nknew_information = true\nreason_to_know = true\n", False),
        ("own_post = false\nknew_infringement = true\nknew_information = true\nreason_to_know = false\n", False),
        ("own_post = false\nknew_infringement = false\n", False),
        ("own_post = true\ncan_stop = false\n", False),
    ],
)
def test_not_removing_is_shielded_by_not_knowing(said: str, *, opens: bool) -> None:
    answer = ask(CARRIER + '[[event]]\nkind = "removal-request"\nreceived = 2026-05-28\n' + said, "2026-06-01")
    assert isinstance(shield(answer, "jp/D-01/s1").answer, Open) is opens


IMAGE = (
    CARRIER
    + """
[[event]]
kind = "intimate-image-request"
received = 2026-06-01
requester = "pictured"
claim_complete = true
inquiry_sent = 2026-06-01
inquiry_shows_claim = true
inquiry_received = 2026-06-01
objected = false
within_need = true
removed = 2026-06-04
"""
)


def test_76_an_intimate_image_after_two_days_without_objection() -> None:
    assert shield(ask(IMAGE, "2026-06-04"), "jp/D-06/s1").answer == Open(date(2026, 6, 4))


def test_77_an_intimate_image_on_the_second_day_or_after_an_objection_or_for_somebody_else() -> None:
    assert missing(ask(IMAGE.replace("2026-06-04", "2026-06-03"), "2026-06-04"), "jp/D-06/s1") == ("two-days",)
    assert missing(ask(IMAGE.replace("objected = false", "objected = true"), "2026-06-04"), "jp/D-06/s1") == ("no-objection",)
    assert missing(ask(IMAGE.replace('"pictured"', '"spouse"'), "2026-06-04"), "jp/D-06/s1") == ("requester",)
    widow = IMAGE.replace('"pictured"', '"spouse"\npictured_dead = true')
    assert isinstance(shield(ask(widow, "2026-06-04"), "jp/D-06/s1").answer, Open)


ELECTION = (
    CARRIER
    + """
[[event]]
kind = "election-request"
received = 2026-06-01
in_campaign = true
campaign_document = true
honour = true
by_candidate = true
claim_complete = true
inquiry_sent = 2026-06-01
inquiry_shows_claim = true
inquiry_received = 2026-06-02
objected = false
within_need = true
removed = 2026-06-05
"""
)


def test_a_candidates_honour_two_days_and_only_in_the_campaign() -> None:
    assert shield(ask(ELECTION, "2026-06-05"), "jp/D-04/s1").answer == Open(date(2026, 6, 5))
    assert missing(ask(ELECTION.replace("removed = 2026-06-05", "removed = 2026-06-04"), "2026-06-05"), "jp/D-04/s1") == ("two-days",)
    assert missing(ask(ELECTION.replace("in_campaign = true", "in_campaign = false"), "2026-06-05"), "jp/D-04/s1") == ("campaign",)
    assert missing(ask(ELECTION.replace("honour = true", "honour = false"), "2026-06-05"), "jp/D-04/s1") == ("honour",)


def test_a_campaign_document_without_an_address_may_go_at_once() -> None:
    at_once = ELECTION.replace("2026-06-05", "2026-06-01") + "address_claimed = true\naddress_shown = false\n"
    assert shield(ask(at_once, "2026-06-01"), "jp/D-05/s1").answer == Open(date(2026, 6, 1))
    assert missing(ask(at_once.replace("address_shown = false\n", ""), "2026-06-01"), "jp/D-05/s1") == ("not-shown",)


def test_two_days_for_elections_and_images_exist_only_since_their_laws() -> None:
    assert not ask(ELECTION.replace("2026", "2012"), "2012-07-01").shields
    assert not ask(IMAGE.replace("2026", "2014"), "2014-07-01").shields
    assert ask(IMAGE.replace("2026", "2015"), "2015-07-01").shields


def test_86_a_ban_on_erasure_blocks_the_retention_job_until_the_case_ends() -> None:
    ban = '[[event]]\nkind = "erasure-ban"\nreceived = 2026-06-01\ncase_ended = "not-yet"\nlifted = "not-yet"\n'
    answer = ask(ban, "2027-06-01")
    assert answer.holds[0].answer == Holds(None)
    assert answer.blocks_deletion
    assert not answer.holds[0].discloses
    over = ask(ban.replace('case_ended = "not-yet"', "case_ended = 2027-05-01"), "2027-06-01")
    assert over.holds[0].answer == Ended(date(2027, 5, 2))
    assert not over.blocks_deletion


REQUEST = """
[[event]]
kind = "preservation-request"
requested = 2026-06-01
written = true
logs_named = true
days = 30
extension_days = 0
withdrawn = "not-yet"
"""


@pytest.mark.parametrize(
    ("days", "extension", "until", "capped"),
    [
        (30, 0, date(2026, 7, 1), False),
        (10, 5, date(2026, 6, 16), False),
        (30, 30, date(2026, 7, 31), False),
        (60, 60, date(2026, 7, 31), True),
        (60, 0, date(2026, 7, 1), True),
        (0, 90, date(2026, 7, 1), True),
    ],
)
def test_87_a_preservation_request_holds_30_days_and_60_in_all(days: int, extension: int, until: date, *, capped: bool) -> None:
    text = REQUEST.replace("days = 30\nextension_days = 0", f"days = {days}\nextension_days = {extension}")
    held = ask(text, until).holds[0]
    assert (held.answer, held.capped, held.discloses) == (Holds(until), capped, False)
    assert ask(text, until + timedelta(days=1)).holds[0].answer == Ended(until + timedelta(days=1))


def test_87_what_is_not_said_of_a_preservation_request_holds_to_the_limit() -> None:
    bare = '[[event]]\nkind = "preservation-request"\nrequested = 2026-06-01\n'
    held = ask(bare, "2026-07-30").holds[0]
    assert held.answer == Holds(date(2026, 7, 31))
    assert {"days", "extension_days", "written", "logs_named"} <= set(held.presumed)
    assert ask(bare + "written = false\n", "2026-06-02").holds[0].answer == NotHeld("exempt", ("written",))


CLAIM = """
[[event]]
kind = "platform-claim"
received = 2026-06-01
investigated = 2026-06-02
answered = "not-yet"
delay_told = "not-yet"
judged = "not-yet"
excused = false
"""


def test_88_a_designated_platform_that_says_nothing_for_seven_days() -> None:
    assert state(ask(PLATFORM + CLAIM, "2026-06-08"), "jp/D-20/d7") == Due(date(2026, 6, 8), 0)
    assert state(ask(PLATFORM + CLAIM, "2026-06-09"), "jp/D-20/d7") == Breached(date(2026, 6, 9), date(2026, 6, 8))


@pytest.mark.parametrize(
    ("said", "met"),
    [
        ('delay_told = 2026-06-05\ndelay_reason = "hearing-sender"', True),
        ('delay_told = 2026-06-05\ndelay_reason = "specialist"', True),
        ('delay_told = 2026-06-05\ndelay_reason = "unavoidable"\ndelay_described = true', True),
        ('delay_told = 2026-06-05\ndelay_reason = "unavoidable"', False),
        ("delay_told = 2026-06-05", False),
    ],
)
def test_89_a_notice_of_delay_needs_one_of_three_reasons(said: str, *, met: bool) -> None:
    answer = ask(PLATFORM + CLAIM.replace('delay_told = "not-yet"', said), "2026-06-20")
    assert isinstance(state(answer, "jp/D-20/d7"), Done) is met
    assert state(answer, "jp/D-20/d8") == NotDue("not-begun", ("judged",))


def test_89_after_a_notice_of_delay_the_answer_is_due_once_decided() -> None:
    told = CLAIM.replace('delay_told = "not-yet"', 'delay_told = 2026-06-05\ndelay_reason = "specialist"')
    decided = PLATFORM + told.replace('judged = "not-yet"', "judged = 2026-06-19")
    assert state(ask(decided, "2026-06-19"), "jp/D-20/d8") == Due(date(2026, 6, 19), 0, at_once=True)
    assert state(ask(decided, "2026-06-25"), "jp/D-20/d8") == Breached(date(2026, 6, 20), date(2026, 6, 19), at_once=True)


def test_89_a_small_board_owes_none_of_it() -> None:
    answer = ask(CARRIER + CLAIM, "2026-08-01")
    assert {d.state for d in answer.duties} == {NotDue("not-bound", ("operator.roles",))}


def test_a_refusal_to_remove_is_no_answer_without_its_reason() -> None:
    refused = PLATFORM + CLAIM.replace('answered = "not-yet"', "answered = 2026-06-04\nremoved = false")
    assert isinstance(state(ask(refused, "2026-06-09"), "jp/D-20/d7"), Breached)
    assert state(ask(refused + "reason_given = true\n", "2026-06-09"), "jp/D-20/d7") == Done(date(2026, 6, 4))


def test_92_fifteen_hundred_addresses_shown_by_mistake() -> None:
    """速報 promptly (practice 3 to 5 days), 確報 by day 30, and the persons."""
    answer = ask(data_leak(), "2026-06-01")
    assert state(answer, "jp/E-06/d1") == Due(date(2026, 6, 6), 5, at_once=True, aim=date(2026, 6, 6))
    assert state(answer, "jp/E-06/d2") == Due(date(2026, 7, 1), 30, aim=date(2026, 6, 30))
    assert state(answer, "jp/E-06/d3") == NotDue("does-not-apply", ("wrongful_purpose",))
    assert isinstance(state(answer, "jp/E-08/d1"), Due)
    assert state(answer, "jp/A-10/d2") == NotDue("does-not-apply", ("secrecy",))


def test_93_a_thousand_persons_are_not_more_than_a_thousand() -> None:
    answer = ask(data_leak(1000), "2026-08-01")
    assert all(isinstance(d.state, NotDue) for d in answer.duties)
    assert isinstance(state(ask(data_leak(1001), "2026-08-01"), "jp/E-06/d2"), Breached)


def test_93_one_record_of_sensitive_data_is_reported() -> None:
    text = data_leak(1).replace("sensitive = false", "sensitive = true")
    assert isinstance(state(ask(text, "2026-08-01"), "jp/E-06/d2"), Breached)
    money = data_leak(1).replace("financial_harm = false", "financial_harm = true")
    assert isinstance(state(ask(money, "2026-08-01"), "jp/E-06/d2"), Breached)


def test_94_one_record_taken_by_unlawful_access_has_sixty_days() -> None:
    answer = ask(data_leak(1, wrongful=True), "2026-06-01")
    assert state(answer, "jp/E-06/d3") == Due(date(2026, 7, 31), 60, aim=date(2026, 7, 30))
    assert state(answer, "jp/E-06/d2") == NotDue("does-not-apply", ("wrongful_purpose",))


def test_95_strong_encryption_frees_and_saying_nothing_about_it_does_not() -> None:
    safe = data_leak(5000).replace("strongly_encrypted = false", "strongly_encrypted = true")
    assert state(ask(safe, "2026-08-01"), "jp/E-06/d2") == NotDue("exempt", ("strongly_encrypted",))
    unsaid = ask(data_leak(5000).replace("strongly_encrypted = false\n", ""), "2026-08-01")
    assert isinstance(state(unsaid, "jp/E-06/d2"), Breached)
    assert "strongly_encrypted" in duty(unsaid, "jp/E-06/d2").presumed


def test_95_an_entrustee_that_told_its_entrustor_is_freed() -> None:
    told = data_leak(5000).replace("as_entrustee = false", "as_entrustee = true\nentrustor_told = 2026-06-02")
    partly = ask(told, "2026-08-01")
    assert isinstance(state(partly, "jp/E-06/d2"), Breached)
    assert missing(partly, "jp/E-07/s1") == ("all-items", "promptly")
    freed = ask(told + "told_all_items = true\ntold_promptly = true\n", "2026-08-01")
    assert isinstance(state(freed, "jp/E-06/d2"), NotDue)
    assert isinstance(state(freed, "jp/E-08/d1"), NotDue)
    assert isinstance(shield(freed, "jp/E-07/s1").answer, Open)


def test_data_still_being_collected_count_since_april_2024() -> None:
    """Rule 7(iii) as amended: a skimmed entry form."""
    skimmed = data_leak(1, wrongful=True).replace('"held"', '"being-collected"')
    before = ask(skimmed.replace("2026-06-01", "2024-03-31"), "2024-04-01")
    since = ask(skimmed.replace("2026-06-01", "2024-04-01"), "2024-04-01")
    assert state(before, "jp/E-06/d3-2022") == NotDue("does-not-apply", ("stage",))
    assert isinstance(state(since, "jp/E-06/d3"), Due)


def test_before_april_2022_the_law_asked_for_no_report_to_the_commission() -> None:
    answer = ask(data_leak().replace("2026-06-01", "2021-06-01"), "2021-08-01")
    assert [d.rule.id for d in answer.duties] == ["jp/A-10/d1", "jp/A-10/d2"]


def test_one_incident_owes_two_reports_and_one_does_not_finish_the_other() -> None:
    """E-09: the ministry's clock and the commission's run alone."""
    much = 'personal_data = true\npersons = 2000\nstage = "held"\nwrongful_purpose = false'
    both = CARRIER + SECRECY_LEAK.replace("personal_data = false", much)
    answer = ask(both + "mic_report = 2026-06-20\n", "2026-07-10")
    assert isinstance(state(answer, "jp/A-10/d2"), Done)
    assert isinstance(state(answer, "jp/E-06/d2"), Breached)


def test_a_filing_with_the_state_moves_from_a_closed_day_and_a_shield_does_not() -> None:
    """Thirty days from 2026-04-03 end on Sunday 3 May; the offices open on the 7th."""
    answer = ask(data_leak().replace("2026-06-01", "2026-04-03"), "2026-05-04")
    assert state(answer, "jp/E-06/d2") == Due(date(2026, 5, 7), 3, aim=date(2026, 5, 2))


# --- disclosure, orders, platforms, mail


def test_the_sender_is_heard_before_the_claim_is_answered() -> None:
    claim = CARRIER + '[[event]]\nkind = "disclosure-claim"\nreceived = 2026-06-01\nunreachable = false\nspecial = false\n'
    waiting = claim + 'answered = "not-yet"\n'
    assert state(ask(waiting, "2026-07-01"), "jp/D-11/d1") == Due(None, before="answered")
    done = claim + "answered = 2026-06-20\nsender_heard = 2026-06-05\n"
    assert state(ask(done, "2026-07-01"), "jp/D-11/d1") == Done(date(2026, 6, 5))
    assert state(ask(claim + "answered = 2026-06-20\n", "2026-07-01"), "jp/D-11/d1") == Breached(date(2026, 6, 20))
    late = claim + "answered = 2026-06-20\nsender_heard = 2026-06-21\n"
    assert state(ask(late, "2026-07-01"), "jp/D-11/d1") == Done(date(2026, 6, 21), late=True)
    assert state(ask(claim, "2026-07-01"), "jp/D-11/d1") == Breached(None)
    gone = claim.replace("unreachable = false", "unreachable = true")
    assert state(ask(gone, "2026-07-01"), "jp/D-11/d1") == NotDue("exempt", ("unreachable",))


def test_the_claim_of_2021_is_answered_by_the_article_of_2021() -> None:
    old = ask('[[event]]\nkind = "disclosure-claim"\nreceived = 2021-06-01\nanswered = "not-yet"\n', "2021-06-02")
    assert [d.rule.id for d in old.duties] == ["jp/D-11/d1-2002"]


def test_refusing_disclosure_is_shielded_short_of_gross_negligence() -> None:
    claim = CARRIER + '[[event]]\nkind = "disclosure-claim"\nreceived = 2026-06-01\nanswered = 2026-06-20\n'
    claim += "refused = true\nown_post = false\n"
    assert missing(ask(claim, "2026-07-01"), "jp/D-14/s1") == ("no-intent",)
    assert isinstance(shield(ask(claim + "intent = false\ngross_negligence = false\n", "2026-07-01"), "jp/D-14/s1").answer, Open)


ORDER = """
[[event]]
kind = "disclosure-order"
received = 2026-06-01
sender_objected = true
hard_to_tell = false
suit_filed = "not-yet"
final = "not-yet"
set_aside = "not-yet"
"""


def test_an_order_is_final_after_a_month_without_a_suit_and_the_sender_is_told_at_once() -> None:
    assert state(ask(ORDER, "2026-06-01"), "jp/D-12/d1") == Due(date(2026, 6, 1), 0, at_once=True)
    assert state(ask(ORDER, "2026-07-01"), "jp/D-15/d1") == Due(date(2026, 7, 1), 0)
    assert state(ask(ORDER, "2026-07-02"), "jp/D-15/d1") == Lapsed(date(2026, 7, 2), "received")
    assert state(ask(ORDER, "2026-07-02"), "jp/D-15/d2") == NotDue("not-begun", ("final",))
    final = ORDER.replace('final = "not-yet"', "final = 2026-07-02")
    assert isinstance(state(ask(final, "2026-07-02"), "jp/D-15/d2"), Due)
    quiet = ask(ORDER.replace("sender_objected = true", "sender_objected = false"), "2026-06-05")
    assert state(quiet, "jp/D-12/d1") == NotDue("does-not-apply", ("sender_objected",))


PROVISION = """
[[event]]
kind = "provision-order"
received = 2026-06-01
names_given = 2026-06-03
filing_notice = "not-yet"
handed_over = "not-yet"
main_case_ended = "not-yet"
order_lifted = "not-yet"
"""


def test_a_provision_order_lapses_two_months_after_the_name_without_notice() -> None:
    assert state(ask(PROVISION, "2026-06-04"), "jp/D-16/d1") == Done(date(2026, 6, 3), late=True)
    assert state(ask(PROVISION, "2026-08-03"), "jp/D-16/d2") == NotDue("awaits", ("filing_notice",))
    assert state(ask(PROVISION, "2026-08-04"), "jp/D-16/d2") == Lapsed(date(2026, 8, 4), "filing_notice")
    noticed = PROVISION.replace('filing_notice = "not-yet"', "filing_notice = 2026-07-01")
    assert isinstance(state(ask(noticed, "2026-07-01"), "jp/D-16/d2"), Due)
    assert isinstance(state(ask(noticed, "2026-08-04"), "jp/D-16/d2"), Breached)
    ended = PROVISION.replace('main_case_ended = "not-yet"', "main_case_ended = 2026-06-20")
    assert state(ask(ended, "2026-07-01"), "jp/D-16/d2") == Lapsed(date(2026, 6, 20), "main_case_ended")


@pytest.mark.parametrize(
    ("senders", "posts", "reports", "safe"), [(8_999_999, 1_799_999, 0, 1), (9_000_000, 0, 1, 1), (0, 1_800_000, 1, 1)]
)
def test_the_numbers_of_rule_8_and_9(senders: int, posts: int, reports: int, safe: int) -> None:
    text = CARRIER + f'[[event]]\nkind = "platform-figures"\nyear_end = 2026-03-31\nmonthly_senders = {senders}\nmonthly_posts = {posts}\n'
    answer = ask(text, "2026-04-01")
    assert isinstance(state(answer, "jp/D-18/d1"), Due) == bool(reports)
    assert isinstance(shield(answer, "jp/D-18/s1").answer, Open) == bool(safe)


def test_ten_million_is_not_more_than_ten_million() -> None:
    text = CARRIER + '[[event]]\nkind = "platform-figures"\nyear_end = 2026-03-31\nmonthly_senders = {}\nmonthly_posts = {}\n'
    assert isinstance(shield(ask(text.format(10_000_000, 2_000_000), "2026-04-01"), "jp/D-18/s1").answer, Open)
    assert isinstance(shield(ask(text.format(10_000_001, 0), "2026-04-01"), "jp/D-18/s1").answer, Shut)
    assert isinstance(shield(ask(text.format(0, 2_000_001), "2026-04-01"), "jp/D-18/s1").answer, Shut)
    assert missing(ask(text.format(0, 0), "2026-04-01"), "jp/D-21/s1") == ("not-designated",)


def test_a_designated_platform_files_within_three_months() -> None:
    """Designated on 2025-04-30 as the first five were: until 2025-07-31, counted from 1 May."""
    text = PLATFORM + '[[event]]\nkind = "platform-designation"\ndesignated = 2025-04-30\nfiled = "not-yet"\nchanged = "not-yet"\n'
    answer = ask(text, "2025-07-31")
    assert state(answer, "jp/D-20/d1") == Due(date(2025, 7, 31), 0)
    assert state(answer, "jp/D-20/d3") == NotDue("not-begun", ("filed",))
    assert state(answer, "jp/D-20/d2") == NotDue("awaits", ("changed",))
    assert isinstance(state(ask(text, "2025-08-01"), "jp/D-20/d1"), Breached)


@pytest.mark.parametrize(("published", "good"), [("2026-06-01", True), ("2026-06-05", True), ("2026-06-06", False), ("2026-06-20", False)])
def test_rules_stand_published_fourteen_days_before_a_removal(published: str, *, good: bool) -> None:
    text = PLATFORM + f'[[event]]\nkind = "platform-removal"\nremoved = 2026-06-20\nrules_published = {published}\nunder_rules = true\n'
    assert isinstance(state(ask(text, "2026-06-20"), "jp/D-20/d9"), Breached) is not good
    assert isinstance(state(ask(text + "legal_duty = true\n", "2026-06-20"), "jp/D-20/d9"), NotDue)


def test_the_yearly_publication_is_due_at_the_end_of_may() -> None:
    text = PLATFORM + '[[event]]\nkind = "platform-year"\nyear_end = 2026-03-31\npublished = 2026-05-30\n'
    text += "online = true\nmachine_readable = {}\njapanese = true\n"
    assert state(ask(text.format("true"), "2026-06-01"), "jp/D-20/d12") == Done(date(2026, 5, 30))
    assert state(ask(text.format("false"), "2026-06-01"), "jp/D-20/d12") == Breached(date(2026, 6, 1), date(2026, 5, 31))


def test_the_record_of_consent_is_kept_a_month_after_the_last_mail() -> None:
    """Counted from the day of the mail itself: sent on 15 January, kept up to 14 February."""
    text = '[[event]]\nkind = "marketing-mail"\nconsented = 2025-01-01\nlast_sent = 2026-01-15\nordered = "not-yet"\nfor_profit = true\n'
    first = {h.rule.id: h.answer for h in ask(text, "2026-02-14").holds}
    assert first["jp/E-18/h1"] == Holds(date(2026, 2, 14))
    assert first["jp/E-18/h2"] == NotHeld("exempt", ("last_sent",))
    assert first["jp/E-18/h3"] == NotHeld("does-not-apply", ("ordered",))
    assert not ask(text, "2026-02-15").blocks_deletion
    ordered = ask(text.replace('ordered = "not-yet"', "ordered = 2026-01-20"), "2026-12-31")
    assert {h.rule.id: h.answer for h in ordered.holds}["jp/E-18/h3"] == Holds(date(2027, 1, 14))


def test_consent_without_any_mail_is_kept_until_somebody_gives_up() -> None:
    text = '[[event]]\nkind = "marketing-mail"\nconsented = 2025-01-01\nlast_sent = "not-yet"\nordered = "not-yet"\n'
    assert {h.rule.id: h.answer for h in ask(text, "2026-01-01").holds}["jp/E-18/h2"] == Holds(None)
    assert not ask(text + "given_up = 2025-06-01\n", "2026-01-01").blocks_deletion


HANDED = """
[[event]]
kind = "third-party-provision"
provided = 2026-06-01
recorded = 2026-06-01
last_provided = 2026-06-01
excepted = false
"""


def test_a_record_of_giving_is_kept_three_years_or_one_by_how_it_was_made() -> None:
    for way, until in (("each-time", date(2029, 6, 1)), ("together", date(2029, 5, 31)), ("contract-paper", date(2027, 5, 31))):
        answer = ask(HANDED + f'record_way = "{way}"\n', "2026-07-01")
        assert [h.answer for h in answer.holds if isinstance(h.answer, Holds)] == [Holds(until)]
    assert sum(isinstance(h.answer, Holds) for h in ask(HANDED, "2026-07-01").holds) == 3
    assert not ask(HANDED.replace("excepted = false", "excepted = true"), "2026-07-01").blocks_deletion


def test_a_designated_carrier_reports_a_thousand_and_one_users_and_any_other_carrier_does_not() -> None:
    leak = SECRECY_LEAK.replace("secrecy = true", "secrecy = false\nuser_information = true\npersons = 1001")
    designated = '[operator]\nregime = "TBA"\nroles = ["designated-carrier"]\n'
    assert isinstance(state(ask(designated + leak, "2026-06-02"), "jp/E-21/d6"), Due)
    assert state(ask(CARRIER + leak, "2026-06-02"), "jp/E-21/d6") == NotDue("not-bound", ("operator.roles",))
    fewer = designated + leak.replace("1001", "1000")
    assert "told_foreign_government" in duty(ask(fewer, "2026-06-02"), "jp/E-21/d6").presumed
    assert isinstance(state(ask(fewer + "told_foreign_government = false\n", "2026-06-02"), "jp/E-21/d6"), NotDue)


def test_after_a_refusal_sending_stops_at_once() -> None:
    text = '[[event]]\nkind = "mail-refusal"\nreceived = 2026-06-01\nincidental = false\nfor_profit = true\n'
    assert isinstance(state(ask(text, "2026-06-01"), "jp/E-19/d1"), Due)
    assert isinstance(state(ask(text, "2026-06-02"), "jp/E-19/d1"), Breached)
    assert state(ask(text + "stopped = 2026-06-01\n", "2026-06-02"), "jp/E-19/d1") == Done(date(2026, 6, 1))


def test_an_improvement_order_names_its_own_day() -> None:
    text = CARRIER + '[[event]]\nkind = "improvement-order"\nreceived = 2026-06-01\ndeadline = 2026-06-30\n'
    assert state(ask(text, "2026-06-30"), "jp/A-11/d1") == Due(date(2026, 6, 30), 0)
    assert state(ask(text, "2026-07-01"), "jp/A-11/d1") == Breached(date(2026, 7, 1), date(2026, 6, 30))
    assert state(ask(text + "revoked = 2026-06-20\n", "2026-07-01"), "jp/A-11/d1") == Lapsed(date(2026, 6, 20), "revoked")


# --- days, dates, certainty


def test_what_is_dated_after_the_day_asked_about_has_not_happened() -> None:
    answer = ask(CARRIER + SECRECY_LEAK, "2026-05-31")
    assert all(d.state == NotDue("not-happened") for d in answer.duties if not d.rule.roles)
    promised = ask(CARRIER + SECRECY_LEAK + "mic_report = 2026-07-20\n", "2026-07-10")
    assert isinstance(state(promised, "jp/A-10/d2"), Breached)


def test_the_day_is_japans() -> None:
    """15:00 UTC on 30 June is 1 July in Japan: the last day of thirty; an instant before it nothing changed."""
    asked = read(CARRIER + SECRECY_LEAK)
    assert owed(asked, BOOK, datetime(2026, 7, 1, 14, 59, tzinfo=UTC)).on == date(2026, 7, 1)
    assert isinstance(state(owed(asked, BOOK, datetime(2026, 7, 1, 14, 59, tzinfo=UTC)), "jp/A-10/d2"), Due)
    assert isinstance(state(owed(asked, BOOK, datetime(2026, 7, 1, 15, 0, tzinfo=UTC)), "jp/A-10/d2"), Breached)
    with pytest.raises(ValueError, match="zone"):
        owed(asked, BOOK, datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None))


def test_a_rule_from_memory_still_binds_and_says_whom_to_ask() -> None:
    """Before 2023-06-16 the text of TBA 28 was not read."""
    answer = ask(CARRIER + SECRECY_LEAK.replace("2026", "2020"), "2020-08-01")
    assert duty(answer, "jp/A-10/d2").certainty is Certainty.MEM
    assert isinstance(state(answer, "jp/A-10/d2"), Breached)
    assert duty(answer, "jp/A-10/d2").rule.ask is not None
    assert duty(ask(CARRIER + SECRECY_LEAK, "2026-08-01"), "jp/A-10/d2").certainty is Certainty.LAW


def test_a_shield_from_memory_stays_shut_until_somebody_confirms_it() -> None:
    words = MappingProxyType({"ja": "誰かに", "en": "ask somebody"})
    shields = tuple(replace(s, certainty=Certainty.MEM, ask=words) for s in RULES.shields)
    book = replace(BOOK, owed=replace(RULES, shields=shields))
    answer = owed(read(INQUIRY), book, on("2026-06-10"))
    assert missing(answer, "jp/D-03/s1") == ("confirmation",)


def test_a_year_nobody_entered_gives_the_earliest_day_and_opens_no_wait() -> None:
    answer = ask(data_leak().replace("2026-06-01", "2027-12-05"), "2027-12-06")
    found = state(answer, "jp/E-06/d2")
    assert isinstance(found, Due)
    assert found.unentered == (2028,)
    assert found.by == date(2028, 1, 4)


def test_a_wait_that_runs_into_a_year_nobody_entered_is_not_known_to_be_over() -> None:
    """No shipped wait counts business days; one that did would stay shut until somebody enters the holidays."""
    rule = next(s for s in RULES.shields if s.id == "jp/D-03/s1")
    wait = Clock("inquiry_received", Unit.BUSINESS_DAYS, 7)
    conditions = tuple(replace(c, after=wait) if c.after is not None else c for c in rule.conditions)
    book = replace(BOOK, owed=replace(RULES, shields=(replace(rule, conditions=conditions),)))
    waiting = read(INQUIRY.replace("2026-06-09", "2028-06-09").replace("2026-06-01", "2027-12-28"))
    assert missing(owed(waiting, book, on("2028-06-10")), rule.id) == ("seven-days",)
    known = read(INQUIRY.replace("2026-06-09", "2026-06-11"))
    assert isinstance(shield(owed(known, book, on("2026-06-12")), rule.id).answer, Open)


def test_a_book_without_rules_owes_nothing() -> None:
    empty = replace(BOOK, owed=replace(RULES, duties=(), shields=(), holds=()))
    answer = owed(read(CARRIER + SECRECY_LEAK), empty, on("2026-08-01"))
    assert (answer.duties, answer.shields, answer.holds) == ((), (), ())
    assert isinstance(Duties().rules, tuple)


def test_every_question_a_rule_may_ask_has_its_function() -> None:
    assert set(FUNCTIONS) == PLAIN


# --- properties, over facts out of thin air

DAYS = st.dates(date(2025, 4, 1), date(2026, 12, 1)).map(date.isoformat)


def values(type_: str, among: tuple[str, ...]) -> st.SearchStrategy[Value]:
    if type_ == "day":
        return st.one_of(DAYS, st.just(NOT_YET))
    if type_ == "bool":
        return st.booleans()
    if type_ == "int":
        return st.sampled_from((0, 1, 5, 30, 31, 1000, 1001, 9_000_000, 10_000_001))
    return st.sampled_from(among or ("text",))


@st.composite
def happenings(draw: st.DrawFn) -> Facts:
    kind = draw(st.sampled_from(sorted(RULES.kinds.values(), key=lambda k: k.name)))
    known: dict[str, Value] = {f.name: draw(values(f.type, f.among)) for f in kind.fields.values() if draw(st.booleans())}
    known[kind.dated_by[0]] = draw(DAYS)
    roles = draw(st.sampled_from((None, frozenset[str](), frozenset({"designated-platform"}), frozenset(RULES.roles))))
    return Facts((Event("it", kind.name, MappingProxyType(known)),), draw(st.sampled_from((None, *Regime))), roles)


def without(asked: Facts, name: str) -> Facts:
    event = asked.events[0]
    return replace(asked, events=(replace(event, facts=MappingProxyType({k: v for k, v in event.facts.items() if k != name})),))


NOWS = st.dates(date(2025, 4, 1), date(2027, 12, 1)).map(on)
WEIGHT = {NotDue: 0, Lapsed: 0, Done: 0, Due: 1, Breached: 2}


def weight(said: State) -> int:
    return WEIGHT[type(said)]


@settings(max_examples=400, deadline=None)
@given(asked=happenings(), now=NOWS, data=st.data())
def test_silence_never_discharges_a_duty_nor_opens_a_shield_nor_ends_a_hold(asked: Facts, now: datetime, data: st.DataObject) -> None:
    """Removing a fact is never worth more than saying it. (The day that picks the law stays: without it another rule would answer.)"""
    kind = RULES.kinds[asked.events[0].kind]
    name = data.draw(st.sampled_from(sorted(asked.events[0].facts)))
    if name == kind.dated_by[0]:
        return
    before, after = owed(asked, BOOK, now), owed(without(asked, name), BOOK, now)
    for one, other in zip(before.duties, after.duties, strict=True):
        assert weight(other.state) >= weight(one.state), (name, one.state, other.state)
    for mine, less in zip(before.shields, after.shields, strict=True):
        assert isinstance(less.answer, Shut) or isinstance(mine.answer, Open), name
    for held, still in zip(before.holds, after.holds, strict=True):
        assert isinstance(still.answer, Holds) or not isinstance(held.answer, Holds), name


@settings(max_examples=400, deadline=None)
@given(asked=happenings(), now=NOWS, days=st.integers(0, 400))
def test_a_breach_stays_until_it_is_done(asked: Facts, now: datetime, days: int) -> None:
    before, after = owed(asked, BOOK, now), owed(asked, BOOK, now + timedelta(days=days))
    for one, other in zip(before.duties, after.duties, strict=True):
        if isinstance(one.state, Breached):
            late = isinstance(other.state, Done) and other.state.late
            assert isinstance(other.state, Breached) or late or promised(asked, now), (one.state, other.state)


def promised(asked: Facts, now: datetime) -> bool:
    """Whether some day of the facts was still to come at `now`: then they say more later on."""
    today = BOOK.day(now).isoformat()
    return any(isinstance(v, str) and v[:2] == "20" and v > today for v in asked.events[0].facts.values())


@settings(max_examples=200, deadline=None)
@given(asked=happenings(), now=NOWS, known=st.sampled_from((None, frozenset[str]())))
def test_saying_less_about_oneself_never_frees(asked: Facts, now: datetime, known: frozenset[str] | None) -> None:
    told = replace(asked, regime=Regime.TBA_EXEMPT, roles=known if known is not None else frozenset())
    silent = replace(asked, regime=None, roles=None)
    for one, other in zip(owed(told, BOOK, now).duties, owed(silent, BOOK, now).duties, strict=True):
        assert weight(other.state) >= weight(one.state)


@settings(max_examples=200, deadline=None)
@given(one=happenings(), other=happenings(), now=NOWS)
def test_events_answer_alone(one: Facts, other: Facts, now: datetime) -> None:
    """Two incidents beside each other owe what each owes by itself: nothing runs together."""
    second = replace(other.events[0], name="another")
    both = replace(one, events=(one.events[0], second))
    alone, apart = owed(one, BOOK, now), owed(replace(one, events=(second,)), BOOK, now)
    together = owed(both, BOOK, now)
    assert together.duties == alone.duties + apart.duties
    assert together.shields == alone.shields + apart.shields
    assert together.holds == alone.holds + apart.holds


@settings(max_examples=200, deadline=None)
@given(asked=happenings(), now=NOWS)
def test_the_same_question_gets_the_same_answer(asked: Facts, now: datetime) -> None:
    assert owed(asked, BOOK, now) == owed(asked, BOOK, now)
    midnight = BOOK.begins(BOOK.day(now))
    assert owed(asked, BOOK, midnight).duties == owed(asked, BOOK, now).duties
