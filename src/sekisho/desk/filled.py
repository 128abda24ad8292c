"""Texts of the operator with places to fill: `{{name}}` stands for a word that comes from what is in force."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACE = re.compile(r"\{\{([a-z_]+)\}\}")


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with each place filled. Raises KeyError naming a place nothing is known for."""
    return PLACE.sub(lambda m: known[m[1]], text)
