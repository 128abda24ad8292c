"""Whether a mail was written by a machine: vacation notes, bounces and lists say so in their headers (RFC 3834, RFC 3464)."""

from __future__ import annotations

from email.message import Message

NAMES = ("x-autoreply", "x-autorespond", "x-failed-recipients", "list-id")
BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
REPORTS = frozenset({"multipart/report", "message/delivery-status"})


def of_a_machine(mail: Message) -> bool:
    """By its headers alone; one that hides it passes for a person's."""
    automatic = str(mail.get("auto-submitted", "no")).partition(";")[0].strip().lower() != "no"
    bulk = str(mail.get("precedence", "")).strip().lower() in BULK
    bounce = str(mail.get("return-path", "x")).strip() == "<>" or mail.get_content_type() in REPORTS
    return automatic or bulk or bounce or any(name in mail for name in NAMES)
