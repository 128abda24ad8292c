"""Row D2.9, many alike accounts each under the limit: counted, tried on real customers, held at a real Postfix; gone with the permit.

Counts, never contents.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.desk.registered import write_register
from tests.stories.test_mail_policy import DUNNO, Lab, laboratory

YOUNG = [f"new{n}@isp.example" for n in range(12)]
OLD = [f"old{n}@isp.example" for n in range(50)]
NIGHT = "198.18.7.9"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("alike")
    register = write_register(folder, dict.fromkeys(YOUNG, 3) | dict.fromkeys(OLD, 800), datetime.now(UTC).date())
    with laboratory(folder, f'accounts = "{register}"\n') as made:
        yield made


def everybody(lab: Lab) -> None:
    """Twelve new accounts, fifty messages each, from one network; fifty old ones, a few each, from their own."""
    for who in YOUNG:
        lab.asks(who, 50, NIGHT)
    for n, who in enumerate(OLD):
        lab.asks(who, 5, f"10.0.{n}.1")


def figures(lab: Lab) -> dict[str, Any]:
    rows = lab.desk.people.world.keep.call("mail-stages")["alike"]
    return dict(rows[-1]) if rows else {}


def test_counted_tried_and_held_at_a_real_mail_server_as_long_as_the_permit_lives(lab: Lab) -> None:
    lab.desk.people.stand("alike-count")
    lab.within("counting", lambda: lab.asks("probe@isp.example") == [DUNNO] and bool(figures(lab).get("seen")), 20)
    everybody(lab)
    lab.within("one group, and fifty customers tried", lambda: (figures(lab)["groups"], figures(lab)["settled"]) == (1, 50), 20)
    assert figures(lab)["matched"] == 0
    assert lab.sends(YOUNG[0], NIGHT) == 250, "a dry run holds nobody"
    (permit,) = lab.desk.people.stand("alike-hold")
    lab.within("held", lambda: everybody(lab) is None and lab.asks(YOUNG[1], 1, NIGHT) != [DUNNO], 30)
    assert {lab.sends(who, NIGHT) for who in YOUNG[:3]} == {450}
    assert {lab.sends(OLD[0], "10.0.0.1"), lab.sends("stranger@isp.example", NIGHT)} == {250}
    lab.desk.people.withdraw(permit)
    took = lab.within("withdrawn", lambda: lab.asks(YOUNG[0], 1, NIGHT) == [DUNNO])
    assert lab.sends(YOUNG[0], NIGHT) == 250
    sys.stdout.write(f"withdrawn after {took:.2f} s\n")
