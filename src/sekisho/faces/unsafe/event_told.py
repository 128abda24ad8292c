"""`sekisho demo --event`: a conference of two days; the boards of 2023, refused; then a board that nobody must apologise for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.text import Text

from sekisho.desk import audit
from sekisho.desk.event.copies import Found, Sought, search
from sekisho.desk.event.panels import PANELS
from sekisho.desk.event.rehearse import Rehearsal
from sekisho.desk.event.rehearse import carry_out as rehearsed
from sekisho.desk.portal.offers import BY_PURPOSE
from sekisho.desk.signed_words import CopiesSearched, EndEvent, StopBoard
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe.hall import JAPAN, Hall, Tap, hardware
from sekisho.faces.unsafe.marathon_told import Told, must, said
from sekisho.faces.words.event import REPORT_KINDS
from sekisho.faces.words.say import Chosen, out, pick, t

INTRODUCTION = {
    "ja": """2023年、ある技術者の会議のネットワークは、参加者の端末がどのサイトの名前を引いたかを公開のボードに出し、あとで謝りました。
まず当時のボードを三つとも試します（✗ 理由とともに断られます）。それから、同じ二日間を、謝らなくてよいやり方で行います
（✓ 下のコマンドと同じことです）。二日は一分ほどで過ぎます。人も端末も問合せも架空です。""",
    "en": """In 2023 the network of an engineers' conference showed on a public board which sites its attendees' devices looked up, and
apologised afterwards. All three boards of that time are tried first (✗ refused, with the reasons). Then the same two days are held so
that nobody has to apologise (✓ the commands below do the same). Two days pass in about a minute. People, devices and look-ups are
made up.""",
}
BOARDS = {
    "board-2023-day-one": ("全員の端末が引いた名前をボードに出した", "names that everybody's devices looked up went on the board"),
    "board-2023-cut": ("二日目は、サブドメインを切って出した", "on day two the same names, sub-domains cut off"),
    "board-2023-poster": ("ポスターで知らせたことにした", "a poster on the wall was to stand for consent"),
}
AGREE = 130
NO, SILENT = 200, 201
"""Devices, by number: one that answers no, one that does not answer."""
NAMES = "attendee-names"
HIDDEN = "secret-clinic.net"
MINUTES = 180
"""A window of names."""


@dataclass
class Story:
    """Chapter by chapter; `tap`: what counts names of those who agreed."""

    hall: Hall
    told: Told = field(default_factory=Told)
    tap: Tap | None = None
    pause: Callable[[], None] = lambda: None

    def whole(self) -> None:
        out.print()
        out.print(pick(INTRODUCTION), soft_wrap=True)
        for chapter in (self.prepared, self.as_in_2023, self.opened, self.asked, self.named, self.worried, self.second_day, self.ended):
            chapter()
            self.pause()

    def clock(self) -> None:
        """A small clock, before what happens then."""
        at = self.hall.time.now().astimezone(JAPAN)
        day = self.hall.time.day
        out.print(Text(said(f"  ◷ {day}日目 {at:%H:%M}", f"  ◷ day {day}, {at:%H:%M}"), style="dim"))

    def prepared(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("前もって：答えて、試す", "Beforehand: answer a few questions, rehearse")
        made = hall.box()
        must({"board/plan.toml", "checklist.ja.md", "for-people/wifi.en.md"} <= {*made}, "the box has plan, checklist and words")
        told.now(
            f"ボランティアが14の質問に答えると、計画、Wi-Fi のページの文、確認表など {len(made)} 個のファイルができました",
            f"a volunteer answers fourteen questions; {len(made)} files are there: the plan, the words for the Wi-Fi page, a checklist",
            "event init our-event",
        )
        found = rehearsed(Rehearsal(1000, 200, days=1, daily=True))
        window, loss, attacker = found["windows"][0], found["loss"], found["attacker"]
        right = {way: 100 * attacker[f"{way}_all"] // attacker["tries"] for way in ("exact", "noisy")}
        must(right["noisy"] < right["exact"], "noise makes guessing harder")
        told.now(
            f"架空の参加者 1,000 人（うち 200 人が同意）で試しました。名前は1日1回 {len(window['shown'])} 件、"
            f"値段は ε ≤ {loss['epsilon']}。ほか全員を知る人が当てる率は、雑音なしなら {right['exact']}%、雑音つきなら {right['noisy']}%",
            f"rehearsed on 1,000 people who do not exist, 200 of whom agree: {len(window['shown'])} names once a day for ε ≤ "
            f"{loss['epsilon']}; whoever knows all the others guesses right {right['exact']} % of the time without noise, "
            f"{right['noisy']} % with it",
            "event rehearse --devices 1000 --consenting 200 --daily",
        )

    def as_in_2023(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("2023年のボード", "The boards of 2023")
        for name, words in BOARDS.items():
            plan = hall.lay(unsafe_demo.EXAMPLES / "plans" / f"{name}.toml")
            permits = [p for who in ("reviewer-a", "reviewer-b") for p in hall.approve(plan, who)]
            must(not permits, f"no signature brings {name} into being")
            told.was(*words, lacking(hall.call("plan", plan=plan)))
        told.tried = ("試すと：", "Tried: ")
        told.now(
            "二人が署名しても、許可は一通も出ませんでした。足りないのは署名ではなく、一人ひとりの同意だからです",
            "two signatures brought no permit: what is lacking is each person's consent, not a signature",
            "decide examples/plans/board-2023-day-one.toml --on 2023-10-27",
        )

    def opened(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("1日目の朝：だれのことでもないボード", "Day one, morning: a board about nobody")
        self.clock()
        self._no("許可の前に出そうとした", "a panel before any permit", hall.states(), "no-permit")
        plan = hall.lay(hall.papers / "board" / "plan.toml")
        must(not hall.approve(plan, "reviewer-a"), "one reviewer is not enough")
        permits = hall.approve(plan, "reviewer-b")
        must(len(permits) == 3, "two reviewers give the board its three permits")
        told.now(
            f"法務責任者が根拠を確かめ、名前のある二人がパネルを一枚ずつ審査しました：許可証 {len(permits)} 通",
            f"the legal officer confirmed the ground, two named people reviewed panel by panel: {len(permits)} permits",
            "propose our-event/board/plan.toml --key sato.key",
            "approve PLAN --key tanaka.key",
            "approve PLAN --key ito.key",
        )
        hall.count(8)
        self._no("8台しかいない会場の数を出そうとした", "numbers of a hall with eight devices in it", hall.states(), "too-few")
        hall.count(412, 90)
        board = hall.board()
        must({p["state"] for p in board.values()} == {"live"}, "every panel is live")
        for name, panel in board.items():
            number = _number(name, panel["numbers"])
            out.print(Text(f"      L{panel['level']} {pick(panel['title'])}: {t('panel-' + panel['state'])}{number}"))
        must(pick(PANELS["traffic"].title) in hall.web("/board"), "the board's page is served to anybody")
        told.now(
            "ボードに数だけが出ました。休憩室の4台は少なすぎるので出ません",
            "the board shows totals; the four devices in the lounge are too few to be told",
            "event board",
        )

    def asked(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("1日目の朝：端末ごとに尋ねる", "Day one, morning: each device is asked")
        self.clock()
        permits = hall.stand(hall.plan("event-portal"))
        must(len(permits) == 1, "the portal has its permit")
        page = hall.page(0)
        must(page["leading"] and not page["device"]["answered"], "nothing is agreed to beforehand")
        for offer in page["offers"]:
            out.print(Text(f"      □ {offer['text'][Chosen.language].splitlines()[0]}", style="dim"), soft_wrap=True)
        hall.answer(0, NAMES)
        hall.answer(NO)
        must(_states(hall.page(0))[NAMES] == "given", "a yes is a yes")
        must({*_states(hall.page(NO)).values()} == {"refused"}, "a no is a no to everything")
        kept = hall.call("portal-receipt", "portal", hardware=hardware(0), purpose=NAMES)
        must(kept["proofs"], "the receipt carries its proof")
        told.now(
            "一台が「はい」、一台が「いいえ」と答えました。どちらも同じ一押しで、どちらもネットワークが使えます。控えには台帳の証明が付きます",
            "one device says yes, one says no: one press each, and the network opens for both alike; the receipt carries its proof",
            "event portal",
        )
        for device in range(1, AGREE):
            hall.answer(device, NAMES)
        hall.time.pass_(hours=2)
        self.clock()
        told.now(f"{AGREE} 台が名前に同意しました", f"{AGREE} devices agreed to names", "event portal")

    def named(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("1日目の午後：同意した人の名前だけ、値段つきで", "Day one, afternoon: names of those who agreed, and what they cost")
        permits = hall.stand(hall.plan(NAMES, lasts_days=2, window_minutes=MINUTES))
        must(len(permits) == 2, "names have their permits")
        self.tap = Tap(hall)
        self.tap.ask("alice.2026.pycon.jp", range(AGREE))
        self.tap.ask("files.pypi.org", range(AGREE - 10))
        self.tap.ask("alice.rare-site.net", range(5))
        self.tap.ask(HIDDEN, [NO, SILENT] * 50)
        counters = self.tap.names.counters
        must(counters["left-out"] == 100, "who did not agree is counted nowhere")
        told.was(
            "「いいえ」の端末と、答えていない端末の問合せを数えようとした",
            "what the device that said no asked for, and one that did not answer",
            [said(f"同意のない端末：{counters['left-out']} 件を数えませんでした", f"no consent: {counters['left-out']} look-ups left out")],
        )
        told.no("名前を5分ごとに出そうとした", "names every five minutes", self._spend)
        hall.time.pass_(minutes=MINUTES, seconds=2)
        self.tap.turn()
        must(counters["released"] == 1, "one release was paid for and told")
        hall.time.pass_(minutes=15)
        hall.count(412)
        self.clock()
        numbers = hall.board()["names"]["numbers"]
        shown = {row["name"]: row["devices"] for row in numbers["told"]["rows"]}
        must("pycon.jp" in shown and "rare-site.net" not in shown and HIDDEN not in shown, "popular names alone are shown")
        names = ", ".join(f"{name} {count}" for name, count in shown.items())
        told.now(
            f"15分待ってからボードに、雑音つきの数で出ました：{names}。"
            f"値段は今日 ε {numbers['spent']['epsilon']}（上限 {numbers['budget']['epsilon']}）。5台しか見ていないサイトは出ません",
            f"on the board after a quarter of an hour's wait, with noise: {names}. Price today: ε {numbers['spent']['epsilon']} of "
            f"{numbers['budget']['epsilon']}. A site that five devices looked up is not there",
            "event board",
        )
        hall.time.pass_(minutes=MINUTES)
        told.no("今日もう一度、名前を出そうとした", "names once more today", lambda: self._spend(MINUTES))

    def worried(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("1日目の夕方：気になる人がいる", "Day one, evening: somebody worries")
        hall.count(412)
        self.clock()
        warned = hall.knock("board-warning", panel="devices", what=said("数が多すぎませんか。", "Are these not too many?"))
        must(hall.states()["devices"] == "live", "a warning freezes nothing")
        hall.settle(warned["number"], "answer", said("一人で二台の人もいます。", "Some people carry two."))
        told.now(
            f"名乗らない人が注意しました（{warned['number']}）。パネルは止まらず、名前のある人が答えました",
            f"somebody without an account warned us ({warned['number']}): no panel stopped, and a named person answered",
            f"cases move {warned['number']} answer --key takahashi.key",
        )
        objected = hall.knock("board-objection", panel="zones", why=said("だれの部屋か分かります。", "One can tell whose room it is."))
        zones = _only(hall.states(), "zones")
        self._no("異議のあったパネルを出し続けようとした", "showing on what somebody objected to", zones, "objected")
        hall.time.pass_(minutes=31)
        hall.count(412)
        frozen = hall.board()["zones"]
        must(frozen["objected"]["late"] and frozen["numbers"] is None, "being late brings nothing back")
        self._no("30分だまって待った", "waiting for half an hour until it comes back", _only(hall.states(), "zones"), "objected")
        must(hall.states()["traffic"] == "live", "the other panels go on")
        answer = said("大きな部屋だけを出します。", "Only large rooms are shown.")
        hall.settle(objected["number"], "show-again", answer)
        must(hall.states()["zones"] == "live", "a named person brings it back")
        case = hall.call("my-case", "show", number=objected["number"], code=objected["code"])
        must(answer in str(case) and hall.keys["officer"].person not in str(case), "the answer is on the receipt, and no name")
        told.now(
            "名前のある人が理由を書いて決め、パネルが戻りました。申し出た人は番号と符号で答えを読めます",
            "a named person decided, with reasons: the panel is back. Whoever objected reads the answer with their number and code",
            f"cases move {objected['number']} show-again --key takahashi.key",
        )

    def second_day(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("2日目：取り消しと停止ボタン", "Day two: a withdrawal, and the stop button")
        hall.time.pass_(hours=14)
        hall.count(388)
        self.clock()
        self._no(
            "昨日の同意を今日も使おうとした",
            "yesterday's consent was to count today",
            {"device": "asked-anew"} if not hall.page(0)["device"]["answered"] else {},
            "asked-anew",
            said("今日は別の端末と同じ：あらためて尋ねます", "today it is as good as another device: it is asked anew"),
        )
        for device in range(3):
            hall.answer(device, NAMES)
        tap = self.tap or Tap(hall)
        tap.turn()
        tap.ask("www.pypi.org", range(3))
        must(len(tap.names.windows[NAMES].devices) == 3, "three are counted")
        hall.call("withdraw-at-portal", "portal", hardware=hardware(1), purpose="")
        tap.turn()
        must(len(tap.names.windows[NAMES].devices) == 2, "one is out of the window under way")
        told.now(
            "一台が一押しで取り消しました。数えている途中の分からも、すぐに外れます",
            "one device takes it back with one press, and is out of the count that is under way at once",
        )
        stop = StopBoard(hall.keys["engineer"].person, hall.time.now())
        stopped = hall.signed("stop-board", "engineer", "stop", stop)["permits"]
        self._no("停止ボタンのあとも出し続けようとした", "showing on after the stop button", hall.states(), "stopped")
        told.now(
            f"当番の一人が停止ボタンを押しました：許可証 {len(stopped)} 通が終わり、ボード全体が消えました",
            f"one of the staff pressed stop: {len(stopped)} permits ended, and the whole board is dark",
            "event stop --key sato.key",
        )

    def ended(self) -> None:
        told, hall = self.told, self.hall
        told.chapter("2日目の夜：催しを終える", "Day two, evening: the event ends")
        hall.time.pass_(hours=9)
        self.clock()
        state = hall.place.settings.folder
        backup = hall.place.folder / "backup"
        shutil.copytree(state / "keep", backup / "keep")
        officer = hall.keys["officer"]
        done = hall.signed("end-event", "officer", "ending", EndEvent(hall.call("event-report")["event"], officer.person, hall.time.now()))
        told.no("終わってから端末に答えさせた", "a device answered after the end", lambda: hall.answer(7, NAMES))
        gone = hall.call("event-report")["gone"]
        must((gone["opened"], gone["alive"], gone["left"]) == (0, 0, 0), "no answer opens and no key lives")
        told.now(
            f"署名一つで、鍵 {done['keys']} 本を破棄しました。封じた答え {gone['answers']} 件は、一つも開けません",
            f"one signature destroyed {done['keys']} keys: of {gone['answers']} sealed answers none opens any more",
            "event end --key takahashi.key --copy /mnt/backup",
        )
        sought = Sought(gone["files"], gone["names"], frozenset(BY_PURPOSE), (HIDDEN, hardware(0)))
        first = search(backup, sought)
        must(not first.clean, "a forgotten backup is found out")
        kept = said(f"控えに鍵のファイルが {first.keys} 個残っています", f"{first.keys} files of keys still lie in the backup")
        told.was("忘れていた控えがある", "a backup that was forgotten", [kept])
        for file in (backup / "keep" / "vault" / "keys").iterdir():
            if file.name in sought.files:
                file.unlink()
        whole = search(state, sought) + search(backup, sought)
        must(whole.clean, "every copy is clean")
        self._searched(done["id"], whole, len(sought.words))

    def _searched(self, ended: str, whole: Found, words: int) -> None:
        hall, told = self.hall, self.told
        person, now = hall.keys["officer"].person, hall.time.now()
        hall.signed("event-searched", "officer", "search", CopiesSearched(ended, 2, words=words, by=person, at=now, **asdict(whole)))
        told.now(
            f"控えからも消しました。写し2つ、{whole.files} ファイルを調べました：開ける答え 0、端末の番号や答えていない人の見た名前 0",
            f"removed there too. Two copies, {whole.files} files searched: no answer opens, no device's address is there, and no name "
            "that somebody asked for without agreeing",
        )
        report = hall.call("event-report")
        must(report["searched"]["hits"] == 0, "the search stands in the ledger")
        for part in ("collected", "shown", "deleted"):
            out.print(Text(f"      {t('event-' + part)}", style="bold"))
            for row in report["report"][part]:
                kind = REPORT_KINDS.get(row["kind"], (row["kind"], row["kind"]))
                out.print(Text(f"        {row['day']}  {said(*kind)}: {row['count']}", style="dim"))
        told.now("集めたもの、見せたもの、消したものの報告が残りました", "what is left is the report", "event report")

    def _spend(self, minutes: int = 5) -> None:
        hall = self.hall
        since = hall.time.now()
        hall.time.pass_(minutes=minutes, seconds=1)
        hall.call("spend-release", "tap", permit=hall.permit("count-names"), since=since)

    def _no(self, ja: str, en: str, states: Mapping[str, str], code: str, words: str = "") -> None:
        """What is not shown, and the words that stand in its place."""
        must(states and {*states.values()} == {code}, f"{code}: {en}")
        self.told.was(ja, en, [words or t(f"panel-{code}")])


def _only(states: Mapping[str, str], name: str) -> dict[str, str]:
    return {name: states[name]}


def _states(page: Mapping[str, Any]) -> dict[str, str]:
    return {a["purpose"]: a["state"] for a in page["device"]["answers"]}


def _number(name: str, numbers: Mapping[str, Any]) -> str:
    """One number of a panel, for a line."""
    if name == "zones":
        zones = ((z["name"], z["devices"]) for z in numbers["zones"])
        return " " + ", ".join(f"{zone} {'–' if count is None else count}" for zone, count in zones)
    return f" {numbers['last']}" if "last" in numbers else f" {numbers['percent']} %" if "percent" in numbers else ""


def lacking(plan: Mapping[str, Any]) -> list[str]:
    """What a plan lacks, in words: what was asked and answered with no."""

    def found() -> Iterator[str]:
        for decision in plan["decisions"]:
            for missing in decision["missing"]:
                yield pick(missing["words"])

    return list(dict.fromkeys(found()))


def tell(hall: Hall, pause: Callable[[], None]) -> None:
    """All of it; and the ledger is what was signed. Raises AssertionError naming the step that came out wrong."""
    story = Story(hall, pause=pause)
    story.whole()
    world = hall.outside()
    found = audit.carry_out(audit.Audit(hall.place.settings.folder / "ledger", world.public))
    must(found["ok"], "the ledger verifies")
    out.print()
    ja = f"断られた場面 {story.told.refused} は、どれも理由とともに断られました。台帳 {found['checked']} 件は署名どおりです。"
    en = f"All {story.told.refused} were refused, each with its reasons. The ledger's {found['checked']} entries are as signed."
    out.print(Text(said(ja, en), style="bold"), soft_wrap=True)
