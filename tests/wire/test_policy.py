"""Questions of Postfix: read as they come, in bounds, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.wire.cursor import FormError
from sekisho.wire.policy import DUNNO, MOST, PolicyReader, decode, encode

README = (
    b"request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=SMTP\nhelo_name=some.domain.tld\nqueue_id=8045F2AB23\n"
    b"sender=foo@bar.tld\nrecipient=bar@foo.tld\nrecipient_count=0\nclient_address=1.2.3.4\nclient_name=another.domain.tld\n"
    b"reverse_client_name=another.domain.tld\ninstance=123.456.7\nsasl_method=plain\nsasl_username=you\nsasl_sender=\nsize=12345\n"
    b"ccert_subject=solaris9.porcupine.org\nccert_issuer=Wietse+20Venema\nccert_fingerprint=C2:9D:F4\nencryption_protocol=TLSv1/SSLv3\n"
    b"stress=\nccert_pubkey_fingerprint=68:B3\nclient_port=1234\npolicy_context=submission\n\n"
)
"""The example of SMTPD_POLICY_README, every attribute of Postfix 2.1 to 3.2."""

VALUES = st.text(st.characters(blacklist_characters="\n", blacklist_categories=("Cs",)), max_size=20)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(lambda n: n != "request")
ASKED = st.dictionaries(NAMES, VALUES, max_size=4).map(lambda found: {"request": "smtpd_access_policy", **found})


def written(asked: dict[str, str]) -> bytes:
    return "".join(f"{k}={v}\n" for k, v in asked.items()).encode() + b"\n"


def test_the_readmes_own_example_is_read_to_the_last_attribute() -> None:
    (asked,) = PolicyReader().feed(README)
    assert len(asked) == 24
    assert asked["sasl_username"] == "you"
    assert asked["ccert_issuer"] == "Wietse+20Venema"
    assert asked["sasl_sender"] == ""


@settings(max_examples=40, deadline=None)
@given(st.lists(ASKED, max_size=3), st.integers(0, 600))
def test_whole_or_in_pieces_the_same_questions_are_heard_in_their_order(all_asked: list[dict[str, str]], at: int) -> None:
    octets = b"".join(written(a) for a in all_asked)
    reader = PolicyReader()
    assert [*reader.feed(octets[:at]), *reader.feed(octets[at:])] == all_asked
    slow = PolicyReader()
    assert [a for i in range(min(len(octets), 90)) for a in slow.feed(octets[i : i + 1])] == all_asked[: octets[:90].count(b"\n\n")]


def test_a_value_may_hold_an_equals_sign_and_octets_of_no_charset() -> None:
    asked = decode(b"request=smtpd_access_policy\nsender=a=b@c\nsasl_username=\xff\xfe")
    assert asked["sender"] == "a=b@c"
    assert asked["sasl_username"] == "\udcff\udcfe", "two names stay two"


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"request=smtpd_access_policy\nno sign here\n\n", "no-attribute"),
        (b"request=smtpd_access_policy\nSASL=1\n\n", "no-attribute"),
        (b"request=smtpd_access_policy\na=1\na=2\n\n", "named-twice"),
        (b"request=junk\n\n", "another-request"),
        (b"a=1\n\n", "another-request"),
        (b"\n\n\n", "no-attribute"),
        (b"GET / HTTP/1.1\r\n\r\n\n\n", "no-attribute"),
        (b"request=smtpd_access_policy\na=" + b"b" * MOST, "too-long"),
        (b"request=smtpd_access_policy\na=" + b"b" * MOST + b"\n\n", "too-long"),
    ],
)
def test_what_is_no_question_is_told_so_after_the_good_ones_before_it(octets: bytes, code: str) -> None:
    reader, heard = PolicyReader(), []
    with pytest.raises(FormError) as no:
        for asked in reader.feed(README + octets):
            heard.append(asked["instance"])  # noqa: PERF401 - the error comes in between
    assert no.value.code == code
    assert heard == ["123.456.7"]


def test_an_action_goes_back_as_one_line_and_nothing_can_be_smuggled_into_it() -> None:
    assert encode(DUNNO) == b"action=DUNNO\n\n"
    for bad in ("", "DUNNO\n\naction=REJECT", "450 \xe9", "x" * 501, "a\rb"):
        with pytest.raises(FormError):
            encode(bad)
