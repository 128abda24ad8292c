"""What the terminal says of sender records and their openings, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

POSTS: Mapping[str, tuple[str, str]] = {
    "opened-times": ("開かれた回数", "times opened"),
    "no-records": ("該当する記録はありません", "There is no such record"),
    "no-openings": ("まだ一度も開かれていません", "Nothing was opened yet"),
    "full-view": ("項目まで", "the items"),
    "first-view": ("ネットワークだけ", "the network only"),
    "opening-shown": ("開きました", "opened"),
    "opening-fetching": ("記録を取りに行っています", "the record is being fetched"),
    "opening-counting": ("回数をサービスに伝えています", "the service is being told"),
    "opening-ready": ("開くところです", "about to be opened"),
    "opening-refused": ("開けませんでした", "not opened"),
    "opening-failed": ("途中で止まりました。何も見えていません", "it stopped on the way; nothing was seen"),
    "network": ("ネットワーク", "network"),
    "same-sender": ("同じ発信者の記録", "same sender as"),
    "not-compared": ("比べられなかった記録（アドレス不明、または鍵が消去済み）", "not compared (no address known, or the key is gone)"),
    "items-held": ("保有する項目", "items held"),
    "items-not-held": ("保有しない項目", "not held"),
    "tampered": ("途中で書き換えられた疑いのあるヘッダがありました", "A header on the way was not as its writer writes it"),
    "why-empty": ("値がない理由", "why values are missing"),
    "end-source": ("送信元", "source"),
    "end-destination": ("接続先（サーバ）", "destination (the server)"),
    "port": ("ポート", "port"),
    "seen-at": ("受信した時刻", "seen at"),
    "ticket": ("読むための券（15分間）", "ticket to read it (15 minutes)"),
}
POST_REFUSALS: Mapping[str, tuple[str, str]] = {
    "not-writable": ("書き込めません", "This cannot be written"),
    "bad-number": ("日数は 1 から 62 までです", "Days are 1 to 62"),
    "no-keeping-permit": (
        "このサービスの記録を保存する許可証がありません。先に post-log-keeping を申請してください",
        "No permit to keep this service's records is in force; propose post-log-keeping first",
    ),
    "step-opens-no-record": ("この手順は発信者の記録を開きません", "This step opens no sender record"),
    "first-view-only": ("この手順で見られるのはネットワークだけです", "Under this step the network is all there is to see"),
    "not-in-the-permit": ("許可証が挙げていないものです", "The permit does not name it"),
    "masked-first": ("先にネットワークだけを見てください（--full なし）", "Look at the network first, without --full"),
    "forged-permit": ("この許可証は門が署名したものではありません。監査してください", "The gate did not sign this permit; have it audited"),
    "unknown-reveal": ("その開示の番号はありません", "There is no such opening"),
    "another-ticket": ("この開示の券ではありません", "This ticket is not of that opening"),
    "not-seen-in-full": (
        "アドレスと時刻の両方を開いたものでなければ証跡は作れません",
        "A certificate needs an opening of both address and time",
    ),
    "not-a-url": ("投稿の URL（https://…）を書いてください", "Say where the post stands, as https://…"),
    "not-waiting": ("この開示はその段階にありません", "The opening does not wait for this"),
    "another-view": ("求められた範囲を超えています", "This is more than was asked for"),
    "key-gone": (
        "鍵は期限が来て消去されました。この記録はもう誰にも開けません",
        "Its key was destroyed at the end of its term: nobody can open this record any more",
    ),
    "permit-over": ("許可証が終わりました", "The permit is over"),
    "not-a-record": ("発信者の記録ではありません", "This is no sender record"),
    "another-record": ("別の記録が返りました", "The service gave another record"),
    "no-such-record": ("サービスにその記録はありません", "The service has no such record"),
    "several-records": (
        "同じ投稿に記録がいくつもあります。記録の番号で求めてください",
        "Several records are of this post: ask for one by its own id",
    ),
    "database-refused": ("サービスのデータベースが応じません", "The service's database refuses"),
    "chat": ("チャット", "the chat"),
    "chat-staff": ("チャットの運営のページ", "the chat's own staff"),
    "posts-by-hand": (
        "--posts の話は人が一人で進めます。--auto、--people、--event と一緒には使えません",
        "The story of --posts is walked by people and alone: none of --auto, --people and --event goes with it",
    ),
    "records-not-readable": ("記録のフォルダが読めません", "The folder of records cannot be read"),
}
