"""The house rules that ruff, mypy and import-linter cannot say. `python -m house.rules` checks the tree.

A rule is a function named by what it forbids. `tests/house/test_rules.py` shows for each one source that breaks it and one that does not.
Complexity, annotations, naive times, print and assert are ruff's and mypy's matter (pyproject.toml).
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from house.source import TRUSTED, Breach, Rule, Source, dotted, imported, length, read_tree
from house.tree_rules import TREE_RULES

RULES: list[Rule] = []
STANDS_ON = {
    "law": {"cryptography"},
    "gate": {"cryptography"},
    "ledger": {"cryptography"},
    "wire": {"numpy", "pyarrow"},
    "measures": {"ibis"},
}
PARTNERS = {
    "seal": {"cryptography"},
    "digest": {"cryptography"},
    "uvicorn_http": {"uvicorn"},
    "sqlalchemy": {"sqlalchemy"},
    "django": {"django", "asgiref"},
    "flask": {"flask"},
    "nameserver": {"dns"},
}
"""What one module or folder of sekisho-sender may import: its partner, and the service has that already. The others stand alone."""
WORLD = {"socket", "socketserver", "selectors", "ssl", "asyncio", "subprocess", "threading", "multiprocessing", "urllib", "http", "sqlite3"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
WORDY = re.compile(r"\b[A-Za-z]+(?:'[a-z]+)?(?:,? (?:[a-z]+(?:'[a-z]+)?|I)\b){4,}")
SPEAKS_TO_MACHINES = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|ALTER|WITH)\b")
SILENCED = re.compile(r"type:\s*ignore|noqa")
ARGUED = re.compile(r"#\s*(?:type:\s*ignore\[[\w,\s-]+\]|noqa:\s*[A-Z]+\d*(?:,\s*[A-Z]+\d*)*)\s*[-:#]*\s*(?P<why>.*)$")


def rule(reason: str) -> Callable[[Callable[[Source], Iterator[Breach]]], Callable[[Source], Iterator[Breach]]]:
    """Register a rule under its function's name."""

    def add(check: Callable[[Source], Iterator[Breach]]) -> Callable[[Source], Iterator[Breach]]:
        RULES.append(Rule(check.__name__, reason, check))
        return check

    return add


@rule("a file is read in one sitting: 400 lines, a measure 150")
def long_module(source: Source) -> Iterator[Breach]:
    budget = 150 if source.room == "measures" else 400
    if not source.path.startswith("tests/") and len(source.lines) > budget:
        yield Breach(source.path, 1, f"{len(source.lines)} lines, budget {budget}")


@rule("a function is seen at once: 60 lines, 40 where a mistake opens the gate")
def long_function(source: Source) -> Iterator[Breach]:
    budget = 40 if source.room in TRUSTED else 60
    for function in source.functions:
        if length(function) > budget:
            yield Breach(source.path, function.lineno, f"{function.name}: {length(function)} lines, budget {budget}")


@rule("what is trusted stands on little: other packages are not ours to answer for")
def foreign_package_in_trusted_room(source: Source) -> Iterator[Breach]:
    allowed = STANDS_ON.get(source.room)
    if allowed is None:
        return
    for line, name in imported(source):
        top = name.split(".")[0]
        if top not in allowed | {"sekisho"} and top not in sys.stdlib_module_names:
            yield Breach(source.path, line, f"{source.room} imports {top}")


@rule("a service installs sekisho-sender into its own program: it brings nothing along, and loads a framework only beside that framework")
def foreign_package_in_the_sender(source: Source) -> Iterator[Breach]:
    if not source.path.startswith("packages/sender/src/"):
        return
    parts = PurePosixPath(source.path.removesuffix(".py")).parts
    allowed = {"sekisho_sender"}.union(*(PARTNERS.get(part, set()) for part in parts[3:]))
    for line, name in imported(source):
        top = name.split(".")[0]
        if top not in allowed and top not in sys.stdlib_module_names:
            yield Breach(source.path, line, f"sekisho_sender imports {top}")


@rule("decoding, deciding and finding are pure: sockets, processes and threads come in from outside")
def world_in_a_pure_room(source: Source) -> Iterator[Breach]:
    if source.room in ("law", "wire", "gate", "measures"):
        for line, name in imported(source):
            if name.split(".")[0] in WORLD:
                yield Breach(source.path, line, f"{source.room} imports {name}")


@rule("a decision must replay: the clock is handed in")
def clock_in_a_pure_room(source: Source) -> Iterator[Breach]:
    if source.room not in ("law", "wire", "gate", "measures"):
        return
    for node in source.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name.endswith((".now", ".today", ".utcnow")) or name.startswith("time."):
            yield Breach(source.path, node.lineno, f"{name}()")


@rule("what is signed must have one spelling: whole numbers only")
def float_where_things_are_signed(source: Source) -> Iterator[Breach]:
    if source.room not in ("law", "gate", "ledger"):
        return
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Breach(source.path, node.lineno, f"the number {node.value}")
        elif isinstance(node, ast.Name) and node.id == "float":
            yield Breach(source.path, node.lineno, "the type float")


@rule("SQL reaches past the columns of the permit; a measure gets a relation already projected")
def sql_in_a_measure(source: Source) -> Iterator[Breach]:
    if source.room == "measures":
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in ("sql", "raw_sql", "execute", "connect"):
                yield Breach(source.path, node.lineno, f".{node.attr}")


@rule("a checker is silenced by its code, with a reason on the line")
def silenced_checker(source: Source) -> Iterator[Breach]:
    if not SILENCED.search(source.text):
        return
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type != tokenize.COMMENT or not SILENCED.search(token.string):
            continue
        argued = ARGUED.search(token.string)
        if argued is None or len(argued["why"].split()) < (3 if source.is_shipped else 2):
            yield Breach(source.path, token.start[0], f"no reason: {token.string}")


@rule("text of the platform's choosing is unreadable elsewhere: name the encoding")
def text_without_encoding(source: Source) -> Iterator[Breach]:
    for node in source.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        where = {"read_text": 0, "write_text": 1}.get(name, 3 if dotted(node.func) == "open" else None)
        if where is None or len(node.args) > where or any(k.arg == "encoding" for k in node.keywords):
            continue
        modes = [a.value for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Constant)]
        if name != "open" or not any(isinstance(m, str) and re.fullmatch(r"[rwxa+]*b[rwxa+]*", m) for m in modes):
            yield Breach(source.path, node.lineno, f"{name}() without encoding=")


@rule("people read two languages and change their words without a programmer: rooms answer in codes and values, faces and texts speak")
def sentence_outside_faces(source: Source) -> Iterator[Breach]:
    """An approximation that can be explained: Japanese, or five words in a row, in a string that is not a docstring, not SQL, not logged
    and not part of an error (its words are for the log, the developer and the author of a case). A measure may carry words by language:
    its page, form and command come from its declaration."""
    if not source.is_shipped or source.room == "faces":
        return
    excused = source.docstrings | excused_strings(source)
    for node in source.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in excused:
            continue
        if JAPANESE.search(node.value) or (WORDY.search(node.value) and not SPEAKS_TO_MACHINES.match(node.value)):
            yield Breach(source.path, node.lineno, repr(node.value[:60]))


def excused_strings(source: Source) -> set[ast.AST]:
    """Strings in `raise`, in errors and what raises them, in log calls, regular expressions and words by language."""
    excused: set[ast.AST] = set()
    for node in source.nodes:
        name = dotted(node.func) if isinstance(node, ast.Call) else ""
        for_developers = name.split(".")[0] in ("log", "logger", "logging", "warnings", "re")
        raises = isinstance(node, ast.Raise) or name.endswith(("Error", "Refused")) or name.lstrip("_") in ("must", "refuse", "fail")
        if for_developers or raises or by_language(node) or beside_a_code(node):
            excused.update(ast.walk(node))
    return excused


def beside_a_code(node: ast.AST) -> bool:
    """`found.add(Wrong.ALTERED, ...)`: a detail for the log; the face says the code."""
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return isinstance(first, ast.Attribute) and first.attr.isupper()


def by_language(node: ast.AST) -> bool:
    return isinstance(node, ast.Dict) and {k.value for k in node.keys if isinstance(k, ast.Constant)} == {"ja", "en"}


@rule("a test is a sentence about behaviour: its name or its one-line docstring says which")
def test_without_a_sentence(source: Source) -> Iterator[Breach]:
    if not source.is_test:
        return
    for function in source.functions:
        if function.name.startswith("test_") and not ast.get_docstring(function) and len(function.name.split("_")) < 5:
            yield Breach(source.path, function.lineno, function.name)


def breaches() -> Iterator[str]:
    """Every breach in the tree as `path:line rule: what was found (why it is forbidden)`."""
    files = read_tree()
    for path, text in files.items():
        if path.endswith(".py"):
            source = Source(path, text)
            for one in RULES:
                yield from (f"{b.path}:{b.line} {one.name}: {b.found} ({one.reason})" for b in one.check(source))
    for over in TREE_RULES:
        yield from (f"{b.path}:{b.line} {over.name}: {b.found} ({over.reason})" for b in over.check(files))


def main() -> int:
    """Returns 0 when the tree keeps every rule."""
    found = sorted(breaches())
    print("\n".join(found) if found else f"house: {len(RULES) + len(TREE_RULES)} rules kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
