"""cases: requests and claims that came in, on their way through a procedure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.case_words import Attaching, CaseMove, HoldOrder, LiftOrder, Opening, TakeOver
from sekisho.desk.outside import Outside
from sekisho.faces.commands.papers import printing, write
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside, texts_folder
from sekisho.faces.words.say import answer, pick, refuse, t

JST = timezone(timedelta(hours=9))
Case = Annotated[str, typer.Argument(help="受付番号か事案の番号 / number or id of the case")]
Reason = Annotated[str, typer.Option(help="理由 / why")]
Facts = Annotated[Path | None, typer.Option("--facts", help="事実を書いた TOML / a TOML file with the facts")]
Set = Annotated[list[str] | None, typer.Option("--set", help="事実ひとつ：名前=値 / one fact: name=value")]

cases = typer.Typer(no_args_is_help=True, help="手続の事案 / cases of procedures")


@cases.command()
def procedures(config: Config = DEFAULT) -> None:
    """手続の一覧と、受け付けるときに書く事実 / Every procedure, and the facts its opening asks for."""
    with outside(config) as world:
        found = world.keep.call("procedures")
    answer(found, Text("\n".join(line for p in found for line in _procedure(p))))


@cases.command()
def doors(
    paper: Annotated[Path | None, typer.Option(help="紙の様式（PDF）を書き出すフォルダ / write the forms on paper (PDF) here")] = None,
    config: Config = DEFAULT,
) -> None:
    """公開の窓口の一覧。紙の様式も書き出せる / The public doors; their forms on paper too."""
    from sekisho.desk.cases import door_form

    with outside(config) as world:
        found = world.keep.call("doors")
        on = world.clock().astimezone(JST).date()
    rows = [f"/contact/{d['id']}  {pick(d['title'])}" for d in found["doors"]]
    files = []
    for door in found["doors"] if paper else ():
        for language in ("ja", "en"):
            with printing():
                made = door_form.carry_out(door_form.DoorForm(door, found["operator"], texts_folder(config), on, language))
            files.append(str(paper / f"{door['id']}-{language}.pdf") if paper else "")
            write(Path(files[-1]), made)
    answer({**found, "files": files} if files else found, Text("\n".join([*rows, *files]) or t("no-doors")))


@cases.command("open")
def open_case(
    procedure: Annotated[str, typer.Argument(help="手続の名前 / name of the procedure")],
    key: Key,
    file: Facts = None,
    one: Set = None,
    owner: Annotated[str, typer.Option(help="担当者（なければ署名した人）/ owner; the signer if none")] = "",
    config: Config = DEFAULT,
) -> None:
    """事案を受け付ける / Take a case in: it gets a number, an owner and the day it was received."""
    signer = key_of(key)
    with outside(config) as world:
        table = next((p for p in world.keep.call("procedures") if p["id"] == procedure), None)
        told = facts_told(file, one, table["opening"]["facts"] if table else [])
        words = Opening(procedure, told, owner, signer.person, world.clock())
        found = world.keep.call("open-case", opening=words, signature=signer.sign(words))
    answer(found, f"{t('case-opened')}: {found['number']}  {found['matter']}")


@cases.command("list")
def list_cases(
    shown: Annotated[str, typer.Option(help="open, closed, all")] = "open",
    mine: Annotated[str, typer.Option(help="この人の事案だけ / this person's only")] = "",
    config: Config = DEFAULT,
) -> None:
    """事案の一覧：期限の近い順 / Cases, what is due first standing first."""
    with outside(config) as world:
        found = world.keep.call("cases", shown=shown, owner=mine)
    answer(found, Text("\n".join(_row(c) for c in found["cases"]) or t("no-cases")))


@cases.command()
def find(
    words: Annotated[str, typer.Argument(help="受付番号、又は事案の中の言葉 / number, or words of the case")], config: Config = DEFAULT
) -> None:
    """事案を探す / Find cases by number, or by words in what they hold."""
    with outside(config) as world:
        found = world.keep.call("find-cases", words=words)
    answer(found, Text("\n".join(_row(c) for c in found["cases"]) or t("no-cases")))


@cases.command()
def preview(
    case: Case,
    step: Annotated[str, typer.Argument(help="手順の名前（show が示す）/ the move, as show names it")],
    file: Facts = None,
    one: Set = None,
    config: Config = DEFAULT,
) -> None:
    """手順が作る手紙を、署名の前に見る / The letters a move would draft, before anybody signs."""
    with outside(config) as world:
        whole = world.keep.call("case", matter=case)
        fields = facts_of(whole, step)
        found = world.keep.call("preview-move", matter=whole["id"], move=step, facts=facts_told(file, one, fields))
    answer(found, Text("\n\n".join(f"✉ {x['subject']}\n{x['body']}" for x in found)))


@cases.command("show")
def show_case(case: Case, config: Config = DEFAULT) -> None:
    """ひとつの事案：今できること、足りないもの、時計、手紙 / One case: what can be done next, clocks, letters."""
    with outside(config) as world:
        found = world.keep.call("case", matter=case)
    answer(found, Text("\n".join(_whole(found))))


@cases.command()
def move(
    case: Case,
    step: Annotated[str, typer.Argument(help="手順の名前（show が示す）/ the move, as show names it")],
    key: Key,
    file: Facts = None,
    one: Set = None,
    permit: Annotated[str, typer.Option(help="先に要る許可証 / the permit the table asks for")] = "",
    text: Annotated[list[str] | None, typer.Option(help="用意した文面（prepared が示す）/ a prepared text, as prepared names it")] = None,
    config: Config = DEFAULT,
) -> None:
    """事案を進める / Move a case: signed, and written down before it counts."""
    signer = key_of(key)
    with outside(config) as world:
        whole = world.keep.call("case", matter=case)
        fields = facts_of(whole, step)
        told = facts_told(file, one, fields)
        told = {**_picked(world, whole["id"], step, told, text), **told} if text else told
        shown = next((m["plan"]["shown"] for m in whole["moves"] if m["id"] == step and m["plan"]), "")
        words = CaseMove(whole["id"], step, whole["events"], told, signer.person, world.clock(), permit, shown)
        found = world.keep.call("move-case", move=words, signature=signer.sign(words))
        after = world.keep.call("case", matter=whole["id"])
    if found["missing"]:
        answer(found, f"{t('signed-so-far')}: {found['missing']}")
        return
    answer(found, Text("\n".join([f"{t('case-moved')}: {found['number']}  {pick(after['state_title'])}", f"  {pick(after['waits'])}"])))


@cases.command()
def take(case: Case, key: Key, config: Config = DEFAULT) -> None:
    """事案の担当になる / Take a case over: it is yours from now on."""
    signer = key_of(key)
    with outside(config) as world:
        whole = world.keep.call("case", matter=case)
        words = TakeOver(whole["id"], whole["owner"]["id"], signer.person, world.clock())
        found = world.keep.call("take-case", taking=words, signature=signer.sign(words))
    answer({"case": found}, f"{t('case-taken')}: {found}")


@cases.command()
def attach(
    case: Case,
    path: Annotated[Path, typer.Argument(help="ファイル / the file")],
    key: Key,
    paper: Annotated[str, typer.Option(help="手続のどの書類か / which paper of the procedure it is")] = "",
    config: Config = DEFAULT,
) -> None:
    """書類を添付する。封じて保管する / Attach a file; it is kept sealed."""
    signer = key_of(key)
    content = _read(path)
    with outside(config) as world:
        words = Attaching(_id(world, case), paper, path.name, sha256(content).hexdigest(), len(content), signer.person, world.clock())
        found = world.keep.call("attach", attaching=words, content=content, signature=signer.sign(words))
    answer(found, f"{t('case-attached')}: {found['attachment']}")


@cases.command()
def fetch(
    attachment: Annotated[str, typer.Argument(help="添付の番号 / attachment id")],
    to: Annotated[Path, typer.Argument(help="書き出す先 / where to write it")],
    take_out_danger: Annotated[
        bool, typer.Option("--take-out-danger", help="マルウェアが検出されたファイルでも取り出す / even if malware was found in it")
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """添付を取り出す / Take an attached file out."""
    if to.exists():
        raise refuse("exists", {"path": str(to)}, 2)
    with outside(config) as world:
        found = world.keep.call("attachment", attachment=attachment, dangerous=take_out_danger)
    content = bytes.fromhex(found.pop("content"))
    to = to.with_name(f"DANGER-{to.name}.danger") if found["found"] else to
    to.write_bytes(content)
    warned = f"{t('taken-out-danger')}: {found['found']}\n" if found["found"] else ""
    answer({**found, "path": str(to), "size": len(content)}, f"{warned}{t('made')}: {to} ({found['media']}, {len(content)})")


@cases.command()
def hold(
    case: Case,
    until: Annotated[str, typer.Option(help="最後の日（2026-12-31）/ the last day")],
    reason: Reason,
    key: Key,
    data: Annotated[list[str], typer.Option(help="データ：許可証/区分/日..日 / data: permit/class/day..day")],
    owed: Annotated[Path | None, typer.Option(help="保全の根拠となる事実の TOML / a facts file: kept on while it owes that")] = None,
    config: Config = DEFAULT,
) -> None:
    """データを消去から外す（法務責任者・責任窓口）。開示はしない / Keep data from deletion; it opens nothing to anybody."""
    signer = key_of(key)
    with outside(config) as world:
        words = HoldOrder(_id(world, case), tuple(data), _end_of(until), reason, signer.person, world.clock(), _text(owed))
        found = world.keep.call("hold", order=words, signature=signer.sign(words))
    answer({"hold": found}, f"{t('held-now')}: {found}")


@cases.command()
def lift(
    hold: Annotated[str, typer.Argument(help="保全の番号 / hold id")], reason: Reason, key: Key, config: Config = DEFAULT
) -> None:
    """保全を解く（法務責任者）。期間を過ぎたデータは消去される / Lift a hold: data past their term are destroyed."""
    signer = key_of(key)
    with outside(config) as world:
        words = LiftOrder(hold, reason, signer.person, world.clock())
        found = world.keep.call("lift", order=words, signature=signer.sign(words))
    answer({"hold": found}, f"{t('lifted-now')}: {found}")


def _picked(world: Outside, matter: str, step: str, told: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The facts that prepared texts say, filled in from the case and from what was told; what is told beside them is taken instead."""
    offered = {x["text"]: x for x in world.keep.call("prepared-texts", matter=matter, move=step, facts=told)["texts"]}
    for name in names:
        if name not in offered:
            raise refuse("unknown-text", {"text": name, "known": sorted(offered)})
    return {offered[name]["fact"]: offered[name]["said"] for name in names}


def facts_of(case: Mapping[str, Any], step: str) -> list[Any]:
    """What a move of a case asks to be told; nothing when the case has no such move."""
    return next((m["facts"] for m in case["moves"] if m["id"] == step), [])


def facts_told(file: Path | None, one: Sequence[str] | None, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Facts from a TOML file and from `name=value`, the latter spelled as the table types them."""
    told: dict[str, Any] = {}
    if file is not None:
        try:
            told = {k: _plain(v) for k, v in tomllib.loads(_read(file).decode()).items()}
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
            raise refuse("wrong-facts", {"path": str(file), "why": str(why)}, 2) from why
    types = {f["id"]: f["type"] for f in fields}
    for pair in one or []:
        name, sign, value = pair.partition("=")
        if not sign:
            raise refuse("wrong-facts", {"fact": pair}, 2)
        told[name] = _typed(types.get(name, "str"), value)
    return told


def _typed(kind: str, value: str) -> Any:
    if kind == "int" and value.isascii() and value.isdigit():
        return int(value)
    if kind == "bool" and value in ("yes", "no", "true", "false"):
        return value in ("yes", "true")
    return tuple(value.split(",")) if kind in ("data", "choices", "items") else value


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_plain(v) for v in value)
    return value.isoformat() if isinstance(value, date) else value


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as why:
        raise refuse("absent", {"path": str(path)}, 2) from why


def _id(world: Outside, case: str) -> str:
    return str(world.keep.call("case", matter=case)["id"])


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time.min, JST).astimezone(UTC)
    except (ValueError, OverflowError) as why:
        raise refuse("bad-period", {"day": day}, 2) from why


def _procedure(found: Mapping[str, Any]) -> list[str]:
    facts = [f"    {f['id']}{'' if f['must'] else '?'}: {f['type']}  {pick(f['title'])}" for f in found["opening"]["facts"]]
    return [f"{found['id']}  {pick(found['title'])}  [{found['source']}]", *facts]


def _text(path: Path | None) -> str:
    """The words of a facts file, as they stand."""
    try:
        return path.read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as why:
        raise refuse("absent", {"file": path}) from why


def _row(case: Mapping[str, Any]) -> str:
    due = f"{case['due']} ({case['days_left']:+d})" if case["due"] else "-"
    held = f"  {t('holds')}" if case["held"] else ""
    held += f"  ✗ {t(case['stuck'])}" if case["stuck"] else ""
    words = f"{pick(case['title']) or case['procedure']}: {pick(case['state_title']) or case['state']}"
    return f"{case['number']}  {t('when-' + case['when']):<8} {due:<18} {words}  ({case['owner']['name'] or t('nobody')}){held}"


def _whole(case: Mapping[str, Any]) -> list[str]:
    rows = [f"{case['number']}  {case['id']}", f"{pick(case['title'])}  [{case['table']['source']}]"]
    rows += [f"{pick(case['state_title'])}: {pick(case['waits'])}", ""]
    rows += [f"  {pick(f['title'])}: {spelled(f)}" for f in case["facts"]]
    for clock in case["clocks"]:
        rows.append(f"⏱ {pick(clock['title'])}: {clock['since']} → {clock['due']}  {t('clock-' + clock['state'])}")
    rows += ["", t("next-moves") + ":"] if case["moves"] else []
    for button in case["moves"]:
        rows.append(f"  {'✗' if button['lacks'] else '→'} {button['id']}  {pick(button['title'])}  ({', '.join(button['roles'])})")
        rows.append(f"      {pick(button['does'])}")
        rows += [f"      {f['id']}{'' if f['must'] else '?'}: {f['type']}  {pick(f['title'])}" for f in button["facts"]]
        rows += [f"      ✗ {t(x['code'])}: {pick(x['words']) or x['name']}" for x in button["lacks"]]
        rows += _asked_of_the_gate(button["plan"]) if button["plan"] else []
    for a in case["attachments"]:
        rows.append(f"📎 {a['id']}  {a['name']}  {pick(case['papers'].get(a['paper'])) or ''}")
        rows.append(f"      {_scanned(a['scan'])}")
        rows += [f"      {t('copy-until')}: {a['until'][:16]}Z"] if a.get("until") else []
    rows += [f"⏸ {h['id']}  {t('hold-' + h['state'])}  {h['until'][:10]}  {', '.join(h['data'])}" for h in case["holds"]]
    for p in case["permits"]:
        rows.append(f"🔑 {p['id']}  {t(p['state'])}  → {p['until'][:10]}  {p['measure']}/{p['step']}")
        rows.append(f"      {t('signed-by')}: {', '.join(p['signed_by'])}  sekisho explain {p['entry']}")
    for letter in case["letters"]:
        said = [t("letter-stopped")] if letter["stopped"] else letter["body"].splitlines()
        rows += ["", f"✉ {letter['id']}  {letter['subject']}", *(f"    {line}" for line in said)]
    return rows


def _scanned(scan: Mapping[str, Any]) -> str:
    """What the malware scanner said of a file, or why it said nothing."""
    words = t(f"scan-{scan['why'] or scan['state']}")
    return "  ".join(filter(None, (f"{words}: {scan['name']}" if scan["name"] else words, scan["by"], (scan["at"] or "")[:10])))


def _asked_of_the_gate(plan: Mapping[str, Any]) -> list[str]:
    """What the gate answers, how many signed of how many, and the plan to read."""
    given = f"{t('signatures-of')} {len(plan['given'])}/{plan['needed']}"
    return [f"      {t(plan['outcome'])}  {given} {', '.join(plan['given'])}  sekisho plan {plan['id']}"]


def spelled(fact: Mapping[str, Any]) -> str:
    """A fact's value as people read it."""
    value = fact["value"]
    if fact["type"] == "choice":
        return pick(fact["choices"][value])
    if isinstance(value, bool):
        return t("yes" if value else "no-it-is-not")
    if fact["type"] in ("choices", "items"):
        parts = (str(v).partition("=") for v in value)
        return ", ".join(pick(fact["choices"][name]) + (f": {said}" if said else "") for name, _, said in parts)
    return ", ".join(value) if isinstance(value, list) else str(value).replace("\n", "\n    ")
