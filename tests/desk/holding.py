"""An office with OP25B in force, the process that holds its kernel, and a kernel that is a model: for tests of what stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import probes
from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.effects.nft import Change, KernelSaidNo, Table
from sekisho.law.words import Evidence, Plan, VouchedBy, Voucher
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import Office
from tests.effects.test_nft import Model

MEASURED: Mapping[str, Mapping[str, Any]] = {
    "submission-port": {"port": "587", "works": True, "authenticated": True},
    "load": {"what": "lines that send directly", "measured": 9, "unit": "lines", "impaired": True},
}
PROBES = {"submission-port": "port-test", "load": "load-meter"}


@dataclass
class Falling:
    """A kernel that can be made to refuse."""

    model: Model = field(default_factory=lambda: Model(None))
    says: str = ""

    def read(self) -> Table | None:
        if self.says:
            raise KernelSaidNo(self.says)
        return self.model.read()

    def write(self, made: Change, wanted: Table) -> None:
        self.model.write(made, wanted)

    @property
    def there(self) -> Table | None:
        return self.model.there


@dataclass
class Router:
    """An office with OP25B in force, and the process that holds its kernel."""

    office: Office
    kernel: Falling
    holder: HoldKernel
    permit: str

    def round(self) -> bool:
        """As `hold` goes: hear, and make it so. Whether anything stands in the kernel then."""
        self.holder.hear()
        self.holder.turn()
        return self.kernel.there is not None and bool(self.kernel.there.chains)

    def wait(self, **span: float) -> None:
        """Time passes for everybody, the kernel included."""
        self.office.watch.wind(**span)
        self.kernel.model.age(int(timedelta(**span).total_seconds()))

    def effects(self) -> dict[str, Any]:
        return dict(self.office.terminal.call("effects"))

    def written(self) -> int:
        entries = [Entry.decode(e) for e in self.office.world.log.entries()]
        return sum(e.type is EntryType.EFFECT and e.ids == {"permit": self.permit} for e in entries)


@pytest.fixture(scope="module", autouse=True)
def _measured() -> Iterator[None]:
    """What the probes of this measure say stands in MEASURED."""
    known = probes.measured

    def measured(world: Any, plan: Plan, now: Any) -> Iterator[Evidence]:
        yield from known(world, plan, now)
        if plan.measure == "op25b":
            yield from (Evidence(k, v, "op25b", Voucher(VouchedBy.PROBE, PROBES[k]), now) for k, v in MEASURED.items())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probes, "measured", measured)
        yield


@pytest.fixture(scope="module")
def _permitted(_founded: Path, _measured: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("op25b") / "home").open()
    permit = office.stand("op25b")["block-port-25"]
    office.close()
    return office.home, permit


@pytest.fixture
def router(_permitted: tuple[Path, str], tmp_path: Path) -> Iterator[Router]:
    home, permit = _permitted
    office, kernel = Office(home).copied(tmp_path / "op25b"), Falling()
    yield Router(office, kernel, HoldKernel(office.outside("hold"), kernel), permit)
    office.close()
