"""`sekisho posts`, typed by people of a real office: in Japanese, in English and for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.faces.commands import posts
from sekisho.faces.words.say import refuse
from tests.desk.conftest import _founded, _posted, permit, posting  # noqa: F401 - fixtures of the desk's tests, used here by name
from tests.desk.posting import PURPOSE, RECORD, Posting
from tests.faces.conftest import Said, typed

Typing = Callable[..., Said]


@pytest.fixture
def typing(posting: Posting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typing:  # noqa: F811 - the fixture imported above
    """A terminal of this office; while a command waits, `act` and the children of the node do their part."""

    @contextmanager
    def outside(_config: Path) -> Iterator[Outside]:
        try:
            yield posting.office.outside("terminal")
        except KeepSaidNo as no:
            raise refuse(no.code, no.detail) from no

    def meanwhile(_seconds: float) -> None:
        posting.fetch()
        posting.look()

    monkeypatch.setattr(posts, "outside", outside)
    monkeypatch.setattr(posts.time, "sleep", meanwhile)

    def type_(*words: str, who: str = "", lang: str = "en") -> Said:
        posting.office.watch.wind(seconds=1)
        key = ["--key", str(posting.office.home / "people" / f"{who}.key")] if who else []
        return typed(tmp_path, "--lang", lang, "posts", *words, *key, lang=lang)

    return type_


def opening(posting: Posting, permit: str) -> list[str]:  # noqa: F811 - the fixture imported above
    return ["reveal", "chat", "post-0001", "--case", posting.case(), "--purpose", PURPOSE, "--permit", permit]


def test_a_record_is_opened_network_first_and_certified(typing: Typing, posting: Posting, permit: str) -> None:  # noqa: F811 - as above
    words = opening(posting, permit)
    said = typing(*words, "--full", who="officer")
    assert (said.code, "network first" in said.err) == (1, True)
    said = typing(*words, who="desk", lang="ja")
    assert "203.0.0.0/16  Example Mobile" in said.out
    assert "ネットワーク" in said.out
    assert "203.0.113.9" not in said.out
    found = json.loads(typing(*words, "--full", "--json", who="officer").out)
    assert found["view"]["source"] == {"ip": "203.0.113.9", "port": 51234}
    said = typing("certificate", found["id"], "--ticket", found["ticket"], "--url", "https://chat.example/1")
    assert "at_jst: 2026-11-22 05:54:56" in said.out
    assert "source_port: 51234" in said.out


def test_who_opened_what_and_what_the_poster_sees(typing: Typing, posting: Posting, permit: str) -> None:  # noqa: F811 - as above
    assert typing("openings").out.strip() == "Nothing was opened yet"
    assert "source  203.0.113.9" not in typing(*opening(posting, permit), who="officer").out
    assert "the network only  opened  officer" in typing("openings", "--case", posting.case()).out
    said = typing("opened", "chat", RECORD, lang="ja")
    assert said.out.splitlines()[0] == "開かれた回数: 1"
    assert json.loads(typing("opened", "chat", RECORD, "--json").out)["openings"][0]["purpose"] == PURPOSE
    assert typing("opened", "chat", "short").code == 1


def test_keys_are_written_whole_for_the_service(typing: Typing, tmp_path: Path) -> None:
    said = typing("keys", "chat", "--to", "sender-keys.json", "--days", "2")
    assert (said.code, "2026-11-23" in said.out) == (0, True)
    file = json.loads((tmp_path / "sender-keys.json").read_text(encoding="utf-8"))
    assert (file["schema"], len(file["keys"]), len(bytes.fromhex(file["signature"]))) == ("sekisho.sender-keys/1", 10, 64)
    assert json.loads(typing("keys", "chat", "--days", "2").out) == file
    assert typing("keys", "chat", "--to", "no/such/folder/keys.json").code == 2
    assert typing("keys", "blog").code == 1


def test_records_are_listed_and_nothing_of_them_is_opened(typing: Typing) -> None:
    (row,) = json.loads(typing("list", "chat", "--post", "post-0001", "--json").out)
    assert (row["id"], row["kind"], row["day"], row["opened"]) == (RECORD, "post", "2026-11-22", 0)
    assert "sealed" not in row
    assert typing("list", "chat", "--kind", "login").out.strip() == "There is no such record"
    assert typing("list", "blog").code == 1
