"""Words for the codes of law: who, what about a communication, which act, on what ground, by whose authority, checked how."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

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
SIDES = ROLES | {
    "operator": N_("the operator"),
    "public": N_("the public"),
    "caller": N_("caller"),
    "line-holder": N_("holder of the line"),
    "member": N_("member"),
    "other-provider": N_("the other provider"),
    "recipient": N_("recipient"),
    "applicant": N_("who applies"),
    "sender-domain-owner": N_("owner of the sender's domain"),
    "sub-contractor": N_("sub-contractor"),
    "user": N_("user"),
    "victim": N_("victim"),
}
"""Who agrees or gets to see it: the roles of the desk, and others a case names."""
REGIMES = {
    "TBA": N_("Telecommunications Business Act"),
    "TBA-exempt": N_("Telecommunications Business Act, exempt under 164(1)"),
    "WIRE": N_("Wire Telecommunications Act"),
    "RADIO": N_("Radio Act"),
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
DOCUMENTS = {
    "D0": N_("An event network, 2023"),
    "D1": N_("A marathon's mails, 2024"),
    "D2": N_("An ISP panel, 2006"),
    "D3": N_("A service with user posts, 2020"),
    "D4": N_("Third report on cyber attacks, 2018"),
}
CHECKS = {
    "evidence": N_("evidence of this kind is there, vouched for and fresh, and says what stands there"),
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
