"""Keeping a record with each post: made from the request at hand, sealed at once, never in the open. Needs the extra `seal`.

Everything here says no when something is missing: no request at hand, no known source, a forged header, no key of the day. What a no means
for the post is the caller's transaction: the hooks raise inside it, so that the post is not there either.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from sekisho_sender.at_hand import Refused, Why, fitting
from sekisho_sender.capture import Captured
from sekisho_sender.record import Record, SubjectKind
from sekisho_sender.seal import CannotSeal, Keyring, closed_to


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `sekisho_sender_record`, its `opened` being 0. `key_id` and `ip_index` in hex; `ip_index` None: address not known."""

    id: str
    subject_kind: str
    subject: str
    seen_day: str
    key_id: str
    sealed: bytes
    ip_index: str | None


def nobody_measured() -> int | None:
    return None


@dataclass(frozen=True)
class Keeper:
    """What a service needs to keep records.

    keys: gives today's public keys (`KeyFile.keyring`); the service needs no secret of its own.
    clock_offset_us: how far this machine's clock is ahead, None when nobody measured. host: which of the service's machines this is.
    unsafe_keep_without_source: also keep posts whose source nobody knows; a request for disclosure will then find an empty record.
    """

    keys: Callable[[], Keyring]
    _: KW_ONLY
    clock_offset_us: Callable[[], int | None] = nobody_measured
    host: str = platform.node()
    unsafe_keep_without_source: bool = False

    def record(self, kind: str, subject: str, request: Captured | None, *, account: str = "") -> Record:
        """The record of this subject, sent with this request. Raises Refused."""
        if request is None:
            raise Refused(
                Why.NO_REQUEST,
                f"{kind} {subject}: no request is at hand here, so nobody can say who sent it. Write it inside the request, or take its "
                "sender along: `whose = captured()` in the request, `with carried(whose):` in the job (sekisho_sender.capture)",
            )
        sender = request.sender
        if sender.source is None and not self.unsafe_keep_without_source:
            why = Why.TAMPERED if sender.tampered else Why.NO_SOURCE
            raise Refused(
                why, f"{kind} {subject}: the sender is not known ({sender.why_empty}); `sekisho-sender doctor` looks for the cause"
            )
        offset = self.clock_offset_us()
        return fitting(request).record(SubjectKind(kind), subject, account=account, clock_offset_us=offset, host=self.host)

    def row(self, record: Record) -> Row:
        """The record, sealed. Raises Refused when there is no key of its day."""
        seen = record.sender.seen_us
        try:
            key = self.keys().of(record.subject_kind, seen)
            closed = closed_to(record, key)
        except CannotSeal as wrong:
            raise Refused(Why.NO_KEY, f"{record.subject_kind} {record.subject}: {wrong}") from wrong
        return Row(record.id, record.subject_kind, record.subject, key.day, key.id.hex(), closed.sealed, closed.index)

    def sealed_row(self, kind: str, subject: str, request: Captured | None, *, account: str = "") -> Row:
        return self.row(self.record(kind, subject, request, account=account))
