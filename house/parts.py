"""The real programs our tests talk to, as Debian packages. Root gets them installed; others are told the line to type.

Standard library only. `--optional` goes on without them (the tests then say what they skipped), unless CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PARTS = {
    "softflowd": "NetFlow from recorded packets",
    "pmacct": "NetFlow v9 and IPFIX from live packets",
    "nfdump": "a second decoder to compare with",
    "freeradius": "accounting records",
    "freeradius-utils": "accounting requests",
    "tcpdump": "captures in the lab",
    "postfix": "a real mail server",
    "iproute2": "network namespaces",
    "chromium": "the console in a real browser",
    "fonts-noto-cjk": "Japanese in that browser",
    "golang-go": "the public verifier of the ledger",
    "golang-golang-x-mod-dev": "the public verifier of the ledger",
    "gettext": "label catalogues",
}


def missing() -> list[str]:
    """The packages dpkg does not call installed, in our order."""
    if shutil.which("dpkg-query") is None:
        return list(PARTS)
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PARTS], capture_output=True, text=True, check=False
    )
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in PARTS if name not in there]


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
    if not names:
        return 0
    may_install = shutil.which("apt-get") is not None and os.geteuid() == 0
    if may_install and install(names):
        return 0
    if optional and os.environ.get("CI") != "true":
        print("Tests that need these parts will be skipped, each with a word:")
        for name in names:
            print(f"  {name}: {PARTS[name]}")
    print(f"To have them, type: sudo apt-get install --no-install-recommends {' '.join(names)}")
    return 0 if optional and os.environ.get("CI") != "true" else 1


if __name__ == "__main__":
    sys.exit(main("--optional" in sys.argv[1:]))
