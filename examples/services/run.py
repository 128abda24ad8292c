"""Start one of the chats: `python -m examples.services.run starlette`. Ctrl-C stops everything it started.

One command, no container: the folder, the demo keys and (for Express) the packages of its lock are made when they are missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.services.demo_home import Home

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECIPES = ROOT / "packages" / "sender" / "recipes"
EXPRESS = HERE / "express"


class CannotStart(Exception):
    """A program that is needed is not installed, or does not start."""


@dataclass(frozen=True)
class Start:
    """A command, and what shows that it is ready: a port that answers with a page, or a socket that is there."""

    command: list[str]
    ready: int | Path


def uvicorn(app: str, port: int, *how: str) -> Start:
    """The server keeps its hands off the proxies' headers: that is our class's matter."""
    words = [sys.executable, "-m", "uvicorn", "--no-proxy-headers", "--log-level", "warning", "--port", str(port), *how]
    return Start([*words, f"examples.services.{app}"], port)


def starlette(_home: Home, port: int) -> list[Start]:
    return [uvicorn("starlette_chat:served", port, "--factory")]


def django(_home: Home, port: int) -> list[Start]:
    return [uvicorn("django_chat.asgi:application", port, "--lifespan", "off")]


def flask(_home: Home, port: int) -> list[Start]:
    return [Start([sys.executable, "-m", "examples.services.flask_chat", str(port)], port)]


def split(home: Home, port: int) -> list[Start]:
    home.secret("handover.secret")
    os.environ["CHAT_BACK_PORT"] = str(behind := free_port())
    return [uvicorn("split.back:served", behind, "--factory"), uvicorn("split.front:served", port, "--factory")]


def express(home: Home, *ports: int) -> list[Start]:
    """Express on a Unix socket, and before it one nginx for each port."""
    for program in ("node", "npm", "nginx"):
        if shutil.which(program) is None:
            raise CannotStart(f"{program} is not installed; as root on Debian type: make parts")
    install_express()
    home.keeper()
    socket_path = home.folder / "chat.sock"
    commands = [Start(["node", str(EXPRESS / "server.js"), str(socket_path), str(home.folder / "posts.jsonl")], socket_path)]
    for port in ports:
        text = (EXPRESS / "nginx.conf").read_text(encoding="utf-8")
        for word, value in (("RECIPES", RECIPES), ("HOME", home.folder), ("PORT", port), ("SOCKET", socket_path)):
            text = text.replace(word, str(value))
        config = home.folder / f"nginx-{port}.conf"
        config.write_text(text + ("" if os.geteuid() else "user root;\n"), encoding="utf-8")
        commands.append(Start(["nginx", "-e", "stderr", "-c", str(config)], port))
    return commands


def install_express() -> None:
    """`npm ci` from the lock, once."""
    if not (EXPRESS / "node_modules" / "express").is_dir():
        asked = ["npm", "ci", "--prefix", str(EXPRESS), "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"npm could not install Express: {done.stdout[-400:]}")


CHATS: dict[str, Callable[..., list[Start]]] = {f.__name__: f for f in (starlette, django, flask, split, express)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Running:
    """The processes of one chat. `stop` ends them all."""

    def __init__(self, name: str, home: Home, *ports: int) -> None:
        home.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        starts = CHATS[name](home, *ports)
        home.keeper()
        env = {**os.environ, "CHAT_HOME": str(home.folder), "PYTHONPATH": str(ROOT)}
        self.processes: list[subprocess.Popen[bytes]] = []
        try:
            for start in starts:
                self.processes.append(subprocess.Popen(start.command, env=env, cwd=home.folder))
                self.wait_for(start)
        except CannotStart:
            self.stop()
            raise

    def wait_for(self, start: Start) -> None:
        for _ in range(300):
            if self.processes[-1].poll() is not None:
                raise CannotStart(f"{' '.join(start.command[:4])} ended with {self.processes[-1].returncode}; its words stand above")
            if start.ready.exists() if isinstance(start.ready, Path) else answers(start.ready):
                return
            time.sleep(0.05)
        raise CannotStart(f"{' '.join(start.command[:4])} is not ready after 15 seconds")

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(port: int) -> bool:
    """Whether the page is there, also through a proxy that is up before what stands behind it."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
            asking.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in asking.recv(64)
    except OSError:
        return False


def main() -> int:
    asked = argparse.ArgumentParser("examples.services.run", description=__doc__)
    asked.add_argument("name", choices=CHATS)
    asked.add_argument("--port", type=int, default=8800)
    asked.add_argument("--home", type=Path, default=None, help="the chat's folder; a new one otherwise")
    told = asked.parse_args()
    home = Home((told.home or Path(tempfile.mkdtemp(prefix=f"chat-{told.name}-"))).resolve())
    try:
        running = Running(told.name, home, told.port)
    except CannotStart as no:
        print(no, file=sys.stderr)
        return 1
    print(f"http://127.0.0.1:{told.port}/   folder: {home.folder}   Ctrl-C stops it", flush=True)
    ended = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    ended.wait()
    running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
