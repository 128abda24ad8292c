"""Words for the codes of the register of entrustments."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

STATUSES = {
    "draft": N_("draft: somebody else must approve it"),
    "not-yet": N_("not begun yet"),
    "in-force": N_("in force"),
    "suspended": N_("stopped"),
    "over": N_("its term is over"),
    "ended": N_("ended"),
    "returned": N_("given back or erased"),
}
CLASSES = {
    "ordinary": N_("ordinary"),
    "contact": N_("for reaching somebody"),
    "financial": N_("about money"),
    "health": N_("about health"),
    "sensitive": N_("sensitive"),
}
ACTIONS = {
    "store": N_("store"),
    "send-mail": N_("send mails"),
    "send-post": N_("send letters"),
    "phone": N_("telephone"),
    "print": N_("print"),
    "ship": N_("pack and ship"),
    "answer": N_("answer questions"),
    "measure": N_("take times"),
    "publish-results": N_("publish results"),
    "medical-care": N_("give medical care"),
    "analyse": N_("analyse"),
    "erase": N_("erase"),
}
AGAIN = {
    "forbidden": N_("may not be handed on"),
    "prior-consent": N_("only if we agreed beforehand"),
    "free-with-notice": N_("yes, if we are told"),
}
RUNGS = {
    "aggregate": N_("counts only"),
    "pull": N_("nothing: people come by themselves"),
    "holder-sends": N_("nothing: we send for the contractor"),
    "holder-posts": N_("nothing: we send letters to people without the web"),
    "aliases": N_("an opaque address for each person"),
    "pseudonyms": N_("numbers that reach nobody"),
    "contact": N_("what people are reached by, and nothing beside it"),
    "fields": N_("the fields themselves"),
}
MOVES = {
    "agreed": N_("we agreed to its being handed on"),
    "approved": N_("approved"),
    "suspended": N_("stopped"),
    "resumed": N_("goes on"),
    "ended": N_("ended"),
    "returned": N_("given back or erased"),
    "lost": N_("the row was made again from the ledger; its words are lost"),
}
