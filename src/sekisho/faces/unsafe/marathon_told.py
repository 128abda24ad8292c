"""`sekisho demo --people`: the marathon of 2024, each step as it happened and refused, then the lawful way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from rich.rule import Rule
from rich.text import Text

from sekisho.desk import audit
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.staff import statements
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe import marathon as unsafe_marathon
from sekisho.faces.unsafe import people as unsafe_people
from sekisho.faces.unsafe.marathon import Marathon, Room
from sekisho.faces.words.campaign import FAULTS
from sekisho.faces.words.say import Chosen, out, pick, t
from sekisho.law.entrustment import NEVER, Action, What

INTRODUCTION = {
    "ja": """ある市民マラソンの事務局が、参加者の名簿を委託先に渡し、委託先はアプリの会社に再委託しました。だれも知らない機能のために、
参加者どうしのアドレスが見えました（2024年1月に公表された回答による。終わりの章には、2023年のある会議で起きたことも加えました）。
その一歩一歩を、まず当時のとおりに試します（✗ 理由とともに断られます）。次に正しい手順で行います（✓ 下のコマンドと同じことです）。
人も会社も架空です。""",
    "en": """The office of a city marathon gave its runners' list to a contractor, who passed the work to the maker of an app; by a function
nobody had known of, runners saw each other's addresses (from the organiser's answers of January 2024; the last chapter adds what
happened at a conference in 2023). Each step is tried as it happened (✗ refused, with the reasons) and then done the lawful way
(✓ the commands below it do the same). People and firms are made up.""",
}
LONG_AGO = timedelta(days=40)
MOST = 7
REGISTER = ("registered", "in-force", "fields-in-row")
ALL = ("allergy", "birthday", "mail", "name")


def said(ja: str, en: str) -> str:
    return ja if Chosen.language == "ja" else en


def must(true: object, what: str) -> None:
    """Every refusal refused, every lawful step went through; else the demo ends with 1. Raises AssertionError naming the step."""
    if not true:
        raise AssertionError(what)


def why(no: KeepSaidNo) -> list[str]:
    """A refusal in words: what is lacking where that is said, else the refusal itself."""
    if lacks := no.detail.get("lacks"):
        return [t(x["code"]) for x in lacks]
    if faults := no.detail.get("faults"):
        return [fault(f["code"], f["where"]) for f in faults]
    fields = no.detail.get("fields", [])
    return [f"{t(no.code)}{said('：', ': ') + ', '.join(fields) if fields else ''}"]


def fault(code: str, where: str) -> str:
    return f"{where}: {said(*FAULTS.get(code, (code, code)))}"


def of_the_register(found: Mapping[str, Any]) -> list[str]:
    """What the register lacks; papers a plan would bring besides are not listed."""
    tried = [x for axis in found["decision"]["axes"] for x in axis["tried"]]
    return [pick(c["words"]) for x in tried for c in x["checked"] if c["answer"] != "met" and c["condition"] in REGISTER]


@dataclass
class Told:
    """The story as it is printed. `count`: chapters so far. `tried`: what stands before a step that is refused."""

    tried: tuple[str, str] = ("当時：", "As it happened: ")
    count: int = field(default=0, init=False)
    refused: int = field(default=0, init=False)

    def chapter(self, ja: str, en: str) -> None:
        self.count += 1
        out.print()
        out.print(Rule(Text(f"{self.count}. {said(ja, en)}", style="bold"), align="left"))

    def was(self, ja: str, en: str, reasons: Iterable[str]) -> None:
        """A step of 2024, and why it is refused."""
        listed = list(dict.fromkeys(reasons))
        must(listed, f"refused: {en}")
        self.refused += 1
        out.print(Text.assemble(("  ✗ ", "bold red"), (said(*self.tried), "dim"), said(ja, en)), soft_wrap=True)
        for line in listed[:MOST]:
            out.print(Text(f"      {line}", style="dim"), soft_wrap=True)
        if len(listed) > MOST:
            more = len(listed) - MOST
            out.print(Text(said(f"      ほか {more} 件", f"      and {more} more"), style="dim"))

    def no(self, ja: str, en: str, deed: Callable[[], object]) -> None:
        """A step of 2024 that `keep` must refuse."""
        try:
            deed()
        except KeepSaidNo as refused:
            self.was(ja, en, why(refused))
            return
        must(False, f"refused: {en}")

    def now(self, ja: str, en: str, *commands: str) -> None:
        """The lawful step, done; and the commands that do it at a terminal."""
        out.print(Text.assemble(("  ✓ ", "bold green"), said(ja, en)), soft_wrap=True)
        for command in commands:
            out.print(Text(f"      $ sekisho {command}", style="cyan"), soft_wrap=True)


@dataclass
class Story:
    """Chapter by chapter; `agency`, `given`: what earlier ones hand down."""

    race: Marathon
    box: unsafe_demo.Mailbox
    told: Told = field(default_factory=Told)
    agency: str = ""
    given: str = ""

    def whole(self) -> None:
        out.print()
        out.print(pick(INTRODUCTION), soft_wrap=True)
        self.registered()
        self.tried()
        self.mailed()
        self.invited()
        self.leaked()
        self.handled()

    def registered(self) -> None:
        told, race, keep = self.told, self.race, self.race.world.keep
        told.chapter("名簿を渡す前に：委託の台帳", "Before a list is handed over: the register of contractors")
        nobody = keep.call("may-hand-over", entrustment="entrustment-0000000000000000", fields=["name", "mail"], persons=40)
        told.was(
            "台帳にない会社（アプリの会社）に名簿を渡した",
            "the list went to a firm nobody had entered: the maker of an app",
            of_the_register(nobody),
        )
        self.agency = race.enter("agency")
        told.now(
            "委託先 Sakura Agency を台帳に載せ、別の人が承認しました",
            "Sakura Agency is entered by one of ours and approved by another",
            "entrust add agency.toml --key suzuki.key",
            "entrust approve ROW --key tanaka.key",
        )
        told.was(
            "委託先が、本人に代わって仮登録を作った",
            "the contractor made accounts in people's names",
            [said("委託で認められる行為にありません：create-account", "no action an entrustment can allow: create-account")]
            if "create-account" in NEVER and "create-account" not in {a.value for a in Action}
            else [],
        )
        below = race.enter_only("printing-house", self.agency)
        told.no(
            "委託先が、断りなく再委託した",
            "the contractor handed the work on without asking",
            lambda: race.move(below, What.APPROVED, "reviewer-a"),
        )
        race.move(below, What.AGREED, "officer", proof="7" * 64)
        race.move(below, What.APPROVED, "reviewer-a")
        told.now(
            "法務責任者が再委託を承諾し、印刷所の行も有効になりました",
            "the legal officer consents; the printing house has its row",
            "entrust agree ROW consent.pdf --key takahashi.key",
        )

    def tried(self) -> None:
        told, race, content = self.told, self.race, unsafe_people.runners()
        told.chapter("名簿を渡す前に：委託先の道具の演習", "Before a list is handed over: the contractor's tool is drilled")
        race.declare(self.agency)
        told.now(
            "委託先は「配信や一覧の機能はすべて切ってある」と申告しました",
            "the agency declares every function that shares or lists: off",
            "entrust tool declare ROW answered.toml signed.pdf --key suzuki.key",
        )
        found = race.drill(self.agency, lists=True)
        saw = [
            said(
                f"架空の {to} さんに {'、'.join(who)} さんのアドレスが見えた（{where}）",
                f"made-up person {to} saw the address of {', '.join(who)} ({where})",
            )
            for to, who, where in found["caught"]
        ]
        told.was(
            f"返信が全員に届く機能を、だれも知らなかった。架空の4人の演習で見つかります（届いたメール {found['mails']} 通）",
            f"nobody knew that replies go to everybody. A drill with four made-up people catches it ({found['mails']} mails came)",
            [*(f"{race.question(f, Chosen.language)} ({f})" for f in found["undeclared"]), *saw],
        )
        told.no("それでも使い始めた", "it was used all the same", lambda: race.go(self.agency))
        plan = race.propose(self.agency, content)
        must(race.approve(plan) == [], "no list for a tool that failed its drill")
        told.was("名簿を渡した", "the list was handed over", map(pick, race.missing(plan)))
        found = race.drill(self.agency, lists=False)
        must(found["undeclared"] == [], "the second drill passes")
        race.go(self.agency)
        told.now(
            f"機能を切ってもう一度演習し（届いたメール {found['mails']} 通）、双方が「可」に署名しました",
            f"the function is switched off, the drill run again ({found['mails']} mails came), and both sides sign",
            "entrust tool drill ROW drill.toml --key sato.key",
            "entrust tool go ROW sheet.pdf --named 'M. Sakurai' --key tanaka.key",
        )
        plan = race.propose(self.agency, content, fields=ALL, why_not_lower="the list at hand")
        must(race.approve(plan) == [], "not all columns")
        told.was("手元の名簿を、列ごと丸ごと渡した", "all of the list went, whatever columns it had", map(pick, race.missing(plan)))
        (permit,) = race.approve(race.propose(self.agency, content, why_not_lower="a second look"))
        self.given = race.give(permit, content, ["runner07@example.jp"])
        ended = race.ended(self.given)
        must(ended["given"] == unsafe_people.PEOPLE - 1 and ended["canaries"] == 2, "names and addresses went out once")
        told.now(
            f"氏名とアドレスだけを {ended['given']} 人分、封をして渡しました（断った1人を除き、架空の {ended['canaries']} 人を混ぜて）",
            f"names and addresses of {ended['given']} people (one objected), sealed, with {ended['canaries']} made-up ones",
            "entrust hand-over propose hand-over.toml runners.csv --key sato.key",
            "entrust hand-over give PERMIT runners.csv --without objected.csv --key suzuki.key",
        )

    def mailed(self) -> None:
        told, race, notice = self.told, self.race, unsafe_marathon.NOTICE
        told.chapter("参加者へのメール", "Mails to the runners")
        faults = unsafe_marathon.as_in_2024()
        told.was(
            "全員の宛先が To と Cc に並んだメールが出た",
            "a mail went out with everybody in To and Cc",
            [fault(f["code"], f["where"]) for f in faults],
        )
        told.no("どこにも知らせずに送った", "it was announced nowhere", lambda: race.submit(notice, announcement={}))
        mine = race.submit(notice, who="officer", entrustment=self.agency)
        told.no(
            "書いた人だけで送った", "whoever wrote it sent it", lambda: unsafe_demo.approve(race.world, race.keys["officer"], mine["plan"])
        )
        right = race.submit(notice, entrustment=self.agency)
        told.no(
            "見せた文面と違う文面を送った",
            "another text went out than was shown",
            lambda: self._approved_by_another_text(mine["plan"], right["plan"]),
        )
        mails = race.send(right["plan"], self.box)
        alone = [m for m in mails if "," not in m["to"] and not _names_others(m)]
        must(len(alone) == unsafe_people.PEOPLE, "one recipient each, and nobody else's address")
        must(race.genuine(mails[0]), "the page knows the mail")
        told.now(
            f"別の人が承認し、{len(mails)} 通を一人ずつ送りました。ほかの人のアドレスはどこにもなく、符号で本物と分かります",
            f"another approves it: {len(mails)} mails, one recipient each, no foreign address; a code shows each is genuine",
            "campaign submit race-notice --key suzuki.key",
            "approve PLAN --key tanaka.key",
        )

    def _approved_by_another_text(self, one: str, other: str) -> None:
        """A signature over what was shown of one text, laid before `keep` for the other."""
        key, keep = self.race.keys["reviewer-a"], self.race.world.keep
        shown = keep.call("plan", plan=one)["shown"]
        words = statements.approval(other, shown, key.person, self.race.world.clock())
        keep.call("review", approval=words, signature=key.sign(words))

    def invited(self) -> None:
        told, race = self.told, self.race
        told.chapter("登録は本人だけが", "Nobody is registered by another")
        made = race.submit(unsafe_marathon.INVITATION)
        mails = race.send(made["plan"], self.box)
        times = unsafe_marathon.visited(mails[:3])
        must(race.consents() == 0, "no robot agrees to anything")
        told.was(
            "リンクを開いただけで登録になった",
            "opening a link counted as signing up",
            [said(f"リンクを {times} 回開いても、同意の記録は 0 件", f"links opened {times} times, consents recorded: 0")],
        )
        must(race.agree(made["campaign"], mails[0]) == "given" and race.consents() == 1, "the code agrees, for one person")
        told.now(
            f"招待 {len(mails)} 通。メールの12桁を自分で入れた1人だけが同意しました",
            f"{len(mails)} invitations; the one who typed the 12 digits of their mail agreed, nobody else",
            "campaign submit race-news --key suzuki.key",
        )

    def leaked(self) -> None:
        told = self.told
        told.chapter("名簿が漏れたら", "When a list leaks")
        found = self.race.leaked(self.agency, self.given)
        must(found["known"] and not found["explained"] and found["hand_over"] == self.given, "the canary names the hand-over")
        told.was(
            "どこから漏れたのか、だれにも分からなかった",
            "nobody could tell where it leaked",
            [said("今は、混ぜた架空の人に届いた1通で分かります", "now one mail to a made-up person tells")],
        )
        told.now(
            f"靴屋の広告が、渡した名簿にだけいる架空の人に届きました。漏れ元：{found['to']}（引渡し {found['hand_over']}）",
            f"a shoe shop wrote to somebody who stands in one list only. It leaked from {found['to']} ({found['hand_over']})",
            "entrust hand-over canary RECIPIENT mail.eml",
        )

    def handled(self) -> None:
        told, room = self.told, Room(self.race, Chosen.language)
        told.chapter("事故対応の部屋", "The room of the incident")
        late = self.race.late((self.race.world.clock() - LONG_AGO).date())
        told.was("報告が遅れた（知って40日）", "reports were late (40 days after knowing)", [f"{pick(d['title'])}" for d in late])
        room.open(from_case="")
        room.do("record", leaked_by=self.agency, persons=said("1,150人", "1,150"))
        clocks = room.running()
        told.now(f"知った日から {len(clocks)} つの期限が同時に進みます", f"{len(clocks)} clocks run from the day it was known")
        for clock in sorted(clocks, key=lambda c: c["due"]):
            out.print(Text(f"      {clock['due']}  {pick(clock['title'])}", style="dim"), soft_wrap=True)
        for who in ("desk", "officer"):
            room.do("acknowledge", who)
        self._explained(room)
        self._reported(room)
        self._closed(room)

    def _explained(self, room: Room) -> None:
        told = self.told
        told.no(
            "原因は担当者のミスとされた",
            "the cause was said to be somebody's mistake",
            lambda: room.do("add-cause", cause_kind="person", cause_under=0),
        )
        room.do("add-cause", cause_under=0)
        room.do("add-measure", measure_due=room.today())
        told.now(
            "原因は手順にたどり着き、対策に担当者と期日がつきました",
            "the cause ends in a process; its measure has an owner and a day",
            "cases move CASE add-cause --facts cause.toml --key takahashi.key",
        )
        told.no(
            "おわびに、漏らした会社のクーポンを配った",
            "amends were coupons of the very firm it leaked from",
            lambda: room.do("add-cost", cost_kind="coupon", cost_to="Sakura Agency"),
        )
        rows = [h["row"] for h in room.room()["holding"]]
        room.do("order", order_kind="undo-accounts", order_to="\n".join(rows), order_due=room.today())
        for row in rows:
            room.do("order-taken", taken_by=row, taken_undone=0)
        told.now(
            f"委託先と再委託先のすべて（{len(rows)} 社）に、本人の意思によらない登録の取消しを命じ、全社の返事がそろいました",
            f"all {len(rows)} contractors, however far down, are ordered to undo accounts, and each has answered",
            "incident order CASE 'undo every account' --kind undo-accounts --due 2026-11-25 --key takahashi.key",
        )

    def _reported(self, room: Room) -> None:
        told = self.told
        for move, stage in (
            ("personal-first", "first"),
            ("secrecy-first", "first"),
            ("personal-final", "final"),
            ("secrecy-final", "final"),
        ):
            room.do(move, stage=stage)
        room.do("not-entrusted")
        room.do("tell-people", told_how="mail")
        letters = [x for x in room.case()["letters"] if x["text"].startswith(("incident-commission", "incident-ministry"))]
        must(len(letters) == 4 and not room.running(), "both authorities' reports from one record, no clock runs")
        told.now(
            "同じ記録から、個人情報保護委員会と総務省への報告が2通ずつできました。本人にも知らせ、期限はすべて止まりました",
            "one record gave two reports each to the commission and to the ministry; the people were told; no clock runs any more",
            "cases letter LETTER --out report.pdf",
        )
        room.do("name-spokesperson", spokesperson=unsafe_demo.PEOPLE["officer"][0])
        told.no(
            "担当者の名を出して説明した",
            "the statement named one of the staff",
            lambda: room.do("draft-statement", "desk", statement_ja=f"{unsafe_demo.PEOPLE['engineer'][0]}の操作ミスでした。"),
        )
        room.do("draft-statement", "desk")
        room.do("publish-statement", publish_number=1)
        told.now(
            "別の人が確かめて、公表しました（公開ページ /statements）",
            "another checks the statement and publishes it (public page /statements)",
            "cases move CASE publish-statement --set publish_number=1 --key takahashi.key",
        )

    def _closed(self, room: Room) -> None:
        told = self.told
        for _ in range(3):
            room.do("add-question", "desk", question_case="")
        room.do("answer", answer_to="1")
        told.no("3つの質問に1つの答えで終わりにした", "three questions got one answer, and that was that", lambda: room.do("close"))
        room.do("answer", answer_to="2, 3")
        must(room.do("close") == "closed", "the incident closes")
        told.now("3つとも答えて、終結しました", "all three are answered; the incident closes")


def _names_others(mail: Mapping[str, Any]) -> bool:
    others = {r.mail for r in unsafe_marathon.everybody()} - {mail["to"]}
    return any(o in mail["body"] or o in str(mail["headers"]) for o in others)


def tell(place: unsafe_demo.Demo, race: Marathon, box: unsafe_demo.Mailbox) -> None:
    """All of it; and the ledger is what was signed. Raises AssertionError naming the step that came out wrong."""
    story = Story(race, box)
    story.whole()
    found = audit.carry_out(audit.Audit(place.settings.folder / "ledger", race.world.public))
    must(found["ok"], "the ledger verifies")
    out.print()
    out.print(
        Text(
            said(
                f"当時の {story.told.refused} の場面は、どれも理由とともに止まりました。台帳 {found['checked']} 件は署名どおりです。",
                f"All {story.told.refused} were refused, each with its reasons. The ledger's {found['checked']} entries are as signed.",
            ),
            style="bold",
        ),
        soft_wrap=True,
    )
