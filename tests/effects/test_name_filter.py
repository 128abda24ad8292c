"""A list and a permit become what a resolver reads: what a scope may say, what customers are told, and who is let go."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.effects.name_filter import (
    HEART,
    OF_TRIAL,
    TRIAL,
    TRIED,
    Category,
    NameFilter,
    heart_file,
    lines_file,
    names_file,
    read_names,
    told_digest,
    trial_of,
)
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.resolver import CannotWrite, Front
from sekisho.wire import cdb
from sekisho.wire.name_list import NameList, in_wire, read_name_list

NOW = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)
LIST = read_name_list(b"[malware]\na.example\n[phishing]\nb.example\nc.example\n")
PHISHING: Mapping[str, Any] = {"title": {"ja": "釣り", "en": "Phishing"}, "names": 2, "others": 900, "wrong": 3}
MALWARE: Mapping[str, Any] = {"title": {"ja": "悪いもの", "en": "Malware"}, "names": 1, "others": 900, "wrong": 0}
SCOPE: Mapping[str, Any] = {
    "ranges": ("198.51.100.0/24", "2001:db8:100::/48"),
    "line_v6": 56,
    "starts": "2026-12-01T10:00+09:00",
    "list": LIST.digest,
    "origin": "A list",
    "categories": {"malware": MALWARE, "phishing": PHISHING},
}


def one(off: tuple[str, ...] = (), permit: str = "permit-00aa", **changed: Any) -> NameFilter:
    return read_names(permit, NOW + timedelta(days=90), {**SCOPE, **changed}, off)


def of(**changed: Any) -> dict[str, Any]:
    """A scope whose one category says something else."""
    return {"categories": {"phishing": {k: v for k, v in {**PHISHING, **changed}.items() if v is not None}}}


@pytest.mark.parametrize(
    ("where", "changed"),
    [
        ("scope.ranges", {"ranges": ()}),
        ("scope.line_v6", {"line_v6": 129}),
        ("scope.starts", {"starts": "2026-12-01T10:00"}),
        ("scope.list", {"list": "short"}),
        ("scope.list", {"list": None}),
        ("scope.origin", {"origin": ""}),
        ("scope.origin", {"origin": "two\nlines"}),
        ("scope.categories", {"categories": {}}),
        ("scope.categories", {"categories": {f"c{n}": PHISHING for n in range(33)}}),
        ("scope.categories.Bad Name", {"categories": {"Bad Name": PHISHING}}),
        ("scope.categories.phishing", of(blocks="everybody")),
        ("scope.categories.phishing.names", of(names=0)),
        ("scope.categories.phishing.names", of(names=True)),
        ("scope.categories.phishing.title", of(title={"ja": "釣り"})),
        ("scope.categories.phishing.others", of(others=None)),
        ("scope.categories.phishing.others", of(others=2, wrong=3)),
    ],
)
def test_a_scope_says_which_word_of_it_cannot_be_made_into_a_filter(where: str, changed: dict[str, Any]) -> None:
    with pytest.raises(BadScope) as bad:
        one(**changed)
    assert bad.value.where == where


@pytest.mark.parametrize(
    "changed",
    [{"list": "0" * 64}, {"origin": "Another"}, of(), of(names=3), of(wrong=4), of(title={"ja": "釣り", "en": "Fishing"})],
)
def test_whoever_was_told_of_one_list_was_not_told_of_another(changed: dict[str, Any]) -> None:
    assert told_digest(one(**changed)) != told_digest(one())


def test_who_and_when_are_no_part_of_what_was_told() -> None:
    assert told_digest(one(off=("198.51.100.7/32",), starts="2026-12-03T10:00+09:00", permit="permit-00bb")) == told_digest(one())


@pytest.mark.parametrize("raw", [b"[malware]\na.example\n", b"[malware]\nz.example\n[phishing]\nb.example\nc.example\n"])
def test_only_the_very_list_fits(raw: bytes) -> None:
    assert one().fits(LIST)
    assert not one().fits(read_name_list(raw))
    assert not replace(one(), categories=(Category("malware", {}, 3, 1, 0),)).fits(LIST)


# What the resolver reads


def records(raw: bytes) -> dict[bytes, bytes]:
    return dict(cdb.records(raw))


def test_every_name_carries_the_permits_that_list_it() -> None:
    found = records(names_file([one(permit="permit-00bb"), one()], LIST))
    assert {k: v for k, v in found.items() if v != TRIAL.encode()} == {
        in_wire(n): b"permit-00aa permit-00bb" for n in ("a.example", "b.example", "c.example")
    }


@pytest.mark.parametrize(("filters", "listed"), [([], LIST), ([one()], None)])
def test_without_a_permit_or_a_list_no_name_stands_there(filters: list[NameFilter], listed: NameList | None) -> None:
    assert list(records(names_file(filters, listed)).values()) == [TRIAL.encode()]


def test_each_file_of_names_has_a_name_of_its_own() -> None:
    files = [names_file([one()], LIST), names_file([one(permit="permit-00bb")], LIST), names_file([], None)]
    assert len({trial_of(raw) for raw in files}) == 3
    assert all(trial_of(raw).endswith(OF_TRIAL) and in_wire(trial_of(raw)) in records(raw) for raw in files)


def test_every_line_that_is_off_stands_with_its_permits() -> None:
    off = ("198.51.100.7/32", "2001:db8:100:100::/56")
    raw, _ = lines_file([one(off), one(off[:1], permit="permit-00bb")], tried_off=False)
    found = records(raw)
    assert found[ipaddress.ip_address("198.51.100.7").packed] == b" permit-00aa permit-00bb "
    assert found[ipaddress.ip_address("2001:db8:100:100::").packed] == b" permit-00aa "
    starts, until, line_v6, *ranges = found[b"permit-00aa"].split()
    assert (int(until) - NOW.timestamp(), line_v6) == (90 * 86400, b"56")
    assert int(starts) == int(one().starts.timestamp())
    assert ranges == [b"198.51.100.0/24", b"2001:db8:100::/48"]


def test_a_filter_that_began_before_the_machines_clock_has_begun() -> None:
    """The resolver's rule reads whole numbers without a sign: with one it would filter nothing."""
    raw, _ = lines_file([one(starts="1961-04-12T06:07+00:00")], tried_off=False)
    assert records(raw)[b"permit-00aa"].split()[0] == b"0"


@given(st.lists(st.integers(0, 255), max_size=6, unique=True), st.booleans())
def test_the_line_that_is_tried_and_the_files_own_witness_are_the_machines(lines: list[int], tried_off: bool) -> None:
    raw, mine = lines_file([one(tuple(f"198.51.100.{n}/32" for n in lines))], tried_off=tried_off)
    found = records(raw)
    assert ipaddress.ip_address(mine) in ipaddress.ip_network("127.0.0.0/8")
    assert found[ipaddress.ip_address(mine).packed].split() == [TRIAL.encode()]
    assert (TRIED.packed in found) == (tried_off or mine == str(TRIED))
    assert sum(v.split() == [b"permit-00aa"] for k, v in found.items() if len(k) == 4) == len(lines)


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_all_of_it_counts_for_two_seconds_at_most_and_never_less_than_one(part: float) -> None:
    ends, written = heart_file(NOW + timedelta(seconds=part), "00aa").split()
    assert 1 < int(ends) - NOW.timestamp() - part <= HEART == 2
    assert written == b"00aa"


# Files and questions


def test_a_file_is_put_there_whole_and_is_always_younger_than_the_one_before(tmp_path: Path) -> None:
    """Dnsdist looks at the file's time in whole seconds: two files of one second would be one to it."""
    front, times = Front(tmp_path, ("127.0.0.1", 53)), []
    for n in range(4):
        front.write("names.cdb", raw := b"%d" % n)
        times.append(int((tmp_path / "names.cdb").stat().st_mtime))
        assert front.read("names.cdb") == raw
    assert times == sorted(set(times))
    assert [p.name for p in tmp_path.iterdir()] == ["names.cdb"]
    assert (tmp_path / "names.cdb").stat().st_mode & 0o777 == 0o644


def test_what_is_renewed_all_the_time_has_the_time_it_was_written_at(tmp_path: Path) -> None:
    """Younger by a second at each of several renewals a second, its time would run away from the clock."""
    front = Front(tmp_path, ("127.0.0.1", 53))
    for n in range(9):
        front.write("heart", b"%d" % n)
    assert (tmp_path / "heart").stat().st_mtime <= time.time()


def test_what_somebody_else_wrote_or_took_away_is_seen(tmp_path: Path) -> None:
    front = Front(tmp_path, ("127.0.0.1", 53))
    assert front.read("lines.cdb") == b""
    front.write("lines.cdb", b"ours")
    (tmp_path / "lines.cdb").write_bytes(b"else")
    os.utime(tmp_path / "lines.cdb", (1, 1))
    assert front.read("lines.cdb") == b"else"
    (tmp_path / "lines.cdb").unlink()
    assert front.read("lines.cdb") == b""


def test_a_folder_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite) as no:
        Front(tmp_path / "none", ("127.0.0.1", 53)).write("names.cdb", b"")
    assert no.value.code == "No such file or directory"


def said(question: dns.message.Message, how: str) -> bytes:
    answer = dns.message.make_response(question)
    if how == "page":
        answer.answer.append(dns.rrset.from_text(question.question[0].name, 1, "IN", "A", "192.0.2.80"))
    answer.set_rcode({"nxdomain": dns.rcode.NXDOMAIN, "servfail": dns.rcode.SERVFAIL}.get(how, dns.rcode.NOERROR))
    if how == "other-id":
        answer.id ^= 1
    if how == "no-answer":
        answer.flags &= ~dns.flags.QR
    return b"short" if how == "short" else answer.to_wire()


@contextmanager
def answering(how: str) -> Iterator[tuple[str, int]]:
    """Something that answers one question so."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def answer() -> None:
            raw, who = sock.recvfrom(512)
            sock.sendto(said(dns.message.from_wire(raw), how), who)

        serving = threading.Thread(target=answer, daemon=True)
        serving.start()
        yield sock.getsockname()
        serving.join(2)


@pytest.mark.parametrize(
    ("how", "filtered"),
    [("page", True), ("nxdomain", False), ("empty", False), ("servfail", None), ("other-id", None), ("no-answer", None), ("short", None)],
)
def test_an_answer_is_our_page_or_none_or_nobody_knows(tmp_path: Path, how: str, filtered: bool | None) -> None:
    with answering(how) as place:
        assert Front(tmp_path, place).filtered("a.example", "127.0.53.1") is filtered


def test_nobody_there_is_nobody_knows(tmp_path: Path) -> None:
    with answering("page") as place:
        Front(tmp_path, place).filtered("a.example", "127.0.53.1")
    assert Front(tmp_path, place).filtered("a.example", "127.0.53.1") is None
