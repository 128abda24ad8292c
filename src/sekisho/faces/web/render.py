"""How values look on a page: times in JST with UTC beside, codes as sentences, digests shortened but whole in the title."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.bccache import Bucket, BytecodeCache
from markupsafe import Markup, escape

from sekisho.faces.web import board_drawing, drawing, effect_drawing, i18n, mail_drawing, shape, shares, signature_drawing, survey_drawing
from sekisho.faces.web.codes import TABLES, sentence
from sekisho.faces.web.visit import spelled
from sekisho.faces.words.refusals import REFUSALS
from sekisho.faces.words.talk import held_for
from sekisho.law.reading import read
from sekisho.law.talk import Reason

TEMPLATES = Path(__file__).parent / "templates"
SPOKEN = {"elements": "element", "acts": "act"} | dict.fromkeys(("sides", "party", "audience", "within", "may_see"), "side")
"""The fields of a condition whose values are codes with words of their own, and the table those stand in."""
DRAWINGS: Mapping[str, Callable[..., Any]] = {
    "timeline": drawing.timeline,
    "plots": drawing.plots,
    "mail_hours": mail_drawing.hours,
    "stage_hours": mail_drawing.stage_hours,
    "label_hours": mail_drawing.label_hours,
    "alike_hours": mail_drawing.alike_hours,
    "sign_hours": mail_drawing.sign_hours,
    "logged_hours": mail_drawing.logged_hours,
    "effect_days": effect_drawing.days,
    "signatures": signature_drawing.signatures,
    "survey": survey_drawing.survey,
    "curve": board_drawing.curve,
    "top_of": board_drawing.top_of,
    "ring": board_drawing.ring,
    "mirror": board_drawing.mirror,
    "bar": board_drawing.bar,
    "heat": board_drawing.heat,
}
"""What templates lay plots out with."""
UNITS = ("", "k", "M", "G", "T", "P")


class Compiled(BytecodeCache):
    """Templates compiled in this process, one for all languages: the words come from the environment that shows them."""

    def __init__(self) -> None:
        self.known: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.known[f"{bucket.key} {bucket.checksum}"] = bucket.code


COMPILED = Compiled()


@cache
def sources() -> DictLoader:
    """The text of every template, read once: the console's process can open no files later."""
    return DictLoader({str(file.relative_to(TEMPLATES)): file.read_text("utf-8") for file in TEMPLATES.rglob("*") if file.is_file()})


@cache
def environment(language: str) -> Environment:
    """The templates in one language, escaping everything, knowing nothing undefined; all read now, each compiled when it is first shown."""
    env = Environment(
        loader=sources(),
        bytecode_cache=COMPILED,
        cache_size=-1,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = i18n.catalogue(language)
    env.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension at run time

    def say(words: Mapping[str, str] | str | None) -> str:
        return i18n.pick(words, language)

    def coded(code: Any, table: str) -> str:
        text = sentence(table, str(code))
        return catalogue.gettext(text) if text else ""

    def named(thing: Mapping[str, Any]) -> str:
        """A measure by the title it declares, else by our words for its name."""
        title = thing.get("title")
        return say(title) if isinstance(title, Mapping) else coded(thing.get("measure") or thing.get("name"), "measure")

    def refusal(code: str) -> str:
        """What a code of the desk says where no page was written for it; empty for one nobody knows."""
        ja, en = REFUSALS.get(code, ("", ""))
        return say({"ja": ja, "en": en})

    def facts(value: Any) -> list[tuple[str, str]]:
        return rows_of(value, catalogue.gettext("yes"), catalogue.gettext("no"))

    def asked(value: Any, field: str = "") -> str:
        """What a condition asks of a field, in the page's language."""
        return wanted(value, catalogue.gettext, SPOKEN.get(field, ""))

    def kept_here(why: Sequence[Mapping[str, Any]]) -> str:
        """Why a mail of a masked talk is held, in one line; never what stood there."""
        return held_for([read(Reason, dict(one)) for one in why], language)

    env.filters.update(plain_filters())
    env.filters.update(
        {"say": say, "asked": asked, "coded": coded, "rows_of": facts, "named": named, "refusal": refusal, "held_for": kept_here}
    )
    env.globals.update(plain_globals(), language=language)
    return env


def plain_globals() -> dict[str, Any]:
    """What every template may call, the same in every language."""
    return {
        **DRAWINGS,
        "shares": shares,
        "title_of": shape.title_of,
        "open_first": shape.open_first,
        "processes": shape.processes,
        "deeds": frozenset(TABLES["done"]),
        "drill_steps": tuple(TABLES["drill-step"]),
    }


def plain_filters() -> dict[str, Callable[..., Any]]:
    """The filters that are the same in every language."""
    return {
        "when": when,
        "day": day,
        "short": short,
        "thousands": thousands,
        "permille": permille,
        "scaled": scaled,
        "spelled": spelled,
        "links_here": links_here,
        "days_of": days_of,
        "flat": flat,
        "answer_of": shape.answer_of,
        "who_of": shape.who_of,
        "to_do": shape.to_do,
        "because": shape.because,
    }


def when(text: Any, seconds: bool = False) -> Markup:
    """A time in JST; UTC in the title. A bare day stays a day. What is no time is shown as it came."""
    value = i18n.moment(text)
    if value is None:
        return escape("–" if text in (None, "") else text)
    if i18n.is_day(str(text)):
        return Markup('<time datetime="{0}">{0}</time>').format(text)
    shape = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    return Markup('<time datetime="{}" title="{} UTC">{} JST</time>').format(
        value.strftime("%Y-%m-%dT%H:%M:%SZ"), value.strftime("%Y-%m-%d %H:%M:%S"), value.astimezone(i18n.JST).strftime(shape)
    )


def day(text: Any) -> Markup:
    """The day in Japan a time falls on."""
    value = i18n.moment(text)
    if value is None or i18n.is_day(str(text)):
        return when(text)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        value.strftime("%Y-%m-%dT%H:%M:%SZ"), value.strftime("%Y-%m-%d %H:%M:%S"), value.astimezone(i18n.JST).strftime("%Y-%m-%d")
    )


def short(digest: Any, length: int = 12) -> Markup:
    """The beginning of a digest, or of an id after its kind; the whole in the title."""
    text = str(digest or "")
    tail = text.rpartition("-")[2]
    if len(tail) <= length + 4:
        return Markup('<code class="hash" title="{}">{}</code>').format(text, tail)
    return Markup('<code class="hash" title="{}">{}…</code>').format(text, tail[:length])


def thousands(number: Any) -> str:
    """12345 as 12,345."""
    return f"{number:,}" if isinstance(number, int) and not isinstance(number, bool) else str(number)


def permille(share: int) -> str:
    """231 as 23.1 %."""
    return f"{share / 10:.1f} %"


def scaled(number: float, unit: str = "") -> str:
    """1234567 as 1.23 M: three figures, SI steps."""
    step = 0
    while abs(number) >= 1000 and step < len(UNITS) - 1:
        number, step = number / 1000, step + 1
    places = 0 if number >= 100 or (step == 0 and number == int(number)) else 1 if number >= 10 else 2
    return f"{number:.{places}f} {UNITS[step]}{unit}".strip()


def days_of(text: Any) -> int | None:
    """Whole days of a duty's term, as the gate spells it (PT…S); None for what is no term."""
    found = re.fullmatch(r"PT(\d{1,12})S", str(text))
    return -(-int(found.group(1)) // 86400) if found else None


def links_here(text: str, origin: str) -> list[str]:
    """Paths of this console that a letter names, in their order."""
    return re.findall(re.escape(origin) + r"(/[\w./?=&%-]{1,200})", text)


def rows_of(value: Any, yes: str, no: str) -> list[tuple[str, str]]:
    """Evidence as rows of name and text: lists in one line, nested values spelled as JSON."""
    if not isinstance(value, Mapping):
        return [("", str(value))]
    return [(str(k), said(v, yes, no)) for k, v in sorted(value.items())]


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Nested tables as one: {"evidence.terms.limited": False}."""
    if not isinstance(value, Mapping):
        return {path: value}
    return {k: v for name, inner in value.items() for k, v in flat(inner, f"{path}.{name}".lstrip(".")).items()}


def wanted(value: Any, gettext: Callable[[str], str], table: str = "") -> str:
    """A predicate of the case book as words: a plain value to equal, or predicates that must all hold; codes of `table` by theirs."""
    if isinstance(value, Mapping):
        asked = ((gettext(sentence("predicate", k)), "" if v is True else wanted(v, gettext, table)) for k, v in value.items())
        return "; ".join(f"{what} {said}".strip() for what, said in asked)
    if table and isinstance(value, list | tuple):
        return gettext(", ").join(gettext(sentence(table, str(v))) for v in value)
    return said(value, gettext("yes"), gettext("no"))


def said(value: Any, yes: str, no: str) -> str:
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, list | tuple) and all(isinstance(v, str | int) for v in value):
        return ", ".join(str(v) for v in value)
    return "–" if value is None else value if isinstance(value, str) else spelled(value)
