"""What the resolver in front (dnsdist) is told: ports for devices that agreed, and that it tells of what is asked there, and only there.

Its console is not needed for that, and not opened: nothing of ours can tell dnsdist anything while it runs.
"""

from __future__ import annotations

from typing import Any

from sekisho.desk.portal import leading
from sekisho.desk.portal.told_network import NoPortal
from sekisho.desk.settings import Settings

LOGGER = "sekisho"
HOW = "{flushTimeout=1, queueNotifyThreshold=1, reopenInterval=1}"
"""dnsdist hands on what it has within a second, and looks each second whether anybody listens again."""


def carry_out(settings: Settings) -> dict[str, Any]:
    """{"socket", "ports": port by what was agreed to, "text": lines of dnsdist.conf}. Raises NoPortal: no-portal, no-dnstap."""
    if not settings.portal.listen:
        raise NoPortal("no-portal", "portal.listen")
    if settings.event.dnstap is None:
        raise NoPortal("no-dnstap", "event.dnstap")
    ports, socket = leading.ports(settings), str(settings.event.dnstap)
    lines = [f"{LOGGER} = newFrameStreamUnixLogger({_lua(socket)}, {HOW})"]
    for agreed, port in ports.items():
        lines += [f'addLocal("0.0.0.0:{port}")', f'addLocal("[::]:{port}")']
        lines.append(f"addAction(DSTPortRule({port}), DnstapLogAction({_lua(agreed)}, {LOGGER}))")
    return {"socket": socket, "ports": dict(ports), "text": "\n".join(lines)}


def _lua(text: str) -> str:
    """As a string of Lua."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else "".join(f"\\{b:03}" for b in c.encode()) for c in text) + '"'
