"""What the terminal says of contractors who hand in mailings, and of replies; refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

CONTRACTORS: Mapping[str, tuple[str, str]] = {
    "admitted": ("原稿を出せるようにしました（番号・宛先の人数）", "Admitted (number; people in the set)"),
    "admitted-token": (
        "合い鍵です。いま一度だけ示します。本人だけに渡してください",
        "The token, shown this once. Give it to that person alone",
    ),
    "admitted-until": ("委託の最終日が過ぎると、合い鍵はひとりでに使えなくなります", "It opens nothing from then on by itself"),
    "no-admissions": ("原稿を出せる委託先の人はいません", "No contractor's person may hand in mailings"),
    "admission-in-force": ("有効", "in force"),
    "admission-shut": ("終了", "shut"),
    "admission-row-not-in-force": ("委託が有効でない", "the entrustment is not in force"),
    "admission-ended": ("合い鍵を使えなくしました", "The token opens nothing any more"),
    "hand-in-names-somebody": (
        "保留：本文が宛先の誰かの氏名を挙げています。委託先には伝えていません",
        "held: its text names somebody of the set; the contractor was not told",
    ),
    "hand-in-": ("保留", "held"),
}
REPLIES: Mapping[str, tuple[str, str]] = {
    "reply-at-desk": ("窓口へ封じて渡しました。誰にも転送しません", "Sealed for the desk; sent on to nobody"),
    "reply-too-many": ("同じメールへの返信が多すぎます。窓口には渡していません", "Too many replies to one mail: not taken"),
    "reply-too-large": ("返信が大きすぎます（256 KiB まで）。窓口には渡していません", "Larger than 256 KiB: not taken"),
    "reply-late": ("この連絡メールの鍵はもうありません。窓口には渡していません", "The key of its campaign is gone: not taken"),
    "no-replies": ("返信はありません", "No reply"),
    "reply-to": ("このメールを受け取った人", "Who got the mail it answers"),
    "reply-claims": ("差出人と称しているもの", "Claims to be from"),
    "reply-settled": ("対応を終え、本文を消しました", "Settled; its words are gone"),
    "reply-is-on-its-way": ("回答を、書いた本人だけに送ります", "The answer goes to whoever wrote, and to nobody else"),
    "answer-is-waiting": ("回答はこれから送信", "its answer waits to be sent"),
    "answer-is-begun": ("回答を送信中", "its answer is being sent"),
    "answer-is-accepted": ("回答を送信した", "its answer was sent"),
    "answer-is-refused": ("回答をサーバが断った", "its answer was refused by the server"),
    "answer-is-unknown": ("回答が届いたか分からない", "nobody knows whether its answer left"),
    "answer-is-stopped": ("回答は止まった（許可証が終わった）", "its answer was stopped with its permit"),
    "answer-is-unsendable": ("回答を送れない", "its answer could not be sent"),
    "reply-is-new": ("未読", "new"),
    "reply-is-read": ("開いた", "read"),
    "reply-is-closed": ("終了", "settled"),
    "reply-is-answered": ("回答した", "answered"),
    "reply-is-nothing-asked": ("回答は不要", "nothing asked"),
    "reply-is-case": ("事案にした", "became a case"),
}
CONTRACTOR_REFUSALS: Mapping[str, tuple[str, str]] = {
    "wrong-admission": ("admission.toml か people.csv の書き方が正しくありません", "admission.toml or people.csv is not written as one"),
    "admission-incomplete": ("足りないか正しくない欄があります", "Fields are missing or wrong"),
    "more-than-the-row": ("委託の台帳にある人数より多い宛先です", "These are more people than the row of the register says"),
    "unknown-admission": ("この番号はありません", "There is no such admission"),
    "admission-shut": ("この合い鍵は使えなくなっています", "This token was shut"),
    "unknown-token": ("この合い鍵では何もできません", "This token opens nothing"),
    "shut-already": ("すでに使えなくしてあります", "It was shut before"),
    "too-many-today": ("今日はこれ以上出せません", "No more may be handed in today"),
    "unknown-reply": ("この返信はありません", "There is no such reply"),
    "answered-already": ("この返信にはもう回答しています", "This reply was answered already"),
    "not-an-answer": (
        "この文面では送れません（空、4000字超、見えない文字、> で始まる引用の行、アドレス）",
        "These words cannot be sent: empty, over 4000 letters, unseen characters, quoted lines that begin with >, or an address",
    ),
    "reply-gone": ("この返信の本文はもうありません", "The words of this reply are gone"),
    "reply-not-read": ("まだ開いていない返信です。先に読んでください", "It was not opened yet: read it first"),
    "nobody-named": ("宛先の別名がありません", "No alias was named"),
    "unknown-alias": ("この宛先にない別名があります", "There are aliases that are none of this set"),
}
