"""House rules over the repository as a whole: budgets, litter, foreign hosts, machine paths, room names."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from house.source import ROOMS, SHIPPED, Breach, Source, TreeRule, dotted, imported, length

TREE_RULES: list[TreeRule] = []
Check = Callable[[dict[str, str]], Iterator[Breach]]

HOST = re.compile(r"\bhttps?://(?:[^\s/@\"'<>]*@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)")
OURS = re.compile(r"[a-z0-9-]+|127\.\d+\.\d+\.\d+|\[::1\]|(?:.+\.)?(?:test|example|invalid|localhost)|(?:.+\.)?example\.(?:com|net|org|jp)")
DOCUMENTED = re.compile(r"192\.0\.2\.\d+|198\.51\.100\.\d+|203\.0\.113\.\d+|198\.1[89]\.\d+\.\d+|\[2001:db8:[0-9a-f:]*\]")
CITED = re.compile(
    r"(?:.+\.)?(?:go\.jp|or\.jp)"  # statutes, ministries, industry bodies
    r"|(?:www\.)?(?:rfc-editor|ietf|iana|w3|apache|c2sp|iso|keepachangelog|schema|json-schema|oasis-open|sflow|aiim)\.(?:org|com)"
    r"|w3id\.org|purl\.org|datatracker\.ietf\.org|tools\.ietf\.org|docs\.python\.org"
)
MACHINE = re.compile(r"(?<![\w./])/(?:root|home|work|Users)/\w")
LITTER = re.compile(
    r"(?:^|/)(?:notes?|plans?|todo|scratch|tmp|wip|summary|progress)(?:[-_.][^/]*)?\.(?:md|txt)$|\.(?:orig|rej|bak|swp|log)$", re.IGNORECASE
)


def tree_rule(reason: str) -> Callable[[Check], Check]:
    """Register a rule over the tree under its function's name."""

    def add(check: Check) -> Check:
        TREE_RULES.append(TreeRule(check.__name__, reason, check))
        return check

    return add


@tree_rule("most functions are short: nine of ten have at most 30 lines")
def long_ninth_decile(files: dict[str, str]) -> Iterator[Breach]:
    lengths = sorted(
        length(function)
        for path, text in files.items()
        if path.startswith(SHIPPED) and path.endswith(".py")
        for function in Source(path, text).functions
    )
    if lengths and (ninth := lengths[int(len(lengths) * 0.9)]) > 30:
        yield Breach("src", 0, f"the ninth decile of {len(lengths)} functions is {ninth} lines")


@tree_rule("a room named after nothing fills with everything")
def room_without_a_meaning(files: dict[str, str]) -> Iterator[Breach]:
    for path in files:
        parts = PurePosixPath(path).parts
        if parts[:2] == ("src", "sekisho") and len(parts) > 3 and parts[2] not in ROOMS:
            yield Breach(path, 0, f"there are nine rooms, and {parts[2]} is none of them")
        if path.endswith(".py") and {*parts[:-1], PurePosixPath(path).stem} & {"lib", "common", "core", "utils", "util", "helpers"}:
            yield Breach(path, 0, "a name that says nothing")


@tree_rule("use cases are reached from faces only; what two of them share moves down into a module without one")
def use_case_that_calls_another(files: dict[str, str]) -> Iterator[Breach]:
    desk = {path: Source(path, text) for path, text in files.items() if path.startswith("src/sekisho/desk/") and path.endswith(".py")}
    cases = {path for path, source in desk.items() if "carry_out" in {f.name for f in source.functions}}
    called = {f"{PurePosixPath(path).stem}.carry_out" for path in cases}
    for path in cases:
        for line, name in imported(desk[path]):
            if ".".join(name.split(".")[-2:]) in called:
                yield Breach(path, line, name)
        for node in desk[path].nodes:
            if isinstance(node, ast.Call) and dotted(node.func) in called:
                yield Breach(path, node.lineno, dotted(node.func))


@tree_rule("working notes are not part of the project")
def litter(files: dict[str, str]) -> Iterator[Breach]:
    for path in files:
        if LITTER.search(path):
            yield Breach(path, 0, "looks like a working note or a leftover")


@tree_rule("no page, template or lock names a foreign host: only our own examples, standards and the sources of law")
def foreign_host(files: dict[str, str]) -> Iterator[Breach]:
    for path, text in files.items():
        if "/vendor/" in path or path == "LICENSE":
            continue  # other people's words, kept as they came
        for number, line in enumerate(text.splitlines(), 1):
            for host in HOST.findall(line):
                name = host.lower().rstrip(".")
                if not any(known.fullmatch(name) for known in (OURS, DOCUMENTED, CITED)):
                    yield Breach(path, number, host)


@tree_rule("a lock names packages and hashes, never where somebody fetched them")
def place_in_a_lock(files: dict[str, str]) -> Iterator[Breach]:
    for path, text in files.items():
        if path.endswith(".lock"):
            for number, line in enumerate(text.splitlines(), 1):
                if "://" in line or line.lstrip().startswith(("-i ", "--index", "--extra-index", "--find-links", "--trusted")):
                    yield Breach(path, number, line.strip()[:60])


@tree_rule("the tree works wherever it is cloned")
def machine_path(files: dict[str, str]) -> Iterator[Breach]:
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if found := MACHINE.search(line):
                yield Breach(path, number, found.group())
