"""The console before a real node: the demo walked to its end, each action with JavaScript or without, what can be repeated both ways."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sekisho.desk.config import read_settings
from tests.conftest import ROOT, need
from tests.faces.conftest import process, typed
from tests.faces.web.conftest import loopback

PATIENCE = 90.0
ENGINEER, OFFICER, FIRST, SECOND = "Sato Haru", "Takahashi Rin", "Tanaka Sora", "Ito Nao"
READING = (
    "/",
    "/measures",
    "/measures/infected-notice",
    "/measures/traffic-picture",
    "/permits",
    "/traffic",
    "/ledger",
    "/people",
    "/mailbox",
    "/line",
    "/notices",
)
STORY: dict[str, str] = {}
"""What one test of the walk found and the next goes on with."""


def until(what: str, ready: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ready():
            return found
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


@dataclass
class Demo:
    """`sekisho demo` in a process of its own, at the point where it waits for a visitor."""

    folder: Path
    more: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return read_settings(self.folder / "sekisho.toml").console.url

    def start(self) -> None:
        log = self.folder.with_suffix(".log")
        program = [sys.executable, "-c", "from sekisho.faces.cli import main; main()", "demo", "--folder", str(self.folder), "--port", "0"]
        program += self.more
        with log.open("wb") as out:
            self.process = subprocess.Popen(program, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, "COLUMNS": "200"})
        end = time.monotonic() + PATIENCE
        while "Ctrl-C" not in log.read_text(encoding="utf-8", errors="replace"):
            assert self.process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            assert time.monotonic() < end, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.2)
        until("the console answers", self.listening)

    def listening(self) -> bool:
        where = urlsplit(self.origin)
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", where.port or 80)) == 0

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    need("chromium")
    running = Demo(tmp_path_factory.mktemp("web") / "demo")
    running.start()
    yield running
    assert running.stop() == 0


both_ways = pytest.mark.parametrize("page", [True, False], ids=["script", "no-script"], indirect=True)
with_script = pytest.mark.parametrize("page", [True], ids=["script"], indirect=True)
without_script = pytest.mark.parametrize("page", [False], ids=["no-script"], indirect=True)


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Any, demo: Demo) -> Iterator[Any]:
    """An English page of the demo; the browser may find nothing to complain about but the answers that are meant to be refusals."""
    with browser.new_context(locale="en", base_url=demo.origin, java_script_enabled=request.param) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        yield page
        assert [c for c in complaints if "status of 409" not in c] == []


def act_as(page: Any, name: str) -> None:
    page.goto("/line")
    page.locator(".demo button", has_text=name).click()
    page.locator(".demo button[aria-pressed=true]", has_text=name).wait_for()


def sign(page: Any, name: str, done: str) -> None:
    """Read the statement, sign it with the demo key, and see that `keep` took it."""
    page.locator("details.printed > summary").click()
    assert re.fullmatch(r"[0-9a-f]{64}", page.locator("code.hash.long").inner_text())
    page.get_by_role("button", name=f"Sign as {name} (unsafe demo key)").click()
    page.get_by_role("status").get_by_text(done).wait_for()


def rows(page: Any, step: str, state: str) -> list[Any]:
    """The rows of the permits table with this step and state."""
    page.goto("/permits")
    found = page.locator("table.permits tbody tr").all()
    return [r for r in found if r.locator("td").first.locator("code").inner_text() == step and r.locator(".state").inner_text() == state]


@both_ways
def test_the_overview_shows_the_waiting_decision_the_five_questions_and_the_five_processes(page: Any) -> None:
    """What the visitor sees first: one plan drafted by the node, three lines, five cards, and each process with a word."""
    page.goto("/")
    assert page.locator("#waiting").inner_text() == "1 decision is waiting"
    assert "proposed by this node, from what it found" in page.locator("#waiting-now").inner_text()
    assert "3 lines talk to a listed server; we do not know whose." in page.locator("#findings").inner_text()
    assert page.locator("article.card").count() == 5
    table = page.locator("table.processes tbody tr").all()
    processes = {r.locator("th code").inner_text(): r.locator(".state").inner_text() for r in table}
    assert processes == {"keep": "running", "collect-0": "running", "work": "started for each look", "act": "running", "show": "running"}
    names = page.locator(".demo button").all_inner_texts()
    assert len({n.split()[0] for n in names}) == 5
    assert all("(" not in n for n in names)
    page.get_by_role("link", name="See why, and what to do").click()
    page.locator("h2#answer").wait_for()
    STORY["plan"] = page.url.rsplit("/", 1)[-1]


@with_script
def test_the_tree_says_what_is_missing_and_who_can_supply_it(page: Any) -> None:
    """Looking whose lines they are is permitted; telling them is not yet, and the list names the roles that can help."""
    act_as(page, OFFICER)
    page.goto(f"/plans/{STORY['plan']}")
    answers = {r.locator("th").inner_text(): r.locator("td").last.inner_text().strip() for r in page.locator("table.matrix tbody tr").all()}
    assert answers == {"identify": "permitted", "notify": "refused"}
    todo = page.locator(".todo-group").all_inner_texts()
    assert len(todo) == 2
    assert "legal officer" in todo[0]
    assert "2 signatures are missing" in todo[1]
    assert page.locator("li.case summary code").count() >= 5
    assert page.locator("li.condition.unmet").count() >= 1


@without_script
def test_the_officer_reads_the_text_and_adopts_it(page: Any) -> None:
    """The letter stands beside the form; the statement is read as it will be signed, signed, and taken."""
    act_as(page, OFFICER)
    page.goto(f"/plans/{STORY['plan']}")
    page.get_by_role("link", name="Lay in…").first.click()
    assert "Please check the devices on your line" in page.locator("pre.letter[lang=en]").inner_text()
    page.get_by_role("button", name="Read what you will sign").click()
    sign(page, OFFICER, "The evidence was checked and laid in.")
    assert page.locator(".todo-group").count() == 1
    assert page.locator(".title .outcome").inner_text() == "permitted"


@pytest.mark.parametrize(
    ("page", "name", "permits"), [(True, FIRST, 0), (False, SECOND, 6)], ids=["script", "no-script"], indirect=["page"]
)
def test_one_approval_is_not_enough_and_two_give_six_permits(page: Any, name: str, permits: int) -> None:
    """The first reviewer alone changes nothing; with the second there is a permit for each line and step."""
    act_as(page, name)
    page.goto("/approvals")
    page.get_by_role("link", name="Read and approve…").click()
    sign(page, name, "Your approval was checked and written down.")
    page.goto(f"/plans/{STORY['plan']}")
    assert page.locator("table.permits tbody tr").count() == permits
    assert page.get_by_role("link", name="Read and approve…").count() == 0


@without_script
def test_each_subscriber_gets_one_mail(page: Any) -> None:
    """Three letters to three addresses, each in its reader's language, with a code of its own."""

    def delivered() -> bool:
        page.goto("/mailbox")
        return int(page.locator("article.mail").count()) >= 3

    until("three mails", delivered)
    mails = page.locator("article.mail").all()
    assert len(mails) == 3
    assert len({m.locator("dd").nth(1).inner_text() for m in mails}) == 3
    codes = [re.findall(r"/line\?code=([\w-]+)", m.locator("pre.letter").inner_text()) for m in mails]
    assert len({c for found in codes for c in found}) == 3


@pytest.mark.parametrize(("page", "which"), [(True, 0), (False, 1)], ids=["script", "no-script"], indirect=["page"])
def test_the_subscriber_follows_the_letter_sees_who_looked_and_withdraws(page: Any, which: int) -> None:
    """The link opens their own page; it says what was seen, who answered for the look, and ends it at once."""
    page.goto("/mailbox")
    mails = page.locator("article.mail h2").all_inner_texts()
    page.locator("article.mail").nth(which).get_by_role("link", name="/line?code=").click()
    page.get_by_role("button", name="Show me what is known").click()
    page.locator("h2#looks").wait_for()
    words = page.locator("main").inner_text()
    reference = re.search(r"[0-9a-f]{8}", page.locator("main > p code").first.inner_text())
    assert reference
    assert reference[0] in mails[which]
    assert "A terminal on your line talked to a server on a list of control servers." in words
    assert FIRST in words
    assert SECOND in words
    page.get_by_role("button", name="Withdraw now").click()
    page.get_by_role("status").get_by_text("You have withdrawn.").wait_for()


@both_ways
def test_the_withdrawn_permit_opens_nothing_and_the_page_says_why(page: Any) -> None:
    """Two lines' permits stand as withdrawn; looking again is refused by `keep` with the reason; the third line's still stand."""
    act_as(page, ENGINEER)
    assert len(rows(page, "notify", "withdrawn")) == 2
    assert len(rows(page, "identify", "in force")) == 1
    identify, _ = rows(page, "identify", "withdrawn")
    STORY["entry"] = identify.locator("a[href^='/ledger/']").inner_text().removeprefix("#")
    identify.get_by_role("button", name="Look again").click()
    page.get_by_role("heading", name="The permit was withdrawn").wait_for()
    assert page.locator("dd code").first.inner_text() == "withdrawn"


@both_ways
def test_the_ledger_verifies_in_the_page(page: Any) -> None:
    """Every entry read and hashed again; the root as hex, the same kind as on the overview; the commands named are those that exist."""
    page.goto("/")
    assert re.fullmatch(r"[0-9a-f]{16}…", page.locator("#state .pairs dd").first.inner_text())
    page.goto("/ledger")
    page.get_by_role("button", name="Verify the whole ledger now").click()
    page.get_by_text("The ledger holds.").wait_for()
    assert re.fullmatch(r"[0-9a-f]{64}", page.locator(".verified code").inner_text())
    page.goto("/ledger")
    assert page.locator("pre").inner_text().startswith('go_verifier "sekisho.ledger/')
    assert (ROOT / "tests/ledger/go_verifier/main.go").is_file()


@both_ways
def test_an_entry_explains_its_decision_and_its_receipt_downloads(page: Any) -> None:
    """The permit's entry replays the decision with the book of that day; its receipt is a tlog-proof for the same index."""
    page.goto(f"/ledger/{STORY['entry']}")
    assert page.locator("h1").inner_text() == f"permit #{STORY['entry']}"
    assert page.locator("table.matrix tbody tr").all_inner_texts()[0].startswith("identify")
    assert page.get_by_text("the answer stands on this").count() >= 1
    with page.expect_download() as arriving:
        page.get_by_role("link", name="receipt").click()
    proof = Path(arriving.value.path()).read_text(encoding="utf-8")
    assert arriving.value.suggested_filename == f"sekisho-{STORY['entry']}.tlog-proof"
    assert proof.startswith("c2sp.org/tlog-proof@v1\n")
    assert f"index {STORY['entry']}\n" in proof


def test_every_page_reads_in_japanese(browser: Any, demo: Demo) -> None:
    """After the whole story each page opens in Japanese, with one heading and no English label left on it."""
    paths = [*READING, f"/plans/{STORY['plan']}", f"/ledger/{STORY['entry']}", "/approvals"]
    with browser.new_context(locale="ja", base_url=demo.origin) as context:
        page = context.new_page()
        act_as(page, OFFICER)
        for path in paths:
            answer = page.goto(path)
            assert answer.status == 200, path
            assert page.locator("html").get_attribute("lang") == "ja"
            assert page.locator("main h1").count() == 1, path
            labels = page.locator("main th[scope=col]:not(:has(.unseen)), main h1, main h2, nav.rooms a").all_inner_texts()
            assert [label for label in labels if label.strip().isascii() and label.strip() and path not in ("/", "/mailbox")] == [], path


def test_a_demo_whose_port_is_taken_says_so_and_touches_nothing(tmp_path: Path) -> None:
    """Before anything is started or made anew: the earlier demo's folder is as it was."""
    (tmp_path / "earlier").write_text("kept", encoding="utf-8")
    listener, origin = loopback()
    with listener:
        listener.listen()
        said = process("demo", "--folder", str(tmp_path), "--port", origin.rpartition(":")[2])
    assert said.code == 2
    assert "That port is taken" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["earlier"]


def test_the_story_of_posts_is_walked_by_people_and_not_by_itself(tmp_path: Path) -> None:
    """Asked for both, the demo says that they do not go together, and touches nothing."""
    said = typed(tmp_path, "demo", "--auto", "--posts")
    assert said.code == 2
    assert "walked by people" in said.err + said.out
    assert list(tmp_path.iterdir()) == []
