"""A list of servers to look for: origin, dates, entries. A permit names the list by digest; another list is no list."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

LARGEST = 32 << 20


class ListError(ValueError):
    """The list cannot be used; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ServerList:
    """What a list file holds. `digest` is SHA-256 of its bytes."""

    id: str
    origin: str
    made: datetime
    until: datetime
    entries: tuple[tuple[str, int | None], ...]
    digest: str


def load_list(path: Path) -> ServerList:
    """Read one TOML list. Raises ListError: absent, too-large, not-a-list, bad-entry, empty."""
    try:
        raw = path.read_bytes()
    except OSError as why:
        raise ListError("list-absent") from why
    if len(raw) > LARGEST:
        raise ListError("list-too-large")
    try:
        said = tomllib.loads(raw.decode("utf-8"))
        entries = tuple(_entry(e) for e in said["entry"])
        made, until = _moment(said["made"]), _moment(said["until"])
        found = ServerList(str(said["id"]), str(said["origin"]), made, until, entries, hashlib.sha256(raw).hexdigest())
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise ListError("not-a-list") from why
    if not entries:
        raise ListError("list-empty")
    return found


def read_list(paths: Sequence[Path], digest: str) -> ServerList:
    """The list with that digest, from the operator's list files. Raises ListError("another-list") when none is it."""
    for path in paths:
        try:
            found = load_list(path)
        except ListError:
            continue
        if found.digest == digest:
            return found
    raise ListError("another-list")


def ends(paths: Sequence[Path]) -> Mapping[str, datetime]:
    """By digest, when each of the operator's lists is over. A file is read again only when it changed."""
    found = {}
    for path in paths:
        try:
            said = path.stat()
            listed = _known(path, said.st_mtime_ns, said.st_size, said.st_ino)
        except (OSError, ListError):
            continue
        found[listed[0]] = listed[1]
    return found


@lru_cache(maxsize=64)
def _known(path: Path, _changed: int, _size: int, _node: int) -> tuple[str, datetime]:
    listed = load_list(path)
    return listed.digest, listed.until


def _entry(said: Any) -> tuple[str, int | None]:
    port = said.get("port")
    if port is not None and (type(port) is not int or not 0 < port < 65536):
        raise ValueError(port)
    return str(ip_address(said["address"])), port


def _moment(said: Any) -> datetime:
    if not isinstance(said, datetime) or said.tzinfo is None:
        raise ValueError(said)
    return said
