"""Names and kinds of sites on the board's page: with their permit, their price and the number of consents; and words that stay true."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.desk.event.named_panels import NAMED
from sekisho.faces.web.render import environment
from tests.faces.web.recorded_desk import recorded

SINCE, AT = "2026-11-21T00:00:00Z", "2026-11-21T09:00:00Z"
LOSS = {"rho": 100_000, "delta": 500_000, "epsilon": "2.51"}
ROWS = {
    "names": [{"name": n, "title": None, "devices": d} for n, d in (("pycon.jp", 131), ("github.com", 118), ("pypi.org", 96))],
    "categories": [
        {"name": "code", "title": {"ja": "ソースコード", "en": "Source code"}, "devices": 128},
        {"name": "video", "title": {"ja": "動画と音楽", "en": "Video and music"}, "devices": 101},
    ],
}


def panel(name: str, state: str = "live", *, told: bool = True, agreed: int | None = 130) -> dict[str, Any]:
    one = NAMED[name]
    grounds = [{"case": "jp/F-08/4", "title": {"ja": "同意", "en": "consent"}, "ground": "G1", "authority": "A0"}]
    shown = {"name": name, "title": dict(one.title), "level": one.level, "state": state, "permit": "permit-1111111111111111"}
    shown |= {"grounds": grounds, "since": SINCE, "until": AT, "numbers": None}
    if state == "live":
        listed = {"name": f"{name}@1", "version": "1", "digest": one.listed}
        release = {"since": SINCE, "at": AT, "threshold": 54, "rows": ROWS[name]} if told else None
        shown["numbers"] = {"told": release, "agreed": agreed, "least": 20, "budget": LOSS, "spent": LOSS, "list": listed, "next": False}
    return shown


def page(*panels: dict[str, Any], language: str = "en", view: str = "page") -> str:
    board = recorded("board") | {"panels": [*recorded("board")["panels"], *panels]}
    return environment(language).get_template("board.html").render(board=board, view=view, language=language)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_panel_of_names_shows_its_numbers_permit_price_consents_and_list(language: str) -> None:
    said = page(panel("names"), panel("categories"), language=language)
    for word in ("pycon.jp", "131", "jp/F-08/4", "L3", "L2", "130", "ε 2.51", "names@1", NAMED["names"].listed[:8], "54"):
        assert word in said, word
    assert ("動画と音楽" if language == "ja" else "Video and music") in said
    assert said.index("pycon.jp") < said.index("github.com") < said.index("pypi.org")


def test_before_the_first_release_it_says_that_it_counts_and_few_consents_are_not_told() -> None:
    said = page(panel("names", told=False, agreed=None))
    assert "Counting." in said
    assert "fewer than 20 devices agreed" in said
    assert "pycon.jp" not in said


@pytest.mark.parametrize("state", ["no-permit", "stopped", "changed", "objected"])
def test_without_a_live_permit_no_number_stands_there(state: str) -> None:
    one = panel("names", state) | ({"objected": {"decided": False, "late": False, "minutes": 5, "due": AT}} if state == "objected" else {})
    assert '<ol class="named">' not in page(one)


def test_that_no_site_is_read_is_said_only_where_it_is_true_and_statistics_never() -> None:
    none, some = page(), page(panel("names"))
    assert "no site is read" in none
    assert "no site is read" not in some
    assert "Nobody else's look-ups are read" in some
    assert "統計" not in page(panel("names"), language="ja")
    assert "statistic" not in some.lower()


def test_at_most_ten_stand_on_the_page() -> None:
    one = panel("names")
    one["numbers"]["told"]["rows"] = [{"name": f"site{n}.org", "title": None, "devices": 200 - n} for n in range(30)]
    assert page(one).count('<span class="what">') == 10
