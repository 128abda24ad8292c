"""An approved campaign before a real `keep` and its console, and what somebody who got one of its mails does there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sekisho.desk import campaigns, records
from sekisho.desk.campaigns import R
from tests.desk.office import Office
from tests.faces.web.live import Live

ONE_PRESS = {"List-Unsubscribe": "One-Click"}


@dataclass
class Mailed:
    """An approved campaign that nobody sent yet, and the codes of each mail: of its link, and of its text."""

    at: Live
    campaign: str
    codes: list[tuple[str, str]]

    def states(self) -> list[str]:
        with self.at.office.turn() as world:
            found = world.db.execute(select(R.c.state).where(R.c.campaign == self.campaign).order_by(R.c.number))
            return [str(s) for (s,) in found]

    def entries(self) -> int:
        with self.at.office.turn() as world:
            return records.count(world.db, records.MAIL_STOPS)

    def press(self, code: str, **kwargs: Any) -> Any:
        return self.at.browser().post(f"/mail/stop?code={code}", **{"data": ONE_PRESS, **kwargs})

    def typed(self, code: str, typed: str, do: str, language: str = "en") -> Any:
        page = f"/mail/stop?code={code}"
        return self.at.post(page, "/mail/stop", {"code": code, "typed": typed, "do": do}, client=self.at.browser(language))

    def says(self, code: str, typed: str) -> str:
        return unescape(self.typed(code, typed, "see").text)


@contextmanager
def mailed_from(home: Path, name: str, at: Path) -> Iterator[Mailed]:
    """A copy of a closed office, and the codes of its campaign's mails."""
    office = Office(home).copied_closed(at).open()
    with office.turn() as world:
        codes = [(campaigns.stop_code(world, name, x), campaigns.check_code(world, name, x)) for x in campaigns.leaves(world, name)]
    yield Mailed(Live(office), name, codes)
    office.close()
