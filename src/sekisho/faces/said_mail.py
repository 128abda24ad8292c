"""What the terminal says of the mail server's questions. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

STAGES: Mapping[str, tuple[str, str]] = {
    "mail-well": ("メールサーバの問い合わせに答えています", "The mail server is answered"),
    "mail-down": ("数を書き込めません。計画に書かれたとおりに答えています", "Counts cannot be written; the answer is as the plans declare"),
    "mail-silent": (
        "policy の応答がありません。メールサーバは自分の設定に従います",
        "policy does not answer; the mail server goes by its own setting",
    ),
    "mail-not-set-up": (
        "メールサーバからの問い合わせは受けていません（設定の [policy] listen）",
        "No mail server asks here ([policy] listen in the settings)",
    ),
    "mail-no-stage": ("有効な許可証はありません。すべて DUNNO と答えます", "No permit in force: everything is answered DUNNO"),
    "mail-asked": ("問い合わせ", "questions"),
    "mail-refused": ("後回しにした通数", "messages put off"),
    "mail-failed": ("答えられなかった回数", "could not be answered"),
    "mail-unheard": ("まだ policy に届いていません", "not heard by policy yet"),
    "mail-when-pass": ("停止中は通す", "mail passes while down"),
    "mail-when-defer": ("停止中は待たせる", "mail waits while down"),
    "mail-hour": ("時刻（日本時間）", "hour (Japan)"),
    "mail-accounts": ("アカウント", "accounts"),
    "mail-messages": ("通数", "messages"),
    "mail-most": ("最多", "most of one"),
    "mail-bulk": ("大量", "in bulk"),
    "mail-put-off": ("後回し", "put off"),
}
