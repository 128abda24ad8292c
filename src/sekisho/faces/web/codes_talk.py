"""Words for the codes of masked talks and of their mails."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

TALKS = {
    "open": N_("open"),
    "waiting": N_("waits for an approval"),
    "withdrawn": N_("one of the two ended it"),
    "stopped": N_("stopped: its permit ended"),
    "over": N_("over: its term has passed"),
}
MAILS = {
    "waiting": N_("waits to be passed on"),
    "begun": N_("being handed to the mail server"),
    "unsure": N_("the mail server is being asked"),
    "passed": N_("passed on"),
    "refused": N_("refused by the mail server"),
    "unknown": N_("nobody knows whether it left"),
    "held": N_("held for a person"),
    "returned": N_("returned to its writer"),
    "dropped": N_("not passed on"),
}
FATES = {
    "release": N_("pass it on without the lines named below and without files; the machine looks at it once more"),
    "return": N_("return it: its writer hears which lines kept it here, and nothing of what stood there"),
    "drop": N_("do not pass it on, and delete its words"),
}
