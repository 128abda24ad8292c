"""From the files of a drill to what is asked of the tool: the contractor's declaration, and where each step of the drill is done."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sekisho.desk.entrusting.drill_script import PEOPLE, STRANGERS, Door, made_up
from sekisho.law.reading import ReadingError, read
from sekisho.law.tool import RELEASE, Answer, Step
from sekisho.wire.mail_shown import LEAST

DEFAULT_QUIET, MOST_QUIET = 2.0, 60.0


class WrongFile(ValueError):
    """A file of a drill is not as it should be: which place in it, and what is wrong."""

    def __init__(self, where: str, code: str) -> None:
        super().__init__(where, code)
        self.where, self.code = where, code


@dataclass(frozen=True)
class Declared:
    """What the contractor's file says. Answers that it leaves out are not there: `keep` names them."""

    tool: str
    release: str
    named: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class DrillFile:
    """Where the tool takes mail (`server`), where our sink listens, which domain's mail comes to it, and the door of each step."""

    release: str
    server: tuple[str, int]
    listen: tuple[str, int]
    domain: str
    quiet: float
    doors: Mapping[Step, Door]
    people: Mapping[str, str]


def declared(path: Path) -> Declared:
    """Raises WrongFile, OSError."""
    raw = _table(path)
    basis = str(raw.get("evidence", ""))
    answers = {}
    for name, said in _dict(raw, "answers").items():
        if not isinstance(said, dict) or not isinstance(said.get("on"), bool):
            raise WrongFile(f"answers.{name}.on", "not-true-or-false")
        paper = path.parent / str(said.get("evidence") or basis)
        digest = sha256(paper.read_bytes()).hexdigest() if paper.is_file() else ""
        answers[str(name)] = Answer(said["on"], str(said.get("who", "")), digest)
    return Declared(str(raw.get("tool", "")), str(raw.get("release", "")), str(raw.get("named", "")), answers)


def drill_file(path: Path) -> DrillFile:
    """Raises WrongFile, OSError."""
    raw = _table(path)
    try:
        doors = {Step(name): read(Door, said) for name, said in _dict(raw, "steps").items()}
    except ReadingError as why:
        raise WrongFile(f"steps: {why.path}", why.code) from why
    except ValueError as why:
        raise WrongFile("steps", "unknown-step") from why
    if Step.POST not in doors:
        raise WrongFile("steps.post", "missing")
    release, domain, quiet = str(raw.get("release", "")), str(raw.get("domain", "")), raw.get("quiet", DEFAULT_QUIET)
    if RELEASE.fullmatch(release) is None:
        raise WrongFile("release", "not-a-release")
    if not domain or "@" in domain:
        raise WrongFile("domain", "not-a-domain")
    if not isinstance(quiet, int | float) or not 0 < quiet <= MOST_QUIET:
        raise WrongFile("quiet", "not-seconds")
    places = _place(raw, "server"), _place(raw, "listen")
    return DrillFile(release, *places, domain, float(quiet), doors, _people(raw, domain))


def _people(raw: Mapping[str, Any], domain: str) -> Mapping[str, str]:
    """Made-up ones, unless the contractor had to enter them beforehand."""
    said = _dict(raw, "people")
    if not said:
        return made_up(domain)
    for letter in (*PEOPLE, *STRANGERS):
        local, _, at = str(said.get(letter, "")).partition("@")
        if len(local) < LEAST or at.casefold() != domain.casefold():
            raise WrongFile(f"people.{letter}", "not-an-address-of-the-domain")
    return {letter: str(said[letter]) for letter in (*PEOPLE, *STRANGERS)}


def _place(raw: Mapping[str, Any], key: str) -> tuple[str, int]:
    host, _, port = str(raw.get(key, "")).rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise WrongFile(key, "not-host-and-port")
    return host.strip("[]"), int(port)


def _dict(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    said = raw.get(key, {})
    if not isinstance(said, dict):
        raise WrongFile(key, "not-a-table")
    return said


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as why:
        raise WrongFile(str(path), "not-toml") from why
