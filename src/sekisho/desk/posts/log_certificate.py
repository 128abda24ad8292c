"""What an access provider needs to find the line behind a post: the four values, the moment, how right our clock was, and who says so.

Providers ask for address and source port, the destination, and the time in Japan to the second, under the name of the site's operator
(a log certificate). This makes its facts; a letter only sets them. What is not known is None and stays visible as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sekisho.desk.reveals import View
from sekisho.desk.settings import Settings
from sekisho.desk.world import No

JST = timezone(timedelta(hours=9))
SECOND = 1_000_000
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LogCertificate:
    """One communication, as certified by the operator. Times: `at_jst` as 2026-11-22 12:34:56 (JST, to the second, cut and not rounded),
    `at_utc` as 2026-11-22T03:34:56.789Z (to the millisecond, cut). clock_offset_us: how far the clock was ahead of its reference, None
    when nobody measured. digest: SHA-256 of the record in its canonical spelling. reveal: which opening, as the ledger knows it."""

    operator: str
    window: str
    service: str
    url: str
    kind: str
    record: str
    source_ip: str
    source_port: int | None
    destination_ip: str | None
    destination_port: int | None
    transport: str
    http: str
    at_jst: str
    at_utc: str
    clock_offset_us: int | None
    host: str
    why_empty: str
    digest: str
    reveal: str
    made: datetime


def certified(settings: Settings, view: View, service: str, record: str, url: str, reveal: str, now: datetime) -> LogCertificate:
    """Raises No("not-seen-in-full") where the view has no address or no time, No("not-a-url") for no web address."""
    if not view.full or view.source is None or view.seen_us is None:
        raise No("not-seen-in-full", reveal=reveal)
    if not url.startswith(("https://", "http://")) or any(c.isspace() for c in url):
        raise No("not-a-url", url=url[:100])
    seen = FIRST + timedelta(microseconds=view.seen_us)
    there = view.destination
    return LogCertificate(
        operator=settings.operator.name,
        window=settings.operator.window,
        service=service,
        url=url,
        kind=view.kind,
        record=record,
        source_ip=view.source.ip,
        source_port=view.source.port,
        destination_ip=there.ip if there else None,
        destination_port=there.port if there else None,
        transport=view.transport,
        http=view.http,
        at_jst=seen.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S"),
        at_utc=f"{seen:%Y-%m-%dT%H:%M:%S}.{seen.microsecond // 1000:03d}Z",
        clock_offset_us=view.clock_offset_us,
        host=view.host,
        why_empty=view.why_empty,
        digest=view.digest,
        reveal=reveal,
        made=now,
    )
