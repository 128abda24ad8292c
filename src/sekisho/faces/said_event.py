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
    "portal-leads": ("案内ページへ向けています。許可", "devices that have not answered are led to the page, under"),
    "portal-leads-nobody": ("だれも案内ページへ向けていません", "nobody is led to the page"),
    "portal-answered": ("今日答えた端末", "devices that answered today"),
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
    "rehearsed-opening": ("開場すぐ（端末が少ないとき）に出ない表示", "As the doors open, with few devices, these stay dark"),
    "rehearsed-midday": ("昼に出ない表示", "At midday these stay dark"),
    "hides-nothing": ("なし", "none"),
    "rehearsed-window": ("日・回", "day, window"),
    "rehearsed-shown": ("出る名前", "names shown"),
    "rehearsed-right": ("正しい上位", "top ten right"),
    "rehearsed-error": ("ずれ（台）", "mean error"),
    "rehearsed-best": ("先頭（架空）", "the first (made up)"),
    "rehearsed-loss": ("1日に1台が失うもの", "What a day costs one device"),
    "rehearsed-attacker": (
        "ある一人があるサイトを見たかを言い当てようとする人（100回のうち）",
        "Somebody who guesses whether one person looked a site up, of a hundred times",
    ),
    "rehearsed-all": ("ほか全員のことを知っている", "knows about everybody else"),
    "rehearsed-half": ("半分の人のことを知っている", "knows about half of them"),
    "rehearsed-guesses": (
        "雑音なしの数なら {exact} 回、このボードなら {noisy} 回当たる",
        "right {exact} times from exact counts, {noisy} from this board",
    ),
    "rehearsed-luck": (
        "50回は、何も見なくても当たる数です。名前を出すには、一人ひとりの同意が別に要ります。",
        "Fifty is luck, without a look. To show names needs the consent of each of them besides.",
    ),
    "posters-later": (
        "掲示の PDF はまだ作れません。フォントを入れてから `sekisho event papers` を実行してください",
        "The posters cannot be made yet. Install the fonts, then run `sekisho event papers`",
    ),
    "such-as": ("例", "such as"),
    "yes-empty": ("空欄・y: はい、n: いいえ", "empty or y: yes, n: no"),
}

EVENT_REFUSALS: Mapping[str, tuple[str, str]] = {
    "no-noise": (
        "名前の数に雑音を加えるライブラリがありません。pip install 'sekisho[names]' で入ります",
        "The library that makes the noise is not installed: pip install 'sekisho[names]'",
    ),
    "more-consent-than-devices": ("同意する端末が、会場の端末より多くなっています", "More devices consent than are there"),
    "answers-needed": (
        "答えがありません。端末で実行するか、--answers event.toml を付けてください",
        "There are no answers: run it at a terminal, or give --answers event.toml",
    ),
    "no-portal": ("案内ページの設定がありません。[portal] を書いてください", "No portal is set up: write [portal] in the settings"),
    "portal-not-https": (
        "端末は https の案内ページだけを信じます（RFC 8910）。portal.url を https にし、証明書を設定してください",
        "Devices believe an https portal alone (RFC 8910): make portal.url https, and set its certificate",
    ),
    "no-device": ("端末のアドレスではありません", "That is no device's hardware address"),
    "unknown-purpose": ("そのような問いはありません", "No such question is asked"),
    "device-answered-too-often": (
        "この端末は今日これ以上答えを変えられません。やめることはできます",
        "This device changed its answer too often today; stopping is still possible",
    ),
}
"""What was wrong, and what to do."""
