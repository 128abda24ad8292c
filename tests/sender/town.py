"""Every server behind every proxy, each started once: real processes on loopback, one nginx and one HAProxy with the shipped recipes.

The client is 127.0.0.77, nginx listens on 127.0.0.33, HAProxy on 127.0.0.34, the servers on every address; and all of them on ::1.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sender.served import PAIR_FROM, PROXY_FROM, XFF_FROM

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "packages" / "sender" / "recipes"
SERVERS = ("uvicorn", "hypercorn", "gunicorn-asgi", "gunicorn-sync", "gunicorn-gthread", "daphne", "waitress", "granian", "granian-wsgi")
OWN = ("uvicorn-own", "waitress-own", "uvicorn-unix")
"""The same servers with their own reading of X-Forwarded-For left on, and one whose Unix socket speaks the PROXY protocol."""
READS_PROXY = ("uvicorn", "gunicorn-asgi", "gunicorn-sync", "gunicorn-gthread")
CLIENT, NGINX, HAPROXY, APP = "127.0.0.77", "127.0.0.33", "127.0.0.34", "127.0.0.5"
NGINX_WAYS = ("forwarded", "forwarded6", "xff", "unix", "told", "usual", "injected")
HAPROXY_WAYS = ("pair", "pair6", "v2-nginx")

End = tuple[str, int]


@dataclass(frozen=True)
class Answer:
    """What came back. `mine`: the client's own end; `dialled`: what it connected to; sender None: refused, or not captured."""

    status: int
    sender: dict[str, Any] | None
    mine: End
    dialled: End
    headers: dict[str, str] = field(default_factory=dict)

    def end(self, name: str) -> End | None:
        said = (self.sender or {}).get(name)
        return (said["ip"], said["port"]) if said else None


@dataclass
class Town:
    """Where everything listens. folder: sockets, logs and configurations."""

    folder: Path
    ports: dict[str, int]

    def door(self, server: str, way: str) -> tuple[End, str]:
        """Where a client connects to reach `server` on this way, and the path that leads there."""
        if way == "direct":
            return (APP, self.ports[server]), "/post"
        if way == "direct6":
            return ("::1", self.ports[f"{server}6"]), "/post"
        if way in ("v1", "v2"):
            return (HAPROXY, self.ports[f"{way}-{server}"]), "/post"
        host = "::1" if way.endswith("6") else NGINX if way in NGINX_WAYS else HAPROXY
        return (host, self.ports[way]), f"/{server}/post"

    def send(self, server: str, way: str, *headers: str, before: bytes = b"", method: str = "POST", source: str = CLIENT) -> Answer:
        """One request on a connection of its own. headers: whole lines, sent as they are, before ours."""
        where, path = self.door(server, way)
        lines = [f"{method} {path} HTTP/1.1", *headers]
        lines += [] if any(line.lower().startswith("host:") for line in headers) else ["Host: posts.example"]
        raw = before + "\r\n".join([*lines, "Content-Length: 0", "Connection: close", "", ""]).encode("utf-8")
        return exchange(where, raw, source)


def exchange(where: End, raw: bytes, source: str = CLIENT) -> Answer:
    six = ":" in where[0]
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET) as one:
        one.settimeout(8)
        if not six:
            one.bind((source, 0))
        one.connect(where)
        mine = one.getsockname()[:2]
        got = b""
        try:
            one.sendall(raw)
            while not is_whole(got) and (part := one.recv(65536)):
                got += part
        except ConnectionError:
            pass
    return read_answer(got, mine, where)


def is_whole(got: bytes) -> bool:
    """Whether an answer is complete, also on a connection that the server keeps open."""
    head, end, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    return bool(end) and (body.endswith(b"0\r\n\r\n") if length is None else len(body) >= int(length[1]))


def read_answer(got: bytes, mine: End, where: End) -> Answer:
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1]) if lines[0].startswith("HTTP/1.") else 0
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    told = body[body.find(b"{") : body.rfind(b"}") + 1] if status == 200 else b""
    return Answer(status, json.loads(told) if told else None, mine, where, headers)


def free_ports(names: list[str]) -> dict[str, int]:
    with ExitStack() as open_ones:
        found = {}
        for name in names:
            one = open_ones.enter_context(socket.socket(socket.AF_INET6))
            one.bind(("::", 0))
            found[name] = one.getsockname()[1]
        return found


def nginx_config(folder: Path, ports: dict[str, int]) -> str:
    recipes = RECIPES / "nginx"

    def server(way: str, listen: str, recipe: str, also: str = "", *, unix: bool = False) -> str:
        def to(name: str) -> str:
            return f"http://unix:{folder}/{name}.sock:/post" if unix else f"http://{APP}:{ports[name]}/post"

        inside = f"include {recipes}/{recipe}; {also}" if recipe else also
        places = "".join(f"location /{name}/post {{ proxy_pass {to(name)}; {inside} }}\n" for name in (*SERVERS, *OWN))
        return f"server {{ listen {listen.replace('PORT', str(ports[way]))}; {places} }}\n"

    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    from_2 = f"proxy_bind {XFF_FROM};"
    usual = f"{from_2} proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Real-IP $remote_addr;"
    injected = r'proxy_set_header Forwarded "for=$sekisho_for;by=$sekisho_by;host=\"$http_host\"";'
    user = "user root;" if os.geteuid() == 0 else ""  # the sockets lie in a folder of ours alone
    return (
        f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        f"events {{ worker_connections 256; }}\nhttp {{ access_log off; {temporary} include {recipes}/maps.conf;\n"
        + server("forwarded", f"{NGINX}:PORT", "forwarded.conf")
        + server("forwarded6", "[::1]:PORT", "forwarded.conf")
        + server("xff", f"{NGINX}:PORT", "xff-port.conf", from_2)
        + server("unix", f"{NGINX}:PORT", "forwarded.conf", unix=True)
        + server("told", f"{NGINX}:PORT proxy_protocol", "behind-proxy-protocol.conf")
        + server("usual", f"{NGINX}:PORT", "", usual)
        + server("injected", f"{NGINX}:PORT", "", injected)
        + "}\n"
    )


def haproxy_config(ports: dict[str, int]) -> str:
    http = [f"frontend http from sekisho-pair\n    bind {HAPROXY}:{ports['pair']}\n    bind [::1]:{ports['pair6']}"]
    http += [f"    use_backend {name} if {{ path_beg /{name}/ }}" for name in (*SERVERS, *OWN)]
    backends = [f"backend {name} from sekisho-http\n    server app {APP}:{ports[name]} source {PAIR_FROM}" for name in (*SERVERS, *OWN)]
    tcp = [f"listen nginx from sekisho-tcp\n    bind {HAPROXY}:{ports['v2-nginx']}\n    server nginx {NGINX}:{ports['told']} send-proxy-v2"]
    for name in SERVERS:
        for way, word in (("v1", "send-proxy"), ("v2", "send-proxy-v2")):
            there = f"server app {APP}:{ports[name]} {word} source {PROXY_FROM}"
            tcp.append(f"listen {way}-{name} from sekisho-tcp\n    bind {HAPROXY}:{ports[f'{way}-{name}']}\n    {there}")
    return "\n".join([*http, *backends, *tcp, ""])


def start(words: list[str], log: Path, **also: Any) -> subprocess.Popen[bytes]:
    with log.open("wb") as errors:
        return subprocess.Popen(words, cwd=ROOT, stdout=errors, stderr=errors, start_new_session=True, **also)


def wait_for(where: tuple[socket.AddressFamily, Any], deadline: float, log: Path) -> None:
    while True:
        with socket.socket(where[0]) as one:
            try:
                one.connect(where[1])
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"nothing listens on {where[1]}: {log.read_text('utf-8', 'replace')[-800:]}") from None
                time.sleep(0.03)
            else:
                return


@contextmanager
def founded(folder: Path) -> Iterator[Town]:
    """Start everything, wait until it listens, and end exactly that."""
    every = (*SERVERS, *OWN)
    names = [
        *every,
        *(f"{name}6" for name in every),
        *NGINX_WAYS,
        *HAPROXY_WAYS,
        *(f"{v}-{name}" for name in SERVERS for v in ("v1", "v2")),
    ]
    ports = free_ports(names)
    (folder / "nginx.conf").write_text(nginx_config(folder, ports), "utf-8")
    (folder / "haproxy.cfg").write_text(haproxy_config(ports), "utf-8")
    recipes = [word for name in ("pair.cfg", "proxy-v2.cfg") for word in ("-f", str(RECIPES / "haproxy" / name))]
    commands = {n: [sys.executable, "-m", "tests.sender.served", n, str(folder), str(ports[n]), str(ports[f"{n}6"])] for n in every}
    commands["nginx"] = ["nginx", "-p", str(folder), "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    commands["haproxy"] = ["haproxy", "-db", *recipes, "-f", str(folder / "haproxy.cfg")]
    started: list[subprocess.Popen[bytes]] = []
    try:
        started += [start(words, folder / f"{name}.out") for name, words in commands.items()]
        deadline = time.monotonic() + 40
        for name in every:
            log = folder / f"{name}.out"
            wait_for((socket.AF_INET, (APP, ports[name])), deadline, log)
            wait_for((socket.AF_INET6, ("::1", ports[f"{name}6"])), deadline, log)
            wait_for((socket.AF_UNIX, str(folder / f"{name}.sock")), deadline, log)
        wait_for((socket.AF_INET, (NGINX, ports["forwarded"])), deadline, folder / "nginx.out")
        wait_for((socket.AF_INET, (HAPROXY, ports["pair"])), deadline, folder / "haproxy.out")
        yield Town(folder, ports)
    finally:
        end_all(started)


def end_all(started: list[subprocess.Popen[bytes]]) -> None:
    for one in started:
        os.killpg(one.pid, signal.SIGKILL)
    for one in started:
        one.wait()
