"""Each house rule bites what it forbids and leaves the rest alone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from house.rules import RULES
from house.source import Source
from house.tree_rules import TREE_RULES

PY = "src/sekisho/gate/example.py"
SENDER = "packages/sender/src/sekisho_sender"
DESK = "src/sekisho/desk/x.py"
MEASURE = "src/sekisho/measures/x.py"
WIRE = "src/sekisho/wire/x.py"
AT_DESK = "src/sekisho/desk"
CASE = "def carry_out(): ..."
SILENCED = "# type: " + "ignore[attr-defined]"

EXAMPLES: dict[str, list[tuple[str, str, str, str]]] = {
    # rule: [(path, source that breaks it, path, source that does not)]
    "long_module": [
        (DESK, "a = 1\n" * 401, DESK, "a = 1\n" * 400),
        (MEASURE, "a = 1\n" * 151, MEASURE, "a = 1\n" * 150),
    ],
    "long_function": [
        (PY, "def f():\n" + "    a = 1\n" * 40, PY, "def f():\n" + "    a = 1\n" * 39),
        ("lab/x.py", "def f():\n" + "    a = 1\n" * 60, "lab/x.py", 'def f():\n    """Says\n    much."""\n' + "    a = 1\n" * 59),
    ],
    "foreign_package_in_trusted_room": [
        (PY, "import numpy", WIRE, "import numpy"),
        (
            "src/sekisho/ledger/x.py",
            "from yaml import safe_load",
            "src/sekisho/ledger/x.py",
            "from cryptography.hazmat import x\nimport json",
        ),
        (MEASURE, "def f():\n    import duckdb", MEASURE, "import ibis.expr.types"),
    ],
    "foreign_package_in_the_sender": [
        (f"{SENDER}/trust.py", "import uvicorn", f"{SENDER}/uvicorn_http.py", "from uvicorn.config import Config"),
        (f"{SENDER}/seal.py", "import uvicorn", f"{SENDER}/seal.py", "from cryptography.hazmat import x\nimport json"),
        (f"{SENDER}/apps.py", "import django", f"{SENDER}/django/apps.py", "import django"),
        (f"{SENDER}/capture.py", "from sekisho.law import words", f"{SENDER}/capture.py", "from sekisho_sender.record import Address"),
    ],
    "world_in_a_pure_room": [(WIRE, "import socket", DESK, "import socket")],
    "clock_in_a_pure_room": [
        (PY, "now = datetime.now(UTC)", "src/sekisho/desk/clock.py", "now = datetime.now(UTC)"),
        (WIRE, "t = time.time()", WIRE, "t = datetime.fromtimestamp(0, UTC)"),
    ],
    "float_where_things_are_signed": [(PY, "share = 0.5", PY, "per_mille = 500"), (PY, "x: float", DESK, "x: float = 0.5")],
    "sql_in_a_measure": [
        (MEASURE, "rows = table.sql('SELECT 1')", MEASURE, "rows = table.select('peer')"),
        (MEASURE, "con.raw_sql(q)", "src/sekisho/store/x.py", "con.raw_sql(q)"),
    ],
    "silenced_checker": [
        (DESK, f"a.b = 1  {SILENCED}", DESK, f"a.b = 1  {SILENCED} - the stubs lack b"),
        (DESK, "import x  # noqa", DESK, "import x  # noqa: F401 - measures register themselves"),
        (PY, f"a.b = 1  {SILENCED} - stubs", PY, "s = 'a string that says noqa'"),
    ],
    "text_without_encoding": [
        (DESK, "open('a')", DESK, "open('a', 'rb')"),
        ("lab/x.py", "path.read_text()", "lab/x.py", "path.read_text(encoding='utf-8')"),
        ("lab/x.py", "path.write_text('a')", "lab/x.py", "path.write_text('a', 'ascii')\npath.read_text('ascii')"),
    ],
    "sentence_outside_faces": [
        (DESK, "def f(): return 'The plan needs two more approvals.'", DESK, "def f(): return 'approval-missing'"),
        ("src/sekisho/gate/x.py", "why = '証拠がない'", "src/sekisho/faces/x.py", "why = '証拠がない'"),
        (DESK, "x = f'{n} of the plans are waiting'", DESK, "raise ValueError('the plan has no steps at all')"),
        (DESK, "{'why': 'because it was asked of us'}", MEASURE, "title = {'ja': '網の図', 'en': 'A picture'}"),
        (
            "src/sekisho/law/x.py",
            "_note(x, 'has no conditions to be met')",
            "src/sekisho/law/x.py",
            "_must(x, 'has no conditions to be met')",
        ),
        (
            DESK,
            "A = 'one two three four five'",
            DESK,
            '"""知得 stands in docstrings."""\nA = 1\n"""What A is about, at length."""',
        ),
        (DESK, "say('what was said to whom and when')", DESK, "db('SELECT what was said from the table')"),
    ],
    "test_without_a_sentence": [
        (
            "tests/gate/test_x.py",
            "def test_it(): assert f()",
            "tests/gate/test_x.py",
            "def test_an_expired_permit_opens_nothing(): assert f()",
        ),
        (
            "tests/gate/test_x.py",
            "def test_decide(): assert f()",
            "tests/gate/test_x.py",
            'def test_decide():\n    """No evidence, no permit."""',
        ),
    ],
}

TREES: dict[str, list[tuple[dict[str, str], dict[str, str]]]] = {
    "long_ninth_decile": [
        ({"src/a.py": "def f():\n" + "    a = 1\n" * 31}, {"src/a.py": "def f():\n    a = 1\n" * 9 + "def f():\n" + "    a = 1\n" * 29}),
    ],
    "room_without_a_meaning": [
        ({"src/sekisho/core/x.py": ""}, {"src/sekisho/gate/x.py": ""}),
        ({"src/sekisho/desk/utils.py": ""}, {"src/sekisho/desk/permitting/propose.py": "", "src/sekisho/__init__.py": ""}),
    ],
    "use_case_that_calls_another": [
        (
            {f"{AT_DESK}/a.py": "from sekisho.desk import b\ndef carry_out(): b.carry_out()", f"{AT_DESK}/b.py": CASE},
            {f"{AT_DESK}/a.py": "from sekisho.desk.b import Shape\ndef carry_out(): Shape()", f"{AT_DESK}/b.py": CASE},
        ),
        (
            {f"{AT_DESK}/a.py": "from sekisho.desk.b import carry_out as b\ndef carry_out(): b()", f"{AT_DESK}/b.py": CASE},
            {f"{AT_DESK}/a.py": "from sekisho.desk import b\ndef carry_out(): b.shared()", f"{AT_DESK}/b.py": "def shared(): ..."},
        ),
    ],
    "litter": [
        ({"docs/notes.md": ""}, {"docs/index.md": ""}),
        ({"PLAN-2.md": ""}, {"docs/planning.md": ""}),
        ({"a.orig": ""}, {"a.py": ""}),
    ],
    "foreign_host": [
        ({"x.html": '<script src="https:' + '//cdn.somewhere.io/a.js">'}, {"x.html": '<a href="http://localhost:8100/">'}),
        (
            {"README.md": "http://" + "user@evil.io/"},
            {"a.toml": "https://laws.e-gov.go.jp/law/1", "b.md": "https://www.rfc-editor.org/rfc/rfc7011"},
        ),
        ({"a.py": "http://" + "8.8.8.8/"}, {"a.py": "http://203.0.113.9/ http://[::1]:80/ http://cc.example.net"}),
    ],
    "place_in_a_lock": [
        ({"r.lock": "a==1 --hash=sha256:0\n--index-url x"}, {"r.lock": "a==1 --hash=sha256:0"}),
        ({"r.lock": "a @ https://example.org/a.whl"}, {"README.md": "https://example.org"}),
    ],
    "machine_path": [({"a.md": "see " + "/ho" + "me/me/x"}, {"a.md": "see work/x, https://example.org/home/x"})],
}


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, examples in EXAMPLES.items() for n in range(len(examples))])
def test_a_rule_bites_what_it_forbids_and_nothing_else(name: str, number: int) -> None:
    bad_path, bad, good_path, good = EXAMPLES[name][number]
    check = next(rule.check for rule in RULES if rule.name == name)
    assert list(check(Source(bad_path, dedent(bad)))), "the forbidden source passed"
    assert not list(check(Source(good_path, dedent(good)))), "the allowed source did not pass"


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, examples in TREES.items() for n in range(len(examples))])
def test_a_rule_over_the_tree_bites_what_it_forbids_and_nothing_else(name: str, number: int) -> None:
    bad, good = TREES[name][number]
    check = next(rule.check for rule in TREE_RULES if rule.name == name)
    assert list(check(bad)), "the forbidden tree passed"
    assert not list(check(good)), "the allowed tree did not pass"


def test_every_rule_has_its_examples_and_a_reason() -> None:
    assert {rule.name for rule in RULES} == set(EXAMPLES)
    assert {rule.name for rule in TREE_RULES} == set(TREES)
    assert all(len(rule.reason.split()) > 4 for rule in (*RULES, *TREE_RULES))
