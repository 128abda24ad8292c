"""Lines of a real Postfix 3.7 are read by where their words stand; what strangers put into one says nothing about anybody else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.mail_log import LONGEST, Ended, HandedIn, Lines, LogInFailed, Removed, read_line

AT = "Nov 23 02:33:45 relay postfix/"
Q = "68E3CEA2385"
WRITTEN = f"""\
{AT}postfix-script[7005]: starting the Postfix mail system
{AT}smtpd[7012]: warning: unknown[198.18.7.9]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=guessed@isp.example
{AT}smtpd[7012]: {Q}: client=unknown[198.18.7.9], sasl_method=PLAIN, sasl_username=guessed@isp.example, sasl_sender=x+2C+20sasl_username=old1@isp.example
{AT}smtpd[7012]: {Q}: reject: RCPT from unknown[198.18.7.9]: 550 5.1.1 <gone@mail.example>: Recipient address rejected: no such person; from=<guessed@isp.example> to=<gone@mail.example> proto=ESMTP helo=<c.example>
{AT}cleanup[7015]: {Q}: message-id=<20261123023345.68E3CEA2385@relay.isp.example>
{AT}qmgr[7009]: {Q}: from=<guessed@isp.example>, size=299, nrcpt=3 (queue active)
{AT}smtpd[7012]: NOQUEUE: reject: RCPT from unknown[198.18.7.9]: 550 5.1.1 <gone@mail.example>: Recipient address rejected: no such person; from=<a@isp.example> to=<gone@mail.example> proto=SMTP helo=<x??sasl_username=?old1?isp.example>
{AT}smtp[7016]: {Q}: to=<gone1@mail.example>, relay=127.0.0.1[127.0.0.1]:42923, delay=0.09, delays=0.03/0.01/0/0.05, dsn=5.1.1, status=bounced (host 127.0.0.1[127.0.0.1] said: 550 5.1.1 no such person (in reply to RCPT TO command))
{AT}smtp[7016]: {Q}: to=<friend@mail.example>, relay=127.0.0.1[127.0.0.1]:42923, delay=0.09, delays=0.03/0.01/0/0.05, dsn=2.0.0, status=sent (250 2.0.0 taken)
{AT}smtp[7016]: {Q}: to=<"x>, relay=y status=bounced ("@mail.example>, relay=127.0.0.1[127.0.0.1]:42923, delay=0.09, delays=0.03/0.01/0/0.05, dsn=2.0.0, status=sent (250 2.0.0 taken)
{AT}bounce[7018]: {Q}: sender non-delivery notification: 7928AEA22E3
{AT}qmgr[7009]: {Q}: removed
{AT}error[7025]: 7928AEA22E3: to=<guessed@isp.example>, relay=none, delay=0.07, delays=0/0.07/0/0, dsn=5.0.0, status=bounced (no way out)
"""  # noqa: E501 - as Postfix wrote them
WHO, FROM = "guessed@isp.example", "198.18.7.9"
SAID = [
    LogInFailed(WHO, FROM), HandedIn(Q, WHO, FROM), Ended(Q, refused=True), Ended(Q, refused=True), Ended(Q, refused=False),
    Ended(Q, refused=False), Removed(Q), Ended("7928AEA22E3", refused=False),
]  # fmt: skip


def read(raw: bytes, size: int = 1 << 16) -> list[object]:
    lines = Lines()
    parts = [raw[n : n + size] for n in range(0, len(raw), size)]
    return [said for part in parts for line in lines.feed(part) if (said := read_line(line)) is not None]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_a_real_log_says_who_handed_in_what_became_of_it_and_who_failed_to_log_in(size: int) -> None:
    assert read(WRITTEN.encode(), size) == SAID


def test_no_name_and_no_recipient_is_in_what_a_traceback_shows() -> None:
    assert not [one for one in SAID if "isp.example" in repr(one) or "mail.example" in repr(one)]


@pytest.mark.parametrize("head", [
    "2026-11-23T02:33:45.123456+09:00 relay postfix/smtpd[7]: ", "Nov  3 02:33:45 relay postfix/submission/smtpd[7]: ",
    "2026-11-23T02:33:45Z relay.isp.example postfix-out/smtpd[70125]: ",
])  # fmt: skip
def test_the_heads_that_syslog_and_instances_of_postfix_write_are_known(head: str) -> None:
    said = read_line(f"{head}{Q}: client=mx.example[2001:db8::1]:4711, sasl_method=LOGIN, sasl_username=a b")
    assert said == HandedIn(Q, "a b", "2001:db8::1")


HANDED = f"{Q}: client=unknown[10.0.0.1], sasl_method=PLAIN, sasl_username=victim"


@pytest.mark.parametrize("line", [
    f"Nov 23 02:33:45 relay sshd[7]: Invalid user {AT}smtpd[7]: {HANDED}", f"{AT}smtpd[7]: warning: {HANDED}",
    f"{AT}smtpd[7]: connect from {HANDED}", f"{AT}cleanup[7]: {HANDED}", f"{AT}evil/smtp/smtpd[7]: {HANDED}", f" {AT}smtpd[7]: {HANDED}",
    f"{AT}smtpd[7]: {Q}: client=a b[10.0.0.1], sasl_method=PLAIN, sasl_username=victim", f"{AT}smtpd[7]: {Q}: client=unknown[10.0.0.1]",
    f"{AT}smtpd[7]: {Q}: client=unknown[10.0.0.1], sasl_method=PLAIN, sasl_username=", f"{AT}smtpd[x]: {HANDED}",
    f"{AT}smtpd[7]: warning: unknown[10.0.0.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
    f"{AT}smtpd[7]: NOQUEUE: reject: RCPT from a[10.0.0.1]: 550 5.1.1 <x>: no; helo=<x> sasl_username=<victim>",
    f"{AT}smtpd[7]: {Q}: reject: RCPT from a[10.0.0.1]: 554 5.7.1 <x>: Relay access denied", f"{AT}qmgr[7]: {Q}: removed by hand",
    f"{AT}smtp[7]: {Q}: to=<a@b>, relay=c, delay=1, delays=0/0/0/1, dsn=4.1.1, status=deferred (450 4.1.1 later)", "",
])  # fmt: skip
def test_what_stands_in_another_place_or_has_another_form_says_nothing(line: str) -> None:
    assert read_line(line) is None


@pytest.mark.parametrize(("dsn", "refused"), [
    ("5.1.1", True), ("5.1.2", True), ("5.1.10", True), ("5.1.8", False), ("5.7.1", False), ("5.0.0", False), ("5.1.11", False),
])  # fmt: skip
def test_nobodys_is_what_the_code_says_of_the_address_and_not_of_the_sender(dsn: str, refused: bool) -> None:
    relay = "relay=d[1.2.3.4]:25, conn_use=2, delay=1, delays=0/0/0/1"
    line = f"{AT}smtp[7]: {Q}: to=<a@b>, orig_to=<c>, {relay}, dsn={dsn}, status=bounced (x)"
    assert read_line(line) == Ended(Q, refused=refused)


@pytest.mark.parametrize("trick", [
    '"x>, relay=y, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced ("@mail.example', '"\\">, relay=y, dsn=5.1.1, status=bounced (\\""@b',
])  # fmt: skip
def test_a_recipient_that_reads_like_a_verdict_is_a_recipient(trick: str) -> None:
    line = f"{AT}smtp[7]: {Q}: to=<{trick}>, relay=d, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 dsn=5.1.1, status=bounced (x))"
    assert read_line(line) == Ended(Q, refused=False)


def test_a_line_beyond_all_bounds_is_left_out_whole_and_the_next_is_read() -> None:
    lines, good = Lines(), f"{AT}qmgr[7]: {Q}: removed"
    said = list(lines.feed(b"x" * (LONGEST + 1)))
    said += list(lines.feed(b"y" * 100 + f"{good}\n{good}\n".encode()))
    assert (said, lines.too_long) == ([good], 1)
    lines.drop(within=True)
    assert list(lines.feed(b"rest of a line\n" + good.encode() + b"\n")) == [good]


def test_foreign_octets_stay_as_different_as_they_were() -> None:
    raw = f"{AT}smtpd[7]: {Q}: client=u[10.0.0.1], sasl_method=PLAIN, sasl_username=".encode() + b"\xe9\n"
    (said,) = read(raw)
    assert isinstance(said, HandedIn)
    assert said.account.encode("utf-8", "surrogateescape") == b"\xe9"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=200), st.sampled_from(WRITTEN.splitlines()))
def test_whatever_a_stranger_writes_behind_a_line_names_no_other_account(text: str, line: str) -> None:
    """A failed log-in ends with what was typed, so that its name is whatever stands there."""
    names = {one.account for one in (read_line(line + text), read_line(text + line)) if isinstance(one, HandedIn)}
    assert all(name.startswith(WHO) for name in names)


@pytest.mark.parametrize("bad", ["@" * 8000, '"' + "\\" * 8000, '"' + "\\a" * 4000 + '"@' + "@" * 100, "<" * 8000, ">, relay=" * 900])
def test_no_line_takes_long(bad: str) -> None:
    began = time.process_time()
    for said in (f"smtp[7]: {Q}: to=<{bad}", f"smtpd[7]: {Q}: client=u[1.1.1.1], sasl_method=A, sasl_username={bad}", f"smtpd[7]: {bad}"):
        read_line(AT + said)
    assert time.process_time() - began < 0.5
