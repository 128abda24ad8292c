"""What a filter refuses, in the words that customers are given: made from the rules, the same on the page and for a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HEAD = {
    "ja": "次の条件に合うパケットだけを断ります。ここに書いたもの以外は何も見ず、何も記録しません。",
    "en": "Only packets that meet these conditions are refused. Nothing else is looked at, and nothing recorded.",
}
PORTS = {"ja": "ポート {}", "en": "port {}"}
LENGTHS = {"ja": "長さ {} オクテット", "en": "{} octets long"}
BEGINS = {
    "ja": "ヘッダの後の先頭 {octets} オクテットが 16進 {pattern} と同じ",
    "en": "the first {octets} octets after the header are {pattern} in hex",
}
ONE = {
    "ja": "{title}：{what}。事前の測定：ほかの通信の {others:,} パケットのうち {wrong:,} が当てはまりました。",
    "en": "{title}: {what}. Measured before: {wrong:,} of {others:,} packets of other things met this.",
}
NAMES_HEAD = {
    "ja": "次のリストの名前（とその下の名前）を尋ねられたときだけ、案内ページのアドレスを答えます。"
    "リストは {origin} のもの（ダイジェスト {list}）。ページの中身は見ず、誰が何を尋ねたかは記録しません。",
    "en": "Only for names of this list, and names below them, the answer is the address of a page that explains. "
    "The list is that of {origin} (digest {list}). No page is looked into, and who asked for what is not recorded.",
}
NAMES_ONE = {
    "ja": "{title}：{names:,} 件。事前の試行：当社が選んだ {others:,} 件の名前のうち {wrong:,} 件が当てはまりました。",
    "en": "{title}: {names:,} names. Tried before: {wrong:,} of {others:,} names that we chose were among them.",
}
SHAPE_HEAD = {
    "ja": "見るのは回線のアドレスと、運んだ量だけです。ルータの数えた量はそのメモリにだけあり、だれが超えたかの一覧は作られません。",
    "en": "Only the address of a line and how much it moved are looked at. What the router counts stays in its memory, "
    "and no list of who is over is made.",
}
SHAPE_ONE = {
    "ja": "毎日{begin}時から{end}時まで（日本時間）、{window_hours}時間に{heavy_mb:,} MBを超えて運んだ回線は、"
    "同じく超えたほかの回線と合わせて毎秒{kbit:,}キロビットの中で運びます。",
    "en": "Between {begin} and {end} o'clock (JST), lines that moved more than {heavy_mb:,} MB within {window_hours} hours "
    "share {kbit:,} kbit/s.",
}
CLASS_HEAD = {
    "ja": "見るのは回線のアドレスとポート番号、そのポートで運んだ量だけです。中身は見ません。"
    "ルータの数えた量はそのメモリにだけあり、だれが超えたかの一覧は作られません。",
    "en": "Only the address of a line, port numbers and how much it moved by these ports are looked at, and no content. "
    "What the router counts stays in its memory, and no list of who is over is made.",
}
CLASS_ONE = {
    "ja": "毎日{begin}時から{end}時まで（日本時間）、{ports} の通信を{window_hours}時間に{heavy_mb:,} MBを超えて運んだ回線は、"
    "そのポートの通信を、同じく超えたほかの回線と合わせて毎秒{kbit:,}キロビットの中で運びます。それ以外の通信には影響しません。",
    "en": "Between {begin} and {end} o'clock (JST), lines that moved more than {heavy_mb:,} MB by {ports} within {window_hours} hours "
    "share {kbit:,} kbit/s for what they move by these ports. Nothing else is affected.",
}
BETWEEN = {"ja": "、", "en": ", "}
DASH = {"ja": "～", "en": "-"}


def words(classes: Iterable[Mapping[str, Any]], language: str) -> tuple[str, list[str]]:
    """What holds for all of them, and a line for each class, as `desk/access/my_filters.py` tells them."""
    return HEAD[language], [_one(c, language) for c in classes]


def names_words(told: Mapping[str, Any], language: str) -> tuple[str, list[str]]:
    """The same of a filter of names: `origin`, `list` and `categories`, as they are told there."""
    head = NAMES_HEAD[language].format(origin=told["origin"], list=told["list"])
    return head, [NAMES_ONE[language].format(**{**c, "title": c["title"][language]}) for c in told["categories"]]


def shape_words(told: Mapping[str, Any], language: str) -> tuple[str, list[str]]:
    """The same of bandwidth control: the words of its plan, as they are told there."""
    begin, end = told["hours"]
    if not told["application"]:
        return SHAPE_HEAD[language], [SHAPE_ONE[language].format(**told, begin=begin, end=end)]
    spans: dict[str, list[str]] = {}
    for protocol, (first, last) in told["application"]:
        spans.setdefault(protocol, []).append(str(first) if first == last else f"{first}-{last}")
    return CLASS_HEAD[language], [CLASS_ONE[language].format(**told, begin=begin, end=end, ports=ports_words(spans))]


def ports_words(application: Mapping[str, Sequence[str]]) -> str:
    """Ports of an application as its plan names them: "TCP 6881-6889, UDP 6881-6889"."""
    return ", ".join(f"{protocol.upper()} {span}" for protocol, spans in sorted(application.items()) for span in spans)


def paper(said: tuple[str, list[str]]) -> str:
    """The same as it stands in a paper: a line for each class or category, numbered."""
    head, lines = said
    return "\n".join([head, *(f"{n}. {said}" for n, said in enumerate(lines, 1))])


def _one(one: Mapping[str, Any], language: str) -> str:
    parts = [str(one["protocol"]).upper()]
    if one["ports"]:
        parts.append(PORTS[language].format(_span(one["ports"], language)))
    if one["lengths"]:
        parts.append(LENGTHS[language].format(_span(one["lengths"], language)))
    if one["pattern"]:
        parts.append(BEGINS[language].format(octets=len(one["pattern"]) // 2, pattern=one["pattern"]))
    what = BETWEEN[language].join(parts)
    return ONE[language].format(title=one["title"][language], what=what, others=one["others"], wrong=one["wrong"])


def _span(ends: Sequence[int], language: str) -> str:
    first, last = ends
    return str(first) if first == last else f"{first}{DASH[language]}{last}"
