"""What the console asks of the desk about cases. Statements about them are made, signed and handed in like all others (`desk.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]

CASE_STATEMENTS = ("opening", "case-move", "attaching", "hold", "lift", "adoption", "reveal-order", "take-over")
"""What people sign about cases. Fields the console sends for each, beside "person":

opening    {"procedure", "facts": {...}, "owner"}
case-move  {"matter", "move", "after": int, "facts": {...}, "permit", "shown"}
attaching  {"matter", "paper", "name", "digest": SHA-256 hex, "size": octets}, the content staged before
hold       {"matter", "data": [selector], "until": iso, "reason", and "owed" where facts are named}
lift       {"hold", "reason"}
adoption   {"text", "digest"}
take-over  {"matter", "owner": who owned it as far as the page showed}
reveal-order  {"service", "record", "matter", "purpose", "permit", "full": bool}; answered with {"reveal", "ticket"}
"""


class CaseDesk(Protocol):
    """Answers about cases, shaped as `desk/cases/procedure_show.py` says. A refusal is an Error answer, never an exception."""

    async def listed(self, shown: str) -> Json:
        """{"now", "today", "shown", "cases": [...]}: due first; `shown` is open, closed or all."""

    async def find(self, words: str, roles: Sequence[str]) -> Json:
        """{"words", "cases": [rows]}: those whose number or facts hold all the words, as far as these roles have to do with them."""

    async def preview(self, matter: str, move: str, facts: Json) -> Any:
        """[{"text", "to", "language", "subject", "body"}]: the letters the move would draft; or an Error answer."""

    async def prepared(self, matter: str, move: str, facts: Json) -> Json:
        """{"language", "waiting", "texts": [{"text", "fact", "title", "said"}]}: what may be picked where the move asks for reasons."""

    async def one(self, case: str) -> Json:
        """One case by id or number, with all that can be done next."""

    async def room(self, case: str) -> Json:
        """The room of an incident, as `desk/incidents/room_show.py` says; or an Error answer."""

    async def procedures(self) -> Sequence[Json]:
        """Every table in force with the form of its opening."""

    async def texts(self) -> Sequence[Json]:
        """As `desk/cases/procedure_adopt.py` says: every text, what it is called, for which fact or none, who adopted it, its words."""

    async def file(self, attachment: str, dangerous: bool) -> Json:
        """{"name", "media", "content": hex, "found"}; one with malware only if `dangerous`, else Error attachment-dangerous {found, by}."""

    async def letter(self, letter: str, masked: bool) -> Json:
        """{"name", "content": hex}: the letter as PDF/A, or an Error answer."""

    async def openings(self, matter: str) -> Any:
        """[{"id", "at", "service", "purpose", "full", "by": {"id", "name"}, "permit", "entry", "state", "code", "withheld"}], newest
        first: which sender records were opened for a case. Never what was seen. Or an Error answer."""

    async def seen(self, opening: str, ticket: str) -> Json:
        """{"state", "code", "full", "view"}: what was seen, for who has the ticket; `view` as `desk/reveals.py` says, or null."""

    async def certificate(self, opening: str, ticket: str, url: str) -> Json:
        """The facts of a log certificate as `desk/posts/log_certificate.py` says, for who has the ticket; or an Error answer."""

    async def reasons(self, case: str) -> Json:
        """The machine-readable statement of reasons of a decided case."""

    def stage(self, content: bytes) -> str:
        """Remember a file until its statement is signed; its digest. A few files at a time, the oldest go first."""
