"""Every use case has a command, a door of the console and a page of the manual; where one is left out, the table says why."""

from __future__ import annotations

import pytest

from sekisho.faces.processes.methods import METHODS, PEOPLE
from tests.conftest import ROOT

NEVER = "-"
USE_CASES: dict[str, tuple[str, str, str]] = {
    # method of keep: (command, door of the console, page)
    "propose": ("propose", NEVER, "commands/propose.md"),  # at the terminal: a plan is a file
    "supply": ("supply", "/plans/{id}/evidence/{kind}", "commands/supply.md"),
    "review": ("approve", "/plans/{id}/approve", "commands/approve.md"),
    "propose-envelope": ("envelope propose", NEVER, "commands/envelope.md"),  # by people on duty, at the terminal
    "approve-envelope": ("envelope approve", "/envelopes/{id}/approve", "commands/envelope.md"),
    "use-envelope": ("envelope use", NEVER, "commands/envelope.md"),  # its scopes are files
    "review-use": ("envelope review", "/envelopes/{id}/uses/{use}/review", "commands/envelope.md"),
    "revoke-envelope": ("envelope revoke", "/envelopes/{id}/revoke", "commands/envelope.md"),
    "envelopes": ("envelope list", "/envelopes", "commands/envelope.md"),
    "entrust": ("entrust add", NEVER, "commands/entrust.md"),  # a row is a file, with its contract beside it
    "move-entrustment": ("entrust suspend", "/entrustments/{id}/stop", "commands/entrust.md"),
    "entrustments": ("entrust list", "/entrustments", "commands/entrust.md"),
    "tell-key": ("entrust key", NEVER, "commands/entrust.md"),  # a document proves it
    "list-half": ("entrust hand-over", NEVER, "hand-over.md"),  # lists are sealed where they lie
    "hand-over": ("entrust hand-over", NEVER, "hand-over.md"),
    "hand-overs": ("entrust hand-over", "/entrustments/hand-overs", "hand-over.md"),
    "where-handed": ("entrust hand-over", NEVER, "hand-over.md"),  # who it is about is typed at the terminal, and signed
    "may-hand-over": ("entrust ask", NEVER, "commands/entrust.md"),  # the list stays on the machine of who asks
    "canary-mail": ("entrust hand-over", NEVER, "hand-over.md"),  # the mail server of our own people's addresses calls it
    "declare-tool": ("entrust tool", NEVER, "tool-drill.md"),  # what is declared is a file, with its papers beside it
    "record-drill": ("entrust tool", NEVER, "tool-drill.md"),  # a drill runs where the tool can be reached
    "move-tool": ("entrust tool", NEVER, "tool-drill.md"),  # a paper proves it
    "tools": ("entrust tool", "/entrustments/tools", "tool-drill.md"),
    "tool-questions": ("entrust tool", NEVER, "tool-drill.md"),
    "submit-campaign": ("campaign submit", NEVER, "commands/campaign.md"),  # a campaign is a folder of files
    "admit": ("campaign contractor", NEVER, "contractors.md"),  # the list stays on the machine of who admits
    "shut-admission": ("campaign contractor", "/campaigns/contractors/{id}/shut", "contractors.md"),
    "admissions": ("campaign contractor", "/campaigns/contractors", "contractors.md"),
    "hand-in": (NEVER, "/hand-in", "contractors.md"),  # a contractor has no terminal here
    "my-mailings": (NEVER, "/hand-in", "contractors.md"),
    "reply-came": ("campaign replied", NEVER, "commands/campaign.md"),  # a mail server hands the reply over
    "replies": ("campaign replies", "/campaigns/replies", "commands/campaign.md"),
    "read-reply": ("campaign read-reply", "/campaigns/replies/{id}/read", "commands/campaign.md"),
    "answer-reply": ("campaign answer-reply", "/campaigns/replies/{id}/answer", "commands/campaign.md"),
    "close-reply": ("campaign close-reply", "/campaigns/replies/{id}/settle", "commands/campaign.md"),
    "campaigns": ("campaign list", "/campaigns", "commands/campaign.md"),
    "campaign": ("campaign show", "/campaigns/{id}", "commands/campaign.md"),
    "lose-recipient": ("campaign leave-out", "/campaigns/{id}/leave-out", "commands/campaign.md"),
    "end-return": ("campaign reachable", "/campaigns/reachable", "commands/campaign.md"),
    "who-is-recipient": ("campaign leave-out", "/campaigns/{id}/leave-out", "commands/campaign.md"),
    "check-mail": (NEVER, "/mail/check", "commands/campaign.md"),  # whoever gets mail has no terminal here
    "announced-mails": (NEVER, "/mail/check", "commands/campaign.md"),
    "stop-mail-one-press": (NEVER, "/mail/stop", "commands/campaign.md"),  # whoever gets mail has no terminal here
    "stop-my-mail": (NEVER, "/mail/stop", "commands/campaign.md"),
    "mail-again": (NEVER, "/mail/stop", "commands/campaign.md"),
    "mail-again-by-reply": ("campaign replied", NEVER, "commands/campaign.md"),  # a mail server hands the reply over
    "mail-stands": (NEVER, "/mail/stop", "commands/campaign.md"),
    "questions": (NEVER, "/agree", "commands/campaign.md"),  # for whoever was invited
    "question": (NEVER, "/agree/{id}", "commands/campaign.md"),
    "ask-code": (NEVER, "/agree/{id}", "commands/campaign.md"),  # nobody asks for another
    "answer-question": (NEVER, "/agree/{id}", "commands/campaign.md"),  # its code is in one mail; nobody answers for another
    "open-talk": ("talk open", NEVER, "commands/talk.md"),  # signed where the invitation was submitted
    "talks": ("talk list", "/talks", "commands/talk.md"),
    "held-mails": ("talk held", "/talks", "commands/talk.md"),
    "read-held-mail": ("talk read", "/talks/held/{id}/read", "commands/talk.md"),
    "settle-held-mail": ("talk settle", "/talks/held/{id}/settle", "commands/talk.md"),
    "submit-viewing": ("viewing add", NEVER, "commands/viewing.md"),  # a film is a folder of files
    "viewings": ("viewing list", NEVER, "commands/viewing.md"),
    "viewing": (NEVER, "/watch/{id}", "commands/viewing.md"),  # for whoever was invited
    "open-viewing": (NEVER, "/watch/{id}", "commands/viewing.md"),
    "watch": (NEVER, "/watch/{id}", "commands/viewing.md"),
    "comment": ("comment", "/plans/{id}/comment", "commands/comment.md"),
    "confirm": ("confirm", "/plans/{id}/confirm", "commands/confirm.md"),
    "withdraw": ("withdraw", "/permits/{id}/withdraw", "commands/withdraw.md"),
    "withdraw-mine": (NEVER, "/line/withdraw", "commands/withdraw.md"),  # the subscriber has no terminal here
    "unconfirm": ("unconfirm", NEVER, "commands/unconfirm.md"),  # rare, and the officer's alone
    "confirmations": ("confirmations", NEVER, "commands/confirmations.md"),
    "record-consent": ("consent record", NEVER, "commands/consent.md"),  # who took the answer signs it, at the terminal
    "withdraw-consent": ("consent withdraw", NEVER, "commands/consent.md"),
    "withdraw-my-consent": (NEVER, "/consent/withdraw", "commands/consent.md"),  # its giver has no terminal here
    "change-notice": ("consent notice-changed", NEVER, "commands/consent.md"),
    "consents": ("consent list", NEVER, "commands/consent.md"),
    "consent-receipt": ("consent receipt", NEVER, "commands/consent.md"),
    "my-consent": (NEVER, "/consent", "commands/consent.md"),
    "consent-export": ("consent export", NEVER, "commands/consent.md"),
    "dismiss": ("people dismiss", NEVER, "commands/people.md"),
    "enrol": ("people enrol", "/enrol/{code}", "commands/people.md"),
    "invited": (NEVER, "/enrol/{code}", "commands/people.md"),
    "invite": ("people invite", NEVER, "commands/people.md"),
    "sign-in": (NEVER, "/sign-in", "against-whom.md"),  # at the terminal each command is signed
    "look-again": ("look", "/permits/{id}/look", "commands/look.md"),
    "my-line": (NEVER, "/line", "commands/withdraw.md"),
    "explain": ("explain", "/ledger/{index:int}", "commands/explain.md"),
    "compare": ("ledger compare", NEVER, "commands/ledger.md"),  # long, and for who runs the node
    "overview": ("permits", "/", "getting-started.md"),
    "plan": ("explain", "/plans/{id}", "commands/explain.md"),
    "permits": ("permits", "/permits", "commands/permits.md"),
    "board": ("event board", "/board", "commands/event.md"),
    "portal-stands": ("event portal", NEVER, "commands/event.md"),  # for who runs the network; devices have their own page
    "stop-board": ("event stop", "/board/stop", "commands/event.md"),
    "end-event": ("event end", "/event/end", "commands/event.md"),
    "event-searched": ("event end", NEVER, "commands/event.md"),  # copies lie where the operator's terminal is
    "event-report": ("event report", "/event", "commands/event.md"),
    "mail-stages": ("mail", "/mailserver", "commands/mail.md"),
    "held-senders": ("mail held", "/mailserver", "commands/mail.md"),
    "restore-sender": ("mail restore", "/mailserver/restore", "commands/mail.md"),
    "effects": ("effects", "/effects", "commands/effects.md"),
    "volumes": ("volumes", "/volumes", "commands/volumes.md"),
    "enter-counts": ("effect add", NEVER, "commands/effect.md"),  # who counted signs, at the terminal
    "measure-effect": ("effect show", "/measures/{id}", "commands/effect.md"),
    "my-port": (NEVER, "/port25", "commands/port25.md"),  # whoever sits behind a line has no terminal here
    "give-line-code": (NEVER, "/port25", "commands/port25.md"),
    "close-my-line": (NEVER, "/port25", "commands/port25.md"),
    "my-filters": (NEVER, "/filters", "measures/default-on-filter.md"),  # whoever sits behind a line has no terminal here
    "throw-my-switch": (NEVER, "/filters", "measures/default-on-filter.md"),
    "open-line": ("port25 open", "/port25/open", "commands/port25.md"),
    "close-line": ("port25 close", "/port25/lines/{id}/close", "commands/port25.md"),
    "opened-lines": ("port25 lines", "/port25/lines", "commands/port25.md"),
    "measures": (NEVER, "/measures", "adding-a-measure.md"),
    "traffic": (NEVER, "/traffic", "measures/traffic-picture.md"),
    "people": ("people list", "/people", "commands/people.md"),
    "register": ("register", "/register", "commands/register.md"),
    "take-in": ("casebook import", NEVER, "commands/casebook.md"),  # a bundle is a file at the terminal
    "exchanged": ("casebook others", NEVER, "commands/casebook.md"),
    "load-book": ("casebook load", NEVER, "commands/casebook.md"),  # a package is a file at the terminal
    "book-index": ("casebook list", "/book", "commands/casebook.md"),
    "book-case": (NEVER, "/book/cases/{id:path}", "case-book.md"),
    "what-if": ("decide", "/what-if/{measure}/{step}", "case-book.md"),
    "open-case": ("cases open", "/procedures/open/{id}", "commands/cases.md"),
    "move-case": ("cases move", "/procedures/{id}/moves/{move}", "commands/cases.md"),
    "take-case": ("cases take", "/procedures/{id}/take", "commands/cases.md"),
    "attach": ("cases attach", "/procedures/{id}/attach", "commands/cases.md"),
    "attachment": ("cases fetch", "/procedures/{id}/attachments/{attachment}", "commands/cases.md"),
    "hold": ("cases hold", "/procedures/{id}/hold", "commands/cases.md"),
    "lift": ("cases lift", "/procedures/{id}/holds/{hold}/lift", "commands/cases.md"),
    "cases": ("cases list", "/procedures", "commands/cases.md"),
    "case": ("cases show", "/procedures/{id}", "commands/cases.md"),
    "procedures": ("cases procedures", "/procedures", "procedures.md"),
    "adopt-text": ("cases adopt", "/texts/{id}/adopt", "commands/cases.md"),
    "letter-texts": ("cases texts", "/texts", "commands/cases.md"),
    "preview-move": ("cases preview", "/procedures/{id}/moves/{move}", "commands/cases.md"),
    "prepared-texts": ("cases prepared", "/procedures/{id}/moves/{move}", "commands/cases.md"),
    "find-cases": ("cases find", "/procedures", "commands/cases.md"),
    "public-terms": ("posts texts", NEVER, "commands/posts.md"),  # written to files, to be published by the service
    "doors": ("cases doors", "/contact", "doors.md"),
    "knock": (NEVER, "/contact/{id}", "doors.md"),  # whoever is outside has no terminal here
    "my-case": (NEVER, "/case", "doors.md"),
    "add-to-case": (NEVER, "/case/add", "doors.md"),
    "open-inquiry": (NEVER, "/answer", "doors.md"),
    "save-answer": (NEVER, "/answer/act", "doors.md"),
    "send-answer": (NEVER, "/answer/act", "doors.md"),
    "ask-longer": (NEVER, "/answer/act", "doors.md"),
    "letter": ("cases letter", "/procedures/{id}/letters/{letter}", "commands/cases.md"),
    "decisions": ("cases decided", NEVER, "commands/cases.md"),  # the source of the public report's figures
    "reasons": ("cases reasons", "/procedures/{id}/reasons", "commands/cases.md"),
    "reveal": ("posts reveal", "/procedures/{id}/open", "commands/posts.md"),
    "revealed": ("posts reveal", "/procedures/{id}/openings/{opening}", "commands/posts.md"),
    "reveals": ("posts openings", "/procedures/{id}", "commands/posts.md"),
    "opened": ("posts opened", "/opened", "commands/posts.md"),
    "log-certificate": ("posts certificate", "/procedures/{id}/openings/{opening}", "commands/posts.md"),
    "sender-keys": ("posts keys", NEVER, "commands/posts.md"),  # a file for the service's machine
    "incident": ("incident show", "/procedures/{id}/room", "commands/incident.md"),
    "what-touched-me": (NEVER, "/touched", "incidents.md"),  # whoever is concerned has no terminal here
    "hand-reporter": ("incident reporter", NEVER, "commands/incident.md"),  # a sealed file for the outside body, at the terminal
    "take-letters": ("incident letters", NEVER, "commands/incident.md"),  # sealed for the printing house, at the terminal
    "my-order": (NEVER, "/order", "incidents.md"),  # a contractor has no terminal here
    "answer-order": (NEVER, "/order/answer", "incidents.md"),
    "statements": ("incident statements", "/statements", "commands/incident.md"),
    "book": ("casebook list", NEVER, "commands/casebook.md"),
}


def commands() -> set[str]:
    from sekisho.faces.cli import every_command

    found = set()
    for name, command in every_command().items():
        found |= {f"{name} {sub}" for sub in getattr(command, "commands", {})} or {name}
        found |= {name} if getattr(command, "invoke_without_command", False) else set()
    return found


def doors() -> set[str]:
    from sekisho.faces.web.app import DOORS
    from sekisho.faces.web.pages import PAGES

    return {d.path for d in DOORS} | {p.path for p in PAGES}


def test_the_table_names_everything_people_may_ask_of_keep() -> None:
    """A new request must say here how a person reaches it."""
    assert {n for n, m in METHODS.items() if m.roles & PEOPLE} - {"standing", "half", "report"} == set(USE_CASES)


@pytest.mark.parametrize(("command", "door", "page"), USE_CASES.values(), ids=USE_CASES)
def test_its_command_its_door_and_its_page_exist(command: str, door: str, page: str) -> None:
    assert command in commands() | {NEVER}
    assert door in doors() | {NEVER}
    assert (command, door) != (NEVER, NEVER)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert command == NEVER or command.split(maxsplit=1)[0] in text
