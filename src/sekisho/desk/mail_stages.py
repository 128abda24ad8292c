"""Everything that answers the mail server, by measure and step. What is not here answers nothing: the mail server then hears DUNNO."""

from __future__ import annotations

from collections.abc import Mapping

from sekisho.effects import account_hold, alike, dynamic_block, greylisting, hijack, sender_label, sender_limit, sending_log, source_block
from sekisho.effects.account_stage import COUNT, HOLD, AccountForm
from sekisho.effects.mail_stage import BadScope, Form, MailStage
from sekisho.gate.permit import Permit

STAGES: Mapping[tuple[str, str], Form] = {
    **{(sender_limit.MEASURE, step): sender_limit.LimitForm(step) for step in (sender_limit.COUNT, sender_limit.LIMIT)},
    **{(alike.MEASURE, step): AccountForm(step, alike.AlikeStage) for step in (COUNT, HOLD)},
    **{(hijack.MEASURE, step): AccountForm(step, hijack.HijackStage) for step in (COUNT, HOLD)},
    **{(sending_log.MEASURE, step): AccountForm(step, sending_log.LogStage) for step in (sending_log.COUNT_LOG, sending_log.HOLD_LOG)},
    (greylisting.MEASURE, greylisting.DELAY): greylisting.GreylistForm(),
    (source_block.MEASURE, source_block.REJECT): source_block.SourceBlockForm(),
    **{(dynamic_block.MEASURE, step): dynamic_block.DynamicForm(step) for step in (dynamic_block.COUNT, dynamic_block.BLOCK)},
    **{(sender_label.MEASURE, step): sender_label.LabelForm(step) for step in sender_label.METHODS},
    (sender_limit.SIGN_UP, sender_limit.PROBATION): sender_limit.NewAccountForm(),
    **{(account_hold.MEASURE, step): account_hold.HoldForm(step) for step in account_hold.STEPS},
}

OF_RECIPIENTS = frozenset(measure for (measure, _), form in STAGES.items() if form.of_recipients)
"""Measures, and purposes of consent, whose stages are asked for those recipients alone who agreed."""


def mailbox(mail: str) -> str:
    """An address as the line of an answer to such a purpose: one, however it is written."""
    return mail.strip().casefold()


def account(name: str, domain: str) -> str:
    """A mail account by one name, where the mail server takes it with the operator's domain behind it and without."""
    plain = name.strip()
    return f"{plain}@{domain}" if plain and domain and "@" not in plain else plain


def compile_stage(permit: Permit) -> MailStage:
    """Raises BadScope for a step that is no stage, and for a scope that is not of its form."""
    form = STAGES.get((permit.measure, permit.step.name))
    if form is None:
        raise BadScope("step", permit.step.name)
    return form.compile(permit)
