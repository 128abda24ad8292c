"""A campaign as its submitter writes it: a folder with campaign.toml, the texts beside it, and the list of people as CSV.

Every file is read here, once, into the words that are signed: what lies in the folder afterwards does not matter any more.
"""

from __future__ import annotations

import base64
import csv
import secrets
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho.desk import commitment
from sekisho.law.campaign import Campaign, Recipient
from sekisho.law.canonical import plain
from sekisho.law.reading import read

OWN = ("mail", "name", "language")
LARGEST = 2 << 20


class CampaignError(ValueError):
    """A file is not written as it must be; says which, where and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why


def read_campaign(folder: Path, sender: str, by: str, at: datetime, people: Path | None = None) -> tuple[Campaign, tuple[Recipient, ...]]:
    """The words to be signed, and whom they are for. `sender`: our own address. Raises CampaignError, ReadingError."""
    try:
        raw = tomllib.loads((folder / "campaign.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as why:
        raise CampaignError(str(folder / "campaign.toml"), type(why).__name__) from why
    fields = raw.get("fields", [])
    listed = read_people(people or folder / "people.csv", fields if isinstance(fields, list) else [])
    leaves = [leaf for leaf, _ in commitment.ordered(listed)]
    files = raw.get("attachments", [])
    words = {
        "entrustment": "",
        "training": False,
        "advertising": False,
        "fields": [],
        "sender": sender,
        **raw,
        "texts": {language: _text(folder, said) for language, said in _table(raw, "texts").items()},
        "attachments": [_attached(folder, f) for f in files] if isinstance(files, list) else files,
        "recipients": commitment.root(leaves),
        "persons": len(listed),
        "by": by,
        "at": at,
    }
    return read(Campaign, plain(words)), listed


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise CampaignError(name, "not-a-table")
    return found


def _text(folder: Path, said: object) -> dict[str, str]:
    """Subject as it stands, plain text and HTML from their files."""
    if not isinstance(said, dict) or not {"subject", "plain"} <= set(said) <= {"subject", "plain", "html"}:
        raise CampaignError("texts", "subject, plain and perhaps html")
    bodies = {part: _bytes(folder, said[part]).decode("utf-8-sig") for part in ("plain", "html") if part in said}
    return {"subject": str(said["subject"]), "html": "", **bodies}


def _attached(folder: Path, said: object) -> dict[str, str]:
    if not isinstance(said, dict) or set(said) != {"file", "media"}:
        raise CampaignError("attachments", "file and media")
    content = base64.b64encode(_bytes(folder, said["file"])).decode("ascii")
    return {"name": Path(str(said["file"])).name, "media": str(said["media"]), "content": content}


def _bytes(folder: Path, name: object) -> bytes:
    path = folder / str(name)
    try:
        if path.stat().st_size > LARGEST:
            raise CampaignError(str(path), f"larger than {LARGEST} octets")
        return path.read_bytes()
    except OSError as why:
        raise CampaignError(str(path), type(why).__name__) from why


def read_people(path: Path, fields: list[str]) -> tuple[Recipient, ...]:
    """The list: first line mail, name, language and the campaign's fields, in any order; then one person a line. Raises CampaignError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            if set(rows.fieldnames or ()) != {*OWN, *fields}:
                raise CampaignError(f"{path} line 1", f"columns must be {', '.join([*OWN, *fields])}")
            return tuple(_person(path, number, row, fields) for number, row in enumerate(rows, 2))
    except (OSError, ValueError, csv.Error) as why:
        raise why if isinstance(why, CampaignError) else CampaignError(str(path), type(why).__name__) from why


def _person(path: Path, number: int, row: Mapping[Any, Any], fields: list[str]) -> Recipient:
    if None in row or any(not isinstance(v, str) for v in row.values()):
        raise CampaignError(f"{path} line {number}", "not as many cells as columns")
    own = {name: row[name].strip() for name in OWN}
    return Recipient(**own, salt=secrets.token_hex(32), fields={f: row[f].strip() for f in fields})
