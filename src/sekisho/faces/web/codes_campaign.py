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
LOST = {
    "withdrawn": N_("took part no longer, or took their word back"),
    "stopped": N_("asked for no more mail"),
    "bounced": N_("mail to this address came back for good"),
    "entrustment-stopped": N_("the entrustment was stopped"),
    "no-consent": N_("never agreed"),
}
