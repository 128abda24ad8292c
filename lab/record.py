"""Record the lab into `examples/`: exporters' datagrams, FreeRADIUS's detail file, the register and the list that go with them.

    python -m lab.record [--folder examples] [--seconds 120] [--quiet-seconds 75]

Runs as root, in real time: sessions begin `quiet-seconds` before the traffic and are still alive that long after it,
so that the accounting covers every flow with a margin.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab import datagrams, exporters, radius, scenario
from lab.network import OWN, ROOT, LabError, Network, network
from lab.scenario import LINES, REUSED, Line
from lab.traffic import Errand, write

PORTS = {"pmacctd-v9": 9909, "pmacctd-ipfix": 9910, "softflowd-v5": 9905, "softflowd-ipfix": 9911}
LAST_CONTACT_BEFORE_STOP = 1.5
HANDED_OVER_AFTER = 2.0


def now() -> datetime:
    return datetime.now(UTC)


def prepare(net: Network) -> None:
    """Servers on the internet side, addresses and prefixes on the lines."""
    for address in scenario.SERVERS:
        net.give_server(address)
    for line in LINES:
        if line.number != 8:
            net.give_address(line.address4, line.number)
        net.give_prefix(line.delegated6, line.address6, line.number)
    net.python(net.internet, "lab.traffic", "serve", *scenario.PORTS, log="internet.log")
    net.printed("internet.log", "serving")


def visit(net: Network, line: Line, errands: list[Errand]) -> subprocess.Popen[bytes]:
    """Send a line's terminal out on its errands."""
    path = net.folder / f"errands{line.number}.json"
    write(path, errands)
    return net.python(net.line(line.number), "lab.traffic", "visit", str(path), log=f"line{line.number}.log")


def open_session(net: Network, line: Line) -> radius.Session:
    """The line comes up: a session, told to FreeRADIUS."""
    begun = now().replace(microsecond=0)
    session = radius.Session(
        f"{int(begun.timestamp()):08X}{line.number:02X}", line.user, line.number, line.address4, line.wan6, line.delegated6, begun
    )
    radius.send(net, radius.attributes(session, "Start", begun))
    return session


def octets(net: Network, line: Line) -> tuple[int, int]:
    """Octets from and to the line so far, from the router's own interface."""
    [link] = json.loads(net.run(net.router, "ip", "-j", "-s", "link", "show", f"l{line.number}"))
    return link["stats64"]["rx"]["bytes"], link["stats64"]["tx"]["bytes"]


def tell(net: Network, line: Line, session: radius.Session, status: str) -> None:
    radius.send(net, radius.attributes(session, status, now(), octets(net, line)))


def play(net: Network, seconds: float, quiet: float) -> None:
    """Sessions, traffic, and the address that changes hands halfway."""
    radius.send(net, radius.switched_on(now()))
    sessions = {line.number: open_session(net, line) for line in LINES if line.number != 8}
    duplicate = radius.attributes(sessions[2], "Start", sessions[2].start)
    radius.send(net, duplicate)  # the access server did not hear the answer and said it again
    time.sleep(quiet)
    half = seconds / 2
    visits = [visit(net, line, scenario.errands(line, seconds)) for line in LINES if line.number not in (7, 8)]
    first = visit(net, LINES[6], scenario.holder(half))
    first.wait(half + 30)
    time.sleep(LAST_CONTACT_BEFORE_STOP)
    tell(net, LINES[6], sessions[7], "Stop")
    net.move_address(REUSED, 7, 8)
    time.sleep(HANDED_OVER_AFTER)
    sessions[8] = open_session(net, LINES[7])
    visits.append(visit(net, LINES[7], scenario.follower(half - 5)))
    for line in LINES[:6]:
        tell(net, line, sessions[line.number], "Interim-Update")
    for process in visits:
        if process.wait(seconds + 30):
            said = [path.read_text(encoding="utf-8")[:300] for path in sorted(net.folder.glob("line*.log"))]
            raise LabError(f"a terminal did not get its answers: {said}")
    time.sleep(quiet)
    for line in LINES:
        if line.number != 7:
            tell(net, line, sessions[line.number], "Stop" if line.number == 5 else "Interim-Update")


def replay_packets(net: Network, packets: Path) -> None:
    for name, version in (("softflowd-v5", 5), ("softflowd-ipfix", 10)):
        exporters.softflowd(net, packets, version, f"127.0.0.1:{PORTS[name]}")
    time.sleep(0.5)


def keep_books(folder: Path, day: datetime) -> None:
    """The register, the list, our prefixes and the truth: what an operator has beside the streams."""
    (folder / "lists").mkdir(exist_ok=True)
    long_ago = datetime(2024, 4, 1, tzinfo=UTC)
    head = ["line", "radius_name", "delegated_prefix", "valid_from", "valid_until", "mail", "name", "language"]
    with (folder / "lines.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*head, "contract_from", "contract_until", "terms_version"])
        # Before L-1003 somebody else had the same port: whoever ignores validity writes to a stranger.
        moved = (day - timedelta(days=40)).strftime("%Y-%m-%dT00:00:00Z")
        first = LINES[2]
        old = ("2022-06-01T00:00:00Z", moved)
        rows.writerow(["L-0903", first.user, first.delegated6, *old, "moved@mail.example", "旧 契約者", "ja", *old, "2021-10-01"])
        for line in LINES:
            since = moved if line is first else long_ago.strftime("%Y-%m-%dT%H:%M:%SZ")
            keys = [line.id, line.user, line.delegated6, since, ""]
            rows.writerow([*keys, line.mail, line.name, line.language, since, "", "2024-04-01"])
    entries = "".join(
        f'\n[[entry]]\naddress = "{address}"\nport = {scenario.COMMAND_PORT}\nprotocol = "tcp"\n'
        for address in (scenario.COMMAND4, scenario.COMMAND6)
    )
    stamp = day.strftime("%Y-%m-%dT%H:%M:%SZ")
    until = (day + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    head_of_list = f'id = "lab-cc"\norigin = "sekisho lab"\nmade = {stamp}\nuntil = {until}\n'
    (folder / "lists" / "cc.toml").write_text(head_of_list + entries, encoding="utf-8")
    (folder / "prefixes.csv").write_text("prefix,name\n" + "".join(f"{p},subscribers\n" for p in OWN), encoding="utf-8")
    truth = {"recorded": stamp, **scenario.truth()}
    (folder / "expected.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def record(folder: Path, seconds: float, quiet: float) -> None:
    """Everything, into `folder`. Raises LabError with the last words of the part that failed."""
    day = now().replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="sekisho-lab-") as name, network(len(LINES), Path(name)) as net:
        prepare(net)
        receivers = []
        for kind, port in PORTS.items():
            path = str(net.folder / f"{kind}.datagrams")
            receivers.append(net.python(net.router, "lab.datagrams", path, str(port), log=f"{kind}.log"))
            net.printed(f"{kind}.log", "listening")
        detail = radius.server(net)
        targets = {9: f"127.0.0.1:{PORTS['pmacctd-v9']}", 10: f"127.0.0.1:{PORTS['pmacctd-ipfix']}"}
        probe = exporters.pmacctd(net, targets)
        packets = net.folder / "uplink.pcap"
        dump = exporters.capture(net, packets)
        play(net, seconds, quiet)
        net.stop(dump)
        net.stop(probe)
        replay_packets(net, packets)
        for receiver in receivers:
            net.stop(receiver)
        (folder / "flows").mkdir(parents=True, exist_ok=True)
        (folder / "radius").mkdir(exist_ok=True)
        for kind in PORTS:
            shutil.copyfile(net.folder / f"{kind}.datagrams", folder / "flows" / f"{kind}.datagrams")
        shutil.copyfile(detail, folder / "radius" / "detail")
    keep_books(folder, day)
    for kind in PORTS:
        written = folder / "flows" / f"{kind}.datagrams"
        print(f"{kind}: {sum(1 for _ in datagrams.read(written))} datagrams, {written.stat().st_size} octets")


if __name__ == "__main__":
    words = argparse.ArgumentParser(description="Record the lab into a folder (root, Linux)")
    words.add_argument("--folder", type=Path, default=ROOT / "examples")
    words.add_argument("--seconds", type=float, default=120)
    words.add_argument("--quiet-seconds", type=float, default=75)
    asked = words.parse_args()
    record(asked.folder, asked.seconds, asked.quiet_seconds)
