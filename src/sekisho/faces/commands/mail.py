"""mail: what the mail server is answered under which permit, hour by hour; `--postfix`: what its configuration has to say.

`held`: accounts that are held, by what holds them, as numbers; `restore`: the help desk lets a caller's account send again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.signed_words import SenderRestoring
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, t

RCPT = "RCPT"
WELL = ("well", "not-set-up")
JAPAN = timezone(timedelta(hours=9))
METHODS, FIGURES = ("spf", "dkim", "dmarc"), ("pass", "fail", "none", "error")
ALIKE = ("groups", "grouped", "grouped-messages", "settled", "matched")
SIGNS = ("signs", "crowded", "jumped", "settled", "matched")
LOGGED = ("log-signs", "refusing", "guessed", "recipients", "nobodys", "failures", "settled", "matched")
COLUMNS = ("accounts", "messages", "most", "bulk", "put-off")
POSTFIX = """\
smtpd_end_of_data_restrictions =
  check_policy_service {{ inet:{listen}, timeout=5s, try_limit=1, {down} }}
"""
AT_RECIPIENTS = """\
smtpd_recipient_restrictions =
  reject_unlisted_recipient,
  check_policy_service {{ inet:{listen}, timeout=5s, try_limit=1, {down} }}
"""
LABELS = """\
smtpd_milters = {{ inet:{milter}, connect_timeout=2s, command_timeout=8s, content_timeout=8s, default_action=accept }}
header_checks = regexp:{{ {{ /^Authentication-Results[[:space:]]*:([[:space:]]|\\([^)]*\\))*"?{by}"?([[:space:];(]|$$)/ IGNORE }},
  {{ /^Authentication-Results[[:space:]]*:(.*\\(.*{by}|.*\\\\)/ IGNORE }} }}
"""
"""Labels that a stranger wrote in our name are taken out by the mail server itself, whether we are there or not (RFC 8601, 5): our name
plainly, and where a remark stands before it or a sign is quoted: remarks stand within remarks, and a name can be spelled in two ways."""
DOWN_AT_RECIPIENTS = {False: "default_action=DUNNO", True: "{ default_action = 451 4.3.5 This mail cannot be checked just now, try later }"}
DOWN = {False: "default_action=DUNNO", True: "{ default_action = 451 4.3.5 The sending limit cannot be checked just now, try later }"}
"""What Postfix does by itself while nobody answers, by whether mail has to wait then."""

HELP = "メールサーバへの回答、送信制限の解除 / what the mail server is answered; lifting a limit"
mail = typer.Typer(invoke_without_command=True, help=HELP)


@mail.callback()
def show(
    context: typer.Context,
    config: Config = DEFAULT,
    postfix: Annotated[bool, typer.Option("--postfix", help="main.cf に書く行だけを出す / only the lines for main.cf")] = False,
) -> None:
    """メールサーバへの回答：どの許可証で何通を後回しにしたか / What the mail server is answered, what was put off under which permit."""
    if context.invoked_subcommand is not None:
        return
    with outside(config) as world:
        found = world.keep.call("mail-stages")
    if postfix and found["listen"]:
        words = snippet(found["listen"], closed=found["closed"], recipients=found["recipients"])
        words += labels(**found["labels"]) if found["labels"] else ""
        answer({**found, "postfix": words}, Text(words.rstrip("\n")))
        return
    lines = [t(f"mail-{found['state']}") + (f": {found['down']}" if found["down"] else "")]
    lines += [] if found["log"] else [t("mail-no-log")]
    lines += [line for stage in found["stages"] for line in _stage(stage)] or [t("mail-no-stage")]
    lines += [*_found("alike", ALIKE, found["alike"]), *_found("hijacked", SIGNS, found["signs"])]
    lines += [*_found("logged", LOGGED, found["logged"]), *_hours(found["hours"])]
    answer(found, Text("\n".join(lines)))
    if found["state"] not in WELL:
        raise typer.Exit(1)


@mail.command()
def held(config: Config = DEFAULT) -> None:
    """止めているアカウントと理由。名前は出ない / Accounts that are held, and why; no name is shown."""
    with outside(config) as world:
        found = world.keep.call("held-senders")
    lines: list[str] = []
    for measure, of in found["of"].items():
        mine = [s for s in found["senders"] if s["measure"] == measure]
        counts = ", ".join(f"{t('sender-' + word)}: {of[word]}" for word in ("held", "told", "restored"))
        lines += [f"{t('sender-by-' + measure)}  {counts}", *(f"  {_sender(s)}" for s in mine)]
    answer(found, Text("\n".join(lines)))


def _sender(one: Mapping[str, Any]) -> str:
    why = f"  {one['by']}: {one['reason']}" if one["reason"] else ""
    return f"{one['id']}  {t('sender-state-' + one['state'])}  {str(one['since'])[:16]}  {t('sender-notice-' + one['notice'])}{why}"


@mail.command()
def restore(
    code: Annotated[str, typer.Argument(help="お客様が読み上げる番号 / the number the caller reads out")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """止めているアカウントを元に戻す / Let an account that is held send again."""
    signer = key_of(key)
    with outside(config) as world:
        words = SenderRestoring(code, reason, signer.person, world.clock())
        found = world.keep.call("restore-sender", restoring=words, signature=signer.sign(words))
        answer(found, f"{t('sender-lifted')}: {found['pause']}")


def snippet(listen: str, *, closed: bool, recipients: bool | None = None) -> str:
    """Lines of main.cf (Postfix 3.0 and later) that ask us, and say what happens when nobody answers: whether mail waits then.

    `recipients`: the same for each recipient, where a stage is asked about them; None: Postfix asks at the end of a message alone.
    """
    early = "" if recipients is None else AT_RECIPIENTS.format(listen=listen, down=DOWN_AT_RECIPIENTS[recipients])
    return early + POSTFIX.format(listen=listen, down=DOWN[closed])


def labels(milter: str, by: str) -> str:
    """Lines of main.cf (Postfix 3.7 and later) that show us the mails that get a label in the name of `by`."""
    return LABELS.format(milter=milter, by=by.replace(".", "\\."))


def _stage(stage: Mapping[str, Any]) -> Iterator[str]:
    yield f"{stage['permit']}  {stage['measure']}/{stage['step']}"
    if "bad" in stage:
        yield f"  ! {stage['bad']}"
        return
    yield f"  {t('mail-when-' + stage['when_down'])}" + ("" if stage["answered"] else f"  ! {t('mail-unheard')}")
    yield "  " + ", ".join(f"{t('mail-' + word)}: {stage[word]}" for word in ("asked", "refused", "failed"))
    yield from (line for one in stage["hours"] if one["found"] for line in _labelled(one))
    if stage["agreed"] is not None:
        yield f"  {t('mail-agreed')}: {stage['agreed']}"
    for one in stage["hours"] if stage["moment"] == RCPT else ():
        at = datetime.fromisoformat(one["hour"]).astimezone(JAPAN)
        yield f"  {at:%m-%d %H}  {t('mail-asked')}: {one['asked']}, {t('mail-refused')}: {one['refused']}"


def _labelled(one: Mapping[str, Any]) -> Iterator[str]:
    """One hour's labels, a line for each method."""
    at = datetime.fromisoformat(one["hour"]).astimezone(JAPAN)
    for method in METHODS:
        said = [f"{t('mail-' + word)}: {one['found'].get(f'{method}-{word}', 0)}" for word in FIGURES]
        if any(key.startswith(f"{method}-") for key in one["found"]):
            yield f"  {at:%m-%d %H}  {method.upper()}  " + ", ".join(said)


def _found(what: str, words: tuple[str, ...], hours: list[Mapping[str, Any]]) -> Iterator[str]:
    """Accounts that a test found, a line an hour: what the test is called, and its numbers."""
    for one in hours:
        at = datetime.fromisoformat(one["hour"]).astimezone(JAPAN)
        said = ", ".join(f"{t('mail-' + word)}: {one[word.replace('-', '_')]}" for word in words)
        yield f"{at:%m-%d %H}  {t('mail-' + what)}  {said}"


def _hours(hours: list[Mapping[str, Any]]) -> Iterator[str]:
    if not hours:
        return
    yield "  ".join(t(f"mail-{word}") for word in ("hour", *COLUMNS))
    for one in hours:
        at = datetime.fromisoformat(one["hour"]).astimezone(JAPAN)
        yield "  ".join([f"{at:%m-%d %H}", *(str(one[word]) for word in ("accounts", "messages", "most", "bulk", "refused"))])
