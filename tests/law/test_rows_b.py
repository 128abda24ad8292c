"""Measures against attacks, row by row: each has what passes and what fails, and its questions get the answer of their day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sekisho.desk.asking.wishes import Wish, carry_out
from sekisho.gate.answers import Met, Outcome
from sekisho.law.numbering import CITATION
from sekisho.law.words import Axis, Case, Element, Ground, Kind
from tests.law.asking import BOOK, DAYS, TODAY, ask, carriers, missing, secrecy, step_of, tried

PERMITTED, REFUSED, REFERRED, OUT = Outcome.PERMITTED, Outcome.REFUSED, Outcome.REFERRED, Outcome.OUT

ROWS = (*(f"B-0{n}" for n in range(1, 7)), *(f"B-{n}" for n in range(10, 32)))

NEVER = {"B-28", "B-29"}
"""Rows that say: no ground carries this."""

MEASURES = {
    "B-01": "victim-block",
    "B-02": "flood-defence",
    "B-03": "spoofed-source-drop",
    "B-04": "malformed-packet-drop",
    "B-05": "attack-trace",
    "B-06": "attack-sharing",
    "B-10": "malware-site-warning",
    "B-11": "infected-notice",
    "B-12": "infected-notice",
    "B-13": "infected-notice",
    "B-14": "cc-from-infected",
    "B-15": "cc-search",
    "B-16": "cc-search",
    "B-17": "cc-block",
    "B-18": "vulnerable-notice",
    "B-19": "port-scan",
    "B-20": "ip53b",
    "B-21": "random-subdomain-drop",
    "B-22": "smtp-auth-hijack",
    "B-23": "pppoe-hijack",
    "B-24": "bulk-sender-limit",
    "B-25": "mail-to-security-vendor",
    "B-26": "dangerous-sms-block",
    "B-27": "mail-ads",
    "B-28": "wifi-logging",
    "B-29": "wifi-blocking",
    "B-30": "government-provision",
    "B-31": "traffic-picture",
}

BESIDE = {"B-22": {"hijack-signs"}, "B-24": {"sign-up-check"}}
"""Measures with a case of their own under another's row: signs of a hijack before anybody knows the account; a new account's limit."""


def own(row: str) -> list[Case]:
    """The cases numbered by the row itself."""
    return [c for c in BOOK.cases if c.id.split("/")[1] == row]


# Every row is there.


@pytest.mark.parametrize("row", ROWS)
def test_a_case_carries_the_row(row: str) -> None:
    """By its own id, in the file of a measure it is about."""
    assert own(row)
    assert {c.measure for c in own(row)} == {MEASURES[row]} | BESIDE.get(row, set())


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_passing_example_unless_no_ground_carries_it(row: str) -> None:
    """With everything at hand each of its cases is met; a row of refusals has none that passes."""
    passing = {e.case for e in BOOK.examples if e.case and e.expect == "met"}
    carried = {c.id for c in own(row) if c.ground is not Ground.NONE}
    assert carried <= passing
    assert bool(carried) == (row not in NEVER)


@pytest.mark.parametrize("row", ROWS)
def test_each_condition_of_a_row_has_its_failing_example(row: str) -> None:
    fails = {(e.case, m) for e in BOOK.examples if e.case for m in e.missing}
    assert {(c.id, k.id) for c in carriers(row) for k in c.conditions} <= fails


@pytest.mark.parametrize("row", ROWS)
def test_a_rows_measure_answers_whole_questions_with_yes_and_with_no(row: str) -> None:
    """Beside the conditions one by one: questions as people ask them, permitted and refused."""
    asked = [e for e in BOOK.examples if e.measure == MEASURES[row] and e.case is None]
    found = {e.expect for e in asked}
    assert "refused" in found
    assert found & {"permitted", "out-of-scope"} or row == "B-28"


@pytest.mark.parametrize("row", ROWS)
def test_a_measure_can_be_found_by_those_who_need_it(row: str) -> None:
    """Several ways of saying it in each language, and a sentence for each step."""
    about = BOOK.about[MEASURES[row]]
    assert all(len(set(phrases)) >= 2 for phrases in about.want.values())
    assert set(about.steps) == {s.name for s in BOOK.steps[MEASURES[row]]}


@pytest.mark.parametrize("case", [c for row in ROWS for c in own(row)], ids=lambda c: c.id)
def test_what_a_case_cites_is_a_law_the_book_names(case: Case) -> None:
    """A misspelt article would never be renumbered."""
    for cite in case.cites:
        found = CITATION.fullmatch(cite)
        assert found, cite
        assert found[1] in BOOK.laws, cite


@pytest.mark.parametrize(
    "case", [c for row in ROWS for c in own(row) if not c.certainty.decides_alone and c.conditions], ids=lambda c: c.id
)
def test_what_is_remembered_or_inferred_refers_and_a_confirmation_carries_it(case: Case) -> None:
    """Never permitted alone; with the officer's word it is what its ground says."""
    day = max(case.since.isoformat(), "2018-12-01") if case.until else TODAY
    for name in sorted(case.steps):
        alone = tried(ask(case.measure, name, day), case.id)
        said = tried(ask(case.measure, name, day, sure=True), case.id)
        assert alone.outcome is REFERRED
        assert said.outcome is (OUT if case.ground is Ground.NOT_SECRECY else PERMITTED)


# The same facts on four days.


@pytest.mark.parametrize(
    ("measure", "name", "answers"),
    [
        ("victim-block", "drop", (REFERRED,) * 4),
        ("flood-defence", "drop", (PERMITTED,) * 4),
        ("flood-defence", "limit", (PERMITTED,) * 4),
        ("spoofed-source-drop", "drop", (REFERRED,) * 4),
        ("malformed-packet-drop", "drop", (REFERRED,) * 4),
        ("attack-trace", "trace", (REFERRED,) * 4),
        ("attack-trace", "tell-victim", (REFUSED,) * 4),
        ("attack-sharing", "share-log", (REFUSED, PERMITTED, PERMITTED, PERMITTED)),
        ("attack-sharing", "share-with-peer", (REFUSED, REFERRED, REFERRED, REFERRED)),
        ("attack-sharing", "share-list", (REFUSED, REFUSED, REFUSED, REFERRED)),
        ("malware-site-warning", "match", (PERMITTED,) * 4),
        ("infected-notice", "identify", (PERMITTED,) * 4),
        ("infected-notice", "match", (REFUSED, REFERRED, REFERRED, REFERRED)),
        ("cc-from-infected", "search", (REFUSED, REFERRED, REFERRED, REFERRED)),
        ("cc-search", "search", (REFUSED, REFERRED, REFERRED, PERMITTED)),
        ("cc-search", "share-list", (REFUSED, REFUSED, REFUSED, OUT)),
        ("cc-block", "block", (REFUSED, PERMITTED, PERMITTED, PERMITTED)),
        ("vulnerable-notice", "identify", (REFUSED, PERMITTED, PERMITTED, PERMITTED)),
        ("port-scan", "port-check", (REFUSED, OUT, OUT, OUT)),
        ("port-scan", "password-trial", (REFUSED, PERMITTED, PERMITTED, PERMITTED)),
        ("ip53b", "filter", (REFERRED,) * 4),
        ("random-subdomain-drop", "drop", (REFUSED, REFERRED, REFERRED, REFERRED)),
        ("smtp-auth-hijack", "examine", (REFERRED,) * 4),
        ("pppoe-hijack", "suspend", (REFUSED, REFERRED, REFERRED, REFERRED)),
        ("bulk-sender-limit", "limit", (PERMITTED,) * 4),
        ("bulk-sender-limit", "read-content", (REFUSED,) * 4),
        ("bulk-sender-limit", "read-sample", (PERMITTED,) * 4),
        ("mail-to-security-vendor", "hand-over", (REFUSED, REFUSED, REFUSED, PERMITTED)),
        ("dangerous-sms-block", "filter", (REFUSED, REFUSED, REFUSED, REFERRED)),
        ("mail-ads", "analyse", (PERMITTED,) * 4),
        ("mail-ads", "ads-from-records", (REFUSED,) * 4),
        ("wifi-logging", "log", (REFUSED,) * 4),
        ("wifi-blocking", "block-silently", (REFUSED,) * 4),
        ("wifi-blocking", "block-attack", (PERMITTED,) * 4),
        ("government-provision", "provide", (REFUSED, REFUSED, REFUSED, REFERRED)),
        ("traffic-picture", "count", (REFERRED,) * 4),
    ],
)
def test_the_same_facts_get_the_answer_of_each_day(measure: str, name: str, answers: tuple[Outcome, ...]) -> None:
    """Secrecy alone, nobody having confirmed anything: what the authorities of that day had said."""
    assert tuple(secrecy(ask(measure, name, day))[0] for day in DAYS) == answers


@pytest.mark.parametrize(
    ("measure", "name", "first", "row"),
    [
        ("victim-block", "drop", "2007-05-30", "B-01"),
        ("flood-defence", "drop", "2007-05-30", "B-02"),
        ("malware-site-warning", "match", "2014-04-04", "B-10"),
        ("ip53b", "filter", "2014-04-04", "B-20"),
        ("cc-from-infected", "search", "2018-09-26", "B-14"),
        ("port-scan", "port-check", "2018-11-01", "B-19"),
        ("attack-sharing", "share-list", "2021-11-24", "B-06"),
        ("dangerous-sms-block", "filter", "2022-03-24", "B-26"),
        ("mail-ads", "analyse", "2012-09-19", "B-27"),
    ],
)
def test_a_measure_begins_on_the_day_its_source_gives(measure: str, name: str, first: str, row: str) -> None:
    """The day before, nothing carries it, whatever anybody confirms."""
    before = str(BOOK.case(f"jp/{row}/1").since.fromisoformat(first) - timedelta(days=1))
    assert secrecy(ask(measure, name, before, sure=True))[0] is REFUSED
    assert secrecy(ask(measure, name, first, sure=True))[0] in (PERMITTED, OUT)


# Questions, as people ask them.


def test_13_the_customer_under_attack_asks_and_is_helped_once_the_officer_agrees() -> None:
    assert ask("victim-block", "drop").outcome is REFERRED
    helped = ask("victim-block", "drop", sure=True)
    assert (helped.outcome, secrecy(helped)[1]) == (PERMITTED, "jp/B-01/1")
    assert {d.do for d in helped.duties} >= {"lift-on-request", "tell-requester"}


@pytest.mark.parametrize("who", ["a-competitor", "the-police", "another-provider", "customer-8"])
def test_14_somebody_else_asks_to_drop_traffic_to_that_customer(who: str) -> None:
    answer = ask("victim-block", "drop", given={"evidence": {"request": {"from": who}}}, sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {"addressee"})


def test_15_a_measured_flood_on_the_own_network_needs_nobodys_confirmation() -> None:
    for name in ("drop", "limit"):
        answer = ask("flood-defence", name)
        assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/B-02/1")
        assert "lift-when-over" in {d.do for d in answer.duties}


@pytest.mark.parametrize("name", ["drop", "limit"])
def test_16_the_same_without_any_measurement_is_refused_for_want_of_it(name: str) -> None:
    """Necessity measures too: no ground is left."""
    answer = ask("flood-defence", name, given={"without": ["evidence.load"]}, sure=True)
    assert answer.outcome is REFUSED
    assert {(m.kind, m.why) for m in answer.missing} == {("load", "missing")}


def test_an_acute_flood_may_rest_on_necessity_but_only_with_its_own_conditions() -> None:
    """One measure, two grounds: where the business ground lacks its alikeness, the other does not come cheaper."""
    copied = {"evidence": {"scope": {"rows": "everything-to-that-city"}}}
    assert secrecy(ask("flood-defence", "drop", given=copied))[0] is REFERRED
    assert secrecy(ask("flood-defence", "drop", given=copied, sure=True)) == (PERMITTED, "jp/B-02/2")
    worse = {"evidence": {**copied["evidence"], "balance": {"averted_is_more": False}}}
    assert secrecy(ask("flood-defence", "drop", given=worse, sure=True))[0] is REFUSED


def test_a_customer_who_pays_more_is_not_spared() -> None:
    answer = ask("flood-defence", "limit", given={"scope": {"except": ["a-good-customer"]}})
    assert answer.outcome is REFUSED
    assert "applied-alike" in missing(answer)


def test_fairness_of_use_does_not_bind_an_exempt_operator_and_secrecy_does() -> None:
    answer = ask("flood-defence", "drop", given={"regime": "TBA-exempt", "scope": {"lines": "some"}})
    assert Axis.FAIRNESS not in {a.axis for a in answer.axes}
    assert Axis.SECRECY in {a.axis for a in answer.axes}


def test_panel_case_4_tracing_and_telling_are_two_steps() -> None:
    """The trace is carried once confirmed; the name never goes to the victim, whoever confirms."""
    assert secrecy(ask("attack-trace", "trace", sure=True)) == (PERMITTED, "jp/B-05/1")
    told = ask("attack-trace", "tell-victim", sure=True)
    assert (told.outcome, tried(told, "jp/P-4/1").ground) == (REFUSED, Ground.NONE)
    assert {m.why for m in told.missing} >= {"never"}


@pytest.mark.parametrize("surplus", ["all", "", "yesterday-too"])
def test_panel_case_4_flows_beyond_target_and_time_are_refused(surplus: str) -> None:
    answer = ask("attack-trace", "trace", given={"scope": {"rows": surplus}}, sure=True)
    assert answer.outcome is REFUSED
    assert {"limited", "only-the-attack"} <= missing(answer)


def test_logs_go_to_the_certified_association_and_to_nobody_else() -> None:
    assert (ask("attack-sharing", "share-log").outcome, secrecy(ask("attack-sharing", "share-log"))[1]) == (PERMITTED, "jp/B-06/1")
    firm = ask("attack-sharing", "share-log", given={"scope": {"recipient": "a-security-firm"}}, sure=True)
    assert (firm.outcome, missing(firm)) == (REFUSED, {"member", "certified"})
    wider = ask("attack-sharing", "share-log", given={"audience": ["association", "operators"]}, sure=True)
    assert wider.outcome is REFUSED


def test_a_bare_list_is_no_secret_until_it_names_a_time() -> None:
    assert secrecy(ask("attack-sharing", "share-list", sure=True))[0] is OUT
    timed = {"scope": {"list_fields": ["address", "port", "first-seen"]}}
    assert secrecy(ask("attack-sharing", "share-list", given=timed, sure=True))[0] is REFUSED


def test_40_a_malware_warning_on_the_terms_is_permitted_and_a_piracy_warning_is_not() -> None:
    assert ask("malware-site-warning", "match").outcome is PERMITTED
    assert ask("malware-site-warning", "warn").outcome is PERMITTED
    piracy = ask("malware-site-warning", "match", given={"evidence": {"list": {"lists": "piracy-sites"}}})
    assert (piracy.outcome, missing(piracy)) == (REFUSED, {"list-of-it"})


def test_41_a_c2_block_on_the_terms_with_a_switch_is_permitted() -> None:
    answer = ask("cc-block", "block")
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/B-17/1")


def test_42_a_c2_block_with_silent_terms_and_no_switch_is_refused() -> None:
    answer = ask("cc-block", "block", given={"without": ["evidence.terms", "evidence.optout"]}, sure=True)
    assert answer.outcome is REFUSED
    assert {"ordinary-user-agrees", "terms-in-force", "can-change", "limited"} <= missing(answer)


def test_43_a_c2_list_with_other_sites_on_it_is_refused() -> None:
    for lists in ("piracy-sites", "casino-sites", "command-and-control-and-more"):
        assert missing(ask("cc-block", "block", given={"evidence": {"list": {"lists": lists}}})) == {"list-of-c2"}


def test_44_a_sinkhole_log_carries_a_notice_in_june_2014_as_necessity() -> None:
    answer = ask("infected-notice", "identify", "2014-06-01", {"without": ["evidence.terms"]}, sure=True)
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/B-11/1")


@pytest.mark.parametrize(("day", "expected"), [("2014-06-01", None), ("2019-06-01", "jp/B-12/1"), (TODAY, "jp/B-12/1")])
def test_45_another_source_than_a_seized_log_carries_it_only_since_2018(day: str, expected: str | None) -> None:
    own_inquiry = {"evidence": {"finding": {"source": "own-inquiry"}}}
    assert secrecy(ask("infected-notice", "identify", day, own_inquiry))[1] == expected


def test_46_and_offering_products_to_the_same_list_is_a_second_use() -> None:
    answer = ask("infected-notice", "notify", given={"others": ["sell-security-product"]}, sure=True)
    assert answer.outcome is REFUSED
    assert {"notice-only", "within-purpose"} <= missing(answer)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2018-09-25", REFUSED), ("2020-06-01", REFERRED), ("2021-11-23", REFERRED), ("2021-11-24", PERMITTED), (TODAY, PERMITTED)],
)
def test_47_and_48_peacetime_flow_analysis_by_its_day(day: str, expected: Outcome) -> None:
    assert secrecy(ask("cc-search", "search", day))[0] is expected


def test_49_the_same_flows_for_marketing_are_refused() -> None:
    answer = ask("cc-search", "search", given={"scope": {"purposes": ["cc-search", "marketing"]}}, sure=True)
    assert answer.outcome is REFUSED
    assert "only-to-find-c2" in missing(answer)


def test_50_and_51_a_bare_list_of_c2_is_shared_and_one_with_clients_is_not() -> None:
    assert ask("cc-search", "share-list").outcome is OUT
    for field in ("client", "first-seen", "name"):
        with_more = {"scope": {"list_fields": ["address", "port", field]}}
        assert missing(ask("cc-search", "share-list", given=with_more, sure=True)) == {"bare"}


def test_52_the_owner_of_a_router_nict_reported_is_warned() -> None:
    answer = ask("vulnerable-notice", "identify")
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/B-18/1")
    silent = ask("vulnerable-notice", "identify", given={"without": ["evidence.terms"]})
    assert secrecy(silent) == (PERMITTED, "jp/B-18/2")
    both = ask("vulnerable-notice", "identify", given={"without": ["evidence.terms", "evidence.alternatives"]})
    assert secrecy(both)[0] is REFUSED


def test_53_nict_tries_passwords_under_its_approved_plan() -> None:
    answer = ask("port-scan", "password-trial")
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/B-19/2")


@pytest.mark.parametrize("who", ["an-isp", "a-hobbyist", "a-university", "the-police", "nict"])
def test_54_anybody_else_does_the_same(who: str) -> None:
    answer = ask("port-scan", "password-trial", given={"evidence": {"authorisation": {"to": who}}}, sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {"only-nict"})
    assert tried(answer, "jp/B-19/3").ground is Ground.NONE


def test_a_port_check_is_nobodys_secret_until_it_tries_a_password() -> None:
    assert ask("port-scan", "port-check").outcome is OUT
    answer = ask("port-scan", "port-check", given={"scope": {"methods": ["port-check", "default-password"]}}, sure=True)
    assert missing(answer) == {"no-login"}


def test_55_a_hijacked_account_is_examined_suspended_and_its_owner_told() -> None:
    for name in ("examine", "suspend", "contact"):
        assert ask("smtp-auth-hijack", name).outcome is REFERRED
        assert ask("smtp-auth-hijack", name, sure=True).outcome is PERMITTED


def test_56_reading_bodies_to_be_sure_is_refused_as_a_step_and_as_a_surplus() -> None:
    assert ask("smtp-auth-hijack", "read-bodies", sure=True).outcome is REFUSED
    surplus = ask("smtp-auth-hijack", "examine", given={"elements": ["party", "datetime", "count", "place", "content"]}, sure=True)
    assert surplus.outcome is REFUSED
    assert "@surplus-elements" in missing(surplus)


def test_an_access_id_is_stopped_only_after_its_subscriber_was_asked() -> None:
    assert ask("pppoe-hijack", "suspend", sure=True).outcome is PERMITTED
    for change in (
        {"without": ["evidence.request"]},
        {"evidence": {"request": {"what": "it-was-me"}}},
        {"evidence": {"request": {"from": "line-8"}}},
    ):
        answer = ask("pppoe-hijack", "suspend", given=change, sure=True)
        assert answer.outcome is REFUSED
        assert "subscriber-confirms" in missing(answer)
    assert ask("pppoe-hijack", "examine", given={"without": ["evidence.request"]}, sure=True).outcome is PERMITTED


def test_panel_case_6_counting_yes_reading_no_a_sample_handed_in_yes() -> None:
    """Split by element: the same mails, three answers."""
    assert ask("bulk-sender-limit", "count").outcome is PERMITTED
    assert ask("bulk-sender-limit", "limit").outcome is PERMITTED
    assert ask("bulk-sender-limit", "read-content", sure=True).outcome is REFUSED
    sample = ask("bulk-sender-limit", "read-sample")
    assert (sample.outcome, secrecy(sample)[1]) == (PERMITTED, "jp/P-6/2")
    assert tried(sample, "jp/P-6/2").ground is Ground.CONSENT


def test_panel_case_6_the_act_carries_a_limit_whose_terms_are_silent_but_the_contract_axis_does_not() -> None:
    answer = ask("bulk-sender-limit", "limit", given={"without": ["evidence.terms"]})
    assert secrecy(answer) == (PERMITTED, "jp/B-24/2")
    assert (answer.outcome, missing(answer)) == (REFUSED, {"clause", "in-force"})


def test_panel_case_6_a_sample_of_somebody_elses_mail_is_refused() -> None:
    for change in ({"from": "somebody-else"}, {"what": "another-mail"}, {"party_checked": False}):
        assert ask("bulk-sender-limit", "read-sample", given={"evidence": {"request": change}}, sure=True).outcome is REFUSED


def test_58_and_59_public_wifi_logs_nobody_unasked_and_blocks_nothing_in_silence() -> None:
    """No regime is outside, no confirmation helps, no hash, no poster."""
    for regime in ("TBA", "TBA-exempt", "WIRE", "RADIO"):
        assert ask("wifi-logging", "log", given={"regime": regime}, sure=True).outcome is REFUSED
        assert ask("wifi-blocking", "block-silently", given={"regime": regime}, sure=True).outcome is REFUSED
    for elements in (["party"], ["inferable"], ["counterpart"]):
        assert ask("wifi-logging", "log", given={"elements": elements}, sure=True).outcome is REFUSED
    assert ask("wifi-blocking", "block-with-consent").outcome is PERMITTED
    for way in ("poster", "silence", "bundled", "terms", "link-click"):
        poster = ask("wifi-blocking", "block-with-consent", given={"evidence": {"consent": {"way": way}}})
        assert missing(poster) == {"user-consents"}


def test_60_and_61_ads_from_mails_need_the_members_consent_and_an_opened_mail() -> None:
    assert ask("mail-ads", "analyse").outcome is PERMITTED
    assert missing(ask("mail-ads", "analyse", given={"scope": {"rows": "on-arrival"}})) == {"after-opening"}
    assert missing(ask("mail-ads", "analyse", given={"without": ["evidence.consent"]})) == {"member-consents"}
    assert missing(ask("mail-ads", "analyse", given={"evidence": {"optout": {"works": False}}})) == {"refusal-switch"}


def test_12_records_kept_for_billing_sell_no_ads_on_any_day() -> None:
    for day in DAYS:
        assert ask("mail-ads", "ads-from-records", day, sure=True).outcome is REFUSED


def test_62_and_63_mails_for_a_vendor_need_notice_consent_and_terms_together() -> None:
    assert ask("mail-to-security-vendor", "hand-over").outcome is PERMITTED
    for kind, wanted in (("explanation", "told"), ("consent", "consent-taken"), ("terms", "in-the-terms"), ("third-party", "agreed-with")):
        answer = ask("mail-to-security-vendor", "hand-over", given={"without": [f"evidence.{kind}"]}, sure=True)
        assert answer.outcome is REFUSED
        assert wanted in missing(answer)
    own_use = ask("mail-to-security-vendor", "hand-over", given={"evidence": {"entrustment": {"own_use": True}}})
    assert missing(own_use) == {"no-own-use"}


def test_99_once_a_chapter_is_in_force_each_paper_is_a_persons_decision() -> None:
    assert ask("government-provision", "provide", "2027-12-01").outcome is REFERRED
    assert ask("government-provision", "provide", "2027-12-01", sure=True).outcome is PERMITTED
    more = {"scope": {"fields": ["address", "time", "port", "subject"]}}
    assert missing(ask("government-provision", "provide", "2027-12-01", more, sure=True)) == {"minimum"}


@pytest.mark.parametrize("day", DAYS)
def test_100_before_that_and_without_a_warrant_goodwill_is_no_ground(day: str) -> None:
    nothing = {"without": ["evidence.authorisation", "evidence.enforcement"]}
    assert ask("government-provision", "provide", day, nothing, sure=True).outcome is REFUSED
    tomorrow = {"evidence": {"enforcement": {"in_force": 1}}}
    assert ask("government-provision", "provide", day, tomorrow, sure=True).outcome is REFUSED


@pytest.mark.parametrize(
    ("measure", "name", "case", "instead"),
    [
        ("attack-trace", "tell-victim", "jp/P-4/1", "disclosure"),
        ("bulk-sender-limit", "read-content", "jp/P-6/1", "read-sample"),
        ("smtp-auth-hijack", "read-bodies", "jp/B-22/2", "addressee hands in"),
        ("wifi-logging", "log", "jp/B-28/1", "keep-for-faults"),
        ("wifi-blocking", "block-silently", "jp/B-29/1", "users who agreed"),
        ("mail-ads", "ads-from-records", "jp/B-27/2", "consent"),
    ],
)
def test_a_refusal_nothing_can_mend_says_why_and_what_may_be_asked_instead(measure: str, name: str, case: str, instead: str) -> None:
    """Never a bare no, in either language."""
    line = next(m for m in ask(measure, name, sure=True).missing if m.why == "never" and m.case == case)
    notes = BOOK.case(case).notes
    assert notes is not None
    assert instead in line.words["en"]
    assert all(line.words[k].startswith(BOOK.says["never"][k]) and line.words[k].endswith(notes[k]) for k in ("ja", "en"))


# What holds for all of them.

PLAIN = sorted({(m, s.name) for m in MEASURES.values() for s in BOOK.steps[m]})


@pytest.mark.parametrize(("measure", "name"), PLAIN)
def test_content_is_never_read_on_the_way(measure: str, name: str) -> None:
    """Whoever adds content to a step that does not name it is refused, on every day, whatever the officer confirms."""
    step = step_of(measure, name)
    if Element.CONTENT in step.elements:
        assert measure in ("mail-ads", "mail-to-security-vendor", "dangerous-sms-block", "bulk-sender-limit", "smtp-auth-hijack")
        return
    wider = [*(e.value for e in step.elements), "content"]
    assert all(ask(measure, name, day, {"elements": wider}, sure=True).outcome is REFUSED for day in DAYS)


@pytest.mark.parametrize(("measure", "name"), PLAIN)
def test_nothing_shown_is_nothing_permitted(measure: str, name: str) -> None:
    """Without any evidence every step is refused, whatever anybody confirms."""
    bare = {"without": [f"evidence.{kind}" for kind in BOOK.complete[measure].evidence]}
    assert ask(measure, name, given=bare, sure=True).outcome is REFUSED


SINGLE = sorted(
    {
        (c.measure, s, k.id)
        for row in ROWS
        for c in own(row)
        for s in c.steps
        for k in c.conditions
        if k.check == "single-purpose" and not c.until
    }
)


@pytest.mark.parametrize(("measure", "name", "condition"), SINGLE)
def test_a_second_use_is_another_decision_and_says_so(measure: str, name: str, condition: str) -> None:
    """Offering products, scoring customers, selling the figures: refused, and the purpose is named as the reason."""
    purposes = [step_of(measure, name).purpose, "offer-our-products"]
    answer = ask(measure, name, given={"scope": {"purposes": purposes}}, sure=True)
    reasons = {c.condition for a in answer.axes for t in a.tried for c in t.checked if not isinstance(c.answer, Met)}
    assert condition in reasons
    assert answer.outcome is REFUSED


def test_the_single_purposes_are_not_forgotten() -> None:
    """The test above is not empty where second uses were tried in the past."""
    assert {("infected-notice", "notify", "notice-only"), ("cc-search", "search", "only-to-find-c2")} <= set(SINGLE)
    assert {("mail-ads", "analyse", "only-ads"), ("malware-site-warning", "warn", "warning-only")} <= set(SINGLE)


def test_what_is_blocked_for_a_while_is_lifted_by_a_duty() -> None:
    """Floods, requests, resolvers, limits: the end travels in the permit."""
    for name in ("jp/B-01/1", "jp/B-02/1", "jp/B-02/2", "jp/B-21/1", "jp/B-24/1", "jp/B-24/2", "jp/F-11/2"):
        assert any(d.do.startswith("lift") and d.within == timedelta(0) for d in BOOK.case(name).duties)


DUTIFUL = ("B-01", "B-02", "B-05", "B-06", *(f"B-{n}" for n in (10, 11, 12, 13, 14, 15, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27)))
"""Rows that permit with duties."""


@pytest.mark.parametrize("row", DUTIFUL)
def test_a_row_that_permits_with_duties_names_them_in_each_case_of_today(row: str) -> None:
    """On the secrecy axis; what carries no secrecy at all owes nothing there."""
    carried = [c for c in own(row) if c.axis is Axis.SECRECY and c.ground not in (Ground.NONE, Ground.NOT_SECRECY) and not c.until]
    assert carried
    assert not [c.id for c in carried if not c.duties]


def test_what_was_looked_at_is_deleted_by_a_duty() -> None:
    for row in ("B-05", "B-14", "B-22", "B-23", "B-24", "B-27"):
        assert any(d.do.startswith("delete") for c in own(row) for d in c.duties)


def test_every_block_and_throttle_asks_about_what_is_said_and_who_is_spared() -> None:
    """Censorship, fairness and terms are asked of each, beside secrecy."""
    for measure, name in PLAIN:
        if step_of(measure, name).kind in (Kind.BLOCK, Kind.THROTTLE):
            axes = {a.axis for a in ask(measure, name).axes}
            assert {Axis.SECRECY, Axis.CENSORSHIP, Axis.FAIRNESS, Axis.CONTRACT} <= axes


def test_who_sees_one_sided_consent_otherwise_is_shown_beside_it() -> None:
    """The older view of two sides stands beside each rule that lets one side speak."""
    for name in ("jp/B-01/1", "jp/P-6/2", "jp/B-25/1", "jp/B-27/1"):
        assert any("both sides" in d.words["en"] and d.source for d in BOOK.case(name).dissent)


@pytest.mark.parametrize(
    ("words", "measure"),
    [
        ("somebody else asks to drop traffic to that customer", "victim-block"),
        ("被害者から通信遮断の依頼が来た", "victim-block"),
        ("a flood impairs our own routers", "flood-defence"),
        ("大量通信で自社の設備が止まりそう", "flood-defence"),
        ("pass the source's name to the victim", "attack-trace"),
        ("攻撃の踏み台になっている発信元を特定したい", "attack-trace"),
        ("send our attack logs to an association of carriers", "attack-sharing"),
        ("マルウェアサイトの警告を全利用者に出す", "malware-site-warning"),
        ("match a sinkhole log to subscribers and mail a warning", "infected-notice"),
        ("C&Cサーバの発見のため全利用者のフローを分析", "cc-search"),
        ("warn the owner of a router with a known hole", "vulnerable-notice"),
        ("機器に弱いパスワードを入れてみる", "port-scan"),
        ("water torture attack on our DNS", "random-subdomain-drop"),
        ("メールアカウントの乗っ取りに対処", "smtp-auth-hijack"),
        ("迷惑メールを送る契約者を絞る", "bulk-sender-limit"),
        ("give mail bodies to a security firm", "mail-to-security-vendor"),
        ("詐欺SMSを止める", "dangerous-sms-block"),
        ("use call records to sell ads", "mail-ads"),
        ("free Wi-Fi logs MAC addresses to catch criminals", "wifi-logging"),
        ("public Wi-Fi blocks some sites without notice", "wifi-blocking"),
        ("copy traffic to a ministry for cyber defence", "government-provision"),
    ],
)
def test_a_question_in_ones_own_words_finds_its_measure(words: str, measure: str) -> None:
    """Not the book's phrases, but what somebody at a desk would type."""
    found = carry_out(Wish(words, BOOK))
    assert words not in {p for phrases in BOOK.about[measure].want.values() for p in phrases}
    assert found["measures"][0]["measure"] == measure
