"""What the terminal says of an event's board. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

EVENT: Mapping[str, tuple[str, str]] = {
    "panel-live": ("表示中", "shown"),
    "panel-no-permit": ("許可がありません", "no permit"),
    "panel-stopped": ("担当者が止めました", "stopped by the staff"),
    "panel-changed": ("審査したものと違います（審査のやり直し）", "not what was reviewed: to be reviewed again"),
    "panel-objected": ("異議があり、止めています", "somebody objected: off until a named person decides"),
    "panel-too-few": ("端末が少なすぎます", "too few devices to tell them apart from each other"),
    "panel-no-data": ("いま数えたものがありません", "nothing was counted just now"),
    "board-stopped": ("ボードから外しました。終わった許可", "The board is off. Permits ended"),
    "event-written": ("書いたもの", "Written"),
    "event-next": ("次にすること（詳しくは checklist）", "Next (the checklist has the rest)"),
    "event-asks-event": ("催しの名前は？", "What is the event called?"),
    "event-asks-venue": ("会場は？", "Where is it held?"),
    "event-asks-first_day": ("初日は？", "The first day?"),
    "event-asks-last_day": (
        "最終日は？（この日が終わると、ボードは自動で消えます）",
        "The last day? (When it is over, the board goes off by itself.)",
    ),
    "event-asks-organiser": ("ボードに責任を負う団体は？（個人名ではなく）", "Which body answers for the board? (Not a person.)"),
    "event-asks-window": ("問合せの窓口の名前は？", "What is the window called where people ask?"),
    "event-asks-contact": ("窓口のメールか電話は？", "Its mail address or telephone?"),
    "event-asks-url": ("参加者がボードを見る URL は？", "At which URL will attendees find the board?"),
    "event-asks-officer": ("法律について判断を頼む人は？（一人）", "Who is asked about the law? (One name.)"),
    "event-asks-reviewers": (
        "出す前に審査する二人は？（、で区切る）",
        "Who are the two that review before anything is shown? (With commas.)",
    ),
    "event-asks-network": ("会場のネットワークの人は？（、で区切る）", "Who is on the network team? (With commas.)"),
    "event-asks-panels": ("何を見せますか？ 一つずつ。", "What is to be shown? One by one."),
    "event-asks-interface": (
        "インターネット側のインタフェースは？（あとで書いてもよい）",
        "The interface towards the Internet? (May be told later.)",
    ),
    "event-asks-resolver": ("リゾルバの統計はどこに？（あとで書いてもよい）", "Where are the resolver's counters? (May be told later.)"),
    "posters-later": (
        "掲示の PDF はまだ作れません。フォントを入れてから `sekisho event papers` を実行してください",
        "The posters cannot be made yet. Install the fonts, then run `sekisho event papers`",
    ),
    "such-as": ("例", "such as"),
    "yes-empty": ("空欄・y: はい、n: いいえ", "empty or y: yes, n: no"),
}

EVENT_REFUSALS: Mapping[str, tuple[str, str]] = {
    "answers-needed": (
        "答えがありません。端末で実行するか、--answers event.toml を付けてください",
        "There are no answers: run it at a terminal, or give --answers event.toml",
    ),
}
"""What was wrong, and what to do."""
