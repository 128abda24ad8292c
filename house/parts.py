"""The real programs our tests talk to, as Debian packages. Root gets them installed; others are told the line to type.

Beside them two npm packages: axe-core, which reads the console's pages for whoever cannot see them, and Express, in which an example
service is written. Standard library only.
`--optional` goes on without them (the tests then say what they skipped), unless CI=true. `--bench` adds what the bench compares with.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "tests" / "faces" / "web"
EXPRESS = ROOT / "examples" / "services" / "express"
NODE = {AXE: "axe-core", EXPRESS: "express"}
"""npm packages, each from the lock of its folder."""
WITHOUT = {"axe-core": "the console's pages are not looked at for barriers", "express": "the Express chat is not tried"}
PARTS = {
    "softflowd": "NetFlow from recorded packets",
    "pmacct": "NetFlow v9 and IPFIX from live packets",
    "nfdump": "a second decoder to compare with",
    "freeradius": "accounting records",
    "freeradius-utils": "accounting requests",
    "tcpdump": "captures in the lab",
    "postfix": "a real mail server",
    "unbound": "a resolver whose counters an event's board shows",
    "dnsdist": "the part in front of a resolver that tells of those who agreed",
    "kea-dhcp4-server": "a DHCP server that tells devices of the portal",
    "nginx": "the front end of a service with posts",
    "haproxy": "the other front end",
    "chrony": "how far a clock is off",
    "postgresql": "the database of a service with posts",
    "nodejs": "a service with posts that has no Python in it",
    "iproute2": "network namespaces",
    "iputils-ping": "whether a packet comes through in them",
    "nftables": "rules in the kernel of a router",
    "iperf3": "how fast a line really is",
    "chromium": "the console in a real browser",
    "fonts-noto-cjk": "Japanese in that browser",
    "golang-go": "the public verifier of the ledger",
    "golang-golang-x-mod-dev": "the public verifier of the ledger",
    "gettext": "label catalogues",
    "clamav-daemon": "the malware scanner that attached files are shown to",
    "npm": "axe-core, which looks for barriers in the console's pages",
}
BENCH = {
    "postgrey": "greylisting, to compare the policy service with",
    "policyd-rate-limit": "sending limits, to compare the policy service with",
    "opendkim": "signatures of mails, to compare the labels with",
}
"""Beside them, for `make bench` alone: other people's programs that ours is measured against."""
POLICY = Path("/usr/sbin/policy-rc.d")
"""Where Debian asks, at every install, whether a service may start."""
ALSO = {"npm": "npm", "nodejs": "node"}
"""Parts that other packages bring too: there when the program is."""


def missing(parts: Iterable[str] = PARTS) -> list[str]:
    """The packages dpkg does not call installed, in our order."""
    if shutil.which("dpkg-query") is None:
        return list(parts)
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *parts], capture_output=True, text=True, check=False
    )
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in parts if name not in there and not (name in ALSO and shutil.which(ALSO[name]))]


def is_fresh(folder: Path) -> bool:
    """Whether the folder's package is there in the version of the lock."""
    name = NODE[folder]
    lock, there = folder / "package-lock.json", folder / "node_modules" / name / "package.json"
    wanted = json.loads(lock.read_text(encoding="utf-8"))["packages"][f"node_modules/{name}"]["version"]
    return there.is_file() and bool(json.loads(there.read_text(encoding="utf-8"))["version"] == wanted)


def fetch(folder: Path) -> bool:
    """`npm ci` from the lock, its digest checked. Says npm's last words when it fails."""
    if is_fresh(folder):
        return True
    if shutil.which("npm") is None:
        return False
    print(f"Installing {NODE[folder]} from its lock", flush=True)
    command = ["npm", "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print("\n".join([*done.stdout.splitlines()[-8:], f"npm could not install {NODE[folder]}; its last lines stand above."]))
    return done.returncode == 0


@contextmanager
def nothing_starts() -> Iterator[None]:
    """While this lasts no service starts because it was installed: no port is taken, no signature is downloaded. Tests start their own."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink()


def install(names: list[str]) -> bool:
    """As root on Debian: install them. Says what it does, and shows apt's words when it fails."""
    print(f"Installing {len(names)} Debian packages (some hundred megabytes, a minute or two): {' '.join(names)}", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *names]):
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            print("\n".join([*done.stdout.splitlines()[-12:], f"{' '.join(command[:3])} failed; its last lines stand above."]))
            return False
    return True


def main(optional: bool, *, bench: bool = False) -> int:
    """Returns the exit code: 0 when all parts are there, or may be missing."""
    names = missing() + (missing(BENCH) if bench else [])
    may_install = shutil.which("apt-get") is not None and os.geteuid() == 0
    if names and may_install:
        with nothing_starts():
            names = [] if install(names) else names
    absent = [folder for folder in NODE if not fetch(folder)]
    if not names and not absent:
        return 0
    lenient = optional and os.environ.get("CI") != "true"
    if lenient:
        print("Tests that need these parts will be skipped, each with a word:")
        for name in names:
            print(f"  {name}: {(PARTS | BENCH)[name]}")
        for folder in absent:
            print(f"  {NODE[folder]}: {WITHOUT[NODE[folder]]}")
    if names:
        print(f"To have them, type: sudo apt-get install --no-install-recommends {' '.join(names)}")
    for folder in absent:
        print(f"To have {NODE[folder]}, type (with npm installed): npm ci --prefix {folder.relative_to(ROOT)}")
    return 0 if lenient else 1


if __name__ == "__main__":
    sys.exit(main("--optional" in sys.argv[1:], bench="--bench" in sys.argv[1:]))
