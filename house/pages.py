"""Pages of the manual that are made, not written: one for each case, from the case book; options of each command, from the command itself.

An mkdocs hook. A lawyer reads the words of a rule beside the check that stands for it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mkdocs.config.defaults import MkDocsConfig  # noqa: E402 - the line above makes this hook importable by path
from mkdocs.structure.files import File, Files, InclusionLevel  # noqa: E402 - as above, by path
from mkdocs.structure.pages import Page  # noqa: E402 - as above, by path

from sekisho.law.casebook import Casebook, load  # noqa: E402 - as above, by path
from sekisho.law.norms import GroundTest, Norm  # noqa: E402 - as above, by path
from sekisho.law.numbering import today  # noqa: E402 - as above, by path
from sekisho.law.words import Case, Example, Words  # noqa: E402 - as above, by path
from sekisho.measures.registry import EVERY  # noqa: E402 - as above, by path

BOOKS = ROOT / "casebook"
MEASURES = ROOT / "docs" / "measures"


def books() -> Iterator[tuple[str, Casebook]]:
    """Every country's book, by the name of its folder."""
    for folder in sorted(BOOKS.iterdir()):
        if (folder / "book.toml").is_file():
            yield folder.name, load(folder)


def page_of(case: Case) -> str:
    """Where a case's page lies, below the docs folder."""
    return f"cases/{case.id.replace('/', '-')}.md"


def cell(text: object) -> str:
    """Text safe inside a Markdown table."""
    return escape(str(text), quote=False).replace("|", "\\|").replace("\n", " ")


def both(words: Words) -> str:
    return "<br>".join(f'<span lang="{language}">{cell(words[language])}</span>' for language in ("ja", "en") if language in words)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in [names, ["---"] * len(names), *map(list, rows)])


def remembered(case: Case) -> str:
    return f"; from memory before {case.sure_from}" if case.sure_from else ""


def cited(case: Case, book: Casebook) -> str:
    """Articles as numbered on the case's first day, and what they are called today where they moved."""
    moved = ((c, today(book.laws, c, case.since)) for c in case.cites)
    return ", ".join(c + ("" if now == (c,) else f" (today {', '.join(now)})") for c, now in moved)


def case_page(case: Case, examples: Iterable[Example], book: Casebook) -> str:
    """A case as Markdown: what it says, word by word, and how it was tried."""
    facts = [
        ("answers for", f"{case.axis.value}; {', '.join(sorted(case.steps or {k.value for k in case.kinds}))} of {case.measure}"),
        ("ground", f"{case.ground.value} ({case.ground.name.lower().replace('_', ' ')})"),
        ("in force", f"since {case.since}" + (f" until {case.until}" if case.until else "") + remembered(case)),
        ("source", case.source),
        ("authority", f"{case.authority.value} ({case.authority.name.lower()})"),
        ("certainty", case.certainty.value + ("" if case.certainty.decides_alone else ": refers to the legal officer until confirmed")),
        ("source last read", str(case.seen)),
        ("covers", f"{', '.join(sorted(a.value for a in case.acts))} of {', '.join(sorted(e.value for e in case.elements))}"),
        ("reviewers", str(case.signatures)),
        *([("articles", cited(case, book))] if case.cites else []),
        *([("also carries", ", ".join(case.rows))] if case.rows else []),
    ]
    parts = [f"# {case.id}", both(case.title), table(("", ""), ((cell(k), cell(v)) for k, v in facts)), "## Conditions"]
    if case.conditions:
        rows = ((f"`{c.id}`", both(c.words), f"`{c.check}`", told(c.params)) for c in case.conditions)
        parts.append(table(("id", "words", "check", "told"), rows))
    else:
        parts.append("None: the authority says that no ground carries this.")
    parts += [part for test in book.grounds if test.ground is case.ground for part in ground_parts(test)]
    if case.duties:
        parts += [
            "## Duties",
            table(("duty", "within", "words"), ((f"`{d.do}`", f"{d.within.days} days", both(d.words)) for d in case.duties)),
        ]
    parts += [f"## {title}\n\n{both(words)}" for title, words in (("Asked of the officer", case.ask), ("Notes", case.notes)) if words]
    if case.dissent:
        seen = ((both(d.words), cell(d.source), cell(f"{d.authority.value} ({d.authority.name.lower()})")) for d in case.dissent)
        parts += ["## Seen otherwise", table(("words", "source", "authority"), seen)]
    parts += ["## Worked", worked(examples)]
    return "\n\n".join(parts) + "\n"


def ground_parts(test: GroundTest) -> list[str]:
    """The test of a ground, item by item, with its limits and where it comes from."""
    rows = ((cell(i.number), both(i.words), i.certainty.value) for i in test.items)
    said = f"{cell(test.source)} ({test.authority.value}, {test.certainty.value}, read {test.seen})"
    return [f"## The test of {test.ground.value}", both(test.title), table(("item", "words", "certainty"), rows), both(test.limits), said]


def norm_row(norm: Norm, book: Casebook) -> tuple[str, ...]:
    days = f"{norm.since} –" + (f" {norm.until}" if norm.until else "") + (f"; sure from {norm.sure_from}" if norm.sure_from else "")
    cites = ", ".join(", ".join(today(book.laws, c, norm.since)) or c for c in norm.cites)
    binds = f"{both(norm.binds)}<br>{', '.join(sorted(r.value for r in norm.regimes))}"
    says = "<br>".join(both(w) for w in (norm.says, norm.penalty, norm.notes) if w)
    sure = f"{norm.authority.value} {norm.certainty.value}"
    return (f"`{norm.id}`", both(norm.title), binds, says, cell(cites), days, sure, cell(norm.source))


def beside_page(country: str, book: Casebook) -> str:
    """What stands beside the cases of a book: norms by axis, tests of grounds, disputed numbers, articles that moved."""
    parts = [f"# Beside the cases: {country}", "Made from `casebook/` when this manual was built. It is no legal advice."]
    head = ("id", "title", "binds", "says", "articles today", "in force", "authority", "source")
    for axis in sorted({n.axis.value for n in book.norms}):
        parts += [f"## Norms: {axis}", table(head, (norm_row(n, book) for n in book.norms if n.axis.value == axis))]
    parts += [part for test in book.grounds for part in ground_parts(test)]
    for parameter in book.parameters.values():
        values = (
            (str(v.value), both(v.words), f"{v.since} – {v.until or ''}", f"{v.authority.value} {v.certainty.value}", cell(v.source))
            for v in parameter.values
        )
        parts += [f"## {parameter.name}", both(parameter.title), table(("value", "words", "in force", "authority", "source"), values)]
        seen = [(both(d.words), cell(d.source), d.authority.value) for v in parameter.values for d in v.dissent]
        parts += ["### Seen otherwise", table(("words", "source", "authority"), seen)]
    parts.append("## Articles that moved")
    for law in book.laws.values():
        for change in law.changes:
            moves = "; ".join(f"{old} → {', '.join(new)}" for old, new in change.moves.items())
            new = f"New: {', '.join(sorted(change.new)) or '-'}"
            parts += [f"### {law.short}, {change.day}", both(change.words), f"Moved: {moves or '-'}. {new}. {change.certainty.value}."]
    return "\n\n".join(parts) + "\n"


def told(params: Any) -> str:
    return "<br>".join(f"{cell(k)}: {cell(spoken(v))}" for k, v in sorted(params.items())) or "-"


def spoken(value: Any) -> str:
    """A value of the case book as people write it; digests are cut short."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{k} {spoken(v)}" for k, v in sorted(value.items()))
    if isinstance(value, tuple):
        return ", ".join(map(spoken, value)) or "nothing"
    text = str(value)
    return f"{text[:8]}…" if len(text) == 64 and " " not in text else text


def worked(examples: Iterable[Example]) -> str:
    """The examples the tests run, each changing one thing of a complete plan."""
    rows = [
        (both(e.because), f"`{cell(e.step)}`", str(e.on), told(e.given), e.expect, ", ".join(f"`{m}`" for m in e.missing) or "-")
        for e in examples
    ]
    return table(("because", "step", "on", "changed", "expected", "missing"), rows) if rows else "No example names this case."


def index_page(country: str, book: Casebook) -> str:
    """All cases of a book, by measure."""
    count = f"Digest `{book.digest[:16]}…`, {len(book.cases)} cases."
    beside = f"[Norms, tests of grounds, disputed numbers, articles that moved](beside-{country}.md)"
    parts = [f"## {country}, version {book.version}", count, beside]
    for measure in sorted({c.measure for c in book.cases}):
        rows = [
            (f"[{c.id}]({page_of(c).removeprefix('cases/')})", both(c.title), c.axis.value, c.ground.value, c.certainty.value, str(c.since))
            for c in book.cases
            if c.measure == measure
        ]
        parts += [
            f"### {'Every measure' if measure == '*' else measure}",
            table(("id", "title", "axis", "ground", "certainty", "since"), rows),
        ]
    return "\n\n".join(parts)


def made_pages() -> dict[str, str]:
    """Path below docs/ to Markdown, for every page made from the case book."""
    from house.owed_pages import page_of_rule, rule_index, rule_page

    pages: dict[str, str] = {}
    parts = ["# All cases", "Made from `casebook/` when this manual was built. It is no legal advice."]
    for country, book in books():
        parts += [index_page(country, book), *rule_index(book)]
        pages |= {page_of_rule(rule): rule_page(rule, book) for rule in book.owed.rules}
        for case in book.cases:
            pages[page_of(case)] = case_page(case, [e for e in book.examples if e.case == case.id], book)
        pages[f"cases/beside-{country}.md"] = beside_page(country, book)
    pages["cases/index.md"] = "\n\n".join(parts) + "\n"
    pages["measures/index.md"] = measures_page()
    return pages


def measures_page() -> str:
    """Every measure that has a page: what people call it, and the first sentence of its page."""
    pages = [(EVERY[p.stem].title, p) for p in sorted(MEASURES.glob("*.md"))]
    rows = [(f"[{title['en']}]({p.name})", title["ja"], first_sentence(p)) for title, p in pages]
    says = "What an operator may want to do. Each page says what the law asks for it and what can be set. In your own words: `sekisho ask`."
    return f"# Measures\n\n{says}\n\n{table(('measure', 'in Japanese', 'what it does'), rows)}\n"


def first_sentence(page: Path) -> str:
    """What stands first below the heading, up to its first full stop; links in it lead on from there."""
    paragraph = page.read_text(encoding="utf-8").split("\n\n")[1].replace("\n", " ")
    return cell(re.split(r"(?<=\.) (?=[A-Z0-9])", paragraph)[0])


def options(command: str) -> str:
    """The arguments and options of one command, asked of the command itself."""
    from sekisho.faces.cli import every_command

    parts = []
    for name, sub in _leaves("", every_command().get(command)):
        rows = [(f"`{' '.join(p.opts)}`", cell(getattr(p, "help", None) or "")) for p in sub.params]
        parts += [f"### `{f'sekisho {command} {name}'.rstrip()}`", cell((sub.help or "").split("\n\n")[0])]
        parts += [table(("argument or option", "says"), rows)] if rows else []
    return "\n\n## Options\n\n" + "\n\n".join(parts) + "\n"


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command, or those of a group and of the groups in it, each with its words."""
    for sub, one in sorted(getattr(command, "commands", {}).items()):
        yield from _leaves(f"{name} {sub}".strip(), one)
    if not hasattr(command, "commands"):
        yield name, command


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill the two lists of the navigation that grow by themselves."""
    docs = Path(config.docs_dir)
    for entry in config.nav or []:
        for title, room in (("Measures", "measures"), ("Commands", "commands")):
            if title in entry:
                names = sorted(p.stem for p in (docs / room).glob("*.md") if p.stem != "index")
                entry[title] = [{"All": f"{room}/index.md"}, *({name: f"{room}/{name}.md"} for name in names)]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the made pages."""
    for path, text in made_pages().items():
        level = InclusionLevel.INCLUDED if path.endswith("/index.md") else InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, path, content=text, inclusion=level))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Below a command's page: its options. Above a measure's: what people call it."""
    room, _slash, name = page.file.src_uri.partition("/")
    if room == "measures" and (about := EVERY.get(name.removesuffix(".md"))):
        return markdown.replace(f"# {about.name}\n", f"# {about.title['en']}\n\n`{about.name}` · {about.title['ja']}\n", 1)
    return markdown + options(name.removesuffix(".md")) if room == "commands" and name != "index.md" else markdown
