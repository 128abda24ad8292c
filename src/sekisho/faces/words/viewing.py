"""What the terminal says of closed viewings, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

VIEWINGS: Mapping[str, tuple[str, str]] = {
    "viewing-submitted": (
        "暗号化し、鍵を封じました。権利者の許諾を証拠に入れ、ほかの人が計画を承認すると公開されます",
        "Encrypted, and its key is sealed. Lay in the rights holder's terms; when somebody else approved the plan, it is open",
    ),
    "viewing-plan": ("承認する計画", "plan to approve"),
    "viewing-work": ("映像・ファイルのハッシュ値", "digest of film or files"),
    "viewing-last-day": ("最終日", "last day"),
    "viewing-open": ("公開中", "open"),
    "viewing-waiting": ("承認待ち・停止", "waits, or stopped"),
    "viewing-over": ("終了", "over"),
    "no-viewings": ("登録された映像・ファイルはありません", "Nothing yet"),
}
VIEWING_REFUSALS: Mapping[str, tuple[str, str]] = {
    "wrong-film": (
        "HLS の映像としても、見せてよい種類のファイルとしても読めません",
        "This is neither a film as HLS nor files of a kind that can be shown",
    ),
    "viewing-incomplete": ("空の項目か正しくない項目があります", "These fields are empty or wrong"),
    "unknown-viewing": ("その番号の映像・ファイルはありません", "There is no such film or file"),
    "no-session": (
        "この端末ではまだ開いていません。招待の符号を入れてください",
        "It is not open on this device: type the code of the invitation",
    ),
    "too-many-devices": ("一つの招待で見られる台数に達しています", "It is open on as many devices as one invitation allows"),
}
