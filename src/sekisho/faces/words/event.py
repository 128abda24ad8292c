"""What the terminal says of an event's board. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

EVENT: Mapping[str, tuple[str, str]] = {
    "demo-board": ("ボード", "the board"),
    "demo-enter": ("Enter で次の章へ", "Enter: the next chapter"),
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
    "event-ended": (
        "催しを終えました。終わった許可 {permits}、終わった同意 {consents}、破棄した鍵 {keys}。",
        "The event is over. Permits ended: {permits}. Consents ended: {consents}. Keys destroyed: {keys}.",
    ),
    "event-held": (
        "法的な保全のため残した鍵 {held}。保全が終わったら、もう一度実行してください。",
        "Keys that stay for a legal hold: {held}. Run this again when the hold is over.",
    ),
    "copy-clean": (
        "{files} 個のファイル（{octets} バイト）を調べました。読めるものはありません（封をした答え {answers} 件の鍵は、どれも破棄済み）",
        "{files} files searched ({octets} bytes): nothing can be opened. {answers} sealed answers, each under a destroyed key",
    ),
    "copy-not-clean": (
        "残っています（{files} 個のうち）。破棄した鍵のファイル {keys}、開ける答え {open}、語を含むもの {hits}、調べられないもの {unread}",
        "Not gone, of {files} files: {keys} of destroyed keys, {open} answers that open, {hits} with a word, {unread} not looked into",
    ),
    "event-goes-on": ("まだ終えていません", "not ended yet"),
    "entry": ("台帳", "ledger entry"),
    "event-collected": ("集めたもの", "Collected"),
    "event-shown": ("見せたもの（その日に出せた許可の数）", "Shown (permits under which it could be shown that day)"),
    "event-deleted": ("消したもの（破棄した鍵の数）", "Deleted (keys destroyed)"),
    "event-nothing": ("なし", "nothing"),
    "event-said": (
        "異議 {objections}（未決 {objections_open}、外したまま {kept_off}）、注意 {warnings}（未回答 {warnings_open}）",
        "Objections: {objections} (open {objections_open}, kept off {kept_off}). Warnings: {warnings} (open {warnings_open})",
    ),
    "event-gone": (
        "今、すべて開けてみました。答え {answers} のうち開いたもの {opened}、破棄した鍵 {keys} のうち生きているもの {alive}、残る鍵 {left}",
        "Tried just now. Of {answers} sealed answers {opened} opened; of {keys} destroyed keys {alive} are alive; keys left: {left}",
    ),
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

REPORT_KINDS: Mapping[str, tuple[str, str]] = {
    "agreed": ("案内ページの答え：はい（問いごと）", "answers at the portal: yes, to one question each"),
    "refused": ("案内ページの答え：いいえ", "answers at the portal: no"),
    "withdrawn": ("うち、あとでやめたもの", "of the yes, taken back"),
    "counters": ("機器のカウンタを毎秒読んだ（残さない）", "counters of the equipment were read every second, and kept on no disk"),
    "looks": ("許可のもとで封を開けて見た回数", "looks into sealed data, under a permit"),
    "panel-traffic": ("パネル：上流回線の通信量", "panel: traffic of the uplink"),
    "panel-devices": ("パネル：つながっている端末", "panel: devices connected"),
    "panel-zones": ("パネル：会場の混み具合", "panel: where the venue is busy"),
    "panel-queries": ("パネル：名前の問合せ", "panel: name look-ups"),
    "panel-ipv6": ("パネル：IPv6 で来た問合せ", "panel: look-ups over IPv6"),
    "panel-types": ("パネル：問合せの種別", "panel: types of look-ups"),
    "panel-categories": ("パネル：見られているサイトの分野", "panel: kinds of sites looked up"),
    "panel-names": ("パネル：多くの端末が見ているサイト", "panel: sites that many devices look up"),
    "release-categories": ("雑音を加えて出した数：サイトの分野", "numbers released with noise: kinds of sites"),
    "release-names": ("雑音を加えて出した数：サイトの名前", "numbers released with noise: names of sites"),
    "panel-cache": ("パネル：キャッシュで答えた割合", "panel: answered from the cache"),
    "event-devices": ("その日に端末を見分けた鍵", "key by which devices were known on that day"),
    "event-answers": ("その日の答えを封じた鍵", "key to which that day's answers were sealed"),
    "tokens": ("その日のトークンの鍵", "key of tokens of that day"),
    "column-party": ("封をした列の鍵：だれが", "key of a sealed column: who"),
    "column-counterpart": ("封をした列の鍵：相手・名前", "key of a sealed column: with whom, or which name"),
    "column-datetime": ("封をした列の鍵：いつ", "key of a sealed column: when"),
    "column-header": ("封をした列の鍵：ヘッダの項目", "key of a sealed column: header fields"),
    "column-count": ("封をした列の鍵：数", "key of a sealed column: how many"),
    "column-footer": ("封をしたファイルの末尾の鍵", "key of sealed files' footers"),
}
"""Kinds in the report of an event; any other is shown as it is called."""

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
    "one-story": (
        "--people と --event は別の話です。どちらか一つを選んでください",
        "--people and --event are two stories: choose one of them",
    ),
    "no-dnstap": (
        "ソケットが決まっていません。[event] に dnstap を書いてください",
        "No socket is named: write dnstap in [event] of the settings",
    ),
    "another-event": (
        "署名された催しは、ここの催しではありません",
        "What was signed names another event than the one that is set up here",
    ),
    "unknown-event": ("そのような催しの終わりは記録されていません", "No such end of an event is recorded"),
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
