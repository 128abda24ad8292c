"""What must hold, sentence by sentence, and the tests that show it. A promise without a test is not kept."""

from __future__ import annotations

import ast
from functools import cache

from house.source import ROOT

PROMISES: dict[str, tuple[str, ...]] = {
    # No path from sealed bytes to a value without a permit; tests try, as each process:
    "Files read directly give nothing.": (
        "tests/store/test_stream.py::test_nothing_readable_lies_on_the_disk",
        "tests/store/test_seal.py::test_sealed_bytes_hold_no_value",
        "tests/store/test_vault.py::test_files_are_for_keep_alone_and_say_nothing",
    ),
    "A forged permit opens nothing.": (),
    "An expired permit opens nothing.": (),
    "A widened permit opens nothing.": (),
    "A withdrawn permit opens nothing.": (),
    "Another day's key opens nothing.": ("tests/store/test_stream.py::test_a_days_keys_do_not_open_another_day",),
    "Another class's key opens nothing.": (
        "tests/store/test_seal.py::test_a_narrowed_release_never_reaches_keep_for_a_foreign_key",
        "tests/store/test_view.py::test_a_column_the_permit_does_not_name_is_refused_before_any_key",
    ),
    "Another purpose's key opens nothing.": (
        "tests/store/test_view.py::test_tokens_of_two_days_and_two_purposes_cannot_be_joined",
        "tests/store/test_view.py::test_another_permits_segment_in_this_folder_is_not_opened",
    ),
    "A console that asks to mint is refused.": (),
    "A collector cannot read what it wrote.": ("tests/store/test_stream.py::test_the_collector_cannot_read_what_it_wrote",),
    # Consent or permit withdrawn while running:
    "After a withdrawal the next read fails within one second.": (
        "tests/store/test_view.py::test_a_key_withdrawn_during_a_look_stops_the_next_column",
    ),
    "A mail not yet accepted by the server is not sent after a withdrawal.": (
        "tests/effects/test_mail.py::test_a_permit_withdrawn_between_recipient_and_data_sends_nothing",
        "tests/effects/test_mail.py::test_a_permit_withdrawn_while_the_server_thinks_about_data_sends_nothing",
        "tests/effects/test_mail.py::test_not_one_octet_of_the_message_leaves_after_a_withdrawal",
    ),
    # Bad input:
    "Truncated input is counted per exporter with the reason, and nothing good is lost.": (),
    "A lying length is counted, and nothing good is lost.": (),
    "A template bomb is refused and memory stays bounded.": (),
    "A wrong version is counted.": (),
    "A foreign exporter is counted and not heard.": (),
    "Bad input makes one rate-limited log line.": (),
    "Every decoder gives a value or its one error, fed whole and byte by byte.": (),
    # Never a permit:
    "Two conditions with one id never make a permit.": (),
    "An empty list of conditions never makes a permit.": (),
    "An unknown evidence kind never makes a permit.": (),
    "A jumped clock never makes a permit.": (),
    # Speed and truth:
    "Real captures decode field by field to the expected values.": (),
    "The decoding bench compares checksums with a reference decoder.": (),
    # Budgets:
    "Budgets of length are enforced.": (
        "tests/house/test_rules.py::test_a_rule_bites_what_it_forbids_and_nothing_else",
        "tests/house/test_rules.py::test_a_rule_over_the_tree_bites_what_it_forbids_and_nothing_else",
    ),
    "The tests are at least as long as the code.": ("tests/house/test_tree.py::test_the_tests_are_at_least_as_long_as_the_code",),
}


@cache
def declared_in(path: str) -> frozenset[str]:
    """The test functions of a file, methods as `Class::test`."""
    found = set()
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):  # state machines of hypothesis: TestX = Machine.TestCase
            found |= {target.id for target in node.targets if isinstance(target, ast.Name) and target.id.startswith("Test")}
    return frozenset(found)


def test_every_promise_has_tests_that_exist() -> None:
    unshown = [promise for promise, nodes in PROMISES.items() if not nodes]
    assert not unshown
    for node in (node for nodes in PROMISES.values() for node in nodes):
        path, _, name = node.partition("::")
        assert (ROOT / path).is_file(), node
        assert name in declared_in(path), node
