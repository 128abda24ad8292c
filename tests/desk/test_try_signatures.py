"""Signatures tried on captures: what is counted of each class, how far the true share may lie from it, and whose fault a bad file is."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.access import try_signatures
from sekisho.desk.access.try_signatures import BadCapture, Measured, Share, Tried, TrySignatures, carry_out, plans_classes, told_of
from sekisho.desk.access.wilson import MILLION, Z, wilson
from sekisho.desk.draft import DraftError
from tests.conftest import ROOT
from tests.wire.making import pcap, pcapng, tcp, udp, v4, v6

EXAMPLE = ROOT / "examples/plans/default-on-filter.toml"
HANDSHAKE = b"\x13BitTorrent protocol" + bytes(48)
WEB = b"GET / HTTP/1.1\r\nHost: example.net\r\n\r\n"


def file(folder: Path, name: str, *frames: bytes, keep: int = 65535) -> Path:
    path = folder / name
    path.write_bytes(pcap(frames, keep=keep))
    return path


def measured(*others: Path, own: tuple[tuple[str, Path], ...] = (), plan: Path = EXAMPLE) -> tuple[dict[str, Tried], Measured]:
    found = carry_out(TrySignatures(plan, others, own))
    return {c.name: c for c in found.classes}, found


def counts(share: Share) -> tuple[int, int]:
    return share.tried, share.found


# Wilson's interval


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_interval_holds_what_was_counted_and_never_leaves_zero_and_one(one: int, other: int) -> None:
    found, tried = sorted((one, other))
    low, high = wilson(found, tried)
    assert 0 <= low <= (MILLION * found // tried if tried else 0)
    assert (-(-MILLION * found // tried) if tried else MILLION) <= high <= MILLION


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_seen_from_the_other_side_it_is_the_same(found: int, tried: int) -> None:
    found = min(found, tried)
    low, high = wilson(found, tried)
    assert wilson(tried - found, tried) == (MILLION - high, MILLION - low)


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_its_ends_are_shares_from_which_the_count_lies_just_as_far_as_chance_goes(found: int, tried: int) -> None:
    """Which is how Wilson defined it: |found/tried - p| = z * sqrt(p(1-p)/tried). Rounded outward by a millionth at most."""
    found = min(found, tried)
    for end, inward in zip(wilson(found, tried), (1, -1), strict=True):
        far = [abs(found / tried - p) - Z * math.sqrt(p * (1 - p) / tried) for p in (end / MILLION, (end + inward) / MILLION)]
        assert end in (0, MILLION) or (far[0] >= -1e-9 and far[1] <= 1e-9)


@given(st.integers(0, 100), st.integers(1, 100))
def test_ten_times_as_much_of_the_same_says_more(found: int, tried: int) -> None:
    found = min(found, tried)
    few, many = wilson(found, tried), wilson(10 * found, 10 * tried)
    assert few[0] <= many[0] <= many[1] <= few[1]


def test_figures_of_a_book_of_tables() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    assert [tuple(round(end / 100) for end in wilson(*pair)) for pair in ((81, 263), (15, 148), (0, 20), (1, 29))] == [
        (2553, 3662), (624, 1605), (0, 1611), (61, 1718),
    ]  # fmt: skip
    assert wilson(0, 0) == (0, MILLION)


@pytest.mark.parametrize("pair", [(2, 1), (-1, 1), (0, -1)])
def test_more_found_than_tried_is_no_count(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=str(pair[1])):
        wilson(*pair)


# What is counted


def test_packets_and_openings_are_counted_apart_and_of_the_class_s_protocol_alone(tmp_path: Path) -> None:
    said = [(b"", (1, 2)), (HANDSHAKE, (1, 2)), (HANDSHAKE, (1, 2)), (HANDSHAKE, (2, 1)), (WEB, (3, 4))]
    own = file(tmp_path, "own", *(v4(tcp(data, ports), 6) for data, ports in said), v4(udp(HANDSHAKE, (1, 2))))
    other = file(tmp_path, "other", v4(tcp(WEB, (5, 80)), 6), v4(udp(bytes(12), (4665, 53))), v4(udp(bytes(300), (4665, 53))), v4(b"", 1))
    found, whole = measured(other, own=(("bittorrent", own),))
    mine, searches = found["bittorrent"], found["edonkey"]
    assert [*map(counts, (mine.packets, mine.openings, mine.wrong, mine.wrong_openings))] == [(4, 3), (3, 2), (1, 0), (1, 0)]
    both = searches.packets, searches.openings, searches.wrong, searches.wrong_openings
    assert [*map(counts, both)] == [(0, 0), (0, 0), (2, 1), (1, 1)]
    assert (mine.openings.low, mine.openings.high) == wilson(2, 3)
    assert [frames for _, frames in whole.captures] == [4, 6]


def test_an_empty_packet_is_no_trial_of_a_pattern(tmp_path: Path) -> None:
    """A flood of bare SYN would else make any pattern look harmless; a class of ports alone is tried on every packet."""
    flood = file(tmp_path, "flood", *[v4(tcp(b"", (n, 80)), 6) for n in range(1, 60)], *[v4(udp(b"", (n, 53))) for n in range(1, 9)])
    found, whole = measured(flood)
    assert (found["bittorrent"].wrong.tried, found["edonkey"].wrong.tried) == (0, 8)
    assert whole.told == "", "a class that was tried on nothing has no figures to tell"


def test_a_packet_that_the_capture_cut_short_is_told_apart_and_not_counted(tmp_path: Path) -> None:
    found, _ = measured(file(tmp_path, "cut", v4(tcp(HANDSHAKE), 6), v4(tcp(WEB), 6), keep=45))
    assert (counts(found["bittorrent"].wrong), found["bittorrent"].untold) == ((1, 0), 1)


def test_ipv6_and_every_kind_of_file_count_alike(tmp_path: Path) -> None:
    blocks = tmp_path / "blocks"
    blocks.write_bytes(pcapng([v6(tcp(HANDSHAKE), 6)]))
    found, _ = measured(blocks, file(tmp_path, "v6", v6(tcp(HANDSHAKE), 6)))
    assert counts(found["bittorrent"].wrong) == (2, 2)


def test_the_digest_is_that_of_the_rules_with_these_figures(tmp_path: Path) -> None:
    """Written into the plan, the same captures give the plan's own digest: whoever repeats it finds what customers were told."""
    frames = [v4(tcp(WEB, (n, 80)), 6) for n in range(1, 8)], [v4(udp(bytes(12), (4665, 53))), *[v4(udp(bytes(5), (9, 53)))] * 4]
    captures = [file(tmp_path, f"c{n}", *some) for n, some in enumerate(frames)]
    plan = tmp_path / "plan.toml"
    text = EXAMPLE.read_text("utf-8").replace("others = 712", "others = 7").replace("others = 8679\nwrong = 2", "others = 5\nwrong = 1")
    plan.write_text(text, "utf-8")
    _, whole = measured(*captures)
    assert whole.told == told_of(plan).rules == measured(*captures, plan=plan)[1].told
    assert told_of(EXAMPLE).told == told_of(EXAMPLE).rules != told_of(plan).rules


def test_a_class_that_was_never_measured_can_be_tried_and_not_told(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(EXAMPLE.read_text("utf-8").replace("others = 8679\nwrong = 2\n", ""), "utf-8")
    found, _ = measured(file(tmp_path, "c", v4(udp(bytes(12), (4665, 53)))), plan=plan)
    assert counts(found["edonkey"].wrong) == (1, 1)
    with pytest.raises(DraftError) as bad:
        plans_classes(plan, measured=True)
    assert (bad.value.where, bad.value.code) == ("scope.classes.edonkey.others", "bad-class")


@pytest.mark.parametrize(
    ("text", "code"),
    [*((text, "bad-class") for text in ("", "scope = 7", "[scope]\nclasses = 3", "[scope.classes]\na = 3")), ("=", "not-toml")],
)
def test_a_file_that_is_no_plan_of_a_filter_is_named(tmp_path: Path, text: str, code: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(text, "utf-8")
    with pytest.raises(DraftError) as bad:
        plans_classes(plan)
    assert bad.value.code == code


def test_a_capture_that_cannot_be_read_is_named_and_nothing_is_told_of_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = file(tmp_path, "good", v4(tcp(WEB, (1, 2)), 6), v4(tcp(WEB, (3, 4)), 6)), tmp_path / "bad"
    bad.write_bytes(good.read_bytes()[:-3])
    told = []
    for path in (bad, tmp_path / "absent", EXAMPLE):
        with pytest.raises(BadCapture) as no:
            measured(good, path)
        told.append((no.value.path, no.value.code))
    assert told == [(bad, "truncated"), (tmp_path / "absent", "absent"), (EXAMPLE, "not-a-capture")]
    monkeypatch.setattr(try_signatures, "MOST_OPENINGS", 1)
    with pytest.raises(BadCapture) as no:
        measured(good)
    assert no.value.code == "too-many-connections"


def test_the_figures_of_the_example_are_those_of_real_captures(shared_data: Path) -> None:
    """Of BitTorrent's own capture every opening but one is found, and none of the mail beside it."""
    found, _ = measured(shared_data / "flow/ndpi/smtp.pcap", own=(("bittorrent", shared_data / "flow/ndpi/bittorrent.pcap"),))
    mine = found["bittorrent"]
    assert [*map(counts, (mine.openings, mine.packets))] == [(42, 41), (299, 41)]
    assert mine.wrong.found == mine.wrong_openings.found == 0
