"""The operator's resolver is asked, in bounds: silence and refusals are no answer, and never taken for "there is none"."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sekisho.desk.mail.names import LONGEST, ONE, QUESTIONS, Names
from sekisho.effects.sender_check import NoAnswer, by_spf
from sekisho.faces.unsafe.demo import free_port
from tests.conftest import BUSY, need
from tests.resolver import recursing

LONG = " ".join(f"ip4:192.0.2.{n}" for n in range(200))
RECORDS = [
    'far.example. TXT "v=spf1 " "-all"', "far.example. A 192.0.2.1", "far.example. AAAA 2001:db8::1", "far.example. MX 10 mx.far.example.",
    "1.2.0.192.in-addr.arpa. PTR far.example.", "away.example. CNAME far.example.",
    *(f'long.example. TXT "{LONG[at : at + 250]}"' for at in range(0, len(LONG), 250)),
    "slow.example. TXT " + " ".join([f'"{"%{i}." * 50}"'] * (LONGEST // 250 + 1)),
]  # fmt: skip


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    need("unbound")
    found = free_port()
    with recursing(tmp_path_factory.mktemp("names") / "dns", found, RECORDS):
        yield found


@pytest.mark.parametrize(("name", "kind", "said"), [
    ("far.example", "TXT", [(b"v=spf1 ", b"-all")]), ("far.example", "A", ["192.0.2.1"]), ("far.example", "AAAA", ["2001:db8::1"]),
    ("far.example", "MX", [(10, "mx.far.example")]), ("1.2.0.192.in-addr.arpa", "PTR", ["far.example"]),
    ("nothing.example", "A", []), ("far.example", "PTR", []), ("FAR.example.", "A", ["192.0.2.1"]),
])  # fmt: skip
def test_a_real_resolver_is_asked_and_what_is_not_there_is_empty(port: int, name: str, kind: str, said: list[object]) -> None:
    assert Names("127.0.0.1", port).ask(name, kind) == said


def test_an_answer_too_long_for_a_datagram_comes_by_tcp(port: int) -> None:
    found = Names("127.0.0.1", port).text("long.example")
    assert sum(map(len, found)) == len(LONG) > 2000


def test_a_text_made_to_be_read_slowly_is_no_answer(port: int) -> None:
    """Half a minute of a processor, and everybody's mail waits: what a record of 60,000 octets of macros took before."""
    names = Names("127.0.0.1", port)
    with pytest.raises(NoAnswer, match="too-long"):
        names.text("slow.example")
    assert by_spf("203.0.113.9", "h.slow.example", "a@slow.example", names.ask).result == "temperror"


def test_a_mail_has_so_many_questions_and_so_many_seconds(port: int) -> None:
    names = Names("127.0.0.1", port)
    for _ in range(QUESTIONS):
        names.ask("far.example", "A")
    late = Names("127.0.0.1", port, ends=time.monotonic() - 0.1)
    for one in (names, late):
        with pytest.raises(NoAnswer, match="enough"):
            one.ask("far.example", "A")


def test_a_resolver_that_is_silent_or_absent_costs_a_moment_and_is_no_answer() -> None:
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        Names("127.0.0.1", free_port()).ask("far.example", "A")
    assert time.monotonic() - began < ONE + 0.5 + BUSY


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..example", "\udcff.example"])
def test_a_name_that_is_none_is_no_answer(port: int, name: str) -> None:
    with pytest.raises(NoAnswer):
        Names("127.0.0.1", port).ask(name, "A")
