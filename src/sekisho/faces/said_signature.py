"""What the terminal says of a filter's signatures, tried on captures. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

SIGNATURES: Mapping[str, tuple[str, str]] = {
    "filter-frames": ("読んだフレーム", "frames read"),
    "filter-files": ("ファイル", "files"),
    "filter-wrong": ("ほかの通信：誤って当てはまったパケット", "other things: packets taken wrongly"),
    "filter-wrong-openings": ("ほかの通信：誤って当てはまった通信の始め", "other things: openings taken wrongly"),
    "filter-packets": ("そのソフト：当てはまったパケット", "its own program: packets found"),
    "filter-openings": ("そのソフト：見つけた通信の始め", "its own program: openings found"),
    "filter-not-tried": ("試していません", "not tried"),
    "filter-untried": (
        "ほかの通信で試せなかったクラスがあります。計画にはまだ書けません。",
        "A class was tried on nothing of other things: nothing to be written into the plan yet.",
    ),
    "filter-untold": (
        "キャプチャが短く切れていて判定できないパケット（数に入れていません）",
        "packets that the capture cut too short to tell, left out of the figures",
    ),
    "filter-told": ("計画の told と同じです", "the same as the plan's `told`"),
    "filter-told-otherwise": (
        "計画の told と違います：利用者に伝えた規則ではありません",
        "another than the plan's `told`: not the rules that customers were told of",
    ),
    "parity-same": ("オンでもオフでも同じです", "the same with the filter on and off"),
    "parity-differs": ("オンとオフで違います", "it differs with the filter on and off"),
    "parity-on": ("オンの回線", "the line with the filter on"),
    "parity-off": ("オフの回線", "the line with the filter off"),
    "parity-refused": ("対照パケットは断られた", "the control was refused"),
    "parity-passed": ("対照パケットは通った", "the control passed"),
    "parity-no-namespace": (
        "この機械では測れません（root で実行してください）",
        "It cannot be measured here: a network namespace is needed, run it as root",
    ),
    "parity-no-library": ("libnftables がありません", "There is no libnftables here"),
    "parity-not-permitted": ("カーネルが許しません（root で実行してください）", "The kernel does not permit it: run it as root"),
    "parity-refused-rules": ("カーネルが規則を受け付けません", "The kernel does not take the rules"),
    "parity-not-readable": ("カーネルの答えを読めません", "What the kernel tells cannot be read"),
    "parity-no-free-port": ("どのポートもクラスに当てはまり、測れません", "Every port is of some class: nothing is left to measure with"),
    "parity-no-second-line": ("回線が一つしかない範囲では測れません", "A range of one line has none to compare it with"),
    "survey-asked": ("尋ねた人", "asked"),
    "survey-answered": ("答えた人", "answered"),
    "survey-in-favour": ("望む人", "in favour"),
    "survey-share": ("答えた人のうち望む人", "in favour of those who answered"),
    "survey-wording": ("問い", "wording"),
    "survey-sample": ("選び方", "sample"),
    "survey-under-floor": ("必要とする割合が半数より小さい", "the share you declare is under half"),
    "survey-too-few-in-favour": (
        "尋ねた人のうち望む人が、必要とする割合に届きません（答えない人は望む人に数えません）",
        "of those asked too few are in favour; whoever did not answer is not counted as in favour",
    ),
    "survey-too-small": (
        "標本が小さく、真の割合は必要とする割合に届かないかもしれません",
        "the sample is too small: the true share may be under the one needed",
    ),
    "survey-few-answered": (
        "答えた人が半数に届きません：答えなかった人の考えは違うかもしれません",
        "under half answered: whoever was silent may be of another mind",
    ),
    "survey-lopsided": (
        "標本が偏っています：答えに占める割合が、契約者に占める割合と10ポイントを超えて違うグループがあります",
        "the sample is lopsided: a group's share of the answers is more than 10 points off its share of the customers",
    ),
    "survey-other-wordings": ("問いがグループによって違います", "groups were asked in different words"),
    "survey-other-samples": ("選び方がグループによって違います", "groups were chosen in different ways"),
    "survey-other-days": ("日がグループによって違います", "groups were asked on different days"),
    "survey-absent": ("アンケートのファイルを開けません", "The survey's file cannot be opened"),
    "survey-too-large": ("アンケートのファイルが大きすぎます（1 MiB まで）", "The survey's file is too large: at most 1 MiB"),
    "survey-too-many": ("行が多すぎます（1,000行まで）", "Too many lines: at most 1,000"),
    "survey-no-column": ("アンケートにこの列がありません", "The survey lacks a column"),
    "survey-unreadable": ("アンケートのこの行を読めません", "This line of the survey cannot be read"),
    "survey-not-a-count": ("0 以上の整数を書いてください", "Write a whole number, 0 or more"),
    "survey-not-a-day": ("日付を 2026-11-21 の形で書いてください", "Write a day, like 2026-11-21"),
    "survey-more-than": (
        "契約者、尋ねた人、答えた人、望む人の順に、後のほうが多くなることはありません",
        "Of customers, asked, answered, in favour none can be more than the one before",
    ),
    "capture-absent": ("キャプチャを開けません", "The capture cannot be opened"),
    "capture-not-a-capture": ("pcap でも pcapng でもありません", "Neither pcap nor pcapng"),
    "capture-not-gzip": ("gzip として読めません", "It cannot be read as gzip"),
    "capture-truncated": ("途中で切れています", "It breaks off in the middle"),
    "capture-too-large": ("大きすぎます（展開して 2 GiB まで）", "Too large: unpacked at most 2 GiB"),
    "capture-bad-length": ("長さの値が正しくありません", "A length in it cannot be right"),
    "capture-bad-block": ("ブロックの中身が正しくありません", "A block in it cannot be right"),
    "capture-old-block": (
        "古い形式のパケットブロックがあります（editcap などで変換してください）",
        "It has packet blocks of an old form: convert it, for example with editcap",
    ),
    "capture-unknown-link": ("この種類のリンクのキャプチャは読めません", "Captures of this kind of link cannot be read"),
    "capture-too-many-connections": ("通信の数が多すぎます（1ファイル100万まで）", "Too many connections: at most a million in a file"),
}
