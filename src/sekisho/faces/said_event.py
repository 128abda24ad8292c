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
}
