"""Mutation tests of the rooms that say yes or no: each small change to the code must be noticed by some test, or be argued.

    python -m house.mutants               every target; ends non-zero if a mutant survives that nobody argued
    python -m house.mutants gate/checks   one target; gate/checks:typed is one function
    python -m house.mutants --sample 300  all of the smallest targets, and so many of the rest, drawn by the digest of the two rooms and
                                          their tests: the same ones for the same tree, other ones after every change
    python -m house.mutants --again       the argued ones too: which argument is needed no more
    python -m house.mutants --list        what would be tried

Survivors stand in `house/survivors.toml` with the reason why no test can or need notice. `house/noticed.json` says which tests noticed
what was changed in a function (`--learn` writes it): they are tried first. It makes the run quick and changes no result.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from house.mutating import Mutant, mutants
from house.trying import Target, Trial, run

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "sekisho"
ARGUED = Path(__file__).with_name("survivors.toml")
NOTICED = Path(__file__).with_name("noticed.json")


def _target(name: str, *tests: str) -> Target:
    return Target(name, f"sekisho.{name.replace('/', '.')}", tuple(f"tests/{test.replace('/', '/test_')}.py" for test in tests))


NAMED = ("checks", "minting", "deciding", "papers", "check", "people", "renewal", "envelope", "dates")
DECIDING = tuple(f"gate/{name}" for name in NAMED)
GATE = (*DECIDING, "gate/predicates", "gate/properties")
OWED = ("gate/owed_rules", "gate/owed", "gate/owed_worked")
TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            _target("gate/decide", *GATE, "gate/touched"),
            _target("gate/checks", *GATE),
            _target("gate/predicates", "gate/predicates", *DECIDING, "gate/owed"),
            _target("gate/check", *DECIDING),
            _target("gate/_mint", *DECIDING, "gate/properties"),
            _target("gate/people", "gate/people", *DECIDING),
            _target("gate/envelope", "gate/envelope", *DECIDING),
            _target("gate/renewal", "gate/renewal", *DECIDING),
            _target("gate/papers", *DECIDING),
            _target("gate/owed", *OWED),
            _target("gate/owing", *OWED),
            _target("law/clocks", "law/clocks", "gate/owed", "law/procedures"),
            _target("law/holidays", "law/clocks", "gate/owed"),
            _target("law/consent", "law/consent", *DECIDING),
            _target("law/sound", "law/sound"),
            _target("law/tables", "law/tables"),
            _target("law/walkable", "law/walkable"),
            _target("gate/passkey", "gate/passkey", "gate/people"),
            _target("gate/todo", "gate/todo"),
            _target("law/canonical", "law/canonical"),
            _target("law/facts", "law/facts"),
            _target("law/items", "law/items"),
            _target("law/norms", "law/norms"),
            _target("law/numbering", "law/numbering"),
            _target("law/parameters", "law/parameters"),
            _target("law/duties", "law/duties_sound", "law/duties"),
            _target("law/exchange", "law/exchange"),
            _target("law/procedures", "law/procedures"),
            _target("law/walking", "law/walking", "law/items", "law/procedures", "law/lane_clocks"),
        )
    }
)  # fmt: skip
"""The modules tried, and the tests that must notice, the quickest first."""

ALWAYS = (
    "gate/_mint",
    "gate/passkey",
    "gate/envelope",
    "gate/renewal",
    "gate/people",
    "gate/papers",
    "gate/owing",
    "law/canonical",
    "law/consent",
    "law/sound",
)
"""Never left to a sample: small, and each line of them turns a no into a yes."""


def found() -> dict[str, list[str]]:
    """Names of every mutant by its target."""
    return {name: [m.name for m in mutants(name, source(name))] for name in TARGETS}


def source(target: str) -> str:
    return (SOURCE / f"{target}.py").read_text("utf-8")


def argued() -> Mapping[str, str]:
    """Reasons by the mutant's name."""
    with ARGUED.open("rb") as text:
        return {entry["mutant"]: entry["because"] for entry in tomllib.load(text).get("survivor", [])}


def about(asked: str, every: Mapping[str, Sequence[str]]) -> list[str]:
    """The mutants of a target, or of one function of it. Raises SystemExit for what is neither."""
    target = asked.partition(":")[0]
    chosen = [n for n in every.get(target, ()) if asked == target or n.startswith(f"{asked}:")]
    if not chosen:
        raise SystemExit(f"no such target: {asked}; there are {', '.join(TARGETS)}")
    return chosen


def groundless(reasons: Mapping[str, str], every: Mapping[str, Sequence[str]]) -> list[str]:
    """Arguments about a mutant that does not exist, or that give no reason."""
    known = {name for names in every.values() for name in names}
    return [f"argued, but there is no such mutant: {n}" for n in reasons if n not in known] + [
        f"argued without a reason: {n}" for n, why in reasons.items() if not why.strip()
    ]


def sampled(names: Sequence[str], size: int) -> list[str]:
    """All of the smallest targets, and so many of the rest; said."""
    always = [n for n in names if n.partition(":")[0] in ALWAYS]
    rest = [n for n in names if n.partition(":")[0] not in ALWAYS]
    chosen = drawn(rest, size, tree_digest())
    print(f"all {len(always)} mutants of {', '.join(ALWAYS)}; of the other {len(rest)} a sample of {len(chosen)}, drawn by {tree_digest()}")
    return always + chosen


def drawn(names: Sequence[str], size: int, seed: str) -> list[str]:
    """So many of the names, the same ones for the same seed, in their own order."""
    if size >= len(names):
        return list(names)
    chosen = set(random.Random(seed).sample(list(names), size))
    return [n for n in names if n in chosen]


def tree_digest() -> str:
    """Of every source and test file of the two rooms: after any change to them another sample is drawn."""
    digest = hashlib.sha256()
    for file in sorted(f for room in ("law", "gate") for top in (SOURCE, ROOT / "tests") for f in (top / room).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def standing(chosen: Iterable[str]) -> Iterator[Mutant]:
    """The chosen mutants, each module changed to it while it stands."""
    wanted = set(chosen)
    for target in dict.fromkeys(name.split(":")[0] for name in chosen):
        yield from (m for m in mutants(target, source(target)) if m.name in wanted)


def known() -> dict[str, list[str]]:
    """By function, the tests that noticed one of its mutants when it was last written down."""
    found: dict[str, list[str]] = json.loads(NOTICED.read_text("utf-8"))
    return found


def tried(chosen: Sequence[str], *, workers: int, learn: bool) -> Trial:
    """What became of the chosen mutants. Every test that noticed one is then run without a mutant, and must pass."""
    trial = Trial(first=known())
    targets = {name: TARGETS[name] for name in dict.fromkeys(n.split(":")[0] for n in chosen)}
    run(targets, standing(chosen), trial, workers=workers, tell=tell)
    if learn:
        kept = dict(sorted((known() | trial.first).items()))
        NOTICED.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return trial


def tell(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{what[:150]}")


def main() -> None:
    parser = argparse.ArgumentParser("python -m house.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--sample", type=int, help="try only so many")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="try the argued ones too, and say which argument is needed no more")
    parser.add_argument("--learn", action="store_true", help="write down which tests noticed what")
    parser.add_argument("--list", action="store_true", help="print what would be tried")
    asked = parser.parse_args()
    every, reasons = found(), argued()
    names = [n for target in asked.targets or TARGETS for n in about(target, every) if asked.again or n not in reasons]
    if asked.sample is not None:
        names = sampled(names, asked.sample)
    if asked.list:
        print("\n".join(names))
        return
    began = time.monotonic()
    wrong = groundless(reasons, every) + report(tried(names, workers=asked.workers, learn=asked.learn), reasons)
    print(f"{len(names)} mutants in {time.monotonic() - began:.0f} s;", f"{len(wrong)} to settle" if wrong else "every survivor is argued")
    raise SystemExit(1 if wrong else 0)


def report(trial: Trial, reasons: Mapping[str, str]) -> list[str]:
    """What is wrong, printed with a line for each target."""
    alive = [name for name, by in trial.noticed_by.items() if by is None]
    for target in dict.fromkeys(name.split(":")[0] for name in trial.noticed_by):
        of = [n for n in trial.noticed_by if n.startswith(f"{target}:")]
        about = sum(n.startswith(f"{target}:") for n in reasons)
        print(f"{target}: {len(of)} tried, {sum(n in alive for n in of)} survive, {about} argued")
    wrong = [f"survives: {n}" for n in alive if n not in reasons]
    wrong += [f"argued, but noticed by {trial.noticed_by[n]}: {n}" for n in reasons if trial.noticed_by.get(n)]
    print("\n".join(wrong))
    return wrong


if __name__ == "__main__":
    main()
