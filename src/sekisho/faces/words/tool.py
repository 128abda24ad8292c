"""What the terminal says of contractors' tools and of mails to people of our own, refusals included. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PHRASES: Mapping[str, tuple[str, str]] = {
    "tool-declared": ("申告を記録しました", "The declaration is entered"),
    "tool-forbidden": ("委託では認めない機能が「あり」と申告されています", "Declared on, though no entrustment allows it"),
    "tool-drilled": ("演習の結果を記録しました", "The drill is entered"),
    "tool-mails": ("通のメール", "mails"),
    "no-tools": ("点検の要る道具はありません", "No tool needs looking at"),
    "canary-leaked": ("漏えいのおそれ：この引渡しの名簿から", "A leak, by the look of it: from the list of"),
    "canary-explained": ("承認された連絡のメールです", "A mail of an approved campaign"),
    "canary-unknown": ("当方の見張り用の宛先ではありません", "None of our own"),
}
REFUSALS: Mapping[str, tuple[str, str]] = {
    "no-tool-questions": ("質問表が読めません（texts の papers/tool-questions@1.toml）", "The list of questions cannot be read"),
    "declaration-incomplete": (
        "次の質問に答えがないか、証拠又は使える人が書かれていません。答えのないものは申告なしです",
        "These are not answered, or lack their evidence or who can: what is not answered is not declared",
    ),
    "other-questions": (
        "質問表が新しくなっています。もう一度答えてもらってください",
        "There is a newer list of questions: have it answered again",
    ),
    "no-such-declaration": (
        "この委託の道具はまだ申告されていないか、新しい申告があります（sekisho entrust tool declare）",
        "This row's tool is not declared yet, or was declared anew (sekisho entrust tool declare)",
    ),
    "not-a-drill": ("演習の結果として読めません", "This is no result of a drill"),
    "no-such-drill": (
        "その演習は最新のものではありません。sekisho entrust tool drill をやり直してください",
        "That is not the newest drill: run sekisho entrust tool drill again",
    ),
    "tool-not-clear": (
        "事実が「可」を許しません。申告と演習を確かめてください",
        "The facts allow no go: look at what was declared and what the drill heard",
    ),
    "drilled-it-oneself": (
        "申告を読んだ人や演習をした人は、可とできません。別の人が署名してください",
        "Who read the answers or ran the drill cannot say go: somebody else signs",
    ),
    "not-a-release": ("版の書き方が正しくありません", "This is no release"),
    "wrong-tool-file": ("ファイルの書き方が正しくありません", "The file is not written as it should be"),
    "no-sink": (
        "メールの受け皿を開けません。drill.toml の listen を確かめてください",
        "The sink cannot listen there: see `listen` in drill.toml",
    ),
    "cannot-print": ("PDF を作れません", "No PDF was made"),
    "not-a-mail": ("メールとして読めません", "This is no mail"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "not-asked": ("道具を問わない", "no tool is asked about"),
    "clear": ("可：実際のデータを入れてよい", "go: clear for real data"),
    "no-declaration": ("不可：機能がまだ申告されていない", "no-go: nothing is declared yet"),
    "old-questions": ("不可：古い質問表への答え", "no-go: an older list of questions was answered"),
    "no-drill": ("不可：演習がまだ", "no-go: not drilled yet"),
    "stale": ("不可：新しい版が出ている", "no-go: there is a newer release"),
    "undeclared-function": ("不可：申告されていない機能が動いた（契約違反）", "no-go: a function worked that was not declared"),
    "forbidden-function": ("不可：委託では認めない機能がある", "no-go: a function is on that no entrustment allows"),
    "shows-addresses": ("不可：ほかの人のアドレスが見えた", "no-go: people saw others' addresses"),
    "drill-incomplete": ("不可：演習が最後までできていない", "no-go: the drill is not complete"),
    "no-sheet": ("双方の署名を待っている", "waits for both signatures"),
    "no-go": ("不可と署名された", "signed as no-go"),
}


def template(questions: Sequence[Mapping[str, Any]], groups: Mapping[str, Mapping[str, str]]) -> str:
    """What the contractor fills in: every question, in both languages, answered by nobody yet."""
    lines = ['tool = ""      # 道具の名前 / its name', 'release = ""   # 版 / its release']
    lines += ['named = ""     # 答える人の氏名と所属 / who answers, and for which firm']
    lines += ['evidence = ""  # 証拠の書面（個々の答えに無いとき）/ the document that shows it, where an answer names none', ""]
    group = ""
    for asked in questions:
        if asked["group"] != group:
            group = str(asked["group"])
            lines += [f"# == {groups[group]['ja']} / {groups[group]['en']}", ""]
        lines += [f"# {asked['words']['ja']} / {asked['words']['en']}", f"[answers.{asked['id']}]", "# on = false", '# who = ""', ""]
    return "\n".join(lines)
