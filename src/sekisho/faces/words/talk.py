"""What the terminal and mails say of masked talks, refusals included. Japanese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sekisho.law.talk import Reason

MOST = 6
"""Reasons that are named in one line."""
HELD: Mapping[str, tuple[str, str]] = {
    "machine": ("自動で送られたメール（不在通知・不達など）", "sent by a machine (away note, bounce and the like)"),
    "another-writer": ("差出人が当事者の登録アドレスでない", "its sender is not the address this side is known by"),
    "files": ("添付ファイル", "a file came with it"),
    "nothing-left": ("引用と署名のほかに言葉がない", "nothing but quotes and a signature"),
    "address": ("メールアドレス", "a mail address"),
    "telephone": ("電話番号", "a telephone number"),
    "host": ("ウェブサイト・サーバの名前", "the name of a site or a server"),
    "hidden": ("伏せるべき名前・番号", "a name or number that is to stay hidden"),
    "unreadable": ("読み取れない形のメール", "a mail of a form that cannot be read"),
    "unsendable": ("安全なメールに作れない", "no safe mail can be made of it"),
}
LINE = re.compile(r"line (\d{1,6})")
FILE = re.compile(r"(name of )?file (\d{1,4})")
OVER = "over lines"


def held_for(why: Sequence[Reason], language: str) -> str:
    """Kinds and places in one line, the first few of them; never what stood there."""
    said = [one_reason(reason, language) for reason in why[:MOST]]
    more = {"ja": "、ほか", "en": ", and more"}[language if language == "en" else "ja"] if len(why) > MOST else ""
    return ("; " if language == "en" else "、").join(said) + more


def one_reason(reason: Reason, language: str) -> str:
    """One kind and its place."""
    english = language == "en"
    kind = HELD.get(reason.code, (reason.code, reason.code))[english]
    place = _place(reason.where, english=english)
    return f"{place}: {kind}" if english and place else f"{place}：{kind}" if place else kind


def _place(where: str, *, english: bool) -> str:
    if line := LINE.fullmatch(where):
        return f"line {line[1]}" if english else f"{line[1]}行目"
    if file := FILE.fullmatch(where):
        return where if english else f"{file[2]}番目のファイル" + ("の名前" if file[1] else "")
    if where == OVER:
        return "over several lines" if english else "行をまたいで"
    return ""


TALKS: Mapping[str, tuple[str, str]] = {
    "talk-opened": (
        "連絡を登録しました。ほかの人が計画を承認すると始まります",
        "Entered. It begins when somebody else approved the plan",
    ),
    "talk-plan": ("承認する計画", "plan to approve"),
    "talk-until": ("終わり", "until"),
    "talk-open": ("取次ぎ中", "open"),
    "talk-waiting": ("承認待ち", "waits for approval"),
    "talk-withdrawn": ("一方が終えた", "one of them ended it"),
    "talk-stopped": ("許可が終わった", "its permit ended"),
    "talk-over": ("期間満了", "over"),
    "no-talks": ("伏せた連絡はありません", "There is no masked talk"),
    "no-held-mails": ("止めているメールはありません", "No mail is held"),
    "mail-is-waiting": ("取次ぎ待ち", "waiting"),
    "mail-is-begun": ("取次ぎ中", "under way"),
    "mail-is-unsure": ("メールサーバに確認中", "the mail server is being asked"),
    "mail-is-passed": ("取次ぎ済み", "passed on"),
    "mail-is-returned": ("書いた人に返した", "returned to its writer"),
    "mail-is-dropped": ("取り次がなかった", "dropped"),
    "mail-is-held": ("確認待ち", "held"),
    "mail-is-unknown": ("送れたか分からない（二度は送りません）", "nobody knows whether it left; it is not sent again"),
    "mail-is-refused": ("メールサーバが受け付けなかった", "our mail server would not have it"),
    "held-why": ("止めた理由", "held because"),
    "held-own-words": ("書いた人自身の言葉（行番号つき）", "its writer's own words, with line numbers"),
    "held-release": ("次の取次ぎで、もう一度機械が確かめてから送ります", "It goes on when the machine has looked at it once more"),
    "held-return": ("書いた人に、理由だけを知らせます", "Its writer is told why, and nothing else"),
    "held-drop": ("取り次がず、本文を消しました", "It is not passed on, and its words are gone"),
}
TALK_REFUSALS: Mapping[str, tuple[str, str]] = {
    "unknown-talk": ("その番号の連絡はありません", "There is no such talk"),
    "not-a-talk": (
        "この案内は、二人の連絡への同意をたずねるものではありません（目的 masked-talk、宛先はちょうど二人、訓練でないこと）",
        "This invitation does not ask two people to talk: its purpose is masked-talk, it goes to exactly two, and it is no training",
    ),
    "not-both-agreed": ("まだ二人とも同意していません", "Not both of them have agreed"),
    "talk-there-already": ("この案内からの連絡は、すでにあります", "There is a talk of this invitation already"),
    "no-talk-domain": (
        "設定に mail.talks と mail.talk_domain がありません",
        "The settings name neither mail.talks nor mail.talk_domain",
    ),
    "talk-over": ("連絡の期間は終わりました", "The talk is over"),
    "consent-gone": ("一方が同意を取り消しました。この連絡はもう取り次ぎません", "One of them took the consent back: nothing is passed on"),
    "unknown-passing": ("その番号のメールはありません", "There is no such mail"),
    "not-held": ("このメールは止められていません", "This mail is not held"),
    "mail-gone": ("このメールの鍵は廃棄されました", "The key of this mail was destroyed"),
    "cannot-be-released": (
        "当事者の言葉ではないメールは取り次げません。return か drop を選んでください",
        "Neither of the two wrote this in words of their own: choose return or drop",
    ),
    "wrong-lines": ("除く行は 1 から数えた行番号です", "Lines to leave out are numbers from 1"),
}
