from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.effects.mail import Recipient, compose
from sekisho.effects.texts import LANGUAGES, PLACEHOLDERS, TextError, Texts, jst, load, render
from tests.conftest import ROOT
from tests.effects.conftest import AT, order, relay

OURS = load(ROOT / "texts")
GOLDEN = Path(__file__).parent / "golden"
VALUES = {
    "name": "髙﨑 美咲",
    "reference": "SK-4821-7735",
    "operator": "しずおかネット",
    "first_seen": jst(datetime(2026, 11, 21, 11, 30, tzinfo=UTC)),
    "last_seen": jst(datetime(2026, 11, 21, 11, 32, 4, tzinfo=UTC)),
    "contacts": "12",
    "list_origin": "Example CERT",
    "list_date": "2026-11-21",
    "terms_version": "2024-04-01",
    "help_url": "https://isp.example/check",
    "check_url": "https://isp.example/genuine",
    "my_data_url": "https://isp.example/my-data",
    "withdraw_url": "https://isp.example/notices/off",
    "window_name": "お客さま相談窓口",
    "window_phone": "0120-000-000",
    "window_hours": "9:00-21:00",
}
FRONT = """+++
id = "hello"
version = 1
language = "{language}"
status = "draft"
subject = "To {{{{name}}}}"
+++
{{{{name}}}}, {{{{reference}}}}
"""


def folder(at: Path, **changes: str) -> Path:
    """Two good documents, one of them changed: ja="..." is the whole Japanese file."""
    for language in LANGUAGES:
        (at / language).mkdir(parents=True, exist_ok=True)
        text = changes.get(language, FRONT.format(language=language))
        (at / language / "hello@1.md").write_text(text, encoding="utf-8")
    return at


def hello(at: Path) -> Texts:
    return load(folder(at))


def test_every_text_of_ours_stands_in_both_languages_with_the_same_places() -> None:
    assert "infected-notice@1" in OURS.by_name
    for versions in OURS.by_name.values():
        assert set(versions) == {"ja", "en"}
        assert len({text.places for text in versions.values()}) == 1


def test_shipped_texts_are_drafts_until_an_operator_adopts_them() -> None:
    assert {text.status for versions in OURS.by_name.values() for text in versions.values()} == {"draft"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_says_what_a_notice_must_say(language: str) -> None:
    """What was seen and when, on which ground, whom to ask, how to check it is genuine, how to opt out."""
    text = OURS.find("infected-notice@1", language)
    assert text.places == set(VALUES) <= PLACEHOLDERS
    assert "attach" in text.body or "添付ファイル" in text.body
    assert "guarantee" in text.body or "保証するものではありません" in text.body
    assert text.body.count("{{help_url}}") == 1, "one action, said once"
    assert max(len(line.encode("shift_jis", "replace")) for line in text.body.splitlines()) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_reads_as_it_was_last_looked_at(language: str) -> None:
    """Golden copy: whoever changes a text sees it here as its reader will."""
    rendered = render(OURS.find("infected-notice@1", language), VALUES)
    assert f"{rendered.subject}\n\n{rendered.body}" == (GOLDEN / f"infected-notice@1.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_makes_a_mail_that_passes_the_linter(language: str) -> None:
    rendered = render(OURS.find("infected-notice@1", language), VALUES)
    assert compose(order(), Recipient("misaki@mail.example", VALUES["name"]), rendered, relay(25), AT)


def test_a_value_is_never_read_as_a_template(tmp_path: Path) -> None:
    rendered = render(hello(tmp_path).find("hello@1", "en"), {"name": "{{reference}}", "reference": r"\1 {{name}}"})
    assert rendered.subject == "To {{reference}}"
    assert rendered.body == "{{reference}}, \\1 {{name}}\n"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_value_is_either_refused_or_stands_there_unchanged(name: str, reference: str) -> None:
    text = next(iter(OURS.by_name.values()))["ja"]
    try:
        rendered = render(text, {**VALUES, "name": name, "reference": reference})
    except TextError:
        return
    assert rendered.body.startswith(f"{name} 様\n")
    assert rendered.subject.endswith(f"{reference}）")
    assert rendered.subject.count("\n") == 0


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({}, "needs a value for name, reference"),
        ({"name": "a"}, "needs a value for reference"),
        ({"name": "a", "reference": "b", "operator": "c"}, "no place for operator"),
        ({"name": "a\nb", "reference": "b"}, "one line"),
        ({"name": "a\u2028b", "reference": "b"}, "one line"),
        ({"name": " ", "reference": "b"}, "characters"),
        ({"name": "a" * 301, "reference": "b"}, "characters"),
    ],
)
def test_wrong_values_are_refused_by_name(tmp_path: Path, params: dict[str, str], word: str) -> None:
    with pytest.raises(TextError, match=word):
        render(hello(tmp_path).find("hello@1", "en"), params)


@pytest.mark.parametrize("url", ["http://isp.example/", "javascript:alert(1)", "https://isp.example/ x", "isp.example", "https://"])
def test_a_link_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(TextError, match="help_url must be an https address"):
        render(OURS.find("infected-notice@1", "ja"), {**VALUES, "help_url": url})


GOOD = FRONT.format(language="ja")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (GOOD.replace("+++\n", "", 1), "front matter between"),
        (GOOD.replace("version = 1", "version = 2"), "calls it"),
        (GOOD.replace("version = 1", "version = true"), "version must be int"),
        (GOOD.replace('id = "hello"', 'id = "bye"'), "calls it"),
        (GOOD.replace('language = "ja"', 'language = "en"'), "calls it"),
        (GOOD.replace('status = "draft"', 'status = "final"'), "status is one of"),
        (GOOD.replace('status = "draft"\n', ""), "exactly"),
        (GOOD.replace('status = "draft"', 'status = "draft"\nextra = 1'), "exactly"),
        (GOOD.replace('status = "draft"', 'status = "adopted"'), "is adopted"),
        (GOOD.replace("id =", "id"), "front matter:"),
        (GOOD.replace("{{reference}}", "{{password}}"), "no such placeholder: password"),
        (GOOD.replace("{{reference}}", "{{operator}}"), "differ in operator, reference"),
        (GOOD.replace("{{reference}}", "{{ reference }}"), "no such placeholder"),
        (GOOD.replace("{{reference}}", "{reference}"), "brace that belongs to no placeholder"),
        (GOOD + "{{{reference}}}", "brace that belongs to no placeholder"),
        (GOOD + "\u200b", r"U\+200B"),
        (GOOD + "\u202e", r"U\+202E"),
        (GOOD + "\r\n", r"U\+000D"),
        (GOOD.split("{{name}},")[0], "empty"),
        (GOOD + "x" * 70_000, "more than"),
    ],
)
def test_a_document_that_is_not_as_it_must_be_does_not_load(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(TextError, match=word):
        load(folder(tmp_path, ja=text))


def test_a_document_in_one_language_only_does_not_load(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "en" / "hello@1.md").unlink()
    with pytest.raises(TextError, match="hello@1 is missing in en"):
        load(tmp_path)


def test_a_stray_file_among_the_texts_is_not_passed_over(tmp_path: Path) -> None:
    (folder(tmp_path) / "ja" / "hello@1.md.bak").write_text("x", encoding="utf-8")
    with pytest.raises(TextError, match="id@version"):
        load(tmp_path)


def test_an_empty_folder_is_no_texts(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="holds no texts"):
        load(tmp_path)


def test_bytes_that_are_no_utf8_are_refused_with_their_place(tmp_path: Path) -> None:
    (folder(tmp_path) / "ja" / "hello@1.md").write_bytes(GOOD.encode() + "窓".encode("shift_jis"))
    with pytest.raises(TextError, match="not UTF-8 at octet"):
        load(tmp_path)


def test_one_changed_byte_in_either_language_changes_what_an_approval_signs(tmp_path: Path) -> None:
    before = hello(tmp_path / "a").digest("hello@1")
    assert before == hello(tmp_path / "b").digest("hello@1")
    assert before != load(folder(tmp_path / "c", en=FRONT.format(language="en") + "!")).digest("hello@1")
    assert before != load(folder(tmp_path / "d", ja=FRONT.format(language="ja") + "!")).digest("hello@1")


@pytest.mark.parametrize(("name", "language"), [("hello@2", "ja"), ("hello@1", "fr"), ("hello", "ja")])
def test_a_text_nobody_wrote_is_not_replaced_by_another(tmp_path: Path, name: str, language: str) -> None:
    with pytest.raises(TextError, match="there is no text"):
        hello(tmp_path).find(name, language)


def test_letters_tell_time_in_japan() -> None:
    assert jst(datetime(2026, 11, 21, 20, 31, 2, tzinfo=UTC)) == "2026-11-22 05:31"
    with pytest.raises(TextError):
        jst(datetime(2026, 11, 21, 20, 31))  # noqa: DTZ001 - a time without a zone is what is refused
