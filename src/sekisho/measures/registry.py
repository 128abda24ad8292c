"""Finds every measure: each module of this room that declares one. Adding a file is adding a measure."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

import sekisho.measures as room
from sekisho.measures.measure import Measure


def _declared() -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        if module.name == __name__:
            continue
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if kind.__module__ != module.name or kind is Measure or not (hasattr(kind, "steps") and hasattr(kind, "find")):
                continue
            measure = cast("Measure", kind())
            if measure.name in found:
                raise ValueError(f"two measures are called {measure.name}")
            found[measure.name] = measure
    return found


EVERY: Mapping[str, Measure] = MappingProxyType(_declared())
