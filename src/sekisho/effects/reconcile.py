"""Makes the kernel what the permits say: read, compare, change, read again. The same twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sekisho.effects.nft import Change, KernelSaidNo, Table, change

TRIES = 3


class Holds(Protocol):
    """Where a table stands."""

    def read(self) -> Table | None: ...

    def write(self, made: Change, wanted: Table) -> None: ...


@dataclass(frozen=True)
class Round:
    """`found` is what had to be changed, `left` what still differs afterwards, `packets` what each permit's rules counted."""

    found: Change
    left: Change
    packets: Mapping[str, int]


def reconcile(kernel: Holds, wanted: Table) -> Round:
    """Raises KernelSaidNo when it cannot be read, or will not take even the table written anew.

    A member may end between reading and writing, and then nothing of the change is done: read again, and at last write all anew.
    """
    there = kernel.read()
    found = made = change(wanted, there)
    packets = there.packets if there else {}
    for left in reversed(range(TRIES)):
        if not made:
            return Round(found, made, packets)
        try:
            kernel.write(made if left else Change(("table",)), wanted)
        except KernelSaidNo:
            if not left:
                raise
        made = change(wanted, kernel.read())
    return Round(found, made, packets)
