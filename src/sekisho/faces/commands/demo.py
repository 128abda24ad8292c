"""`sekisho demo`: the whole story on recorded real input, with people whose keys are unsafe by name."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.text import Text

from sekisho.desk import audit
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.staff import statements
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.desk.texts import adoption
from sekisho.faces.processes.supervise import KeepDied, Supervisor
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe import event_told as unsafe_event_told
from sekisho.faces.unsafe import hall as unsafe_hall
from sekisho.faces.unsafe import marathon as unsafe_marathon
from sekisho.faces.unsafe import marathon_told as unsafe_marathon_told
from sekisho.faces.unsafe import posts as unsafe_posts
from sekisho.faces.words.say import MARKS, decision_tree, out, pick, refuse, t, to_do
from sekisho.law.words import Role

FLOWS = "pmacctd-v9.datagrams"
PORT = 8470
CODE = re.compile(r"/line\?code=([\w-]+)")


def demo(
    auto: Annotated[bool, typer.Option("--auto", help="無人で最後まで / go through the story unattended")] = False,
    posts: Annotated[bool, typer.Option("--posts", help="投稿サービスの話：削除と開示 / a service with posts")] = False,
    people: Annotated[bool, typer.Option("--people", help="名簿を委託先に渡す話 / a list for a contractor")] = False,
    event: Annotated[bool, typer.Option("--event", help="二日間の会議のネットワークの話 / a conference of two days")] = False,
    folder: Annotated[Path, typer.Option(help="消してよいフォルダ / a folder that may be removed")] = Path(".demo"),
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=f"コンソールのポート（0: 空き）/ the console's port (0: a free one). {PORT}; --auto: 0"),
    ] = None,
) -> None:
    """記録した本物の入力で、はじめから終わりまで / See the whole story on recorded real input."""
    began = time.monotonic()
    if (posts and auto) or sum((posts, people, event)) > 1:
        raise refuse("posts-by-hand" if posts else "one-story", {}, 2)
    if event:
        _event(folder.resolve(), _port(port, auto), auto=auto, began=began)
        return
    chat = unsafe_posts.Chat(folder.resolve() / "chat") if posts else None
    more = chat.settings if chat else unsafe_marathon.settings if people else str
    place = unsafe_demo.Demo(folder.resolve(), _port(port, auto), more=more)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    box = unsafe_demo.Mailbox(place.folder / "mailbox")
    root = place.prepare(box.start())
    box.folder.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor.start(place.settings_path, root, accept_clock=True)
    del root
    failed: list[BaseException] = []
    done = threading.Event()
    told: tuple[Any, ...] = (_posts, place, chat) if chat else (_people, place, box, auto) if people else (_flows, place, box, auto)
    story = threading.Thread(target=_story, args=(failed, done, *told), daemon=True)
    story.start()
    try:
        while not (done.is_set() and (auto or failed)):
            supervisor.step()
            time.sleep(0.2)
    except KeyboardInterrupt:
        out.print(t("stopped"))
    except KeepDied as why:
        failed.append(why)
    finally:
        supervisor.close()
        box.controller.stop()
        if chat:
            chat.stop()
    if failed:
        out.print(Text(f"✗ {type(failed[0]).__name__}: {failed[0]}", style="bold"))
        raise typer.Exit(1)
    if auto:
        out.print(Text(f"✓ {time.monotonic() - began:.0f} s", style="bold"))


def _event(folder: Path, port: int, *, auto: bool, began: float) -> None:
    """A conference of two days, on a clock that is wound: no five processes, but `keep`'s own loop and the real console."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = unsafe_demo.Demo(folder, port, more=unsafe_hall.settings)
    try:
        with unsafe_hall.opened(place) as hall:
            if not auto:
                out.print(Panel(f"{t('demo-board')}: http://localhost:{port}/board", expand=False))
            unsafe_event_told.tell(hall, _no_pause if auto else _enter)
    except KeyboardInterrupt:
        out.print(t("stopped"))
    except Exception as why:
        out.print(Text(f"✗ {type(why).__name__}: {why}", style="bold"))
        raise typer.Exit(1) from why
    if auto:
        out.print(Text(f"✓ {time.monotonic() - began:.0f} s", style="bold"))


def _no_pause() -> None:
    """Unattended, chapters follow at once."""


def _enter() -> None:
    """After each chapter, time to look at the board. Without a terminal there is nobody to press a key."""
    if sys.stdin.isatty():
        out.print(Text(f"  [{t('demo-enter')}]", style="dim"))
        sys.stdin.readline()


def _port(asked: int | None, auto: bool) -> int:
    """The console's port: as asked, else the usual one; unattended any free one. Says so when it is taken."""
    port = (0 if auto else PORT) if asked is None else asked
    if port == 0:
        return unsafe_demo.free_port()
    if not unsafe_demo.is_free(port):
        raise refuse("port-taken", {"port": port}, 2)
    return port


def _story(failed: list[BaseException], done: threading.Event, tell: Callable[..., None], *what: object) -> None:
    try:
        tell(*what)
    except Exception as why:  # noqa: BLE001 - whatever ends the story must end the demo with a failure, not with silence
        failed.append(why)
    finally:
        done.set()


def _flows(place: unsafe_demo.Demo, box: unsafe_demo.Mailbox, auto: bool) -> None:
    """From a flow record to a notice."""
    world = place.outside()
    keys = _enrolled(place, world)
    _stand(place, world, keys)
    plan = _found(place, world)
    if auto:
        _visit(place, world, box, keys, plan)
    else:
        out.print(Panel(f"{t('console')}: http://localhost:{place.port}\nCtrl-C", expand=False))


def _posts(place: unsafe_demo.Demo, chat: unsafe_posts.Chat) -> None:
    """A service with posts, until a visitor files a claim at its door."""
    world = place.outside()
    keys = _enrolled(place, world)
    permits = unsafe_posts.stand(world, keys, place.book)
    _say(f"発信者の記録を残す許可証 {len(permits)} 通", f"{len(permits)} standing permit to keep sender records")
    chat.start(world)
    for source, author, body in unsafe_posts.POSTS:
        chat.post(source, author, body)
    _say(f"投稿 {len(unsafe_posts.POSTS)} 件が書き込まれました", f"{len(unsafe_posts.POSTS)} posts were written")
    console = f"http://localhost:{place.port}"
    rows = [(t("console"), f"{console}/procedures"), (t("doors"), f"{console}/contact"), (t("chat"), chat.url)]
    for name, url in (*rows, (t("chat-staff"), chat.staff_url)):
        out.print(Text(f"  {name}: {url}"), soft_wrap=True)
    out.print(Panel("docs/two-claims.md\nCtrl-C", expand=False))


def _people(place: unsafe_demo.Demo, box: unsafe_demo.Mailbox, auto: bool) -> None:
    """The marathon of 2024 both ways: as it happened, refused at each step; and the lawful way."""
    world = place.outside()
    race = unsafe_marathon.Marathon(place.folder / "parties", world, _enrolled(place, world), place.book, papers=place.folder / "papers")
    unsafe_marathon_told.tell(place, race, box)
    if not auto:
        console = f"http://localhost:{place.port}"
        out.print(Panel(f"{t('console')}: {console}/entrustments\n{console}/statements\ndocs/entrusting.md\nCtrl-C", expand=False))


def _say(ja: str, en: str) -> None:
    out.print(Text(f"• {pick({'ja': ja, 'en': en})}"))


def _enrolled(place: unsafe_demo.Demo, world: Outside) -> dict[str, KeyFile]:
    """The people, and who signs for them when the console asks."""
    _say("5人の鍵を作ります（unsafe-demo）", "five people enrol (unsafe-demo keys)")
    keys = place.enrol(world)
    signers = unsafe_demo.Signers(place.settings.folder / "run" / "unsafe-demo-people.sock", keys)
    signers.start()
    return keys


def _stand(place: unsafe_demo.Demo, world: Outside, keys: dict[str, KeyFile]) -> None:
    """Standing permits, the register."""
    book = place.book
    for name in ("infected-notice", "traffic-picture"):
        permits = unsafe_demo.stand(world, keys, book, unsafe_demo.EXAMPLES / "plans" / f"{name}.toml")
        _say(f"常設の許可証（{name}）：{len(permits)} 通", f"standing permits for {name}: {len(permits)}")
    imported = unsafe_demo.import_register(world)
    _say(f"回線 {imported.lines} 件を封じて取り込みました", f"{imported.lines} lines imported and sealed")


def _found(place: unsafe_demo.Demo, world: Outside) -> str:
    """Replay real flow records until the finding stands and its plan waits."""
    unsafe_demo.wait_for(
        "the collector to listen", lambda: any(h["counters"].get("listening") for h in world.keep.call("overview")["health"])
    )
    sent = unsafe_demo.replay(unsafe_demo.EXAMPLES / "flows" / FLOWS, place.settings.intake.flows)
    _say(f"記録した NetFlow v9 を {sent} データグラム送りました", f"{sent} recorded NetFlow v9 datagrams sent")
    waiting = unsafe_demo.wait_for("a finding", lambda: world.keep.call("overview")["waiting"])
    count = world.keep.call("overview")["findings"][0]["count"]
    _say(
        f"{count} 回線が一覧の相手と通信しています。誰のものかは分かりません",
        f"{count} lines talk to a listed server; we do not know whose",
    )
    return str(waiting[0]["id"])


def _visit(place: unsafe_demo.Demo, world: Outside, box: unsafe_demo.Mailbox, keys: dict[str, KeyFile], plan: str) -> None:
    """What a visitor would click, unattended: missing items, text, approvals, mail, withdrawal, failed read, ledger."""
    for card in world.keep.call("overview")["cards"]:
        out.print(Text(f"  {MARKS[card['outcome']]} {card['document']}: {pick(card['question'])} → {t(card['outcome'])}"))
    cases = sorted(c["case"] for c in world.keep.call("confirmations"))
    must("jp/B-13/1" in cases, "nothing was matched before the officer confirmed the ground, which is from memory")
    _say(f"照合の前に、法務責任者が {', '.join(cases)} を確認しました", f"before any match the officer confirmed {', '.join(cases)}")
    said = world.keep.call("plan", plan=plan)
    for decision in said["decisions"]:
        out.print(decision_tree(decision))
        if decision["missing"]:
            out.print(Text(t("missing"), style="bold"), to_do(decision))
    _adopt(place, world, keys["officer"], plan)
    _say("法務責任者が文面を採用しました", "the officer adopted the text")
    first = unsafe_demo.approve(world, keys["reviewer-a"], plan)
    permits = unsafe_demo.approve(world, keys["reviewer-b"], plan)
    must(not first and len(permits) == 6, "one approval is not enough, two give a permit for each line and step")
    _say(f"審査者2人が承認し、許可証 {len(permits)} 通が出ました", f"two reviewers approved: {len(permits)} permits")
    mails = unsafe_demo.wait_for("three mails", lambda: len(box.mails()) >= 3 and box.mails())
    out.print(Panel(Text(mails[0]["body"]), title=mails[0]["subject"]))
    _withdraw(world, mails)
    found = audit.carry_out(audit.Audit(world.settings.folder / "ledger", world.public))
    must(found["ok"], "the ledger verifies")
    _say(
        f"台帳 {found['checked']} 件を検証しました：一致", f"ledger verified: {found['checked']} entries, as signed ({found['root'][:16]}…)"
    )


def _adopt(place: unsafe_demo.Demo, world: Outside, officer: KeyFile, plan: str) -> None:
    form = adoption(place.settings.texts, "infected-notice@1")
    value = {k: tuple(v) if isinstance(v, list) else v for k, v in form["example"].items()}
    words = statements.evidence(
        "text-adopted", value, "infected-notice", officer.person, Role.OFFICER, form["example_document"], None, world.clock()
    )
    world.keep.call("supply", plan=plan, evidence=words, signature=officer.sign(words))


def _withdraw(world: Outside, mails: list[dict[str, Any]]) -> None:
    """The subscriber uses the code in the letter; the next look under that permit is refused."""
    found = CODE.search(mails[0]["body"])
    must(found is not None, "the letter carries a withdrawal code")
    ended = world.keep.call("withdraw-mine", code=found[1] if found else "")["permits"]
    _say(f"契約者が取り下げました（{len(ended)} 通）", f"the subscriber withdrew ({len(ended)} permits)")
    looking = [p["id"] for p in world.keep.call("permits") if p["id"] in ended and p["step"] == "identify"]
    must(len(looking) == 1, "the look's permit ended too")
    try:
        world.keep.call("look-again", permit=looking[0])
    except KeepSaidNo as no:
        must(no.code == "withdrawn", "the next read says why")
        _say("もう一度見ようとすると：できません（withdrawn）", "looking again: no (withdrawn)")
        return
    must(False, "the next read fails")


def must(true: object, what: str) -> None:
    """The unattended demo ends with 0 only if each step came out right. Raises AssertionError naming the step."""
    if not true:
        raise AssertionError(what)
