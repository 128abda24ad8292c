"""On and off compared again and again: the texts published for both positions, and a path in a namespace without any link."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.access import try_path
from sekisho.desk.access.hold_parity import EVERY, PATIENCE, HoldParity
from sekisho.desk.access.parity_texts import LARGEST, MEASURES, compare, published
from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from tests.effects.test_nft import Inside, inside

__all__ = ["inside"]

ON = "# フィルタがオンのときの料金と提供条件\n月額 5,478円（税込）。速度と最低利用期間は変わりません。\n"
OFF = ON.replace("オン", "オフ")


def same(on: str, off: str) -> tuple[bool, bool]:
    found = compare(on.encode(), off.encode())
    return found.same_price, found.same_service


@pytest.mark.parametrize(
    ("off", "found"),
    [
        (OFF, (True, True)),
        (OFF.replace("5,478円", "５４７８ 円"), (True, True)),
        (OFF.replace("\n", "\r\n  "), (True, True)),
        (OFF.replace("5,478", "5,808"), (False, True)),
        (OFF.replace("5,478円", "5,478円、手数料 330円"), (False, False)),
        (OFF.replace("変わりません", "半分になります"), (True, False)),
        (OFF.replace("5,478円", "無料"), (False, False)),
        ("# off\n", (False, False)),
        ("", (False, False)),
    ],
)
def test_prices_are_held_apart_from_all_other_words_and_only_the_first_line_may_differ(off: str, found: tuple[bool, bool]) -> None:
    assert same(ON, off) == found


def test_texts_without_a_price_tell_none() -> None:
    assert same("# on\nthe same terms", "# off\nthe same terms") == (False, True)
    assert compare(b"\xff\xfe", b"\xff\xfe").same_service is False


@pytest.mark.parametrize("price", ["¥4,980", "$12.50", "4980 yen", "JPY 4980", "4980 JPY"])
def test_a_price_is_known_in_each_way_of_writing_it(price: str) -> None:
    assert same(f"# on\n{price} a month", f"# off\n{price} a month") == (True, True)
    assert same(f"# on\n{price} a month", f"# off\n{price.replace('4', '5').replace('12', '13')} a month") == (False, True)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm_and_a_text_is_the_same_as_itself(noise: bytes) -> None:
    found = compare(b"# on\n100 yen " + noise, b"# off\n100 yen " + noise)
    assert found.same_price == found.same_service


def test_only_a_pair_of_texts_of_good_size_is_published(tmp_path: Path) -> None:
    assert published(tmp_path) == {}
    first, second = (f"{MEASURES[0]}.{position}.md" for position in ("on", "off"))
    (tmp_path / first).write_text(ON, "utf-8")
    assert published(tmp_path) == {}
    (tmp_path / second).write_text(OFF, "utf-8")
    assert published(tmp_path)[MEASURES[0]] == compare(ON.encode(), OFF.encode())
    (tmp_path / second).write_bytes(b" " * (LARGEST + 1))
    assert published(tmp_path) == {}


class Keep:
    """Hears what is told, or says no."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.says: Exception | None = None

    def call(self, method: str, **said: Any) -> None:
        if self.says:
            raise self.says
        self.heard.append((method, said))

    def took(self) -> list[tuple[str, Any]]:
        found = [(m, s["same"] if "same" in s else (s["measure"], s["same_price"])) for m, s in self.heard]
        self.heard.clear()
        return found


def comparing(keep: Keep, folder: Path | None = None, path: socket.socket | None = None) -> HoldParity:
    heard: Any = SimpleNamespace(world=SimpleNamespace(keep=keep), counters=Counter(), rented=(), clock=lambda: datetime.now(UTC))
    return HoldParity(heard, folder, path)


TOLD = [("tariffs-compared", (MEASURES[0], True)), ("tariffs-compared", (MEASURES[1], False))]


def test_texts_are_compared_at_each_change_and_again_after_a_while(tmp_path: Path) -> None:
    keep = Keep()
    its = comparing(keep, tmp_path)
    texts = [tmp_path / f"{MEASURES[0]}.{position}.md" for position in ("on", "off")]
    for text, words in zip(texts, (ON, OFF), strict=True):
        text.write_text(words, "utf-8")
    its.turn(0)
    assert keep.took() == TOLD
    its.turn(EVERY - 1)
    assert keep.took() == []
    its.turn(EVERY)
    assert keep.took() == TOLD
    texts[1].write_text(OFF.replace("5,478", "15,808"), "utf-8")
    its.turn(EVERY + 1)
    assert keep.took() == [(m, (n, False)) for m, (n, _) in TOLD]
    texts[1].unlink()
    its.turn(EVERY + 2)
    assert keep.took() == [(m, (n, False)) for m, (n, _) in TOLD]


@pytest.mark.parametrize("why", [KeepIsGone(), KeepSaidNo("no", {})])
def test_what_keep_did_not_hear_is_told_again_at_once(tmp_path: Path, why: Exception) -> None:
    keep = Keep()
    keep.says = why
    its = comparing(keep, tmp_path)
    its.turn(0)
    keep.says = None
    its.turn(1)
    assert [m for m, _ in keep.took()] == ["tariffs-compared"] * 2


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with closing(here), closing(there):
        yield here, there


def test_the_path_is_asked_again_and_again_and_one_question_at_a_time(ends: tuple[socket.socket, socket.socket]) -> None:
    keep, (here, there) = Keep(), ends
    its = comparing(keep, path=here)
    for tick in (0, EVERY + 2):
        its.turn(tick)
        assert there.recv(try_path.LARGEST) == b"[]"
        its.turn(tick + 1)
        assert keep.took() == []
        there.send(try_path.SAME)
        its.turn(tick + 2)
        assert keep.took() == [("path-compared", True)]
        its.turn(tick + 3)


def test_a_path_that_differs_is_silent_or_gone_is_told_to_differ(ends: tuple[socket.socket, socket.socket]) -> None:
    keep, (here, there) = Keep(), ends
    its = comparing(keep, path=here)
    its.turn(0)
    there.send(try_path.DIFFERS)
    its.turn(1)
    assert keep.took() == [("path-compared", False)]
    its.turn(EVERY + 1)
    its.turn(EVERY + 2 + PATIENCE)
    assert keep.took() == [("path-compared", False)]
    there.close()
    its.turn(3 * EVERY)
    assert keep.took() == [("path-compared", False)]


def test_the_childs_answer_is_of_a_real_path_and_it_ends_with_who_asks(inside: Inside, ends: tuple[socket.socket, socket.socket]) -> None:
    """Whether as fast is told too, so a busy machine may say that it differs: that is no matter here."""
    here, there = ends
    done = threading.Thread(target=lambda: inside(lambda: try_path.serve(there, lambda: datetime.now(UTC))), daemon=True)
    done.start()
    for said, good in ((b"[]", {try_path.SAME, try_path.DIFFERS}), (b"[{}]", {try_path.DIFFERS}), (b"no", {try_path.DIFFERS})):
        here.send(said)
        here.settimeout(30)
        assert here.recv(64) in good
    here.close()
    done.join(5)
    assert not done.is_alive()


def test_where_no_rules_can_be_made_it_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def nowhere(*_: Any) -> Any:
        tries.append(os.getpid())
        raise try_path.NoPath("refused")

    monkeypatch.setattr(try_path, "carry_out", nowhere)
    assert try_path.answer(b"[]", datetime.now(UTC)) == try_path.DIFFERS
    assert len(tries) == try_path.TRIES
    monkeypatch.setattr(try_path, "carry_out", lambda *_: [SimpleNamespace(same=True)])
    assert try_path.answer(b"[]", datetime.now(UTC)) == try_path.SAME
