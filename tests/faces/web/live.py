"""The console before a real `keep` world in the same process: what strangers send is sealed, entered and answered for real."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from starlette.testclient import TestClient

from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings, create_app
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.faces.web.conftest import TOKEN

ONCE = re.compile(r'name="once" value="([^"]+)"')
RECEIPT = re.compile(r'<b class="mono">([^<]+)</b>')


@dataclass
class Live:
    """`load` is what the operator's people do; `stranger` a browser without scripts, of nobody in particular."""

    office: Office
    settings: Settings = field(init=False)
    load: Caseload = field(init=False)
    stranger: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.load = Caseload(self.office)
        self.settings = Settings(clock=self.office.watch.wall, sign_in_attempts=1000, readings=1000)
        self.stranger = self.browser()

    def browser(self, language: str = "en", **changed: Any) -> TestClient:
        desk = KeepDesk(self.office.settings, read_public(self.office.settings.folder), cast("Channel", self.office.channel("show")))
        settings = Settings(**{**self.settings.__dict__, **changed})
        return TestClient(create_app(desk, settings), base_url="http://localhost:8080", headers={"accept-language": language})

    def post(self, page: str, path: str, data: Mapping[str, str] | None = None, files: Any = None, client: TestClient | None = None) -> Any:
        """Send the form of `page` to `path`, with the token and the name the page gave it."""
        browser = client or self.stranger
        text = browser.get(page).text
        told = {"csrf": TOKEN.search(text)[1], **({"once": m[1]} if (m := ONCE.search(text)) else {}), **(data or {})}  # type: ignore[index]  # every form has its token
        return browser.post(path, data=told, files=files)

    def claim(self, door: str, facts: Mapping[str, str], files: Any = None, client: TestClient | None = None) -> Any:
        return self.post(
            f"/contact/{door}", f"/contact/{door}", {f"f.{k}": v for k, v in facts.items()}, files or {"file.": ("", b"")}, client
        )

    def receipt(self, door: str, facts: Mapping[str, str], files: Any = None) -> tuple[str, str]:
        answer = self.claim(door, facts, files)
        assert answer.status_code == 200, answer.text
        number, code = RECEIPT.findall(answer.text)
        return number, code


@contextmanager
def live(template: Path, home: Path) -> Iterator[Live]:
    """A console on a copy of an office."""
    shutil.copytree(template, home)
    office = Office(home).open()
    yield Live(office)
    office.close()
