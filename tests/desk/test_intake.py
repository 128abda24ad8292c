"""A collector keeps what standing permits name: their rows, their columns, for their term. The rest is counted and gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.flows.intake import Intake
from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from tests.desk.office import EXAMPLES, Office, feed

KINDS = ("pmacctd-v9", "pmacctd-ipfix", "softflowd-v5", "softflowd-ipfix")


def of(office: Office, step: str) -> str:
    return next(p["id"] for p in office.permits() if p["step"] == step)


def sealed_files(office: Office) -> list[Path]:
    return [p for p in (office.settings.folder / "streams").rglob("*") if p.is_file()]


class Silent:
    """A channel to a `keep` that is not there."""

    def call(self, method: str, **_params: object) -> Any:
        raise KeepIsGone(method)


def test_without_a_permit_nothing_is_wanted_decoded_or_written(founded: Office) -> None:
    """No socket would be opened; what arrives all the same is counted and dropped."""
    intake = founded.intake()
    intake.renew()
    assert not intake.wants("flows")
    assert not intake.wants("accounting")
    feed(intake, "pmacctd-v9")
    intake.turn()
    assert intake.counters["no-permit"] > 100
    assert sealed_files(founded) == []


@pytest.mark.parametrize("kind", KINDS)
def test_only_hits_are_kept_of_each_format(office: Office, kind: str) -> None:
    counted = office.collect(kind)
    assert counted["hits"] > 0
    assert counted["non-hits-gone"] > counted["hits"]
    assert counted["sealed"] >= counted["hits"]
    assert not [k for k in counted if k.startswith(("stream-", "permit-", "bad-")) and counted[k]]


def test_accounting_is_sealed_as_it_came(office: Office) -> None:
    counted = office.collect()
    assert counted["accounting"] == counted["accounting.rows"] > 0


def test_no_column_is_decoded_that_no_permit_names(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Octets, packets, flags and interfaces stay bytes and are gone with the batch."""
    asked: set[frozenset[str]] = set()
    from sekisho.desk.flows import intake as module

    real = module.normalise
    monkeypatch.setattr(module, "normalise", lambda batch, names: asked.add(names) or real(batch, names))
    office.collect()
    assert asked == {frozenset({"src", "dst", "src_port", "dst_port", "protocol", "start", "end"})}


def test_nothing_readable_is_on_the_disk_and_no_private_half_is_in_the_collector(office: Office) -> None:
    office.collect()
    raw = b"".join(p.read_bytes() for p in sealed_files(office))
    assert len(raw) > 1000
    for word in (b"198.51.100", bytes([198, 51, 100, 11]), b"fiber1001", b"isp.example", bytes([203, 0, 113, 66])):
        assert word not in raw


def test_a_withdrawn_permit_closes_its_stream_at_the_next_renewal(office: Office) -> None:
    intake = office.intake()
    intake.renew()
    assert intake.wants("flows")
    office.withdraw(of(office, "match"))
    intake.renew()
    assert not intake.wants("flows")
    assert intake.wants("accounting"), "the other permit still holds"


def test_when_keep_is_silent_streams_last_as_long_as_its_word(office: Office) -> None:
    """A lease is a few seconds; after it, nothing new is kept."""
    intake = office.intake()
    intake.renew()
    object.__setattr__(intake.world, "keep", Silent())
    office.watch.wind(seconds=3)
    intake.renew()
    assert intake.wants("flows")
    office.watch.wind(seconds=3)
    intake.renew()
    assert not intake.wants("flows")
    assert not intake.wants("accounting")


def test_a_permit_that_was_changed_on_the_way_is_not_believed(office: Office) -> None:
    """The collector checks signature, lease and inclusion itself; a wider list of columns is no permit."""
    intake = office.intake()
    ask = intake.world.keep.call

    class Lying:
        def call(self, method: str, **params: object) -> Any:
            said = ask(method, **params)
            for one in said if method == "standing" else ():
                body = json.loads(bytes.fromhex(one["permit"]["body"]))
                body["scope"]["days"] = 9999
                one["permit"]["body"] = json.dumps(body, sort_keys=True, separators=(",", ":")).encode().hex()
            return said

    object.__setattr__(intake.world, "keep", Lying())
    intake.renew()
    assert not intake.wants("flows")
    assert sum(v for k, v in intake.counters.items() if k.startswith("permit-")) == 3


def test_a_list_that_changed_on_the_disk_matches_nothing(office: Office, tmp_path: Path) -> None:
    """The permit names a digest; another file under the same name is another list, and the stream does not start."""
    text = (office.home / "sekisho.toml").read_text(encoding="utf-8")
    other = tmp_path / "cc.toml"
    other.write_text((EXAMPLES / "lists" / "cc.toml").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (office.home / "sekisho.toml").write_text(text.replace(str(EXAMPLES / "lists" / "cc.toml"), str(other)), encoding="utf-8")
    counted = office.collect()
    assert counted["stream-another-list"] > 0
    assert counted["hits"] == 0


def test_broken_datagrams_cost_nothing_that_was_good(office: Office) -> None:
    intake = office.intake()
    intake.renew()
    before = office_counts(office)
    for junk in (b"", b"\0", b"\0\x09", b"\xff" * 1500, b"\0\x0a\0\x04"):
        intake.feed(("192.0.2.66", 9995), memoryview(junk), 0)
    feed(intake, "pmacctd-v9")
    intake.turn()
    assert intake.counters["hits"] == before
    refused = {k for k in intake.totals() if k.startswith("flows.") and k not in ("flows.records", "flows.datagrams", "flows.templates")}
    assert refused, "each has its reason"


def office_counts(office: Office) -> int:
    """How many hits the recording holds, counted by another collector into another folder."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp())
    other = office.copied(folder / "home")
    try:
        return other.collect()["hits"]
    finally:
        other.close()
        shutil.rmtree(folder)


def test_a_collector_that_starts_again_reads_no_accounting_twice(office: Office) -> None:
    first = office.collect()
    again = office.collect()
    assert first["accounting"] > 0
    assert again["accounting"] == 0


def test_a_disk_that_refuses_is_counted_and_accounting_is_read_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be sealed is not marked as read."""
    from sekisho.store.errors import StoreFull
    from sekisho.store.stream import StreamWriter

    def full(self: StreamWriter) -> int:
        raise StoreFull("disk-full", "no space")

    intake = office.intake()
    intake.renew()
    with monkeypatch.context() as patched:
        patched.setattr(StreamWriter, "flush", full)
        feed(intake, "pmacctd-v9")
        intake.turn()
        assert intake.counters["disk-full"] > 0
        assert not (office.settings.folder / "collect" / "accounting.json").exists()


def halves(office: Office, key: str, role: str = "collect") -> Callable[[], Any]:
    return lambda: office.channel(role).call("half", key_id=key)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("{match}/content/2026-11-21", "class-not-permitted"),
        ("{match}/contact/2026-11-21", "class-not-permitted"),
        ("{register}/header/2026-11-21", "class-not-permitted"),
        ("{match}/party/yesterday", "bad-period"),
        ("{match}/party/2020-01-01", "not-todays-period"),
        ("permit-0000000000000000/party/2026-11-21", "unknown-permit"),
        ("", "unknown-permit"),
    ],
)
def test_a_half_is_given_only_for_classes_and_days_of_a_living_permit(office: Office, key: str, code: str) -> None:
    named = key.format(match=of(office, "match"), register=of(office, "register"))
    assert refused(halves(office, named)) == code


def test_a_half_is_the_same_each_time_and_never_the_private_one(office: Office) -> None:
    key = f"{of(office, 'match')}/party/2026-11-21"
    half = halves(office, key)()
    assert half == halves(office, key)()
    assert len(bytes.fromhex(half)) == 32
    assert refused(halves(office, key, "show")) == "not-for-this-role"
    office.withdraw(of(office, "match"))
    assert refused(halves(office, key)) == "withdrawn"


def test_a_permit_that_keeps_nothing_gives_no_half(noticing: Office) -> None:
    assert refused(halves(noticing, f"{of(noticing, 'identify')}/party/2026-11-21")) == "keeps-nothing"


def test_standing_names_streams_that_keep_and_nothing_else(noticing: Office) -> None:
    said = noticing.channel("collect").call("standing")
    steps = {json.loads(bytes.fromhex(s["permit"]["body"]))["step"]["name"] for s in said}
    assert steps == {"register", "record", "match"}


def test_each_worker_reports_counters_and_the_overview_says_who_is_silent(office: Office) -> None:
    office.channel("collect").call("report", process="collect-0", counters={"hits": 3})
    assert office.terminal.call("overview")["health"] == [{"process": "collect-0", "state": "up", "counters": {"hits": 3}}]
    office.watch.wind(seconds=60)
    assert office.terminal.call("overview")["health"][0]["state"] == "silent"


def test_traffic_is_added_up_without_an_address(founded: Office) -> None:
    """The traffic picture from the same recording: sums by our own prefix, and a look that draws them."""
    founded.stand("traffic-picture")
    counted = founded.collect()
    assert counted["records"] > 0
    founded.look()
    rows = founded.terminal.call("traffic")["rows"]
    assert {r["prefix"] for r in rows} <= {"198.51.100.0/24", "2001:db8:100::/40", *founded.settings.network.prefixes}
    assert sum(r["octets"] or 0 for r in rows) > 0
    assert not set(rows[0]) & {"line", "peer", "src", "dst"}


def test_closing_twice_and_turning_after_it_hurts_nothing(office: Office) -> None:
    intake: Intake = office.intake()
    intake.renew()
    intake.close()
    intake.close()
    intake.turn()
    assert not intake.wants("flows")
