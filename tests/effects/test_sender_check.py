"""What a sender's domain says of a mail: one word of RFC 8601, whatever strangers write into their records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.effects.sender_check import GROUPS, Asking, Found, NoAnswer, by_spf

OURS, THEIRS = "203.0.113.9", "198.51.100.7"
ALICE = "alice@far.example"


def knowing(records: Mapping[tuple[str, str], list[Any]], asked: list[str] | None = None) -> Asking:
    """A resolver that knows those, and has noted what it was asked."""

    def ask(name: str, kind: str) -> list[Any]:
        if asked is not None:
            asked.append(name)
        return records.get((name.rstrip(".").casefold(), kind), [])

    return ask


def record(text: str, **more: str) -> Asking:
    names = {"far.example": text, **{f"{k}.example": v for k, v in more.items()}}
    return knowing(
        {(name, "TXT"): [(said.encode(),)] for name, said in names.items()}
        | {("a.example", "A"): [OURS], ("mx.example", "MX"): [(1, "a.example")]}
    )


@pytest.mark.parametrize(("said", "result"), [
    (f"v=spf1 ip4:{OURS} -all", "pass"), ("v=spf1 ip4:203.0.113.0/24 -all", "pass"), ("v=spf1 -all", "fail"), ("v=spf1 ~all", "softfail"),
    ("v=spf1 ?all", "neutral"), ("v=spf1 a:a.example -all", "pass"), ("v=spf1 mx:mx.example -all", "pass"),
    ("v=spf1 include:in.example -all", "pass"),
    ("v=spf1 redirect=in.example", "pass"), ("v=spf1 include:nothing.example -all", "permerror"), ("v=spf1 nonsense -all", "permerror"),
    ("v=spf1 ip4:nowhere -all", "permerror"), ("v=spf1 redirect=far.example", "permerror"), ("hello", "none"),
    ("v=spf1 a:x.example a:y.example a:z.example -all", "permerror"),
])  # fmt: skip
def test_a_record_says_what_it_says(said: str, result: str) -> None:
    found = by_spf(OURS, "out.far.example", ALICE, record(said, **{"in": f"v=spf1 ip4:{OURS} -all"}))
    assert (found.result, found.domain) == (result, "far.example" if result == "pass" else "")
    assert str(found) == f"spf={result} smtp.mailfrom={ALICE}"


def test_somebody_else_who_uses_the_name_fails() -> None:
    assert by_spf(THEIRS, "out.far.example", ALICE, record(f"v=spf1 ip4:{OURS} -all")).figure == "spf-fail"


def test_a_bounce_is_judged_by_its_greeting() -> None:
    assert str(by_spf(OURS, "far.example", "", record(f"v=spf1 ip4:{OURS} -all"))) == "spf=pass smtp.helo=far.example"


def test_a_silent_resolver_is_an_error_that_passes_and_never_a_no() -> None:
    def silent(_name: str, _kind: str) -> list[Any]:
        raise NoAnswer("SERVFAIL")

    assert by_spf(OURS, "h.example", ALICE, silent).result == "temperror"


@pytest.mark.parametrize(
    "sender",
    [
        "alice",
        "alice@localhost",
        "alice@",
        "a@[203.0.113.9]",
        "a@far..example",
        "a@" + "x" * 64 + ".example",
        "a@\udcff.example",
        "a@b c.example",
    ],
)
def test_a_sender_of_no_domain_is_none_and_nobody_is_asked(sender: str) -> None:
    asked: list[str] = []
    assert by_spf(OURS, "localhost", sender, knowing({}, asked)).result == "none"
    assert asked == []


def test_a_client_of_no_address_is_none() -> None:
    assert by_spf("", "far.example", ALICE, record("v=spf1 +all")).result == "none"
    assert by_spf("2001:db8::9", "far.example", ALICE, record("v=spf1 ip6:2001:db8::/32 -all")).result == "pass"


@pytest.mark.parametrize("sender", ['"a;spf=pass"@far.example', "a\r\nSubject: x@far.example", "a b@far.example", "\u00e9@far.example"])
def test_what_could_break_a_label_does_not_stand_in_it(sender: str) -> None:
    said = str(by_spf(OURS, "h.example", sender, record("v=spf1 -all")))
    assert said in {"spf=fail", "spf=permerror"}


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_whatever_a_record_says_there_is_one_word_and_no_crash(text: str) -> None:
    assert by_spf(OURS, "h.example", ALICE, record(f"v=spf1 {text}")).result in GROUPS


@pytest.mark.parametrize(
    ("result", "figure"), [("softfail", "fail"), ("neutral", "none"), ("temperror", "error"), ("permerror", "error"), ("pass", "pass")]
)
def test_results_are_counted_in_four_figures(result: str, figure: str) -> None:
    assert Found("spf", result).figure == f"spf-{figure}"
