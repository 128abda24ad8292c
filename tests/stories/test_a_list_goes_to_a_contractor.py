"""The marathon of 2024 once more, on a running node: as it happened it is refused, and the lawful way ends as a file one party can open.

Row D1.1: "no active row, no hand-over".

Read from top to bottom; each test goes on where the one above it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest

from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.unsafe.people import PEOPLE, Race, runners
from sekisho.law.entrustment import What
from tests import node
from tests.faces.conftest import sekisho

LIST = runners()


@dataclass
class Story:
    """What the tests hand down."""

    node: Any
    race: Race
    known: dict[str, str] = field(default_factory=dict)

    @property
    def outbox(self) -> Path:
        return Path(self.node.place.settings.folder) / "act" / "outbox"

    def opened(self, hand_over: str, row: str) -> str:
        identity = pyrage.x25519.Identity.from_str(self.race.parties[row].read_text(encoding="utf-8").strip())
        return bytes(pyrage.decrypt((self.outbox / f"{hand_over}.csv.age").read_bytes(), [identity])).decode("utf-8-sig")

    def typed(self, *words: str, who: str = "desk") -> Any:
        key = self.node.place.folder / "unsafe-demo-people" / f"unsafe-demo-{who}.key"
        at = {"SEKISHO_CONFIG": str(self.node.place.settings_path), "SEKISHO_KEY": str(key)}
        return sekisho("--json", "entrust", "hand-over", *words, **at)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with node.running(tmp_path_factory.mktemp("race") / "node") as running:
        place = running.place
        yield Story(running, Race(place.folder / "parties", place.outside(), place.keys(), place.book))


def test_without_a_row_nothing_is_even_proposed(story: Story) -> None:
    """2023: the maker of the app stood in no register, and got the list all the same."""
    found = story.node.place.outside().keep.call(
        "may-hand-over", entrustment="entrustment-0000000000000000", fields=["name", "mail"], persons=40
    )
    missing = {c["condition"] for a in found["decision"]["axes"] for t in a["tried"] for c in t["checked"] if c["answer"] != "met"}
    assert {"registered", "in-force", "fields-in-row"} <= missing


def test_a_field_the_row_does_not_have_gets_no_permit_whoever_signs(story: Story) -> None:
    """2023: names, addresses and all, since that was the list at hand."""
    story.known["agency"] = story.race.enter("agency")
    plan = story.race.propose(story.known["agency"], LIST, fields=("birthday", "mail", "name"))
    assert "only fields in the row" in {w["en"] for w in story.race.missing(plan)}
    assert story.race.approve(plan) == []


def test_the_lawful_way_is_a_plan_two_approvals_and_one_command(story: Story, tmp_path: Path) -> None:
    (permit,) = story.race.approve(story.race.propose(story.known["agency"], LIST))
    (tmp_path / "runners.csv").write_bytes(LIST)
    (tmp_path / "objected.csv").write_text("who\nrunner07@example.jp\n", encoding="utf-8")
    said = story.typed("give", permit, str(tmp_path / "runners.csv"), "--without", str(tmp_path / "objected.csv"))
    assert said.code == 0, said.err
    story.known |= {"permit": permit, "given": said.json["hand_over"]}
    ended = story.race.ended(story.known["given"])
    assert (ended["state"], ended["given"], ended["canaries"], ended["withheld"]) == ("given", PEOPLE - 1, 2, {"objected": 1})


def test_the_agency_opens_names_and_addresses_and_nothing_else(story: Story) -> None:
    said = story.opened(story.known["given"], story.known["agency"])
    assert said.splitlines()[0] == '"name","mail"'
    assert '"走者 01","runner01@example.jp"' in said
    assert not any(word in said for word in ("1990-", "落花生", "runner07@"))


def test_no_name_and_no_address_lies_open_anywhere_on_the_node(story: Story) -> None:
    words = (b"runner01@example.jp", "走者 01".encode(), "走者 01".encode("cp932"))
    files = [p for p in story.node.place.folder.rglob("*") if p.is_file()]
    assert len(files) > 20
    assert [p for p in files if any(w in p.read_bytes() for w in words)] == []


def test_the_same_permit_is_good_for_no_second_time(story: Story) -> None:
    with pytest.raises(KeepSaidNo) as why:
        story.race.give(story.known["permit"], LIST)
    assert why.value.code == "handed-over-already"


def test_the_printing_house_below_gets_its_own_row_its_own_key_and_names_alone(story: Story) -> None:
    row = story.race.enter("printing-house", story.known["agency"])
    (permit,) = story.race.approve(story.race.propose(row, LIST, fields=("name",)))
    hand_over = story.race.give(permit, LIST)
    assert story.race.ended(hand_over)["state"] == "given"
    assert "@" not in story.opened(hand_over, row)
    with pytest.raises(pyrage.DecryptError):
        story.opened(hand_over, story.known["agency"])


def test_a_runner_who_asks_is_told_where_their_data_went(story: Story) -> None:
    said = story.typed("where", "RUNNER01@example.jp").json["hand_overs"]
    assert {h["to"] for h in said} == {"Sakura Agency", "Echizen Printing"}
    assert [h["why"] for h in story.typed("where", "runner07@example.jp").json["hand_overs"] if h["to"] == "Sakura Agency"] == ["objected"]


def test_a_mail_to_one_of_our_own_names_the_hand_over_it_leaked_from(story: Story) -> None:
    leaked = next(line.split('"')[3] for line in story.opened(story.known["given"], story.known["agency"]).splitlines() if "@sink." in line)
    (found,) = story.typed("where", leaked).json["hand_overs"]
    assert (found["id"], found["why"]) == (story.known["given"], "canary")


def test_when_the_agency_is_stopped_nothing_goes_to_it_nor_below_it(story: Story) -> None:
    (permit,) = story.race.approve(story.race.propose(story.known["agency"], LIST, why_not_lower="a second mailing"))
    story.race.move(story.known["agency"], What.SUSPENDED, "engineer", "a mail showed other people's addresses")
    with pytest.raises(KeepSaidNo) as why:
        story.race.give(permit, LIST)
    assert why.value.code == "ended"


def test_it_is_owed_back_until_the_proof_is_there(story: Story) -> None:
    story.race.move(story.known["agency"], What.ENDED, "desk", "the race is over")
    found = {h["id"]: h for h in story.typed("list").json["hand_overs"]}
    assert found[story.known["given"]]["return_due"] is not None
    story.race.move(story.known["agency"], What.RETURNED, "officer", proof="7" * 64)
    found = {h["id"]: h for h in story.typed("list").json["hand_overs"]}
    assert found[story.known["given"]]["proof"] == "7" * 64


def test_the_words_at_the_terminal_are_in_both_languages(story: Story) -> None:
    at = {"SEKISHO_CONFIG": str(story.node.place.settings_path)}
    english = sekisho("entrust", "hand-over", "list", lang="en", **at).out
    japanese = sekisho("entrust", "hand-over", "list", lang="ja", **at).out
    assert "left out at their wish 1" in english
    assert "求めにより除いた人 1" in japanese
