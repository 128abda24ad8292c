"""What the terminal says, in Japanese and English. `LANG` chooses, `--lang` decides; machines get `--json`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text
from rich.tree import Tree

from sekisho.faces.words.access import ACCESS
from sekisho.faces.words.asked import ASKED
from sekisho.faces.words.campaign import CAMPAIGNS
from sekisho.faces.words.contractor import CONTRACTORS, REPLIES
from sekisho.faces.words.effect import EFFECT
from sekisho.faces.words.entrust import ENTRUSTED
from sekisho.faces.words.event import EVENT
from sekisho.faces.words.hand_over import PHRASES as HANDED_OVER
from sekisho.faces.words.incident import INCIDENTS
from sekisho.faces.words.letters import LETTERS
from sekisho.faces.words.mail import STAGES
from sekisho.faces.words.posts import POSTS
from sekisho.faces.words.refusals import REFUSALS
from sekisho.faces.words.scan import SCANNED
from sekisho.faces.words.signature import SIGNATURES
from sekisho.faces.words.talk import TALKS
from sekisho.faces.words.tool import PHRASES as TOOLED
from sekisho.faces.words.viewing import VIEWINGS
from sekisho.law.canonical import canonical, plain

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
MARKS = {"met": "✓", "unmet": "✗", "ask": "?", "permitted": "✓", "refused": "✗", "referred": "?", "out-of-scope": "–"}

PHRASES: Mapping[str, tuple[str, str]] = {
    **REFUSALS,
    **ASKED,
    **LETTERS,
    **POSTS,
    **SCANNED,
    **ENTRUSTED,
    **HANDED_OVER,
    **TOOLED,
    **ACCESS,
    **EFFECT,
    **EVENT,
    **SIGNATURES,
    **STAGES,
    **CAMPAIGNS,
    **CONTRACTORS,
    **REPLIES,
    **INCIDENTS,
    **TALKS,
    **VIEWINGS,
    "keep-is-gone": (
        "sekisho が動いていません。`sekisho run` で起動してください。",
        "Sekisho is not running here. Start it with `sekisho run`.",
    ),
    "no": ("できません", "No"),
    "wrong-settings": ("設定が正しくありません", "The settings are wrong"),
    "missing": ("足りないもの", "What is missing"),
    "who": ("用意できる人", "who can supply it"),
    "signatures": ("承認の署名", "signatures of reviewers"),
    "permitted": ("できます", "permitted"),
    "refused": ("できません", "refused"),
    "referred": ("人の判断が必要です", "referred to a person"),
    "out-of-scope": ("対象外です", "out of scope"),
    "no-advice": ("これは法的助言ではありません。", "This is not legal advice."),
    "ledger-ok": ("台帳は署名されたとおりです", "The ledger is exactly what was signed"),
    "ledger-bad": ("台帳が署名と一致しません", "The ledger is not what was signed"),
    "entries": ("件", "entries"),
    "first-bad": ("最初の不一致", "the first that does not fit"),
    "records-ok": ("記録は台帳と一致します", "Our records are exactly what the ledger says"),
    "records-bad": ("記録が台帳と一致しません", "Our records are NOT what the ledger says"),
    "rows": ("行", "rows"),
    "altered": ("行が書き換えられています", "the row was altered"),
    "body-lost": ("台帳から戻した行です（中身は失われています）", "the row was made again from the ledger; its body is lost"),
    "another-entry": ("行が別の記録を指しています", "the row points at another entry"),
    "entry-without-row": (
        "台帳にあるのに行がありません（消されたか、書き込みの途中で止まりました）",
        "the entry has no row: it was taken out, or a write was cut short",
    ),
    "row-without-entry": ("台帳にない行です", "the row is not in the ledger"),
    "ended-but-in-force": ("終わった許可証が有効とされています", "a permit that ended is said to be in force"),
    "imported": ("回線を取り込みました", "lines imported"),
    "refused-rows": ("取り込めなかった行", "rows not taken"),
    "proposed": ("計画を出しました", "Proposed as plan"),
    "permits": ("許可証", "permits"),
    "none-yet": ("まだありません（足りないものがあります）", "none yet: something is still missing"),
    "withdrawn": ("取り下げました", "Withdrawn"),
    "unconfirmed": ("確認を取り消しました。これに拠る許可は数秒で終わります", "Taken back; permits that rest on it end within seconds"),
    "none-given": ("確認はまだありません", "Nothing was confirmed yet"),
    "dismissed-now": ("この人の署名は今から無効です", "This person's signatures count no more"),
    "the-last-officer": ("最後の法務責任者は外せません。先に別の人を招いてください", "the last legal officer: invite another first"),
    "taken-back-already": ("すでに取り消されています", "it was taken back already"),
    "confirmed": ("確認しました", "Confirmed"),
    "approved": ("承認しました", "Approved"),
    "supplied": ("証拠を加えました", "Laid in"),
    "made": ("作りました", "Made"),
    "one-custodian": (
        "ルート鍵を開けられるのは 1 人だけです。この鍵ファイルを失うと、封じたデータは二度と開けません。別の場所に保管してください。",
        "One custodian alone can open the root key. Lose this file and nothing sealed can ever be opened. Keep it elsewhere.",
    ),
    "custodians": ("ルート鍵を開けられる人の数", "custodians who can open the root key"),
    "one-time-link": ("一度だけ使える登録リンク（3日間有効）", "one-time link to enrol a passkey (good for three days)"),
    "one-time-code": ("一度だけ使える登録コード（3日間有効）", "one-time code to enrol (good for three days)"),
    "fill-in": ("設定を書き、起動してください", "Fill in the settings, then start"),
    "running": ("動いています。終わるには Ctrl-C", "Running. Ctrl-C ends it"),
    "no-permit-yet": ("有効な許可証が出るまで、何も受け取りません。", "Nothing is listened to until a permit is in force."),
    "stopped": ("止まりました", "Stopped"),
    "port-taken": ("このポートは使われています。--port で別のポートを指定してください", "That port is taken. Name another with --port"),
    "exists": ("すでに何かあります。空のフォルダを指定してください", "Something is there already. Name an empty folder"),
    "not-a-custodian": ("age の公開鍵（age1...）ではありません", "This is no age recipient (age1...)"),
    "no-vkey": (
        "写しは自分の鍵を保証できません。--vkey で公開鍵の行を渡してください",
        "A copy cannot vouch for its own key: give the public key line with --vkey",
    ),
    "not-a-book": ("事例集を読めません", "This case book cannot be read"),
    "wrong-custodian": ("この鍵ではルート鍵を開けられません", "This identity does not open the root key"),
    "book-ok": ("事例集に誤りはありません", "The case book is sound"),
    "cases": ("事例", "cases"),
    "packed": ("署名して書き出しました", "Signed and written"),
    "publisher-made": (
        "発行者の鍵を作りました。設定に次の行を書いた事業者がこの鍵の事例集を使えます",
        "Made. Operators who trust it put this line into their settings",
    ),
    "book-as-signed": ("事例集は署名されたとおりで、誤りはありません", "The case book is exactly what was signed, and sound"),
    "book-digest": ("事例集の SHA-256", "SHA-256 of the book"),
    "publisher": ("発行者", "publisher"),
    "trusted": ("設定で信頼しています", "trusted by the settings"),
    "not-trusted": ("設定で信頼していません", "not trusted by the settings"),
    "follows": ("前の版", "follows"),
    "book-loaded": (
        "事例集を替えました。変わった事例に拠る許可は数秒で判断し直されます",
        "In force; what rests on a changed case is decided again within seconds",
    ),
    "answers": ("照会の結果", "answers of authorities"),
    "taken-in": ("取り込みました", "Taken in from"),
    "decides-nothing": ("並べて示すだけで、判断には使いません。", "It stands beside the book and decides nothing."),
    "from-operator": ("提供した事業者：", "from operator"),
    "our-own": ("当社が照会", "asked by us"),
    "nothing-told": ("照会の結果も、他の事業者の事例もありません", "No answers, and no cases of others"),
    "oral": ("口頭", "by word of mouth"),
    "written": ("書面", "in writing"),
    "answer-may": ("できる", "may"),
    "answer-may-with-conditions": ("条件付きでできる", "may, with conditions"),
    "answer-may-not": ("できない", "may not"),
    "answer-no-view": ("見解なし", "no view"),
    "nothing-in-force": ("有効な施策はありません", "No measure is in force"),
    "examples": ("例題", "examples"),
    "opens": ("記録は台帳の約束と一致します", "our record opens the ledger's commitment"),
    "not-opens": ("記録が台帳の約束と一致しません", "our record does NOT open the ledger's commitment"),
    "signing": ("署名するもの（SHA-256）", "what is signed (SHA-256)"),
    "console": ("コンソール", "console"),
    "doors": ("外の人の窓口", "doors for strangers"),
    "case-opened": ("受け付けました", "Taken in"),
    "case-moved": ("進めました", "Moved"),
    "signed-so-far": ("署名しました。あと必要な署名の数", "Signed. Signatures still needed"),
    "signed-by": ("署名した人", "signed by"),
    "signatures-of": ("署名", "signatures"),
    "letter-stopped": ("許可証が失効したので、この手紙は出せません", "Its permit is gone: this letter is not to be had any more"),
    "copy-until": ("写しを消去する時刻", "the copy is erased at"),
    "case-attached": ("添付しました", "Attached"),
    "no-drift": ("公表中の文面は、いまの設定と合っています", "What is published says what is in force"),
    "no-doors": ("開いている窓口はありません", "No door is open"),
    "no-cases": ("事案はありません", "No cases"),
    "held-now": ("消去から外しました（開示はしません）", "Kept from deletion; nobody may open it for that"),
    "lifted-now": ("保全を解きました。期間を過ぎたデータは消去されます", "Lifted: data past their term are destroyed"),
    "text-adopted": ("採用しました", "Adopted"),
    "wrong-facts": ("事実の書き方が正しくありません", "The facts are not written as facts are"),
    "next-moves": ("今できること", "What can be done now"),
    "holds": ("保全中", "on hold"),
    "when-nobody": ("担当なし", "nobody's"),
    "owner": ("担当", "owner"),
    "nobody": ("まだいません", "nobody yet"),
    "case-taken": ("担当になりました", "It is yours now"),
    "when-overdue": ("期限超過", "overdue"),
    "when-ready": ("判断できる", "to be decided"),
    "when-soon": ("まもなく", "soon"),
    "when-waiting": ("待ち", "waiting"),
    "when-closed": ("終了", "closed"),
    "clock-running": ("進行中", "running"),
    "clock-over": ("満了", "over"),
    "clock-stopped": ("停止", "stopped"),
    "clock-not-over": ("まだ満了していません", "is not over yet"),
    "clock-not-running": ("動いていません", "is not running"),
    "paper-missing": ("書類がありません", "not attached yet"),
    "fact-missing": ("事実がありません", "not told"),
    "fact-wrong": ("値が正しくありません", "not a value of its type"),
    "texts-wait": ("件は、法務責任者の採用を待っています", "more wait for the legal officer to adopt them"),
    "no-prepared-texts": ("この手順のために用意した文面はありません", "No text is prepared for this move"),
    "serves-nothing": ("この事実を文章で聞く手順がありません", "no move of the book asks for the fact as free text"),
    "no-such-place": ("差し込める事実ではありません", "no fact that stands in a sentence everybody may read"),
    "text-too-long": ("事実に入る長さを超えています", "longer than the fact may be"),
    "fact-blank": ("〔ここに書く：…〕が残っています", "a place [write here: …] is left in it"),
    "fact-unasked": ("この手順では聞きません", "not asked for here"),
    "item-not-lawful": ("この日の法令にない項目です", "no item of the law of that day"),
    "fact-in-the-future": ("まだ来ていない日です", "a day that has not come"),
    "must": ("満たしていません", "does not hold"),
    "hold-living": ("保全中", "in force"),
    "hold-lifted": ("解除", "lifted"),
    "hold-replaced": ("置換", "replaced"),
    "hold-over": ("満了", "over"),
    "yes": ("はい", "yes"),
    "no-it-is-not": ("いいえ", "no"),
    "touched": ("触れる規定", "touches"),
    "then-today": ("当時の条番号 → 現在", "numbered then, and today"),
    "dissent": ("異論", "dissent"),
    "since": ("始期", "since"),
    "consent-recorded": ("同意の記録を作りました", "Recorded"),
    "receipt-link": ("本人に渡すリンク（内容の確認と撤回。一度だけ表示します）", "link for the person: to see and withdraw (shown once)"),
    "has-interest": ("利害関係あり", "has an interest"),
    "in-force": ("有効", "in force"),
    "waiting": ("承認待ち", "waiting"),
    "lapsed": ("失効", "lapsed"),
    "revoked": ("取り消し", "revoked"),
    "ended-with-it": ("一緒に終わった許可", "permits that ended with it"),
    "review-due": ("確認の期限", "review due"),
    "no-envelopes": ("夜間の枠はありません", "There is no envelope"),
    "reviewed": ("確かめました", "Reviewed"),
    "review-within-a-day": ("24時間以内に別の人が確かめてください", "Somebody else must review this within 24 hours"),
    "commented": ("意見を残しました", "Written down"),
    "conflict-declared": ("利害関係を記録しました。この計画の署名には数えません", "Declared; your signature does not count for this plan"),
    "carried-on": ("新しい証拠で、許可の終わりが延びました", "Renewed; these permits now end later"),
    "consent-over": ("終わった同意", "Consents that ended"),
    "no-consents": ("同意の記録はありません", "No consent is on record"),
    "enrolled": ("登録しました", "Enrolled"),
    "owed-on": ("義務・免責・保全", "What is owed on"),
    "nothing-owed": ("この出来事について、当時の事例集に規定はありません", "The book has no rule about this on that day"),
    "term-until": ("期限", "it was due by"),
    "no-start": ("いつ始まったか不明", "nobody said when it began"),
    "before-act": ("その行為の前に", "before you do it"),
    "unit-at-once": ("直ちに", "at once"),
    "unit-promptly": ("速やかに", "promptly"),
    "unit-without-delay": ("遅滞なく", "without delay"),
    "no-number": ("法に日数の定めなし", "the law gives no number of days"),
    "practice-until": ("実務の目安", "practice: by"),
    "practice-was": ("実務の目安は", "practice was by"),
    "not-concerned": ("この出来事に関係しない規定", "rules that do not concern this"),
    "show-all": ("--all で表示", "shown with --all"),
    "until-then": ("まで", "at the latest"),
    "days-left": ("日", "days left"),
    "late": ("遅れ", "late"),
    "holidays-unentered": ("休日が未登録の年", "earliest it can be; nobody entered the holidays of"),
    "waits-until": ("期間の末日", "the wait ends with"),
    "nobody-said": ("不明", "nobody said"),
    "until-it-ends": ("（終わるまで）", "(until it ends)"),
    "up-to": ("{day} まで（当日を含む）", "until {day}, that day included"),
    "capped": ("法律の上限まで", "counted to the limit of the law"),
    "not-sure-ask": ("確かではないため、法務責任者に確認", "not sure; ask the legal officer"),
    "held-against": ("不明なため不利に扱った事実", "Unknown, so held against you"),
}


class Chosen:
    """The language and form of this run; set once by the command line. `asked`: the language somebody named, or nothing."""

    language = "ja" if os.environ.get("LANG", "").startswith("ja") else "en"
    asked = ""
    as_json = False


def t(phrase: str) -> str:
    """A phrase in the chosen language; a code we have no words for is shown as it is."""
    ja, en = PHRASES.get(phrase, (phrase, phrase))
    return ja if Chosen.language == "ja" else en


def pick(words: Mapping[str, str] | None) -> str:
    """Words of the case book in the chosen language."""
    return (words or {}).get(Chosen.language) or next(iter((words or {}).values()), "")


def answer(value: object, text: RenderableType) -> None:
    """Print the JSON where it was asked for, else the text."""
    if Chosen.as_json:
        typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=1))
    else:
        out.print(text)


Canonical = Annotated[bool, typer.Option("--canonical", help="判断だけを正準 JSON で / the decisions alone, as canonical JSON")]


def say_canonical(decisions: object) -> None:
    """The bytes that are hashed and signed, and nothing else: the same decision is the same bytes everywhere, for ever."""
    typer.echo(canonical(decisions), nl=False)


def refuse(code: str, detail: Mapping[str, Any] | None = None, exit_code: int = 1) -> typer.Exit:
    """Say no, with the code and what it names; the exit to raise."""
    if Chosen.as_json:
        typer.echo(json.dumps({"error": {"code": code, "detail": plain(detail or {})}}, ensure_ascii=False))
    else:
        rest = "  ".join(f"{k}={_named(v)}" for k, v in (detail or {}).items() if k != "lacks")
        err.print(Text(f"{t('no')}: {t(code)}  {rest}".rstrip(), style="bold"))
        for lack in (detail or {}).get("lacks", ()):
            err.print(Text(f"  ✗ {lack['name']}: {t(lack['code'])}"))
    return typer.Exit(exit_code)


def _named(value: object) -> str:
    """What a refusal names: words of the book in the chosen language, all else as it stands."""
    return pick(value) if isinstance(value, Mapping) and {"ja", "en"} == value.keys() else str(value)


def decision_tree(decision: Mapping[str, Any]) -> Tree:
    """One step's answer, drawn: axes, cases tried, conditions, and what is missing."""
    step = decision["step"]
    elements = ", ".join(step["elements"])
    root = Tree(Text(f"{MARKS[decision['outcome']]} {step['name']} ({elements}): {t(decision['outcome'])}", style="bold"))
    for axis in decision["axes"]:
        branch = root.add(Text(f"{MARKS[axis['outcome']]} {pick(axis['title'])}"))
        if norms := touching(axis.get("norms", ())):
            branch.add(Text(f"§ {t('touched')}: {'; '.join(norms)}", style="dim"))
        for tried in axis["tried"]:
            sure = f"[{tried['authority']} {tried['certainty']}]"
            head = f"{MARKS[tried['outcome']]} {tried['case']} {tried['ground']} {sure} {pick(tried['title'])}"
            leaf = branch.add(Text(head))
            leaf.add(Text(f"{tried['source']} ({tried['since']}–{tried['until'] or ''})", style="dim"))
            if moved := [f"{', '.join(c['then'])} → {', '.join(c['now'])}" for c in tried.get("cites", ()) if c["then"] != c["now"]]:
                leaf.add(Text(f"§ {t('then-today')}: {'; '.join(moved)}", style="dim"))
            for otherwise in tried.get("dissent", ()):
                leaf.add(Text(f"≠ {t('dissent')} [{otherwise['authority']}]: {pick(otherwise['words'])}", style="dim"))
            for checked in tried["checked"]:
                why = f" — {pick(checked['why_words']) or checked['why']}" if checked["answer"] == "unmet" else ""
                leaf.add(Text(f"{MARKS[checked['answer']]} {pick(checked['words'])}{dated(checked)}{why}"))
    return root


def touching(norms: Sequence[Mapping[str, Any]]) -> list[str]:
    """The statutes a step touches, each by its title and what breaking it costs; guidance stands in the JSON."""
    return [pick(n["title"]) + (f" [{pick(n['penalty'])}]" if n["penalty"] else "") for n in norms if n["authority"] == "A1"]


def dated(checked: Mapping[str, Any]) -> str:
    """The dated number a condition stands on, since when, and who sees it otherwise; empty for every other condition."""
    value = (checked.get("parameter") or {}).get("value")
    if not value:
        return ""
    dissent = "".join(f"; {t('dissent')} [{d['authority']}]: {pick(d['words'])}" for d in value["dissent"])
    return f" ({checked['parameter']['name']} = {value['value']}, {t('since')} {value['since']} [{value['authority']}]{dissent})"


def to_do(decision: Mapping[str, Any]) -> Text:
    """What is missing, and who can supply each."""
    lines = Text()
    for missing in decision["missing"]:
        who = ", ".join(pick(w["words"]) or w["role"] for w in missing["who"])
        kind = f" [{pick(missing['kind']['title'])}]" if missing["kind"] else ""
        place = f"{missing['case']} " if missing["case"] else ""
        lines.append(f"  • {place}{pick(missing['words'])}{kind}\n      {t('who')}: {who}\n")
    return lines
