"""The console's desk for cases, over `keep`'s channel. A file to attach waits here until somebody signed for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sekisho.desk.cases import letter_paper
from sekisho.desk.papers import PaperError
from sekisho.faces.web.desk import Json

STAGED = 8
"""Files that may wait for a signature at once: what is staged is memory."""


class KeepCases:
    """`ask` is the console's one way to `keep`: a method and its parameters to the answer, or to {"error": {...}}. Letters are set here."""

    def __init__(self, ask: Callable[..., Awaitable[Any]], texts: Path) -> None:
        self._ask, self._texts = ask, texts
        self._files: OrderedDict[str, bytes] = OrderedDict()

    async def listed(self, shown: str) -> Json:
        found: Json = await self._ask("cases", shown=shown)
        return found

    async def find(self, words: str, roles: Sequence[str]) -> Json:
        found: Json = await self._ask("find-cases", words=words, roles=roles)
        return found

    async def preview(self, matter: str, move: str, facts: Json) -> Any:
        return await self._ask("preview-move", matter=matter, move=move, facts=facts)

    async def prepared(self, matter: str, move: str, facts: Json) -> Json:
        found: Json = await self._ask("prepared-texts", matter=matter, move=move, facts=facts)
        return found

    async def one(self, case: str) -> Json:
        found: Json = await self._ask("case", matter=case)
        return found

    async def room(self, case: str) -> Json:
        found: Json = await self._ask("incident", matter=case)
        return found

    async def procedures(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("procedures")
        return found

    async def texts(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("letter-texts")
        return found

    async def file(self, attachment: str, dangerous: bool) -> Json:
        found: Json = await self._ask("attachment", attachment=attachment, dangerous=dangerous)
        return found

    async def letter(self, letter: str, masked: bool) -> Json:
        found: Json = await self._ask("letter", letter=letter, masked=masked)
        if "error" in found:
            return found
        try:
            made = await asyncio.to_thread(letter_paper.pdf, self._texts, found)
        except (letter_paper.CannotPrint, PaperError) as why:
            return {"error": {"code": getattr(why, "code", "no-words")}}
        return {"name": f"{found['number']}-{found['text'].partition('@')[0]}{'-masked' if masked else ''}.pdf", "content": made.hex()}

    async def reasons(self, case: str) -> Json:
        found: Json = await self._ask("reasons", matter=case)
        return found

    async def openings(self, matter: str) -> Any:
        return await self._ask("reveals", matter=matter)

    async def seen(self, opening: str, ticket: str) -> Json:
        found: Json = await self._ask("revealed", reveal=opening, ticket=ticket)
        return found

    async def certificate(self, opening: str, ticket: str, url: str) -> Json:
        found: Json = await self._ask("log-certificate", reveal=opening, ticket=ticket, url=url)
        return found

    def stage(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        self._files[digest] = content
        self._files.move_to_end(digest)
        while len(self._files) > STAGED:
            self._files.popitem(last=False)
        return digest

    def staged(self, digest: str) -> bytes | None:
        """The file of that digest, once."""
        return self._files.pop(digest, None)
