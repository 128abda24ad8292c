"""consent: record, withdraw, notice-changed, list, receipt, export. Whose answer, to what, and what became of it."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.signed_words import Answered, ConsentEnd, NoticeChanged
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside
from sekisho.faces.words.say import answer, refuse, t
from sekisho.faces.words.terms import TERMS
from sekisho.law import dpv
from sekisho.law.reading import ReadingError, read

consent = typer.Typer(no_args_is_help=True, help="同意の記録 / records of consent")
Consent = Annotated[str, typer.Argument(help="同意の番号 / consent id")]


@consent.command()
def record(file: Annotated[Path, typer.Argument(help="answer.toml")], key: Key, config: Config = DEFAULT) -> None:
    """本人の回答を、示した文面とともに記録する / Write down somebody's answer, with the text they were shown."""
    signer = key_of(key)
    with outside(config) as world:
        said, shown = _answer(file, {"by": signer.person, "at": world.clock().isoformat()})
        found = world.keep.call("record-consent", answer=said, shown=shown, signature=signer.sign(said))
        link = f"{world.settings.console.url}/consent?code={found['code']}"
        answer({**found, "link": link}, Text(f"{t('consent-recorded')}: {found['consent']}\n{t('receipt-link')}:\n  {link}"))


def _answer(file: Path, signed: dict[str, str]) -> tuple[Answered, str]:
    """The answer in the file, and the text beside it."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        notice = dict(raw["notice"])
        shown = (file.parent / notice.pop("text")).read_text(encoding="utf-8")
        notice["digest"] = hashlib.sha256(shown.encode()).hexdigest()
        return read(Answered, {**raw, **signed, "notice": notice}), shown
    except FileNotFoundError as why:
        raise refuse("absent", {"path": why.filename}, 2) from why
    except ReadingError as why:
        raise refuse("wrong-answer", {"where": why.path, "why": why.code}, 2) from why
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise refuse("wrong-answer", {"where": str(why), "why": type(why).__name__}, 2) from why


@consent.command()
def withdraw(
    consent: Consent,
    key: Key,
    reason: Annotated[str, typer.Option(help="どのように申し出があったか / how it was said")],
    config: Config = DEFAULT,
) -> None:
    """本人の申し出により、同意を今すぐ終わらせる / End a consent now, because its giver said so."""
    signer = key_of(key)
    with outside(config) as world:
        words = ConsentEnd(consent, reason, signer.person, world.clock())
        found = world.keep.call("withdraw-consent", ending=words, signature=signer.sign(words))
        answer(found, f"{t('consent-over')}: {', '.join(found['consents'])}")


@consent.command("notice-changed")
def notice_changed(
    notice: Annotated[str, typer.Argument(help="文面の番号 / the text's id")],
    version: Annotated[str, typer.Argument(help="新しい版 / the version in use now")],
    key: Key,
    config: Config = DEFAULT,
) -> None:
    """文面が変わった：古い版への同意は終わる / The text changed: consents to its older versions end."""
    signer = key_of(key)
    with outside(config) as world:
        words = NoticeChanged(notice, version, signer.person, world.clock())
        found = world.keep.call("change-notice", change=words, signature=signer.sign(words))
        answer(found, f"{t('consent-over')}: {len(found['consents']) + found['left']}")


@consent.command("list")
def list_consents(purpose: Annotated[str, typer.Option(help="目的 / of one purpose")] = "", config: Config = DEFAULT) -> None:
    """同意の一覧 / Every consent, its state and its end; nobody's name."""
    with outside(config) as world:
        found = world.keep.call("consents", purpose=purpose)
        rows = [f"{c['id']}  {c['state']:<14} {c['purpose']:<18} {c['until'][:10]}  {(c['notice'] or {}).get('id', '-')}" for c in found]
        answer(found, Text("\n".join(rows) or t("no-consents")))


@consent.command()
def receipt(
    consent: Consent,
    proofs: Annotated[Path | None, typer.Option(help="tlog-proof を置くフォルダ / a folder for the proofs")] = None,
    config: Config = DEFAULT,
) -> None:
    """本人に渡す控え（ISO/IEC TS 27560、JSON-LD）/ The receipt for its giver, with proofs that it is in the ledger."""
    with outside(config) as world:
        found = world.keep.call("consent-receipt", consent=consent)
    if proofs is not None:
        proofs.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(found["proofs"], 1):
            (proofs / f"{consent}.{number}.tlog-proof").write_text(text, encoding="utf-8")
    _print(found["receipt"])


@consent.command()
def export(purpose: Annotated[str, typer.Argument(help="目的 / purpose")], config: Config = DEFAULT) -> None:
    """ある目的の同意をすべて書き出す（JSON-LD）/ Every record of one purpose as one JSON-LD document."""
    found: list[dict[str, Any]] = []
    with outside(config) as world:
        before: int | None = None
        while True:
            page = world.keep.call("consent-export", purpose=purpose, before=before)
            found.append(page["records"])
            before = page["next"]
            if before is None:
                break
    _print(dpv.several(found))


@consent.command()
def terms() -> None:
    """用語（dpv:LegalBasis などを拡張）/ Our terms, extending dpv:LegalBasis, dpv:PersonalData and dpv:Processing."""
    _print(dpv.vocabulary(TERMS))


def _print(document: dict[str, Any]) -> None:
    """JSON-LD is JSON: it is printed as such, whatever form was asked for."""
    import json

    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
