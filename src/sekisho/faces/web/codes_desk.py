"""Words for the codes of the desk: answers, states, entries of the ledger, what was done, what was wrong with a form."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

OUTCOMES = {
    "permitted": N_("permitted"),
    "refused": N_("refused"),
    "referred": N_("referred to a person"),
    "out-of-scope": N_("not a matter of this axis"),
    "met": N_("met"),
    "unmet": N_("missing"),
    "ask": N_("a person must answer"),
}
STATES = {
    "in-force": N_("in force"),
    "withdrawn": N_("withdrawn"),
    "ended": N_("ended"),
    "running": N_("running"),
    "starting": N_("starting"),
    "waiting": N_("waiting"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
    "idle": N_("idle"),
    "up": N_("running"),
    "silent": N_("silent"),
    "unheard": N_("not heard of yet"),
    "on-demand": N_("started for each look"),
}
ENVELOPES = {
    "waiting": N_("waiting for two approvals"),
    "in-force": N_("in force"),
    "lapsed": N_("lapsed"),
    "revoked": N_("revoked"),
}
PROPOSERS = {
    "process:keep": N_("this node, from what it found"),
}
PROCESSES = {
    "keep": N_("decides, signs, holds the keys"),
    "collect": N_("receives and seals"),
    "work": N_("looks, one permit at a time"),
    "act": N_("touches the world"),
    "show": N_("this console; holds no keys"),
}
MEASURES = {
    "infected-notice": N_("Notice to infected subscribers"),
    "traffic-picture": N_("Traffic picture"),
    "public-board": N_("Public board of an event network"),
    "entrustment": N_("Handing lists to contractors"),
    "default-on-filter": N_("Filter that is on by default"),
    "disclosure-request": N_("Disclosure of a sender"),
}
MISSING = {
    "condition": N_("A condition does not hold"),
    "evidence": N_("Evidence is missing"),
    "confirmation": N_("A case needs the legal officer's confirmation"),
    "signature": N_("A signature is missing"),
    "case": N_("No case of the book covers this"),
}
STATEMENTS = {
    "approval": N_("Approval of a plan"),
    "confirmation": N_("Confirmation of a referred case"),
    "withdrawal": N_("Withdrawal of a permit"),
    "evidence": N_("Laying in evidence"),
    "comment": N_("Comment on a plan"),
    "sign-in": N_("Sign-in"),
    "opening": N_("Taking a case in"),
    "case-move": N_("Move of a case"),
    "attaching": N_("Attaching a file"),
    "hold": N_("Order to hold data"),
    "lift": N_("Order to lift a hold"),
    "reveal-order": N_("Order to open a sender record"),
    "adoption": N_("Adoption of a text"),
    "envelope-approval": N_("Approval of an envelope"),
    "use-review": N_("Review of a use"),
    "revocation": N_("Revoking an envelope"),
}
ENTRIES = {
    "plan": N_("plan"),
    "evidence": N_("evidence"),
    "approval": N_("approval"),
    "confirmation": N_("confirmation"),
    "permit": N_("permit"),
    "withdrawal": N_("withdrawal"),
    "expiry": N_("permit ended"),
    "key-made": N_("key made"),
    "look": N_("look"),
    "key-release": N_("key release"),
    "order": N_("order"),
    "done": N_("order carried out"),
    "refused": N_("refusal"),
    "destroyed": N_("key destroyed"),
    "person": N_("person enrolled"),
    "text-adopted": N_("text adopted"),
    "checkpoint-seen": N_("checkpoint seen"),
    "started": N_("start"),
    "clock-jump": N_("clock jump"),
    "opt-out": N_("opted out"),
    "dismissed": N_("person dismissed"),
    "unconfirmed": N_("confirmation taken back"),
    "found": N_("found"),
    "look-over": N_("look over"),
    "invited": N_("person invited"),
    "referred": N_("referred"),
    "recovered": N_("gap recovered"),
    "book-loaded": N_("case book put in force"),
    "exchanged": N_("cases of another operator taken in"),
    "notice-shown": N_("a text shown to people was kept"),
    "consent": N_("somebody answered whether they consent"),
    "consent-over": N_("a consent ended"),
    "comment": N_("comment on a plan"),
    "envelope": N_("envelope proposed"),
    "envelope-approved": N_("envelope approved"),
    "envelope-used": N_("envelope used"),
    "envelope-reviewed": N_("use of an envelope reviewed"),
    "envelope-revoked": N_("envelope revoked"),
    "notice-changed": N_("text for consent changed"),
    "case-opened": N_("case opened"),
    "case-moved": N_("case moved on"),
    "attached": N_("file attached"),
    "letter-drafted": N_("letter drafted"),
    "held": N_("legal hold set"),
    "hold-ended": N_("legal hold ended"),
    "reminded": N_("reminder given"),
    "reveal": N_("a sender record was asked for"),
    "entrusted": N_("entrustment entered in the register"),
    "entrustment-moved": N_("entrustment changed"),
}
WHY = {
    "another-book": N_("The case book of that day is not here; another one is in force."),
    "evidence-gone": N_("The evidence was deleted when its term was over."),
}
SEEN = {
    "contacts": N_("A terminal on your line talked to a server on a list of control servers."),
    "named": N_("Your line was found from an address and a time."),
}
REASONS = {
    "consent-withdrawn": N_("consent was withdrawn"),
    "over": N_("it is over"),
    "objection": N_("somebody objected"),
    "mistake": N_("it was a mistake"),
    "evidence-stale": N_("the evidence no longer holds"),
    "other": N_("another reason"),
    "envelope-revoked": N_("its envelope was revoked"),
}
CONSENTS = {
    "given": N_("consent was given"),
    "refused": N_("consent was refused"),
    "withdrawn": N_("consent was withdrawn"),
    "expired": N_("its term was over"),
    "notice-changed": N_("the text changed; this consent does not cover the new one"),
    "replaced": N_("the same question was answered again"),
}
WRONG = {
    "empty": N_("is required"),
    "int": N_("must be a whole number"),
    "bool": N_("must be yes or no"),
    "day": N_("must be a day such as 2026-11-21"),
    "digest": N_("must be a SHA-256 digest: 64 hexadecimal digits, lower case"),
    "long": N_("is too long"),
    "letters": N_("holds something that does not belong there: letters nobody sees, or a value not offered"),
    "past": N_("must lie in the future"),
    "year": N_("must be at most a year away"),
}
NOTICES = {
    "permit-ends": N_("A permit ends soon. Propose a new plan in time, or its purpose stops."),
    "unsafe-demo": N_("This is a demo: its keys are public and must never protect real data."),
    "clock-jumped": N_("The clock jumped. No permit is issued until an engineer has checked it."),
    "seen-old": N_("A case of the book was last read against its source more than a year ago."),
}
DONE = {
    "look": N_("A look was asked for; it runs now and stands in the ledger."),
    "approval": N_("Your approval was checked and written down."),
    "confirmation": N_("Your confirmation was checked and written down."),
    "withdrawal": N_("The permit is withdrawn. From now on the next read and the next effect under it fail."),
    "comment": N_("What you said was checked and written down."),
    "withdraw-consent": N_("You have withdrawn. From now on nothing that rests on this consent is done."),
    "withdraw-mine": N_("You have withdrawn. From now on no read and no mail about your line is made for this."),
    "evidence": N_("The evidence was checked and laid in. The answer below is the new one."),
    "opening": N_("The case was taken in. Below is what can be done next."),
    "case-move": N_("The move was checked and written down. Below is where the case stands now."),
    "attaching": N_("The file was checked, sealed and written down."),
    "hold": N_("The data are kept from deletion. Nobody may open them for that."),
    "lift": N_("The hold is lifted. Data past their term are destroyed within seconds."),
    "envelope-approval": N_("Your approval of the envelope was checked and written down."),
    "use-review": N_("Your review was checked and written down."),
    "revocation": N_("The envelope is revoked. Every permit made in it has ended."),
    "adoption": N_("The text is adopted. From now on letters are drafted from it."),
    "enrolment": N_("Your passkey is set up. You can sign in with it now."),
    "sign-out": N_("You are signed out."),
}
