"""The console: web pages and their JSON. It translates between a browser and the desk, and decides nothing.

`create_app(desk, settings)` is the way in; `desk.Desk` says what it needs.
"""

from __future__ import annotations

from sekisho.faces.web.app import create_app
from sekisho.faces.web.desk import Desk, DeskAway
from sekisho.faces.web.settings import Settings

__all__ = ["Desk", "DeskAway", "Settings", "create_app"]
