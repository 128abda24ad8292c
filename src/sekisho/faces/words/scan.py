"""What the terminal says of scanned files. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

SCANNED: Mapping[str, tuple[str, str]] = {
    "scan-clean": ("マルウェア検査済み：検出なし", "scanned for malware: nothing found"),
    "scan-found": ("危険：マルウェアを検出", "DANGER: malware found"),
    "scan-none": ("マルウェア未検査：検査プログラムが設定されていません", "not scanned for malware: no scanner is set up"),
    "scan-away": (
        "マルウェア未検査：検査プログラムが応答しません（戻れば検査します）",
        "not scanned: the scanner is away (it will be, once it is back)",
    ),
    "scan-waiting": ("マルウェア未検査：順番待ち", "not scanned yet: it waits its turn"),
    "scan-encrypted": ("マルウェア未検査：暗号化されていて中を見られません", "not scanned: encrypted, the scanner cannot look inside"),
    "scan-limits": ("マルウェア未検査：展開すると検査の上限を超えます", "not scanned: unpacked, it exceeds the scanner's limits"),
    "scan-too-large": ("マルウェア未検査：検査プログラムの受け取る大きさを超えています", "not scanned: larger than the scanner takes"),
    "scan-slow": ("マルウェア未検査：時間内に終わりませんでした", "not scanned: it took too long"),
    "scan-error": ("マルウェア未検査：検査プログラムがエラーを返しました", "not scanned: the scanner reported an error"),
    "scan-unreadable": ("マルウェア未検査：ファイルを読めませんでした", "not scanned: the file could not be read"),
    "scanner-here": ("検査プログラムは応答しています", "The malware scanner answers"),
    "scanner-away": ("検査プログラムが応答しません", "The malware scanner is away"),
    "scanner-none": ("検査プログラムは設定されていません（設定の [scan]）", "No malware scanner is set up ([scan] in the settings)"),
    "files-waiting": ("未検査のファイル", "files not scanned"),
    "files-found": ("マルウェアを検出したファイル", "files with malware found"),
    "taken-out-danger": (
        "危険：マルウェアが検出されたファイルです。開かないでください",
        "DANGER: malware was found in this file. Do not open it",
    ),
}
SCAN_REFUSALS: Mapping[str, tuple[str, str]] = {
    "already-scanned": ("この添付の検査結果は記録済みです", "What the scanner said of this file is on record"),
    "not-a-verdict": ("検査結果の形をしていません", "This is no verdict of a scanner"),
    "attachment-dangerous": (
        "危険：この添付からマルウェアが検出されました。証拠などで必要なときだけ --take-out-danger を付けて取り出し、開かないでください",
        "DANGER: malware was found in this file. Only if you need it, take it out with --take-out-danger, and do not open it",
    ),
}
