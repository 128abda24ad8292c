"""Lines as nginx writes them with our log format."""

from __future__ import annotations

import json
from typing import Any


def printed(**change: Any) -> str:
    """One line without its end; a value None is left out."""
    told = {
        "schema": "sekisho.sender-log/1",
        "request": "0123456789abcdef0123456789abcdef",
        "ended": "1795316400.250",
        "took": "0.120",
        "source": "203.0.113.9",
        "source_port": "51234",
        "destination": "198.51.100.7",
        "destination_port": "443",
        "peer": "203.0.113.9",
        "method": "POST",
        "path": "/posts",
        "status": "303",
        "http": "HTTP/1.1",
        "transport": "tcp",
        "agent": "Example/1.0",
        "front": "front-1",
        **change,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def line(number: int, **change: Any) -> str:
    """The line of the request with this number."""
    return printed(request=f"{number:032x}", **change) + "\n"
