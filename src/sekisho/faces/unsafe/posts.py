"""The demo's service with posts: the chat of `examples/services`, sealed to this node's keys, and what people wrote there."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from sekisho.desk.case_words import Adoption
from sekisho.desk.outside import Outside
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.law.casebook import Casebook

SERVICE = "chat"
PLAN = unsafe_demo.EXAMPLES / "plans" / "post-log-keeping.toml"
OPERATORS = "127.77.0.0/16,Example Mobile (unsafe demo)\n127.78.0.0/16,Example Fibre (unsafe demo)\n"
POSTS = (
    ("127.78.0.4", "木下", "きょうの集まりは7時から / we meet at 7 today"),
    ("127.77.0.9", "通りすがり", "見本花子は借金を返さない / Hanako Mihon never pays her debts"),
    ("127.77.0.9", "通りすがり", "見本花子の電話は 000-0000-0000 / Hanako Mihon's number is 000-0000-0000"),
)
"""Whose address, name and words. The whole of 127.0.0.0/8 is this machine's own: each poster has an address of their own in it."""


@dataclass
class Chat:
    """The chat of a demo's folder, in a process of its own. `start` and `stop` may each be called once."""

    home: Path
    port: int = field(default_factory=unsafe_demo.free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def staff_url(self) -> str:
        """The page on which the service's own people take a post down."""
        return f"{self.url}/staff/{(self.home / 'staff.secret').read_bytes().hex()[:32]}"

    def settings(self) -> str:
        """What the node's settings say of it. The folder is made with it, since `act` is let into it when it starts."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.home / "operators.csv").write_text(OPERATORS, encoding="utf-8")
        database = json.dumps(f"sqlite:///{self.home / 'chat.db'}")
        return f'\n[[service]]\nname = "{SERVICE}"\ndatabase = {database}\noperators = {json.dumps(str(self.home / "operators.csv"))}\n'

    def start(self, world: Outside) -> None:
        """With the keys of today. Raises TimeoutError where it does not answer."""
        keys = world.keep.call("sender-keys", service=SERVICE)
        (self.home / "sender-keys.json").write_text(json.dumps(keys), encoding="utf-8")
        command = [sys.executable, "-m", "examples.services.run", "starlette", "--port", str(self.port), "--home", str(self.home)]
        with (self.home / "chat.log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=unsafe_demo.HERE, stdout=log, stderr=log, env=dict(os.environ))
        unsafe_demo.wait_for(f"the chat ({self.home / 'chat.log'})", lambda: not unsafe_demo.is_free(self.port), 30)

    def post(self, source: str, author: str, body: str) -> int:
        """Somebody posts from this address; the port they came from. Raises OSError, or AssertionError for a post that was refused."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(source, 0))
        try:
            asking.connect()
            port = int(asking.sock.getsockname()[1])
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            asking.request("POST", "/posts", urlencode({"author": author, "body": body}), form)
            status = asking.getresponse().status
        finally:
            asking.close()
        if status != http.client.SEE_OTHER:
            raise AssertionError(f"the chat answered a post with {status}")
        return port

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


def stand(world: Outside, keys: Mapping[str, KeyFile], book: Casebook) -> list[str]:
    """The standing permit to keep sender records, and every text of a letter adopted; the permits."""
    permits = unsafe_demo.stand(world, keys, book, PLAN)
    officer = keys["officer"]
    for text in world.keep.call("letter-texts"):
        if text["adopted"] is None:
            words = Adoption(text["name"], text["digest"], officer.person, world.clock())
            world.keep.call("adopt-text", adoption=words, signature=officer.sign(words))
    return permits
