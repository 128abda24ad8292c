"""Codes into sentences. Everything the desk says as a code gets its words here; a code nobody wrote words for is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping


def N_(message: str) -> str:
    """Marks a sentence for translation."""
    return message


OUTCOMES = {
    "permitted": N_("permitted"),
    "refused": N_("refused"),
    "referred": N_("referred to a person"),
    "out-of-scope": N_("not a matter of this axis"),
    "met": N_("met"),
    "unmet": N_("missing"),
    "ask": N_("a person must answer"),
}
ROLES = {
    "engineer": N_("engineer"),
    "desk": N_("abuse desk"),
    "help-desk": N_("help desk"),
    "reviewer": N_("reviewer"),
    "legal-officer": N_("legal officer"),
    "responsible-window": N_("responsible window"),
    "key-holder": N_("key holder"),
    "auditor": N_("auditor"),
    "subscriber": N_("subscriber"),
    "attendee": N_("attendee"),
    "poster": N_("poster"),
    "participant": N_("participant"),
    "reporter": N_("reporter"),
    "contractor": N_("contractor"),
    "outside-reviewer": N_("outside reviewer"),
}
ELEMENTS = {
    "content": N_("content"),
    "party": N_("party"),
    "counterpart": N_("counterpart"),
    "datetime": N_("date and time"),
    "place": N_("place"),
    "count": N_("count"),
    "existence": N_("existence"),
    "header": N_("other headers"),
    "inferable": N_("what lets these be inferred"),
}
TOUCHED = {
    "content": N_("what is said or written"),
    "party": N_("which line or person"),
    "counterpart": N_("with whom or with what"),
    "datetime": N_("when"),
    "place": N_("from where"),
    "count": N_("how much and how often"),
    "existence": N_("whether there was any"),
    "header": N_("ports, lengths and other headers"),
    "inferable": N_("what lets these be inferred"),
}
"""The elements of a communication for people who read no law."""
ACTS = {
    "learn": N_("learn"),
    "use": N_("use"),
    "disclose": N_("let others know"),
    "collect": N_("collect"),
    "entrust": N_("entrust"),
    "provide": N_("provide"),
}
KINDS = {
    "collect": N_("collect"),
    "look": N_("look"),
    "match": N_("match"),
    "identify": N_("identify"),
    "block": N_("block"),
    "throttle": N_("throttle"),
    "send": N_("send"),
    "hand-over": N_("hand over"),
    "delete": N_("delete"),
    "disclose": N_("disclose"),
    "publish": N_("publish"),
}
AXES = {
    "secrecy": N_("secrecy of communications"),
    "censorship": N_("no censorship"),
    "fairness": N_("fairness of use"),
    "personal-data": N_("personal data"),
    "contract": N_("contract and terms"),
    "duties": N_("duties afterwards"),
}
GROUNDS = {
    "G1": N_("individual, specific, clear consent"),
    "G2": N_("advance consent in the terms"),
    "G2-5": N_("default on under five conditions"),
    "G3": N_("legitimate business"),
    "G4": N_("self-defence"),
    "G5": N_("necessity"),
    "G6": N_("statute or warrant"),
    "G0": N_("not secrecy of communications"),
    "rule": N_("rule of this axis"),
    "none": N_("no ground carries this"),
}
AUTHORITIES = {
    "A0": N_("the operator's own rule"),
    "A1": N_("statute"),
    "A2": N_("court"),
    "A3": N_("ministry"),
    "A4": N_("industry guideline"),
    "A5": N_("scholar"),
    "A6": N_("press"),
}
CERTAINTIES = {
    "LAW": N_("text of the law read"),
    "SEED": N_("said in a founding document"),
    "SRC": N_("found in a stored source"),
    "MEM": N_("from memory: a person must confirm"),
    "INF": N_("inferred: a person must confirm"),
}
VOUCHERS = {
    "probe": N_("measured by a probe"),
    "document": N_("document"),
    "statement": N_("signed statement"),
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
DOCUMENTS = {
    "D0": N_("An event network, 2023"),
    "D1": N_("A marathon's mails, 2024"),
    "D2": N_("An ISP panel, 2006"),
    "D3": N_("A service with user posts, 2020"),
    "D4": N_("Third report on cyber attacks, 2018"),
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
    "adoption": N_("Adoption of a text"),
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
    "case-opened": N_("case opened"),
    "case-moved": N_("case moved on"),
    "attached": N_("file attached"),
    "letter-drafted": N_("letter drafted"),
    "held": N_("legal hold set"),
    "hold-ended": N_("legal hold ended"),
    "reminded": N_("reminder given"),
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
}
CONSENTS = {
    "given": N_("consent was given"),
    "refused": N_("consent was refused"),
    "withdrawn": N_("consent was withdrawn"),
    "expired": N_("its term was over"),
    "notice-changed": N_("the text changed; this consent does not cover the new one"),
    "replaced": N_("the same question was answered again"),
}
CHECKS = {
    "evidence": N_("evidence of this kind is there, vouched for and fresh, and says what stands here"),
    "single-purpose": N_("the plan serves this one purpose and says so"),
    "elements-within": N_("the step touches no other elements than these"),
    "audience": N_("nobody else gets to see it"),
    "only-hits": N_("only hits are kept"),
    "applied-alike": N_("it is applied alike to all, and leaves nobody out"),
    "list-origin": N_("the list used is the very one somebody vouches for, with its origin and review"),
    "consent": N_("a record of consent covers this very step: who, what, for what, for whom, how long"),
    "sides": N_("as many sides of the communication agree as the rule asks for"),
    "declared": N_("the plan binds itself to this"),
    "term": N_("the plan names a term, no longer than the one vouched for"),
    "survey": N_("enough of those asked beforehand agree"),
}
PREDICATES = {
    "is": N_("is"),
    "least": N_("at least"),
    "most": N_("at most"),
    "among": N_("one of"),
    "has": N_("names all of"),
    "only": N_("nothing but"),
    "scope": N_("the same as the plan's"),
    "by-day": N_("not after the day of the act"),
    "before-day": N_("before the day of the act"),
    "within-days": N_("so many days back at most:"),
    "step": N_("names this purpose"),
    "given": N_("has happened or was said"),
}
WRONG = {
    "empty": N_("is required"),
    "int": N_("must be a whole number"),
    "bool": N_("must be yes or no"),
    "day": N_("must be a day such as 2026-11-21"),
    "digest": N_("must be a SHA-256 digest: 64 hexadecimal digits, lower case"),
    "long": N_("is too long"),
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
    "adoption": N_("The text is adopted. From now on letters are drafted from it."),
    "enrolment": N_("Your passkey is set up. You can sign in with it now."),
    "sign-out": N_("You are signed out."),
}
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
TABLES: Mapping[str, Mapping[str, str]] = {
    "outcome": OUTCOMES,
    "role": ROLES,
    "element": ELEMENTS,
    "touched": TOUCHED,
    "act": ACTS,
    "kind": KINDS,
    "axis": AXES,
    "ground": GROUNDS,
    "authority": AUTHORITIES,
    "certainty": CERTAINTIES,
    "voucher": VOUCHERS,
    "state": STATES,
    "process": PROCESSES,
    "proposer": PROPOSERS,
    "measure": MEASURES,
    "missing": MISSING,
    "document": DOCUMENTS,
    "statement": STATEMENTS,
    "entry": ENTRIES,
    "why": WHY,
    "notice": NOTICES,
    "seen": SEEN,
    "consent": CONSENTS,
    "wrong": WRONG,
    "check": CHECKS,
    "predicate": PREDICATES,
    "reason": REASONS,
    "done": DONE,
    "unit": UNITS,
    "owed": OWED,
    "when": WHENS,
    "clock": CLOCKS,
    "hold": HOLDS,
    "lack": LACKS,
}


def sentence(table: str, code: str) -> str:
    """The English message of a code, or the code itself when nobody wrote one."""
    return TABLES[table].get(code, code)
