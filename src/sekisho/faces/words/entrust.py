"""What the terminal says of entrustments, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

ENTRUSTED: Mapping[str, tuple[str, str]] = {
    "entrusted": ("台帳に下書きとして記載しました（別の人の承認が必要です）", "Entered as a draft; somebody else must approve it"),
    "no-entrustments": ("台帳には何も記載されていません", "The register is empty"),
    "less-data": ("渡さずに済む方法、より少ないデータで済む方法", "Ways that hand over nothing, or less"),
    "row-said": ("台帳の記載", "what the register says"),
    "return-due": ("返却・消去の期限", "due back or erased by"),
    "return-late": ("返却・消去の期限を過ぎています", "LATE: not back, not erased"),
    "ends-soon": ("30日以内に終わります", "ends within 30 days"),
    "people-count": ("人", "people"),
    "nothing-due": ("いま対応が必要なものはありません", "Nothing is due"),
    "list-leaked": ("名簿が漏れたようです。この行を漏れ元とする事故を記録してください", "its list leaked: open an incident naming it"),
    "back-late": ("返却・消去の期限を過ぎています", "not back, not erased, and its day is over"),
    "back-due": ("まもなく返却・消去の期限です", "to be given back or erased by"),
    "row-ends": ("まもなく委託の期間が終わります", "this entrustment ends on"),
    "days-late": ("日超過", "days late"),
    "answers-for-it": ("担当", "answers for it"),
    "told-too": ("知らせる相手", "told too"),
}
ENTRUST_REFUSALS: Mapping[str, tuple[str, str]] = {
    "entrustment-incomplete": (
        "台帳の記載に、空の項目か正しくない項目があります。書き直してください",
        "These fields of the row are empty or wrong: write them again",
    ),
    "wrong-entrustment": ("委託のファイルの書き方が正しくありません", "The file of the entrustment is not written as one"),
    "unknown-entrustment": (
        "その番号の委託は台帳にありません。sekisho entrust list で確かめてください",
        "The register has no such entrustment; see sekisho entrust list",
    ),
    "no-such-ground": (
        "その根拠は、有効な事例集の委託の事例ではありません（例：jp/E-02/1）",
        "No case in force about entrusting has this id (for one: jp/E-02/1)",
    ),
    "re-entrustment-forbidden": (
        "再委託元の契約は再委託を禁じています。委託元が契約を改めるまで渡せません",
        "The row above forbids handing on: the controller must change that contract first",
    ),
    "more-than-above": (
        "再委託先が、再委託元より多くのものを持つことになります。次の点を減らしてください",
        "A sub-contractor would hold more than the one above it: take back these",
    ),
    "too-many-firms": ("再委託が深すぎます", "Handed on through too many firms"),
    "not-in-this-status": ("今の状態ではできません", "This cannot happen in its present status"),
    "no-proof": ("証拠の書面が必要です", "A document must prove it"),
    "not-agreed": (
        "再委託はまだ承諾されていません。法務責任者が先に承諾してください（sekisho entrust agree）",
        "Nobody consented to the re-entrustment: the legal officer does so first (sekisho entrust agree)",
    ),
    "unknown-rung": ("そのような段階はありません", "The ladder has no such rung"),
    "no-list-of-people": (
        "名簿の CSV として読めません。1行目に項目名、2行目から1人1行で書いてください（UTF-8）",
        "This is no list: CSV in UTF-8, the first line names the fields, then one line for each person",
    ),
    "unknown-form": ("書き出せる形式は json-ld と csv です", "Forms are json-ld and csv"),
}
WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "status": {
        "draft": ("下書き", "draft"),
        "not-yet": ("開始前", "not begun"),
        "in-force": ("有効", "in force"),
        "suspended": ("停止中", "suspended"),
        "over": ("期間満了", "over"),
        "ended": ("終了", "ended"),
        "returned": ("返却・消去済み", "returned or erased"),
    },
    "rung": {
        "aggregate": ("人数などの集計だけを渡す", "hand over counts only"),
        "pull": ("案内を公表し、希望する本人に申し込んでもらう", "publish it, and let people come by themselves"),
        "holder-sends": ("すでに持っている側（当方）が代わりに送る", "who holds the data already (we) sends for the contractor"),
        "holder-posts": ("ウェブを使わない人には、当方が手紙で送る", "we send letters to people without the web"),
        "aliases": ("宛先のかわりに、委託ごとの符号の宛先を渡す", "hand over an opaque address for each person"),
        "pseudonyms": ("連絡先のない番号だけを渡す", "hand over numbers that reach nobody"),
        "contact": ("連絡先だけを渡す", "hand over what people are reached by, and nothing beside it"),
        "fields": ("項目そのものを渡す", "hand over the fields themselves"),
    },
}
