"""What may be counted of a name: a kind of a published list, or the registered name. All else is nobody's business and is dropped."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sekisho.law.canonical import digest
from sekisho.law.words import Words

LISTS = Path(__file__).parent / "lists"
CATEGORIES, NAMES = "categories@1", "names@1"
REGISTERED, CATEGORY = "registered-domain", "published-list"
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Listed:
    """A list as it is published: its name, its version, and the digest of what it says."""

    name: str
    version: str
    digest: str


@cache
def _said(name: str) -> Mapping[str, Any]:
    return tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def listed(name: str) -> Listed:
    said = _said(name)
    return Listed(name, str(said["version"]), digest(said))


def published(name: str) -> str:
    """The list as it lies in the release, for whoever wants to read it."""
    return (LISTS / f"{name}.toml").read_text(encoding="utf-8")


def kinds() -> Mapping[str, Words]:
    """The title of each kind of site."""
    return {name: kind["title"] for name, kind in _said(CATEGORIES)["kinds"].items()}


@cache
def _kind_of() -> Mapping[str, str]:
    return {site: name for name, kind in _said(CATEGORIES)["kinds"].items() for site in kind["sites"]}


@cache
def _rules() -> Mapping[str, frozenset[str]]:
    said = _said(NAMES)
    return {rule: frozenset(said[rule]) for rule in ("below", "local", "never", "words")}


def category(name: str) -> str:
    """The kind that a name belongs to: of the longest entry it is, or ends with. Empty where there is none."""
    found, labels = _kind_of(), name.split(".")
    return next((found[s] for n in range(len(labels) - 1) if (s := ".".join(labels[n:])) in found), "")


def registered(name: str) -> str:
    """The registered name, as far as our list knows it: never longer. Empty for what must not be counted, or is no site's name."""
    rules, labels = _rules(), name.split(".")
    if len(labels) < 2 or labels[-1] in rules["local"] or NUMBER.fullmatch(labels[-1]):
        return ""
    kept = labels[-3:] if ".".join(labels[-2:]) in rules["below"] else labels[-2:]
    cut = ".".join(kept)
    if cut in rules["below"] or not all(LABEL.fullmatch(label) for label in kept):
        return ""
    if any(".".join(labels[n:]) in rules["never"] for n in range(len(labels) - 1)):
        return ""
    return "" if any(word in kept[0] for word in rules["words"]) else cut


def cut(name: str, rule: str) -> str:
    """By the rule of a panel; empty where it says nothing."""
    return {REGISTERED: registered, CATEGORY: category}[rule](name)


def may_stand(said: str, rule: str) -> bool:
    """Whether this may stand on a panel of that rule: a kind of the list, or a name that the rule leaves as it is."""
    return said in kinds() if rule == CATEGORY else bool(said) and registered(said) == said
