"""From a question to a permit: propose, supply, confirm, approve. Each refusal has its own code, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.staff import statements
from sekisho.gate.people import Signature
from sekisho.law.words import Element, Evidence, Plan, Role, VouchedBy, Voucher
from tests.desk.office import EXAMPLES, Office


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal."""
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def entries(office: Office) -> list[str]:
    return [json.loads(e)["type"] for e in office.world.log.entries()]


def steps(office: Office, permits: list[str]) -> set[str]:
    return {p["step"] for p in office.permits() if p["id"] in permits}


def propose(office: Office, plan: Plan, who: str = "engineer", signed: Plan | None = None) -> Any:
    return office.terminal.call("propose", plan=plan, signature=office.keys[who].sign(signed or plan))


# Proposing


def test_a_proposal_is_written_down_with_what_our_probes_measured(founded: Office) -> None:
    """Nothing is permitted yet, and the list says who can supply what."""
    plan = founded.propose()
    said = founded.terminal.call("plan", plan=plan)
    assert {e["voucher"]["by"] for e in said["evidence"]} == {"probe"}
    assert {e["kind"] for e in said["evidence"]} >= {"scope", "retention", "roles", "optout"}
    assert said["missing"] > 0
    assert all(m["who"] for d in said["decisions"] for m in d["missing"])
    assert entries(founded).index("plan") < entries(founded).index("evidence")
    assert founded.permits() == []


def test_the_same_plan_is_not_proposed_twice(founded: Office) -> None:
    plan = founded.draft().plan
    propose(founded, plan)
    size = founded.world.log.size
    assert refused(lambda: propose(founded, plan)) == "known-plan"
    assert founded.world.log.size == size


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: replace(p, measure="spy"), "unknown-measure"),
        (lambda p: replace(p, steps=()), "not-a-plan"),
        (lambda p: replace(p, steps=(replace(p.steps[0], elements=frozenset({Element.CONTENT})),)), "not-as-declared"),
        (lambda p: replace(p, steps=(replace(p.steps[0], purpose="advertising"),)), "not-as-declared"),
        (lambda p: replace(p, steps=(replace(p.steps[0], audience=frozenset({"public"})),)), "not-as-declared"),
        (lambda p: replace(p, day=p.day - timedelta(days=1)), "not-todays-plan"),
        (lambda p: replace(p, day=p.day + timedelta(days=1)), "not-todays-plan"),
        (lambda p: replace(p, scope={**p.scope, "days": 0}), "no-term"),
        (lambda p: replace(p, scope={**p.scope, "days": 365}), "another-term"),
        (lambda p: replace(p, scope={**p.scope, "list": "0" * 64}), "another-list"),
        (lambda p: replace(p, scope={**p.scope, "streams": "all"}), "bad-streams"),
        (lambda p: replace(p, scope={**p.scope, "tokens": ("0" * 32,)}), "keeps-own-word"),
        (lambda p: replace(p, scope={**p.scope, "views": {"hits": {"of": "permit-0000000000000000"}}}), "keeps-own-word"),
    ],
)
def test_nobody_widens_a_step_by_wording(founded: Office, change: Callable[[Plan], Plan], code: str) -> None:
    """Another element, purpose, audience, day, list or term than the measure declares is no plan; nothing is kept of it."""
    size, changed = founded.world.log.size, change(founded.draft().plan)
    assert refused(lambda: propose(founded, changed)) == code
    assert founded.world.log.size == size
    assert founded.terminal.call("overview")["waiting"] == []


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ("hits", {"rows": "all"}),
        ("hits", {"columns": ("line", "octets")}),
        ("hits", {"line": "open"}),
        ("hits", {"shape": "sums"}),
        ("assignments", {"term_days": 365}),
        ("payload", {}),
    ],
)
def test_a_stream_keeps_what_the_measure_declares_and_no_more(founded: Office, stream: str, words: dict[str, Any]) -> None:
    plan = founded.draft().plan
    streams = dict(plan.scope["streams"])  # type: ignore[call-overload] # a mapping in every draft
    streams[stream] = {**streams.get(stream, {"shape": "flows", "rows": "all", "columns": ("line",), "term_days": 30}), **words}
    wider = replace(plan, scope={**plan.scope, "streams": streams})
    assert refused(lambda: propose(founded, wider)) in ("not-as-declared", "another-term")


def test_a_proposal_is_signed_by_its_proposer(founded: Office) -> None:
    plan = founded.draft().plan
    key, other = founded.keys["engineer"], founded.keys["desk"]
    assert refused(lambda: founded.terminal.call("propose", plan=plan, signature=other.sign(plan))) == "signed-by-another"
    assert refused(lambda: propose(founded, plan, signed=replace(plan, measure="x"))) == "bad-signature"
    assert refused(lambda: founded.terminal.call("propose", plan=plan)) == "not-a-request"
    stranger = replace(plan, proposer="person-0000000000000000")
    assert (
        refused(lambda: founded.terminal.call("propose", plan=stranger, signature=Signature(stranger.proposer, b"x" * 64)))
        == "unknown-person"
    )
    assert refused(lambda: founded.terminal.call("propose", plan=plan, signature=Signature(key.person, b""))) == "bad-signature"


def test_no_face_proposes_in_the_name_of_a_process(founded: Office) -> None:
    """The console cannot pass itself off as the process that found something."""
    plan = replace(founded.draft().plan, proposer="process:work")
    assert refused(lambda: founded.channel("show").call("propose", plan=plan)) == "not-a-request"


def test_evidence_inside_a_proposal_counts_for_nothing(founded: Office) -> None:
    """A proposer never vouches: what they put beside the plan is left out before it is written down."""
    plan = founded.draft().plan
    key, evidence = founded.papers()[0]
    said = founded.terminal.call("propose", plan=replace(plan, evidence=(evidence,)), signature=founded.keys["engineer"].sign(plan))
    kinds = {e["voucher"]["by"] for e in founded.terminal.call("plan", plan=said["plan"])["evidence"]}
    assert kinds == {"probe"}
    assert key.person != plan.proposer


# Supplying


def supply(office: Office, plan: str, evidence: Evidence, who: str) -> Any:
    return office.terminal.call("supply", plan=plan, evidence=evidence, signature=office.keys[who].sign(evidence))


def first_paper(office: Office) -> tuple[str, Evidence]:
    key, evidence = office.papers()[0]
    return next(w for w, k in office.keys.items() if k.person == key.person), evidence


def test_a_paper_laid_in_shortens_the_list(founded: Office) -> None:
    plan = founded.propose()
    before = founded.terminal.call("plan", plan=plan)["missing"]
    who, evidence = first_paper(founded)
    supply(founded, plan, evidence, who)
    assert founded.terminal.call("plan", plan=plan)["missing"] < before
    assert entries(founded)[-1] == "evidence"


def test_the_same_piece_twice_is_one_piece(founded: Office) -> None:
    plan = founded.propose()
    who, evidence = first_paper(founded)
    supply(founded, plan, evidence, who)
    size = founded.world.log.size
    supply(founded, plan, evidence, who)
    assert founded.world.log.size == size


def test_who_may_vouch_and_for_what(founded: Office) -> None:
    plan = founded.propose()
    who, good = first_paper(founded)
    key = founded.keys[who]
    probe = replace(good, voucher=Voucher(VouchedBy.PROBE, "switch-test"))
    assert refused(lambda: supply(founded, plan, probe, who)) == "probes-do-not-sign"
    assert refused(lambda: supply(founded, plan, replace(good, kind="omen"), who)) == "unknown-evidence-kind"
    assert refused(lambda: supply(founded, plan, good, "auditor")) == "vouched-for-another"
    elsewhere = replace(good, voucher=replace(good.voucher, role=Role.OFFICER))
    assert refused(lambda: supply(founded, plan, elsewhere, who)) == "vouched-for-another"
    later = replace(good, at=founded.watch.at + timedelta(hours=1))
    assert refused(lambda: supply(founded, plan, later, who)) == "evidence-not-of-now"
    assert refused(lambda: supply(founded, "0" * 16, good, who)) == "unknown-plan"
    forged = key.sign(replace(good, kind="terms"))
    assert refused(lambda: founded.terminal.call("supply", plan=plan, evidence=good, signature=forged)) == "bad-signature"


def test_a_proposer_never_vouches_for_their_own_plan(founded: Office) -> None:
    who, good = first_paper(founded)
    plan = propose(founded, founded.draft(who=who).plan, who=who)["plan"]
    assert refused(lambda: supply(founded, plan, good, who)) == "proposer-never-vouches"


def test_evidence_of_another_purpose_changes_no_answer(founded: Office) -> None:
    """It is laid in, and counts for nothing: a second use is a new decision."""
    plan = founded.propose()
    before = founded.terminal.call("plan", plan=plan)["missing"]
    who, good = first_paper(founded)
    supply(founded, plan, replace(good, purpose="traffic-picture"), who)
    assert founded.terminal.call("plan", plan=plan)["missing"] == before


# Confirming


def confirm(office: Office, who: str = "officer", **changed: Any) -> Any:
    key, now = office.keys[who], office.watch.at
    book = office.world.book.digest
    words = statements.confirmation("jp/B-13/1", "infected-notice", book, "read", key.person, now + timedelta(days=180), now)
    words = replace(words, **changed)
    return office.terminal.call("confirm", confirmation=words, signature=key.sign(words))


def test_a_referred_case_is_made_usable_by_the_officer_alone(founded: Office) -> None:
    plan = founded.propose()
    founded.supply(plan)
    assert "jp/B-13/1" in founded.terminal.call("plan", plan=plan)["confirmable"]
    for who in ("engineer", "desk", "reviewer-a", "auditor"):
        assert refused(lambda who=who: confirm(founded, who)) == "wrong-role"
    confirm(founded)
    assert "jp/B-13/1" not in founded.terminal.call("plan", plan=plan)["confirmable"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"case": "jp/X-99/1"}, "unknown-case"),
        ({"book": "0" * 64}, "another-book"),
        ({"reasons": "  "}, "no-reasons"),
        ({"person": "person-0000000000000000"}, "signed-by-another"),
    ],
)
def test_a_confirmation_names_a_case_a_book_and_reasons(founded: Office, changed: dict[str, Any], code: str) -> None:
    assert refused(lambda: confirm(founded, **changed)) == code


@pytest.mark.parametrize("days", [0, -1, 367, 4000])
def test_a_confirmation_lasts_a_year_at_most_and_not_into_the_past(founded: Office, days: int) -> None:
    assert refused(lambda: confirm(founded, until=founded.watch.at + timedelta(days=days))) == "longer-than-a-year"


def test_the_same_confirmation_is_not_taken_twice(founded: Office) -> None:
    confirm(founded)
    assert refused(lambda: confirm(founded)) == "known-confirmation"


def test_a_confirmation_for_another_measure_helps_nobody(founded: Office) -> None:
    plan = founded.propose()
    founded.supply(plan)
    confirm(founded, measure="traffic-picture")
    assert "jp/B-13/1" in founded.terminal.call("plan", plan=plan)["confirmable"]


def test_an_ended_confirmation_is_asked_for_again(founded: Office) -> None:
    confirm(founded, until=founded.watch.at + timedelta(days=1))
    founded.watch.wind(days=2)
    plan = founded.propose()
    founded.supply(plan)
    assert "jp/B-13/1" in founded.terminal.call("plan", plan=plan)["confirmable"]


# Approving


@pytest.fixture
def ready(founded: Office) -> tuple[Office, str]:
    """A plan that lacks signatures only."""
    plan = founded.propose()
    founded.supply(plan)
    founded.confirm(plan)
    return founded, plan


def test_one_approval_is_not_enough_and_two_mint_a_permit_for_each_step(ready: tuple[Office, str]) -> None:
    office, plan = ready
    assert office.approve(plan, "reviewer-a") == []
    assert len(office.approve(plan, "reviewer-b")) == 3
    assert {p["step"] for p in office.permits()} == {"register", "record", "match"}
    assert entries(office)[-4:] == ["approval", "permit", "permit", "permit"]


def test_the_same_reviewer_twice_is_one_reviewer(ready: tuple[Office, str]) -> None:
    office, plan = ready
    office.approve(plan, "reviewer-a")
    assert refused(lambda: office.approve(plan, "reviewer-a")) == "already-approved"
    assert office.permits() == []


def test_only_reviewers_and_the_officer_approve(ready: tuple[Office, str]) -> None:
    office, plan = ready
    for who in ("engineer", "desk", "auditor"):
        assert refused(lambda who=who: office.approve(plan, who)) == "wrong-role"
    office.approve(plan, "officer")
    assert "match" not in steps(office, office.approve(plan, "reviewer-a")), "the officer laid in the terms that it rests on"
    assert steps(office, office.approve(plan, "reviewer-b")) == {"match"}


def test_what_was_signed_is_what_was_shown(ready: tuple[Office, str]) -> None:
    """A plan that changed since it was shown is not approved, and an approval of the earlier one no longer counts."""
    office, plan = ready
    key = office.keys["reviewer-a"]
    shown = office.terminal.call("plan", plan=plan)["shown"]
    office.approve(plan, "reviewer-b")
    who, evidence = first_paper(office)
    supply(office, plan, replace(evidence, at=office.watch.at), who)
    words = statements.approval(plan, shown, key.person, office.watch.at)
    late = {"approval": words, "signature": key.sign(words)}
    assert refused(lambda: office.terminal.call("review", **late)) == "plan-changed-since-shown"
    assert office.approve(plan, "reviewer-a") == [], "the other one signed something else"
    assert len(office.approve(plan, "reviewer-b")) == 3


def test_a_signature_is_for_one_statement(ready: tuple[Office, str]) -> None:
    office, plan = ready
    key = office.keys["reviewer-a"]
    words = statements.approval(plan, office.terminal.call("plan", plan=plan)["shown"], key.person, office.watch.at)
    stolen = key.sign(statements.withdrawal("permit-0000000000000000", key.person, "over", office.watch.at))
    assert refused(lambda: office.terminal.call("review", approval=words, signature=stolen)) == "bad-signature"
    as_other = replace(key.sign(words), person=office.keys["reviewer-b"].person)
    assert refused(lambda: office.terminal.call("review", approval=words, signature=as_other)) == "signed-by-another"


def test_a_reviewer_proposes_nothing_and_an_officer_who_proposed_does_not_approve(founded: Office) -> None:
    assert refused(lambda: propose(founded, founded.draft(who="reviewer-a").plan, who="reviewer-a")) == "wrong-role"
    plan = propose(founded, founded.draft(who="officer").plan, who="officer")["plan"]
    assert refused(lambda: founded.approve(plan, "officer")) == "proposer-never-approves"


def test_a_permit_lasts_no_longer_than_the_plan_and_its_cases_allow(office: Office) -> None:
    longest = {"match": timedelta(days=90), "record": timedelta(days=90), "register": timedelta(days=90)}
    for permit in office.permits():
        assert datetime.fromisoformat(permit["until"]) - datetime.fromisoformat(permit["since"]) <= longest[permit["step"]]


def test_each_permit_carries_the_streams_of_its_own_step(office: Office) -> None:
    """A collector with the permit to keep accounting holds no permit for flows."""
    streams = {p["step"]: set(p["scope"].get("streams", {})) for p in office.permits()}
    assert streams == {"register": {"line-keys", "contacts"}, "record": {"assignments"}, "match": {"hits"}}


def test_a_permit_proves_itself_to_anybody_with_the_public_keys(office: Office) -> None:
    """Signature, time, step and inclusion in the ledger, without asking `keep`."""
    from sekisho.desk.flows.standing import StandingPermit
    from sekisho.desk.prove import in_ledger
    from sekisho.gate.check import check
    from sekisho.law.reading import read

    public = office.outside("collect").public
    for said in office.channel("collect").call("standing"):
        one = read(StandingPermit, said)
        step = next(p["step"] for p in office.permits() if p["id"] == read_id(one.permit.body))
        check(one.permit, public.key, office.watch.at, step=step, scope=lambda _: True, lease=one.lease, prove=in_ledger(public.ledger))


def read_id(body: bytes) -> str:
    return str(json.loads(body)["id"])


def test_a_list_changed_after_the_papers_is_another_plan(founded: Office, tmp_path: Any) -> None:
    """The paper vouches for one digest; a plan that names another list stays refused."""
    text = (EXAMPLES / "lists" / "cc.toml").read_text(encoding="utf-8")
    (tmp_path / "cc.toml").write_text(text + "\n", encoding="utf-8")
    from sekisho.desk.watchlist import load_list

    other = load_list(tmp_path / "cc.toml").digest
    plan = founded.draft().plan
    streams = {**plan.scope["streams"], "hits": {**plan.scope["streams"]["hits"], "list": other}}  # type: ignore[dict-item,index] # as above
    changed = replace(plan, scope={**plan.scope, "list": other, "streams": streams})
    identity = propose(founded, changed)["plan"]
    founded.supply(identity)
    said = founded.terminal.call("plan", plan=identity)
    match = next(d for d in said["decisions"] if d["step"]["name"] == "match")
    assert match["outcome"] == "refused"
    assert "list-origin" in {m["condition"] for m in match["missing"]}
