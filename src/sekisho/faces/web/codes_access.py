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
LINES = {
    "open": N_("open"),
    "over": N_("over"),
    "closed": N_("closed before its time"),
    "by-line": N_("closed by the line itself"),
}
SETS = {
    "live": N_("in effect, renewed within 10 seconds"),
    "mail": N_("own mail servers"),
    "static": N_("prefixes with fixed addresses"),
    "open": N_("lines opened"),
    "range": N_("dynamic ranges"),
    "hours": N_("within its hours (IPv4 and IPv6)"),
    "lines": N_("ranges of lines"),
    "class": N_("kbit/s of the class"),
}
