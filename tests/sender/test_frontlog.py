"""Reading the front end's log: what is right counts, what is wrong is named, wherever the lines lie."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho_sender.frontlog import Line, Wrong, logs_of, read_line, read_logs
from tests.sender.lines import line, printed


def read_all(*files: Path) -> list[Line | Wrong]:
    return list(read_logs(files))


def wrongs(*files: Path) -> list[str]:
    return [str(found) for found in read_all(*files) if isinstance(found, Wrong)]


def test_a_line_says_both_ends_and_the_time_at_which_the_request_began() -> None:
    found = read_line(printed(ended="1795316400.250", took="0.120"))
    assert str(found.sender.source) == "203.0.113.9:51234"
    assert str(found.sender.destination) == "198.51.100.7:443"
    assert found.sender.seen_us == 1_795_316_400_130_000
    assert (found.sender.why_empty, found.sender.reading, found.sender.hop) == ("", "access-log", "front end front-1")
    assert (found.status, found.http, found.transport, found.user_agent) == (303, "1.1", "tcp", "Example/1.0")


@pytest.mark.parametrize(
    ("change", "source", "why"),
    [
        ({"source_port": ""}, "203.0.113.9", "source-port:not-in-the-log"),
        ({"source_port": "-"}, "203.0.113.9", "source-port:not-in-the-log"),
        ({"source": "unix:", "source_port": ""}, "None", "source:unix"),
        ({"source": "", "source_port": ""}, "None", "source:not-in-the-log"),
        ({"destination": "unix:/run/nginx.sock", "destination_port": ""}, "203.0.113.9:51234", "destination:unix"),
        ({"source": "::ffff:203.0.113.9"}, "203.0.113.9:51234", ""),
        ({"source": "2001:db8::9"}, "[2001:db8::9]:51234", ""),
    ],
)
def test_what_the_front_end_does_not_know_is_empty_with_its_reason_and_a_port_is_never_zero(change: Any, source: str, why: str) -> None:
    sender = read_line(printed(**change)).sender
    assert (str(sender.source), sender.why_empty) == (source, why)


IMPOSSIBLE = [
    ({"source": "203.0.113.999"}, "source: "),
    ({"source": "example.jp"}, "source: "),
    ({"source": "fe80::1%eth0"}, "source: "),
    ({"source_port": "0"}, "source: a port is 1 to 65535"),
    ({"source_port": "65536"}, "source: a port is 1 to 65535"),
    ({"source_port": "51234 "}, "source_port: '51234 ' is no port"),
    ({"source_port": "５１２３４"}, "source_port: "),
    ({"destination": "203.0.113"}, "destination: "),
    ({"destination_port": "-1"}, "destination_port: '-1' is no port"),
    ({"ended": "now"}, "ended: 'now' is no time"),
    ({"took": "-"}, "took: '-' is no time"),
    ({"ended": "1795316400"}, "ended: '1795316400' is no time"),
    ({"request": "short"}, "request: 'short' is no request id"),
    ({"request": "../../../../etc/passwd"}, "request: "),
    ({"status": "3o3"}, "status: '3o3'"),
    ({"schema": "sekisho.sender-log/2"}, "schema: "),
    ({"path": None}, "path: missing"),
    ({"source": None}, "source: missing"),
    ({"source": "unix:\ud800"}, "source: missing, or no text"),
    ({"agent": "\ud800"}, "agent: missing, or no text"),
    ({"request": 12345678901234567890}, "request: "),
    ({"ended": "999999999999.999"}, "ended: "),
    ({"took": "99999999999.999"}, "took: "),
    ({"ended": "١795316400.250"}, "ended: "),
]


@pytest.mark.parametrize(("change", "words"), IMPOSSIBLE)
def test_an_impossible_value_is_refused_by_the_name_of_its_field(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_line(printed(**change))


@pytest.mark.parametrize("status", [100, 200, 303, 399, 499, 500, 502, 504])
def test_an_answer_that_is_no_refusal_may_have_left_a_post(status: int) -> None:
    assert read_line(printed(status=str(status))).may_be_a_post


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429])
def test_a_request_answered_as_the_clients_mistake_left_no_post(status: int) -> None:
    assert not read_line(printed(status=str(status))).may_be_a_post


def test_five_good_lines_and_one_impossible_address_are_five_lines_and_the_sixth_by_name(tmp_path: Path) -> None:
    file = tmp_path / "access.jsonl"
    file.write_text("".join(line(n) for n in range(5)) + line(5, source="203.0.113.256"), encoding="utf-8")
    found = read_all(file)
    assert sum(isinstance(one, Line) for one in found) == 5
    assert [str(one) for one in found[5:]] == [f"{file}:6: source: '203.0.113.256' does not appear to be an IPv4 or IPv6 address"]


def test_a_wrong_line_in_the_middle_loses_none_of_its_neighbours(tmp_path: Path) -> None:
    file = tmp_path / "access.jsonl"
    bad = ["\n", "not json\n", "[1]\n", '{"a": 1\n', "[" * 50_000 + "\n", "x" * 200_000 + "\n", "\0\0\0\n", '"\ud800"\n']
    with file.open("w", encoding="utf-8", errors="surrogatepass") as out:
        for n, text in enumerate(bad):
            out.write(line(n) + text)
        out.write(line(99))
    found = read_all(file)
    assert sum(isinstance(one, Line) for one in found) == len(bad) + 1
    assert [one.line for one in found if isinstance(one, Wrong)] == list(range(2, 2 * len(bad) + 1, 2))


def test_a_last_line_that_is_still_being_written_waits_for_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "access.jsonl"
    file.write_text(line(1) + line(2)[:50], encoding="utf-8")
    assert len(read_all(file)) == 1
    file.write_text(line(1) + line(2), encoding="utf-8")
    assert len(read_all(file)) == 2


def test_a_user_agent_in_any_bytes_loses_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "access.jsonl"
    file.write_bytes(line(1, agent="AGENT").encode().replace(b"AGENT", b'\xff\xfe\\u0001 \\"x'))
    (found,) = read_all(file)
    assert isinstance(found, Line)
    assert found.user_agent.endswith('\x01 "x')


def test_rotated_and_packed_files_are_read_the_oldest_first_and_other_files_left(tmp_path: Path) -> None:
    living = tmp_path / "access.jsonl"
    for age, name in enumerate(["access.jsonl", "access.jsonl.1", "access.jsonl.2.gz", "access.jsonl-20261101.gz"]):
        text = line(age).encode()
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / "access.jsonl.bak").write_text("x", encoding="utf-8")
    (tmp_path / "access.jsonl2").write_text("x", encoding="utf-8")
    found = read_all(*logs_of(living))
    assert [one.request for one in found if isinstance(one, Line)] == [f"{n:032x}" for n in (3, 2, 1, 0)]
    assert len(found) == 4


def test_a_damaged_or_missing_file_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    cut, other, good = tmp_path / "a.gz", tmp_path / "b.gz", tmp_path / "c.jsonl"
    packed = gzip.compress("".join(line(n) for n in range(200)).encode())
    cut.write_bytes(packed[: len(packed) // 2])
    other.write_bytes(b"not gzip")
    good.write_text(line(7), encoding="utf-8")
    found = read_all(cut, other, tmp_path / "absent", good)
    named = [one for one in found if isinstance(one, Wrong)]
    assert [Path(one.file).name for one in named] == ["a.gz", "b.gz", "absent"]
    assert isinstance(found[-1], Line)
    assert sum(isinstance(one, Line) for one in found) >= 1


@given(
    st.text(max_size=200)
    | st.dictionaries(st.sampled_from(sorted(json.loads(printed()))), st.text() | st.integers() | st.none()).map(json.dumps)
)
def test_whatever_stands_in_a_line_it_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        read_line(text)
    except ValueError as wrong:
        said = str(wrong)
    else:
        said = "read"
    assert said
