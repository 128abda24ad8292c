"""Mails that came back, in the words of several servers, and whatever strangers make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.bounces import DELAYED, FAILED, MOST, OTHER, Bounce, read_bounce

TOP = "Return-Path: <>\nX-Original-To: notice+abc234@example.net\nDelivered-To: notice+abc234@example.net\nFrom: MAILER-DAEMON@mx.example\n"
REPORT = """\
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered, 5.9.9 says this text.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; somebody@elsewhere.example
Action: {action}
Status: {status}

--b
Content-Type: message/rfc822

Delivered-To: notice+zzzzzz@example.net
Subject: what was sent

--b--
"""
PLAIN = "Content-Type: text/plain\n\nHi. This is the program at mx.example.\n<somebody@elsewhere.example>: {said}\n"


def returned(body: str, top: str = TOP) -> Bounce:
    return read_bounce((top + body).encode())


@pytest.mark.parametrize(
    ("action", "status", "kind", "says"),
    [
        ("failed", "5.1.1", FAILED, "5.1.1"),
        ("Failed", "5.2.2 (mailbox full)", FAILED, "5.2.2"),
        ("delayed", "4.4.1", DELAYED, "4.4.1"),
        ("delivered", "2.0.0", OTHER, ""),
        ("failed", "nonsense", FAILED, ""),
        ("eaten", "5.1.1", OTHER, ""),
    ],
)
def test_a_status_notification_says_what_its_own_fields_say(action: str, status: str, kind: str, says: str) -> None:
    assert returned(REPORT.format(action=action, status=status)) == Bounce("abc234", kind, says)


@pytest.mark.parametrize(
    ("said", "kind", "status"),
    [
        ("host said: 550 5.1.1 no such user", FAILED, "5.1.1"),
        ("550 sorry, no mailbox here by that name", FAILED, "5.0.0"),
        ("451 4.2.0 greylisted, come again", OTHER, ""),
        ("version 5.1.1.7 of something", OTHER, ""),
        ("I am away until Monday", OTHER, ""),
    ],
)
def test_a_bounce_in_words_is_read_by_its_codes(said: str, kind: str, status: str) -> None:
    assert returned(PLAIN.format(said=said)) == Bounce("abc234", kind, status)


def test_words_of_a_person_are_no_bounce() -> None:
    said = PLAIN.format(said="550 5.1.1")
    assert returned(said, TOP.replace("<>", "<somebody@elsewhere.example>")).kind == OTHER
    assert returned(said, "Auto-Submitted: auto-replied\n" + TOP).kind == OTHER


def test_only_the_address_our_server_wrote_on_top_counts() -> None:
    assert returned(REPORT.format(action="failed", status="5.1.1"), "Return-Path: <>\n").code == ""
    assert returned("To: notice+zzzzzz@example.net\n\nnothing", "").code == ""
    assert returned("\nnothing", "X-Original-To: notice+first2@example.net\nX-Original-To: notice+second@example.net\n").code == "first2"


@given(st.binary(max_size=2000))
def test_no_bytes_of_strangers_raise(raw: bytes) -> None:
    assert read_bounce(raw).kind == OTHER or raw


@given(st.integers(0, 900), st.binary(min_size=1, max_size=40))
def test_no_notice_with_a_piece_overwritten_raises(at: int, piece: bytes) -> None:
    whole = (TOP + REPORT.format(action="failed", status="5.1.1")).encode()
    assert read_bounce(whole[:at] + piece + whole[at + len(piece) :]).kind in (FAILED, DELAYED, OTHER)


def test_what_is_endless_or_nested_is_read_to_a_bound() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(400))
    assert returned(nested).kind == OTHER
    late = TOP + "Content-Type: text/plain\n\n" + "x" * MOST + " 550 5.1.1 "
    assert read_bounce(late.encode()).kind == OTHER
