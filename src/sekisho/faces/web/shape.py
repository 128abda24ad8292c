"""Decisions as templates want them. `gate.render` says each thing once, with the book's words beside; this only unpacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def answer_of(checked: Mapping[str, Any]) -> dict[str, Any]:
    """One condition's answer with every key there: type, evidence, why, why_words, who, kind, detail, question."""
    said = checked["answer"]
    raw: Mapping[str, Any] = said if isinstance(said, Mapping) else checked
    return {
        "type": raw.get("type") if isinstance(said, Mapping) else said,
        "evidence": raw.get("evidence") or [],
        "why": raw.get("why") or "",
        "why_words": raw.get("why_words"),
        "who": who_of(raw.get("who") or raw.get("whom")),
        "kind": kind_of(raw.get("kind")),
        "detail": raw.get("detail") or {},
        "question": raw.get("question"),
    }


def who_of(who: Iterable[Any] | None) -> list[str]:
    """Roles by their code."""
    return [str(w["role"]) if isinstance(w, Mapping) else str(w) for w in who or ()]


def kind_of(kind: Any) -> str:
    """The name of a kind of evidence; empty for none."""
    return str(kind["name"]) if isinstance(kind, Mapping) else str(kind or "")


def title_of(kind: Any, kinds: Mapping[str, Any]) -> Any:
    """The words for a kind of evidence, from wherever they came along."""
    if isinstance(kind, Mapping):
        return kind["title"]
    return kinds[kind]["title"] if kind in kinds else kind


def processes(health: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All five, also those that report nothing: `keep` answered, `show` makes this page, `work` starts with each look. `scan` if it is."""
    told: dict[str, list[dict[str, Any]]] = {}
    for row in health:
        told.setdefault(str(row["process"]).partition("-")[0], []).append(dict(row))
    silent = {"keep": "up", "collect": "unheard", "work": "on-demand", "act": "unheard", "show": "up"}
    five = [row for name, state in silent.items() for row in told.get(name, [{"process": name, "state": state, "counters": {}}])]
    return [*five, *told.get("scan", [])]


def to_do(decisions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is missing, by axis: {"axis", "title", "steps", "ways": [{"case", "title", "lines"}]}. One way of each axis is enough.

    Steps that miss the very same things on an axis share one group.
    """
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for decision in decisions:
        for axis in dict.fromkeys(m["axis"] for m in decision["missing"]):
            lines = [m for m in decision["missing"] if m["axis"] == axis]
            key = (axis, *((m["what"], m["case"], m["condition"], m["why"]) for m in lines))
            group = groups.setdefault(
                key, {"axis": axis, "title": _axis_title(decision, axis), "steps": [], "ways": _ways(decision, lines)}
            )
            group["steps"].append(decision["step"]["name"])
    return list(groups.values())


def _ways(decision: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    titles = {t["case"]: t["title"] for a in decision["axes"] for t in a["tried"]}
    ways: dict[Any, dict[str, Any]] = {}
    for m in lines:
        way = ways.setdefault(m["case"], {"case": m["case"], "title": titles.get(m["case"]), "lines": []})
        way["lines"].append({**m, "who": who_of(m["who"]), "kind": kind_of(m["kind"]), "title": m["kind"], "mark": mark_of(m)})
    return list(ways.values())


def _axis_title(decision: Mapping[str, Any], axis: Any) -> Any:
    return next((a["title"] for a in decision["axes"] if a["axis"] == axis), None)


def mark_of(missing: Mapping[str, Any]) -> str:
    """The mark of a to-do line: a person must answer, or something is not there."""
    return "ask" if missing["what"] == "confirmation" or missing["why"] == "ask" else "unmet"


def open_first(axis: Mapping[str, Any], tried: Mapping[str, Any]) -> bool:
    """Whether a case is unfolded at once: the one the answer stands on, else the one with the least missing, the newest of several."""
    if axis["stands_on"]:
        return bool(tried["case"] == axis["stands_on"])
    newest_first = sorted(axis["tried"], key=lambda t: str(t["since"]), reverse=True)
    nearest = min(newest_first, key=lambda t: sum(answer_of(c)["type"] != "met" for c in t["checked"]))
    return bool(tried["case"] == nearest["case"])


def because(decisions: Iterable[Mapping[str, Any]], most: int = 3) -> list[dict[str, Any]]:
    """The few lines that say why: the cases an answer stands on, or what is missing, each with its mark."""
    stands: dict[str, dict[str, Any]] = {}
    lacks: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        for axis in decision["axes"]:
            for tried in axis["tried"]:
                if tried["case"] == axis["stands_on"]:
                    stands.setdefault(tried["case"], {"mark": "met", "words": tried["title"], "case": tried["case"]})
        for missing in decision["missing"]:
            lacks.setdefault(str(missing["words"]), {"mark": mark_of(missing), "words": missing["words"], "case": missing["case"]})
    return [*(lacks or stands).values()][:most]


KERNEL_SET = re.compile(r"([a-z]+)([46])_([0-9]+)\Z")


def kernel_rows(effect: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sets of one permit in the kernel: what is in each ("range4_24": dynamic ranges, IPv4, /24), how many are wanted and there."""
    rows = []
    wanted, there = effect.get("wanted", {}), effect.get("there", {})
    for name in sorted({*wanted, *there}):
        found = KERNEL_SET.match(name)
        sort, family, length = (found[1], f"IPv{found[2]}", int(found[3])) if found else (name.partition(" ")[0], "", 0)
        where = {"sort": sort, "family": family, "length": length, "link": name.partition(" ")[2]}
        rows.append({**where, "wanted": wanted.get(name, 0), "there": there.get(name, 0)})
    return rows
