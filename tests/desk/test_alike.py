"""Many accounts under their limit: counted first and tried on real customers, then held, told and let go; nobody learns who they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from sekisho.desk import compare, records
from sekisho.desk.config import ConfigError, read_settings
from sekisho.effects.alike import MEASURE
from sekisho.faces.commands import mail as command
from tests.desk.office import Office
from tests.desk.registered import OLD, Registered
from tests.desk.test_answer_mail import DUNNO
from tests.effects.conftest import Sink
from tests.faces.conftest import typed

YOUNG = [f"new{n}@isp.example" for n in range(12)]
NIGHT = "198.18.7."


class Alike(Registered):
    """Twelve accounts of three days."""

    plan, counts_as, notice = "alike", "alike", ("alike-tell", MEASURE)

    def night(self, each: int = 50) -> list[bytes]:
        """Every young account sends so many from one network; the last answer to each."""
        return [[self.sends(who, client_address=f"{NIGHT}{n}") for _ in range(each)][-1] for n, who in enumerate(YOUNG)]

    def shown(self) -> None:
        self.night()

    def day(self) -> None:
        """Settled customers, each from a network of their own."""
        for n, who in enumerate(OLD):
            for _ in range(6):
                self.sends(who, client_address=f"10.0.{n}.1")


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sink]]:
    with Alike.counting(_founded, tmp_path_factory.mktemp("alike"), dict.fromkeys(YOUNG, 3)) as made:
        yield made


@pytest.fixture
def alike(_counting: tuple[Path, Sink], tmp_path: Path) -> Iterator[Alike]:
    with Alike.opened(_counting, tmp_path) as made:
        yield made


def test_a_dry_run_counts_groups_and_mistakes_and_holds_nobody(alike: Alike) -> None:
    assert set(alike.night()) == {DUNNO}
    alike.day()
    alike.sends("stranger@isp.example", client_address="10.9.9.9")
    found = alike.counted()
    assert {n: v for n, v in found.items() if n != "hour"} == {
        "groups": 1, "grouped": 12, "grouped_messages": 600, "seen": 73, "unknown": 1, "settled": 60, "matched": 0,
    }  # fmt: skip
    alike.counted()
    assert set(alike.night(1)) == {DUNNO}
    assert alike.office.act() == []


def test_settled_customers_who_act_alike_are_mistakes_that_are_counted_and_refuse_the_hold(alike: Alike) -> None:
    """A firm whose mailboxes were opened on one day, two years ago."""
    for who in OLD:
        for _ in range(10):
            alike.sends(who, client_address="10.0.0.1")
    alike.night()
    found = alike.counted()
    assert (found["groups"], found["settled"], found["matched"]) == (1, 60, 60)
    assert alike.office.stand("alike-hold") == {}


def test_the_command_prints_a_line_an_hour_in_both_languages(alike: Alike, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(alike.office.outside("terminal")))
    alike.night()
    alike.counted()
    said = "act alike  groups: 1, accounts in them: 12, their messages: 600, settled accounts tried: 0, found by mistake: 0"
    assert said in typed(tmp_path, "--lang", "en", "mail").out
    assert "同じ動き  群れ: 1, その中のアカウント: 12, その通数: 600" in typed(tmp_path, "mail", lang="ja").out


def test_who_is_held_for_acting_alike_is_listed_as_that_and_not_as_over_a_limit(
    alike: Alike, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(alike.office.outside("terminal")))
    alike.hold()
    alike.night()
    alike.tell()
    alike.hear()
    alike.night(1)
    alike.tell()
    found = json.loads(typed(tmp_path, "mail", "held", "--json").out)
    assert {s["measure"] for s in found["senders"]} == {MEASURE}
    assert [(m, of["held"], of["tells"]) for m, of in found["of"].items()] == [
        ("bulk-sender-limit", 0, False), (MEASURE, 12, False), ("hijack-signs", 0, False),
    ]  # fmt: skip
    lines = typed(tmp_path, "--lang", "en", "mail", "held").out.splitlines()
    assert lines[0] == "At their limit  held: 0, owners told: 0, let go again: 0"
    assert lines[1] == "Held because they act alike  held: 12, owners told: 0, let go again: 0"
    assert [line.startswith("  pause-") for line in lines[2:14]] == [True] * 12


def test_nothing_tried_nothing_held(alike: Alike) -> None:
    alike.night()
    alike.counted()
    assert alike.office.stand("alike-hold") == {}, "no settled account sent, so how often it errs is unknown"


def test_the_group_waits_and_nobody_else_until_its_permit_ends(alike: Alike) -> None:
    permit = alike.hold()
    alike.night()
    alike.day()
    alike.tell()
    alike.hear()
    assert all(said.startswith(b"action=450 4.7.1 This account sends like others") for said in alike.night(1))
    assert alike.sends("NEW1@isp.example", client_address=f"{NIGHT}1") != DUNNO
    assert {alike.sends(who, client_address=f"{NIGHT}1") for who in (*OLD, "stranger@isp.example", "")} == {DUNNO}
    alike.office.withdraw(permit)
    alike.hear()
    assert set(alike.night(1)) == {DUNNO}


def test_each_owner_is_told_once_and_the_number_lets_that_account_go_alone(alike: Alike) -> None:
    alike.hold()
    alike.may_tell()
    alike.night()
    alike.tell()
    alike.hear()
    alike.sends(YOUNG[0], client_address=f"{NIGHT}1")
    alike.tell()
    alike.tell()
    assert alike.office.act() == ["accepted"]
    ((_, (to,), raw),) = alike.sink.mails
    said = alike.text(raw)
    assert to == YOUNG[0]
    assert all(words in said for words in ("10以上のアカウント", "500通以上", "メールの中身、題名", "パスワードを変え"))
    assert not any(who.partition("@")[0] in said for who in YOUNG[1:]), "nothing of the others"
    alike.restore(alike.number())
    alike.hear()
    assert alike.sends(YOUNG[0], client_address=f"{NIGHT}1") == DUNNO
    assert alike.sends(YOUNG[1], client_address=f"{NIGHT}1") != DUNNO
    with alike.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_no_name_network_or_day_is_told_to_keep_or_stands_on_a_disk_of_ours(alike: Alike) -> None:
    alike.hold()
    alike.night()
    alike.tell()
    alike.counts._db.execute("pragma wal_checkpoint(truncate)")
    home = alike.office.settings.folder
    seen = alike.path.read_bytes() + b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    for word in (b"new1@", b"old1@", b"198.18.7.", b"10.0.1.1"):
        assert word not in seen
    with alike.office.turn() as world:
        assert "new1" not in json.dumps([dict(r) for r in records.rows(world.db, records.FIGURES)], default=str)


@pytest.mark.parametrize("text", ["", "account,opened\nnew1,2026-11-01\n"])
def test_without_a_register_or_with_half_of_one_nobody_is_of_a_group(alike: Alike, text: str) -> None:
    path = alike.office.home / "register" / "accounts.csv"
    path.unlink()
    if text:
        path.write_text(text, "utf-8")
    alike.hear()
    alike.night()
    found = alike.counted()
    assert (found["groups"], found["unknown"]) == (0, 12)


def test_the_register_lies_in_a_folder_of_its_own(founded: Office) -> None:
    settings = founded.home / "sekisho.toml"
    settings.write_text(settings.read_text("utf-8") + f'\n[policy]\naccounts = "{founded.settings.folder}/accounts.csv"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"policy\.accounts"):
        read_settings(settings)
