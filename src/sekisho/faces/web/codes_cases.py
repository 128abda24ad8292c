"""Words for the codes of cases and duties: clocks, terms, holds, and what a move still lacks."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

UNITS = {
    "hours": N_("hours"), "days": N_("days"), "business-days": N_("business days"), "months": N_("months"), "years": N_("years"),
    "at-once": N_("at once"), "promptly": N_("promptly"), "without-delay": N_("without delay"),
}
OWED = {
    "duty": N_("duty"), "shield": N_("shield from liability"), "hold": N_("must not be deleted"),
    "due": N_("due"), "not-due": N_("not due"), "done": N_("done"), "late": N_("done late"), "breached": N_("overdue"),
    "lapsed": N_("lapsed"), "open": N_("shield open"), "shut": N_("shield shut"),
    "holds": N_("held"), "ended": N_("no longer held"), "not-held": N_("not held"),
}
WHENS = {
    "overdue": N_("overdue"),
    "ready": N_("the wait is over: to be decided"),
    "soon": N_("due soon"),
    "waiting": N_("waiting"),
    "closed": N_("closed"),
}
OUTSIDE = {
    "outside:claimant": N_("from outside: whoever sent the form, by their code"),
    "outside:poster": N_("from outside: whoever was asked, by the code in the letter"),
}
CLOCKS = {"running": N_("counting"), "over": N_("its last day is over"), "stopped": N_("stopped")}
HOLDS = {"living": N_("in force"), "lifted": N_("lifted"), "replaced": N_("replaced by a later one"), "over": N_("its time is over")}
LACKS = {
    "paper-missing": N_("not attached yet:"),
    "clock-not-over": N_("not over yet:"),
    "clock-not-running": N_("not running:"),
    "clock-over": N_("over already:"),
    "must": N_("does not hold:"),
    "text-not-adopted": N_("the legal officer has not adopted the text"),
    "unknown-text": N_("there is no such text"),
}
