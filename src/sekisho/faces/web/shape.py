"""Decisions as templates want them. `gate.render` says each thing once, with the book's words beside; this only unpacks."""

from __future__ import annotations

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


def to_do(decisions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the to-do list, each once, with the steps that wait for it."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for decision in decisions:
        for m in decision["missing"]:
            key = (m["what"], m["case"], m["condition"], kind_of(m["kind"]), str(m["words"]))
            line = lines.setdefault(key, {**m, "who": who_of(m["who"]), "kind": kind_of(m["kind"]), "title": m["kind"], "steps": []})
            if decision["step"]["name"] not in line["steps"]:
                line["steps"].append(decision["step"]["name"])
    return list(lines.values())


def because(decisions: Iterable[Mapping[str, Any]], most: int = 3) -> list[dict[str, Any]]:
    """The few lines that say why: the cases an answer stands on, or what is missing, each with its mark."""
    stands: dict[str, dict[str, Any]] = {}
    lacks: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        for axis in decision["axes"]:
            for tried in axis["tried"]:
                if tried["case"] == axis["stands_on"]:
                    stands.setdefault(tried["case"], {"mark": "met", "words": tried["title"], "case": tried["case"]})
    for line in to_do(decisions):
        mark = "ask" if line["what"] == "confirmation" or line["why"] == "ask" else "unmet"
        lacks.setdefault(str(line["words"]), {"mark": mark, "words": line["words"], "case": line["case"]})
    return [*(lacks or stands).values()][:most]
