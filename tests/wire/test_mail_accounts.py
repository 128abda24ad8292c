"""The register of mail accounts is read whole or not at all: whoever is missing from half of it would be taken for nobody."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import mail_accounts
from sekisho.wire.cursor import FormError
from sekisho.wire.mail_accounts import read_mail_accounts

FILE = '\ufeffaccount,opened,plan\r\nAlice@isp.example,2026-11-01,basic\r\n\r\n"bob, the elder",2019-04-01,"large, with mail"\r\n'.encode()


def test_an_account_is_known_whatever_its_case_and_its_plan_may_hold_a_comma() -> None:
    found = read_mail_accounts(FILE)
    assert found.of(" ALICE@isp.example ") == (date(2026, 11, 1), "basic")
    assert found.of("bob, the elder") == (date(2019, 4, 1), "large, with mail")
    assert found.of("carol@isp.example") is None
    assert "alice" not in repr(found), "no traceback shows who is a customer"


@pytest.mark.parametrize(("raw", "code", "detail"), [
    (b"", "not-the-columns", "account,opened,plan"), (b"account,plan\na,b\n", "not-the-columns", "account,opened,plan"),
    (b"account,opened,plan\n", "empty", ""), (b"account,opened,plan\na,2026-11-01\n", "bad-line", "line 2"),
    (b"account,opened,plan\na,2026-11-01,x,y\n", "bad-line", "line 2"), (b"account,opened,plan\na,lately,x\n", "bad-line", "line 2"),
    (b"account,opened,plan\n,2026-11-01,x\n", "bad-line", "line 2"),
    (b"account,opened,plan\n" + b"a" * 321 + b",2026-11-01,x\n", "bad-line", "line 2"),
    (b'account,opened,plan\n"a"b,2026-11-01,x\n', "bad-line", "line 2"),
    (b"account,opened,plan\na,2026-11-01,x\nA,2020-01-01,x\n", "named-twice", "line 3"), (b"account\xff", "not-text", "octet 7"),
])  # fmt: skip
def test_half_a_register_is_none_and_the_error_says_which_line(raw: bytes, code: str, detail: str) -> None:
    with pytest.raises(FormError) as no:
        read_mail_accounts(raw)
    assert (no.value.who, no.value.code, no.value.detail) == ("mail-accounts", code, detail)


def test_an_account_is_known_with_our_domain_behind_it_and_without_and_no_other() -> None:
    found = read_mail_accounts(b"account,opened,plan\nalice,2026-01-02,light\nbob@isp.example,2026-01-03,light\n")
    assert found.of("Alice@ISP.example", "isp.example") == found.of("alice", "isp.example") == found.of("alice")
    assert found.of("bob@isp.example", "ISP.example") is not None
    assert [found.of(n, "isp.example") for n in ("alice@other.example", "bob", "alice@isp.example.org")] == [None] * 3
    assert found.of("alice@isp.example") is None


def test_a_file_that_is_too_large_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_accounts, "LARGEST", len(FILE) - 1)
    with pytest.raises(FormError, match="too-large"):
        read_mail_accounts(FILE)


@given(st.binary(max_size=200))
def test_whatever_it_is_given_it_reads_or_says_why_not(tail: bytes) -> None:
    with suppress(FormError):
        assert read_mail_accounts(b"account,opened,plan\n" + tail).opened
