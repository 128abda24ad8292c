"""Who a mail really comes from, as far as its domain says (SPF, RFC 7208, by pyspf). A result, and nothing is done with it here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import spf

Asking: TypeAlias = Callable[[str, str], list[Any]]
"""A name and a kind of record; what the resolver says of them. Raises NoAnswer."""
PASS, FAIL, NONE, ERROR = "pass", "fail", "none", "error"
GROUPS = {
    "pass": PASS,
    "fail": FAIL,
    "softfail": FAIL,
    "none": NONE,
    "neutral": NONE,
    "temperror": ERROR,
    "permerror": ERROR,
    "policy": NONE,
}
"""The words of RFC 8601 as four figures."""
DOMAIN = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63}){0,30}")
PLAIN = re.compile(r"[A-Za-z0-9._=+/-]{1,64}@[A-Za-z0-9._-]{1,255}|[A-Za-z0-9._-]{1,255}")
"""What may stand in a label as it was said; the rest of what senders call themselves is left out."""


class NoAnswer(Exception):
    """Nobody knows: the resolver is silent, refuses, or was asked too much. Never taken for "there is none"."""


@dataclass(frozen=True)
class Found:
    """A method, its result (RFC 8601, 2.7), of what property, and the value; `domain` is the one that was found to have sent it."""

    method: str
    result: str
    about: str = ""
    value: str = ""
    domain: str = ""

    @property
    def figure(self) -> str:
        return f"{self.method}-{GROUPS[self.result]}"

    def __str__(self) -> str:
        said = f" {self.about}={self.value}" if PLAIN.fullmatch(self.value) else ""
        return f"{self.method}={self.result}{said}"


class _Query(spf.query):  # type: ignore[misc] # it ships no types
    """Asks whom we say. What the resolver does not answer is a temperror; what is not there counts as void (RFC 7208, 4.6.4)."""

    def __init__(self, ask: Asking, client: str, sender: str, helo: str) -> None:
        super().__init__(client, sender, helo)
        self._ask = ask

    def dns(self, name: str, qtype: str, _cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        try:
            found = self._ask(name, qtype) if DOMAIN.fullmatch(name.rstrip(".")) else []
        except NoAnswer as why:
            raise spf.TempError(str(why)) from None
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("void lookups")
        return found


def by_spf(client: str, helo: str, sender: str, ask: Asking) -> Found:
    """Whether the sender's domain names that client. An empty sender is judged by HELO (RFC 7208, 2.4)."""
    about = ("smtp.mailfrom", sender) if sender else ("smtp.helo", helo)
    domain = about[1].rpartition("@")[2].casefold().rstrip(".")
    if not DOMAIN.fullmatch(domain) or "." not in domain or not _address(client):
        return Found("spf", "none", *about)
    try:
        result = str(_Query(ask, client, sender, helo).check()[0])
    except (NoAnswer, spf.TempError):
        result = "temperror"
    except Exception:  # noqa: BLE001 - a record nobody foresaw must not stop a mail; pyspf raises what its parts raise
        result = "permerror"
    return Found("spf", result if result in GROUPS else "permerror", *about, domain if result == "pass" else "")


def _address(client: str) -> bool:
    try:
        ipaddress.ip_address(client)
    except ValueError:
        return False
    return True
