"""The destination ledger: which addresses our names had, when, and how sure that is; against a real name server on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from sekisho_sender.destinations import Look, around, look, look_all, system
from sekisho_sender.nameserver import ask

ZONE = {
    ("www.example.jp.", "A"): ["192.0.2.10", "192.0.2.9"],
    ("www.example.jp.", "AAAA"): ["2001:db8::1"],
    ("v4.example.jp.", "A"): ["192.0.2.4"],
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A name server with three names; all others do not exist."""
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, peer = link.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(raw)
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.AA
            (question,) = query.question
            name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
            found = ZONE.get((name, kind))
            if found:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
            elif not any(known == name for known, _ in ZONE):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            link.sendto(answer.to_wire(), peer)

    threading.Thread(target=serve, daemon=True).start()
    yield link.getsockname()[1]
    link.close()


def test_a_name_is_looked_up_at_a_name_server_in_both_families_and_sorted(port: int) -> None:
    found = look("www.example.jp", ask(["127.0.0.1"], port), 1000)
    assert found == Look(1000, "www.example.jp", ("192.0.2.9", "192.0.2.10", "2001:db8::1"))
    assert look("v4.example.jp", ask(["127.0.0.1"], port), 1000).addresses == ("192.0.2.4",)


def test_a_name_that_is_not_there_and_a_server_that_is_silent_are_written_down_with_the_reason(port: int) -> None:
    absent = look("absent.example.jp", ask(["127.0.0.1"], port), 1)
    assert (absent.addresses, "does not exist" in absent.why) == ((), True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        found = look("www.example.jp", ask(["127.0.0.1"], silent.getsockname()[1], seconds=0.2), 1)
    assert found.addresses == ()
    assert found.why


def test_the_machines_own_resolver_knows_localhost_and_not_what_is_invalid() -> None:
    assert "127.0.0.1" in look("localhost", system, 1).addresses
    for name in ("no-such-name.invalid", "x" * 300, ""):
        assert look(name, lambda n: system(n) if n else [], 1).addresses == ()


def test_an_answer_that_is_no_address_is_no_answer() -> None:
    assert look("a", lambda _: ["192.0.2.1", "192.0.2.300"], 1).addresses == ()
    assert look("a", lambda _: [], 1).why == "no-address"


def test_what_a_moment_looked_like_is_sure_only_when_both_looks_around_it_agree(tmp_path: Path) -> None:
    ledger = tmp_path / "destinations.jsonl"
    answers = iter([["192.0.2.1"], ["192.0.2.1"], ["192.0.2.2"]])
    times = iter([100, 200, 300])
    for _ in range(3):
        look_all(["www.example.jp"], ledger, lambda _: next(answers), lambda: next(times))
    assert around(ledger, "www.example.jp", 150).sure
    assert around(ledger, "www.example.jp", 100).before == Look(100, "www.example.jp", ("192.0.2.1",))
    changed = around(ledger, "www.example.jp", 250)
    assert [one.addresses for one in (changed.before, changed.after) if one] == [("192.0.2.1",), ("192.0.2.2",)]
    assert not changed.sure
    assert not around(ledger, "www.example.jp", 300).sure
    assert not around(ledger, "www.example.jp", 99).sure
    assert around(ledger, "other.example.jp", 150).before is None


def test_two_failed_looks_are_not_an_agreement(tmp_path: Path) -> None:
    times = iter([1, 3])
    for _ in range(2):
        look_all(["a"], tmp_path / "l", lambda _: [], lambda: next(times))
    assert not around(tmp_path / "l", "a", 2).sure
