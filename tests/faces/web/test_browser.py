"""The console in headless Chromium: passkeys, keyboard alone, no JavaScript, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from sekisho.faces.web import Settings
from tests.faces.web.axe import faults
from tests.faces.web.conftest import NOW, loopback, serving
from tests.faces.web.recorded_desk import CODE, LETTER, REVIEWER, RecordedDesk
from tests.faces.web.test_pages import ACTING, PERMIT, PLAN, READING, role_for

ROLES = ("engineer", "legal officer")
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser: Any, demo_origin: str) -> Iterator[Any]:
    """A page that remembers every request that left this console and every complaint of the browser."""
    context = browser.new_context(locale="en", base_url=demo_origin)
    page = context.new_page()
    page.strangers, page.complaints = [], []
    page.on("request", lambda r: page.strangers.append(r.url) if not r.url.startswith((demo_origin, "data:")) else None)
    page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    yield page
    context.close()


def act_as(page: Any, role: str) -> None:
    page.goto("/line")
    page.locator(".demo button", has_text=role).first.click()


def walk(page: Any, language: str = "en", roles: Sequence[str] = ROLES) -> Iterator[str]:
    """Open every page as somebody who may."""
    for role in roles:
        if language == "en":
            act_as(page, role)
        for path in [*READING, *ACTING]:
            if (role_for(path) == "engineer") == (role == "engineer"):
                page.goto(path)
                yield path


def test_no_page_asks_anything_of_anybody_else(page: Any) -> None:
    """Every request of every page goes to this console, and the browser has nothing to complain about: no policy is broken."""
    for path in walk(page):
        assert page.locator("main h1").count() == 1, path
    assert page.strangers == []
    assert page.complaints == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1320), ("dark", 390)])
def test_axe_finds_nothing(browser: Any, demo_origin: str, scheme: str, width: int, role: str) -> None:
    """WCAG 2.2 AA and good practice, contrast included, on every page, light and dark, desk and phone; and nothing overflows."""
    context = browser.new_context(locale="en", base_url=demo_origin, color_scheme=scheme, viewport={"width": width, "height": 860})
    page = context.new_page()
    found: list[str] = []
    for path in walk(page, roles=[role]):
        found += [f"{path}: {fault}" for fault in faults(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path}: wider than the screen")
    context.close()
    assert not found, "\n".join(found)


def test_the_bytes_that_are_signed_open_by_keyboard_and_are_always_printed(page: Any) -> None:
    act_as(page, "Kimura")
    page.goto(f"{PLAN}/approve")
    exact = page.locator(".exact")
    assert not exact.is_visible()
    page.emulate_media(media="print")
    assert exact.is_visible()
    page.emulate_media(media="screen")
    page.locator(".printed > summary").focus()
    page.keyboard.press("Enter")
    assert exact.is_visible()


def test_everything_is_reached_by_keyboard_alone(page: Any) -> None:
    """Tab from the top: the skip link first, then all links and buttons, each with a visible focus; Enter approves a plan."""
    act_as(page, "Kimura")
    page.goto(PLAN)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    approve = f"{PLAN}/approve"
    for _ in range(80):
        page.keyboard.press("Tab")
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.getAttribute('href')") == approve:
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{approve}")
    for _ in range(80):
        page.keyboard.press("Tab")
        if "Sign as" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**done=approval")
    assert page.get_by_role("status").inner_text().startswith("Your approval was checked")


def test_the_whole_console_works_without_javascript(browser: Any, demo_origin: str) -> None:
    """Acting, reading, folding, laying evidence in, confirming, approving, withdrawing, verifying, the language: all by forms and links."""
    context = browser.new_context(locale="en", base_url=demo_origin, java_script_enabled=False)
    page = context.new_page()
    act_as(page, "Takasaki")
    page.goto(PLAN)
    page.get_by_role("link", name="Confirm… jp/B-13/1").click()
    page.get_by_label("Your reasons").fill("The third report was read.")
    page.get_by_label("Holds until").fill("2027-03-31")
    page.get_by_role("button", name="Read what you will sign").click()
    page.get_by_role("button", name="Sign as Takasaki Mio (unsafe demo key)").click()
    page.get_by_text("Your confirmation was checked and written down.").first.wait_for()
    page.get_by_role("link", name="Lay in… terms: version and date").first.click()
    page.get_by_role("button", name="Read what you will sign").click()
    page.get_by_role("button", name="Sign as Takasaki Mio").click()
    page.get_by_text("The evidence was checked and laid in.").first.wait_for()
    page.goto(f"/permits/{PERMIT}/withdraw")
    page.get_by_label("Your reason").select_option("objection")
    page.get_by_role("button", name="Read what you will sign").click()
    page.get_by_role("button", name="Sign as Takasaki Mio").click()
    page.get_by_text("The permit is withdrawn.").first.wait_for()
    page.goto("/ledger")
    page.get_by_role("button", name="Verify the whole ledger now").click()
    page.get_by_text("The ledger holds.").first.wait_for()
    page.goto("/line")
    page.get_by_label("The code in your letter").fill(LETTER)
    page.get_by_role("button", name="Show me what is known").click()
    page.get_by_role("button", name="Withdraw now").click()
    page.get_by_text("You have withdrawn.").first.wait_for()
    page.get_by_role("button", name="日本語").click()
    page.locator("html[lang=ja]").wait_for()
    assert page.locator("h1").inner_text() == "わたしの回線"
    context.close()


def test_verifying_shows_progress_in_the_page(page: Any) -> None:
    """With JavaScript the result comes into the page it was asked on, announced politely, and the button is shut meanwhile."""
    act_as(page, "engineer")
    page.goto("/ledger")
    page.route("**/ledger/verify", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.get_by_role("button", name="Verify the whole ledger now").click(no_wait_after=True)
    page.wait_for_selector("#verifying.htmx-request progress", state="visible")
    assert page.locator("form[hx-post] button").is_disabled()
    page.wait_for_selector("#verified .good")
    assert page.url.endswith("/ledger")
    assert page.locator("#verified").get_attribute("aria-live") == "polite"


def test_the_overview_refreshes_itself_and_leaves_the_focus_alone(browser: Any) -> None:
    """What waits, what was found and the state come anew without a reload; not while somebody is in them by keyboard."""
    listener, origin = loopback()
    desk = RecordedDesk(origin=origin)
    with serving(desk, Settings(demo=True, origin=origin, clock=lambda: NOW), listener):
        page = browser.new_page(locale="en", base_url=origin)
        page.goto("/")
        link = page.locator("#findings a")
        link.focus()
        desk.answers["overview"]["findings"][0]["count"] = 5
        page.evaluate("htmx.trigger('#state', 'refresh')")
        page.wait_for_timeout(500)
        assert link.evaluate("a => a === document.activeElement")
        assert "3 lines" in page.locator("#findings").inner_text()
        page.locator("#main").focus()
        page.evaluate("htmx.trigger('#state', 'refresh')")
        page.wait_for_selector("#findings:has-text('5 lines talk to a listed server')")
        page.close()


def test_a_passkey_is_set_up_signs_in_and_signs_an_approval(browser: Any) -> None:
    """One-time link, registration, sign-in and an approval whose challenge is the statement's digest; each checked as `keep` would."""
    listener, origin = loopback()
    desk = RecordedDesk(demo=False, origin=origin)
    with serving(desk, Settings(origin=origin, clock=lambda: NOW), listener):
        context = browser.new_context(locale="en", base_url=origin)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

        page.goto("/approvals")
        assert page.locator("h1").inner_text() == "Please sign in first"
        page.goto(f"/enrol/{CODE}")
        assert "Mori Kei" in page.content()
        assert desk.keys == {}
        page.get_by_role("button", name="Make a passkey on this device").click()
        page.wait_for_url("**/sign-in?done=enrolment")
        assert set(desk.keys) == {REVIEWER}
        assert page.goto(f"/enrol/{CODE}").status == 410

        page.goto("/sign-in?next=/approvals")
        page.get_by_role("button", name="Sign in with my passkey").click()
        page.wait_for_url(f"{origin}/approvals")
        assert desk.submitted[-1][0] == "sign-in"

        page.goto(f"{PLAN}/approve")
        page.get_by_role("button", name="Sign with my passkey").click()
        page.wait_for_url("**done=approval")
        kind, statement, signature = desk.submitted[-1]
        assert (kind, statement["person"], signature["person"]) == ("approval", REVIEWER, REVIEWER)
        assert desk.holds(statement, signature)
        assert not desk.holds({**statement, "shown": "0" * 64}, signature)

        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in?done=sign-out")
        assert page.goto("/approvals").status == 401
        context.close()


def test_another_passkey_signs_nothing(browser: Any) -> None:
    """A passkey nobody enrolled for this console does not get in, and the page says what to do."""
    listener, origin = loopback()
    desk = RecordedDesk(demo=False, origin=origin)
    with serving(desk, Settings(origin=origin, clock=lambda: NOW), listener):
        context = browser.new_context(locale="en", base_url=origin)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.goto(f"/enrol/{CODE}")
        page.get_by_role("button", name="Make a passkey on this device").click()
        page.wait_for_url("**/sign-in?done=enrolment")
        desk.keys[REVIEWER] |= {"public_key": desk.keys[REVIEWER]["public_key"][:-8] + "00000000"}
        page.goto("/sign-in")
        page.get_by_role("button", name="Sign in with my passkey").click()
        page.wait_for_selector("h1:has-text('The signature does not hold')")
        assert desk.submitted == []
        assert page.goto("/approvals").status == 401
        context.close()
