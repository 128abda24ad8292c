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
