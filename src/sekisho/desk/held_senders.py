"""What the sender records of a case hold beside log-ins, as far as they were looked at: measured, since nobody may merely state it.

Log-in data may be disclosed only where nothing else tells who posted (Art. 5(1)(iii)). `keep` reads that off the first views of the case's
posts, which show whether an address is there and no address. Without a first view of a post nothing is known, and nothing is measured.
What the desk found in the service's other tables (a name, an address) is added: it can only stand against a disclosure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sekisho.desk import matters, records
from sekisho.desk.draft import CASE
from sekisho.desk.reveals import BESIDE, POST, View
from sekisho.desk.world import No, World
from sekisho.law.items import chosen
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Plan, Value, VouchedBy, Voucher

KIND, PROBE = "sender-data", "sender-table"
MEASURE, STEP = "disclosure-request", "disclose-login"
OF_LOGINS = frozenset({"login-address-and-port", "login-terminal-identifier", "login-sim-identifier", "sms-telephone", "login-time"})
TELLS_NOBODY = OF_LOGINS | {"post-time"}


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """One piece for a plan that discloses log-ins of one case, or none."""
    purposes = {s.purpose for s in plan.steps if (plan.measure, s.name) == (MEASURE, STEP)}
    if not purposes:
        return
    items = items_held(world, str(plan.scope.get(CASE) or ""))
    if items is None:
        return
    value: dict[str, Value] = {"items": tuple(sorted(items)), "other_identifies": bool(items - TELLS_NOBODY)}
    for purpose in sorted(purposes):
        yield Evidence(KIND, value, purpose, Voucher(VouchedBy.PROBE, PROBE), now)


def items_held(world: World, case: str) -> set[str] | None:
    """Every item the case's records were seen to hold and the desk found elsewhere; None where no post of it was looked at."""
    row = records.one(world.db, records.MATTERS, id=case) or records.one(world.db, records.MATTERS, number=case)
    if row is None or row["gone"]:
        return None
    try:
        views = [_view(world, r["matter"], r["shown"]) for r in records.rows(world.db, records.REVEALS, matter=row["id"]) if r["shown"]]
        said = matters.load(world, row["id"]).standing.facts.get("items_held")
    except No:
        return None
    if not any(v.kind in POST for v in views):
        return None
    found = {item for view in views for item in _of(view)}
    return found | set(chosen(said) if isinstance(said, tuple) else ())


def _view(world: World, matter: str, shown: str) -> View:
    return read(View, matters.unseal(world, matter, shown))


def _of(view: View) -> Iterator[str]:
    """The items of a view, whichever its permit named: the time always, the address where a network was shown."""
    of = "login" if view.kind in BESIDE else "post"
    yield f"{of}-time"
    if view.prefix:
        yield f"{of}-address-and-port"
    yield from view.held
