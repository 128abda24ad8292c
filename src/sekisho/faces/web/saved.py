"""A file of somebody's, as this console hands it out: to be saved, never a page of ours, and nothing in it runs."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from sekisho.faces.web.guard import SANDBOX


def saved(name: str, content: bytes, media: str = "application/octet-stream") -> Response:
    """To be saved under this name, whatever is in it; the name breaks no header."""
    return _shut(content, media, f"attachment; filename*=UTF-8''{quote(name, safe='')}")


def picture(content: bytes, media: str) -> Response:
    """To be shown within a page of ours."""
    return _shut(content, media, "inline")


def _shut(content: bytes, media: str, disposition: str) -> Response:
    return Response(content, media_type=media, headers={"content-disposition": disposition, "content-security-policy": SANDBOX})
