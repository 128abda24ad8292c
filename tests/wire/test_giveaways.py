"""However somebody spells how to reach them past us, it is found; what people say to each other otherwise is not."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.giveaways import Giveaway, Kind, giveaways

HIDDEN = ("misaki.takasaki@mail.example", "+81 90-1234-5678", "髙﨑 美咲", "林")
MAIL = HIDDEN[0]


def kinds(text: str, *hidden: str) -> set[str]:
    return {one.kind.value for one in giveaways(text, hidden or HIDDEN)}


@pytest.mark.parametrize(
    "text",
    [
        "明日の10時に、駅の改札で待っています。",
        "I'll bring 3 keys at 10:30, by train.",
        "2026-11-22 18:07 に受け取りました",
        "料金は 12,000 円です",
        "I work at home. 3.5 km is near.",
        "注文番号は 1234567 です",
        "午前9時から午後5時まで、2026年11月22日",
        "information",
    ],
)
def test_what_people_say_to_each_other_gives_nobody_away(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "someone@mail.example",
        "someone＠mail.example",
        "someone &#64; mail",
        "someone%40mail",
        "some\u200bone@mail",
        "someone (at) mail dot example",
        "someone at mail.example",
        "someone[at]mail[dot]example",
        "someone アットマーク mail",
        "someone あっと まーく mail",
        "someone（アット）mail．example",
        "@taro on that site",
    ],
)
def test_an_address_is_found_however_it_is_spelled(text: str) -> None:
    assert "address" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "090-1234-5678",
        "０９０ １２３４ ５６７８",
        "(03) 1234-5678",
        "+81 90 1234 5678",
        "〇九〇の一二三四".replace("の", "-") + "-五六七八",
        "090・1234・5678",
        "090ー1234ー5678",
    ],
)
def test_a_telephone_is_found_however_it_is_spelled(text: str) -> None:
    assert "telephone" in kinds(f"電話は {text} です", "nobody")


@pytest.mark.parametrize("text", ["https://social.example/taro", "www.social.example", "social.example", "ＳＯＣＩＡＬ．ＥＸＡＭＰＬＥ"])
def test_a_host_is_found(text: str) -> None:
    assert "host" in kinds(f"See {text} there")


@pytest.mark.parametrize(
    "text",
    [
        "Misaki Takasaki",
        "misaki-takasaki",
        "ＭＩＳＡＫＩ．ＴＡＫＡＳＡＫＩ",
        "ikasakat.ikasim",
        "髙﨑美咲です",
        "髙 﨑 美 咲",
        "12345678 と言えば",
        "林です",
        base64.b64encode(MAIL.encode()).decode(),
        "x" + base64.b64encode(b"my " + MAIL.encode() + b" is").decode(),
        MAIL.encode().hex().upper(),
        hashlib.md5(MAIL.encode()).hexdigest(),
        hashlib.sha256(MAIL.encode()).hexdigest(),
    ],
)
def test_what_two_people_asked_to_keep_hidden_is_found_however_it_is_spelled(text: str) -> None:
    assert "hidden" in kinds(text)


def test_it_says_which_line_and_never_what() -> None:
    found = giveaways("hello\nsomeone@mail\n0901\n2345678", ())
    assert found == (Giveaway(0, Kind.TELEPHONE), Giveaway(2, Kind.ADDRESS))
    assert "someone" not in repr(found)


def test_what_is_broken_over_lines_is_found() -> None:
    assert "hidden" in kinds("misaki\n.taka\nsaki")
    assert "hidden" in kinds("misaki\n.taka\nsaki and also\nme@x")


@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.sampled_from(HIDDEN[:3]),
    st.sampled_from(["{}", "<{}>", "「{}」", "mailto:{}", "{}\n", "\n{}"]),
)
def test_a_hidden_value_is_found_whatever_stands_around_it(before: str, after: str, value: str, how: str) -> None:
    if "@" in value:
        assert kinds(before + how.format(value) + after)
    else:
        assert kinds(f"{before} {how.format(value)} {after}")


@given(st.text(max_size=200))
def test_where_an_at_sign_of_any_width_stands_an_address_is_said(text: str) -> None:
    assert ("address" in kinds(text, "nobody")) or not any(c in text for c in "@＠﹫")
