"""Real exporters: pmacctd live on the router's uplink, softflowd over packets captured there."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.network import OWN, LabError, Network

UPLINK, UPLINK_INDEX = "uplink", 100
PMACCTD = """\
daemonize: false
pcap_interface: {interface}
plugins: {plugins}
aggregate: src_host,dst_host,src_port,dst_port,proto,tos,tcpflags,in_iface,out_iface
pre_tag_map: {tags}
"""
TAGS = """\
set_tag=2 filter='src net {own4} or src net {own6}'
set_tag=1 filter='dst net {own4} or dst net {own6}'
"""
PROBE = """\
nfprobe_receiver[{name}]: {receiver}
nfprobe_version[{name}]: {version}
nfprobe_timeouts[{name}]: tcp=1:tcp.rst=1:tcp.fin=1:maxlife=3:expint=1:general=1:udp=1:icmp=1
nfprobe_engine[{name}]: {engine}
nfprobe_direction[{name}]: tag
nfprobe_ifindex[{name}]: {index}
"""


def pmacctd(net: Network, receivers: dict[int, str]) -> subprocess.Popen[bytes]:
    """Start pmacctd on the router's uplink; `receivers` maps a version (9, 10) to "address:port" in the router's namespace.

    The first records leave three to four seconds after the traffic they tell of.
    """
    names = {version: f"v{version}" for version in receivers}
    plugins = ", ".join(f"nfprobe[{name}]" for name in names.values())
    tags = net.folder / "tags.map"
    tags.write_text(TAGS.format(own4=OWN[0], own6=OWN[1]), encoding="utf-8")
    text = PMACCTD.format(interface=UPLINK, plugins=plugins, tags=tags)
    for version, receiver in receivers.items():
        text += PROBE.format(name=names[version], receiver=receiver, version=version, engine=version, index=UPLINK_INDEX)
    path = net.folder / "pmacctd.conf"
    path.write_text(text, encoding="utf-8")
    process = net.start(net.router, "pmacctd", "-f", str(path), log="pmacctd.log")
    net.printed("pmacctd.log", "link type is", within=10)
    if process.poll() is not None:
        raise LabError(f"pmacctd ended at once; see {net.folder / 'pmacctd.log'}")
    return process


def capture(net: Network, path: Path) -> subprocess.Popen[bytes]:
    """Start tcpdump on the router's uplink, headers only: what softflowd reads afterwards."""
    process = net.start(net.router, "tcpdump", "-i", UPLINK, "-s", "128", "-U", "-Z", "root", "-w", str(path), log="tcpdump.log")
    net.printed("tcpdump.log", "listening on", within=10)
    return process


def softflowd(net: Network, packets: Path, version: int, receiver: str) -> None:
    """Run softflowd over captured packets: version 5, or 10 with milliseconds. 9 is refused, its times would be 49.7 days off."""
    if version not in (5, 10):
        raise ValueError(f"softflowd over a file tells the right time in versions 5 and 10 only, not {version}")
    times = ("-A", "milli") if version == 10 else ()
    pid = str(net.folder / "softflowd.pid")
    argv = ("softflowd", "-r", str(packets), "-n", receiver, "-v", str(version), *times, "-c", "none", "-p", pid)
    net.run(net.router, *argv, within=30)
