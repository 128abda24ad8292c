"""`sekisho cases`, typed by people of a real office: in Japanese, in English and for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.faces.commands import cases, examining, wording
from sekisho.faces.words.say import refuse
from tests.desk.caseload import PDF, Caseload
from tests.desk.conftest import _founded, _stood, founded, office  # noqa: F401 - fixtures of the desk's tests, used here by name
from tests.desk.office import Office
from tests.faces.conftest import Said, typed

Typing = Callable[..., Said]

CLAIM = """claimant = "見本 花子"
received_on = 2026-11-21
language = "ja"
"""
SHOWN = """where_posted = "掲示板の34番"
posted = "一行目"
infringed_right = "honour"
reason = "事実ではない"
"""


@pytest.fixture
def typing(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typing:  # noqa: F811 - the fixture imported above
    """A terminal of this office: the commands are real, and so is the desk behind them; only the socket between is not."""

    @contextmanager
    def outside(_config: Path) -> Iterator[Outside]:
        try:
            yield office.outside("terminal")
        except KeepSaidNo as no:
            raise refuse(no.code, no.detail) from no

    for module in (cases, wording):
        monkeypatch.setattr(module, "outside", outside)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "claim.toml").write_text(CLAIM, encoding="utf-8")
    (folder / "shown.toml").write_text(SHOWN, encoding="utf-8")
    (folder / "claim.pdf").write_bytes(PDF)

    def type_(*words: str, who: str = "", lang: str = "en") -> Said:
        key = ["--key", str(office.home / "people" / f"{who}.key")] if who else []
        return typed(folder, "--lang", lang, "cases", *words, *key, lang=lang)

    return type_


@pytest.fixture
def load(office: Office) -> Caseload:  # noqa: F811 - the fixture imported above
    return Caseload(office)


def opened(typing: Typing) -> str:
    said = typing("open", "deletion-inquiry", "--facts", "claim.toml", who="desk")
    assert said.code == 0, said.out + said.err
    return said.out.split()[2]


def test_a_claim_is_taken_in_completed_and_shown(typing: Typing, load: Caseload) -> None:
    number = opened(typing)
    assert number == "2026-00001"
    shown = typing("show", number)
    assert "✗ complete  The claim is complete" in shown.out
    assert "not attached yet: the claim" in shown.out
    assert typing("attach", number, "claim.pdf", "--paper", "claim", who="desk").code == 0
    moved = typing("move", number, "complete", "--facts", "shown.toml", who="desk")
    assert moved.code == 0, moved.err
    assert "2026-00001" in moved.out
    assert "Ask the sender, or decide on another ground." in moved.out
    assert load.case(number)["state"] == "complete"


def test_the_list_stands_in_both_languages_and_for_machines(typing: Typing, load: Caseload) -> None:
    load.counting()
    assert "soon" in typing("list").out
    japanese = typing("list", lang="ja").out
    assert "まもなく" in japanese
    assert "期間進行中" in japanese
    (row,) = json.loads(typing("list", "--json").out)["cases"]
    assert (row["when"], row["days_left"]) == ("soon", 7)
    assert "No cases" in typing("list", "--shown", "closed").out
    assert typing("list", "--shown", "mine").code == 1


def test_a_refusal_names_what_is_lacking_line_by_line(typing: Typing) -> None:
    number = opened(typing)
    said = typing("move", number, "complete", "--set", "where_posted=here", who="desk")
    assert said.code == 1
    for line in ("posted: not told", "reason: not told", "claim: not attached yet"):
        assert f"✗ {line}" in said.err
    machine = json.loads(typing("move", number, "complete", "--json", who="desk").out)
    assert machine["error"]["code"] == "move-lacks"
    assert {"code": "paper-missing", "name": "claim"} in machine["error"]["detail"]["lacks"]


def test_facts_typed_one_by_one_are_of_their_types(typing: Typing, load: Caseload) -> None:
    told = ["agency=見本県警", "official=警部 見本", "received_on=2026-11-21", "in_writing=yes", "language=en"]
    said = typing("open", "authority-preservation", *(w for t in told for w in ("--set", t)), who="desk")
    assert said.code == 0, said.err
    number = said.out.split()[2]
    typing("attach", number, "claim.pdf", "--paper", "request", who="desk")
    data = f"data={load.permit}/*/2026-11-01..2026-11-21,{load.permit}/party/2026-11-22"
    words = ["--set", "named_records=logs", "--set", "days=30", "--set", data]
    moved = typing("move", number, "hold", *words, who="officer")
    assert moved.code == 0, moved.err
    (held,) = load.case(number)["holds"]
    assert held["data"] == [f"{load.permit}/*/2026-11-01..2026-11-21", f"{load.permit}/party/2026-11-22"]
    shown = typing("show", number).out
    assert "⏸" in shown
    assert "Preservation of communication records" in shown
    assert "is it in writing?: yes" in shown


@pytest.mark.parametrize("words", [("--set", "claimant"), ("--facts", "nowhere.toml"), ("--facts", "claim.pdf")])
def test_facts_that_cannot_be_read_are_typed_wrong(words: tuple[str, str], typing: Typing) -> None:
    said = typing("open", "deletion-inquiry", *words, who="desk")
    assert said.code == 2
    assert "Traceback" not in said.err


def test_a_file_goes_in_and_comes_out_and_overwrites_nothing(typing: Typing, tmp_path: Path) -> None:
    number = opened(typing)
    attachment = json.loads(typing("attach", number, "claim.pdf", "--json", who="desk").out)["attachment"]
    out = tmp_path / "out.pdf"
    assert typing("fetch", attachment, str(out)).code == 0
    assert out.read_bytes() == PDF
    assert typing("fetch", attachment, str(out)).code == 2
    assert typing("fetch", "attachment-0000000000000000", str(tmp_path / "x")).code == 1
    assert typing("attach", number, "nowhere.pdf", who="desk").code == 2


@pytest.mark.parametrize(("lang", "unscanned", "danger"), [("en", "no scanner is set up", "DANGER"), ("ja", "設定されていません", "危険")])
def test_a_file_in_which_malware_was_found_says_so_and_is_taken_out_only_with_a_warning(
    typing: Typing, load: Caseload, tmp_path: Path, lang: str, unscanned: str, danger: str
) -> None:
    number = opened(typing)
    attachment = load.attach(load.case(number)["id"], content=b"a plain claim", name="a.txt")
    assert unscanned in typing("show", number, lang=lang).out
    load.office.channel("scan").call("scanned", attachment=attachment, state="found", name="Eicar", by="ClamAV 1.4.6")
    assert f"{danger}" in (shown := typing("show", number, lang=lang).out)
    assert "Eicar  ClamAV 1.4.6" in shown
    refused = typing("fetch", attachment, str(tmp_path / "a.txt"), lang=lang)
    assert (refused.code, "--take-out-danger" in refused.err) == (1, True)
    taken = typing("fetch", attachment, str(tmp_path / "a.txt"), "--take-out-danger", lang=lang)
    assert (taken.code, danger in taken.out) == (0, True)
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["DANGER-a.txt.danger"]


@pytest.mark.parametrize(
    ("socket", "code", "words"), [("", 0, "No malware scanner is set up"), ("nowhere.sock", 1, "The malware scanner is away")]
)
def test_the_doctor_says_whether_the_scanner_is_there(
    typing: Typing, load: Caseload, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, socket: str, code: int, words: str
) -> None:
    monkeypatch.setattr(examining, "outside", cases.outside)
    load.attach(load.case(opened(typing))["id"], content=b"a plain claim", name="a.txt")
    if socket:
        settings = load.office.home / "sekisho.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + f'\n[scan]\nsocket = "{socket}"\n', encoding="utf-8")
        load.office.reopen()
    said = typed(tmp_path, "--lang", "en", "doctor", "scan")
    assert (said.code, words in said.out, "files not scanned: 1" in said.out) == (code, True, True)
    assert json.loads(typed(tmp_path, "doctor", "scan", "--json").out)["waiting"] == 1


def test_a_hold_is_ordered_shown_and_lifted(typing: Typing, load: Caseload) -> None:
    number = opened(typing)
    data = f"{load.permit}/*/2026-11-21"
    order = ["hold", number, "--data", data, "--until", "2026-12-31", "--reason", "court order"]
    assert typing(*order, who="desk").code == 1
    said = typing(*order, who="officer")
    assert said.code == 0, said.err
    assert "nobody may open it for that" in said.out
    (held,) = load.case(number)["holds"]
    assert held["until"].startswith("2026-12-31T15:00")
    assert "on hold" in typing("list").out
    assert typing("lift", held["id"], "--reason", "lifted", who="officer").code == 0
    assert "on hold" not in typing("list").out
    assert typing("hold", number, "--data", data, "--until", "tomorrow", "--reason", "x", who="officer").code == 2


def test_texts_are_listed_and_adopted_by_the_officer(typing: Typing) -> None:
    assert "✗ deletion-inquiry@1" in typing("texts").out
    assert typing("adopt", "deletion-inquiry@1", who="desk").code == 1
    assert typing("adopt", "deletion-inquiry@1", who="officer").code == 0
    assert "✓ deletion-inquiry@1" in typing("texts").out
    assert typing("adopt", "love-letter@1", who="officer").code == 1


def test_a_prepared_text_is_offered_filled_in_and_taken_by_its_name(typing: Typing, load: Caseload) -> None:
    number = opened(typing)
    said = typing("prepared", number, "ask-claimant", lang="ja").out
    assert "lacking-where@1  掲載された場所が分からない  (補ってほしい点)" in said
    assert "掲載された場所が特定できません。" in said
    assert typing("prepared", number, "draft").code == 1
    assert "No text is prepared for this move" in typing("prepared", number, "acknowledge").out
    refused = typing("move", number, "ask-claimant", "--text", "love-letter@1", who="desk")
    assert refused.code == 1
    assert "lacking-identity@1" in refused.err
    assert typing("move", number, "ask-claimant", "--text", "lacking-where@1", who="desk").code == 0
    assert load.case(number)["made"][-1]["facts"][0]["value"].startswith("掲載された場所が特定できません")
    mine = ("--text", "lacking-where@1", "--set", "lacking=in my own words")
    assert typing("move", number, "ask-claimant", *mine, who="desk").code == 0
    assert load.case(number)["made"][-1]["facts"][0]["value"] == "in my own words"
    blank = typing("move", number, "drop", "--text", "dropped-taken-back@1", who="officer")
    assert blank.code == 1
    assert "fact-blank" in blank.err or "write here" in blank.err, blank.err


def test_a_case_is_taken_over_by_whoever_signs(typing: Typing, load: Caseload) -> None:
    number = opened(typing)
    assert f"It is yours now: {number}" in typing("take", number, who="officer").out
    assert load.case(number)["owner"]["name"] == "officer"
    assert typing("take", number, who="officer").code == 1
    assert "(officer)" in typing("list").out


def test_several_texts_are_adopted_by_one_command_and_a_draft_waits(typing: Typing) -> None:
    number = opened(typing)
    assert "2 more wait for the legal officer" in typing("prepared", number, "drop").out
    assert typing("adopt", "dropped-taken-back@1", "dropped-no-answer@1", who="officer").out.count("Adopted") == 2
    assert "wait for" not in typing("prepared", number, "drop").out


def test_procedures_are_listed_with_what_their_opening_asks(typing: Typing) -> None:
    said = typing("procedures", lang="ja").out
    assert "authority-preservation  通信履歴の保全要請（捜査機関）  [CCP 197(3)-(5)]" in said
    assert "claimant_contact?: str" in said
    found: list[dict[str, Any]] = json.loads(typing("procedures", "--json").out)
    assert {p["id"] for p in found} >= {"authority-preservation", "deletion-inquiry"}
    assert all(p["opening"]["does"]["ja"] for p in found)
