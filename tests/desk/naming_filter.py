"""An office with a filter of names in force, the process that holds its resolver, and a resolver that is a model."""

from __future__ import annotations

import ipaddress
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.access.hold_names import HoldNames
from sekisho.effects.resolver import CannotWrite
from sekisho.wire import cdb
from sekisho.wire.name_list import in_wire
from tests.desk.filtering import Filtering, compared, holder
from tests.desk.holding import Falling
from tests.desk.office import EXAMPLES, Office

PLAN = "name-filter"
LISTED = EXAMPLES / "lists" / "names.txt"


@dataclass
class Resolver:
    """Reads the files as dnsdist does with the lines of the docs. `deaf`: it answers from what it read before; `gone`: not at all."""

    files: dict[str, bytes] = field(default_factory=dict)
    deaf: bool = False
    gone: bool = False
    full: bool = False
    seen: dict[str, bytes] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        return self.files.get(name, b"")

    def write(self, name: str, raw: bytes) -> None:
        if self.full:
            raise CannotWrite("No space left on device")
        self.files[name] = raw

    def filtered(self, name: str, source: str) -> bool | None:
        if self.gone:
            return None
        if not self.deaf:
            self.seen = dict(self.files)
        return self.leads(name, source)

    def leads(self, name: str, source: str) -> bool:
        """Whether a name is answered with the page, to whoever asks from there."""
        names, lines = (dict(cdb.records(self.seen[n])) if n in self.seen else {} for n in ("names.cdb", "lines.cdb"))
        labels = name.split(".")
        permits = next((names[k] for n in range(len(labels)) if (k := in_wire(".".join(labels[n:]))) in names), b"").split()
        return any(self._counts(lines, permit, source) for permit in permits)

    @staticmethod
    def _counts(lines: dict[bytes, bytes], permit: bytes, source: str) -> bool:
        said = lines.get(permit, b"").decode().split()
        address = ipaddress.ip_address(source)
        if not any(address in ipaddress.ip_network(r) for r in said[3:]):
            return False
        line = ipaddress.ip_network((address, 32 if address.version == 4 else int(said[2])), strict=False)
        return permit not in lines.get(line.network_address.packed, b"").split()


@dataclass
class Naming(Filtering):
    """The same office as of packets; `names` holds the resolver by what `holder` heard."""

    names: HoldNames
    resolver: Resolver
    list: Path
    tick: float = 0.0

    def turn(self) -> bool:
        """As `hold` goes: hear, and make it so."""
        self.holder.hear()
        self.tick += 1.2
        return self.names.turn(self.tick)

    def off(self) -> set[str]:
        """Lines that are off for this permit in the file."""
        self.turn()
        found = cdb.records(self.resolver.read("lines.cdb"))
        return {str(ipaddress.ip_address(k)) for k, v in found if len(k) in (4, 16) and self.permit.encode() in v.split()}

    def tried(self) -> bool:
        """Rounds until the switch was tried; whether it worked."""
        counters = self.holder.counters
        before = counters["names-tried"], counters["names-failed"]
        self.names.trial.due = 0.0
        for _ in range(20):
            self.turn()
            if (now := (counters["names-tried"], counters["names-failed"])) != before:
                return now[0] > before[0]
        raise AssertionError(counters)

    def stands(self) -> dict[str, Any]:
        return dict(self.office.terminal.call("effects")["resolver"])


def naming(office: Office, listed: Path, permit: str = "") -> Naming:
    kernel, trial, resolver = Falling(), Falling(), Resolver()
    heard = holder(office, kernel, trial)
    return Naming(office, kernel, trial, heard, permit, HoldNames(heard, resolver, listed), resolver, listed)


def copied_list(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(LISTED, folder))


@pytest.fixture(scope="module")
def _named(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("names") / "home").open()
    assert naming(office, LISTED).tried()
    compared(office)
    permit = office.stand(PLAN)["filter-names"]
    office.close()
    return office.home, permit


@pytest.fixture
def named(_named: tuple[Path, str], tmp_path: Path) -> Iterator[Naming]:
    home, permit = _named
    office = Office(home).copied(tmp_path / "names")
    yield naming(office, copied_list(tmp_path / "list"), permit)
    office.close()
