"""propose, supply, approve, confirm, withdraw, look, permits, explain: everything about a plan and its permits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from sekisho.desk.draft import DraftError, read_draft
from sekisho.desk.outside import Outside
from sekisho.desk.signed_words import Comment
from sekisho.desk.staff import statements
from sekisho.faces.commands.world import DEFAULT, Config, Key, book_folder, book_of, key_of, outside
from sekisho.faces.words.mistakes import mistake
from sekisho.faces.words.say import Canonical, answer, decision_tree, out, refuse, say_canonical, t, to_do
from sekisho.law.canonical import digest

Plan = Annotated[str, typer.Argument(help="計画の番号 / plan id")]


def propose(plan: Annotated[Path, typer.Argument(help="plan.toml")], key: Key, config: Config = DEFAULT) -> None:
    """計画を出す / Put a plan before the gate, with the papers of the people whose keys you hold."""
    signer = key_of(key)
    with outside(config) as world:
        now, operator = world.clock(), world.settings.operator
        day = date.fromisoformat(world.keep.call("book")["day"])
        try:
            book = book_of(book_folder(config, None))
            draft = read_draft(plan, actor=operator.name, regime=operator.regime, proposer=signer.person, day=day, now=now, book=book)
        except DraftError as why:
            raise mistake(plan, why) from why
        found = world.keep.call("propose", plan=draft.plan, signature=signer.sign(replace(draft.plan, evidence=())))
        _minted(found, t("proposed"), found["plan"])


def supply(
    plan: Plan,
    papers: Annotated[Path, typer.Argument(help="証拠を書いた plan.toml / the plan.toml whose papers you lay in")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """自分の役割で用意できる証拠を加える / Lay in the papers your role can answer for."""
    from sekisho.desk.asking import trial

    signer = key_of(key)
    with outside(config) as world:
        said = world.keep.call("plan", plan=plan)
        roles = next((set(p["roles"]) for p in world.keep.call("people") if p["id"] == signer.person), set())
        try:
            found = trial.papers(papers, world.settings, signer.person, frozenset(roles), said, world.clock())
        except DraftError as why:
            raise mistake(papers, why) from why
        if not found:
            raise refuse("nothing-for-your-role", {"roles": ", ".join(sorted(roles))})
        permits: list[str] = []
        carried: list[str] = []
        for evidence in found:
            said = world.keep.call("supply", plan=plan, evidence=evidence, signature=signer.sign(evidence))
            permits, carried = permits + said["permits"], carried + said["carried_on"]
        kinds = ", ".join(e.kind for e in found)
        if carried:
            text = f"{t('carried-on')}: {kinds}\n  {', '.join(sorted(set(carried)))}"
            answer({"plan": plan, "permits": permits, "carried_on": carried}, text)
            return
        _minted({"plan": plan, "permits": permits, "carried_on": []}, t("supplied"), kinds)


def approve(plan: Plan, key: Key, config: Config = DEFAULT) -> None:
    """示されたとおりの計画を承認する / Approve a plan exactly as it is shown."""
    signer = key_of(key)
    with outside(config) as world:
        said = world.keep.call("plan", plan=plan)
        words = statements.approval(plan, said["shown"], signer.person, world.clock())
        _signing(words)
        found = world.keep.call("review", approval=words, signature=signer.sign(words))
        _minted(found, t("approved"), plan)


def comment(
    plan: Plan,
    text: Annotated[str, typer.Argument(help="意見 / what you have to say")],
    key: Key,
    conflict: Annotated[bool, typer.Option(help="自分に利害関係がある / you have an interest in it yourself")] = False,
    config: Config = DEFAULT,
) -> None:
    """計画に意見を付ける、利害関係を申し出る / Say something about a plan, or declare a conflict of interest."""
    signer = key_of(key)
    with outside(config) as world:
        words = Comment(plan, text, conflict, signer.person, world.clock())
        found = world.keep.call("comment", comment=words, signature=signer.sign(words))
        answer(found, t("conflict-declared" if conflict else "commented"))


def confirm(
    case: Annotated[str, typer.Argument(help="事例の番号 / case id")],
    measure: Annotated[str, typer.Option(help="施策 / measure")],
    key: Key,
    reasons: Annotated[str, typer.Option(help="理由（照会の結果を拠り所とするなら不要） / why this case may be used here")] = "",
    days: Annotated[int, typer.Option(help="有効日数（最長365）/ good for (at most 365)")] = 180,
    consultation: Annotated[str, typer.Option(help="拠り所とする照会の結果 / the authority's answer it rests on")] = "",
    config: Config = DEFAULT,
) -> None:
    """人に委ねられた事例を使えるようにする（法務責任者）/ Make a referred case usable (legal officer)."""
    signer = key_of(key)
    with outside(config) as world:
        now = world.clock()
        book = world.keep.call("book")
        until, rests = now + timedelta(days=days), {"rule": book["rules"].get(case, ""), "consultation": consultation}
        said = reasons or reasons_of(world.keep.call("exchanged", case=case), consultation)
        words = statements.confirmation(case, measure, book["digest"], said, signer.person, until, now, **rests)
        _signing(words)
        found = world.keep.call("confirm", confirmation=words, signature=signer.sign(words))
        _minted(found, t("confirmed"), case)


def reasons_of(told: Mapping[str, Any], consultation: str) -> str:
    """An authority's answer as the reasons of a confirmation: who said it, when, in which words, and who told us. Empty for none."""
    answers = [(a, "") for a in told["own"]]
    answers += [(a, o["operator"]) for o in told["others"] for a in o["consultations"]]
    for said, operator in answers:
        if said["id"] == consultation:
            how = t("oral" if said["oral"] else "written")
            origin = f" ({t('from-operator')} {operator})" if operator else ""
            return f"{said['who']}, {said['answered']}, {how}: {said['words']}{origin}"
    return ""


def withdraw(
    permit: Annotated[str, typer.Argument(help="許可証の番号 / permit id")],
    key: Key,
    reason: Annotated[str, typer.Option(help="over, consent-withdrawn, objection, mistake, evidence-stale, other")] = "over",
    config: Config = DEFAULT,
) -> None:
    """許可を今すぐ終わらせる / End a permit now."""
    signer = key_of(key)
    with outside(config) as world:
        words = statements.withdrawal(permit, signer.person, reason, world.clock())
        found = world.keep.call("withdraw", withdrawal=words, signature=signer.sign(words))
        answer(found, f"{t('withdrawn')}: {', '.join(found['permits'])}")


def look(permit: Annotated[str, typer.Argument(help="許可証の番号 / permit id")], config: Config = DEFAULT) -> None:
    """もう一度見る。許可がなければ見られない / Look once more; without a living permit nobody looks."""
    with outside(config) as world:
        found = world.keep.call("look-again", permit=permit)
        answer({"look": found}, str(found))


def permits(config: Config = DEFAULT) -> None:
    """許可証の一覧 / Every permit and its state."""
    with outside(config) as world:
        found = world.keep.call("permits")
        lines = [f"{p['state']:<10} {p['id']}  {p['measure']}/{p['step']}  {p['until'][:10]}  {', '.join(p['cases'])}" for p in found]
        answer(found, Text("\n".join(lines) or t("none-yet")))


def explain(
    entry: Annotated[str, typer.Argument(help="台帳の番号、計画、許可証 / ledger index, plan or permit")],
    config: Config = DEFAULT,
    canonical: Canonical = False,
) -> None:
    """なぜか、なぜだめか / Why, or why not: the decision replayed with the book of that day."""
    with outside(config) as world:
        found = _explained(world, entry)
    if canonical:
        say_canonical(found["decisions"])
    elif not answered_json(found):
        if "entry" in found and entry.isdigit():
            out.print(Text(f"#{found['entry']['index']} {found['entry']['type']} {found['entry']['at']}", style="bold"))
            out.print(t("opens" if found.get("opens") else "not-opens"))
        _print(found["decisions"])
        for said in found.get("comments", []):
            mark = f" [{t('has-interest')}]" if said["conflict"] else ""
            out.print(Text(f"{said['at'][:16]} {said.get('name', said['person'])}{mark}: {said['text']}"))


def _explained(world: Outside, name: str) -> dict[str, Any]:
    """What stands behind a ledger entry, a permit or a plan."""
    if name.startswith("permit-"):
        row = next((p for p in world.keep.call("permits") if p["id"] == name), None)
        if row is None:
            raise refuse("unknown-permit", {"permit": name})
        return dict(world.keep.call("explain", entry=row["ledger_index"]))
    return dict(world.keep.call("explain", entry=int(name)) if name.isdigit() else world.keep.call("plan", plan=name))


def answered_json(found: object) -> bool:
    from sekisho.faces.words.say import Chosen

    if Chosen.as_json:
        answer(found, "")
    return Chosen.as_json


def _print(decisions: list[dict[str, Any]]) -> None:
    parts: list[Any] = []
    for decision in decisions:
        parts.append(decision_tree(decision))
        if decision["missing"]:
            parts += [Text(t("missing"), style="bold"), to_do(decision)]
    out.print(Group(*parts))


def _signing(words: object) -> None:
    from sekisho.faces.words.say import Chosen

    if not Chosen.as_json:
        out.print(f"{t('signing')}: {digest(words)}")


def _minted(found: dict[str, Any], said: str, what: str) -> None:
    permits_text = ", ".join(found["permits"]) or t("none-yet")
    answer(found, f"{said}: {what}\n{t('permits')}: {permits_text}")
