"""The real programs our tests talk to, as Debian packages. Root gets them installed; others are told the line to type.

Beside them axe-core, the one npm package, which reads the console's pages for whoever cannot see them. Standard library only.
`--optional` goes on without them (the tests then say what they skipped), unless CI=true.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

AXE = Path(__file__).resolve().parent.parent / "tests" / "faces" / "web"
PARTS = {
    "softflowd": "NetFlow from recorded packets",
    "pmacct": "NetFlow v9 and IPFIX from live packets",
    "nfdump": "a second decoder to compare with",
    "freeradius": "accounting records",
    "freeradius-utils": "accounting requests",
    "tcpdump": "captures in the lab",
    "postfix": "a real mail server",
    "nginx": "the front end of a service with posts",
    "haproxy": "the other front end",
    "postgresql": "the database of a service with posts",
    "nodejs": "a service with posts that has no Python in it",
    "iproute2": "network namespaces",
    "chromium": "the console in a real browser",
    "fonts-noto-cjk": "Japanese in that browser",
    "golang-go": "the public verifier of the ledger",
    "golang-golang-x-mod-dev": "the public verifier of the ledger",
    "gettext": "label catalogues",
    "npm": "axe-core, which looks for barriers in the console's pages",
}
ALSO = {"npm": "npm", "nodejs": "node"}
"""Parts that other packages bring too: there when the program is."""


def missing() -> list[str]:
    """The packages dpkg does not call installed, in our order."""
    if shutil.which("dpkg-query") is None:
        return list(PARTS)
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PARTS], capture_output=True, text=True, check=False
    )
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in PARTS if name not in there and not (name in ALSO and shutil.which(ALSO[name]))]


def axe_is_fresh() -> bool:
    """Whether axe-core is there in the version of the lock."""
    lock, there = AXE / "package-lock.json", AXE / "node_modules" / "axe-core" / "package.json"
    wanted = json.loads(lock.read_text(encoding="utf-8"))["packages"]["node_modules/axe-core"]["version"]
    return there.is_file() and bool(json.loads(there.read_text(encoding="utf-8"))["version"] == wanted)


def fetch_axe() -> bool:
    """`npm ci` from the lock, its digest checked. Says npm's last words when it fails."""
    if axe_is_fresh():
        return True
    if shutil.which("npm") is None:
        return False
    print("Installing axe-core from its lock", flush=True)
    command = ["npm", "ci", "--prefix", str(AXE), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print("\n".join([*done.stdout.splitlines()[-8:], "npm could not install axe-core; its last lines stand above."]))
    return done.returncode == 0


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


def main(optional: bool) -> int:
    """Returns the exit code: 0 when all parts are there, or may be missing."""
    names = missing()
    may_install = shutil.which("apt-get") is not None and os.geteuid() == 0
    if names and may_install and install(names):
        names = []
    axe = fetch_axe()
    if not names and axe:
        return 0
    lenient = optional and os.environ.get("CI") != "true"
    if lenient:
        print("Tests that need these parts will be skipped, each with a word:")
        for name in names:
            print(f"  {name}: {PARTS[name]}")
        if not axe:
            print("  axe-core: the console's pages are not looked at for barriers")
    if names:
        print(f"To have them, type: sudo apt-get install --no-install-recommends {' '.join(names)}")
    if not axe:
        print("To have axe-core, type (with npm installed): npm ci --prefix tests/faces/web")
    return 0 if lenient else 1


if __name__ == "__main__":
    sys.exit(main("--optional" in sys.argv[1:]))
