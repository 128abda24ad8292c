"""Words for the codes of the access network."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

STATES = {
    "not-held": N_("Nothing is put into this machine's kernel."),
    "silent": N_("What stands in the kernel is not known: “hold” does not answer."),
    "refused": N_("The kernel refuses."),
    "same": N_("What stands in the kernel is what the permits say."),
    "differs": N_("What stands in the kernel differs from what the permits say."),
}
AT_RESOLVER = {
    "not-held": N_("No resolver is held here."),
    "silent": N_("How the resolver answers is not known: “hold” does not answer."),
    "refused": N_("What the resolver reads cannot be written."),
    "same": N_("The resolver answers as the permits say."),
    "differs": N_("The resolver does not answer as the permits say."),
}
LINES = {
    "open": N_("open"),
    "over": N_("over"),
    "closed": N_("closed before its time"),
    "by-line": N_("closed by the line itself"),
}
MAIL = {
    "well": N_("The mail server is answered."),
    "down": N_("Counts cannot be written; the answer is as the plans declare."),
    "silent": N_("The process that answers is silent; the mail server goes by its own setting."),
    "not-set-up": N_("No mail server asks here ([policy] listen in the settings)."),
}
DOWN = {"pass": N_("mail passes while we cannot answer"), "defer": N_("mail waits while we cannot answer")}
SENDERS = {"held": N_("is held"), "over": N_("a day ago"), "restored": N_("let go again")}
NOTICES = {
    "none": N_("not told: no permit to tell, or no address"),
    "waiting": N_("waits"),
    "begun": N_("under way"),
    "accepted": N_("owner told"),
    "refused": N_("refused by the mail server"),
    "unknown": N_("nobody knows"),
    "stopped": N_("stopped"),
    "unsendable": N_("cannot be sent"),
}
SETS = {
    "answered": N_("devices that answered, let through"),
    "clients": N_("addresses of devices whose questions the resolver tells of"),
    "live": N_("in effect, renewed within 10 seconds"),
    "mail": N_("own mail servers"),
    "static": N_("prefixes with fixed addresses"),
    "open": N_("lines opened"),
    "range": N_("dynamic ranges"),
    "hours": N_("within its hours (IPv4 and IPv6)"),
    "lines": N_("ranges of lines"),
    "off": N_("lines switched off"),
    "names": N_("names of the list"),
    "class": N_("kbit/s of the class"),
}
EFFECT_KINDS = {
    "complaints": N_("Complaints"),
    "help-desk": N_("Help-desk contacts"),
    "blacklist": N_("Blacklist entries"),
    "reports": N_("Reports"),
    "load": N_("Load"),
}
EFFECT_WHEN = {
    "before": N_("before the first permit"),
    "during": N_("days on which a permit lived"),
    "after": N_("days without a permit since"),
}
