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
DUE = {
    "list-leaked": N_("a list leaked, by the look of it; open an incident that names this row"),
    "back-late": N_("not given back, not erased; due by"),
    "back-due": N_("to be given back or erased by"),
    "row-ends": N_("the entrustment ends on"),
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
HAND_OVERS = {
    "waiting": N_("waiting"),
    "begun": N_("sealed, being confirmed"),
    "given": N_("handed over"),
    "refused": N_("refused: nothing left"),
    "stopped": N_("stopped: nothing left"),
    "unknown": N_("unknown: for a person to look into, never handed over again"),
}
HAND_OVER_WHY = {
    "permit-names-no-file": N_("the permit names no list"),
    "another-file": N_("another list than the one that was approved"),
    "another-key": N_("the party's key changed after the approval"),
    "more-people-than-permitted": N_("more people than permitted"),
    "more-than-the-rung": N_("a field that the rung does not allow"),
    "no-such-column": N_("a heading of the plan is not in the list"),
    "field-not-in-row": N_("a field the row does not have"),
    "columns-not-as-fields": N_("headings and fields do not match"),
    "too-few-canaries": N_("too few of our own left: add to the list of the setting `canaries`"),
    "no-canary-asked": N_("nothing goes without one of our own in it"),
    "canaries-not-readable": N_("the list of the setting `canaries` cannot be read"),
    "nothing-leaves": N_("on this rung nothing is handed over"),
    "ended": N_("the permit ended"),
    "withdrawn": N_("the permit was withdrawn"),
    "row-not-in-force": N_("the entrustment is not in force"),
    "outside-scope": N_("outside the permit"),
    "key-refused": N_("it waited longer than a day, and its key is gone"),
    "disk": N_("the disk refused"),
    "not-a-key": N_("the party's key is no age key"),
    "not-a-list": N_("What was laid in is no list"),
    "too-large": N_("The list is larger than 3 MiB: hand it over in parts"),
    "utf-16": N_("UTF-16: save it as CSV in UTF-8 or Shift_JIS"),
    "encoding": N_("Neither UTF-8 nor Shift_JIS at this place"),
    "quote": N_("A quote mark at this place is not closed, or stands inside a cell"),
    "cell-too-long": N_("This cell is longer than 2,000 characters"),
    "control-character": N_("This cell has a control character"),
    "too-many-columns": N_("More than 128 columns"),
    "too-many-rows": N_("More than 100,000 people"),
    "no-columns": N_("The first line names no columns"),
    "column-unnamed": N_("A column has no heading"),
    "column-twice": N_("Two columns have the same heading"),
    "too-few-cells": N_("This line has fewer cells than there are headings"),
    "too-many-cells": N_("This line has more cells than there are headings"),
}
WITHHELD = {
    "nobody": N_("the line names nobody"),
    "twice": N_("there twice"),
    "objected": N_("at their own wish"),
}
TOOLS = {
    "not-asked": N_("no tool is asked about"),
    "clear": N_("clear for real data"),
    "no-declaration": N_("nothing is declared yet"),
    "old-questions": N_("an older list of questions was answered"),
    "no-drill": N_("not drilled yet"),
    "stale": N_("there is a newer release"),
    "undeclared-function": N_("a function worked that nobody had declared"),
    "forbidden-function": N_("a function is on that no entrustment allows"),
    "shows-addresses": N_("people saw others' addresses"),
    "drill-incomplete": N_("the drill is not complete"),
    "no-sheet": N_("waits for both signatures"),
    "no-go": N_("signed as no-go"),
}
TOOL_MOVES = {
    "go": N_("go, signed by both"),
    "no-go": N_("signed as no-go"),
    "released": N_("a new release"),
    "lost": N_("the row was made again from the ledger; its words are lost"),
}
DRILL_STEPS = {
    "sign-up": N_("sign up"),
    "post": N_("post"),
    "reply": N_("reply"),
    "reply-all": N_("reply to all"),
    "forward": N_("forward"),
    "delete": N_("ask to be deleted"),
    "unsubscribe": N_("leave"),
    "post-after": N_("post after somebody left"),
    "bounce": N_("bounce"),
}
DRILL_RAN = {
    "mail": N_("done"),
    "refused": N_("the tool refused"),
    "not-offered": N_("not offered"),
    "failed": N_("nobody answered"),
}
