"""Words for the codes of campaigns: one message to many people."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

STATUSES = {
    "submitted": N_("waits for an approval"),
    "approved": N_("approved: its window is ahead"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "stopped": N_("stopped: nothing more leaves"),
    "over": N_("over: its window has passed"),
}
STATES = {
    "waiting": N_("not sent yet"),
    "begun": N_("being handed to the mail server"),
    "unsure": N_("the mail server is being asked"),
    "accepted": N_("taken by the mail server"),
    "refused": N_("refused by the mail server"),
    "unsendable": N_("no safe mail could be made"),
    "unknown": N_("nobody knows whether it left"),
    "lost": N_("left out"),
    "bounced": N_("came back"),
}
REPLIES = {
    "new": N_("read by nobody yet"),
    "read": N_("read by the desk"),
    "closed": N_("settled"),
    "answered": N_("settled: answered"),
    "nothing-asked": N_("settled: nothing was asked"),
    "case": N_("settled: it became a case"),
}
ANSWERS = {
    "waiting": N_("Its answer waits to be sent."),
    "begun": N_("Its answer is being sent."),
    "accepted": N_("Its answer was sent."),
    "refused": N_("The mail server refused its answer."),
    "unknown": N_("Nobody knows whether its answer left."),
    "stopped": N_("Its answer was stopped, as the permit ended: answer again once there is another."),
    "unsendable": N_("No safe mail could be made of its answer."),
}
ADMISSIONS = {
    "in-force": N_("may hand in"),
    "shut": N_("shut"),
    "row-not-in-force": N_("the entrustment is not in force"),
}
HANDED_IN = {"names-somebody": N_("names somebody of its set, and was not made a mailing")}
LOST = {
    "withdrawn": N_("took part no longer, or took their word back"),
    "stopped": N_("asked for no more mail"),
    "bounced": N_("mail to this address came back for good"),
    "entrustment-stopped": N_("the entrustment was stopped"),
    "no-consent": N_("never agreed"),
}
