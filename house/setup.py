"""Make `.venv` from the lock files. Standard library only: it runs on the system's Python before anything is installed.

`python3 house/setup.py run` installs what the program needs, `... dev` also what its tests and checks need.
The second time it compares a digest and is done.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PROJECTS = (ROOT, ROOT / "packages" / "sender")
"""What is ours, installed editable: the node, and the distribution that services with posts install."""
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


class CannotGoOn(Exception):
    """Says in one plain line what the person at the keyboard has to do."""


def fingerprint(lock: Path) -> str:
    """What the stamp holds: a digest of everything an installation depends on."""
    seen = hashlib.sha256()
    for part in (lock, *(project / "pyproject.toml" for project in PROJECTS)):
        seen.update(part.read_bytes())
    return seen.hexdigest()


def stamp(level: str) -> Path:
    return VENV / f".sekisho-{level}"


def is_fresh(level: str) -> bool:
    """Whether this level, or the larger one, was installed from exactly these files."""
    for name in ("dev",) if level == "dev" else ("run", "dev"):
        mark = stamp(name)
        if PYTHON.exists() and mark.exists() and mark.read_text(encoding="ascii") == fingerprint(LOCKS[name]):
            return True
    return False


def say(words: str) -> None:
    print(words, flush=True)


def make_venv() -> None:
    """Create `.venv`; on Debian without python3-venv, install that as root, or say what to type."""
    if PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        install_python3_venv()
    say("Making .venv")
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def install_python3_venv() -> None:
    package = f"python3.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") is None:
        raise CannotGoOn("Python's venv module is missing. Install it with your system's packages, and then type the same command again.")
    if os.geteuid() != 0:
        raise CannotGoOn(f"Python's venv module is missing. Type: sudo apt-get install {package}   and then the same command again.")
    say(f"Installing the Debian package {package}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "--no-install-recommends", package]):
        subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL)


def pip(*words: str) -> None:
    """Run pip and show one line for every tenth package. Raises CannotGoOn with pip's last lines."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", *words]
    tail: list[str] = []
    fetched = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8") as child:
        for line in child.stdout or ():
            tail = [*tail[-14:], line.rstrip()]
            if line.startswith("Collecting "):
                fetched += 1
                if fetched % 10 == 0:
                    say(f"  {fetched} packages fetched")
            elif fetched and line.startswith("Installing collected"):
                say("  unpacking")
    if child.returncode != 0:
        raise CannotGoOn("\n".join([*tail, "pip could not install the locked packages; its last lines stand above."]))


def install(level: str) -> None:
    """Bring `.venv` to the lock's state, then our own projects, editable."""
    lock = LOCKS[level]
    wanted = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    say(f"Installing {wanted} locked packages into .venv (a minute or two the first time)")
    pip("--require-hashes", "-r", str(lock))
    pip("--no-build-isolation", "--no-deps", *(word for project in PROJECTS for word in ("--editable", str(project))))
    stamp(level).write_text(fingerprint(lock), encoding="ascii")


def main(level: str) -> int:
    """Returns the exit code: 0 when `.venv` is as the lock says."""
    if level not in LOCKS:
        say("usage: python3 house/setup.py run|dev")
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - the one file that runs before anybody has checked
        say(f"Sekisho needs Python 3.11 or newer; this is {sys.version.split()[0]}. Type: make PYTHON=python3.11 ...")
        return 1
    if is_fresh(level):
        return 0
    try:
        make_venv()
        install(level)
    except CannotGoOn as stop:
        say(str(stop))
        return 1
    except subprocess.CalledProcessError as failed:
        say(f"This command failed with code {failed.returncode}: {' '.join(map(str, failed.cmd))}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
