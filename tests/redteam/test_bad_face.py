"""A taken-over console, terminal, collector or `act` asks `keep` for what its role may not have. The whole table is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sekisho.desk.draft import read_draft
from sekisho.desk.staff import statements
from sekisho.faces.processes.methods import METHODS
from sekisho.gate.people import Signature
from tests.node import EXAMPLES, NOTICE, Desk, no
from tests.redteam.conftest import Stage

PEOPLES = (
    "propose supply review confirm withdraw withdraw-mine enrol invited sign-in look-again my-line invite explain overview"
    " plan permits measures traffic people book compare confirmations unconfirm dismiss record-consent withdraw-consent"
    " withdraw-my-consent change-notice consents consent-receipt my-consent consent-export open-case move-case attach"
    " attachment hold lift cases case procedures adopt-text letter-texts book-index book-case what-if load-book register"
    " comment take-in exchanged letter decisions reasons"
    " reveal revealed reveals opened log-certificate sender-keys"
    " entrust move-entrustment entrustments may-hand-over"
    " declare-tool record-drill move-tool tools tool-questions"
    " tell-key list-half hand-over hand-overs where-handed"
    " replies read-reply answer-reply close-reply"
    " admit shut-admission admissions hand-in my-mailings"
    " submit-campaign campaigns campaign lose-recipient end-return who-is-recipient"
    " check-mail announced-mails stop-mail-one-press stop-my-mail mail-again mail-stands"
    " questions question ask-code answer-question"
    " submit-viewing viewings viewing open-viewing watch"
    " propose-envelope approve-envelope use-envelope review-use revoke-envelope envelopes"
    " preview-move prepared-texts find-cases public-terms doors knock my-case add-to-case open-inquiry save-answer send-answer ask-longer"
    " take-case effects mail-stages held-senders restore-sender my-port give-line-code close-my-line open-line close-line opened-lines"
    " volumes incident statements my-order answer-order what-touched-me take-letters board stop-board portal-stands"
    " end-event event-searched event-report"
    " enter-counts measure-effect"
    " open-talk talks held-mails read-held-mail settle-held-mail"
    " my-filters throw-my-switch"
)
MAY: dict[str, str] = {
    "show": PEOPLES + " report",
    "terminal": PEOPLES + " standing half mail-again-by-reply canary-mail reply-came hand-reporter",
    "collect": "standing half report tell-counters",
    "work": "open-look close-look release-key release-record record-seen token-key consenting found identified",
    "act": "orders renew begin done release-contact act-starts report fetches record-fetched record-not-fetched record-counted port-tried"
    " ladder-calls ladder-told hand-overs-waiting hand-overs-over release-list begin-hand-over hand-over-done"
    " mailings campaign-words take-batch batch-done unsure-mails settle-mails mail-came-back"
    " talk-mail-came talk-mails take-talk-mail renew-talk talk-mail-done unsure-talk-mails settle-talk-mails",
    "scan": "next-scan scanned report",
    "hold": "kernel-leases kernel-read resolver-read switch-tried names-tried tariffs-compared path-compared report",
    "policy": "policy-leases policy-known-as policy-told report",
    "submission": "hand-in my-mailings report",
    "gateway": "gateway-leases gateway-read report",
    "portal": "portal-page portal-receipt answer-portal withdraw-at-portal report",
    "tap": "tap-leases spend-release tell-release report",
    "supervisor": "due-looks child-ended report",
}
"""Who may ask what, said once more by hand: a new method, or a wider one, has to be written here too."""

OPENS_OR_ACTS = {
    "release-key", "token-key", "consenting", "release-contact", "open-look", "identified", "found", "begin", "renew", "done", "orders",
    "mailings", "campaign-words", "take-batch", "batch-done", "unsure-mails", "settle-mails",
    "release-record", "record-seen", "fetches", "record-fetched", "record-counted",
    "hand-overs-waiting", "release-list", "begin-hand-over", "hand-over-done",
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(agreed: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with agreed.serve(tmp_path_factory.mktemp("faces") / "node") as desk:
        yield desk


@pytest.mark.parametrize("role", [*MAY, "nobody", "keep", ""])
def test_a_role_may_ask_what_its_row_says_and_is_refused_all_else(desk: Desk, role: str) -> None:
    channel = desk.channel(role)
    may = set(MAY.get(role, "").split())
    said = {name: answer(lambda n=name: channel.call(n)) for name in METHODS}
    assert {name for name, code in said.items() if code != "not-for-this-role"} == may


def answer(call: object) -> str:
    from sekisho.desk.outside import KeepSaidNo

    try:
        call()  # type: ignore[operator] # a lambda
    except KeepSaidNo as why:
        return why.code
    return "answered"


def test_no_face_that_people_use_opens_a_key_or_acts() -> None:
    for role in ("show", "terminal", "collect", "scan", "policy", "submission", "supervisor"):
        assert not OPENS_OR_ACTS & set(MAY[role].split())


def test_nobody_can_ask_to_mint(desk: Desk) -> None:
    assert not [n for n in METHODS if "mint" in n or ("permit" in n and n != "permits")]
    for name in ("mint", "permit", "sign", "approve", "release", "unseal", "root", "vault"):
        for role in MAY:
            assert no(lambda n=name, r=role: desk.channel(r).call(n)) == "not-for-this-role"


def test_a_console_that_asks_to_release_a_key_is_refused_even_with_the_name_of_a_running_look(permitted: Desk) -> None:
    look = permitted.due()[0]
    world = permitted.outside("work", [look])
    world.keep.call("open-look", look=look)
    for role in ("show", "terminal", "collect", "act", "supervisor"):
        channel = permitted.channel(role, [look])
        assert no(lambda c=channel: c.call("release-key", look=look, key_id="a/b/c", wrapped=bytes(81))) == "not-for-this-role"
        assert no(lambda c=channel: c.call("token-key", look=look, period="2026-11-21")) == "not-for-this-role"


def test_a_process_cannot_say_that_it_is_another(desk: Desk) -> None:
    """The role is the channel's; parameters that claim one are unknown."""
    console = desk.channel("show")
    assert no(lambda: console.call("overview", role="work")) == "not-a-request"
    assert no(lambda: console.call("release-key", role="work", look="x", key_id="a/b/c", wrapped=b"")) == "not-for-this-role"


def drafted(desk: Desk) -> object:
    world, engineer = desk.world, desk.people.keys["engineer"]
    now, operator = world.clock(), world.settings.operator
    book = desk.place.book
    path = EXAMPLES / "plans" / f"{NOTICE}.toml"
    return read_draft(path, actor=operator.name, regime=operator.regime, proposer=engineer.person, day=book.day(now), now=now).plan


def test_a_console_that_proposes_in_somebodys_name_is_refused(desk: Desk) -> None:
    plan = drafted(desk)
    engineer, officer = desk.people.keys["engineer"], desk.people.keys["officer"]
    console = desk.channel("show")
    assert no(lambda: console.call("propose", plan=plan)) == "not-a-request"
    assert no(lambda: console.call("propose", plan=plan, signature=Signature(engineer.person, bytes(64)))) == "bad-signature"
    forged = replace(officer.sign(plan), person=engineer.person)
    assert no(lambda: console.call("propose", plan=plan, signature=forged)) == "bad-signature"
    assert no(lambda: console.call("propose", plan=plan, signature=officer.sign(plan))) == "signed-by-another"
    nobody = replace(officer.sign(plan), person="person-0")
    assert no(lambda: console.call("propose", plan=replace(plan, proposer="person-0"), signature=nobody)) == "unknown-person"


def test_a_console_that_withdraws_or_confirms_in_somebodys_name_is_refused(desk: Desk) -> None:
    console, officer, now = desk.channel("show"), desk.people.keys["officer"], desk.world.clock()
    permit = desk.people.permits("match")[0]["id"]
    words = statements.withdrawal(permit, officer.person, "objection", now)
    assert no(lambda: console.call("withdraw", withdrawal=words, signature=Signature(officer.person, bytes(64)))) == "bad-signature"
    other = statements.withdrawal(desk.people.permits("record")[0]["id"], officer.person, "objection", now)
    assert no(lambda: console.call("withdraw", withdrawal=words, signature=officer.sign(other))) == "bad-signature"
    said = statements.confirmation("jp/B-12/1", NOTICE, desk.place.book.digest, "x", officer.person, now + timedelta(days=9), now)
    assert no(lambda: console.call("confirm", confirmation=said, signature=officer.sign(words))) == "bad-signature"


def test_guessed_codes_open_nothing(desk: Desk) -> None:
    console = desk.channel("show")
    for guess in ("", "0", "a" * 22, "' or 1=1 --"):
        assert no(lambda g=guess: console.call("my-line", code=g)) == "unknown-code"
        assert no(lambda g=guess: console.call("withdraw-mine", code=g)) == "unknown-code"
        assert no(lambda g=guess: console.call("enrol", code=g, key_kind="file", public_key=bytes(32))) == "unknown-or-used-code"


def test_a_one_time_code_works_once(desk: Desk) -> None:
    from sekisho.desk.signed_words import Invite
    from sekisho.law.words import Role

    officer = desk.people.keys["officer"]
    words = Invite("Mori", frozenset({Role.REVIEWER}), officer.person, desk.world.clock())
    code = desk.world.keep.call("invite", invite=words, signature=officer.sign(words))
    assert desk.world.keep.call("enrol", code=code, key_kind="file", public_key=bytes(range(32)))
    assert no(lambda: desk.world.keep.call("enrol", code=code, key_kind="file", public_key=bytes(range(32)))) == "unknown-or-used-code"


def test_act_gets_no_contact_without_an_order_that_carries_it(desk: Desk) -> None:
    act = desk.channel("act")
    register = desk.people.permits("register")[0]["id"]
    day = desk.time.wall().date().isoformat()
    key = f"{register}/contact/{day}"
    assert no(lambda: act.call("release-contact", order="order-0", key_id=key, wrapped=bytes(81))) == "no-such-order"
    assert no(lambda: act.call("begin", order="order-0", letter="0" * 64)) == "no-such-order"
    assert no(lambda: act.call("done", order="order-0", outcome="accepted")) == "no-such-order"
    assert no(lambda: act.call("renew", permit="permit-0")) == "unknown-permit"
