"""What an event's DHCP server and routers tell devices of the portal: where its API is (RFC 8910), so that nothing need be redirected."""

from __future__ import annotations

import json
from typing import Any

from sekisho.desk.settings import Portal

API = "captive-portal/api"
OPTION4, OPTION6, RA = 114, 103, 37
"""Numbers of the option in DHCPv4, DHCPv6 and router advertisements (RFC 8910 2)."""


class NoPortal(ValueError):
    """There is none to tell of, or devices would not believe it: `where` names the setting."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(code, where)
        self.code = code
        self.where = where


def carry_out(portal: Portal) -> dict[str, Any]:
    """{"api", "kea4", "kea6", "radvd", "text"}. Raises NoPortal: no-portal, portal-not-https (RFC 8910 2: the URI is of https)."""
    if not portal.listen:
        raise NoPortal("no-portal", "portal.listen")
    if not portal.url.startswith("https://"):
        raise NoPortal("portal-not-https", "portal.url")
    api = f"{portal.url.rstrip('/')}/{API}"
    kea4 = {"option-data": [{"name": "v4-captive-portal", "data": api}]}
    kea6 = {"option-data": [{"name": "v6-captive-portal", "data": api}]}
    radvd = f'AdvCaptivePortalAPI "{api}";'
    parts = (
        f"# Kea Dhcp4 (option {OPTION4})",
        json.dumps(kea4),
        f"# Kea Dhcp6 (option {OPTION6})",
        json.dumps(kea6),
        f"# radvd (option {RA})",
        radvd,
    )
    return {"api": api, "kea4": kea4, "kea6": kea6, "radvd": radvd, "text": "\n".join(parts)}
