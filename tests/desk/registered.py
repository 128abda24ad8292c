"""Offices whose mail accounts stand in a register: counted first and tried on settled customers, then held, told and let go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.desk import mailing
from tests.desk.office import Office
from tests.desk.test_held_accounts import Held
from tests.effects.conftest import Sink, listening

OLD = [f"old{n}@isp.example" for n in range(60)]


def write_register(folder: Path, opened: Mapping[str, int], today: date) -> Path:
    """Each account, and how many days ago it was opened."""
    path = folder / "register" / "accounts.csv"
    path.parent.mkdir()
    rows = (f"{who},{today - timedelta(days=days)},basic" for who, days in opened.items())
    path.write_text("\n".join(["account,opened,plan", *rows]), "utf-8")
    return path


class Registered(Held, ABC):
    """Its measure is tried by `shown` and by `day`; the example plans are called after it."""

    plan: ClassVar[str]
    counts_as: ClassVar[str]
    """Where its figures stand among those of the stages."""

    @abstractmethod
    def shown(self) -> None:
        """What the test finds."""

    @abstractmethod
    def day(self) -> None:
        """What settled customers send."""

    def counted(self) -> dict[str, Any]:
        self.tell()
        return dict(self.office.terminal.call("mail-stages")[self.counts_as][-1])

    def hold(self) -> str:
        """Tried, and permitted by that."""
        self.shown()
        self.day()
        self.counted()
        permit = self.office.stand(f"{self.plan}-hold")["hold"]
        self.hear()
        return permit

    @classmethod
    @contextmanager
    def counting(cls, founded: Path, folder: Path, young: Mapping[str, int]) -> Iterator[tuple[Path, Sink]]:
        """A closed office that counts, and the mail server that takes what it sends."""
        sink = Sink()
        with listening(sink) as relay:
            office = Office(founded).copied_closed(folder / "home")
            mailing.set_up(office, relay.port)
            write_register(office.home, {**young, **dict.fromkeys(OLD, 800)}, office.watch.at.date())
            with (office.home / "sekisho.toml").open("a", encoding="utf-8") as stream:
                stream.write('\n[policy]\nlisten = "127.0.0.1:10031"\ndomain = "isp.example"\naccounts = "register/accounts.csv"\n')
            office.open().stand(f"{cls.plan}-count")
            office.close()
            yield office.home, sink

    @classmethod
    @contextmanager
    def opened(cls, counting: tuple[Path, Sink], folder: Path) -> Iterator[Self]:
        """A copy of it, opened."""
        home, sink = counting
        closed = Office(home).copied_closed(folder / cls.plan)
        mailing.set_up_clock(closed)
        office = closed.open()
        sink.mails.clear()
        made = cls(office, folder / "counts.db")
        made.sink = sink
        made.hear()
        yield made
        made.counts.close()
        office.close()
