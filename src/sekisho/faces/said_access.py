"""What the terminal says of the access network, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

ACCESS: Mapping[str, tuple[str, str]] = {
    "kernel-not-held": (
        "この機械のカーネルには何も置いていません（設定の [access] kernel）",
        "Nothing is put into this machine's kernel ([access] kernel in the settings)",
    ),
    "kernel-silent": (
        "カーネルに何があるか、いま分かりません：hold の応答がありません",
        "What stands in the kernel is not known: hold does not answer",
    ),
    "kernel-refused": ("カーネルが受け付けません", "The kernel refuses"),
    "kernel-same": ("カーネルにあるものは、許可証のとおりです", "What stands in the kernel is what the permits say"),
    "kernel-differs": ("カーネルにあるものが、許可証と違います", "What stands in the kernel differs from what the permits say"),
    "line-opened": ("開きました", "Opened"),
    "line-closed": ("元に戻しました", "Closed again"),
    "lines-open": ("開いている回線", "lines open"),
    "line-codes": ("未使用のコード", "codes not used yet"),
    "services-listed": ("一覧のサービス", "services listed"),
    "services-left": ("残り", "left"),
    "service-found": ("見つけた（未連絡）", "found, not asked yet"),
    "service-asked": ("連絡済み", "asked"),
    "service-promised": ("提供の約束あり", "promised"),
    "service-refuses": ("提供しないとの回答", "refuses"),
    "service-offers": ("投稿ポートあり", "offers a submission port now"),
    "service-relayed": ("利用者は自社サーバを利用", "its users hand mail to our server"),
    "service-closed": ("サービス終了", "closed"),
    "line-state-open": ("開", "open"),
    "line-state-over": ("期限切れ", "over"),
    "line-state-closed": ("取消", "closed"),
    "line-state-by-line": ("本人が取消", "closed by the line"),
    "effect-none": ("カーネルに置くべき許可証はありません", "No permit in force asks for anything in the kernel"),
    "effect-wanted": ("許可証では", "permitted"),
    "effect-there": ("カーネルでは", "in the kernel"),
    "effect-refused": ("断ったパケット", "packets refused"),
    "effect-mended": ("手作業の変更を元に戻した回数", "times something changed by hand was put right"),
    "effect-gateway": ("会場の出入口（gateway）", "The event's gateway"),
    "effect-led": ("向けた接続", "connections led"),
    "set-answered": ("答えた端末（そのまま通す）", "devices that answered, let through"),
    "set-clients": ("問合せを伝えてよい端末のアドレス", "addresses of devices whose questions the resolver tells of"),
    "set-live": ("効力（10秒ごとに更新）", "in effect (renewed within 10 s)"),
    "set-mail": ("自社メールサーバ", "own mail servers"),
    "set-static": ("固定IPの範囲", "prefixes with fixed addresses"),
    "set-open": ("例外の回線", "lines opened"),
    "volumes-none": (
        "数えたものはありません：帯域制御の根拠となるデータがない状態です",
        "Nothing was counted: there are no data to shape anybody by",
    ),
    "volumes-of": ("通信量の分布：", "Volumes of"),
    "volumes-all": ("全回線", "all lines"),
    "volumes-lines": ("回線", "lines"),
    "volumes-hours": ("時間帯ごと（日本時間、数えた日のうち最も混んだ値）", "By hour (JST, the busiest of the days counted)"),
    "volumes-heavy": ("基準超の回線", "lines over the test"),
    "set-hours": ("時間帯の内（IPv4とIPv6）", "within its hours (IPv4 and IPv6)"),
    "set-lines": ("対象の回線の範囲", "ranges of lines"),
    "set-off": ("解除した回線", "lines switched off"),
    "set-class": ("クラスの速度（kbit/s）", "kbit/s of the class on"),
    "effect-shaped": ("クラスに入れたパケット", "packets put into the class"),
    "set-range": ("動的IPの範囲", "dynamic ranges"),
}

ACCESS_REFUSALS: Mapping[str, tuple[str, str]] = {
    "not-refused-here": ("その回線の25番ポートは、いま断っていません", "Port 25 of this line is not refused now"),
    "not-filtered-here": ("その回線にそのフィルタはありません", "There is no such filter on this line"),
    "no-such-choice": ("選べるのは off か on です", "The choice is off or on"),
    "line-days": ("日数は 1 から 30 までです", "Days are 1 to 30"),
    "line-open-already": ("その回線はすでに開いています", "This line is open already"),
    "unknown-exception": ("そのような例外はありません", "There is no such exception"),
}
