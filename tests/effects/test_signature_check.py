"""A signature holds or does not, and the domain people see stands behind a mail or does not: one word each, whatever a stranger sends."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dkim.canonicalization import ALGORITHMS
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.effects.dkim import signed
from sekisho.effects.sender_check import GROUPS, Asking, Found, NoAnswer
from sekisho.effects.signature_check import FIELDS, HEADER, MOST, author, by_dkim, by_dmarc

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
MAIL = b"From: Alice <alice@far.example>\r\nTo: bob@isp.example\r\nSubject: hello\r\n\r\nDear Bob\r\n"


def published(key: rsa.RSAPrivateKey = KEY) -> str:
    """As its domain publishes it."""
    raw = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode('ascii')}"


def knowing(records: Mapping[str, str | list[str]], asked: list[str] | None = None) -> Asking:
    def ask(name: str, kind: str) -> list[Any]:
        assert kind == "TXT"
        if asked is not None:
            asked.append(name)
        said = records.get(name, [])
        return [(one.encode("ascii"),) for one in ([said] if isinstance(said, str) else said)]

    return ask


KEYS = knowing({
    "s1._domainkey.far.example": published(), "s1._domainkey.list.example": published(OTHER), "old._domainkey.far.example": "v=DKIM1; p=",
})  # fmt: skip


CURVE = knowing({
    "brisbane._domainkey.football.example.com": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
})  # fmt: skip
OF_THE_RFC = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")


def test_a_signed_mail_passes_and_one_that_was_changed_does_not() -> None:
    mail = signed(MAIL, KEY, "s1", "far.example")
    assert str(by_dkim(mail, KEYS)) == "dkim=pass header.d=far.example"
    assert by_dkim(mail.replace(b"Dear Bob", b"Dear Eve"), KEYS).result == "fail"
    assert by_dkim(mail.replace(b"Subject: hello", b"Subject: pay"), KEYS).result == "fail"
    assert by_dkim(signed(MAIL, OTHER, "s1", "far.example"), KEYS).result == "fail"


def test_an_unsigned_mail_is_none_and_asks_nobody() -> None:
    asked: list[str] = []
    assert str(by_dkim(MAIL, knowing({}, asked))) == "dkim=none"
    assert asked == []


def test_of_several_signatures_the_best_counts_and_the_authors_own_before_anothers() -> None:
    both = signed(signed(MAIL, KEY, "s1", "far.example"), OTHER, "s1", "list.example")
    assert by_dkim(both, KEYS).domain == "far.example"
    broken = signed(signed(MAIL, OTHER, "s1", "far.example"), OTHER, "s1", "list.example")
    assert by_dkim(broken, KEYS).domain == "list.example"
    asked: list[str] = []
    many = MAIL
    for _ in range(MOST + 3):
        many = signed(many, KEY, "s1", "far.example")
    by_dkim(many, knowing({}, asked))
    assert len(asked) == MOST


@pytest.mark.parametrize(("was", "now"), [
    (b"s=s1", b"s=old"), (b"s=s1", b"s=none"), (b"a=rsa-sha256", b"a=rot13"), (b"v=1; ", b""), (b"bh=", b"bx="),
    (b"d=far.example", b"d=f\xff"), (b"h=from", b"h="),
])  # fmt: skip
def test_a_signature_that_proves_nothing_fails(was: bytes, now: bytes) -> None:
    found = by_dkim(signed(MAIL, KEY, "s1", "far.example").replace(was, now, 1), KEYS)
    assert (found.result, found.domain) == ("fail", "")


def test_a_signature_over_a_part_of_the_text_holds_and_is_no_pass() -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    mail = dkim.sign(MAIL, b"s1", b"far.example", pem, include_headers=[b"from"], length=True) + MAIL
    assert (by_dkim(mail + b"and more\r\n", KEYS).result, by_dkim(mail, KEYS).domain) == ("policy", "")


def test_the_mail_of_rfc_8463_passes_by_its_ed25519_signature_alone() -> None:
    """Its appendix A, whose RSA key nobody publishes here."""
    assert str(by_dkim(OF_THE_RFC, CURVE)) == "dkim=pass header.d=football.example.com"
    assert by_dkim(OF_THE_RFC.replace(b"hungry", b"thirsty"), CURVE).result == "fail"
    assert by_dkim(OF_THE_RFC.replace(b"dinner", b"lunch"), CURVE).result == "fail"


@pytest.mark.parametrize(("key", "result"), [
    ("v=DKIM1; k=ed25519; p=12qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "fail"), ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7T", "fail"),
    ("v=DKIM1; k=ed25519; p=", "fail"), ("v=DKIM1; k=ed25519; p=*", "fail"), ("v=DKIM1; k=ed448; p=11qY", "fail"), (published(), "fail"),
])  # fmt: skip
def test_another_key_or_half_of_one_proves_nothing(key: str, result: str) -> None:
    assert by_dkim(OF_THE_RFC, knowing({"brisbane._domainkey.football.example.com": key})).result == result


def test_a_silent_resolver_is_a_temperror_and_never_a_fail() -> None:
    def silent(_name: str, _kind: str) -> list[Any]:
        raise NoAnswer

    assert by_dkim(signed(MAIL, KEY, "s1", "far.example"), silent).result == "temperror"
    assert by_dmarc(MAIL, (), silent).result == "temperror"


def passed(method: str, domain: str) -> Found:
    return Found(method, "pass", "x.y", domain, domain)


@pytest.mark.parametrize(("found", "record", "result"), [
    (passed("dkim", "far.example"), "v=DMARC1; p=reject", "pass"),
    (passed("spf", "far.example"), "v=DMARC1; p=none", "pass"),
    (passed("spf", "out.far.example"), "v=DMARC1; p=none", "pass"),
    (passed("spf", "out.far.example"), "v=DMARC1; p=none; aspf=s", "fail"),
    (passed("dkim", "out.far.example"), "v=DMARC1;p=none;adkim=s", "fail"),
    (passed("dkim", "out.far.example"), "v=DMARC1;p=none;aspf=s", "pass"),
    (passed("dkim", "far.example.evil.test"), "v=DMARC1; p=reject", "fail"),
    (passed("dkim", "notfar.example"), "v=DMARC1; p=reject", "fail"),
    (Found("dkim", "temperror"), "v=DMARC1; p=reject", "temperror"), (Found("dkim", "fail"), "v=DMARC1; p=reject", "fail"),
    (passed("dkim", "far.example"), "v=spf1 -all", "none"),
    (passed("dkim", "far.example"), "v=DMARC10; p=none", "none"),
])  # fmt: skip
def test_dmarc_is_what_stands_behind_the_domain_people_see(found: Found, record: str, result: str) -> None:
    said = by_dmarc(MAIL, (found,), knowing({"_dmarc.far.example": record}))
    assert str(said) == f"dmarc={result} header.from=far.example"


def test_a_domain_without_its_own_record_is_spoken_for_by_the_one_it_belongs_to() -> None:
    mail, names = MAIL.replace(b"@far", b"@a.b.far"), {"_dmarc.far.example": "v=DMARC1; p=reject"}
    assert by_dmarc(mail, (passed("dkim", "c.far.example"),), knowing(names)).result == "pass"
    above = names | {"_dmarc.example": "v=DMARC1; psd=y"}
    assert by_dmarc(mail, (passed("dkim", "near.example"),), knowing(above)).result == "fail"
    assert by_dmarc(mail, (passed("dkim", "c.far.example"),), knowing(above)).result == "pass"
    apart = names | {"_dmarc.b.far.example": "v=DMARC1; psd=n"}
    assert by_dmarc(mail, (passed("dkim", "c.far.example"),), knowing(apart)).result == "fail"
    twice = knowing({"_dmarc.far.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})
    assert by_dmarc(MAIL, (), twice).result == "none"


def test_a_long_name_costs_eight_questions() -> None:
    asked: list[str] = []
    by_dmarc(MAIL.replace(b"far", b".".join([b"x"] * 20)), (), knowing({}, asked))
    assert len(asked) == 8
    assert asked[1] == "_dmarc." + ".".join(["x"] * 6) + ".example"


@pytest.mark.parametrize("head", [
    b"", b"From: a@one.example\r\nFrom: b@two.example\r\n", b"From: a@one.example, b@two.example\r\n",
    b"From: nobody\r\n", b"From: a@localhost\r\n",
    b"From: a@\xff\xfe.example\r\n", b"Subject: x\r\n\r\nFrom: a@far.example\r\n",
])  # fmt: skip
def test_a_mail_of_several_authors_or_none_has_no_domain(head: bytes) -> None:
    assert author(head + b"\r\ntext") == ""
    assert str(by_dmarc(head + b"\r\ntext", (), knowing({}))) == "dmarc=permerror"


def test_a_folded_from_is_one() -> None:
    assert author(b'Subject: a\r\nFROM:\r\n "Far, Alice"\r\n\t<alice@Far.Example>\r\n\r\n') == "far.example"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=40))
def test_whatever_is_sent_there_is_a_word_and_no_crash(head: bytes, value: bytes) -> None:
    text = b"DKIM-Signature: " + value.replace(b"\n", b"") + b"\r\nFrom: " + head + b"\r\n\r\nx"
    found = by_dkim(text, KEYS)
    assert {found.result, by_dmarc(text, (found,), knowing({})).result} <= set(GROUPS)
    assert by_dkim(text.replace(b":", b""), KEYS).result in GROUPS


def sized(modulus: int, exponent: int) -> str:
    """An RSA key of so many octets each, as anybody can publish it."""

    def der(tag: int, said: bytes) -> bytes:
        return bytes([tag, 0x82]) + len(said).to_bytes(2) + said

    numbers = der(0x30, der(2, b"\0" + b"\xff" * modulus) + der(2, b"\0" + b"\xff" * exponent))
    rsa = bytes.fromhex("300d06092a864886f70d0101010500")
    return f"v=DKIM1; p={base64.b64encode(der(0x30, rsa + der(3, bytes(1) + numbers))).decode('ascii')}"


@pytest.mark.parametrize(("modulus", "exponent"), [(4096, 4096), (750, 750), (256, 5), (2048, 2)])
def test_a_key_that_would_take_minutes_to_try_is_no_key(modulus: int, exponent: int) -> None:
    """11 kB of a record: 100 seconds of a processor, and the whole process stood still meanwhile."""
    found = by_dkim(signed(MAIL, KEY, "s1", "far.example"), knowing({"s1._domainkey.far.example": sized(modulus, exponent)}))
    assert found.result == "permerror"


def test_a_key_of_8192_bits_is_tried() -> None:
    found = by_dkim(signed(MAIL, KEY, "s1", "far.example"), knowing({"s1._domainkey.far.example": sized(1024, 3)}))
    assert (found.result, found.value) == ("fail", "far.example")


def test_a_text_of_spaces_is_read_once() -> None:
    """Four million spaces without an end of line took hours before; no signal ends such a search."""
    text = MAIL + b" " * (4 << 20) + b"x\r\n"
    assert by_dkim(signed(text, KEY, "s1", "far.example"), KEYS).result == "pass"


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"\r", b"\n", b"a", b""]), max_size=12).map(b"".join))
def test_a_text_is_relaxed_as_the_rfc_has_it(body: bytes) -> None:
    lines = [re.sub(rb"[ \t]+", b" ", line) for line in re.sub(rb"[ \t]+\r\n", b"\r\n", body).split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    assert ALGORITHMS[b"relaxed"].canonicalize_body(body) == (b"\r\n".join(lines) + b"\r\n" if lines else b"")


def fields(count: int) -> bytes:
    return b"".join(b"X-%d: 1\r\n" % n for n in range(count))


@pytest.mark.parametrize("top", [
    b"DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=s1; h=from; bh=AAAA; b=A" + b" " * 100_000 + b"!\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=s1; bh=AAAA; b=AAAA; h=from" + b":a" * 300 + b"\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=s1; bh=AAAA; b=AAAA; h=from; z=" + b"a" * 9000 + b"\r\n",
], ids=["gap", "names", "long"])  # fmt: skip
def test_a_signature_made_to_be_read_slowly_is_none_and_hides_no_other(top: bytes) -> None:
    asked: list[str] = []
    assert by_dkim(top + MAIL, knowing({}, asked)).result == "permerror"
    assert asked == [], "nobody is asked for the key of a signature that nobody looks at"
    assert by_dkim(top + signed(MAIL, KEY, "s1", "far.example"), KEYS).result == "pass"


def test_of_a_header_of_thousands_of_lines_no_signature_is_looked_at() -> None:
    mail = signed(MAIL, KEY, "s1", "far.example")
    assert by_dkim(fields(FIELDS - 20) + mail, KEYS).result == "pass"
    assert by_dkim(fields(FIELDS) + mail, KEYS).result == "permerror"
    assert by_dkim(b"X: " + b"a" * HEADER + b"\r\n" + mail, KEYS).result == "permerror"


@pytest.mark.parametrize("opening", [b"(", b"a:", b"<@"])
def test_a_from_of_endless_brackets_has_no_domain_and_breaks_nothing(opening: bytes) -> None:
    text = b"From: " + opening * 50_000 + b" <alice@far.example>\r\n\r\n"
    assert author(text) == ""
    assert by_dmarc(text, (), KEYS).result == "permerror"
