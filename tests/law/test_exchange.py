"""What operators tell each other is exactly what one of them signed, as sound as a book's own cases, or it is refused by place."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law import exchange
from sekisho.law.canonical import canonical
from sekisho.law.casebook import load
from sekisho.law.exchange import Answered, Bundle, Consultation, ExchangeError, unpack
from sekisho.law.words import Authority, Certainty, Words
from tests.conftest import ROOT

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BOOK = load(ROOT / "casebook" / "jp")
ANSWER = Consultation(
    case="jp/B-13/1",
    question="一覧と照合して一致だけを残してよいか",
    authority=Authority.MINISTRY,
    who="総務省 消費者行政第二課",
    asked=date(2026, 10, 1),
    answered=date(2026, 11, 5),
    oral=True,
    answer=Answered.CONDITIONS,
    words="約款に書き、切替スイッチを設けるなら差し支えない",
    certainty=Certainty.MEM,
)


def bundle(*names: str, **changed: Any) -> Bundle:
    """Cases of the book as an operator would send them."""
    cases = tuple(BOOK.case(n) for n in names or ("jp/B-13/1", "jp/E-17/2"))
    kinds = sorted({str(k.params["kind"]) for c in cases for k in c.conditions if "kind" in k.params})
    asked, day = tuple(BOOK.kinds[k] for k in kinds), date(2026, 11, 21)
    whole = Bundle(exchange.FORM, "Example Networks", "jp", BOOK.digest, day, cases, asked, (ANSWER,), b"", b"")
    return replace(whole, **changed)


WHOLE = bundle().signed_with(KEY)
DATA = WHOLE.encode()


def forced(**changed: Any) -> bytes:
    """Signed by its operator although it should not have been."""
    wrong = replace(WHOLE, **changed)
    return replace(wrong, signature=KEY.sign(exchange.CONTEXT + wrong.signed_part())).encode()


def test_a_bundle_comes_back_as_it_was_signed() -> None:
    again = unpack(DATA)
    assert again == WHOLE
    assert again.cases[0] == BOOK.case("jp/B-13/1"), "with its words, conditions, dates and dissent"
    assert again.consultations == (ANSWER,)
    assert again.consultations[0].id == ANSWER.id


def test_every_case_of_the_book_may_travel() -> None:
    for case in BOOK.cases:
        assert unpack(bundle(case.id, consultations=()).signed_with(KEY).encode()).cases == (case,)


def test_one_changed_byte_is_refused_and_named() -> None:
    dice = random.Random(3)
    for place in [0, len(DATA) - 1, *dice.sample(range(len(DATA)), 250)]:
        changed = bytearray(DATA)
        changed[place] ^= 1 << dice.randrange(7)
        with pytest.raises(ExchangeError) as no:
            unpack(bytes(changed))
        assert no.value.where
        assert no.value.what


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA + b"\n", b"[" * 90_000, b"\xff", b"null", b'{"form":"sekisho exchange 1"}'])
def test_what_is_no_bundle_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ExchangeError):
        unpack(data)


def test_a_bundle_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ExchangeError, match="larger"):
        unpack(b" " * (exchange.LARGEST + 1))


def test_another_spelling_is_another_file() -> None:
    with pytest.raises(ExchangeError, match="not spelled"):
        unpack(json.dumps(json.loads(DATA), ensure_ascii=False).encode())


def test_a_signature_covers_who_says_it_and_everything_said() -> None:
    for changed in (
        {"operator": "Another"},
        {"country": "br"},
        {"made": date(2026, 11, 20)},
        {"consultations": ()},
        {"consultations": (replace(ANSWER, answer=Answered.MAY),)},
        {"cases": WHOLE.cases[:1]},
        {"key": bytes(32)},
    ):
        with pytest.raises(ExchangeError, match="signature"):
            unpack(replace(WHOLE, **changed).encode())  # type: ignore[arg-type] # one field of many types


def test_a_signature_over_the_same_words_for_another_use_is_none() -> None:
    with pytest.raises(ExchangeError, match="signature"):
        unpack(replace(WHOLE, signature=KEY.sign(WHOLE.signed_part())).encode())


def half(words: Words) -> Words:
    return {"ja": words["ja"]}


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"form": "sekisho exchange 2"}, "form"),
        ({"operator": " "}, "operator"),
        ({"operator": "x" * 201}, "operator"),
        ({"cases": (), "consultations": ()}, "cases"),
        ({"kinds": ()}, "cases: "),
        ({"kinds": (*WHOLE.kinds, WHOLE.kinds[0])}, "kinds"),
        ({"cases": (WHOLE.cases[0], WHOLE.cases[0])}, "cases: "),
        ({"cases": (replace(WHOLE.cases[0], conditions=()),)}, "cases: jp/B-13/1"),
        ({"cases": (replace(WHOLE.cases[0], conditions=(replace(WHOLE.cases[0].conditions[0], check="my-own"),)),)}, "cases: jp/B-13/1"),
        ({"cases": (replace(WHOLE.cases[0], title=half(WHOLE.cases[0].title)),)}, "cases: jp/B-13/1"),
        ({"consultations": (replace(ANSWER, words=" "),)}, "consultations[0].words"),
        ({"consultations": (ANSWER, replace(ANSWER, question="x" * 4001))}, "consultations[1].question"),
        ({"consultations": (replace(ANSWER, answered=ANSWER.asked - timedelta(days=1)),)}, "consultations[0].answered"),
        ({"consultations": (replace(ANSWER, certainty=Certainty.LAW),)}, "consultations[0].certainty"),
        ({"consultations": (ANSWER,) * 501}, "consultations"),
    ],
)
def test_what_nobody_should_sign_is_refused_when_signed_and_when_read(changed: dict[str, Any], where: str) -> None:
    """Named by its place; and nothing of the rest is taken in."""
    with pytest.raises(ExchangeError) as no:
        replace(bundle(), **changed).signed_with(KEY)
    assert no.value.where.startswith(where)
    with pytest.raises(ExchangeError) as no:
        unpack(forced(**changed))
    assert no.value.where.startswith(where)


def test_an_unknown_word_is_named_by_its_path() -> None:
    plain = json.loads(DATA)
    plain["consultations"][0]["answer"] = "probably"
    with pytest.raises(ExchangeError, match=r"consultations\[0\].answer"):
        unpack(canonical(plain))
    plain = json.loads(DATA)
    plain["cases"][0]["permits_everything"] = True
    with pytest.raises(ExchangeError, match="permits_everything"):
        unpack(canonical(plain))


@pytest.mark.parametrize(("answer", "carries"), [("may", True), ("may-with-conditions", True), ("may-not", False), ("no-view", False)])
def test_only_a_yes_carries_a_confirmation(answer: str, carries: bool) -> None:
    assert Answered(answer).carries is carries


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4), lambda i: st.lists(i, max_size=3) | st.dictionaries(
    st.sampled_from(["form", "operator", "country", "book", "made", "cases", "kinds", "consultations", "key", "signature"]), i, max_size=10
)))  # fmt: skip
def test_any_json_is_a_bundle_or_the_one_error(plain: object) -> None:
    with pytest.raises(ExchangeError):
        unpack(canonical(plain))


def test_each_length_is_taken_up_to_its_bound() -> None:
    """What may be said, to the letter; one more is refused above."""
    longest = replace(ANSWER, question="x" * 4000, words="x" * 4000, who="x" * 200)
    for good in (longest, replace(ANSWER, question="x", words="x", who="x", case="x")):
        assert good.faults() == ()
        exchange.check(replace(WHOLE, consultations=(good,)))
    assert replace(ANSWER, who="x" * 201, case="x" * 201).faults() == ("case", "who")
    assert replace(ANSWER, question="x" * 4001, words="x" * 4001).faults() == ("question", "words")
    assert replace(ANSWER, answered=ANSWER.asked).faults() == ()
    for operator in ("x", "x" * 200):
        exchange.check(replace(WHOLE, operator=operator))
    exchange.check(replace(WHOLE, consultations=(ANSWER,) * 500))


def test_a_file_of_exactly_the_largest_size_is_read() -> None:
    """It is no bundle, and that is what is said of it."""
    assert exchange.LARGEST == 1 << 20
    with pytest.raises(ExchangeError, match="is no exchange"):
        unpack(b" " * exchange.LARGEST)


@pytest.mark.parametrize(("key", "signature"), [(31, 64), (33, 64), (32, 63), (32, 65), (0, 0)])
def test_a_key_or_signature_of_another_length_is_refused_before_it_is_tried(key: int, signature: int) -> None:
    with pytest.raises(ExchangeError, match="32 and signature of 64"):
        exchange.check(replace(WHOLE, key=bytes(key), signature=bytes(signature)))


def test_a_kind_of_evidence_that_could_prove_nothing_does_not_travel() -> None:
    hollow = replace(WHOLE.kinds[0], vouchers=frozenset())
    with pytest.raises(ExchangeError, match="nobody may vouch for it"):
        exchange.check(replace(WHOLE, kinds=(hollow, *WHOLE.kinds[1:])))
