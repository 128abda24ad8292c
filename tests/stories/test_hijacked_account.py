"""Row D2.9, hijacked accounts: signs counted, tried on real customers, held at a real Postfix; gone with the permit. No body is read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.desk.registered import write_register
from tests.stories.test_mail_policy import DUNNO, Lab, laboratory

VICTIM = "stolen@isp.example"
OLD = [f"old{n}@isp.example" for n in range(50)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("hijacked")
    register = write_register(folder, dict.fromkeys(OLD, 800), datetime.now(UTC).date())
    with laboratory(folder, f'accounts = "{register}"\n') as made:
        yield made


def everybody(lab: Lab) -> None:
    """One account from eight networks; fifty old ones, each from its own."""
    for n in range(8):
        lab.asks(VICTIM, 1, f"198.18.{n}.9")
    for n, who in enumerate(OLD):
        lab.asks(who, 1, f"10.0.{n}.1")


def figures(lab: Lab) -> dict[str, Any]:
    rows = lab.desk.people.world.keep.call("mail-stages")["signs"]
    return dict(rows[-1]) if rows else {}


def test_a_stolen_password_is_noticed_tried_and_held_at_a_real_mail_server_as_long_as_the_permit_lives(lab: Lab) -> None:
    lab.desk.people.stand("hijack-count")
    lab.within("counting", lambda: lab.asks("probe@isp.example") == [DUNNO] and bool(figures(lab).get("seen")), 20)
    everybody(lab)
    lab.within("one account, and fifty customers tried", lambda: (figures(lab)["signs"], figures(lab)["settled"]) == (1, 50), 20)
    assert figures(lab)["matched"] == 0
    assert lab.sends(VICTIM, "198.18.0.9") == 250, "a dry run holds nobody"
    (permit,) = lab.desk.people.stand("hijack-hold")
    lab.within("held", lambda: everybody(lab) is None and lab.asks(VICTIM, 1, "198.18.0.9") != [DUNNO], 30)
    assert {lab.sends(VICTIM, f"198.18.{n}.9") for n in range(2)} == {450}
    assert {lab.sends(OLD[0], "10.0.0.1"), lab.sends("stranger@isp.example", "198.18.0.9")} == {250}
    lab.desk.people.withdraw(permit)
    took = lab.within("withdrawn", lambda: lab.asks(VICTIM, 1, "198.18.0.9") == [DUNNO])
    assert lab.sends(VICTIM, "198.18.0.9") == 250
    sys.stdout.write(f"withdrawn after {took:.2f} s\n")
