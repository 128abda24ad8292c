"""What the terms and the privacy text of a service with posts must say, out of what is in force now: its permits, doors and clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk import permits
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain

KEEPING = "post-log-keeping"
OF_STEP = {"keep-post-log": ("post",), "keep-access-log": ("login", "logout", "signup", "account-deletion")}
"""Which kinds of records are kept under a step, where its scope names none."""
INQUIRIES = {"inquiry_days": "deletion-inquiry", "election_days": "deletion-inquiry-election", "intimate_days": "deletion-inquiry-intimate"}
Json = dict[str, Any]


@dataclass(frozen=True)
class PublicTerms:
    """A service by the name its permits and the settings give it."""

    service: str


def carry_out(world: World, request: PublicTerms) -> Json:
    """{"service", "operator", "large_platform", "kept": [{"kind", "days", "fields"}], "doors": [{"id", "title", "url"}], "days"}.

    Raises No: unknown-service, for one that no permit names.
    """
    now = world.clock.now()
    mine = [p for p, _ in permits.living(world, now) if p.measure == KEEPING and p.scope.get("service") == request.service]
    if not mine:
        raise No("unknown-service", service=request.service)
    book, operator, console = world.book, world.settings.operator, world.settings.console.url
    open_now = [p for p in book.procedures.values() if p.door and p.in_force(book.day(now))]
    doors = sorted(open_now, key=lambda p: p.door.place if p.door else 0)
    days = {place: book.procedures[name].clock("inquiry").clock.length for place, name in INQUIRIES.items() if name in book.procedures}
    told: Json = plain({
        "service": request.service,
        "operator": {"name": operator.name, "window": operator.window, "phone": operator.window_phone, "hours": operator.window_hours},
        "large_platform": operator.large_platform,
        "kept": sorted((row for p in mine for row in _kept(p)), key=lambda row: (row["kind"], row["days"])),
        "doors": [{"id": p.id, "title": p.door.title, "url": f"{console}/contact/{p.id}"} for p in doors if p.door],
        "days": days,
    })  # fmt: skip
    return told


def _kept(permit: Permit) -> list[Json]:
    said = permit.scope.get("kinds")
    kinds = [k for k in said if isinstance(k, str)] if isinstance(said, tuple) else list(OF_STEP.get(permit.step.name, ()))
    fields = permit.scope.get("fields")
    return [{"kind": k, "days": permit.scope.get("days"), "fields": list(fields) if isinstance(fields, tuple) else []} for k in kinds]
