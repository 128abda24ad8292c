"""The rows of law.md sections 2, 5 and 6: each is carried by some entry of the book, and the questions asked of them get their answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.law.casebook import load
from sekisho.law.examples import build
from sekisho.law.numbering import CITATION, today
from sekisho.law.tables import frozen
from sekisho.law.words import Ground, Kind

BOOK = load(Path(__file__).resolve().parents[2] / "casebook" / "jp")
TODAY = "2026-11-20"
ROWS = [
    *(f"A-{n:02}" for n in range(1, 15)),
    *("G0", "G1", "G2", "G2-5", "G3", "G4", "G5", "G6"),
    *(f"D-{n:02}" for n in range(1, 25)),
    *(f"E-{n:02}" for n in range(1, 24)),
]
OURS = (
    "disclosure-request",
    "deletion-of-posts",
    "post-log-keeping",
    "authority-request",
    "preservation-request",
    "suicide-notice",
    "location",
    "entrustment",
    "third-party-provision",
    "marketing-mail",
    "external-transmission",
    "abuser-exchange",
)


def row(name: str) -> str:
    """jp/D-07/1 speaks of D-07."""
    return name.split("/")[1]


def carriers() -> dict[str, list[str]]:
    """By row: every case, norm, ground's test, and rule of what is owed that carries it."""
    found: dict[str, list[str]] = {}
    for case in BOOK.cases:
        for name in (row(case.id), *case.rows):
            found.setdefault(name, []).append(case.source)
    for norm in BOOK.norms:
        found.setdefault(row(norm.id), []).append(norm.source)
    for ground in BOOK.grounds:
        found.setdefault(ground.ground.value, []).append(ground.source)
    for rule in BOOK.owed.rules:
        for name in (row(rule.id), *rule.rows):
            found.setdefault(name, []).append(rule.source)
    return found


CARRIERS = carriers()


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_carried_by_an_entry_with_its_source(name: str) -> None:
    """A case, a norm, the test of a ground, or a rule of what is owed."""
    assert CARRIERS.get(name), f"no entry of the book carries {name}"
    assert all(source.strip() for source in CARRIERS[name])


@pytest.mark.parametrize(
    ("name", "entry", "says"),
    [("D-19", "jp/D-20/1", "2025-04-30"), ("D-22", "jp/D-07/1", "第9版"), ("E-22", "jp/E-22/n1", "2021-02-25")],
)
def test_what_is_practice_only_still_stands_in_the_book(name: str, entry: str, says: str) -> None:
    """Which services are designated, the forms of the guideline, the reference document on consent: said in notes, or a norm."""
    cases = {c.id: f"{c.notes['ja'] if c.notes else ''} {c.source}" for c in BOOK.cases if name in (row(c.id), *c.rows)}
    norms = {n.id: f"{n.notes['ja'] if n.notes else ''} {n.source}" for n in BOOK.norms if row(n.id) == name}
    assert says in {**cases, **norms}[entry]


@pytest.mark.parametrize("measure", OURS)
def test_each_measure_can_be_found_by_asking_in_both_languages(measure: str) -> None:
    """A title, at least two wishes, and what each step does."""
    about = BOOK.about[measure]
    assert all(len(about.want[language]) >= 2 for language in ("ja", "en"))
    assert about.steps.keys() == {s.name for s in BOOK.steps[measure]}


@pytest.mark.parametrize("measure", OURS)
def test_each_step_has_a_question_it_passes_or_a_reason_why_never(measure: str) -> None:
    """No step stands there that nothing was asked about."""
    asked = {(e.step, e.expect) for e in BOOK.examples if e.measure == measure and not e.case}
    for step in BOOK.steps[measure]:
        never = any(c.ground is Ground.NONE and step.name in c.steps for c in BOOK.cases if c.measure == measure)
        good = {(step.name, "permitted"), (step.name, "referred"), (step.name, "out-of-scope")} & asked
        assert good or (never and (step.name, "refused") in asked), step.name


def test_what_our_cases_cite_are_articles_of_laws_the_book_names() -> None:
    """As numbered on the case's first day, so that the page can say what they are called today."""
    cited = [(c, cite) for c in BOOK.cases if c.measure in OURS for cite in c.cites]
    assert len(cited) > 40
    for case, cite in cited:
        found = CITATION.fullmatch(cite)
        assert found, (case.id, cite)
        assert found[1] in BOOK.laws, (case.id, cite)
        assert today(BOOK.laws, cite, case.since), f"{case.id} cites {cite}, which did not exist on {case.since}"


def answer(measure: str, step: str, day: str, given: Mapping[str, Any], confirmed: tuple[str, ...] = ()) -> Decision:
    """One step of a file's complete plan with one change, decided at noon of its day."""
    complete = BOOK.complete[measure]
    declared = {s.name: s for s in complete.steps}[step]
    plan, now = build(BOOK, complete, measure, declared, frozen(given), day)  # type: ignore[arg-type] # a mapping by construction
    said = [
        Confirmation(c, measure, BOOK.digest, "read", "officer", now - timedelta(days=1), now + timedelta(days=30)) for c in confirmed
    ]
    return decide(plan, BOOK, now, said)[0]


NOT_ASKED = {"without": ["evidence.removal-reason", "evidence.terms", "evidence.election-claim", "evidence.intimate-claim"]}

QUESTIONS: list[tuple[str, str, str, str, dict[str, Any], str]] = [
    ("64 the police inquire for access logs", "authority-request", "answer-police-about-communications", TODAY, {}, "refused"),
    ("65 they come with a warrant", "authority-request", "hand-over-by-warrant", TODAY, {}, "permitted"),
    ("66 and other users' logs in case", "authority-request", "hand-over-by-warrant", TODAY, {"scope": {"range": ["x"]}}, "refused"),
    (
        "67 a reader asks who announced a suicide",
        "suicide-notice",
        "tell-police",
        TODAY,
        {"evidence": {"authority-request": {"from": "a-reader"}}},
        "refused",
    ),
    ("68 the police ask by form, tonight, place unknown", "suicide-notice", "tell-police", TODAY, {}, "permitted"),
    ("69 access logs kept for ever", "post-log-keeping", "keep-access-log", TODAY, {"scope": {"days": 36500}}, "refused"),
    ("70 access and authentication log for six months", "post-log-keeping", "keep-access-log", TODAY, {}, "permitted"),
    (
        "71 logs of posts for six months in 2020, need not shown",
        "post-log-keeping",
        "keep-post-log",
        "2020-06-01",
        {"without": ["evidence.keeping-need"]},
        "refused",
    ),
    (
        "72 the same in 2026, as the ministry asked",
        "post-log-keeping",
        "keep-post-log",
        TODAY,
        {"without": ["evidence.keeping-need"]},
        "permitted",
    ),
    (
        "73 removed on day seven of silence",
        "deletion-of-posts",
        "delete",
        TODAY,
        {**NOT_ASKED, "evidence": {"removal-inquiry": {"received": -7}}},
        "refused",
    ),
    ("74 removed when seven days have passed", "deletion-of-posts", "delete", TODAY, NOT_ASKED, "permitted"),
    (
        "75 an intimate image on day two",
        "deletion-of-posts",
        "delete",
        TODAY,
        {
            "without": ["evidence.removal-reason", "evidence.terms", "evidence.election-claim"],
            "evidence": {"removal-inquiry": {"received": -2}},
        },
        "refused",
    ),
    (
        "76 the same when two days have passed",
        "deletion-of-posts",
        "delete",
        TODAY,
        {
            "without": ["evidence.removal-reason", "evidence.terms", "evidence.election-claim"],
            "evidence": {"removal-inquiry": {"received": -3}},
        },
        "permitted",
    ),
    (
        "77 disclosed without asking the sender",
        "disclosure-request",
        "disclose-post",
        TODAY,
        {"without": ["evidence.inquiry"]},
        "refused",
    ),
    ("78 address, port and time, all conditions met", "disclosure-request", "disclose-post", TODAY, {}, "permitted"),
    (
        "79 pages viewed besides",
        "disclosure-request",
        "disclose-post",
        TODAY,
        {"scope": {"items": ["post-time", "browsing-history"]}},
        "refused",
    ),
    (
        "80 the log-in although the post identifies",
        "disclosure-request",
        "disclose-login",
        TODAY,
        {
            "evidence": {
                "sender-data": {"items": ["name", "address", "login-time"], "other_identifies": True},
                "disclosed-before": {"identifies": True},
            }
        },
        "refused",
    ),
    (
        "81 the log-in, what was disclosed identifies nobody",
        "disclosure-request",
        "disclose-login",
        TODAY,
        {"evidence": {"sender-data": {"items": ["name", "login-time"], "other_identifies": True}}},
        "permitted",
    ),
    ("82 log-in only, under the old list", "disclosure-request", "disclose-login", "2021-06-01", {}, "referred"),
    ("83 under an order of provision, the other provider's name", "disclosure-request", "name-provider", TODAY, {}, "permitted"),
    ("84 the sender's name to the applicant", "disclosure-request", "name-provider", TODAY, {"scope": {"told": ["sender"]}}, "refused"),
    ("85 the case is over and no hold is left", "post-log-keeping", "erase", TODAY, {}, "permitted"),
    ("86 the deletion job under a hold", "post-log-keeping", "erase", TODAY, {"evidence": {"holds": {"count": 1}}}, "refused"),
    (
        "87 a designated platform by rules three days old",
        "deletion-of-posts",
        "delete-as-designated",
        TODAY,
        {"without": ["evidence.removal-exception"], "evidence": {"own-rules": {"published": -3}}},
        "refused",
    ),
    ("by rules two weeks old", "deletion-of-posts", "delete-as-designated", TODAY, {}, "permitted"),
    ("89 a small board without rules", "deletion-of-posts", "delete", TODAY, {"without": ["evidence.own-rules"]}, "permitted"),
    ("90 the list to the agency", "entrustment", "hand-over", "2024-01-09", {}, "permitted"),
    ("91 passed on without approval", "entrustment", "pass-on", "2024-01-09", {"without": ["evidence.re-entrustment"]}, "refused"),
    (
        "a mailing list that shows addresses",
        "entrustment",
        "enter-into-tool",
        "2024-01-09",
        {"evidence": {"feature-test": {"shows_addresses": True}}},
        "refused",
    ),
    (
        "the agency uses the list for itself",
        "entrustment",
        "hand-over",
        TODAY,
        {"evidence": {"entrustment": {"own_use": True}}},
        "refused",
    ),
    (
        "96 ads to entrants without consent or relation",
        "marketing-mail",
        "send-ads",
        TODAY,
        {"without": ["evidence.consent", "evidence.mail-basis"]},
        "refused",
    ),
    (
        "97 ads to partners in business",
        "marketing-mail",
        "send-ads",
        TODAY,
        {"without": ["evidence.consent"], "evidence": {"mail-basis": {"basis": "trade-partner"}}},
        "permitted",
    ),
    (
        "98 a third-party tag, nothing shown",
        "external-transmission",
        "run-tag",
        TODAY,
        {"without": ["evidence.web-service", "evidence.tag-notice", "evidence.consent", "evidence.tag-need"]},
        "refused",
    ),
    (
        "99 a tag the service strictly needs",
        "external-transmission",
        "run-tag",
        TODAY,
        {"without": ["evidence.web-service", "evidence.tag-notice", "evidence.consent"]},
        "permitted",
    ),
]


@pytest.mark.parametrize(("measure", "step", "day", "given", "expect"), [q[1:] for q in QUESTIONS], ids=[q[0] for q in QUESTIONS])
def test_a_worked_question_and_its_neighbours(measure: str, step: str, day: str, given: dict[str, Any], expect: str) -> None:
    """Those law.md lists, and the odd numbers it leaves out."""
    decision = answer(measure, step, day, given)
    assert decision.outcome.value == expect, [(m.case, m.condition, m.why) for m in decision.missing]


@pytest.mark.parametrize(
    ("measure", "step", "given", "answers"),
    [
        # before the Act of 2014 there was no two days' rule; on 2014-06-01 only the general rules carry
        (
            "deletion-of-posts",
            "delete",
            {
                "without": ["evidence.removal-reason", "evidence.terms", "evidence.election-claim"],
                "evidence": {"removal-inquiry": {"received": -3}},
            },
            ("refused", "referred", "referred", "permitted"),
        ),
        ("disclosure-request", "disclose-access", {}, ("refused", "refused", "refused", "permitted")),
        ("disclosure-request", "disclose-by-order", {}, ("refused", "refused", "refused", "permitted")),
        ("deletion-of-posts", "delete-as-designated", {}, ("refused", "refused", "refused", "permitted")),
        ("post-log-keeping", "keep-post-log", {"scope": {"days": 14}}, ("refused", "permitted", "permitted", "referred")),
        (
            "external-transmission",
            "run-tag",
            {"without": ["evidence.web-service", "evidence.tag-notice", "evidence.consent", "evidence.tag-need"]},
            ("referred", "referred", "referred", "refused"),
        ),
    ],
)
def test_the_same_facts_get_the_answer_of_their_day(measure: str, step: str, given: dict[str, Any], answers: tuple[str, ...]) -> None:
    """On 2014-06-01, 2019-06-01, 2020-06-01 and today."""
    days = ("2014-06-01", "2019-06-01", "2020-06-01", TODAY)
    assert tuple(answer(measure, step, d, given, ("jp/E-01/1",)).outcome.value for d in days) == answers


@pytest.mark.parametrize("day", ["2022-09-30", "2022-10-01"])
def test_the_tree_names_the_article_of_the_day(day: str) -> None:
    """4(1) until 2022-09-30, 5(1) from 2022-10-01: the same request, cited by the number of its day, both 5(1) today."""
    decision = answer("disclosure-request", "disclose-post", day, {})
    stood = BOOK.case(decision.axes[0].stands_on or "")
    assert stood.cites[0] == {"2022-09-30": "PLAT 4(1)", "2022-10-01": "PLAT 5(1)"}[day]
    assert today(BOOK.laws, stood.cites[0], stood.since) == ("PLAT 5(1)",)


@pytest.mark.parametrize(
    ("measure", "step"), [(m, s.name) for m in OURS for s in BOOK.steps[m] if s.kind is Kind.DELETE]
)
def test_a_hold_stops_every_erasure_whatever_else_permits_it(measure: str, step: str) -> None:
    """An order of a court, a request to preserve: what is under it stays."""
    assert answer(measure, step, TODAY, {}).outcome is Outcome.PERMITTED
    assert answer(measure, step, TODAY, {"evidence": {"holds": {"count": 1}}}).outcome is Outcome.REFUSED
    assert answer(measure, step, TODAY, {"without": ["evidence.holds"]}).outcome is Outcome.REFUSED


@pytest.mark.parametrize("step", ["answer-police-about-communications", "answer-bar-about-communications"])
@pytest.mark.parametrize("day", ["1990-01-01", "2005-06-01", TODAY])
def test_an_inquiry_never_opens_what_is_secret(step: str, day: str) -> None:
    """Whatever paper is laid in, and whatever the officer confirms."""
    everything = tuple(c.id for c in BOOK.cases)
    assert answer("authority-request", step, day, {}, everything).outcome is Outcome.REFUSED


def test_preserving_is_no_leave_to_show() -> None:
    """The same request, granted for keeping, is refused for showing, confirmed or not."""
    assert answer("preservation-request", "preserve", TODAY, {}).outcome is Outcome.PERMITTED
    everything = tuple(c.id for c in BOOK.cases)
    assert answer("preservation-request", "disclose-preserved", TODAY, {}, everything).outcome is Outcome.REFUSED


@pytest.mark.parametrize(("received", "expect"), [(-6, "refused"), (-7, "refused"), (-8, "permitted"), (-30, "permitted")])
def test_seven_days_are_counted_from_receipt_and_the_first_is_not_counted(received: int, expect: str) -> None:
    """Received on the 1st, removed on the 9th at the earliest."""
    given = {**NOT_ASKED, "evidence": {"removal-inquiry": {"received": received}}}
    assert answer("deletion-of-posts", "delete", TODAY, given).outcome.value == expect


@pytest.mark.parametrize("confirmed", [(), ("jp/E-23/1",), ("jp/E-23/2",)])
def test_a_list_of_abusers_waits_for_a_person_on_both_axes(confirmed: tuple[str, ...]) -> None:
    """Inferred rows never decide alone; half a confirmation is none."""
    assert answer("abuser-exchange", "share", TODAY, {}, confirmed).outcome is Outcome.REFERRED


def test_first_days_are_in_the_past_of_their_sources() -> None:
    """Nothing in these files begins after the day somebody read its source."""
    assert all(c.since <= c.seen <= date(2026, 11, 21) for c in BOOK.cases if c.measure in OURS)
