"""A list of servers is what its bytes are: one file, one digest, and nothing half read."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.watchlist import ListError, load_list, read_list
from tests.desk.office import EXAMPLES

HEAD = 'id = "a"\norigin = "somebody"\nmade = 2026-11-21T00:00:00Z\nuntil = 2026-11-28T00:00:00Z\n'
ENTRY = '[[entry]]\naddress = "203.0.113.66"\nport = 8443\n'


def written(tmp_path: Path, text: str | bytes, name: str = "cc.toml") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def code(path: Path) -> str:
    with pytest.raises(ListError) as no:
        load_list(path)
    return no.value.code


def test_the_recorded_list_reads_as_it_stands() -> None:
    found = load_list(EXAMPLES / "lists" / "cc.toml")
    assert found.entries == (("203.0.113.66", 8443), ("2001:db8:f00::66", 8443))
    assert found.origin == "sekisho lab"
    assert found.digest == sha256((EXAMPLES / "lists" / "cc.toml").read_bytes()).hexdigest()


def test_an_entry_may_leave_out_the_port(tmp_path: Path) -> None:
    assert load_list(written(tmp_path, HEAD + '[[entry]]\naddress = "203.0.113.66"\n')).entries == (("203.0.113.66", None),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD, "not-a-list"),
        (HEAD + "entry = []\n", "list-empty"),
        (HEAD.replace("origin", "source") + ENTRY, "not-a-list"),
        (HEAD + '[[entry]]\naddress = "cc.example"\n', "not-a-list"),
        (HEAD + '[[entry]]\naddress = "203.0.113.0/24"\n', "not-a-list"),
        (HEAD + ENTRY.replace("8443", "0"), "not-a-list"),
        (HEAD + ENTRY.replace("8443", "65536"), "not-a-list"),
        (HEAD + ENTRY.replace("8443", "true"), "not-a-list"),
        (HEAD + 'entry = ["203.0.113.66"]\n', "not-a-list"),
        (HEAD.replace("2026-11-28T00:00:00Z", '"soon"') + ENTRY, "not-a-list"),
        (b"\xff\xfe", "not-a-list"),
    ],
)
def test_what_is_no_list_is_refused_whole(tmp_path: Path, text: str | bytes, why: str) -> None:
    """One bad entry spoils it: a list half read would look like a list with fewer servers."""
    assert code(written(tmp_path, text)) == why


def test_a_list_that_is_not_there_or_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code(tmp_path / "no.toml") == "list-absent"
    monkeypatch.setattr("sekisho.desk.watchlist.LARGEST", 50)
    assert code(written(tmp_path, HEAD + ENTRY)) == "list-too-large"


def test_only_the_very_list_that_was_vouched_for_is_used(tmp_path: Path) -> None:
    """One byte more and it is another list, whatever it is called; a broken neighbour changes nothing."""
    good, broken = written(tmp_path, HEAD + ENTRY), written(tmp_path, "broken", "broken.toml")
    digest = load_list(good).digest
    assert read_list([broken, good], digest).digest == digest
    good.write_text(HEAD + ENTRY + "\n", encoding="utf-8")
    with pytest.raises(ListError, match="another-list"):
        read_list([broken, good], digest)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text("[]={}\"'\n aentry1.", max_size=60).map(str.encode))
def test_whatever_a_file_holds_it_is_a_list_or_a_code(tmp_path: Path, raw: bytes) -> None:
    try:
        assert load_list(written(tmp_path, raw)).entries
    except ListError:
        return
