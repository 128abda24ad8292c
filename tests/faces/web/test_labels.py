"""Both languages are whole."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from sekisho import desk
from sekisho.faces.web import codes, codes_desk, i18n
from sekisho.faces.web.errors import TROUBLES
from sekisho.faces.web.render import environment
from sekisho.law import words
from tests.faces.web.labels import extracted, japanese

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def texts(message: Any) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def test_every_label_has_its_japanese() -> None:
    """A label added to a template or to the code without its translation fails here, by name."""
    have = {m.id: m for m in japanese() if m.id}
    missing = [m.id for m in extracted() if m.id and (m.id not in have or not all(texts(have[m.id])) or have[m.id].fuzzy)]
    assert not missing, missing


def test_no_translation_is_left_over() -> None:
    """What nothing asks for any more is gone from the file too."""
    asked = {m.id for m in extracted()}
    assert [m.id for m in japanese() if m.id and m.id not in asked] == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    """A translation that drops or invents a placeholder would break its page."""
    for message in japanese():
        if message.id:
            source = message.id[-1] if isinstance(message.id, tuple) else message.id
            for text in texts(message):
                assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source)), source


def test_translations_are_japanese() -> None:
    """Not the English sentence copied over."""
    same = {"Sekisho"}
    assert [m.id for m in japanese() if m.id and m.id not in same and m.id in texts(m)] == []


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("role", words.Role),
        ("element", words.Element),
        ("act", words.Act),
        ("kind", words.Kind),
        ("axis", words.Axis),
        ("ground", words.Ground),
        ("authority", words.Authority),
        ("certainty", words.Certainty),
        ("voucher", words.VouchedBy),
    ],
)
def test_every_word_of_the_law_has_a_sentence(table: str, values: Any) -> None:
    """A value added to `law.words` shows on a page as words, not as its code."""
    assert {v.value for v in values} <= set(codes.TABLES[table])


def test_every_ledger_entry_type_has_words() -> None:
    """And no word stands for a type that does not exist."""
    from sekisho.ledger.entry import EntryType

    assert {t.value for t in EntryType} == set(codes_desk.ENTRIES)


def test_an_error_says_what_happened_and_what_to_do() -> None:
    """Two sentences for each, in both languages."""
    labels = {m.id for m in japanese()}
    for trouble in TROUBLES.values():
        assert {trouble.title, trouble.next} <= labels


def test_every_refusal_of_the_desk_has_words() -> None:
    """Each `No("...")` in the desk has a page of its own, or a sentence the page of refusals shows, in both languages."""
    raised = {
        call.args[0].value
        for path in Path(desk.__path__[0]).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "No" and call.args and isinstance(call.args[0], ast.Constant)
    }
    assert len(raised) > 50
    said = {c for c in raised if all(environment(language).filters["refusal"](c) for language in i18n.LANGUAGES)}
    assert raised - said - set(TROUBLES) == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_template_can_be_shown(language: str) -> None:
    """A console compiles a page when somebody first asks for it: what does not compile is found here."""
    templates = environment(language).list_templates()
    assert len(templates) > 50
    assert {environment(language).get_template(name).name for name in templates} == set(templates)


def test_a_clean_clone_needs_no_compiled_file() -> None:
    """Only the .po file is in the tree; it is compiled in memory."""
    assert not list(Path(i18n.LOCALE).rglob("*.mo"))
    assert i18n.catalogue("ja").gettext("Overview") == "概況"
    assert i18n.catalogue("ja").ngettext("%(count)s thing is missing", "%(count)s things are missing", 3) == "不足が%(count)s件あります"
