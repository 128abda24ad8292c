"""`sekisho owed`: an answer one can act on, in two languages, and the same for machines; no node, no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces.conftest import EXAMPLES, Said, typed

FACTS = EXAMPLES / "facts" / "mis-sent-list.toml"


def owed(where: Path, *words: str, lang: str = "en") -> Said:
    return typed(where, "--lang", lang, "owed", *words, lang=lang)


def machine(where: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = typed(where, "--json", "owed", *words).json
    return found


def test_before_the_last_day_it_is_due_with_its_day_and_to_whom(tmp_path: Path) -> None:
    said = owed(tmp_path, str(FACTS), "--on", "2026-06-20")
    assert said.code == 0, said.err
    assert "final report within 30 days" in said.out
    assert "2026-07-01 at the latest (11 days left)" in " ".join(said.out.split())
    assert "Personal Information Protection Commission" in said.out
    assert "This is not legal advice" in said.out


def test_after_it_the_overdue_stands_first_and_the_command_says_so(tmp_path: Path) -> None:
    said = owed(tmp_path, str(FACTS), "--on", "2026-07-10")
    assert said.code == 1
    first = said.out.splitlines()[1]
    assert first.startswith("✗")
    assert "overdue" in " ".join(said.out.split())


def test_the_same_answer_reads_in_japanese(tmp_path: Path) -> None:
    said = owed(tmp_path, str(FACTS), "--on", "2026-07-05", lang="ja")
    text = "".join(said.out.split())
    assert "確報（30日以内）" in text
    assert "期限を過ぎている" in text
    assert "免責の要件を満たす" in text
    assert "消去を止めるだけで、開示を認めるものではない" in text
    assert "これは法的助言ではありません" in text


def test_for_machines_every_node_has_rule_words_source_authority_and_certainty(tmp_path: Path) -> None:
    found = machine(tmp_path, str(FACTS), "--on", "2026-06-20")
    assert (found["on"], found["country"], found["blocks_deletion"]) == ("2026-06-20", "jp", True)
    nodes = [*found["duties"], *found["shields"], *found["holds"]]
    assert len(nodes) > 5
    for node in nodes:
        assert {"ja", "en"} <= node["words"].keys()
        assert node["source"]
        assert node["authority"].startswith("A")
        assert node["certainty"] in ("LAW", "SRC", "SEED", "MEM", "INF")
        assert node["state_words"]["ja"]
        assert node["event"] in ("mis-sent-list", "post-4711", "police-17")


def test_for_machines_states_conditions_and_holds(tmp_path: Path) -> None:
    found = machine(tmp_path, str(FACTS), "--on", "2026-06-20")
    duties = {d["rule"]: d for d in found["duties"]}
    assert (duties["jp/E-06/d2"]["state"], duties["jp/E-06/d2"]["by"], duties["jp/E-06/d2"]["left"]) == ("due", "2026-07-01", 11)
    assert (duties["jp/E-06/d1"]["state"], duties["jp/E-06/d1"]["on"], duties["jp/E-06/d1"]["late"]) == ("done", "2026-06-03", False)
    assert duties["jp/A-10/d2"]["state"] == "not-due"
    assert duties["jp/A-10/d2"]["facts"][0]["fact"] == "secrecy"
    shields = {s["rule"]: s for s in found["shields"]}
    assert (shields["jp/D-03/s1"]["state"], shields["jp/D-03/s1"]["on"]) == ("open", "2026-06-20")
    shut = shields["jp/D-02/s1"]
    assert [m["id"] for m in shut["missing"]] == ["adequate-reason"]
    assert [f["fact"] for f in shut["conditions"][1]["missing"]] == ["adequate_reason"]
    hold = found["holds"][0]
    assert (hold["state"], hold["until"], hold["permits_disclosure"]) == ("holds", "2026-07-08", False)


def test_a_wait_says_when_it_ends(tmp_path: Path) -> None:
    said = owed(tmp_path, str(FACTS), "--on", "2026-06-10")
    assert "the wait ends with 2026-06-12" in " ".join(said.out.split())


def test_today_is_the_default_day(tmp_path: Path) -> None:
    assert machine(tmp_path, str(FACTS))["on"] >= "2026-11-21"


def test_articles_carry_the_number_of_the_day_and_of_today(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text('[[event]]\nkind = "disclosure-claim"\nreceived = 2021-06-01\nanswered = "not-yet"\n', encoding="utf-8")
    duty = machine(tmp_path, str(path), "--on", "2021-06-02")["duties"][0]
    assert duty["cites"] == [{"cite": "PLAT 4(2)", "then": ["PLAT 4(2)"], "now": ["PLAT 6(1)"]}]


def test_a_rule_from_memory_says_whom_to_ask(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text('[operator]\nregime = "TBA"\n[[event]]\nkind = "leak"\nknown = 2019-06-01\nsecrecy = true\n', encoding="utf-8")
    duty = machine(tmp_path, str(path), "--on", "2019-06-02")["duties"][0]
    assert (duty["certainty"], duty["sure"]) == ("MEM", False)
    assert duty["ask"]["ja"]
    assert "not sure; ask the legal officer" in owed(tmp_path, str(path), "--on", "2019-06-02").out


def test_unknown_facts_are_shown_as_held_against_the_operator(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text('[[event]]\nkind = "leak"\n', encoding="utf-8")
    said = owed(tmp_path, str(path))
    assert said.code == 1
    text = " ".join(said.out.split())
    assert "Unknown, so held against you" in text
    assert "nobody said when it began" in text
    assert "(known)" in text


def test_what_the_law_of_that_day_had_no_rule_about(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text('[[event]]\nkind = "intimate-image-request"\nreceived = 2010-06-01\n', encoding="utf-8")
    said = owed(tmp_path, str(path), "--on", "2010-06-02")
    assert said.code == 0
    assert "The book has no rule about this on that day" in said.out


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[[event]]\nkind = "leak"\nknwon = 2026-06-01\n', 3, "perhaps: known"),
        ('[[event]]\nkind = "leak"\nknown = "soon"\n', 3, "not-yet"),
        ('[[event]]\nkind = "leek"\n', 2, "perhaps: leak"),
        ('[operator]\nregime = "none"\n[[event]]\nkind = "leak"\n', 2, "one of the known words"),
        ("[[event]\n", 1, "cannot be read as TOML"),
        ("", None, "it is missing"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(text, encoding="utf-8")
    said = owed(tmp_path, str(path))
    assert said.code == 2
    where = f"{path}:{line}:" if line else str(path)
    assert where in said.err
    assert says in said.err


def test_a_file_that_is_not_there_and_a_day_that_is_none(tmp_path: Path) -> None:
    assert owed(tmp_path, "nowhere.toml").code == 2
    assert owed(tmp_path, str(FACTS), "--on", "someday").code == 2


def test_another_book_may_be_asked(tmp_path: Path) -> None:
    said = owed(tmp_path, str(FACTS), "--book", str(tmp_path))
    assert said.code == 2


def test_a_rule_of_what_is_owed_is_shown_like_a_case(tmp_path: Path) -> None:
    book = str(EXAMPLES.parent / "casebook" / "jp")
    said = typed(tmp_path, "casebook", "show", "jp/D-03/s1", "--book", book)
    assert said.code == 0
    assert "(3) seven days passed from the day the sender received the inquiry" in " ".join(said.out.split())
    found = typed(tmp_path, "--json", "casebook", "show", "jp/A-10/d2", "--book", book).json
    assert (found["kind"], found["clock"]["length"], found["clock"]["unit"]) == ("duty", 30, "days")
    assert typed(tmp_path, "casebook", "show", "jp/A-10/d9", "--book", book).code == 2
