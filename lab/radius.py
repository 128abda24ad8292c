"""A real FreeRADIUS that takes accounting, and the access server that sends it (radclient). Its detail file is the recording."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.network import LabError, Network

SECRET = "lab-only-secret"
PORT = 1813
CONFIG = """\
prefix = /usr
logdir = {folder}
run_dir = {folder}
raddbdir = {folder}
libdir = /usr/lib/freeradius
pidfile = {folder}/radiusd.pid
max_request_time = 30
cleanup_delay = 1
max_requests = 1024
hostname_lookups = no
log {{
  destination = stdout
}}
security {{
  user = root
  group = root
  allow_core_dumps = no
  max_attributes = 200
}}
thread pool {{
  start_servers = 1
  max_servers = 1
}}
client lab {{
  ipaddr = 127.0.0.1
  secret = {secret}
  shortname = lab
}}
modules {{
  detail {{
    # FreeRADIUS makes no file below /dev, where a test's folder in memory lies
    filename = /proc/self/root{folder}/detail
    permissions = 0600
    header = "%t"
  }}
  always ok {{
    rcode = ok
  }}
}}
server lab {{
  listen {{
    type = acct
    ipaddr = 127.0.0.1
    port = {port}
  }}
  accounting {{
    detail
    ok
  }}
}}
"""
NAS = 'NAS-IP-Address = 198.51.100.1\nNAS-Identifier = "bng1"'


@dataclass(frozen=True)
class Session:
    """One session of a line: what the access server says of it in every packet."""

    id: str
    user: str
    port: int
    address4: str
    wan6: str
    delegated6: str
    start: datetime


def attributes(session: Session, status: str, at: datetime, octets: tuple[int, int] = (0, 0)) -> str:
    """The attributes of one accounting packet; `status` is Start, Interim-Update or Stop, `octets` from and to the line."""
    rows = [
        f"Acct-Status-Type = {status}",
        f'User-Name = "{session.user}"',
        f'Acct-Session-Id = "{session.id}"',
        NAS,
        f"NAS-Port = {session.port}",
        "NAS-Port-Type = Ethernet",
        f'NAS-Port-Id = "xe-0/0/1.{session.port}"',
        "Service-Type = Framed-User",
        "Framed-Protocol = PPP",
        f"Framed-IP-Address = {session.address4}",
        f"Framed-IPv6-Prefix = {session.wan6}",
        f"Delegated-IPv6-Prefix = {session.delegated6}",
        f'Event-Timestamp = "{stamp(at)}"',
    ]
    if status != "Start":
        rows += [
            f"Acct-Session-Time = {int((at - session.start).total_seconds())}",
            f"Acct-Input-Octets = {octets[0]}",
            f"Acct-Output-Octets = {octets[1]}",
        ]
    if status == "Stop":
        rows.append("Acct-Terminate-Cause = User-Request")
    return "\n".join(rows) + "\n"


def stamp(at: datetime) -> str:
    """A time as radclient reads it: the zone is said, for without it the machine's own would be taken."""
    return at.astimezone(UTC).strftime("%b %d %Y %H:%M:%S UTC")


def switched_on(at: datetime) -> str:
    """The access server says that it has just started: no session of before is alive."""
    return f'Acct-Status-Type = Accounting-On\nAcct-Session-Id = "00000000"\n{NAS}\nEvent-Timestamp = "{stamp(at)}"\n'


def server(net: Network) -> Path:
    """Start FreeRADIUS on the router's loopback; returns the path of the detail file it will write."""
    folder = net.folder / "raddb"
    folder.mkdir()
    (folder / "radiusd.conf").write_text(CONFIG.format(folder=folder, secret=SECRET, port=PORT), encoding="utf-8")
    (folder / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n", encoding="utf-8")
    process: subprocess.Popen[bytes] = net.start(net.router, "freeradius", "-d", str(folder), "-f", "-l", "stdout", log="radius.log")
    net.printed("radius.log", "Ready to process requests", within=15)
    if process.poll() is not None:
        raise LabError(f"freeradius ended at once; see {net.folder / 'radius.log'}")
    return folder / "detail"


def send(net: Network, packet: str) -> None:
    """Send one accounting packet and wait for its answer. Raises LabError when FreeRADIUS does not take it."""
    path = net.folder / "packet.radius"
    path.write_text(packet, encoding="utf-8")
    net.run(net.router, "radclient", "-D", str(net.folder / "raddb"), "-f", str(path), f"127.0.0.1:{PORT}", "acct", SECRET)
