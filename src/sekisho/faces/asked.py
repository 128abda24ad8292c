"""What the terminal says where somebody asks: decide, ask, schema, the case book, the dossier. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

ASKED: Mapping[str, tuple[str, str]] = {
    "known-are": ("使えるもの", "known are"),
    "assumed": ("仮に置いたもの（まだ誰も出していません）", "Taken on trust (nobody has laid it in yet)"),
    "assumed-confirmation": ("法務責任者の確認", "confirmation by the legal officer"),
    "probe": ("測定", "measured by"),
    "document": ("書類", "document"),
    "statement": ("陳述", "statement of"),
    "law-of": ("この日の法:", "law of"),
    "what-do-you-want": ("何をしたいですか:", "We want to:"),
    "which-one": ("どれですか（空欄: やめる）", "Which one (nothing: none of them)?"),
    "which-step": ("どの手順ですか", "Which step?"),
    "yes-or-no": ("はい / いいえ / わからない（空欄）:", "yes / no / don't know (empty):"),
    "fits": ("事例集にある、近い施策", "What the case book has for this"),
    "fits-not": ("事例集には見当たりません。いちばん近いもの", "The case book has nothing that says this. The nearest"),
    "ask-the-officer": (
        "事例集にないことは、認められたことではありません。法務責任者に相談してください。",
        "What the book does not have is not thereby allowed: ask the legal officer.",
    ),
    "go-on": ("次に", "Go on with"),
    "nothing-asked": ("したいことを書いてください", "Say what you want to do"),
    "not-a-day": ("日付は 2026-11-21 の形で書いてください", "Write the day like 2026-11-21"),
    "file-exists": ("すでにファイルがあります。別の名前にしてください", "The file is there already; give another name"),
    "cannot-write": ("書き込めません", "This cannot be written"),
    "saved": ("書きました", "Written"),
    "written": ("書きました", "Written"),
    "no-font": (
        "日本語のフォントがありません。fonts-noto-cjk を入れてください（make parts、または apt-get install fonts-noto-cjk）",
        "There is no Japanese font here: install fonts-noto-cjk (`make parts`, or apt-get install fonts-noto-cjk)",
    ),
    "not-set": ("この書式は組めません", "This template cannot be set"),
    "no-words": ("書式の文言がありません", "The words of this paper are not there"),
    "plan-head": (
        "sekisho ask が書いた計画です。続きは sekisho decide で尋ねてください。\n行頭の # を外し、値を自社のものに直してください。",
        "A plan written by `sekisho ask`. Ask again with `sekisho decide`.\nTake the # away from what you have, and put your own values.",
    ),
    "plan-example": (
        "以下の値は事例集の例です。自社の書類と測定の値に直してください。",
        "The values below are the book's examples: put those of your own papers and measurements.",
    ),
    "plan-lacking": ("まだありません。", "Not there yet:"),
}  # fmt: skip
"""A code, and its words."""
