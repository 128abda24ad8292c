"""What the terminal says of campaigns, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

AGAIN = frozenset({"again", "再開"})
"""The word that a reply begins with to take a stop back, as the text `stop-notice` asks for it."""
CAMPAIGNS: Mapping[str, tuple[str, str]] = {
    "campaign-submitted": (
        "受け付けました。ほかの人が計画を承認すると、期間の初めから送ります",
        "Submitted. When somebody else has approved the plan, it is sent from the beginning of its window",
    ),
    "campaign-plan": ("承認する計画", "plan to approve"),
    "campaign-left-out": ("連絡を断っているため送らない人", "left out, as they asked for no more mail"),
    "no-campaigns": ("連絡メールはまだありません", "No campaign yet"),
    "campaign-clean": ("点検では何も見つかりませんでした", "The look at every byte found nothing"),
    "campaign-faults": ("直すところ", "What must change"),
    "campaign-unknown": (
        "届いたか分からないメール（再送しません。メールサーバで確かめてください）",
        "Nobody knows whether these left; they are not sent again. Look in the mail server",
    ),
    "reply-undone": ("配信停止を取り消しました", "The stop was taken back"),
    "reply-no-stop": (
        "この符号で取り消せる配信停止はありません",
        "Under this code nothing is stopped by one press, or it was taken back too often",
    ),
    "reply-machine": ("自動の返信です。何もしていません", "A machine answered: nothing was done"),
    "reply-no-word": (
        "一行目に「再開」がありません。何もしていません",
        "The first line is not the word that is asked for: nothing was done",
    ),
    "reply-no-code": ("件名に確認符号がありません。何もしていません", "The subject has no check code: nothing was done"),
    "reply-no-mail": ("メールとして読めません。何もしていません", "This cannot be read as a mail: nothing was done"),
    "return-ended": ("これから提出する連絡メールでは、また送ります", "It is mailed again, in what is submitted from now on"),
    "recipient-lost": ("送らないことにしました。まだ送っていない人", "Left out. Still waiting"),
}
CAMPAIGN_REFUSALS: Mapping[str, tuple[str, str]] = {
    "wrong-campaign": ("連絡メールのファイルの書き方が正しくありません", "The files of the campaign are not written as one"),
    "campaign-incomplete": ("空の項目か正しくない項目があります", "These fields are empty or wrong"),
    "campaign-leaks": ("このままでは送れません。次のところを直してください", "It cannot go out like this: change these places"),
    "another-sender": ("差出人は設定の mail.sender でなければなりません", "The sender must be the settings' own: mail.sender"),
    "window-over": ("送る期間がもう終わっています", "Its window is over already"),
    "no-training-sink": (
        "訓練の送り先がありません。設定の mail.training_port に、この機械の受け皿を書いてください",
        "There is no sink for trainings: name one of this machine in the settings, mail.training_port",
    ),
    "no-address": ("メールアドレスではありません（名簿の行）", "This row of the list has no mail address"),
    "twice-on-the-list": ("同じアドレスが名簿に2度あります", "The same address stands twice on the list"),
    "no-text-in-language": ("この人の言語の文面がありません", "There is no text in this person's language"),
    "other-fields": ("この人の項目が、文面の項目と違います", "This person's fields are not those of the texts"),
    "wrong-values": (
        "この人の項目に、改行・アドレス・リンクなど、メールに入れられないものがあります",
        "A value of this person holds what may not stand in a mail: a line break, an address, a link",
    ),
    "another-set": ("署名された宛先と、渡された宛先が違います", "These are not the recipients that were signed for"),
    "no-such-text": (
        "この施策が送る文面が、文面のフォルダ（texts）にありません",
        "The text that this measure sends is not in the folder of texts",
    ),
    "unknown-campaign": (
        "その番号の連絡メールはありません。sekisho campaign list で確かめてください",
        "No such campaign; see sekisho campaign list",
    ),
    "reason-missing": ("理由を書いてください（200字まで）", "Say how you know (200 letters at most)"),
    "not-marked": (
        "このアドレスへのメールは、この半年、宛先不明で戻っていません",
        "In the last half year no mail came back from this address as gone",
    ),
    "not-on-the-list": ("この人は、この連絡メールの宛先ではありません", "This person is not among its recipients"),
    "no-permit": ("有効な許可証がありません", "No permit carries it at this moment"),
    "changed-since-approval": (
        "記録が、承認されたものと違います。何も送りません",
        "What lies in the records is not what was approved: nothing is sent",
    ),
    "outside-its-window": ("承認された期間の外です", "This is outside the approved window"),
    "ask-the-server-first": (
        "届いたか分からないメールがあります。先にメールサーバに確かめます",
        "Of some mails nobody knows whether they left: the mail server is asked first",
    ),
    "unknown-question": ("いま、その件でおたずねしていることはありません", "Nothing is asked under this address now"),
    "invitation-over": ("回答の期限が過ぎています。同意したことにはなっていません", "The time to answer is over; nothing was agreed to"),
    "wrong-code": ("この案内のメールの符号ではありません", "This is not the code of a mail about this"),
    "not-open": ("このページでは符号を求められません", "No code can be asked for on this page"),
    "asked-too-often": (
        "この通信網から求められた符号が多すぎます。一時間ほど待ってください",
        "Too many codes were asked for from this network: wait an hour",
    ),
    "answered-too-often": ("この符号では回答を変えられる回数を超えました", "This code changed its answer too often"),
    "unknown-batch": ("そのような送信の指示はありません", "No such batch was handed out"),
    "too-late": ("もう送ったか、送り始めています", "Their mail has left, or may have"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "submitted": ("承認待ち", "waits for approval"),
    "approved": ("承認済み（期間の前）", "approved, before its window"),
    "sending": ("送信中", "being sent"),
    "sent": ("送信済み", "sent"),
    "stopped": ("停止", "stopped"),
    "over": ("期間終了", "over"),
    "waiting": ("まだ", "waiting"),
    "begun": ("送っているところ", "under way"),
    "unsure": ("サーバに確認中", "the server is being asked"),
    "accepted": ("送った", "sent"),
    "refused": ("サーバが断った", "refused by the server"),
    "unsendable": ("送れない", "cannot be sent"),
    "unknown": ("分からない", "unknown"),
    "lost": ("送らない", "left out"),
    "bounced": ("戻ってきた", "came back"),
    "withdrawn": ("本人が取り下げた", "withdrawn"),
    "entrustment-stopped": ("委託が止まった", "entrustment stopped"),
    "no-consent": ("同意がない", "no consent"),
}
FAULTS: Mapping[str, tuple[str, str]] = {
    "charset": ("文字コードが正しくない", "wrong character set"),
    "line-ending": ("改行が正しくない", "wrong line ending"),
    "long-line": ("行が長すぎる", "line too long"),
    "copy": ("写しの宛先（Cc・Bcc）がある", "copies to others (Cc, Bcc)"),
    "foreign-header": ("余計なヘッダがある", "a header that is not ours"),
    "repeated-header": ("同じヘッダが2つある", "a header stands there twice"),
    "missing-header": ("必要なヘッダがない", "a header is missing"),
    "header-injection": ("ヘッダに改行や見えない文字がある", "a line break or unseen character in a header"),
    "recipients": ("宛先が本人ひとりではない", "not exactly this one recipient"),
    "part": ("認められていない形式の部分がある", "a part of a kind that is not allowed"),
    "no-plain": ("テキストの本文がない", "no plain text"),
    "foreign-address": ("ほかの人のアドレスがある", "somebody else's address"),
    "other-person": ("宛先のひとりの名前がある", "names one of the recipients"),
    "undeclared-host": ("届け出ていないリンク先", "a link to a host nobody declared"),
    "not-https": ("リンク先が https ではない", "a link without TLS"),
    "link": ("リンクが正しくない", "not a web link"),
    "link-shows-another": ("表示と違う所へ行くリンク", "a link that shows another host"),
    "personal-link": ("人ごとに違うリンク（追跡）", "a link that differs by person"),
    "remote-content": ("外から読み込むもの", "remote content"),
    "tracking-pixel": ("追跡用の画像", "a tracking pixel"),
    "active-content": ("動く部品・入力欄", "scripts or forms"),
    "no-unsubscribe": ("断る方法がない", "no way to stop such mails"),
    "no-invitation": ("招待の符号かリンクがない", "no code or link of the invitation"),
    "no-check": ("本物か確かめる方法がない", "no way to check that it is genuine"),
    "unknown-field": ("知らない項目", "an unknown field"),
    "unseen-characters": ("見えない文字がある", "unseen characters"),
    "language": ("その言語の文面がない", "no text in this language"),
    "attachment": ("添付が読めない", "a file that cannot be read"),
}
"""What the linter found, in words."""
