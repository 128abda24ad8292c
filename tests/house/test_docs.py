"""The manual keeps up with the code, builds strictly, and asks no other host for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from house.owed_pages import page_of_rule
from house.pages import books, first_sentence, made_pages, page_of

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
WRITTEN = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "README.ja.md", ROOT / "CONTRIBUTING.md"])
RUN = re.compile(r"<!-- run -->\n+```(?P<kind>python|console)\n(?P<body>.*?)```", re.DOTALL)
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|embed|object)\b[^>]*?(?:src|data)=[\"']?(?:https?:)?//|<link\b[^>]*?href=[\"']?(?:https?:)?//|@import|url\([\"']?(?:https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual, built strictly: one broken link or page outside the navigation fails it."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr[-4000:]
    return folder


def test_every_command_has_its_page_and_every_page_its_command() -> None:
    from sekisho.faces.cli import every_command

    commands = every_command()
    hidden = {name for name, command in commands.items() if command.hidden}
    pages = {p.stem for p in (DOCS / "commands").glob("*.md")} - {"index"}
    assert pages == set(commands) - hidden


def test_every_measure_has_its_page_and_its_case_file() -> None:
    from sekisho.measures.registry import EVERY

    assert {p.stem for p in (DOCS / "measures").glob("*.md")} == set(EVERY)
    assert all((ROOT / "casebook" / "jp" / f"{name}.toml").is_file() for name in EVERY)


STANDING = (
    "op25b",
    "shaping",
    "class-shaping",
    "default-on-filter",
    "name-filter",
    "ip25b",
    "rbl",
    "greylisting",
    "mail-authentication",
    "bulk-sender-limit",
    "alike-accounts",
    "hijack-signs",
    "sign-up-check",
    "suspension",
)
"""Measures of an access network and its mail: they stay for long, so whether they do any good has to be seen."""


@pytest.mark.parametrize("name", STANDING)
def test_a_standing_measure_says_its_law_its_knobs_and_where_it_is_drawn(name: str) -> None:
    page = (DOCS / "measures" / f"{name}.md").read_text("utf-8")
    assert re.search(r"^## .*\blaw\b", page, re.MULTILINE | re.IGNORECASE)
    assert re.search(r"^## .*(knobs|settings|plan|figures|numbers)", page, re.MULTILINE | re.IGNORECASE)
    assert "(../commands/effect.md)" in page


def test_every_case_has_its_page_with_its_words_in_both_languages() -> None:
    pages = made_pages()
    for _, book in books():
        for case in book.cases:
            page = pages[page_of(case)]
            assert case.source.split()[0] in page
            for condition in case.conditions:
                assert f"`{condition.id}`" in page
                assert page.count('lang="ja"') >= len(case.conditions)
                assert page.count('lang="en"') >= len(case.conditions)


def test_every_rule_of_what_is_owed_has_its_page_with_its_words_facts_and_source() -> None:
    pages = made_pages()
    for _, book in books():
        for rule in book.owed.rules:
            page = pages[page_of_rule(rule)]
            assert all(rule.title[language] in page.replace("&amp;", "&") for language in ("ja", "en"))
            assert rule.source.split()[0] in page
            assert f"since {rule.since}" in page
            assert f"[{rule.id}]({page_of_rule(rule).removeprefix('cases/')})" in pages["cases/index.md"]
            assert "No example names this rule." not in page
            for name in rule.events:
                assert all(f"`{field}`" in page for field in book.owed.kinds[name].fields)


def test_what_stands_beside_the_cases_has_its_page_too() -> None:
    """Norms with whom they bind and what they cost, tests of grounds item by item, disputed numbers with dissent, articles that moved."""
    pages = made_pages()
    for country, book in books():
        page = pages[f"cases/beside-{country}.md"]
        assert all(f"`{n.id}`" in page and n.says["ja"] in page for n in book.norms)
        assert all(i.words["en"].split(",")[0] in page for g in book.grounds for i in g.items)
        assert all(d.words["ja"] in page for p in book.parameters.values() for v in p.values for d in v.dissent)
        assert all(f"{law.short}, {c.day}" in page for law in book.laws.values() for c in law.changes)


def test_a_page_says_what_its_articles_are_called_today_and_shows_its_grounds_test() -> None:
    """The request of before 2022 cites 4(1), which is 5(1) today; its ground's test stands below its conditions."""
    page = made_pages()["cases/jp-D-07-3.md"]
    assert "PLAT 4(1) (today PLAT 5(1))" in page
    assert "## The test of G6" in page


def test_the_manual_builds_strictly(site: Path) -> None:
    assert (site / "index.html").is_file()
    assert (site / "cases" / "index.html").is_file()


def test_no_page_of_the_manual_fetches_anything_from_another_host(site: Path) -> None:
    guilty = [
        f"{p.name}: {m.group()}" for p in site.rglob("*") if p.suffix in (".html", ".css") for m in FETCHED.finditer(p.read_text("utf-8"))
    ]
    assert not guilty


def test_files_that_the_manual_names_exist() -> None:
    """Paths like `desk/permitting/propose.py` in running text are below src/sekisho or the root; links go where they say."""
    roots = (ROOT, ROOT / "src" / "sekisho")
    made = {DOCS / room / "index.md" for room in ("cases", "measures")}
    absent = []
    for page in WRITTEN:
        text = page.read_text("utf-8")
        named = re.findall(r"`([a-z_]+/[\w./-]+\.(?:py|toml|md))`", text)
        absent += [f"{page.name}: {name}" for name in named if not any((root / name).exists() for root in roots) and "NAME" not in name]
        links = [(page.parent / target).resolve() for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)]
        absent += [f"{page.name}: {link.name}" for link in links if link not in made and not link.exists()]
    assert not absent


@pytest.mark.parametrize(
    ("page", "kind", "body"), [(p.name, m["kind"], m["body"]) for p in WRITTEN for m in RUN.finditer(p.read_text("utf-8"))]
)
def test_an_example_in_the_manual_runs_as_it_stands(page: str, kind: str, body: str) -> None:
    """Blocks after `<!-- run -->`: Python is run; of console blocks each `$ sekisho` line is run and must print the lines below it."""
    if kind == "python":
        subprocess.run([sys.executable, "-c", body], cwd=ROOT, check=True)
        return
    for block in body.split("$ ")[1:]:
        command, _, expected = block.partition("\n")
        words = command.split()
        assert words[0] == "sekisho", f"{page}: only our own commands run"
        program = str(Path(sys.executable).parent / "sekisho")
        ran = subprocess.run([program, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=True)
        assert expected.strip() in ran.stdout, f"{page}: {command}\n{ran.stdout}"


def test_the_readmes_begin_with_the_same_two_commands() -> None:
    for name in ("README.md", "README.ja.md"):
        block = (ROOT / name).read_text("utf-8").split("```console\n")[1].split("```")[0]
        assert [line.split("#")[0].strip() for line in block.strip().splitlines()] == ["make demo", "make test"]


def test_the_manual_lists_every_measure_by_what_people_call_it(site: Path) -> None:
    """A stranger finds a measure by its title in either language, and one sentence says what it does; its own page begins with both."""
    from sekisho.measures.registry import EVERY

    listed = unescape((site / "measures" / "index.html").read_text(encoding="utf-8"))
    for page in (DOCS / "measures").glob("*.md"):
        title = EVERY[page.stem].title
        assert f'<a href="{page.stem}.html">{title["en"]}</a>' in listed
        assert title["ja"] in listed
        own = unescape((site / "measures" / f"{page.stem}.html").read_text(encoding="utf-8"))
        assert title["en"] in own
        assert title["ja"] in own
    assert "Tells a subscriber that a terminal on their line talks to a known command-and-control server." in listed
    assert 'href="measures/index.html"' in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted((DOCS / "measures").glob("*.md")), ids=lambda p: p.stem)
def test_the_first_sentence_of_a_measure_stands_alone(page: Path) -> None:
    """It ends, is one sentence, and is short enough for a list."""
    said = first_sentence(page)
    assert said.endswith((".", ":")), said
    assert len(said) <= 400
