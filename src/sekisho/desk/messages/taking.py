"""A mail that a contractor hands in, as the words `keep` takes: what it is called is its subject."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from sekisho.wire.cursor import FormError
from sekisho.wire.submitted import MOST, read_submitted

__all__ = ["MOST", "NotAMailing", "mailing"]


class NotAMailing(ValueError):
    """`code` says why, `detail` where; nothing of the mail is repeated."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def mailing(raw: bytes, domain: str, language: str) -> Mapping[str, Any]:
    """`domain`: of our aliases; `language`: of a text that does not say its own. Raises NotAMailing."""
    try:
        said = read_submitted(raw, domain, language)
    except FormError as why:
        raise NotAMailing(why.code, why.detail) from why
    texts = {language: {"subject": said.subject, "html": "", **kinds} for language, kinds in said.texts.items()}
    files = [{"name": f.name, "media": f.media, "content": base64.b64encode(f.content).decode("ascii")} for f in said.files]
    return {"name": said.subject, "texts": texts, "attachments": files}
