"""Accounts that somebody else uses: counted and tried on real customers, then held, their owners told; no body and no recipient is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from sekisho.desk import compare, records
from sekisho.effects.hijack import MEASURE
from sekisho.faces.commands import mail as command
from tests.desk.registered import OLD, Registered
from tests.desk.test_answer_mail import DUNNO
from tests.effects.conftest import Sink
from tests.faces.conftest import typed

VICTIM = "new@isp.example"


class Hijacked(Registered):
    """One account of three days."""

    plan, counts_as, notice = "hijack", "signs", ("hijack-tell", MEASURE)

    def stolen(self, who: str = VICTIM, networks: int = 8) -> list[bytes]:
        """One account, a few messages from each of many networks."""
        return [self.sends(who, client_address=f"198.18.{n}.9") for n in range(networks)]

    def shown(self) -> None:
        self.stolen()

    def day(self) -> None:
        """Settled customers, each from a network or two of their own."""
        for n, who in enumerate(OLD):
            self.sends(who, client_address=f"10.0.{n}.1")
            self.sends(who, client_address=f"10.1.{n}.1")

    def found(self) -> None:
        """The account shows its sign under the permit to hold."""
        self.stolen()
        self.tell()
        self.hear()


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sink]]:
    with Hijacked.counting(_founded, tmp_path_factory.mktemp("hijack"), {VICTIM: 3}) as made:
        yield made


@pytest.fixture
def hijacked(_counting: tuple[Path, Sink], tmp_path: Path) -> Iterator[Hijacked]:
    with Hijacked.opened(_counting, tmp_path) as made:
        yield made


def test_a_dry_run_counts_signs_and_mistakes_and_holds_nobody(hijacked: Hijacked) -> None:
    assert set(hijacked.stolen()) == {DUNNO}
    hijacked.day()
    hijacked.sends("stranger@isp.example", client_address="not-an-address")
    found = hijacked.counted()
    assert {n: v for n, v in found.items() if n != "hour"} == {
        "signs": 1, "crowded": 1, "jumped": 0, "signs_messages": 8, "seen": 62, "unknown": 1, "settled": 60, "matched": 0,
    }  # fmt: skip
    hijacked.hear()
    assert set(hijacked.stolen()) == {DUNNO}
    assert hijacked.office.act() == []


def test_a_settled_customer_with_signs_counts_as_a_mistake_and_one_of_sixty_refuses_the_hold(hijacked: Hijacked) -> None:
    hijacked.day()
    hijacked.stolen(OLD[0])
    found = hijacked.counted()
    assert (found["signs"], found["settled"], found["matched"]) == (1, 60, 1)
    assert hijacked.office.stand("hijack-hold") == {}


def test_the_command_prints_a_line_an_hour_in_both_languages(hijacked: Hijacked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(hijacked.office.outside("terminal")))
    hijacked.stolen()
    hijacked.counted()
    said = "accounts with signs of a hijack: 1, many networks: 1, over their usual: 0, settled accounts tried: 0, found by mistake: 0"
    assert said in typed(tmp_path, "--lang", "en", "mail").out
    assert "乗っ取りの兆しのあるアカウント: 1, 多くの網: 1" in typed(tmp_path, "mail", lang="ja").out


def test_nothing_tried_nothing_held(hijacked: Hijacked) -> None:
    hijacked.stolen()
    hijacked.counted()
    assert hijacked.office.stand("hijack-hold") == {}, "no settled account sent, so how often it errs is unknown"


def test_that_account_waits_and_no_other_until_its_permit_ends(hijacked: Hijacked) -> None:
    permit = hijacked.hold()
    assert set(hijacked.stolen(networks=7)) == {DUNNO}
    hijacked.tell()
    hijacked.hear()
    assert hijacked.sends(VICTIM, client_address="198.18.7.9") == DUNNO, "until it has come from eight"
    hijacked.tell()
    hijacked.hear()
    assert hijacked.sends("NEW@isp.example", client_address="198.18.0.1").startswith(b"action=450 4.7.1 Somebody else may be using")
    assert {hijacked.sends(who, client_address="198.18.0.1") for who in (*OLD[:7], "stranger@isp.example", "")} == {DUNNO}
    hijacked.office.withdraw(permit)
    hijacked.hear()
    assert hijacked.sends(VICTIM, client_address="198.18.0.1") == DUNNO


def test_twelve_hours_after_its_sign_the_account_sends_again_by_itself(hijacked: Hijacked) -> None:
    hijacked.hold()
    hijacked.found()
    assert hijacked.sends(VICTIM) != DUNNO
    hijacked.office.watch.wind(hours=13)
    hijacked.hear()
    hijacked.tell()
    hijacked.hear()
    assert hijacked.sends(VICTIM) == DUNNO


def test_an_account_far_over_its_own_usual_hours_is_held_and_one_as_usual_is_not(hijacked: Hijacked) -> None:
    hijacked.hold()
    for _ in range(12):
        for who in OLD[:2]:
            hijacked.sends(who)
        hijacked.office.watch.wind(hours=1)
        hijacked.hear()
    for _ in range(100):
        hijacked.sends(OLD[0])
    hijacked.tell()
    hijacked.hear()
    assert (hijacked.sends(OLD[0]) != DUNNO, hijacked.sends(OLD[1])) == (True, DUNNO)


def test_its_owner_is_told_once_and_the_number_lets_it_go_at_once(hijacked: Hijacked) -> None:
    hijacked.hold()
    hijacked.may_tell()
    hijacked.found()
    hijacked.sends(VICTIM)
    hijacked.tell()
    hijacked.tell()
    assert hijacked.office.act() == ["accepted"]
    ((_, (to,), raw),) = hijacked.sink.mails
    said = hijacked.text(raw)
    assert to == VICTIM
    assert all(words in said for words in ("多くの網", "はるかに多く", "間違い", "メールの中身と題名は見ず", "パスワードを変え"))
    hijacked.restore(hijacked.number())
    hijacked.hear()
    assert hijacked.sends(VICTIM) == DUNNO
    hijacked.tell()
    hijacked.hear()
    assert hijacked.sends(VICTIM) == DUNNO, "its counts are gone, so the finder names it no more"
    with hijacked.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_no_name_and_no_network_is_told_to_keep_or_stands_on_a_disk_of_ours(hijacked: Hijacked) -> None:
    hijacked.hold()
    hijacked.found()
    hijacked.counts._db.execute("pragma wal_checkpoint(truncate)")
    home = hijacked.office.settings.folder
    seen = hijacked.path.read_bytes() + b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    for word in (b"new@", b"old1@", b"198.18.", b"10.0.1."):
        assert word not in seen
    with hijacked.office.turn() as world:
        assert "new@" not in json.dumps([dict(r) for r in records.rows(world.db, records.FIGURES)], default=str)
