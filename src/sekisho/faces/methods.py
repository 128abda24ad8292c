"""What may be asked of `keep`, and by whom. The one table of roles × requests; a test reads it aloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sekisho.desk import compare, gateway_words, kernel_words, policy_words, port_tried, show, switch_tried
from sekisho.desk.access import effects_show, kernel_told, line_code, my_filters, open_line, volumes_show
from sekisho.desk.asking import what_if
from sekisho.desk.book import exchange, load_book, read_book
from sekisho.desk.cases import (
    decided,
    letter_show,
    prepared,
    procedure_adopt,
    procedure_answer,
    procedure_attach,
    procedure_door,
    procedure_find,
    procedure_follow,
    procedure_hold,
    procedure_move,
    procedure_open,
    procedure_preview,
    procedure_show,
    procedure_take,
    scan,
)
from sekisho.desk.consent import consent_record, consent_show, consent_withdraw
from sekisho.desk.effect import enter as effect_enter
from sekisho.desk.effect import show as effect_show
from sekisho.desk.entrusting import (
    canary_mail,
    entrust,
    entrust_ask,
    entrust_show,
    hand_over,
    hand_over_show,
    hand_over_steps,
    tool_say,
    tool_show,
)
from sekisho.desk.event import board, releases, tap_words, tell
from sekisho.desk.event import end as event_end
from sekisho.desk.event import report as event_report
from sekisho.desk.event import stop as board_stop
from sekisho.desk.flows import found, identified, look, my_line, order, release_key, standing
from sekisho.desk.incidents import order_answer, people_letters, public_statements, reporter, room_show, rungs, touched
from sekisho.desk.mail import agreeing, policy_told, restore_sender, stages_show
from sekisho.desk.messages import admit, batches, genuine, hand_in, lose, reachable, replies, reply_answer, returned, stop, submit
from sekisho.desk.messages import show as campaign_show
from sekisho.desk.optin import answer as optin_answer
from sekisho.desk.optin import ask as optin_ask
from sekisho.desk.optin import request as optin_request
from sekisho.desk.permitting import (
    comment,
    confirm,
    envelope,
    envelope_show,
    explain,
    propose,
    public_register,
    review,
    supply,
    unconfirm,
    withdraw,
)
from sekisho.desk.portal import answer as portal_answer
from sekisho.desk.portal import page as portal_page
from sekisho.desk.portal import told as gateway_told
from sekisho.desk.posts import opened, public_terms, record_seen, reveal, reveal_fetch, sender_keys
from sekisho.desk.staff import dismiss, enrol, sign_in
from sekisho.desk.talking import held as talk_held
from sekisho.desk.talking import open as talk_open
from sekisho.desk.talking import passing as talk_passing
from sekisho.desk.viewing import submit as viewing_submit
from sekisho.desk.viewing import watch as viewing_watch
from sekisho.desk.world import World

PEOPLE = frozenset({"show", "terminal"})
"""Faces people use. Neither holds a key; every authority is in the signatures they pass on."""


REPORTING = frozenset({"collect", "act", "hold", "policy", "show", "scan", "submission", "gateway", "portal", "tap", "supervisor"})
"""Whoever counts what it does, and tells."""


@dataclass(frozen=True)
class Method:
    """A request's form, the use case that answers it, and the roles that may ask."""

    request: type[Any]
    use_case: Callable[[World, Any], Any]
    roles: frozenset[str]


METHODS: dict[str, Method] = {
    "record-consent": Method(consent_record.RecordConsent, consent_record.carry_out, PEOPLE),
    "withdraw-consent": Method(consent_withdraw.WithdrawConsent, consent_withdraw.carry_out, PEOPLE),
    "withdraw-my-consent": Method(consent_withdraw.WithdrawMyConsent, consent_withdraw.mine, PEOPLE),
    "change-notice": Method(consent_withdraw.ChangeNotice, consent_withdraw.change_notice, PEOPLE),
    "consents": Method(consent_show.Consents, consent_show.listed, PEOPLE),
    "consent-receipt": Method(consent_show.ConsentReceipt, consent_show.receipt, PEOPLE),
    "my-consent": Method(consent_show.MyConsent, consent_show.mine, PEOPLE),
    "consent-export": Method(consent_show.ConsentExport, consent_show.export, PEOPLE),
    "propose": Method(propose.Propose, propose.carry_out, PEOPLE),
    "supply": Method(supply.Supply, supply.carry_out, PEOPLE),
    "review": Method(review.Review, review.carry_out, PEOPLE),
    "comment": Method(comment.AddComment, comment.carry_out, PEOPLE),
    "propose-envelope": Method(envelope.ProposeEnvelope, envelope.propose, PEOPLE),
    "approve-envelope": Method(envelope.ApproveEnvelope, envelope.approve, PEOPLE),
    "use-envelope": Method(envelope.UseEnvelope, envelope.carry_out, PEOPLE),
    "review-use": Method(envelope.ReviewUse, envelope.review, PEOPLE),
    "revoke-envelope": Method(envelope.RevokeEnvelope, envelope.revoke, PEOPLE),
    "envelopes": Method(envelope_show.Envelopes, envelope_show.listed, PEOPLE),
    "entrust": Method(entrust.Entrust, entrust.carry_out, PEOPLE),
    "move-entrustment": Method(entrust.MoveEntrustment, entrust.move, PEOPLE),
    "entrustments": Method(entrust_show.Entrustments, entrust_show.listed, PEOPLE),
    "may-hand-over": Method(entrust_ask.MayHandOver, entrust_ask.carry_out, PEOPLE),
    "tell-key": Method(hand_over.TellKey, hand_over.tell_key, PEOPLE),
    "list-half": Method(hand_over.ListHalf, hand_over.half, PEOPLE),
    "hand-over": Method(hand_over.Give, hand_over.carry_out, PEOPLE),
    "hand-overs": Method(hand_over_show.HandOvers, hand_over_show.listed, PEOPLE),
    "where-handed": Method(hand_over_show.WhereHanded, hand_over_show.where, PEOPLE),
    "canary-mail": Method(canary_mail.CanaryMail, canary_mail.carry_out, frozenset({"terminal"})),
    "declare-tool": Method(tool_say.DeclareTool, tool_say.carry_out, PEOPLE),
    "record-drill": Method(tool_say.RecordDrill, tool_say.drilled, PEOPLE),
    "move-tool": Method(tool_say.MoveTool, tool_say.move, PEOPLE),
    "tools": Method(tool_show.Tools, tool_show.listed, PEOPLE),
    "tool-questions": Method(tool_show.ToolQuestions, tool_show.asked, PEOPLE),
    "submit-campaign": Method(submit.Submit, submit.carry_out, PEOPLE),
    "admit": Method(admit.Admit, admit.carry_out, PEOPLE),
    "shut-admission": Method(admit.ShutAdmission, admit.shut, PEOPLE),
    "admissions": Method(admit.Admissions, admit.listed, PEOPLE),
    "hand-in": Method(hand_in.HandIn, hand_in.carry_out, PEOPLE | {"submission"}),
    "my-mailings": Method(hand_in.MyMailings, hand_in.mine, PEOPLE | {"submission"}),
    "reply-came": Method(replies.ReplyCame, replies.came, frozenset({"terminal"})),
    "replies": Method(replies.Replies, replies.listed, PEOPLE),
    "read-reply": Method(replies.ReadReply, replies.carry_out, PEOPLE),
    "answer-reply": Method(reply_answer.GiveAnswer, reply_answer.carry_out, PEOPLE),
    "close-reply": Method(replies.EndReply, replies.close, PEOPLE),
    "lose-recipient": Method(lose.Lose, lose.carry_out, PEOPLE),
    "who-is-recipient": Method(lose.WhoIs, lose.who_is, PEOPLE),
    "end-return": Method(reachable.EndReturn, reachable.carry_out, PEOPLE),
    "check-mail": Method(genuine.CheckMail, genuine.carry_out, PEOPLE),
    "announced-mails": Method(genuine.Announced, genuine.announced, PEOPLE),
    "campaigns": Method(campaign_show.Campaigns, campaign_show.listed, PEOPLE),
    "campaign": Method(campaign_show.OneCampaign, campaign_show.one, PEOPLE),
    "stop-mail-one-press": Method(stop.OnePress, stop.one_press, PEOPLE),
    "stop-my-mail": Method(stop.StopMine, stop.mine, PEOPLE),
    "mail-again": Method(stop.MailAgain, stop.again, PEOPLE),
    "mail-again-by-reply": Method(stop.Replied, stop.replied, frozenset({"terminal"})),
    "mail-stands": Method(stop.HowItStands, stop.stands, PEOPLE),
    "questions": Method(optin_ask.Questions, optin_ask.listed, PEOPLE),
    "question": Method(optin_ask.OneQuestion, optin_ask.one, PEOPLE),
    "ask-code": Method(optin_request.AskCode, optin_request.carry_out, PEOPLE),
    "answer-question": Method(optin_answer.AnswerQuestion, optin_answer.carry_out, PEOPLE),
    "submit-viewing": Method(viewing_submit.SubmitViewing, viewing_submit.carry_out, PEOPLE),
    "viewings": Method(viewing_submit.Viewings, viewing_submit.listed, PEOPLE),
    "viewing": Method(viewing_watch.OneViewing, viewing_watch.one, PEOPLE),
    "open-viewing": Method(viewing_watch.OpenViewing, viewing_watch.begin, PEOPLE),
    "watch": Method(viewing_watch.Watch, viewing_watch.carry_out, PEOPLE),
    "open-talk": Method(talk_open.Open, talk_open.carry_out, PEOPLE),
    "talks": Method(talk_open.Talks, talk_open.listed, PEOPLE),
    "held-mails": Method(talk_held.HeldMails, talk_held.listed, PEOPLE),
    "read-held-mail": Method(talk_held.ReadOne, talk_held.carry_out, PEOPLE),
    "settle-held-mail": Method(talk_held.SettleOne, talk_held.settle, PEOPLE),
    "talk-mail-came": Method(talk_passing.MailCame, talk_passing.came, frozenset({"act"})),
    "talk-mails": Method(talk_passing.Waiting, talk_passing.waiting, frozenset({"act"})),
    "take-talk-mail": Method(talk_passing.TakePassing, talk_passing.take, frozenset({"act"})),
    "renew-talk": Method(talk_passing.RenewTalk, talk_passing.renew, frozenset({"act"})),
    "talk-mail-done": Method(talk_passing.Passed, talk_passing.done, frozenset({"act"})),
    "unsure-talk-mails": Method(talk_passing.UnsurePassed, talk_passing.unsure, frozenset({"act"})),
    "settle-talk-mails": Method(talk_passing.SettlePassed, talk_passing.settle, frozenset({"act"})),
    "mailings": Method(batches.Mailings, batches.mailings, frozenset({"act"})),
    "campaign-words": Method(batches.Content, batches.content, frozenset({"act"})),
    "take-batch": Method(batches.TakeBatch, batches.take, frozenset({"act"})),
    "batch-done": Method(batches.BatchDone, batches.done, frozenset({"act"})),
    "unsure-mails": Method(batches.Unsure, batches.unsure, frozenset({"act"})),
    "mail-came-back": Method(returned.CameBack, returned.came_back, frozenset({"act"})),
    "settle-mails": Method(batches.Settle, batches.settle, frozenset({"act"})),
    "confirm": Method(confirm.Confirm, confirm.carry_out, PEOPLE),
    "withdraw": Method(withdraw.Withdraw, withdraw.carry_out, PEOPLE),
    "withdraw-mine": Method(withdraw.WithdrawMine, withdraw.carry_out, PEOPLE),
    "unconfirm": Method(unconfirm.Unconfirm, unconfirm.carry_out, PEOPLE),
    "confirmations": Method(unconfirm.Confirmations, unconfirm.listed, PEOPLE),
    "dismiss": Method(dismiss.Dismiss, dismiss.carry_out, PEOPLE),
    "enrol": Method(enrol.Enrol, enrol.carry_out, PEOPLE),
    "invited": Method(enrol.Invited, enrol.invited, PEOPLE),
    "sign-in": Method(sign_in.SignedIn, sign_in.carry_out, PEOPLE),
    "look-again": Method(look.LookAgain, look.again, PEOPLE),
    "reveal": Method(reveal.Reveal, reveal.carry_out, PEOPLE),
    "revealed": Method(reveal.Revealed, reveal.revealed, PEOPLE),
    "reveals": Method(reveal.Reveals, reveal.listed, PEOPLE),
    "log-certificate": Method(reveal.Certificate, reveal.certificate, PEOPLE),
    "sender-keys": Method(sender_keys.SenderKeys, sender_keys.carry_out, PEOPLE),
    "opened": Method(opened.Opened, opened.carry_out, PEOPLE),
    "my-line": Method(my_line.MyLine, my_line.carry_out, PEOPLE),
    "invite": Method(enrol.SignedInvite, enrol.invite, PEOPLE),
    "explain": Method(explain.Explain, explain.carry_out, PEOPLE),
    "compare": Method(compare.Compare, compare.carry_out, PEOPLE),
    "overview": Method(show.Overview, show.overview, PEOPLE),
    "plan": Method(show.OnePlan, show.plan, PEOPLE),
    "effects": Method(effects_show.Effects, effects_show.carry_out, PEOPLE),
    "volumes": Method(volumes_show.Volumes, volumes_show.carry_out, PEOPLE),
    "enter-counts": Method(effect_enter.EnterCounts, effect_enter.carry_out, PEOPLE),
    "measure-effect": Method(effect_show.MeasureEffect, effect_show.carry_out, PEOPLE),
    "my-port": Method(line_code.MyPort, line_code.carry_out, PEOPLE),
    "give-line-code": Method(line_code.GiveCode, line_code.give, PEOPLE),
    "close-my-line": Method(line_code.CloseMine, line_code.close, PEOPLE),
    "my-filters": Method(my_filters.MyFilters, my_filters.carry_out, PEOPLE),
    "throw-my-switch": Method(my_filters.ThrowMySwitch, my_filters.throw, PEOPLE),
    "open-line": Method(open_line.OpenLine, open_line.carry_out, PEOPLE),
    "close-line": Method(open_line.CloseLine, open_line.close, PEOPLE),
    "opened-lines": Method(open_line.Lines, open_line.listed, PEOPLE),
    "restore-sender": Method(restore_sender.RestoreSender, restore_sender.carry_out, PEOPLE),
    "held-senders": Method(restore_sender.HeldSenders, restore_sender.listed, PEOPLE),
    "mail-stages": Method(stages_show.MailStages, stages_show.carry_out, PEOPLE),
    "permits": Method(show.Permits, show.permits_view, PEOPLE),
    "measures": Method(show.Measures, show.measures, PEOPLE),
    "traffic": Method(show.Traffic, show.traffic, PEOPLE),
    "people": Method(show.People, show.people, PEOPLE),
    "book-index": Method(read_book.Index, read_book.index_of, PEOPLE),
    "book-case": Method(read_book.OneCase, read_book.case_of, PEOPLE),
    "what-if": Method(what_if.WhatIf, what_if.carry_out, PEOPLE),
    "book": Method(show.Book, show.book, PEOPLE),
    "load-book": Method(load_book.LoadBook, load_book.carry_out, PEOPLE),
    "register": Method(public_register.PublicRegister, public_register.carry_out, PEOPLE),
    "take-in": Method(exchange.TakeIn, exchange.carry_out, PEOPLE),
    "exchanged": Method(exchange.Exchanged, exchange.listed, PEOPLE),
    "open-case": Method(procedure_open.OpenCase, procedure_open.carry_out, PEOPLE),
    "move-case": Method(procedure_move.MoveCase, procedure_move.carry_out, PEOPLE),
    "take-case": Method(procedure_take.TakeCase, procedure_take.carry_out, PEOPLE),
    "attach": Method(procedure_attach.Attach, procedure_attach.carry_out, PEOPLE),
    "attachment": Method(procedure_attach.ReadAttachment, procedure_attach.content, PEOPLE),
    "incident": Method(room_show.OneRoom, room_show.carry_out, PEOPLE),
    "statements": Method(public_statements.Statements, public_statements.carry_out, PEOPLE),
    "hold": Method(procedure_hold.Hold, procedure_hold.carry_out, PEOPLE),
    "lift": Method(procedure_hold.Lift, procedure_hold.lift, PEOPLE),
    "cases": Method(procedure_show.Cases, procedure_show.cases, PEOPLE),
    "case": Method(procedure_show.OneCase, procedure_show.carry_out, PEOPLE),
    "procedures": Method(procedure_show.Procedures, procedure_show.procedures, PEOPLE),
    "adopt-text": Method(procedure_adopt.Adopt, procedure_adopt.carry_out, PEOPLE),
    "letter-texts": Method(procedure_adopt.LetterTexts, procedure_adopt.listed, PEOPLE),
    "public-terms": Method(public_terms.PublicTerms, public_terms.carry_out, PEOPLE),
    "preview-move": Method(procedure_preview.PreviewMove, procedure_preview.carry_out, PEOPLE),
    "prepared-texts": Method(prepared.PreparedTexts, prepared.carry_out, PEOPLE),
    "find-cases": Method(procedure_find.FindCases, procedure_find.carry_out, PEOPLE),
    "doors": Method(procedure_door.Doors, procedure_door.listed, PEOPLE),
    "hand-reporter": Method(reporter.HandReporter, reporter.carry_out, frozenset({"terminal"})),
    "take-letters": Method(people_letters.TakeLetters, people_letters.carry_out, PEOPLE),
    "my-order": Method(order_answer.MyOrder, order_answer.carry_out, PEOPLE),
    "answer-order": Method(order_answer.AnswerOrder, order_answer.answer, PEOPLE),
    "what-touched-me": Method(touched.WhatTouchedMe, touched.carry_out, PEOPLE),
    "knock": Method(procedure_door.Knock, procedure_door.carry_out, PEOPLE),
    "my-case": Method(procedure_follow.MyCase, procedure_follow.carry_out, PEOPLE),
    "add-to-case": Method(procedure_follow.AddToCase, procedure_follow.add, PEOPLE),
    "open-inquiry": Method(procedure_answer.OpenInquiry, procedure_answer.carry_out, PEOPLE),
    "save-answer": Method(procedure_answer.SaveAnswer, procedure_answer.save, PEOPLE),
    "send-answer": Method(procedure_answer.SendAnswer, procedure_answer.send, PEOPLE),
    "ask-longer": Method(procedure_answer.AskLonger, procedure_answer.longer, PEOPLE),
    "letter": Method(letter_show.OneLetter, letter_show.carry_out, PEOPLE),
    "decisions": Method(decided.Decisions, decided.carry_out, PEOPLE),
    "reasons": Method(decided.Reasons, decided.reasons, PEOPLE),
    "next-scan": Method(scan.NextScan, scan.following, frozenset({"scan"})),
    "scanned": Method(scan.Scanned, scan.carry_out, frozenset({"scan"})),
    "standing": Method(standing.Standing, standing.carry_out, frozenset({"collect", "terminal"})),
    "half": Method(standing.Half, standing.half, frozenset({"collect", "terminal"})),
    "report": Method(standing.Report, standing.report, REPORTING),
    "tell-counters": Method(tell.TellCounters, tell.carry_out, frozenset({"collect"})),
    "tap-leases": Method(tap_words.TapLeases, releases.leased, frozenset({"tap"})),
    "spend-release": Method(tap_words.SpendRelease, releases.spend, frozenset({"tap"})),
    "tell-release": Method(tap_words.TellRelease, releases.told, frozenset({"tap"})),
    "board": Method(board.Board, board.carry_out, PEOPLE),
    "stop-board": Method(board_stop.Stop, board_stop.carry_out, PEOPLE),
    "end-event": Method(event_end.End, event_end.carry_out, PEOPLE),
    "event-searched": Method(event_end.Searched, event_end.searched, PEOPLE),
    "event-report": Method(event_report.EventReport, event_report.carry_out, PEOPLE),
    "due-looks": Method(look.DueLooks, look.due, frozenset({"supervisor"})),
    "child-ended": Method(look.ChildEnded, look.child_ended, frozenset({"supervisor"})),
    "open-look": Method(look.OpenLook, look.carry_out, frozenset({"work"})),
    "consenting": Method(look.Consenting, look.consenting, frozenset({"work"})),
    "close-look": Method(look.CloseLook, look.close, frozenset({"work"})),
    "release-key": Method(release_key.ReleaseKey, release_key.carry_out, frozenset({"work"})),
    "release-record": Method(release_key.ReleaseRecord, release_key.record, frozenset({"work"})),
    "record-seen": Method(record_seen.RecordSeen, record_seen.carry_out, frozenset({"work"})),
    "token-key": Method(release_key.TokenKey, release_key.token_key, frozenset({"work"})),
    "found": Method(found.Found, found.carry_out, frozenset({"work"})),
    "identified": Method(identified.Identified, identified.carry_out, frozenset({"work"})),
    "orders": Method(order.Orders, order.waiting, frozenset({"act"})),
    "renew": Method(order.Renew, order.renew, frozenset({"act"})),
    "begin": Method(order.Begin, order.begin, frozenset({"act"})),
    "done": Method(order.Done, order.done, frozenset({"act"})),
    "release-contact": Method(release_key.ReleaseContact, release_key.contact, frozenset({"act"})),
    "fetches": Method(reveal_fetch.Fetches, reveal_fetch.carry_out, frozenset({"act"})),
    "record-fetched": Method(reveal_fetch.Fetched, reveal_fetch.fetched, frozenset({"act"})),
    "record-not-fetched": Method(reveal_fetch.NotFetched, reveal_fetch.not_fetched, frozenset({"act"})),
    "record-counted": Method(reveal_fetch.Counted, reveal_fetch.counted, frozenset({"act"})),
    "hand-overs-waiting": Method(hand_over_steps.HandOvers, hand_over_steps.waiting, frozenset({"act"})),
    "hand-overs-over": Method(hand_over_steps.HandOversOver, hand_over_steps.over, frozenset({"act"})),
    "release-list": Method(hand_over_steps.ReleaseList, hand_over_steps.release, frozenset({"act"})),
    "begin-hand-over": Method(hand_over_steps.BeginHandOver, hand_over_steps.begin, frozenset({"act"})),
    "hand-over-done": Method(hand_over_steps.HandOverDone, hand_over_steps.done, frozenset({"act"})),
    "ladder-calls": Method(rungs.Calls, rungs.waiting, frozenset({"act"})),
    "ladder-told": Method(rungs.CallTold, rungs.told, frozenset({"act"})),
    "act-starts": Method(order.ActStarts, order.act_starts, frozenset({"act"})),
    "port-tried": Method(port_tried.PortTried, port_tried.carry_out, frozenset({"act"})),
    "kernel-leases": Method(kernel_words.KernelLeases, kernel_told.leased, frozenset({"hold"})),
    "switch-tried": Method(switch_tried.SwitchTried, switch_tried.carry_out, frozenset({"hold"})),
    "kernel-read": Method(kernel_words.KernelRead, kernel_told.told, frozenset({"hold"})),
    "policy-leases": Method(policy_words.PolicyLeases, policy_told.leased, frozenset({"policy"})),
    "portal-page": Method(portal_page.PortalPage, portal_page.carry_out, frozenset({"portal"})),
    "portal-receipt": Method(portal_page.PortalReceipt, portal_page.receipt, frozenset({"portal"})),
    "answer-portal": Method(portal_answer.AnswerPortal, portal_answer.carry_out, frozenset({"portal"})),
    "withdraw-at-portal": Method(portal_answer.WithdrawAtPortal, portal_answer.withdraw, frozenset({"portal"})),
    "portal-stands": Method(portal_page.PortalStands, portal_page.counted, PEOPLE),
    "gateway-leases": Method(gateway_words.GatewayLeases, gateway_told.leased, frozenset({"gateway"})),
    "gateway-read": Method(gateway_words.GatewayRead, gateway_told.told, frozenset({"gateway"})),
    "policy-known-as": Method(agreeing.KnownAs, agreeing.carry_out, frozenset({"policy"})),
    "policy-told": Method(policy_words.PolicyTold, policy_told.told, frozenset({"policy"})),
}
