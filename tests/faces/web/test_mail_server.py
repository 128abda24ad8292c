"""The console's page of the mail server: stages, the plot of each hour, accounts at their limit as numbers; the help desk lifts one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.faces.web.mail_drawing import alike_hours, hours, label_hours, logged_hours, sign_hours, stage_hours
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import signed

STAGES, HELD = recorded("mail_stages"), recorded("held_senders")


def page(client: TestClient, language: str = "en") -> str:
    return client.get("/mailserver", headers={"accept-language": language}).text


ANSWERED = {"ja": "メールサーバの問い合わせに答えています。", "en": "The mail server is answered."}


@pytest.mark.parametrize(("language", "words"), ANSWERED.items())
def test_it_says_how_it_stands_and_what_each_stage_was_asked(client: TestClient, language: str, words: str) -> None:
    text = page(client, language)
    assert words in text
    for stage in STAGES["stages"]:
        assert f"{stage['asked']:,}" in text
        assert f"/permits#permit-{stage['permit']}" in text
        assert stage["title"][language] in text, "by the name people know, not by its code"
    assert read(text).language == language


def test_the_plot_and_the_table_say_the_same(client: TestClient) -> None:
    text = page(client)
    plot = hours(STAGES["hours"])
    assert plot is not None
    drawn = text.split('id="hours"')[1].split("</section>")[0]
    assert drawn.count('class="sent"') == len(STAGES["hours"]) == len(plot.columns)
    assert plot.messages == sum(h["messages"] for h in STAGES["hours"])
    assert f"{plot.messages:,} sent, {plot.put_off:,} held back" in text
    busiest = max(range(len(plot.columns)), key=lambda i: STAGES["hours"][i]["messages"])
    assert plot.columns[busiest].sent == max(c.sent for c in plot.columns)
    assert all(c.off_y >= 0 and c.sent_y + c.sent == plot.base for c in plot.columns)


def test_accounts_that_act_alike_are_drawn_as_numbers_and_not_where_none_was_counted(desk: RecordedDesk, client: TestClient) -> None:
    plot, text = alike_hours(STAGES["alike"]), page(client)
    assert plot is not None
    drawn = text.split('id="alike"')[1].split("</section>")[0]
    assert drawn.count('class="sent"') == len(STAGES["alike"])
    assert (plot.messages, plot.put_off) == tuple(sum(h[w] for h in STAGES["alike"]) for w in ("grouped", "matched"))
    assert max(c.sent for c in plot.columns) > 0.4 * plot.base, "of themselves, not of all two thousand that sent"
    for one in STAGES["alike"]:
        assert all(f">{one[word]:,}<" in drawn for word in ("groups", "grouped", "grouped_messages", "seen", "settled", "matched"))
    assert "同じ動きをするアカウント" in page(client, "ja")
    desk.answers["mail_stages"] = {**STAGES, "alike": []}
    assert 'id="alike"' not in page(client)


def test_signs_of_a_hijack_are_drawn_as_numbers_and_not_where_none_was_counted(desk: RecordedDesk, client: TestClient) -> None:
    plot, text = sign_hours(STAGES["signs"]), page(client)
    assert plot is not None
    drawn = text.split('id="signs"')[1].split("</section>")[0]
    assert drawn.count('class="sent"') == len(STAGES["signs"])
    assert (plot.messages + plot.put_off, plot.put_off) == tuple(sum(h[w] for h in STAGES["signs"]) for w in ("signs", "matched"))
    for one in STAGES["signs"]:
        assert all(f">{one[word]:,}<" in drawn for word in ("signs", "crowded", "jumped", "signs_messages", "seen", "settled", "matched"))
    assert "乗っ取りの兆し" in page(client, "ja")
    desk.answers["mail_stages"] = {**STAGES, "signs": []}
    assert "show signs" not in page(client)


def test_signs_in_the_sending_log_are_drawn_as_numbers_and_an_unread_log_is_told(desk: RecordedDesk, client: TestClient) -> None:
    plot, text = logged_hours(STAGES["logged"]), page(client)
    assert plot is not None
    drawn = text.split('id="logged"')[1].split("</section>")[0]
    assert drawn.count('class="sent"') == len(STAGES["logged"])
    assert (plot.messages + plot.put_off, plot.put_off) == tuple(sum(h[w] for h in STAGES["logged"]) for w in ("recipients", "nobodys"))
    for one in STAGES["logged"]:
        assert all(f">{one[word]:,}<" in drawn for word in ("log_signs", "refusing", "guessed", "recipients", "nobodys", "failures"))
    assert "送信記録の兆し" in page(client, "ja")
    desk.answers["mail_stages"] = {**STAGES, "logged": [], "log": False}
    assert "Signs in the sending log" not in page(client)
    assert "policy.mail_log" in page(client)


def test_a_stage_for_recipients_who_agreed_says_how_many_and_draws_what_it_held_back(desk: RecordedDesk, client: TestClient) -> None:
    (stage,) = (s for s in STAGES["stages"] if s["agreed"] is not None)
    plot, text = stage_hours(stage["hours"]), page(client)
    assert plot is not None
    assert f"only recipients who agreed: {stage['agreed']:,}" in text
    assert f"{plot.messages:,} passed, {plot.put_off:,} held back." in text
    assert plot.messages + plot.put_off == sum(h["asked"] for h in stage["hours"])
    assert "同意した受信者だけ" in page(client, "ja")
    desk.answers["mail_stages"] = {**STAGES, "stages": [{**stage, "hours": []}]}
    assert "No mail to a recipient who agreed came yet." in page(client)


def test_a_stage_that_labels_draws_what_was_confirmed_and_what_was_not(desk: RecordedDesk, client: TestClient) -> None:
    (stage,) = (s for s in STAGES["stages"] if s["moment"] == "milter")
    (spf,), text = label_hours(stage["hours"]), page(client)
    assert spf.method == "SPF"
    assert sum(spf.sums.values()) == stage["asked"] == sum(h["asked"] for h in stage["hours"])
    assert (spf.plot.messages, spf.plot.put_off) == (spf.sums["pass"], spf.sums["fail"])
    assert f"SPF: {spf.sums['pass']:,} confirmed, {spf.sums['fail']:,} not confirmed" in text
    drawn = text.split('id="label-1"')[1].split("</section>")[0]
    assert drawn.count('class="sent"') == drawn.count('<tr><th scope="row"') == len(stage["hours"])
    assert "答えが何であってもメールは届きます。" in page(client, "ja")
    desk.answers["mail_stages"] = {**STAGES, "stages": [{**stage, "hours": []}]}
    assert "No mail got a label yet." in page(client)


def test_before_anything_was_counted_there_is_no_plot(desk: RecordedDesk, client: TestClient) -> None:
    desk.answers["mail_stages"] = {**STAGES, "hours": [], "stages": [], "state": "not-set-up"}
    text = page(client)
    assert "Nothing was counted yet." in text
    assert "every mail passes and nothing is counted" in text
    assert hours([]) is None


def test_one_among_thousands_is_seen_and_nothing_is_not(client: TestClient) -> None:
    """By its height, and without colours by its hatching."""
    rows = [{"hour": f"2026-11-21T0{n}:00:00+00:00", "asked": 5000, "refused": n} for n in range(2)]
    plot = stage_hours(rows)
    assert plot is not None
    assert [c.off for c in plot.columns] == [0, 4]
    assert all(c.off_y + c.off == pytest.approx(c.sent_y) and c.off_y >= 0 for c in plot.columns)
    text = page(client)
    off = text.count('<rect class="off"')
    assert off == text.count('<rect class="off" fill="url(#hatch)"') > 0
    assert text.count('<pattern id="hatch"') == 1


HEADINGS = {
    "held": ("bulk-sender-limit", "Accounts at their limit", "送信制限に達したアカウント"),
    "held-alike": ("alike-accounts", "Accounts held because they act alike", "同じ動きのため止めているアカウント"),
    "held-signs": ("hijack-signs", "Accounts held for signs of a hijack", "乗っ取りの兆しのため止めているアカウント"),
}


def part(text: str, name: str) -> str:
    return text.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


@pytest.mark.parametrize("name", HEADINGS)
def test_accounts_stand_under_what_holds_them_with_their_own_numbers(desk: RecordedDesk, client: TestClient, name: str) -> None:
    measure, english, japanese = HEADINGS[name]
    mine, of = [s for s in HELD["senders"] if s["measure"] == measure], HELD["of"][measure]
    said = part(page(client), name)
    assert said.startswith(english)
    assert part(page(client, "ja"), name).startswith(japanese)
    assert said.count('<tr><th scope="row"') == len(mine) > 0
    assert f"Held now: {of['held']} · owners told: {of['told']} · let go again: {of['restored']}" in said
    assert f'href="/measures/{measure}"' in said
    desk.answers["held_senders"] = {**HELD, "senders": [s for s in HELD["senders"] if s["measure"] != measure]}
    assert "<table" not in part(page(client), name), "and nobody else's under it"


def test_that_nobody_may_be_told_is_said_where_somebody_is_held(desk: RecordedDesk, client: TestClient) -> None:
    """Of each by itself: a permit to tell who is at a limit tells nobody who acts alike."""
    untold = {name: "No permit in force lets owners be told." in part(page(client), name) for name in HEADINGS}
    assert untold == {"held": False, "held-alike": True, "held-signs": False}
    of = {measure: {**said, "held": 0} for measure, said in HELD["of"].items()}
    desk.answers["held_senders"] = {**HELD, "of": of}
    assert "No permit in force lets owners be told." not in page(client)


def test_the_help_desk_lets_an_account_send_again_by_a_signed_statement(
    desk: RecordedDesk, become: Callable[..., None], post: Callable[..., Any]
) -> None:
    become("desk")
    assert post("/mailserver/restore", {"f.code": "", "f.words": "x"}).status_code == 422
    shown = post("/mailserver/restore", {"f.code": "40271 88316", "f.words": "their own newsletter"}).text
    assert signed(post, shown).headers["location"] == "/mailserver?done=sender-restoring"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["code"], statement["reason"]) == ("sender-restoring", "40271 88316", "their own newsletter")


def test_no_account_stands_on_the_page(client: TestClient) -> None:
    assert "@" not in page(client).partition("<main")[2].partition("</main")[0]
    assert all(set(s) == {"id", "permit", "measure", "since", "until", "state", "notice", "reason", "by", "entry"} for s in HELD["senders"])
