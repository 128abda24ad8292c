"""The page about the sender says what the code does: every reason, every reading, every recipe."""

from __future__ import annotations

import re

from sekisho_sender.trust import Reading
from tests.sender.town import RECIPES, ROOT, SERVERS

PAGE = (ROOT / "docs" / "sender.md").read_text("utf-8")
CODE = ROOT / "packages" / "sender" / "src" / "sekisho_sender"
READERS = ("nodes", "forwarded", "proxy_protocol", "connection", "walk")
BESIDE = {"not-proxy", "family", "tlv", "too-short", "version-or-command", "too-late"}
"""Wrong PROXY headers end the connection; no record ever carries these."""


def reasons() -> set[str]:
    text = "\n".join((CODE / f"{name}.py").read_text("utf-8") for name in READERS)
    said = re.findall(r'(?:Unreadable\(|End\(None, None, |wrong=|no_local=|why_port=|empty\(walk, seen_us, )"([a-z-]+)"', text)
    more = re.findall(r'(?:return (?:int\(text\)|None), |no_local = [^\n]*|else |or )"([a-z][a-z-]+)"', text)
    return {*said, *more, "zero", "unknown", "obfuscated"} - {"unix", "proxy-protocol"}


def test_every_reason_for_an_empty_value_is_explained() -> None:
    assert len(reasons()) > 15
    assert {reason for reason in reasons() - BESIDE if f"`{reason}`" not in PAGE} == set()


def test_every_reading_recipe_and_server_has_its_line() -> None:
    files = [path.relative_to(RECIPES).as_posix() for folder in ("nginx", "haproxy") for path in (RECIPES / folder).iterdir()]
    assert len(files) == 6
    assert [name for name in (*files, *Reading) if f"`{name}`" not in PAGE] == []
    assert [name for name in SERVERS if f"| {name.split('-')[0]}" not in PAGE] == []
