"""People with passkeys before a real installation: a refusal worked off item by item, and signatures that `keep` takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.config import read_settings
from sekisho.desk.draft import Draft, Paper, read_draft
from sekisho.law.words import Regime
from tests.conftest import need
from tests.faces.conftest import EXAMPLES, Node, made
from tests.faces.web.test_browser import AUTHENTICATOR

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real installation by `init`, running; the engineer has a key file, the others nothing but their links yet."""
    need("chromium")
    running = made(tmp_path_factory.mktemp("real") / "installation")
    running.start()
    running.keys["engineer"] = running.home / "engineer.key"
    assert running("people", "enrol", running.codes["engineer"], str(running.keys["engineer"])).code == 0
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def seats(browser: Any, installation: Node) -> Iterator[Callable[[str], Any]]:
    """The page of a person, signed in with a passkey made from their one-time link on a device of their own."""
    with ExitStack() as devices:
        taken: dict[str, Any] = {}

        def seat(who: str) -> Any:
            if who not in taken:
                origin = read_settings(installation.config).console.url
                context = devices.enter_context(browser.new_context(locale="en", base_url=origin))
                taken[who] = seated(context, f"/enrol/{installation.codes[who]}")
            taken[who].bring_to_front()  # a page in the background is not allowed to ask for a passkey
            return taken[who]

        yield seat


def seated(context: Any, link: str) -> Any:
    page = context.new_page()
    page.bring_to_front()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(link)
    page.get_by_role("button", name="Make a passkey on this device").click()
    page.wait_for_url("**/sign-in?done=enrolment")
    page.goto("/sign-in?next=/approvals")
    page.get_by_role("button", name="Sign in with my passkey").click()
    page.wait_for_url(re.compile(r"localhost:\d+/approvals$"))
    return page


def passkey_signs(page: Any, done: str) -> None:
    """From the form, or from the link that needs none, to the statement; signed; taken."""
    if page.get_by_role("button", name="Read what you will sign").count():
        page.get_by_role("button", name="Read what you will sign").click()
    page.get_by_role("button", name="Sign with my passkey").click()
    page.wait_for_url(re.compile(r"[?]done=|/sign/"))
    assert f"done={done}" in page.url, page.locator("main").inner_text()


MISSING = ".todo-group:not(:has(a[href='#signatures'])) ul.todo > li"


def confirmed(page: Any, plan: str) -> int:
    """The officer confirms every case of the plan that waits for it; how many that were."""
    for count in range(10):
        page.goto(f"/plans/{plan}")
        waiting = page.get_by_role("link", name="Confirm…")
        if not waiting.count():
            return count
        waiting.first.click()
        page.locator("#f-reasons").fill("The source was read, and it carries this.")
        page.locator("#f-until").fill((datetime.now(UTC) + timedelta(days=90)).date().isoformat())
        passkey_signs(page, "confirmation")
    raise AssertionError("confirming does not end")


def test_a_refusal_is_worked_off_item_by_item_in_the_browser_until_it_permits(seats: Callable[[str], Any], installation: Node) -> None:
    """Every line of the to-do list names who can supply it; supplied, it leaves the list; confirmed and approved by two, it permits."""
    file = installation.home / "match.toml"
    text = (EXAMPLES / "plans" / "infected-notice.toml").read_text(encoding="utf-8")
    text = text.replace('steps = ["register", "record", "match"]', 'steps = ["match"]')
    file.write_text(text.replace('"../', f'"{EXAMPLES}/'), encoding="utf-8")
    bare = installation.home / "bare.toml"
    bare.write_text(file.read_text(encoding="utf-8").partition("[[evidence]]")[0], encoding="utf-8")
    plan = installation.ask("propose", str(bare), who="engineer")["plan"]
    papers = {p.kind: p for p in draft_of(file).papers}
    page = seats("desk")
    page.goto(f"/plans/{plan}")
    for line in page.locator(MISSING).all():
        assert "can supply it:" in line.inner_text()
        assert line.locator(".act").inner_text().strip()
    supplied: list[str] = []
    while offered := page.locator(".todo .act a[href*='/evidence/']").all():
        before, where = lines(page), str(offered[0].get_attribute("href"))
        kind = where.rsplit("/", 1)[1]
        page.goto(where)
        fill(page, papers[kind])
        passkey_signs(page, "evidence")
        assert lines(page) < before, f"{kind} was supplied and is still missing"
        supplied.append(kind)
    assert sorted(supplied) == ["explanation", "list", "parity", "purpose-text", "terms"]
    assert "not yours to supply" in page.locator(MISSING).inner_text()
    officer = seats("officer")
    confirmed(officer, plan)
    assert lines(officer) == 0
    assert officer.locator(".title .outcome").inner_text() == "permitted"
    assert "2 signatures are missing" in officer.locator(".todo-group").inner_text()
    assert installation.ask("permits") == []
    for page, left in ((officer, "Signatures: 1 of 2"), (seats("reviewer-a"), "Signatures: 2 of 2")):
        page.bring_to_front()
        page.goto(f"/plans/{plan}")
        page.get_by_role("link", name="Read and approve…").click()
        passkey_signs(page, "approval")
        assert page.locator("h2#signatures").inner_text() == left
    assert page.locator("h2#todo").inner_text() == "Nothing is missing"
    assert page.locator("table.permits .state").all_inner_texts() == ["in force"]
    (permit,) = installation.ask("permits")
    assert (permit["plan"], permit["step"], sorted(permit["signed_by"])) == (plan, "match", ["Takahashi", "Tanaka"])


def draft_of(file: Path) -> Draft:
    now = datetime.now(UTC)
    return read_draft(file, actor="-", regime=Regime.TBA, proposer="-", day=now.date(), now=now)


def lines(page: Any) -> int:
    """How many things the page says are missing, signatures apart."""
    return int(page.locator(MISSING).count())


def fill(page: Any, paper: Paper) -> None:
    """The form of one kind of evidence, as a person with the paper before them fills it in."""
    for name, value in paper.value.items():
        place = page.locator(f"[name='f.{name}']")
        if isinstance(value, bool):
            place.select_option("yes" if value else "no")
        else:
            place.fill("\n".join(map(str, value)) if isinstance(value, tuple) else str(value))
    if page.locator("#f-document").count():
        page.locator("#f-document").fill(paper.document)


def test_a_passkey_made_from_the_one_time_link_signs_an_approval_that_keep_takes(
    seats: Callable[[str], Any], installation: Node
) -> None:
    """`init`'s link, a passkey, sign-in, an approval: `keep` checks each signature, and a permit stands under the reviewer's name."""
    plan = installation.ask("propose", str(EXAMPLES / "plans" / "traffic-picture.toml"), who="engineer")["plan"]
    confirmed(seats("officer"), plan)
    page = seats("reviewer-a")
    assert page.goto(f"/enrol/{installation.codes['reviewer-a']}").status == 410
    page.goto("/approvals")
    page.locator(f"a[href='/plans/{plan}/approve']").click()
    page.get_by_role("button", name="Sign with my passkey").click()
    page.wait_for_url("**done=approval")
    assert page.get_by_role("status").inner_text().startswith("Your approval was checked")

    assert [p["key_kind"] for p in installation.ask("people", "list") if p["name"] == "Tanaka"] == ["passkey"]
    (permit,) = [p for p in installation.ask("permits") if p["plan"] == plan]
    assert (permit["step"], permit["state"], permit["signed_by"]) == ("count", "in-force", ["Tanaka"])
    assert installation.ask("ledger", "verify")["ok"]
