"""One real installation for the command line: made by `init`, its people enrolled with key files, its processes running."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
PEOPLE = {"officer": "Takahashi", "reviewer-a": "Tanaka", "reviewer-b": "Ito", "engineer": "Sato", "desk": "Suzuki"}
PLAN = EXAMPLES / "plans" / "infected-notice.toml"


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def process(*words: str, lang: str = "en", cwd: Path = ROOT, patience: float = 100, **environment: str) -> Said:
    """The command line as a person starts it, in a process of its own, ended after so many seconds."""
    variables = {**os.environ, "SEKISHO_LANG": lang, "COLUMNS": "200", "NO_COLOR": "1", **environment}
    program = [sys.executable, "-c", "from sekisho.faces.cli import main; main()"]
    ran = subprocess.run([*program, *words], cwd=cwd, env=variables, capture_output=True, text=True, check=False, timeout=patience)
    return Said(ran.returncode, ran.stdout, ran.stderr)


def sekisho(*words: str, lang: str = "en", cwd: Path = ROOT, given: bytes = b"", **environment: str) -> Said:
    """The same in this process: a tenth of the time, for commands that start nothing. Leaves folder, language and settings as they were."""
    from typer.testing import CliRunner

    from sekisho.faces.cli import app
    from sekisho.faces.words import say

    plain = {"SEKISHO_LANG": lang, "SEKISHO_CONFIG": None, "SEKISHO_BOOK": None, "SEKISHO_KEY": None, "NO_COLOR": "1", **environment}
    with contextlib.chdir(cwd), pytest.MonkeyPatch.context() as for_now:
        for name in ("language", "asked", "as_json"):
            for_now.setattr(say.Chosen, name, getattr(say.Chosen, name))
        for console in (say.out, say.err):
            for_now.setattr(console, "_width", 200)
        ran = CliRunner().invoke(app, list(words), env=plain, input=given)
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Said(ran.exit_code, ran.stdout, ran.stderr)


def typed(where: Path, *words: str, lang: str = "en") -> Said:
    """A command typed in the folder `where`."""
    return sekisho(*words, lang=lang, cwd=where)


@dataclass
class Node:
    """An installation that runs. `keys`: who to key file."""

    home: Path
    codes: Mapping[str, str]
    keys: dict[str, Path] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.home / "sekisho.toml"

    def __call__(self, *words: str, who: str = "", lang: str = "en", given: bytes = b"") -> Said:
        """A command at this installation's terminal, signed by `who` where it signs; `given` comes in on its standard input."""
        variables: dict[str, Any] = {"SEKISHO_CONFIG": str(self.config)}
        if who:
            variables["SEKISHO_KEY"] = str(self.keys[who])
        if words[:1] == ("run",):
            return process(*words, lang=lang, **variables)
        return sekisho(*words, lang=lang, given=given, **variables)

    def ask(self, *words: str, who: str = "") -> Any:
        """The same for machines; it must succeed."""
        said = self("--json", *words, who=who)
        assert said.code == 0, said.out + said.err
        return said.json

    def start(self) -> None:
        log = (self.home / "run.log").open("wb")
        program = [sys.executable, "-c", "from sekisho.faces.cli import main; main()", "run", "--config", str(self.config)]
        self.process = subprocess.Popen(program, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + 100
        while time.monotonic() < end and self.process.poll() is None:
            if self.console_answers() and self("people", "list").code == 0:
                return
            time.sleep(0.2)
        raise AssertionError((self.home / "run.log").read_text(encoding="utf-8"))

    def console_answers(self) -> bool:
        """The console starts beside `keep` and may come up after it."""
        from sekisho.desk.config import read_settings

        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", read_settings(self.config).console.port)) == 0

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def made(home: Path) -> Node:
    """`sekisho init`, and the settings filled in as docs/getting-started.md says."""
    words = ["--json", "init", str(home), "--operator", "Example Networks", "--officer", "Takahashi", "--reviewer", "Tanaka"]
    said = sekisho(*words, "--reviewer", "Ito", "--engineer", "Sato", "--desk", "Suzuki")
    assert said.code == 0, said.err
    codes = {p["name"]: p["code"] for p in said.json["people"]}
    config = home / "sekisho.toml"
    text = config.read_text(encoding="utf-8")
    port = free_port()
    prefixes = [line.split(",")[0] for line in (EXAMPLES / "prefixes.csv").read_text(encoding="utf-8").splitlines()[1:]]
    for old, new in (
        (r"^lists = .*$", f"lists = [{json.dumps(str(EXAMPLES / 'lists' / 'cc.toml'))}]"),
        (r"^prefixes = .*$", f"prefixes = {json.dumps(prefixes)}"),
        (r"^flows = .*$", f'flows = "127.0.0.1:{free_port(socket.SOCK_DGRAM)}"'),
        (r"^port = 8470$", f"port = {port}"),
        (r"http://localhost:8470", f"http://localhost:{port}"),
    ):
        text, count = re.subn(old, new, text, flags=re.MULTILINE)
        assert count, old
    config.write_text(text, encoding="utf-8")
    return Node(home, {who: codes[name] for who, name in PEOPLE.items()})


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Running, with everybody enrolled; nobody has asked for anything yet. Each file has its own; its tests follow one story."""
    running = made(tmp_path_factory.mktemp("node") / "installation")
    running.start()
    for who, code in running.codes.items():
        path = running.home / f"{who}.key"
        assert running("people", "enrol", code, str(path)).code == 0
        running.keys[who] = path
    yield running
    assert running.stop() == 0
