"""Terms and privacy text say what is in force, and a published page that says otherwise is found out, line by line."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.papers import PaperError
from sekisho.desk.posts.posts_texts import Drift, PostsTexts, carry_out, drift
from tests.conftest import ROOT

TEXTS = ROOT / "texts"
TOLD: dict[str, Any] = {
    "service": "chat",
    "operator": {"name": "Example Networks", "window": "Abuse desk", "phone": "00-0000-0000", "hours": "9-17"},
    "large_platform": False,
    "kept": [
        {"kind": "post", "days": 180, "fields": ["source-address", "source-port", "time"]},
        {"kind": "login", "days": 90, "fields": ["source-address"]},
    ],
    "doors": [{"id": "deletion-inquiry", "title": {"ja": "削除の申出", "en": "Ask for deletion"}, "url": "https://chat.example/contact/x"}],
    "days": {"inquiry_days": 7, "election_days": 2, "intimate_days": 2},
}


def written(**changed: Any) -> dict[tuple[str, str], str]:
    return carry_out(PostsTexts({**TOLD, **changed}, TEXTS))


def page(language: str, **changed: Any) -> str:
    """A site's own page around both texts, as HTML."""
    made = written(**changed)
    lines = "".join(f"<p>{line}</p>\n" for k in ("terms", "privacy") for line in made[k, language].splitlines())
    return f"<html><body><h1>Chat</h1>\n{lines}<p>Thank you.</p></body></html>"


def checked(published: str, **changed: Any) -> list[Drift]:
    return drift(PostsTexts({**TOLD, **changed}, TEXTS), published)


def test_both_texts_stand_in_both_languages_with_the_kinds_and_terms_in_force() -> None:
    made = written()
    assert set(made) == {(k, lang) for k in ("terms", "privacy") for lang in ("ja", "en")}
    assert "投稿：送信元のIPアドレス、送信元のポート番号、日時。180日間保存し" in made["privacy", "ja"]
    assert "log-ins: source IP address. Kept for 90 days" in made["privacy", "en"]
    assert "翌日から7日" in made["terms", "ja"]
    assert "Ask for deletion: https://chat.example/contact/x" in made["terms", "en"]
    for text in made.values():
        assert "{{" not in text
        assert "@" not in text


def test_what_is_not_kept_is_not_said_to_be_kept() -> None:
    made = written(kept=[])
    assert "当社は、投稿に伴う接続の記録を保存していません。" in made["privacy", "ja"]
    assert "180" not in made["privacy", "ja"] + made["privacy", "en"]
    assert "保存していません" not in written()["privacy", "ja"]


def test_only_a_large_platform_promises_what_only_it_owes() -> None:
    assert "Article 25" not in written()["terms", "en"]
    assert "Article 25" in written(large_platform=True)["terms", "en"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_that_says_what_is_in_force_has_not_drifted(language: str) -> None:
    assert checked(page(language)) == []
    assert checked("\n".join(written()[k, language] for k in ("terms", "privacy"))) == []


@pytest.mark.parametrize(
    ("changed", "gone"),
    [
        ({"kept": [{"kind": "post", "days": 90, "fields": ["time"]}]}, "90"),
        ({"kept": []}, "保存していません"),
        ({"days": {"inquiry_days": 14, "election_days": 2, "intimate_days": 2}}, "14"),
        ({"operator": {**TOLD["operator"], "window": "Legal desk"}}, "Legal desk"),
        ({"doors": []}, "設定の指紋"),
        ({"large_platform": True}, "第25条"),
    ],
)
def test_a_setting_that_changed_since_is_named(changed: dict[str, Any], gone: str) -> None:
    drifts = checked(page("ja"), **changed)
    assert {d.language for d in drifts} == {"ja"}
    assert any(line.startswith("- ") and gone in line for d in drifts for line in d.lines)


def test_a_promise_added_by_hand_between_the_lines_is_a_drift_too() -> None:
    published = page("ja").replace("<p>これらは暗号化", "<p>- ログイン：永久に保存します。</p>\n<p>これらは暗号化")
    assert any("永久" in line for d in checked(published) for line in d.lines)


def test_a_page_without_the_texts_has_drifted() -> None:
    for published in ("", "<html></html>", written()["terms", "ja"]):
        assert checked(published)


def test_words_that_lack_something_are_named_with_their_file(tmp_path: Path) -> None:
    folder = tmp_path / "terms"
    folder.mkdir()
    words = (TEXTS / "terms" / "posts@1.toml").read_text(encoding="utf-8")
    (folder / "posts@1.toml").write_text(words.replace("{{operator}}", "{{owner}}"), encoding="utf-8")
    with pytest.raises(PaperError, match="owner"):
        carry_out(PostsTexts(deepcopy(TOLD), tmp_path))
    with pytest.raises(PaperError, match=r"posts@1\.toml"):
        carry_out(PostsTexts(TOLD, tmp_path / "nowhere"))
