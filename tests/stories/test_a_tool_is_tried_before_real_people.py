"""The marathon of 2024 a third time: the contractor's tool is tried with made-up people first, over real mail, and a leak has a name.

Row D1.7: "an undeclared list function is caught in the drill; a canary names the leaking party".

Read from top to bottom; each test goes on where the one above it stopped. The tool is a small mailing-list server
(`examples/contractor/list_tool.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest

from examples.contractor import list_tool
from examples.contractor.list_tool import HOST, ListTool
from sekisho.faces.unsafe.demo import free_port
from sekisho.faces.unsafe.people import Race, runners
from tests import node
from tests.faces.conftest import Said, sekisho

LIST = runners()
TOOL = list_tool.DOMAIN


class Untried(Race):
    """A race of whose contractors' tools nobody knows anything yet."""

    def clear(self, row: str, paper: str) -> None:
        """Nothing is said for the tool."""


@dataclass
class Story:
    """What the tests hand down."""

    node: Any
    race: Untried
    folder: Path
    known: dict[str, str] = field(default_factory=dict)

    def typed(self, *words: str, who: str = "desk", lang: str = "en", json: bool = True) -> Said:
        key = self.node.place.folder / "unsafe-demo-people" / f"unsafe-demo-{who}.key"
        at = {"SEKISHO_CONFIG": str(self.node.place.settings_path), "SEKISHO_KEY": str(key)}
        return sekisho(*(("--json",) if json else ()), "entrust", *words, lang=lang, **at)

    def tool(self, *words: str, **how: Any) -> Said:
        return self.typed("tool", words[0], self.known["agency"], *words[1:], **how)

    def paper(self, name: str) -> str:
        path = self.folder / name
        path.write_text(f"{name}, signed by M. Sakurai\n", encoding="utf-8")
        return str(path)

    def answered(self, template: str, on: tuple[str, ...] = ()) -> str:
        """The questions as the contractor fills them in: off, but for these."""
        self.paper("manual.pdf")
        said = template.replace("# on = false", "on = false")
        for word, value in {"tool": "Posty", "release": "3.1", "named": "M. Sakurai", "evidence": "manual.pdf"}.items():
            said = said.replace(f'{word} = ""', f'{word} = "{value}"', 1)
        for name in on:
            said = said.replace(f"[answers.{name}]\non = false", f'[answers.{name}]\non = true\nwho = "the organiser"')
        path = self.folder / "answered.toml"
        path.write_text(said, encoding="utf-8")
        return str(path)

    def drilled(self, **switches: Any) -> Said:
        """Four made-up people over real SMTP; the sink's port is chosen by the machine, so the tool learns it from us."""
        tool = ListTool(free_port(), **switches)
        with list_tool.running(tool) as port:
            steps = {"sign-up": "join", "post": "list", "delete": "desk", "unsubscribe": "leave"}
            doors = "\n".join(f'[steps.{step}]\nto = "{door}@{TOOL}"\nsubject = "{step}"' for step, door in steps.items())
            head = f'release = "3.1"\nserver = "{HOST}:{port}"\nlisten = "{HOST}:{tool.out}"\ndomain = "drill.example.jp"\nquiet = 0.05\n'
            (self.folder / "drill.toml").write_text(head + doors + "\n", encoding="utf-8")
            return self.tool("drill", str(self.folder / "drill.toml"), "--mails", str(self.folder / f"mails-{port}"), who="engineer")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with node.running(tmp_path_factory.mktemp("tried") / "node") as running:
        place = running.place
        race = Untried(place.folder / "parties", place.outside(), place.keys(), place.book)
        yield Story(running, race, tmp_path_factory.mktemp("papers"))


def test_before_the_tool_is_known_nobody_gets_a_permit_however_many_sign(story: Story) -> None:
    story.known["agency"] = story.race.enter("agency")
    plan = story.race.propose(story.known["agency"], LIST)
    assert any("the drill with made-up people passed" in w["en"] for w in story.race.missing(plan))
    assert story.race.approve(plan) == []
    assert story.tool("drill", str(story.folder / "none.toml")).code == 2


def test_the_contractor_answers_every_question_and_an_open_one_is_named(story: Story) -> None:
    template = story.typed("tool", "questions", json=False).out
    assert len(tomllib.loads(template)["answers"]) == len(story.typed("tool", "questions").json["questions"]) >= 40
    half = template.replace("[answers.list-mail]\n# on = false", "")
    said = story.tool("declare", story.answered(half), story.paper("declared.pdf"))
    assert (said.code, said.json["error"]["detail"]["fields"]) == (1, ["list-mail"])
    said = story.tool("declare", story.answered(template), story.paper("declared.pdf"))
    assert (said.code, said.json["clear"]) == (0, "no-drill")


def test_the_drill_catches_the_list_function_nobody_declared_and_names_its_mails(story: Story) -> None:
    """2024: "we did not know of that function"."""
    said = story.drilled(lists=True)
    assert (said.code, said.json["clear"]) == (1, "undeclared-function")
    assert {"list-mail", "sender-shown"} <= set(said.json["undeclared"])
    dealt = [h for h in said.json["caught"] if h["function"] == "sender-shown" and h["step"] == "post"]
    assert [(h["to"], h["shows"], h["where"]) for h in dealt] == [("b", ["a"], "header from"), ("c", ["a"], "header from")]
    no = story.tool("go", story.paper("sheet.pdf"), "--named", "M. Sakurai", who="reviewer-a")
    assert (no.code, no.json["error"]["code"]) == (1, "tool-not-clear")


def test_the_sheet_says_so_and_can_be_printed_in_both_languages(story: Story) -> None:
    for lang in ("ja", "en"):
        path = story.folder / f"sheet-{lang}.pdf"
        assert story.tool("sheet", str(path), lang=lang).code == 0
        assert path.read_bytes().startswith(b"%PDF-")


def test_with_the_function_off_the_drill_passes_and_both_sign(story: Story) -> None:
    said = story.drilled()
    assert (said.code, said.json["clear"], said.json["caught"], said.json["mails"]) == (0, "no-sheet", [], 0)
    refused = story.tool("go", story.paper("sheet.pdf"), "--named", "M. Sakurai", who="desk")
    assert refused.json["error"]["code"] == "wrong-role"
    assert story.tool("go", story.paper("sheet.pdf"), "--named", "M. Sakurai", who="reviewer-a").json["clear"] == "clear"
    assert "可：実際のデータを入れてよい" in story.typed("tool", "list", lang="ja", json=False).out


def test_now_the_list_goes_out_with_people_of_our_own_in_it(story: Story) -> None:
    (permit,) = story.race.approve(story.race.propose(story.known["agency"], LIST))
    story.known["given"] = story.race.give(permit, LIST)
    assert story.race.ended(story.known["given"])["canaries"] == 2


def test_a_mail_to_one_of_them_that_nobody_approved_names_the_party(story: Story) -> None:
    identity = pyrage.x25519.Identity.from_str(story.race.parties[story.known["agency"]].read_text(encoding="utf-8").strip())
    sealed = Path(story.node.place.settings.folder) / "act" / "outbox" / f"{story.known['given']}.csv.age"
    opened = bytes(pyrage.decrypt(sealed.read_bytes(), [identity])).decode("utf-8-sig")
    leaked = next(line.split('"')[3] for line in opened.splitlines() if "@sink." in line)
    mail = story.folder / "leaked.eml"
    mail.write_bytes(f"From: Great Shoes <news@shoes.example>\r\nTo: {leaked}\r\nMessage-ID: <1@shoes.example>\r\n\r\nBuy!\r\n".encode())
    said = story.typed("hand-over", "canary", leaked, str(mail))
    assert (said.code, said.json["explained"], said.json["to"], said.json["hand_over"]) == (0, False, "Sakura Agency", story.known["given"])
    words = story.typed("hand-over", "list", json=False).out
    assert "A leak, by the look of it: from the list of Sakura Agency" in words
    assert "shoes.example" in words
    other = story.typed("hand-over", "canary", "runner01@example.jp", str(mail))
    assert (other.code, other.json["known"]) == (0, False)


def test_a_new_release_stops_everything_until_it_is_tried_again(story: Story) -> None:
    (permit,) = story.race.approve(story.race.propose(story.known["agency"], LIST, why_not_lower="a second mailing"))
    said = story.tool("released", "3.2").json
    assert said["clear"] == "stale"
    assert permit in said["permits"]
    assert story.race.approve(story.race.propose(story.known["agency"], LIST, why_not_lower="a third mailing")) == []
