"""Which accounts the test of a stage finds just now: by the kind of the stage."""

from __future__ import annotations

from datetime import datetime

from sekisho.desk.mail import alike, hijack, sending_log
from sekisho.effects.account_stage import AccountStage
from sekisho.effects.alike import AlikeStage
from sekisho.effects.hijack import HijackStage
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.sending_log import LogStage


def found(stage: AccountStage, counts: MailCounts, now: datetime) -> tuple[frozenset[bytes], dict[str, int]]:
    """Account parts of tokens, and numbers; nobody, for a stage without a test."""
    if isinstance(stage, AlikeStage):
        return alike.found(stage, counts, now)
    if isinstance(stage, HijackStage):
        return hijack.found(stage, counts, now)
    if isinstance(stage, LogStage):
        return sending_log.found(stage, counts, now)
    return frozenset(), {}
