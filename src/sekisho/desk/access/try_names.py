"""A dry run of a list of names on names of the operator's own, before anybody is filtered: how many each category would take.

Read at the operator's terminal; nothing is kept, and which names were taken is not told: a list of busy sites may say who visits them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sekisho.wire.cursor import FormError
from sekisho.wire.name_list import LARGEST, read_name_list, read_names

T = TypeVar("T")


class NotNames(Exception):
    """A file cannot be used. `code`: why; `detail`: the file, and where in it."""

    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class TryNames:
    """`listed`: the list, by category. `names`: names of the operator's own, one a line."""

    listed: Path
    names: Path


def carry_out(request: TryNames) -> Mapping[str, Any]:
    """{"list": digest, "others": names tried, "categories": {category: {"names", "others", "wrong"}}}, as a plan says them."""
    listed, own = _read(request.listed, read_name_list), _read(request.names, read_names)
    met = listed.met(own)
    categories = {c: {"names": n, "others": len(own), "wrong": met[c]} for c, n in listed.counts().items()}
    return {"list": listed.digest, "others": len(own), "categories": categories}


def _read(path: Path, read: Callable[[bytes], T]) -> T:
    try:
        with path.open("rb") as file:
            return read(file.read(LARGEST + 1))
    except OSError as why:
        raise NotNames("absent", path=str(path)) from why
    except FormError as why:
        raise NotNames(f"names-{why.code}", path=str(path), where=why.detail) from why
