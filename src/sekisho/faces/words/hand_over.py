"""What the terminal says of handing lists over, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, tuple[str, str]] = {
    "key-told": ("相手の公開鍵を記しました", "The party's key is taken down"),
    "hand-over-waits": (
        "封をして預けました。許可を確かめてから act が渡します",
        "Sealed and laid in; act checks the permit and hands it over",
    ),
    "no-hand-overs": ("引渡しはまだありません", "Nothing was handed over yet"),
    "in-no-hand-over": ("どの引渡しにも含まれていません", "In no hand-over"),
}
_WORDS: Mapping[str, tuple[str, str]] = {
    "waiting": ("待機中", "waiting"),
    "begun": ("封じて確認中", "sealed, being confirmed"),
    "given": ("引渡し済み", "handed over"),
    "refused": ("名簿に問題があり渡さなかった", "refused: nothing left"),
    "stopped": ("渡す前に止まった", "stopped: nothing left"),
    "unknown": ("結果不明（人が確かめる。再び渡すことはない）", "unknown: for a person to look into, never handed over again"),
    "in-it": ("渡した名簿に含まれる", "was handed over"),
    "canary": ("当方の見張り用の架空の人：漏れれば、この引渡しから", "one of our own: if it leaked, it leaked from this hand-over"),
    "nobody": ("名簿の行に本人の手がかりがない", "the line named nobody"),
    "twice": ("名簿に二度あった", "stood there twice"),
    "objected": ("本人の求めにより渡さなかった", "not handed over: objected"),
    "withheld-nobody": ("本人不明の行", "lines that name nobody"),
    "withheld-twice": ("重複の行", "lines there twice"),
    "withheld-objected": ("求めにより除いた人", "left out at their wish"),
    "canaries": ("人の見張り用の架空の人", "of our own"),
    "under": ("許可", "under"),
    "line": ("行", "line"),
    "lines": ("行", "lines"),
    "proved": ("返却・消去の証明", "returned or erased, proof"),
    "permit-names-no-file": ("許可に名簿が書かれていない", "the permit names no list"),
    "another-file": ("承認された名簿と別のもの", "another list than the one that was approved"),
    "another-key": ("承認のあとで相手の鍵が変わった", "the party's key changed after the approval"),
    "more-people-than-permitted": ("許可された人数より多い", "more people than permitted"),
    "more-than-the-rung": ("許可された段階より多くの項目", "a field that the rung does not allow"),
    "no-such-column": ("計画にある見出しが名簿にない", "a heading of the plan is not in the list"),
    "field-not-in-row": ("台帳にない項目", "a field the row does not have"),
    "columns-not-as-fields": ("見出しと項目が合わない", "headings and fields do not match"),
    "too-few-canaries": (
        "見張り用の宛先が足りない。設定 canaries の一覧に足す",
        "too few of our own left: add to the list of the setting `canaries`",
    ),
    "no-canary-asked": ("見張り用の宛先なしでは渡せない", "nothing goes without one of our own in it"),
    "canaries-not-readable": ("見張り用の宛先の一覧が読めない（設定 canaries）", "the list of the setting `canaries` cannot be read"),
    "nothing-leaves": ("この段階では何も渡さない", "on this rung nothing is handed over"),
    "ended": ("許可が終わった", "the permit ended"),
    "withdrawn": ("許可が取り消された", "the permit was withdrawn"),
    "row-not-in-force": ("委託が有効でない", "the entrustment is not in force"),
    "outside-scope": ("許可の範囲の外", "outside the permit"),
    "key-refused": ("預けてから1日を過ぎ、鍵が消えた", "it waited longer than a day, and its key is gone"),
    "disk": ("書き込めなかった", "the disk refused"),
    "not-a-key": ("相手の鍵が age の公開鍵でない", "the party's key is no age key"),
}
_FORM: Mapping[str, tuple[str, str]] = {
    "not-a-list": ("預けたものが名簿として読めません", "What was laid in is no list"),
    "too-large": ("名簿が大きすぎます（3 MiB まで）。分けて渡してください", "The list is larger than 3 MiB: hand it over in parts"),
    "utf-16": (
        "UTF-16 の名簿は読めません。UTF-8 又は Shift_JIS の CSV で保存し直してください",
        "UTF-16: save it as CSV in UTF-8 or Shift_JIS",
    ),
    "encoding": ("この場所の文字が UTF-8 でも Shift_JIS でもありません", "Neither UTF-8 nor Shift_JIS at this place"),
    "quote": ('この場所の引用符（"）が閉じていないか、途中にあります', "A quote mark at this place is not closed, or stands inside a cell"),
    "cell-too-long": ("この欄は長すぎます（2000字まで）", "This cell is longer than 2,000 characters"),
    "control-character": ("この欄に制御文字があります", "This cell has a control character"),
    "too-many-columns": ("列が多すぎます（128列まで）", "More than 128 columns"),
    "too-many-rows": ("行が多すぎます（10万人まで）", "More than 100,000 people"),
    "no-columns": ("1行目に見出しがありません", "The first line names no columns"),
    "column-unnamed": ("見出しのない列があります", "A column has no heading"),
    "column-twice": ("同じ見出しが二度あります", "Two columns have the same heading"),
    "too-few-cells": ("この行は見出しより欄が少ない", "This line has fewer cells than there are headings"),
    "too-many-cells": ("この行は見出しより欄が多い", "This line has more cells than there are headings"),
}
WORDS: Mapping[str, tuple[str, str]] = {**_WORDS, **_FORM}
REFUSALS: Mapping[str, tuple[str, str]] = {
    **{f"list-{code}": words for code, words in _FORM.items()},
    "no-such-column": ("計画が挙げる見出しが名簿にありません", "The list has no column of this heading"),
    "no-party-key": (
        "相手の公開鍵がまだ台帳にありません（sekisho entrust key）",
        "The party has told no key yet (sekisho entrust key)",
    ),
    "not-a-key": ("age の公開鍵（age1...）ではありません", "This is no age public key (age1...)"),
    "key-told-already": ("その鍵はすでに台帳にあります", "This key is in the register already"),
    "not-a-hand-over": (
        "名簿の引渡しの許可ではありません。sekisho entrust hand-over propose から始めてください",
        "No permit to hand a list over: begin with sekisho entrust hand-over propose",
    ),
    "row-not-in-force": ("委託（又はその上の委託）が有効ではありません", "The entrustment, or one above it, is not in force"),
    "another-key": (
        "承認されたときと相手の公開鍵が違います。計画を出し直してください",
        "The party's key is not the one that was approved: propose anew",
    ),
    "another-file": ("承認された名簿と別のものです。計画を出し直してください", "Not the list that was approved: propose this one"),
    "nothing-leaves": ("この段階では何も渡しません。渡すものはありません", "On this rung nothing is handed over"),
    "handed-over-already": (
        "この許可での引渡しはもう行われました。もう一度渡すには新しい許可が要ります",
        "Handed over under this permit already: another time needs another permit",
    ),
    "file-too-large": ("名簿が大きすぎます。分けて渡してください", "The list is too large: hand it over in parts"),
    "another-sealed-file": ("すでに別の封じたファイルで始まっています", "Begun already, with another sealed file"),
    "not-a-result": ("act の知らせが読めません", "What act said is no result"),
    "more-people-than-permitted": ("許可された人数より多い", "More people than permitted"),
    "asked-of-another": ("署名した問いと尋ねた人が違います", "The signed question is about somebody else"),
    "unknown-hand-over": ("その番号の引渡しはありません", "There is no such hand-over"),
}
