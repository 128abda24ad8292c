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
    "nobody": N_("nobody’s yet: take it over"),
    "overdue": N_("overdue"),
    "ready": N_("the wait is over: to be decided"),
    "soon": N_("due soon"),
    "waiting": N_("waiting"),
    "closed": N_("closed"),
}
REPORT = {
    "received": N_("Received in the year"),
    "deletion-decided": N_("Claims for deletion decided, by the right said to be infringed"),
    "appeal-decided": N_("Appeals of posters decided"),
    "disclosure-decided": N_("Requests for disclosure decided"),
    "deletion-grounds": N_("Deletion: on which ground"),
    "inquiries": N_("Posters who were asked, and what they answered"),
    "told-late": N_("Answers to claimants, late or in time"),
    "poster-told": N_("Measures of which the poster was told"),
    "items": N_("Items of sender data asked for"),
}
COUNTED = {
    "all": N_("cases"),
    "deletion": N_("claims for deletion"),
    "appeal": N_("appeals"),
    "disclosure": N_("requests for disclosure"),
    "none": N_("not said"),
    "honour": N_("honour"),
    "privacy": N_("privacy"),
    "portrait": N_("portrait"),
    "copyright": N_("copyright and related rights"),
    "trademark": N_("trademark"),
    "other": N_("another"),
    "removed": N_("removed"),
    "limited": N_("limited"),
    "kept": N_("kept"),
    "dropped": N_("closed without a decision"),
    "restored": N_("restored"),
    "upheld": N_("upheld"),
    "disclosed": N_("disclosed"),
    "refused": N_("disclosure refused"),
    "no-data": N_("no data held"),
    "law": N_("by law"),
    "rules": N_("by the own rules"),
    "order": N_("by a court's order"),
    "objected": N_("objected"),
    "agreed": N_("agreed"),
    "silent": N_("silent"),
    "late": N_("late"),
    "in-time": N_("in time"),
    "told": N_("told"),
    "not-told": N_("not told"),
    "released": N_("released"),
    "not-released": N_("not released"),
}
OUTSIDE = {
    "outside:claimant": N_("by the person who sent the form on the web"),
    "outside:poster": N_("by the person we asked, on the answer page"),
}
CLOCKS = {"running": N_("counting"), "over": N_("its last day is over"), "stopped": N_("stopped")}
HOLDS = {"living": N_("in force"), "lifted": N_("lifted"), "replaced": N_("replaced by a later one"), "over": N_("its time is over")}
OPENINGS = {
    "shown": N_("opened"),
    "fetching": N_("the record is being fetched"),
    "counting": N_("the service is being told"),
    "ready": N_("about to be opened"),
    "refused": N_("not opened"),
    "failed": N_("it stopped on the way; nothing was seen"),
}
SENDER_ITEMS = {
    "post-address-and-port": N_("IP address and port of the post"),
    "post-time": N_("day and time of the post"),
    "login-address-and-port": N_("IP address and port of the log-in"),
    "login-time": N_("day and time of the log-in"),
    "name": N_("name"),
    "address": N_("postal address"),
    "telephone": N_("telephone number"),
    "mail": N_("mail address"),
}
ADDRESSEES = {
    "claimant": N_("to the claimant"),
    "poster": N_("to the poster"),
    "customer": N_("to the customer"),
    "provider": N_("to the provider"),
    "person": N_("to one person"),
    "people": N_("to the persons"),
    "authority": N_("to an authority"),
    "contractor": N_("to the contractors"),
    "entruster": N_("to who entrusted us"),
}
PUBLIC_STATEMENTS = {"first": N_("First statement"), "addition": N_("Addition"), "correction": N_("Correction")}
TOLD_WAYS = {
    "mail": N_("reached by mail"),
    "on-its-way": N_("mail on its way"),
    "post": N_("by post"),
    "nobody": N_("nothing reaches them"),
}
TOLD_WHY = {
    "twice": N_("twice in the list"),
    "no-mail": N_("no mail address"),
    "no-address": N_("no postal address"),
    "nothing-mailed": N_("no campaign is tied to this incident"),
    "not-in-the-campaign": N_("not in the campaign"),
    "refused": N_("mail refused"),
    "unsendable": N_("no mail can be made"),
    "unknown": N_("mail: nobody knows"),
    "lost": N_("left out of the campaign"),
    "bounced": N_("mail came back"),
}
CALLS = {
    "none": N_("the settings name no address for it"),
    "accepted": N_("mailed"),
    "refused": N_("the mail was refused"),
    "unsendable": N_("no mail can be made for this address"),
    "unknown": N_("nobody knows whether the mail arrived"),
}
LACKS = {
    "paper-missing": N_("not attached yet:"),
    "clock-not-over": N_("not over yet:"),
    "clock-not-running": N_("not running:"),
    "clock-over": N_("over already:"),
    "must": N_("does not hold:"),
    "text-not-adopted": N_("the legal officer has not adopted the text:"),
    "unknown-text": N_("there is no such text"),
    "no-permit-left": N_("no permit to let this out; send it back and decide again"),
    "withdrawn": N_("the permit was withdrawn; send it back and decide again:"),
    "ended": N_("the permit is over; send it back and decide again:"),
    "clock-open": N_("this clock still runs:"),
    "question-open": N_("no answer yet to question"),
    "no-cause": N_("no cause was written down yet"),
    "cause-not-ended": N_("not asked on down to a process, tool or decision: cause"),
    "cause-without-measure": N_("no measure answers cause"),
    "measure-unowned": N_("nobody owns measure"),
    "order-open": N_("not acknowledged yet: order"),
    "nobody-acknowledged": N_("nobody acknowledged that they have it"),
    "person-as-root": N_("a person is no root: ask on, down to a process, a tool or a decision"),
    "cause-names-person": N_("a root names one of our people; say the process, tool or decision:"),
    "campaign-not-approved": N_("no approved campaign:"),
    "no-people-list": N_("this is no list of persons attached to this case:"),
    "no-permit-to-post": N_("no permit in force to hand this list to that firm:"),
    "not-posted": N_("nothing was posted by this list:"),
    "order-answered": N_("everybody has answered this order:"),
    "order-leaves-out": N_("this row of the register is left out:"),
    "unknown-row": N_("no living row of the register:"),
    "unknown-number": N_("there is none of this number:"),
    "no-such-moment": N_("write a day, or a day and a time, as in 2026-11-19 22:05"),
    "for-the-outside-body": N_("a complaint about our own people is answered by the outside body:"),
    "undone-not-said": N_("say how many accounts were undone; order"),
    "printer-not-in-force": N_("who prints and posts stands in no row of the register that is in force:"),
    "amends-profit-leaker": N_("whom the leak came from profits by it; say why it is done all the same:"),
    "names-a-reporter": N_("the name of a protected reporter stands in it: number"),
    "names-our-people": N_("it names one of our people who is not the one to speak:"),
    "no-spokesperson": N_("nobody was named to speak"),
    "first-statement": N_("the first statement comes first, and once"),
    "published-already": N_("published already: statement"),
}
SCANS = {
    "clean": N_("scanned for malware: nothing found"),
    "found": N_("DANGER: malware found"),
    "none": N_("not scanned for malware: no scanner is set up"),
    "away": N_("not scanned for malware: the scanner is away; it will be, once it is back"),
    "waiting": N_("not scanned for malware yet: it waits its turn"),
    "encrypted": N_("not scanned for malware: encrypted, the scanner cannot look inside"),
    "limits": N_("not scanned for malware: unpacked, it exceeds the scanner's limits"),
    "too-large": N_("not scanned for malware: larger than the scanner takes"),
    "slow": N_("not scanned for malware: it took too long"),
    "error": N_("not scanned for malware: the scanner reported an error"),
    "unreadable": N_("not scanned for malware: the file could not be read"),
}
