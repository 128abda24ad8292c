"""The names of checks a condition may use, and what each must be told. The gate has one pure function for each name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class CheckRule:
    """What a check is told: required and optional parameters by the name of their type.

    Types: `kind` (an evidence kind), `scope` (a field of the plan's scope), `where` (predicates on evidence fields),
    `elements`, `strings`, `number`, `flag`, `name` (of a dated parameter of the book), `value`.
    """

    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)


CHECKS: Mapping[str, CheckRule] = MappingProxyType(
    {
        "evidence": CheckRule({"kind": "kind"}, {"where": "where", "ask": "flag"}),
        "single-purpose": CheckRule(),
        "elements-within": CheckRule({"elements": "elements"}),
        "only-hits": CheckRule(),
        "audience": CheckRule({"within": "strings"}),
        "applied-alike": CheckRule(),
        "list-origin": CheckRule({"kind": "kind"}),
        "consent": CheckRule({"kind": "kind"}, {"sides": "number", "party": "strings", "parameter": "name"}),
        "sides": CheckRule({"kind": "kind"}, {"sides": "number", "parameter": "name"}),
        "declared": CheckRule({"field": "scope"}, {"is": "value", "only": "strings", "least": "number", "most": "number"}),
        "term": CheckRule({"kind": "kind"}, {"days": "number", "parameter": "name"}),
        "survey": CheckRule({"kind": "kind", "floor_permille": "number"}, {"about": "scope"}),
    }
)
"""Every check there is. A case naming another is refused when the book is read."""

PREDICATES = frozenset({"is", "least", "most", "among", "has", "only", "scope", "by-day", "before-day", "within-days", "days-ago", "step"})
"""What may be asked of one evidence field: equality, bounds, membership, both ways of inclusion, agreement with the
plan's scope, a day not after (before, not longer ago than, at least so long ago as) the day of the act, the step's purpose."""
