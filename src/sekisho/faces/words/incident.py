"""What the terminal says of incidents: what keeps something from being recorded or an incident from closing. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

INCIDENTS: Mapping[str, tuple[str, str]] = {
    "person-as-root": (
        "人は根になりません。なぜそれで事故になったのかを、手順・道具・決定まで問い続けてください",
        "a person is no root: ask on, down to a process, a tool or a decision",
    ),
    "cause-names-person": (
        "根の原因に当方の者の名前があります。手順・道具・決定として書いてください",
        "a root names one of our people: say the process, tool or decision",
    ),
    "cause-not-ended": ("この原因はまだ根まで問われていません", "nobody has asked this cause on down to a root"),
    "cause-without-measure": ("この原因への対策がありません", "no measure answers this cause"),
    "no-cause": ("原因がまだ一つもありません", "no cause was written down yet"),
    "measure-unowned": ("この対策には担当がいません", "this measure has no owner"),
    "question-open": ("答えていない質問があります", "this question has no answer"),
    "order-open": ("命令を受け取ったという返事がありません", "this order was not acknowledged by"),
    "campaign-not-approved": ("承認された配信ではありません", "this campaign was not approved"),
    "no-people-list": ("この事案に添付された名簿ではありません", "this is no list of persons attached to the case"),
    "no-permit-to-post": ("この名簿をその委託先に渡す、有効な許可がありません", "no permit in force hands this very list to that firm"),
    "not-posted": ("この名簿では郵送していません", "nothing was posted by this list"),
    "order-answered": ("この命令には全員が返事をしました", "everybody has answered this order"),
    "order-leaves-out": ("台帳にあるこの委託先が抜けています", "this row of the register is left out"),
    "unknown-row": ("台帳で生きている委託ではありません", "no living row of the register"),
    "unknown-number": ("その番号のものはありません", "there is none of this number"),
    "no-such-moment": (
        "日時は 2026-11-19 か 2026-11-19 22:05 のように書いてください",
        "write a day or a day and time, as 2026-11-19 or 2026-11-19 22:05",
    ),
    "for-the-outside-body": (
        "当方の者への苦情には、外部の機関が答えます",
        "a complaint about our own people is answered by the outside body",
    ),
    "undone-not-said": ("消した登録の数がありません", "how many accounts were undone is not said"),
    "printer-not-in-force": (
        "印刷・発送の委託が台帳で有効ではありません",
        "who prints and posts stands in no row of the register that is in force",
    ),
    "amends-profit-leaker": (
        "漏らした側の利益になります。それでもするなら、理由を書いてください",
        "whom the leak came from profits by it; say why, if it is done all the same",
    ),
    "names-a-reporter": ("守られた通報者の名前が入っています（番号）", "the name of a protected reporter stands in it (number)"),
    "names-our-people": (
        "話す人のほかの、当方の者の名前が入っています",
        "the name of one of our people stands in it, who is not the one to speak",
    ),
    "no-spokesperson": ("話す人が決まっていません", "nobody was named to speak"),
    "first-statement": ("第一報は一度だけ、最初に出します", "the first statement comes first, and once"),
    "published-already": ("すでに公表しています", "it was published already"),
    "clock-open": ("動いている期限があります", "this clock still runs"),
    "nobody-acknowledged": ("連絡を受けたという記録がありません", "nobody acknowledged that they have it"),
    "room-open": ("終えるまでに残っていること", "Still open before it can close"),
    "room-nothing-open": ("残っていることはありません", "Nothing is open"),
    "room-facts": ("事実", "Facts"),
    "room-warnings": ("前もって受けた警告", "Prior warnings"),
    "room-causes": ("原因", "Causes"),
    "room-measures": ("対策", "Measures"),
    "room-questions": ("質問", "Questions"),
    "reporter-sealed": ("外部の機関だけが開けるように封をしました", "Sealed for the outside body alone"),
    "room-letters": ("手紙", "Letters"),
    "room-orders": ("命令", "Orders"),
    "room-ladder": ("連絡の段", "Ladder"),
    "room-statements": ("公表", "Statements"),
    "room-costs": ("費用", "Costs"),
    "room-minutes": ("分以内", "min"),
    "room-late": ("遅れ", "late"),
    "room-root": ("根", "root"),
    "room-profits": ("漏らした側の利益になる", "whom the leak came from profits"),
    "room-draft": ("まだ公表していない", "not published"),
    "question-answered": ("回答済み", "answered"),
    "question-promised": ("まだ：期日あり", "not yet, by"),
    "question-late": ("約束の日を過ぎた", "promised day is over"),
    "question-unanswered": ("未回答", "no answer"),
    "no-statements": ("公表したものはありません", "Nothing was published"),
    "nobody-to-order": ("台帳に、いま生きている委託はありません", "The register has no living row: there is nobody to order"),
}
INCIDENT_REFUSALS: Mapping[str, tuple[str, str]] = {
    "no-incident-case": ("これは事故対応の事案ではありません", "This case is no incident"),
    "nobody-to-order": INCIDENTS["nobody-to-order"],
    "no-outside-key": (
        "外部の機関か、その鍵（age）が設定にありません。incident.outside_body と incident.outside_key を書いてください",
        "The settings name no outside body, or no age key of it: incident.outside_body, incident.outside_key",
    ),
    "unknown-reporter": ("その番号の守られた通報者はいません", "This incident protects no reporter of that number"),
    "not-posted": ("この名簿では郵送が記録されていません", "Nothing was posted by this list"),
    "printer-not-in-force": INCIDENTS["printer-not-in-force"],
    "not-a-people-list": (
        "本人の名簿ではありません。CSVの1行目に name,address を書いてください",
        "This is no list of persons: the first line of the CSV names name,address",
    ),
    "unknown-call": ("そのような連絡はしていません", "Nobody was called like this"),
    "undone-not-said": (
        "消した登録の数を、数字で書いてください。なければ 0 です",
        "Write how many accounts were undone, in digits; 0 if there were none",
    ),
}
CALLED: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "engineer": "運用担当",
        "desk": "窓口担当",
        "help-desk": "ヘルプデスク",
        "reviewer": "審査担当",
        "legal-officer": "法務責任者",
        "responsible-window": "責任窓口",
        "key-holder": "鍵の保管者",
        "auditor": "監査担当",
    },
    "en": {
        "engineer": "engineer",
        "desk": "abuse desk",
        "help-desk": "help desk",
        "reviewer": "reviewer",
        "legal-officer": "legal officer",
        "responsible-window": "responsible window",
        "key-holder": "key holder",
        "auditor": "auditor",
    },
}
"""How a mail of the ladder addresses each role of the staff."""
