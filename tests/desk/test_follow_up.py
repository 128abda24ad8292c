"""What `keep` drafts when a look found something: new tokens, declared views, and nothing before it could be carried out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk import permits, plans, records
from sekisho.desk.flows import follow_up
from sekisho.desk.flows import lines as register
from sekisho.desk.outside import KeepSaidNo
from sekisho.effects.texts import load
from sekisho.gate.permit import Permit
from sekisho.law.words import Plan
from sekisho.measures.measure import step
from sekisho.measures.registry import EVERY
from sekisho.store.schema import SHAPES, element
from tests.desk.office import EXAMPLES, Channel, Office

NAME = "infected-notice"


def looking(office: Office) -> tuple[str, Channel]:
    """A look for findings under way."""
    (name,) = office.channel("supervisor").call("due-looks")["start"]
    mine = office.channel("work", name)
    mine.call("open-look", look=name)
    return name, mine


def finding(office: Office, token: str, **changed: object) -> dict[str, Any]:
    at = office.watch.at - timedelta(hours=1)
    known = {"measure": NAME, "token": token, "period": "2026-11-21", "first": at, "last": at, "facts": {"contacts": 4}}
    return {**known, **changed}


def found(office: Office, *tokens: str) -> str:
    """One whole look that found these; the plan `keep` drafted, or nothing."""
    name, mine = looking(office)
    plan = mine.call("found", look=name, findings=[finding(office, t) for t in tokens])["plan"]
    mine.call("close-look", look=name, state="done")
    office.watch.wind(minutes=2)
    return str(plan)


def token(number: int) -> str:
    return f"{number:032x}"


def drafted(office: Office, identity: str) -> Plan:
    with office.turn() as world:
        return plans.load(world, identity)


def permit_of(office: Office, name: str) -> Permit:
    with office.turn() as world:
        return next(p for p, _ in permits.living(world, world.clock.now()) if p.step.name == name)


def marked(office: Office) -> dict[str, str | None]:
    """Each token found, and the plan that asks about it."""
    with office.turn() as world:
        return {r["token"]: r["plan"] for r in records.rows(world.db, records.FINDINGS)}


def plan_entries(office: Office) -> int:
    return sum(json.loads(e)["type"] == "plan" for e in office.world.log.entries())


# What it asks for


def test_the_plan_is_keeps_own_and_asks_for_the_steps_the_measure_proposes(office: Office) -> None:
    plan, settings = drafted(office, found(office, token(1))), office.settings
    assert plan.proposer == follow_up.PROPOSER
    assert (plan.actor, plan.regime, plan.measure) == (settings.operator.name, settings.operator.regime, NAME)
    assert plan.steps == tuple(step(EVERY[NAME], s) for s in ("identify", "notify"))
    assert plan.day == office.world.book.day(office.watch.at)


def test_the_plan_is_about_the_tokens_found_and_no_others(office: Office) -> None:
    plan = drafted(office, found(office, token(2), token(1)))
    assert plan.scope["tokens"] == (token(1), token(2))
    assert plan.scope["purposes"] == (NAME,)


def test_the_plan_ends_after_its_days(office: Office) -> None:
    began = office.watch.at
    plan = drafted(office, found(office, token(1)))
    assert plan.until == began + timedelta(days=follow_up.NOTICE_DAYS)
    assert plan.scope["days"] == follow_up.NOTICE_DAYS


def test_nothing_is_permitted_by_asking(office: Office) -> None:
    identity = found(office, token(1))
    assert [p for p in office.permits() if p["plan"] == identity] == []
    assert office.terminal.call("plan", plan=identity)["missing"] > 0


def test_the_text_is_bound_by_the_digest_of_what_lies_there_now(office: Office) -> None:
    """In all its languages: a letter changed after the approval is another letter."""
    scope = drafted(office, found(office, token(1))).scope
    assert scope["text"] == "infected-notice@1"
    assert scope["text_digest"] == load(office.settings.texts).digest("infected-notice@1")


def test_the_list_is_the_one_the_traffic_was_matched_against(office: Office) -> None:
    assert drafted(office, found(office, token(1))).scope["list"] == permit_of(office, "match").scope["list"]


# What it may see


def test_the_views_are_the_declared_streams_under_the_permits_that_keep_them(office: Office) -> None:
    views = drafted(office, found(office, token(1))).scope["views"]
    assert isinstance(views, Mapping)
    keeps = {s.name: s.step for s in EVERY[NAME].streams}
    assert set(views) == {"hits", "assignments", "line-keys", "contacts"}
    assert {n: v["of"] for n, v in views.items() if isinstance(v, Mapping)} == {n: permit_of(office, keeps[n]).id for n in views}


def test_each_view_has_the_columns_of_elements_the_seeing_step_names(office: Office) -> None:
    """Whom a line talked to is a column of hits; who the line is does not need it, and does not get it."""
    views, measure = drafted(office, found(office, token(1))).scope["views"], EVERY[NAME]
    assert isinstance(views, Mapping)
    for stream in measure.streams:
        view, named = views[stream.name], step(measure, stream.seen_by).elements
        assert isinstance(view, Mapping)
        shown = {c: element(SHAPES[stream.shape].schema, c) for c in stream.columns}
        assert view["columns"] == tuple(c for c, e in shown.items() if e in named)
    hits = views["hits"]
    assert isinstance(hits, Mapping)
    assert not {"peer"} & set(hits["columns"])  # type: ignore[arg-type] # columns are a tuple of text


def test_the_newest_permit_that_keeps_a_stream_is_the_one_viewed(office: Office) -> None:
    """Accounting's permit was withdrawn, the register's is renewed early: a stream is looked at where it is kept now."""
    before = {s: permit_of(office, s).id for s in ("register", "record", "match")}
    office.withdraw(before["record"])
    office.withdraw(before["match"])
    office.watch.wind(minutes=1)
    anew = office.stand()
    views = drafted(office, found(office, token(1))).scope["views"]
    assert isinstance(views, Mapping)
    owners = {n: v["of"] for n, v in views.items() if isinstance(v, Mapping)}
    assert owners == {
        n: anew[s] for n, s in (("hits", "match"), ("assignments", "record"), ("line-keys", "register"), ("contacts", "register"))
    }
    assert not set(owners.values()) & set(before.values())


def test_the_periods_are_the_days_of_the_findings_and_the_days_that_were_received(office: Office) -> None:
    """Who a token is may stand in an older day than its hit."""
    register.carry_out(office.outside("terminal"), register.ImportLines(EXAMPLES / "lines.csv"))
    office.watch.wind(days=1)
    name, mine = looking(office)
    plan = mine.call("found", look=name, findings=[finding(office, token(1), period="2026-11-22")])["plan"]
    assert drafted(office, plan).scope["periods"] == ("2026-11-21", "2026-11-22")


# When it asks


@pytest.mark.parametrize("needed", ["register", "record"])
def test_nothing_is_asked_while_a_stream_it_must_view_has_no_living_permit(office: Office, needed: str) -> None:
    """The token waits, and is asked about as soon as the stream is kept again."""
    office.withdraw(permit_of(office, needed).id)
    size = plan_entries(office)
    assert found(office, token(1)) == ""
    assert marked(office) == {token(1): None}
    assert plan_entries(office) == size


def test_nothing_is_asked_while_the_text_to_send_is_not_there(office: Office) -> None:
    office.world.settings = replace(office.world.settings, texts=office.home / "no-texts")
    assert found(office, token(1)) == ""
    assert marked(office) == {token(1): None}
    office.world.settings = office.settings
    assert found(office) == next(iter(marked(office).values())), "the token that waited is asked about by the next look"


def test_a_text_without_one_of_its_languages_is_none(office: Office) -> None:
    texts = office.home / "texts"
    shutil.copytree(office.settings.texts, texts)
    (texts / "ja" / "infected-notice@1.md").unlink()
    office.world.settings = replace(office.world.settings, texts=texts)
    assert found(office, token(1)) == ""


def test_a_look_that_found_nothing_asks_for_nothing(office: Office) -> None:
    size = plan_entries(office)
    assert found(office) == ""
    assert plan_entries(office) == size


def test_nothing_is_drafted_about_no_tokens(office: Office) -> None:
    permit = permit_of(office, "match")
    with office.turn() as world:
        assert follow_up.ask(world, permit, {}, world.clock.now()) == ""


def test_a_token_is_asked_about_once(office: Office) -> None:
    first = found(office, token(1), token(2))
    assert marked(office) == {token(1): first, token(2): first}
    assert found(office, token(1), token(2)) == ""
    assert marked(office) == {token(1): first, token(2): first}


def test_the_next_plan_is_about_what_is_new(office: Office) -> None:
    first = found(office, token(1))
    second = found(office, token(1), token(2))
    assert drafted(office, second).scope["tokens"] == (token(2),)
    assert marked(office) == {token(1): first, token(2): second}


def test_one_token_told_twice_in_one_look_is_one(office: Office) -> None:
    assert drafted(office, found(office, token(1), token(1))).scope["tokens"] == (token(1),)


def test_what_a_person_refused_to_approve_is_not_asked_again(office: Office) -> None:
    """The plan waits until it ends; a look every minute makes no second one."""
    first = found(office, token(1))
    for _ in range(3):
        assert found(office, token(1)) == ""
    assert [w["id"] for w in office.terminal.call("overview")["waiting"]] == [first]


def test_nobody_else_words_such_a_plan(office: Office) -> None:
    """A person who proposes tokens, days, views or a text digest is refused."""
    key, plan = office.keys["engineer"], office.draft().plan
    for word, value in (("tokens", (token(1),)), ("periods", ("2026-11-21",)), ("views", {}), ("text_digest", "0" * 64)):
        own = replace(plan, scope={**plan.scope, word: value})
        with pytest.raises(KeepSaidNo) as no:
            office.terminal.call("propose", plan=own, signature=key.sign(own))
        assert no.value.code == "keeps-own-word"
