"""Every word of the portal's page beside the questions themselves. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "skip": ("本文へ", "Skip to the text"),
    "welcome": ("会場のWi-Fiへようこそ", "Welcome to the venue Wi-Fi"),
    "open": ("Wi-Fiは、どう答えてもすぐに使えます。", "The Wi-Fi works whichever way you answer, at once."),
    "ask": ("ひとつだけ、お願いがあります", "One thing we would like to ask"),
    "why": (
        "会場の公開ボードのために、次の情報を集めてもよいか伺います。印を付けたものだけを、この端末についてだけ集めます。付けなければ何も集めません。",
        "For the event's public board: may the following be collected? Only what you tick, only about this device; else nothing.",
    ),
    "may": ("この情報を集めてよい", "This may be collected"),
    "refuse": ("何も提供せずに使う", "Use it and share nothing"),
    "agree": ("印を付けたものを提供する", "Share what I ticked"),
    "same": ("どちらのボタンでも、同じ速さで使えます。", "Both buttons take you to the same Wi-Fi, equally fast."),
    "done": ("使えます", "You are connected"),
    "done-words": ("この端末の答えを受け取りました。", "We have the answer of this device."),
    "stands": ("この端末の答え", "The answer of this device"),
    "given": ("提供しています", "sharing"),
    "refused": ("提供していません", "not sharing"),
    "withdrawn": ("やめました", "stopped"),
    "expired": ("期限が過ぎました", "over"),
    "notice-changed": ("文面が変わったため、終わりました", "over: the text changed"),
    "replaced": ("答えを変えました", "changed"),
    "until": ("今日の24時まで", "until midnight"),
    "withdraw": ("すべてやめる", "Stop sharing"),
    "withdraw-words": (
        "一回押すと、その場で終わります。Wi-Fiはそのまま使えます。",
        "One tap, and it ends at once. The Wi-Fi goes on working.",
    ),
    "receipt": ("控え（JSON-LD と証明）", "Receipt (JSON-LD, with proof)"),
    "change": ("答えを変える", "Change the answer"),
    "deeds": ("この端末の情報に何が行われたか", "What was done with this device's data"),
    "deeds-words": (
        "あなたの答えが支える許可を、すべて挙げます。誰の端末かは、ネットワークの担当者には分かりません。",
        "Every permit that your answer carries. The network team is not told whose device this is.",
    ),
    "no-deeds": ("まだ何も行われていません。", "Nothing so far."),
    "looks": ("見た回数", "times looked at"),
    "entry": ("台帳の番号", "ledger entry"),
    "ended": ("終わりました", "over"),
    "goes-on": ("続いています", "going on"),
    "unknown": (
        "この端末を見分けられないため、答えを受け取れません。何も集めません。Wi-Fiはそのまま使えます。",
        "This device cannot be told apart from others, so no answer can be taken. Nothing is collected. The Wi-Fi works as it is.",
    ),
    "again": ("もう一度お答えください", "Please answer once more"),
    "again-words": (
        "画面が古くなっていました。まだ何も記録していません。",
        "The page had grown old. Nothing has been recorded yet.",
    ),
    "often": (
        "今日はこれ以上答えを変えられません。やめることは、いつでもできます。",
        "The answer cannot be changed any more today. Stopping is always possible.",
    ),
    "away": (
        "いま答えを受け取れません。何も集めていません。Wi-Fiは使えます。",
        "No answer can be taken just now. Nothing is collected. The Wi-Fi works.",
    ),
    "who": ("責任を負う団体と窓口", "Who answers for this"),
    "rights": ("相談・苦情の窓口", "Help and complaints"),
    "demo": ("練習用です", "This is a demonstration"),
    "language": ("English", "日本語"),
    "statement": (
        "答えたときに示した文面は、そのまま記録に残ります。",
        "The very words shown here are kept with your answer.",
    ),
}
"""By what it is called: in Japanese, in English."""


def words(language: str) -> Mapping[str, str]:
    """All of them in one language."""
    place = 0 if language == "ja" else 1
    return {name: both[place] for name, both in WORDS.items()}
