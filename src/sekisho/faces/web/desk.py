"""What the console asks of the desk. The console decides nothing: it shows these answers and carries signed statements.

Every answer is plain JSON. Times are ISO 8601 in UTC with a `Z`; words of the case book are {"ja": ..., "en": ...};
octets and packets are integers; digests, keys and signatures are lower-case hex.

Shapes used below:

PlanBrief   {"id", "measure", "proposer": {"id", "name"}, "at", "outcome", "missing": int, "steps": [{"name", "kind", "outcome"}]}
Decision    what `gate.render` makes of `gate.answers.Decision`
PermitView  {"id", "measure", "step", "plan", "since", "until", "state": "in-force" | "withdrawn" | "ended", "over": when it ended or null,
            "cases": [str],
             "signed_by": [str], "one_person": bool, "out_of_scope": bool, "scope": {...}, "ledger_index": int,
             "withdrawn": {"by", "at", "reason"} | null}
PersonView  {"id", "name", "roles": [str], "key_kind": "file" | "passkey", "unsafe_demo": bool}; never a key
Error       {"error": {"code": str, ...}}: any answer may be one; the console has words for the codes in `codes.py`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from sekisho.faces.web.case_desk import CaseDesk
from sekisho.faces.web.door_desk import DoorDesk

Json: TypeAlias = dict[str, Any]
"""A JSON object as it came over the socket."""

STATEMENTS = ("approval", "confirmation", "withdrawal", "evidence", "comment", "sign-in")
"""What people sign. Fields the console sends for each, beside "person" (absent for sign-in):

approval      {"plan", "shown"}
confirmation  {"case", "measure", "plan", "reasons", "until": day}: valid until the end of that day in Japan, at most a year away
withdrawal    {"permit", "reason": one of REASONS}
evidence      {"plan", "kind", "value": {...}, "until": day | null, "document": digest | ""}: a document by its digest, else a statement
comment       {"plan", "text", "conflict": bool}
sign-in       {"nonce": hex}
"""

ENVELOPE_STATEMENTS = ("envelope-approval", "use-review", "revocation")
"""What people sign about envelopes. Fields the console sends for each, beside "person":

envelope-approval  {"envelope", "shown"}
use-review         {"use", "words"}
revocation         {"envelope", "reason"}
"""


ENTRUST_STATEMENTS = ("entrustment-approved", "entrustment-suspended")
"""What people sign about entrustments, with the same fields for each: {"entrustment", "what", "reason"}."""

ACCESS_STATEMENTS = ("line-opening", "line-closing", "sender-restoring")
"""What the help desk signs about a line or its mail: {"code", "reason", "days"}, {"exception", "reason"} and {"code", "reason"}."""
EVENT_STATEMENTS = ("board-stop", "event-end")
"""What people sign about an event: no fields, and {"event": its name}."""

CAMPAIGN_STATEMENTS = (
    "recipient-lost",
    "return-ended",
    "reply-reading",
    "reply-answer",
    "reply-settling",
    "admission-shut",
    "held-mail-reading",
    "held-mail-settling",
)
"""{"campaign", "recipient": pseudonym, "why"}: somebody is taken off a campaign. {"recipient", "reason"}: an address is good after all.
{"reply"}, {"reply", "words"} and {"reply", "ending"}: a reply is read, answered, settled. {"admission", "reason"}: it is shut.
{"mail"}: a held mail of a masked talk is read. {"mail", "fate", "without": [line]}: it is settled."""

REASONS = ("consent-withdrawn", "over", "objection", "mistake", "evidence-stale", "other")
"""Why a permit may be withdrawn."""


class DeskAway(Exception):
    """`keep` does not answer. Nothing can be decided, shown or signed until it does."""


class Desk(Protocol):
    """Answers and actions. Each method may raise DeskAway; a refusal is an Error answer, never an exception."""

    @property
    def cases(self) -> CaseDesk:
        """The same for cases of procedures."""

    @property
    def doors(self) -> DoorDesk:
        """The same for the public pages."""

    async def overview(self) -> Json:
        """{"demo": bool, "now", "operator", "waiting": [PlanBrief], "cards": [{"id", "measure", "question": words, "outcome",
        "decisions": [Decision]}], "findings": [{"measure", "count": int, "list", "since", "until", "plan": id | null}],
        "permits": {"in_force": int, "ending": [PermitView]}, "ledger": {"size", "root", "at"},
        "health": [{"process", "state", "counters": {name: int}}], "notices": [{"code", "args": {...}}, and
        perhaps "names" it is about and "href"]}"""

    async def plan(self, plan: str) -> Json:
        """PlanBrief + {"plan": {...}, "shown": hex, "decisions": [Decision],
        "approvals": [{"person", "name", "at"}] (of the plan as shown now),
        "comments": [{"person", "name", "text", "conflict": bool, "at"}], "conflicted": [person ids whose signature does not count],
        "one_person": bool (the operator has a single person),
        "signatures_needed": int, "evidence": [{"digest", "kind", "value", "purpose", "voucher": {"by", "who", "role"}, "at",
        "until", "fresh": bool}], "permits": [PermitView], "kinds": {kind: {"title": words, "fields": {name: type},
        "roles": [str], "vouchers": [str], "example": {...} and "example_document": digest (optional; a demo fills the form with
        them), "reading": {"ja", "en"} (optional; the text of the document, to be read before it is signed)}}, "confirmable": [case ids]}"""

    async def permits(self) -> Sequence[Json]:
        """Every permit, newest first: [PermitView]."""

    async def effects(self) -> Json:
        """What the permits say beside what was read in the kernel, as `desk/access/effects_show.py` says."""

    async def volumes(self, measure: str) -> Json:
        """The distribution of volumes that this measure rests on, as `desk/access/volumes_show.py` says."""

    async def opened_lines(self) -> Json:
        """Lines opened to port 25, as `desk/access/open_line.py` says."""

    async def mail_stages(self) -> Json:
        """What the mail server is answered, as `desk/mail/stages_show.py` says."""

    async def held_senders(self) -> Json:
        """Mail accounts at their sending limit, as `desk/mail/restore_sender.py` says."""

    async def measures(self) -> Sequence[Json]:
        """[{"name", "steps": [Step], "cases": [{"id", "title": words, "axis", "ground", "authority", "certainty"}],
        "permits": [PermitView]}]"""

    async def measure_effect(self, measure: str) -> Json:
        """Counts by day beside the days its permits lived, as `desk/effect/show.py` says."""

    async def book(self, words: str) -> Json:
        """{"country", "version", "digest", "measures": [{"measure", "title": words, "steps": [{"name", "kind", "says"}], "cases"}],
        "general": [case in one line], "asked": {"words", "sure": bool, "measures": [...]} | null}."""

    async def book_case(self, case: str) -> Json:
        """One case: {"case", "about", "steps", "axis", "ground", "norms", "cites", "conditions", "history", "examples", "kinds"},
        or an Error."""

    async def what_if(self, asked: Mapping[str, Any]) -> Json:
        """`asked`: {"measure", "step", "on", "regime", "without", "evidence", "scope", "confirmed"}, all but the first two optional.
        {"decision": Decision, "before": outcome, "evidence": [{"kind", "title", "there", "known", "fields": [{"name", "type", "value"}]}],
        "scope", "confirmable", "confirmed", "on", "regime"}; or an Error. Nothing is written."""

    async def traffic(self) -> Json:
        """{"permit": id | null, "minutes": [iso], "series": [{"prefix", "direction": "out" | "in", "octets": [int],
        "packets": [int]}], "interfaces": [{"exporter", "interface", "octets_in", "octets_out"}],
        "counters": [{"exporter", "records", "datagrams", "refused": {reason: int}}]}"""

    async def ledger(self, start: int, count: int) -> Json:
        """{"origin", "vkey", "size", "root", "entries": [{"index", "type", "at", "ids": {...}}]}, oldest first from `start`."""

    async def verify(self) -> Json:
        """Reads the whole ledger: {"ok", "size", "root", "checked", "seconds", "bad": {"index", "file", "why"} | null}."""

    async def receipt(self, index: int) -> str:
        """The entry's tlog-proof text; empty when there is no such entry."""

    async def explain(self, entry: int) -> Json:
        """{"entry": {...}, "decisions": [Decision]}: the decision replayed with the book of that day; or an Error that says which
        evidence is gone, when, under which duty."""

    async def envelopes(self) -> Sequence[Json]:
        """Every envelope with its uses, newest first, as `desk/permitting/envelope_show.py` says."""

    async def entrustments(self) -> Json:
        """The register of entrustments as a tree, as `desk/entrusting/entrust_show.py` says."""

    async def hand_overs(self) -> Json:
        """What went to whom, as `desk/entrusting/hand_over_show.py` says."""

    async def campaigns(self) -> Sequence[Json]:
        """Every campaign, newest first, as `listed` of `desk/messages/show.py` says."""

    async def campaign(self, campaign: str) -> Json:
        """One, with every text, as `one` of `desk/messages/show.py` says."""

    async def who_is(self, mail: str) -> Json:
        """{"recipient": pseudonym} of an address that somebody typed, on a list or not."""

    async def replies(self) -> Sequence[Json]:
        """What people wrote back, newest first, without a word of it, as `desk/messages/replies.py` says."""

    async def admissions(self) -> Sequence[Json]:
        """Contractors' people who hand in mails, and what they handed in, as `desk/messages/admit.py` says."""

    async def talks(self) -> Sequence[Json]:
        """Masked talks, newest first, of nobody, as `desk/talking/open.py` says."""

    async def held_mails(self) -> Sequence[Json]:
        """Their mails that wait for a person, oldest first, without a word of them, as `desk/talking/held.py` says."""

    async def tools(self) -> Json:
        """Contractors' tools, as `desk/entrusting/tool_show.py` says."""

    async def public_register(self) -> Json:
        """{"operator": {"name", "regime", "one_person"}, "object": {"window", "phone", "hours", "url"}, "demo": bool, "at",
        "in_force": [entry], "ended": [entry]}: what `desk.public_register` says; nothing in it is secret."""

    async def board(self) -> Json:
        """{"event", "at", "demo", "object", "panels"}: what `desk/event/board.py` says; nothing in it is secret."""

    async def event(self) -> Json:
        """{"event", "ended", "report", "gone", "searched"}: what `desk/event/report.py` says."""

    async def people(self) -> Sequence[Json]:
        """[PersonView]. In a demo the people a visitor may act as carry "unsafe_demo": true."""

    async def mailbox(self) -> Sequence[Json]:
        """Demo only: [{"at", "from", "to", "subject", "body", "headers": {name: value}}], newest first."""

    async def line(self, code: str) -> Json:
        """What the holder of a letter may know of their own line, by the code in it:
        {"reference", "seen": [{"at", "measure", "permit", "what": code}],
        "looks": [{"at", "measure", "step", "permit", "by": [str], "cases": [str], "entry": int}],
        "notices": [{"at", "measure", "text"}], "permits": [PermitView they may withdraw]}, or an Error.
        A wrong code says nothing about anybody."""

    async def withdraw_mine(self, code: str) -> Json:
        """End what concerns the line of the letter with this code: {"ok": true, "permits": [ids]}, or an Error."""

    async def consent(self, code: str) -> Json:
        """One consent by the code of its receipt: {"consent": {"id", "purpose", "elements": [str], "audience": [str], "days", "until",
        "notice": {"id", "version", "digest", "language"}, "events": [{"what", "at", "by"}]}, "shown": text,
        "receipt": JSON-LD, "live": bool}, or an Error."""

    async def withdraw_consent(self, code: str) -> Json:
        """End the consent of that receipt now: {"ok": true, "consents": [ids]}, or an Error."""

    async def look_again(self, permit: str) -> Json:
        """Ask for another look under a permit now: {"ok": true, "look": id}; an Error (withdrawn, ended) when it no longer holds."""

    async def statement(self, kind: str, fields: Mapping[str, Any]) -> Json:
        """{"statement": {...}, "digest": hex}: exactly what will be signed. Changes nothing."""

    async def submit(self, kind: str, statement: Json, signature: Json) -> Json:
        """Hand a signed statement to `keep`, which checks it. `signature` is {"person", "signature", "client_data",
        "authenticator_data"}, bytes as hex, the last two empty for a key file. Returns {"ok": true, ...}; for a sign-in
        {"ok": true, "person": PersonView}; or an Error."""

    async def demo_sign(self, person: str, digest: str) -> Json:
        """Only in a demo: sign with a person's unsafe-demo key. Returns a `signature` for `submit`, or an Error."""

    async def enrol_options(self, code: str) -> Json:
        """{"person": PersonView, "exclude": [credential hex]} for a live one-time code, or an Error. Does not use the code up."""

    async def enrol(self, code: str, key: Json) -> Json:
        """Bind a passkey to the code's person and use the code up. `key` is {"public_key": COSE hex, "credential": hex,
        "client_data": hex, "attestation_object": hex, "challenge": hex}. Returns {"ok": true, "person": PersonView}."""
