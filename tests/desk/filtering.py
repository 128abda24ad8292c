"""An office with a default-on filter in force, the process that holds its kernel, and kernels that are models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.access.hold_kernel import HoldKernel
from tests.desk.holding import Falling
from tests.desk.office import Office

PLAN = "default-on-filter"
STARTS = datetime.fromisoformat("2026-12-01T10:00+09:00")


@dataclass
class Filtering:
    """The office, the process that holds the kernel, and where it tries switches."""

    office: Office
    kernel: Falling
    trial: Falling
    holder: HoldKernel
    permit: str

    def round(self) -> dict[str, set[str]]:
        """As `hold` goes: hear, and make it so. The members of each set that stand there then, by the set's short name."""
        self.holder.hear()
        self.holder.turn()
        name = self.permit.replace("-", "_") + "_"
        there = self.kernel.there
        return {n.removeprefix(name): set(s.members) for n, s in there.sets.items()} if there else {}

    def off(self) -> set[str]:
        found = self.round()
        return set().union(*(m for n, m in found.items() if n.startswith("off"))) if found else set()

    def started(self) -> None:
        """It is a minute after the start; the switch was tried again since."""
        self.wind(STARTS + timedelta(minutes=1) - self.office.watch.at)
        self.again()

    def again(self) -> None:
        """What is tried and compared again and again was."""
        self.holder.try_switch()
        compared(self.office)

    def wind(self, span: timedelta) -> None:
        self.office.watch.wind(seconds=span.total_seconds())
        self.kernel.model.age(int(span.total_seconds()))

    def show(self, method: str, **said: Any) -> dict[str, Any]:
        return dict(self.office.channel("show").call(method, **said))

    def throw(self, address: str, to: str) -> str:
        return str(self.show("throw-my-switch", address=address, permit=self.permit, to=to)["switch"])


def compared(office: Office, *, price: bool = True, terms: bool = True, path: bool = True) -> None:
    """What `hold` tells of the texts published for both positions, and of the path."""
    hold = office.channel("hold")
    for measure in ("default-on-filter", "name-filter"):
        hold.call("tariffs-compared", measure=measure, same_price=price, same_service=terms, on="a" * 64, off="b" * 64)
    hold.call("path-compared", same=path)


def holder(office: Office, kernel: Falling, trial: Falling) -> HoldKernel:
    return HoldKernel(office.outside("hold"), kernel, trial=trial)


@pytest.fixture(scope="module")
def _filtered(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("filter") / "home").open()
    assert holder(office, Falling(), Falling()).try_switch()
    compared(office)
    permit = office.stand(PLAN)["filter"]
    office.close()
    return office.home, permit


@pytest.fixture
def filtering(_filtered: tuple[Path, str], tmp_path: Path) -> Iterator[Filtering]:
    home, permit = _filtered
    office, kernel, trial = Office(home).copied(tmp_path / "filter"), Falling(), Falling()
    yield Filtering(office, kernel, trial, holder(office, kernel, trial), permit)
    office.close()
