"""What the terminal says of counts by day beside measures."""

from __future__ import annotations

from collections.abc import Mapping

EFFECT: Mapping[str, tuple[str, str]] = {
    "effect-entered": ("記録しました", "Entered"),
    "effect-no-counts": ("まだ何も数えられていません", "Nothing was counted yet"),
    "effect-kind-complaints": ("苦情", "complaints"),
    "effect-kind-help-desk": ("窓口への問い合わせ", "help-desk contacts"),
    "effect-kind-blacklist": ("ブラックリスト掲載", "blacklist entries"),
    "effect-kind-reports": ("通報", "reports"),
    "effect-kind-load": ("負荷", "load"),
    "effect-before": ("最初の許可証の前", "before the first permit"),
    "effect-during": ("許可証が有効だった日", "days on which a permit lived"),
    "effect-after": ("それ以降で許可証のない日", "days without one since"),
    "effect-mean": ("1日平均", "mean of a day"),
    "effect-days": ("日数", "days"),
    "effect-no-cause": (
        "数字を並べたものです。差が生じた原因は示しません（ほかの事情も変わるため）。",
        "The figures stand beside each other. What caused a difference they do not say: other things change as well.",
    ),
    "effect-line": ("行", "line"),
    "effect-bad": ("読めなかった行", "Lines that could not be read"),
    "effect-not-text": ("文字として読めません（UTF-8 の CSV にしてください）", "not text: write CSV in UTF-8"),
    "effect-too-few-fields": ("「日,種別,件数」の3つを書いてください", "write three fields: day,kind,count"),
    "effect-bad-day": ("日付は 2026-11-19 のように書いてください", "write the day as 2026-11-19"),
    "effect-day-ahead": ("まだ来ていない日です", "that day has not come yet"),
    "effect-unknown-kind": (
        "種別は complaints, help-desk, blacklist, reports, load のいずれかです",
        "the kind is one of complaints, help-desk, blacklist, reports, load",
    ),
    "effect-bad-count": ("件数は0以上9桁までの整数です", "the count is a whole number of up to nine digits"),
    "effect-twice": ("同じ日と種別が前の行にあります（前の行を採りました）", "this day and kind stood in an earlier line, which was taken"),
}
