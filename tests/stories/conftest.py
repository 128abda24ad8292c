"""The browser of the console's tests serves the stories too."""

from __future__ import annotations

from tests.faces.web.conftest import browser

__all__ = ["browser"]
