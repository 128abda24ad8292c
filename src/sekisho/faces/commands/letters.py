"""cases letter, check-letter, decided, reasons: what comes out of cases, as paper and as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.settings import Letters
from sekisho.faces.commands.cases import Case, cases
from sekisho.faces.commands.papers import printing, write
from sekisho.faces.commands.world import DEFAULT, Config, outside, settings_of, texts_folder
from sekisho.faces.words.say import answer, refuse, t

Masked = Annotated[bool, typer.Option("--masked", help="伏せた写し / the copy with what may be kept back blacked out")]

__all__ = ["cases", "check_letter", "decided", "letter", "reasons"]


@cases.command()
def letter(
    letter: Annotated[str, typer.Argument(help="手紙の番号（show が示す）/ the letter, as show names it")],
    out: Annotated[Path, typer.Option("--out", "-o", help="書き出すファイル / the file to write (.pdf)")],
    masked: Masked = False,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="署名しない / without the operator's signature")] = False,
    config: Config = DEFAULT,
) -> None:
    """手紙を PDF/A で書き出す。設定に鍵があれば署名する / Write a letter as PDF/A; signed, where the settings name a key."""
    from sekisho.desk.cases.letter_signature import CannotSign, SignLetter, carry_out

    found, made = _drafted(letter, config, masked=masked)
    letters = Letters() if unsigned else settings_of(config).letters
    try:
        signed = carry_out(SignLetter(made, letters, datetime.now(UTC)))
    except CannotSign as why:
        raise refuse(why.code, {"key": str(letters.key), "why": str(why)}, 2) from why
    write(out, signed.content)
    proof = {k: found[k] for k in ("letter", "text", "entry", "words", "signature", "node", "masked")}
    said = f"{t('letter-signed-by')}: {signed.by}" if signed.by else f"{t('letter-unsigned')} #{found['entry']}"
    answer({"file": str(out), "bytes": len(signed.content), "signed_by": signed.by, **proof}, Text(f"{t('printed')}: {out}\n{said}"))


@cases.command("check-letter")
def check_letter(
    file: Annotated[Path, typer.Argument(help="手紙の PDF / a letter's PDF")],
    trust: Annotated[Path | None, typer.Option("--trust", help="信頼する認証局（PEM）/ certificates that are trusted (PEM)")] = None,
    letter: Annotated[str, typer.Option("--letter", help="この手紙と同じか比べる / compare it with this letter")] = "",
    masked: Masked = False,
    config: Config = DEFAULT,
) -> None:
    """誰が署名したか、1バイトでも変わっていないか / Who signed a PDF, and whether a byte changed since."""
    from sekisho.desk.cases.letter_signature import CheckLetter, NotReadable, check

    drafted = _drafted(letter, config, masked=masked)[1] if letter else None
    try:
        content, roots = file.read_bytes(), trust.read_bytes() if trust else b""
        found = check(CheckLetter(content, roots, datetime.now(UTC), drafted))
    except (OSError, NotReadable) as why:
        raise refuse("not-a-pdf", {"path": str(file), "why": str(why)}, 2) from why
    rows = [_signature(s, trust) for s in found["signatures"]] or [t("letter-not-signed")]
    rows += [t("letter-same" if found["drafted"] else "letter-another")] if letter else []
    answer(found, Text("\n".join(rows)))
    known = all(s["known"] for s in found["signatures"]) or trust is None
    right = found["drafted"] is not False and known and (found["whole"] or (not found["signatures"] and bool(found["drafted"])))
    raise typer.Exit(int(not right))


def _drafted(letter: str, config: Path, *, masked: bool) -> tuple[dict[str, Any], bytes]:
    """A letter as `keep` has it, and its PDF."""
    from sekisho.desk.cases import letter_paper

    with outside(config) as world:
        found = world.keep.call("letter", letter=letter, masked=masked)
    with printing():
        return found, letter_paper.pdf(texts_folder(config), found)


def _signature(found: Mapping[str, Any], trust: Path | None) -> str:
    rows = [f"{t('letter-signed-by')}: {found['by']}  ({t('issued-by')}: {found['issuer']}, {(found['at'] or '-')[:19]})"]
    rows.append(f"  {'✓' if found['whole'] else '✗'} {t('letter-whole' if found['whole'] else 'letter-changed')}")
    known = "signer-unasked" if trust is None else "signer-known" if found["known"] else "signer-unknown"
    return "\n".join([*rows, f"  {'✓' if found['known'] else '✗'} {t(known)}"])


@cases.command()
def decided(
    first: Annotated[str, typer.Option("--from", help="最初の日（2026-04-01）/ the first day")],
    last: Annotated[str, typer.Option("--to", help="最後の日 / the last day")],
    config: Config = DEFAULT,
) -> None:
    """期間中に受け付けたか判断した事案を、言葉を除いて数えられる形で / Cases of a period in a form that can be counted, without words."""
    with outside(config) as world:
        found = world.keep.call("decisions", first=first, last=last)
    columns = ("number", "received_on", "decided_on", "procedure", "decision")
    rows = ["  ".join(str(c[k] or "-") for k in columns) for c in found["cases"]]
    answer(found, Text("\n".join(rows) or t("no-cases")))


@cases.command()
def reasons(
    case: Case,
    public: Annotated[bool, typer.Option("--public", help="誰の言葉も含めない / without anybody's words")] = False,
    config: Config = DEFAULT,
) -> None:
    """判断の理由書を機械が読める形で（DSA 型＋日本法の軸）/ The statement of reasons for machines (DSA-shaped, with a Japanese axis)."""
    with outside(config) as world:
        found = world.keep.call("reasons", matter=case, public=public)
    rows = [f"{k}: {v}" for k, v in found.items() if k != "jp" and v not in (None, [], "")]
    answer(found, Text("\n".join([*rows, *(f"jp.{k}: {v}" for k, v in found["jp"].items() if v not in (None, [], ""))])))
