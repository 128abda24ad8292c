"""The alias of one side of a masked talk: stable within it, and of no use outside it."""

from __future__ import annotations

import re

from sekisho.desk.naming import alias, met_as
from tests.desk.office import Office

MAIL = "misaki.takasaki@mail.example"


def test_an_alias_is_the_same_within_one_talk_and_another_everywhere_else(founded: Office) -> None:
    world = founded.world
    mine = met_as(world, "talk-1", MAIL)
    assert re.fullmatch(r"[0-9a-f]{16}", mine)
    assert met_as(world, "talk-1", "Misaki.Takasaki@MAIL.example") == mine
    others = [met_as(world, "talk-2", MAIL), met_as(world, "talk-1", "taro@mail.example"), alias(world, "talk-1", MAIL)]
    assert len({mine, *others}) == 4
