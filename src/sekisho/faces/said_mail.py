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
    "mail-agreed": ("同意した受信者", "recipients who agreed"),
    "mail-unheard": ("まだ policy に届いていません", "not heard by policy yet"),
    "mail-when-pass": ("停止中は通す", "mail passes while down"),
    "mail-when-defer": ("停止中は待たせる", "mail waits while down"),
    "mail-hour": ("時刻（日本時間）", "hour (Japan)"),
    "mail-accounts": ("アカウント", "accounts"),
    "mail-messages": ("通数", "messages"),
    "mail-most": ("最多", "most of one"),
    "mail-bulk": ("大量", "in bulk"),
    "mail-put-off": ("後回し", "put off"),
    "sender-held": ("制限中", "held"),
    "sender-told": ("本人に通知済み", "owners told"),
    "sender-restored": ("元に戻した", "let go again"),
    "sender-lifted": ("元に戻しました", "Let go again"),
    "sender-state-held": ("制限中", "held"),
    "sender-state-over": ("1日経過", "a day ago"),
    "sender-state-restored": ("元に戻した", "let go again"),
    "sender-notice-none": ("本人に知らせていません（知らせる許可証か、あて先がない）", "owner not told: no permit to tell, or no address"),
    "sender-notice-waiting": ("通知待ち", "notice waits"),
    "sender-notice-begun": ("通知中", "notice under way"),
    "sender-notice-accepted": ("本人に通知済み", "owner told"),
    "sender-notice-refused": ("通知は受け取られず", "notice refused by the mail server"),
    "sender-notice-unknown": ("通知の結果は不明", "nobody knows whether the notice arrived"),
    "sender-notice-stopped": ("通知は取りやめ", "notice stopped"),
    "sender-notice-unsendable": ("通知を送れない", "notice cannot be sent"),
    "asked-well": ("問い合わせに答えました", "asked, it answered"),
    "asked-away": ("問い合わせても答えがありません", "asked, nobody answered"),
    "asked-not-set-up": ("メールサーバからの問い合わせは受けていません", "no mail server asks here"),
    "postfix-same": ("Postfix の設定は許可証のとおりです", "Postfix is set as the permits declare"),
    "postfix-absent": ("Postfix の設定に、ここへの問い合わせがありません", "Postfix does not ask here"),
    "postfix-differs": (
        "Postfix の設定が許可証と違います（誰も答えないときの扱い）。sekisho mail --postfix で書き直してください",
        "Postfix does something else than the permits declare while nobody answers: write it anew by sekisho mail --postfix",
    ),
    "postfix-unread": (
        "Postfix の設定は読めません（設定の [mail] postfix）",
        "Postfix's configuration cannot be read ([mail] postfix in the settings)",
    ),
    "owners-told": ("持ち主への通知", "owners are told"),
    "owners-untold": ("持ち主に知らせる許可証がありません", "no permit in force tells owners"),
}
