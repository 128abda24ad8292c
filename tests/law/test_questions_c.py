"""The worked questions of filters, shaping, blocking, events and the panel, and their neighbours, asked at the gate's own interface."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.gate.answers import Decision, Outcome, Unmet
from sekisho.law.words import Axis, Ground
from tests.law import asking
from tests.law.asking import BOOK, TODAY, Given, missing, secrecy, tried
from tests.law.test_rows_c import failing, says, without

PERMITTED, REFUSED, REFERRED, OUT = Outcome.PERMITTED, Outcome.REFUSED, Outcome.REFERRED, Outcome.OUT


def ask(measure: str, name: str, given: Given | None = None, day: str = TODAY, *, sure: bool = False) -> Decision:
    """Here the change of the facts is the question, and the day only sometimes."""
    return asking.ask(measure, name, day, given, sure=sure)


def duties(decision: Decision) -> set[str]:
    return {d.do for d in decision.duties}


def merged(*given: Given) -> Given:
    """Several changes of one plan."""
    out: dict[str, Any] = {}
    for one in given:
        for key, value in one.items():
            out[key] = [*out.get(key, []), *value] if isinstance(value, list) else {**out.get(key, {}), **value}
    return out


BY_TERMS = says("consent", way="terms")

# Boards of an event's network: 1 to 5, 58.


@pytest.mark.parametrize("day", ["2023-10-27", "2023-10-28", "2026-11-21"])
def test_1_and_2_names_of_all_users_on_a_public_board_whole_or_cut(day: str) -> None:
    """Cutting off sub-domains, and a poster, cure nothing; the tree shows both days of the board of 2023."""
    poster = {"evidence": {"announcement": {"day": -1, "text": "7" * 64, "where": "poster at the entrance"}}}
    answer = ask("name-board", "show-names", merged(without("consent"), poster), day, sure=True)
    assert answer.outcome is REFUSED
    assert {"party-consents", "own-screen", "others-left-out"} <= missing(answer)
    assert tried(answer, "jp/F-03/1").outcome is REFUSED


def test_3_names_of_those_who_opted_in_one_by_one() -> None:
    assert ask("name-board", "show-names").outcome is REFERRED
    answer = ask("name-board", "show-names", sure=True)
    assert (answer.outcome, secrecy(answer)[1], "publish-permit" in duties(answer)) == (PERMITTED, "jp/F-08/1", True)


@pytest.mark.parametrize("way", ["poster", "silence", "terms", "bundled", "link-click"])
@pytest.mark.parametrize("name", ["show-domains", "show-protocols", "show-clients", "show-heat-map"])
def test_3_what_is_no_clear_act_of_will_feeds_no_board(name: str, way: str) -> None:
    answer = ask("consent-board", name, says("consent", way=way), sure=True)
    assert (answer.outcome, "own-screen" in missing(answer)) == (REFUSED, True)


@pytest.mark.parametrize(
    ("kind", "field", "value", "lacking"),
    [
        ("consent", "default_off", False, "default-off"),
        ("consent", "refusal_free", False, "refusal-free"),
        ("consent", "withdrawable", False, "withdrawable"),
        ("consent", "days", 1, "period-named"),
        ("consent", "purposes", ["research"], "purpose-named"),
        ("consent", "audience", ["operator"], "audience-named"),
        ("consent-store", "per_device", False, "per-device"),
        ("consent-store", "left_out_before_recording", False, "others-left-out"),
        ("governance", "every_panel_reviewed", False, "content-reviewed"),
        ("governance", "officer_named", False, "officer-named"),
        ("governance", "escalation_written", False, "escalation"),
        ("stop-button", "works", False, "stop-button"),
    ],
)
def test_3_each_part_of_the_consent_and_of_the_responsible_body_counts(kind: str, field: str, value: object, lacking: str) -> None:
    answer = ask("consent-board", "show-domains", says(kind, **{field: value}), sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {lacking})


def test_3_a_board_that_runs_owes_its_name_its_withdrawals_its_end_and_an_incident_clock() -> None:
    answer = ask("consent-board", "show-heat-map", sure=True)
    assert duties(answer) == {"publish-permit", "withdrawal-in-seconds", "delete-after-event", "start-incident-clock"}


@pytest.mark.parametrize("name", ["show-traffic", "show-leases", "show-access-points", "show-family-split"])
def test_4_and_5_totals_of_counters_are_no_matter_of_secrecy_and_totals_of_packets_are(name: str) -> None:
    assert ask("event-counters", name).outcome is REFERRED
    assert ask("event-counters", name, sure=True).outcome is OUT
    packets = ask("event-counters", name, says("origin", from_communication=True), sure=True)
    assert (packets.outcome, missing(packets)) == (REFUSED, {"from-counters"})


def test_logs_to_run_the_event_are_kept_short_and_never_shown() -> None:
    assert ask("name-board", "keep-for-faults", sure=True).outcome is PERMITTED
    assert ask("name-board", "keep-for-faults", {"audience": ["public"]}, sure=True).outcome is REFUSED
    assert "short" in missing(ask("name-board", "keep-for-faults", {"scope": {"days": 30}}, sure=True))


@pytest.mark.parametrize("name", ["show-hashed-names", "show-hashed-devices"])
def test_hashing_a_name_or_a_device_does_not_take_it_out_of_secrecy(name: str) -> None:
    assert ask("hashed-board", name, sure=True).outcome is REFUSED


# Default-on filters: 18 to 23.


@pytest.mark.parametrize("day", ["2006-06-01", "2014-06-01", "2026-11-21"])
def test_18_the_filter_of_2006_needs_nobodys_confirmation(day: str) -> None:
    answer = ask("default-on-filter", "filter", day=day)
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/C-01/1")


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (says("survey", agreed=886), "presumed"),
        (says("survey", asked=0, agreed=0), "presumed"),
        (without("survey"), "presumed"),
        (says("optout", works=False), "switch"),
        (says("optout", any_time=False), "switch"),
        (says("parity", same_price=False), "parity"),
        (says("parity", same_service=False), "parity"),
        (says("scope", payload=True), "limited"),
        (says("explanation", day=0), "explained-before"),
        (says("explanation", day=10), "explained-before"),
        (says("explanation", switch_explained=False), "explained-before"),
    ],
)
def test_19_to_22_each_of_the_five_conditions_alone_refuses(given: Given, lacking: str) -> None:
    answer = ask("default-on-filter", "filter", given, "2006-06-01", sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {lacking})


def test_23_blocking_for_all_without_a_choice_is_refused_whoever_confirms() -> None:
    answer = ask("default-on-filter", "block-all", day="2006-06-01", sure=True)
    assert (answer.outcome, tried(answer, "jp/C-03/1").ground) == (REFUSED, Ground.NONE)


# Bandwidth control: 24 to 27.


def test_24_shaping_at_peak_with_data_disclosed_and_build_out_going_on() -> None:
    answer = ask("shaping", "shape", without("consent"))
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/C-04/1")
    assert duties(answer) >= {"publish-figures", "measure-again"}


def test_consent_of_some_carries_no_bandwidth_control_of_all() -> None:
    """Without data it is the agreed lines' alone; whose traffic nobody may leave out is not theirs to agree for."""
    without_data = without("traffic-share")
    assert secrecy(ask("shaping", "shape", without_data)) == (PERMITTED, "jp/C-04/2")
    answer = ask("shaping", "shape", merged(without_data, says("consent", others_left_out=False)))
    assert answer.outcome is not PERMITTED
    assert "others-left-out" in missing(answer)


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (says("traffic-share", measured_to=-32), "objective-data"),
        (says("traffic-share", hampers_others=False), "heavy-users-hamper"),
        ({"scope": {"target": "video"}}, "situation-calls-for-it"),
        (says("build-out", control_is_exception=False), "build-out"),
        (says("shaper-profile", only_when_congested=False), "only-as-needed"),
        (says("shaper-profile", hours="0-24"), "only-as-needed"),
        (says("publication", day=1), "disclosed"),
        (says("scope", payload=True), "no-content"),
    ],
)
def test_25_each_of_the_seven_conditions_alone_refuses(given: Given, lacking: str) -> None:
    """Heavy users shaped on after the data stopped carrying it among them."""
    answer = ask("shaping", "shape", merged(BY_TERMS, given), sure=True)
    assert failing(tried(answer, "jp/C-04/1")) == {lacking}
    assert answer.outcome is REFUSED


def test_25_old_measurements_are_no_data_even_if_they_say_so() -> None:
    """The probe's own reading ages: what was measured two weeks ago is stale today."""
    answer = ask("shaping", "shape", merged(BY_TERMS, {"days": {"traffic-share": "2026-11-01"}}), sure=True)
    found = next(c for c in tried(answer, "jp/C-04/1").checked if c.condition == "objective-data").answer
    assert isinstance(found, Unmet)
    assert found.why == "stale"


def test_26_shaping_without_data_names_the_measurement_and_the_engineer() -> None:
    answer = ask("shaping", "shape", merged(BY_TERMS, without("traffic-share")), sure=True)
    assert answer.outcome is REFUSED
    assert {m.kind for m in answer.missing if m.why == "missing"} == {"traffic-share"}
    assert all(m.who for m in answer.missing)


@pytest.mark.parametrize("name", ["shape-against-copyright", "shape-leak-virus", "shape-surge"])
def test_27_wrong_purposes_are_no_bandwidth_control(name: str) -> None:
    assert ask("shaping", name, sure=True).outcome is REFUSED


# Mail: 28 to 34.


def test_28_and_29_ip25b_stands_on_three_facts_and_falls_with_any() -> None:
    assert ask("ip25b", "block-inbound-25").outcome is PERMITTED
    facts = {"hardly_from_fixed": False, "comes_from_dynamic": False, "uniform_rate_control_enough": True}
    for field, value in facts.items():
        answer = ask("ip25b", "block-inbound-25", says("bulk-mail-origin", **{field: value}), sure=True)
        assert (answer.outcome, len(missing(answer))) == (REFUSED, 1)


@pytest.mark.parametrize(
    "given", [without("submission-port"), says("submission-port", works=False), says("submission-port", authenticated=False)]
)
def test_29_op25b_without_a_submission_port_that_works(given: Given) -> None:
    assert ask("op25b", "block-port-25").outcome is PERMITTED
    answer = ask("op25b", "block-port-25", given, sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {"submission-offered"})


def test_30_and_31_a_block_list_needs_the_recipients_consent_or_the_five_conditions() -> None:
    unasked = ask("rbl", "reject", without("consent", "survey", "optout", "explanation"), sure=True)
    assert unasked.outcome is REFUSED
    assert tried(unasked, "jp/C-08/1").ground is Ground.NONE
    assert secrecy(ask("rbl", "reject", without("survey"))) == (PERMITTED, "jp/C-08/2")
    assert secrecy(ask("rbl", "reject", without("consent"))) == (PERMITTED, "jp/C-08/3")


def test_32_and_33_a_label_is_permitted_and_dropping_by_it_is_another_step() -> None:
    assert ask("mail-authentication", "label").outcome is PERMITTED
    assert ask("mail-authentication", "label", {"scope": {"action": "discard"}}, sure=True).outcome is REFUSED
    assert ask("mail-authentication", "discard-by-result", without("consent", "survey"), sure=True).outcome is REFUSED
    assert ask("mail-authentication", "discard-by-result", without("survey")).outcome is PERMITTED


def test_33_reports_to_outsiders_without_consent_are_for_people_to_answer() -> None:
    answer = ask("mail-authentication", "report", without("consent"))
    assert answer.outcome is REFERRED
    assert {m.case for m in answer.missing} == {"jp/C-09/5", "jp/C-09/6"}


def test_34_one_filter_for_all_with_no_way_out() -> None:
    assert ask("mail-authentication", "filter-all", sure=True).outcome is REFUSED


def test_34_an_organisations_own_mail_is_its_own_and_a_carriers_customers_mail_is_not() -> None:
    assert secrecy(ask("own-mail-check", "check-own-mail"))[0] is OUT
    carrier = ask("own-mail-check", "check-own-mail", {"regime": "TBA", "evidence": {"own-mail": {"for_others": True}}}, sure=True)
    assert carrier.outcome is REFUSED
    assert {"no-carrier", "@other-regime"} <= missing(carrier)


# Blocking: 35 to 39.


def test_35_child_abuse_blocking_is_necessity_with_all_its_conditions() -> None:
    answer = ask("child-abuse-blocking", "block-domain")
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/C-10/1")
    assert tried(answer, "jp/C-10/1").ground is Ground.NECESSITY
    assert BOOK.case("jp/C-10/1").dissent


@pytest.mark.parametrize("criterion", ["site_aim", "grave", "same_sender", "no_alternative"])
def test_36_each_criterion_of_the_list_alone_refuses(criterion: str) -> None:
    answer = ask("child-abuse-blocking", "block-domain", says("list-criteria", **{criterion: False}), sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {criterion.replace("_", "-")})


def test_36_an_alternative_that_is_left_refuses() -> None:
    answer = ask("child-abuse-blocking", "block-domain", says("alternatives", none_left=False), sure=True)
    assert (answer.outcome, missing(answer)) == (REFUSED, {"no-other-means"})


@pytest.mark.parametrize("measure", ["piracy-blocking", "casino-blocking"])
@pytest.mark.parametrize("day", ["2014-06-01", "2019-06-01", "2020-06-01", "2025-10-01", "2026-11-21"])
def test_37_piracy_and_casino_sites_are_not_blocked(measure: str, day: str) -> None:
    assert ask(measure, "block", day=day, sure=True).outcome is REFUSED


def test_38_and_39_a_piracy_warning_for_all_is_refused_and_an_opt_in_works() -> None:
    assert ask("piracy-warning", "warn-all", sure=True).outcome is REFUSED
    assert secrecy(ask("piracy-warning", "warn-opted-in")) == (PERMITTED, "jp/C-12/2")
    for way in ("terms", "bundled", "poster", "silence"):
        assert missing(ask("piracy-warning", "warn-opted-in", says("consent", way=way), sure=True)) == {"individual"}


def test_a_guardian_may_decline_the_filter_for_a_minor_and_nobody_else_gets_it() -> None:
    assert ask("youth-filter", "filter").outcome is PERMITTED
    assert missing(ask("youth-filter", "filter", says("guardian", declines=True))) == {"guardian-does-not-decline"}
    assert missing(ask("youth-filter", "filter", says("contract-user", under_18=False))) == {"under-18"}


@pytest.mark.parametrize("name", ["suspend", "terminate", "warn"])
def test_a_customer_is_suspended_only_once_a_person_confirmed_it(name: str) -> None:
    assert ask("suspension", name).outcome is REFERRED
    assert ask("suspension", name, sure=True).outcome is PERMITTED
    reading = ask("suspension", name, says("lawful-basis", lawful=False), sure=True)
    assert (reading.outcome, missing(reading)) == (REFUSED, {"lawfully-gathered"})


# The panel of 2006.


def test_8_panel_case_1_every_ground_is_tried_and_fails_where_the_trace_says() -> None:
    """Curiosity: no consent of either side, a wrong purpose, no danger, no warrant."""
    nothing = without("consent", "load", "alternatives", "hazard", "balance", "warrant", "roles")
    answer = ask("eavesdrop", "listen", merged(nothing, {"scope": {"why": "curiosity"}}), sure=True)
    axis = next(a for a in answer.axes if a.axis is Axis.SECRECY)
    assert answer.outcome is REFUSED
    assert {t.ground.value for t in axis.tried} == {"none", "G1", "G3", "G5", "G6"}
    assert "party-consents" in failing(tried(answer, "jp/P-1/2"))
    assert "purpose" in failing(tried(answer, "jp/P-1/3"))
    assert "danger-now" in failing(tried(answer, "jp/P-1/4"))
    assert "issued" in failing(tried(answer, "jp/P-1/5"))
    notes = BOOK.case("jp/P-1/1").notes
    assert notes is not None
    assert "179(2)" in notes["en"]
    assert "suspected breach" in notes["en"]


def test_9_panel_case_2_a_complaint_the_state_only_and_one_word() -> None:
    for name in ("check-line", "answer"):
        assert ask("line-check", name, without("consent")).outcome is REFERRED
        confirmed = ask("line-check", name, without("consent"), sure=True)
        assert (confirmed.outcome, secrecy(confirmed)[1]) == (PERMITTED, "jp/P-2/1")
        assert "answer-one-word" in duties(confirmed)
        assert "real-complaint" in missing(ask("line-check", name, without("consent", "request"), sure=True))
    assert ask("line-check", "say-with-whom", sure=True).outcome is REFUSED
    more = ask("line-check", "answer", merged(without("consent"), {"scope": {"says": ["busy", "since-when"]}}), sure=True)
    assert failing(tried(more, "jp/P-2/1")) == {"one-word"}


def test_11_panel_case_3_the_bill_and_only_the_bill() -> None:
    answer = ask("billing", "bill")
    assert (answer.outcome, secrecy(answer)[1]) == (PERMITTED, "jp/P-3/1")
    assert "delete-after-dispute" in duties(answer)
    assert missing(ask("billing", "bill", {"scope": {"fields": ["caller", "callee", "place"]}})) == {"tariff-needs"}
    assert "charging-only" in missing(ask("billing", "bill", {"scope": {"purposes": ["billing", "marketing"]}}))


def test_12_the_same_records_sold_for_advertisements_without_consent() -> None:
    assert ask("billing", "use-for-ads", without("consent"), sure=True).outcome is REFUSED
    assert ask("billing", "use-for-ads").outcome is PERMITTED


def test_panel_case_4_looking_is_permitted_once_confirmed_and_telling_the_victim_is_not() -> None:
    assert ask("attack-trace", "trace").outcome is REFERRED
    assert ask("attack-trace", "trace", sure=True).outcome is PERMITTED
    assert ask("attack-trace", "tell-victim", sure=True).outcome is REFUSED


@pytest.mark.parametrize("regime", ["TBA", "TBA-exempt", "WIRE", "RADIO"])
def test_10_panel_case_5_reading_addresses_to_carry(regime: str) -> None:
    for name in ("forward-packets", "deliver-mail"):
        assert ask("carrying", name, {"regime": regime}).outcome is PERMITTED
        assert ask("carrying", name, {"regime": regime, "elements": ["counterpart", "header", "content"]}).outcome is REFUSED
    assert ask("carrying", "read-bodies", {"regime": regime}, sure=True).outcome is REFUSED


def test_panel_case_6_the_count_is_permitted_the_bodies_are_not_and_a_sample_handed_in_is() -> None:
    assert ask("bulk-sender-limit", "limit").outcome is PERMITTED
    assert ask("bulk-sender-limit", "read-content", sure=True).outcome is REFUSED
    assert ask("bulk-sender-limit", "read-sample").outcome is PERMITTED
