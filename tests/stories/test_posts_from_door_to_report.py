"""A claim to delete and a request to disclose, from a stranger's browser to the letters: the five processes and a real chat.

`sekisho demo --posts` is what a newcomer sees, and what is walked here in Chromium: docs/two-claims.md tells the same story. Strangers and
posters walk without JavaScript.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sekisho.desk.outside import Outside
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe import posts as unsafe_posts
from sekisho.faces.web.i18n import JST
from sekisho.law.casebook import load
from tests.desk.caseload import CLAIM, SHOWN
from tests.desk.office import Office
from tests.desk.test_disclosure import VALUES, Request
from tests.faces.conftest import typed
from tests.faces.web.axe import faults
from tests.faces.web.test_cases_browser import pressed
from tests.faces.web.test_real_node import Demo

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

DESK, OFFICER, REVIEWERS = "Suzuki Aoi", "Takahashi Rin", ("Tanaka Sora", "Ito Nao")
NUMBER, CODE = re.compile(r"\b20[0-9]{2}-[0-9]{5}\b"), re.compile(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){4}\b")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Town:
    """The node, the chat, and everybody's browsers."""

    demo: Demo
    browser: Any

    @property
    def chat(self) -> unsafe_posts.Chat:
        found = re.search(r"localhost:(\d+)/staff", self.demo.folder.with_suffix(".log").read_text("utf-8"))
        assert found
        return unsafe_posts.Chat(self.demo.folder / "chat", int(found[1]))

    def stranger(self, language: str = "ja") -> Any:
        """A browser of somebody outside, without JavaScript."""
        return self.browser.new_context(locale=language, base_url=self.demo.origin, java_script_enabled=False).new_page()

    def posts(self) -> dict[str, str]:
        """Number and words of every post, as the service's own database has them."""
        return {str(n): body for n, body in self.sql("SELECT id, body FROM post")}

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.chat.home / 'chat.db'}?mode=ro", uri=True)) as db:
            return db.execute(text).fetchall()



@pytest.fixture(scope="module")
def town(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    demo = Demo(tmp_path_factory.mktemp("town") / "demo", ("--posts",))
    demo.start()
    yield Town(demo, browser)
    assert demo.stop() == 0


@pytest.fixture(scope="module")
def office(town: Town) -> Any:
    """The operator's own browser."""
    return town.browser.new_context(locale="en", base_url=town.demo.origin, accept_downloads=True).new_page()


def act_as(page: Any, name: str) -> None:
    page.goto("/line")
    if page.locator(".demo button[aria-pressed=true]", has_text=name).count() == 0:
        page.locator(".demo button", has_text=name).click()
        page.locator(".demo button[aria-pressed=true]", has_text=name).wait_for()


def at_case(page: Any, number: str, who: str) -> None:
    act_as(page, who)
    page.goto("/procedures?shown=all")
    page.get_by_role("link", name=number, exact=True).click()
    page.locator("h1", has_text=number).wait_for()


def fill(page: Any, **facts: str | tuple[str, ...] | bool) -> None:
    for name, value in facts.items():
        field = page.locator(f"[name='f.{name}']")
        if isinstance(value, tuple):
            for box in page.locator(f"[name^='f.{name}.']").all():
                box.set_checked(str(box.get_attribute("name")).removeprefix(f"f.{name}.") in value)
        elif isinstance(value, bool):
            field.select_option("yes" if value else "no")
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def move(page: Any, title: str, who: str, **facts: str | tuple[str, ...] | bool) -> str:
    """Press the button, fill in what it asks, read what will be signed, sign. What was shown before signing."""
    page.get_by_role("link", name=f"{title}…", exact=True).click()
    fill(page, **facts)
    page.get_by_role("button", name="Read what you will sign").click()
    page.get_by_role("heading", name="The statement").wait_for()
    return sign(page, who)


def sign(page: Any, who: str) -> str:
    shown = str(page.locator("main").inner_text())
    page.get_by_role("button", name=f"Sign as {who} (unsafe demo key)").click()
    page.get_by_role("status").get_by_text("checked").wait_for()
    return shown


def attach(page: Any, paper: str, name: str) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": PDF})
    page.locator("#paper").select_option(paper)
    page.get_by_role("button", name="Read what you will sign").click()
    sign(page, DESK)


def files(page: Any) -> None:
    page.locator("input[name='file.identity']").set_input_files({"name": "id.pdf", "mimeType": "application/pdf", "buffer": PDF})


def claim(town: Town, door: str, **facts: str | tuple[str, ...] | bool) -> tuple[str, str]:
    """A stranger files a form at a door, from the list of doors on; the receipt's number and code."""
    page = town.stranger()
    page.goto("/contact")
    page.locator(f"a[href^='/contact/{door}']").first.click()
    fill(page, **facts)
    files(page)
    page.locator("[name='f.truthful']").check()
    page.get_by_role("button", name="送る").click()
    page.get_by_role("heading", name="受け付けました").wait_for()
    number, code = (page.locator("dl.receipt b.mono").nth(n).inner_text() for n in (0, 1))
    assert NUMBER.fullmatch(number)
    assert CODE.fullmatch(code)
    return number, code


def answered(town: Town, letter: str, choice: str, words: str = "") -> None:
    """The poster types number and code of the letter, reads what is claimed, and answers."""
    page = town.stranger()
    page.goto("/answer")
    number, code = NUMBER.search(letter), CODE.search(letter)
    assert number
    assert code
    page.locator("#number").fill(number[0])
    page.locator("#code").fill(code[0])
    page.get_by_role("button", name="照会を読む").click()
    assert "見本 花子" not in page.locator("main").inner_text(), "the claimant asked not to be named"
    page.get_by_label(choice).check()
    if words:
        page.locator("#words").fill(words)
    page.get_by_role("button", name="回答を送る").click()
    assert "回答を受け付けました" in page.locator("main").inner_text(), page.locator("main").inner_text()


def letter(page: Any, text: str) -> str:
    """The words of a letter of the case at hand, and its PDF saved."""
    mail = page.locator(f"details.mail[data-text='{text}']")
    with page.expect_download() as arriving:
        if not mail.get_attribute("open"):
            mail.evaluate("e => e.open = true")
        mail.get_by_role("link", name="PDF for paper").click()
    assert Path(arriving.value.path()).read_bytes().startswith(b"%PDF-")
    return str(mail.locator("pre").inner_text())


def test_a_claim_goes_from_the_door_to_the_letters_and_the_post_is_gone(town: Town, office: Any) -> None:
    """Filed by a stranger, completed and asked about by the desk, agreed to by the poster, decided by the officer, done by the staff."""
    where, words = f"{town.chat.url}/#post-3", unsafe_posts.POSTS[2][2]
    number, code = claim(
        town, "deletion-inquiry", claimant="見本 花子", claimant_contact="hanako@example.jp", where_posted=where, posted=words,
        infringed_right="privacy", reason="電話番号を勝手に書かれた。", tell_name=False,
    )  # fmt: skip
    at_case(office, number, DESK)
    assert words in office.locator("main").inner_text()
    move(office, "The claim is complete", DESK)
    preview = move(office, "Draft the inquiry", DESK)
    assert "000-0000-0000" in preview
    asked = letter(office, "deletion-inquiry@1")
    assert "見本 花子" not in asked
    move(office, "It was sent", DESK)
    answered(town, asked, "同意する")
    at_case(office, number, OFFICER)
    staff = town.stranger()
    staff.goto(town.chat.staff_url)
    assert "3" in town.posts()
    staff.locator("button[value='3']").click()
    assert "3" not in town.posts()
    why = {"why_not_less": "番号は閲覧の制限では守れない。", "decision_reason": "投稿した人が同意した。"}
    move(office, "Removed", OFFICER, what_removed="投稿1件（3番）", **why)
    assert "hanako" not in letter(office, "deletion-statement@1")
    letter(office, "deletion-removed@1")
    page = town.stranger()
    page.goto(f"/case?number={number}")
    page.locator("#code").fill(code)
    page.locator("main button").first.click()
    assert "投稿1件（3番）" in page.locator("main").inner_text()


ITEMS = ("post-address-and-port", "post-time")
JUDGED: dict[str, Any] = {"clear": True, "clear_reason": "事実ではない。", "just": True, "just_reason": "損害賠償を請求する。"}
SEEN = re.compile(r"127\.77\.0\.9:\d+"), re.compile(r"20[0-9-]{8}T[0-9:]{8}\.\d{3}Z")


def opened(page: Any, full: bool) -> str:
    """An opening asked for, signed, and what it showed once it was fetched."""
    page.get_by_role("link", name="Open a sender record…").click()
    page.get_by_role("button", name="Open the items of the permit" if full else "Look at the network first").click()
    page.get_by_role("button", name=f"Sign as {OFFICER} (unsafe demo key)").click()
    page.get_by_role("heading", name="The opening is written down").wait_for()
    for _ in range(60):
        page.get_by_role("button", name="Read what was seen").click()
        if page.locator("#seen").count():
            return str(page.locator("section.panel").inner_text())
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text())


def test_a_request_goes_from_the_door_to_exactly_the_items_two_people_approved(town: Town, office: Any) -> None:
    """The poster objects, one person decides, two sign, `act` fetches the sealed record from the chat's database, a letter tells it."""
    number, _ = claim(
        town, "disclosure-request", claimant="見本 花子", claimant_contact="hanako@example.jp", where_posted=f"{town.chat.url}/#post-2",
        posted=unsafe_posts.POSTS[1][2], infringed_right="honour", why_clear="借金はない。", why_needed=("damages",), items_asked=ITEMS,
        tell_name=False,
    )  # fmt: skip
    at_case(office, number, DESK)
    move(office, "The request is complete (claimant)", DESK, identity_checked=True)
    move(office, "Record what is held", DESK, items_held=ITEMS)
    move(office, "Draft the inquiry", DESK)
    asked = letter(office, "opinion-inquiry@1")
    move(office, "It was sent", DESK)
    answered(town, asked, "開示に応じない", "事実だからです。")
    at_case(office, number, OFFICER)
    assert "事実だからです。" in office.locator("main").inner_html()
    move(office, "Decide what to release (first person)", OFFICER, **JUDGED, to_release=ITEMS, service="chat", records="2")
    for reviewer in REVIEWERS:
        at_case(office, number, reviewer)
        move(office, "Approve the release (second person)", reviewer)
    at_case(office, number, OFFICER)
    first = opened(office, full=False)
    assert "Example Mobile" in first
    assert "127.77.0.0/16" in first
    assert "127.77.0.9" not in first
    at_case(office, number, OFFICER)
    seen = opened(office, full=True)
    address, time = (form.search(seen) for form in SEEN)
    assert address
    assert time
    at_case(office, number, OFFICER)
    values = {"released.post-address-and-port": address[0], "released.post-time": time[0]}
    move(office, "Release", OFFICER, **values)
    told = letter(office, "disclosed-items@1")
    assert address[0] in told
    assert "127.77.0.9" not in letter(office, "disclosure-notice@1") + letter(office, "no-misuse@1")
    move(office, "Close", OFFICER)
    assert town.sql("SELECT opened FROM sekisho_sender_record WHERE subject = '2'") == [(2,)]
    record = town.sql("SELECT id FROM sekisho_sender_record WHERE subject = '2'")[0][0]
    page = town.stranger("en")
    page.goto("/opened?service=chat")
    page.locator("#record").fill(record)
    page.locator("main button").first.click()
    assert "Opened 2 times." in page.locator("main").inner_text()
    assert OFFICER not in page.locator("main").inner_text()


@dataclass
class Terminal:
    """The operator's people at the terminal of this node, as `Caseload` wants an office."""

    outside: Outside
    keys: dict[str, KeyFile]

    terminal = property(lambda self: self.outside.keep)
    watch = property(lambda self: SimpleNamespace(at=self.outside.clock()))
    world = property(lambda self: SimpleNamespace(book=load(self.outside.settings.book)))


def test_the_report_counts_both_once_there_are_enough_not_to_tell_whose_they_were(town: Town) -> None:
    """One case of a kind is hidden as too few; with four more like each, typed in by the desk, strangers read five and five."""
    assert published(town) == ("–", "–")
    place = unsafe_demo.Demo(town.demo.folder, 0)
    request = Request(cast("Office", Terminal(place.outside(), place.keys())))
    for _ in range(4):
        matter = request.load.open("deletion-inquiry", {**CLAIM, "received_on": request.load.today()})
        request.load.attach(matter, "claim")
        request.load.move(matter, "complete", {**SHOWN, "infringed_right": "privacy"}, who="desk")
        request.load.move(matter, "remove-on-reason", {"what_removed": "1件", "why_not_less": "拡散", "decision_reason": "相当の理由"})
        matter = request.approved()
        request.load.move(matter, "release", {"released": VALUES})
        request.load.move(matter, "close")
    assert published(town) == ("5", "5")


def published(town: Town) -> tuple[str, str]:
    """The year's report is published; how many removals for privacy, and how many disclosures, a stranger then reads."""
    assert typed(town.demo.folder, "posts", "report", "--publish").code == 0
    page = town.stranger("en")
    page.goto("/transparency")
    page.locator("ul.years a").first.click()
    privacy = page.get_by_role("rowheader", name="privacy")
    removed = page.locator("section[aria-labelledby=t-deletion-decided] tr", has=privacy).locator("td")
    disclosed = page.locator("section[aria-labelledby=t-disclosure-decided] tbody tr").first.locator("td")
    return str(removed.first.inner_text()), str(disclosed.first.inner_text())


PUBLIC = (
    "/contact", "/contact/deletion-inquiry", "/contact/disclosure-request", "/case", "/answer", "/opened", "/mail/check", "/mail/stop",
    "/transparency/{year}",
)  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("light", 1320), ("dark", 390)])
def test_axe_finds_nothing_on_the_doors_of_strangers_and_nothing_is_wider_than_a_phone(town: Town, scheme: str, width: int) -> None:
    """WCAG 2.2 AA and good practice, in both languages, after the report was published."""
    found: list[str] = []
    screen = {"viewport": {"width": width, "height": 860}, "color_scheme": scheme}
    with town.browser.new_context(base_url=town.demo.origin, **screen) as context:
        page = context.new_page()
        for language, path in ((x, p.format(year=datetime.now(JST).year)) for x in ("ja", "en") for p in PUBLIC):
            assert page.goto(f"{path}?lang={language}").status == 200
            found += [f"{path} {language}: {fault}" for fault in faults(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{path} {language}: wider than the screen")
    assert not found, "\n".join(found)


def test_a_stranger_files_a_form_by_keyboard_alone(town: Town) -> None:
    """From the list of doors to the receipt with Tab and Enter; the demo fills the form in with an example."""
    page = town.stranger("en")
    page.goto("/contact")
    pressed(page, "Report a security problem")
    page.get_by_role("heading", name="Report a security problem").wait_for()
    pressed(page, "Send")
    page.get_by_role("heading", name="We received it").wait_for()
    assert NUMBER.search(page.locator("dl.receipt").inner_text())
