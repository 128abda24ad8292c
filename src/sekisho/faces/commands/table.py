"""Every command: the module it lies in, and the line that `sekisho --help` says about it. Its module is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "記録した本物の入力で、はじめから終わりまで / See the whole story on recorded real input."),
    "init": ("setup", "新しく作る：ルート鍵、台帳、設定、登録リンク / Make an installation. There is no password."),
    "run": ("setup", "5つのプロセスを起動する / Start the five processes. Ctrl-C ends them."),
    "decide": ("asking", "関所に尋ねるだけ。何も書かず、何も許さない / Ask the gate; writes nothing, mints nothing."),
    "schema": ("asking", "計画、証拠、許可証などの書式（JSON Schema） / The form of plans, evidence, permits: JSON Schema."),
    "ask": ("wishing", "平易な問いで、根拠と足りないものを知る / Plain questions: may we, what is missing, who supplies it."),
    "owed": ("owing", "何をいつまでにしなければならないか、何が免責し、何を消してはならないか / What is due, late, shielded, held."),
    "dossier": ("papers", "所管官庁への相談資料を PDF で書く（日本語。--lang en で英語） / The consultation paper for the ministry, as PDF."),
    "propose": ("plans", "計画を出す / Put a plan before the gate, with the papers of the people whose keys you hold."),
    "supply": ("plans", "自分の役割で用意できる証拠を加える / Lay in the papers your role can answer for."),
    "approve": ("plans", "示されたとおりの計画を承認する / Approve a plan exactly as it is shown."),
    "comment": ("plans", "計画に意見を付ける、利害関係を申し出る / Say something about a plan, or declare a conflict of interest."),
    "confirm": ("plans", "人に委ねられた事例を使えるようにする（法務責任者）/ Make a referred case usable (legal officer)."),
    "confirmations": ("undo", "確認された事例の一覧 / Every confirmation, and whether it was taken back."),
    "unconfirm": ("undo", "事例の確認を取り消す（法務責任者）/ Take back a confirmation (legal officer): what rests on it ends within seconds."),
    "withdraw": ("plans", "許可を今すぐ終わらせる / End a permit now."),
    "look": ("plans", "もう一度見る。許可がなければ見られない / Look once more; without a living permit nobody looks."),
    "permits": ("plans", "許可証の一覧 / Every permit and its state."),
    "effects": ("access", "許可証とカーネルを並べて見る：違いと直した回数も / Both sides of every effect: what is permitted, what stands in the kernel."),
    "volumes": ("access", "通信量の分布：少数の回線が占める割合と、混む時間帯 / Volumes of lines: which share moves how much, and the hours the band is full."),
    "effect": ("effect", "苦情などの日ごとの件数と施策の前後 / complaints and other counts by day, before and after a measure"),
    "mail": ("mail", "メールサーバへの回答、送信制限の解除 / what the mail server is answered; lifting a limit"),
    "port25": ("port25", "25番ポート：回線を例外として開く、元に戻す / port 25: open a line as an exception, close it again"),
    "explain": ("plans", "なぜか、なぜだめか / Why, or why not: the decision replayed with the book of that day."),
    "register": ("register", "公開登録簿：有効な施策、根拠、期間、異議の申し出先 / The public register: measures in force, ground, term, how to object."),
    "cases": ("wording", "手続の事案 / cases of procedures"),
    "lines": ("records", "回線の台帳 / the subscriber register"),
    "posts": ("publishing", "投稿サービスの発信者情報 / sender records of services with posts"),
    "consent": ("consent", "同意の記録 / records of consent"),
    "entrust": ("entrust", "委託の台帳 / the register of entrustments"),
    "incident": ("incident", "事故対応の部屋 / the room of an incident"),
    "campaign": ("campaign", "多くの人への連絡メール / one approved message to many people"),
    "event": ("event", "イベントの公開ボードと案内ページ / an event's public board and portal"),
    "talk": ("talk", "アドレスを伏せた二人の連絡 / masked talk between two people"),
    "viewing": ("viewing", "招待した人だけへの映像・ファイルの公開 / a film or files for invited people only"),
    "envelope": ("envelope", "夜間の枠 / what may happen by night"),
    "doctor": ("examining", "診断 / look for what is wrong"),
    "ledger": ("records", "監査台帳 / the ledger"),
    "casebook": ("book", "事例集 / the case book"),
    "people": ("undo", "署名できる人 / who may sign"),
}
"""By name: a module of this folder, in which the command or the group of commands stands under the same name; and its one line."""
