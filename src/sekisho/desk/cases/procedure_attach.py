"""Attach a file to a case: bounded, of a known type, sealed on the disk under a name of ours. The name it came with is only ever shown."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sekisho.desk import copies, matters, records, scans
from sekisho.desk.case_words import Attaching
from sekisho.desk.cases import case_grounds
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.wire import uploads

LARGEST = 2 << 20
MOST = 100
"""Octets of one file, and files of one case."""
LONGEST_NAME = 120
BEGINS = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
TEXT = "text/plain"
LOOKS = {"application/pdf": uploads.pdf, "image/png": uploads.png, "image/jpeg": uploads.jpeg}


@dataclass(frozen=True)
class Attach:
    """The words, the signature over them, and the content they describe."""

    attaching: Attaching
    content: bytes
    signature: Signature


@dataclass(frozen=True)
class Attached:
    """The attachment's id."""

    attachment: str
    matter: str
    paper: str


@dataclass(frozen=True)
class ReadAttachment:
    """One file of a case. `dangerous`: also if the scanner found something in it, under a name that says so."""

    attachment: str
    dangerous: bool = False


@dataclass(frozen=True)
class Content:
    """A file as it was attached, with the name it came with, made harmless. `found`: what the scanner found in it."""

    name: str
    media: str
    content: bytes
    found: str = ""


@dataclass(frozen=True)
class File:
    """A file as it came: which paper it is (empty for any other), the name it came with, its octets."""

    paper: str
    name: str
    content: bytes


def carry_out(world: World, request: Attach) -> Attached:
    """Raises No: attachment-too-large, attachment-empty, attachment-type, another-file, too-many-attachments, unknown-paper, and more."""
    said, now = request.attaching, world.clock.now()
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    _media(request.content)
    if (sha256(request.content).hexdigest(), len(request.content)) != (said.digest, said.size):
        raise No("another-file", digest=said.digest)
    matter = matters.load(world, said.matter)
    if said.paper and said.paper not in matter.procedure.papers:
        raise No("unknown-paper", paper=said.paper, known=sorted(matter.procedure.papers))
    verified(world, request.signature, said, *matter.workers)
    once(world, said)
    if matter.final:
        raise No("case-closed", matter=matter.id)
    if records.count(world.db, records.ATTACHMENTS, matter=matter.id) >= MOST:
        raise No("too-many-attachments", matter=matter.id, most=MOST)
    told = {"statement": said, "signature": request.signature}
    kept = keep(world, matter.id, File(said.paper, said.name, request.content), said.by, told, now)
    case_grounds.draw_up(world, matter, now)
    return Attached(kept, matter.id, said.paper)


def keep(world: World, matter: str, file: File, by: str, told: Mapping[str, Any], now: datetime) -> str:
    """Seal it to the case, or to a key with its own term, and enter it; its id. Raises No: attachment-too-large, attachment-empty,
    attachment-type, and as `copies.term` does.
    """
    media, digest, identity = _media(file.content), sha256(file.content).hexdigest(), fresh_id("attachment")
    copy = copies.term(world, matter, file.paper, identity, now)
    sealed_file = copies.seal(world, copy, file.content) if copy else matters.seal_bytes(world, matter, file.content)
    _write(copies.folder(world) / identity, sealed_file)
    plain = {"attachment": identity, "matter": matter, "paper": file.paper, "digest": digest, "size": len(file.content), "media": media}
    plain |= {"key": copy.key, "until": records.stamp(copy.until)} if copy else {}
    sealed = matters.seal(world, matter, {"name": harmless(file.name), **told})
    body = canonical({**plain, "by": by, "sealed": sealed})
    records.add(world.db, records.ATTACHMENTS, body, now, id=identity, matter=matter)
    ids = {"attachment": identity, "matter": matter}
    world.write(EntryType.ATTACHED, body, ids=ids, at=now, table=records.ATTACHMENTS, key={"id": identity})
    return identity


def content(world: World, request: ReadAttachment) -> Content:
    """Raises No: unknown-attachment, attachment-dangerous, case-file-gone, another-file."""
    row = records.one(world.db, records.ATTACHMENTS, id=request.attachment)
    if row is None:
        raise No("unknown-attachment", attachment=request.attachment)
    scan = scans.of(world, row["id"])
    if scan["state"] != scans.FOUND:
        return opened(world, row)
    if not request.dangerous:
        raise No("attachment-dangerous", attachment=row["id"], found=scan["name"], by=scan["by"])
    found = opened(world, row)
    return Content(f"DANGER-{found.name}.danger", "application/octet-stream", found.content, scan["name"])


def opened(world: World, row: Mapping[str, Any]) -> Content:
    """A file from its row, whatever is in it. Raises No: case-file-gone, copy-over, another-file."""
    said = records.body(row)
    name = matters.unseal(world, row["matter"], said["sealed"])["name"]
    try:
        sealed = (copies.folder(world) / row["id"]).read_bytes()
    except OSError as why:
        gone = {"matter": row["matter"], "why": str(why.strerror)}
        raise No("copy-over", paper=said["paper"], until=said["until"]) if "key" in said else No("case-file-gone", **gone) from why
    found = copies.unseal(world, said, sealed) if "key" in said else matters.unseal_bytes(world, row["matter"], sealed)
    if sha256(found).hexdigest() != said["digest"]:
        raise No("another-file", digest=said["digest"])
    return Content(name, said["media"], found)


def harmless(name: str) -> str:
    """A name to show: its last part, without characters nobody sees. It never becomes a path of ours."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] not in ("C", "Z") or c in " \u3000")
    return seen.strip(" .\u3000")[:LONGEST_NAME] or "file"


def _media(raw: bytes) -> str:
    """What the bytes are, whatever the name says."""
    if not raw:
        raise No("attachment-empty")
    if len(raw) > LARGEST:
        raise No("attachment-too-large", most=LARGEST)
    for media, begins in BEGINS.items():
        if raw.startswith(begins):
            return _harmless_content(media, raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in text):
        raise No("attachment-type", known=sorted((*BEGINS, TEXT)))
    return TEXT


def _harmless_content(media: str, raw: bytes) -> str:
    """Raises No("attachment-harmful") for what runs, hides files or swells."""
    try:
        LOOKS[media](raw)
    except uploads.Harmful as why:
        raise No("attachment-harmful", how=why.code, what=why.what) from why
    return media


def _write(path: Path, raw: bytes) -> None:
    """Whole and on the disk before any entry names it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(raw)
        out.flush()
        os.fsync(out.fileno())
