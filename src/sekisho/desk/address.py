"""From one named line to an order that only `act` can read. Runs in a `work` child under the step that sends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sekisho.desk.identify import Line
from sekisho.desk.look import Opened
from sekisho.desk.outside import Outside
from sekisho.desk.watchlist import ListError, read_list
from sekisho.effects.texts import jst, load
from sekisho.gate.check import read
from sekisho.store.parts import periods
from sekisho.store.register import REGISTER, read_contact
from sekisho.store.seal import seal_note

LANGUAGES = ("ja", "en")
RECIPIENT = "act/recipient/1"


@dataclass(frozen=True)
class Address:
    """An opened look of the sort `address`, and the line the look before it named."""

    opened: Opened
    line: Line


@dataclass(frozen=True)
class Addressed:
    """The order's id, or why there is none: `no-contact` or `opted-out`."""

    order: str = ""
    why: str = ""


def carry_out(world: Outside, request: Address) -> Addressed:
    permit, look, line = read(request.opened.permit), request.opened.look.id, request.line
    views = permit.scope["views"]
    view = views["contacts"] if isinstance(views, Mapping) else {}
    owner = str(view["of"]) if isinstance(view, Mapping) else ""
    streams = world.settings.folder / "streams"
    contact = read_contact(streams, owner, periods(streams, owner, REGISTER), line.line, world.release(look))
    if contact is None or not contact.mail:
        return Addressed(why="no-contact")
    language = contact.language if contact.language in LANGUAGES else LANGUAGES[0]
    text = str(permit.scope["text"])
    code = secrets.token_urlsafe(16)
    private = {"mail": contact.mail, "name": contact.name or "", "code": code}
    order = world.keep.call(
        "order",
        look=look,
        text=text,
        text_digest=load(world.settings.texts).digest(text),
        language=language,
        params=_params(world, line, str(permit.scope.get("list", "")), permit.id),
        recipient=seal_note(request.opened.act_half, RECIPIENT, json.dumps(private, ensure_ascii=False).encode()),
        pseudonym=world.keep.call("pseudonym", look=look, line=line.line),
        code=sha256(code.encode()).hexdigest(),
    )
    return Addressed(order=str(order))


def _params(world: Outside, line: Line, listed: str, permit: str) -> dict[str, str]:
    """The values a notice shows, except the recipient's own name and code, which travel sealed."""
    operator = world.settings.operator
    try:
        servers = read_list(world.settings.lists, listed)
        origin, made = servers.origin, servers.made.date().isoformat()
    except ListError:
        origin, made = listed[:12], "-"
    return {
        "reference": permit.removeprefix("permit-")[:8],
        "operator": operator.name,
        "first_seen": jst(line.first),
        "last_seen": jst(line.last),
        "contacts": str(line.contacts),
        "list_origin": origin,
        "list_date": made,
        "terms_version": line.terms or "-",
        "help_url": operator.help_url,
        "check_url": f"{world.settings.console.url}/notices",
        "my_data_url": f"{world.settings.console.url}/line",
        "window_name": operator.window,
        "window_phone": operator.window_phone,
        "window_hours": operator.window_hours,
    }
