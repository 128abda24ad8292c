"""A closed viewing: one film, or some files, for invited people, to a day its rights holder agreed to, under a key that is destroyed then.

Sources: 著作権法 23条 (公衆送信権), 63条 (利用の許諾); the marathon of 2023, whose film was first in an app, then unlisted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.law.campaign import LANGUAGES
from sekisho.law.canonical import digest
from sekisho.law.words import Role

FOLDER = re.compile(r"[0-9a-f]{16}")
DIGEST = re.compile(r"[0-9a-f]{64}")
FILE = re.compile(r"[\w][\w .()-]{0,99}")
LONGEST = timedelta(days=92)
MOST_FILES = 20_000
MOST_PAPERS = 500
MOST_DEVICES = 10
MAY_SUBMIT = (Role.DESK, Role.OFFICER, Role.ENGINEER)


@dataclass(frozen=True)
class Viewing:
    """One film, or some files, as their submitter signs it.

    `title` by language. `files`: SHA-256 of every segment, or file, as it was before it was encrypted, in order. `folder`: where the
    encrypted ones lie. `until`: UTC; from then on nobody has the key. `devices`: on how many one invitation opens it at a time.
    `names`: those of the files, in the same order; a film has none.
    """

    title: Mapping[str, str]
    files: tuple[str, ...]
    folder: str
    since: datetime
    until: datetime
    devices: int
    by: str
    at: datetime
    names: tuple[str, ...] = ()


def work(said: Viewing) -> str:
    """What the rights holder's terms are about, hex: SHA-256 over the digests of a film's segments; of files, with their names."""
    return digest([list(pair) for pair in zip(said.names, said.files, strict=True)] if said.names else list(said.files))


def faults(said: Viewing) -> tuple[str, ...]:
    """Fields that are empty or wrong. Empty, unknown and missing mean no."""
    good = {
        "title": set(said.title) == set(LANGUAGES) and all(t.strip() and t.isprintable() for t in said.title.values()),
        "files": 0 < len(said.files) <= MOST_FILES and all(DIGEST.fullmatch(f) for f in said.files),
        "names": not said.names or _named(said),
        "folder": FOLDER.fullmatch(said.folder) is not None,
        "until": timedelta(0) < said.until - said.since <= LONGEST,
        "devices": 0 < said.devices <= MOST_DEVICES,
    }
    return tuple(name for name, right in good.items() if not right)


def _named(said: Viewing) -> bool:
    """Each file has one name, and no other has it."""
    good = len(said.names) == len(said.files) <= MOST_PAPERS and len(set(said.names)) == len(said.names)
    return good and all(FILE.fullmatch(name) for name in said.names)
