"""A service's records are read where they lie, and one number is written; nothing is made, changed or guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.desk.draft import DraftError, read_draft
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.posts.fetch_record import Records, listed, places
from sekisho.desk.settings import Service
from sekisho.law.words import Regime
from tests.desk.office import EXAMPLES
from tests.desk.posting import RECORD, Posting

LINE = {"id": "r1", "subject_kind": "post", "subject": "p1", "seen_day": "2026-11-22", "key_id": "00", "sealed": "00", "ip_index": None}


def code(call: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        call()
    return no.value.code


def ids(posting: Posting, **asked: str) -> list[str]:
    return [r["id"] for r in listed(posting.office.outside("terminal"), Records("chat", **asked))]


def test_records_are_found_by_kind_post_and_day_newest_first(posting: Posting) -> None:
    posting.post("rec-0123456789abcdef-2", "login-1", kind="login")
    posting.office.watch.wind(days=1)
    posting.post("rec-0123456789abcdef-3", "post-0003")
    assert ids(posting) == ["rec-0123456789abcdef-3", RECORD, "rec-0123456789abcdef-2"]
    assert ids(posting, kind="login") == ["rec-0123456789abcdef-2"]
    assert ids(posting, post="post-0003") == ["rec-0123456789abcdef-3"]
    assert ids(posting, day="2026-11-22", kind="post") == [RECORD]
    assert ids(posting, post="' OR 1=1 --") == []


def test_a_list_holds_nothing_sealed_and_no_index(posting: Posting) -> None:
    (row,) = listed(posting.office.outside("terminal"), Records("chat"))
    assert set(row) == {"id", "kind", "subject", "day", "key", "indexed", "opened"}
    assert (row["indexed"], row["opened"]) == (True, 0)


def test_a_service_that_is_not_ours_or_does_not_answer_is_said(posting: Posting) -> None:
    world = posting.office.outside("terminal")
    assert code(lambda: listed(world, Records("blog"))) == "unknown-service"
    posting.sql("ALTER TABLE sekisho_sender_record RENAME TO elsewhere")
    assert code(lambda: listed(world, Records("chat"))) == "database-refused"
    (posting.office.home / "chat.db").unlink()
    assert code(lambda: listed(world, Records("chat"))) == "database-refused"
    assert not (posting.office.home / "chat.db").exists()


def test_what_a_database_says_of_itself_is_told_to_nobody(posting: Posting) -> None:
    """A message of a driver may name a user, a host or a password."""
    path = posting.office.home / "sekisho.toml"
    secret = "postgresql+psycopg://node:hunter2@127.0.0.1:1/chat"
    path.write_text(path.read_text(encoding="utf-8").replace("sqlite:///chat.db", secret), encoding="utf-8")
    posting.office.reopen()
    with pytest.raises(KeepSaidNo) as no:
        listed(posting.office.outside("terminal"), Records("chat"))
    assert (no.value.code, "hunter2" in str(no.value)) == ("database-refused", False)


def test_lines_of_a_folder_are_records_and_what_is_none_is_passed_over(posting: Posting) -> None:
    folder = posting.office.home / "sealed"
    folder.mkdir()
    lines = [LINE, {**LINE, "id": "r2", "seen_day": "2026-11-23"}, {"id": "half"}, [], "text", None]
    (folder / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\nbroken {\n", encoding="utf-8")
    (folder / "b.txt").write_text(json.dumps({**LINE, "id": "r3"}), encoding="utf-8")
    path = posting.office.home / "sekisho.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('database = "sqlite:///chat.db"', 'records = "sealed"'), encoding="utf-8")
    posting.office.reopen()
    assert ids(posting) == ["r2", "r1"]
    (folder / "d.jsonl").write_text("[" * 100_000 + "\n", encoding="utf-8")
    assert ids(posting) == ["r2", "r1"]
    (folder / "c.jsonl").write_bytes(b"\xff\xfe")
    assert code(lambda: ids(posting)) == "records-not-readable"


def test_a_log_line_whose_sealed_text_is_none_stops_its_own_opening_and_not_the_process(posting: Posting, permit: str) -> None:
    folder = posting.office.home / "sealed"
    folder.mkdir()
    lines = [{**LINE, "subject": "post-0001", "sealed": sealed} for sealed in ("no hex", 10**12)]
    (folder / "2026-11-22.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    path = posting.office.home / "sekisho.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('database = "sqlite:///chat.db"', 'records = "sealed"'), encoding="utf-8")
    posting.office.reopen()
    posting.ask(permit)
    posting.fetch()
    assert [(r["state"], r["code"]) for r in posting.call("reveals")] == [("refused", "not-a-record")]


def test_a_post_of_access_log_mode_is_found_by_what_the_application_joined(posting: Posting) -> None:
    """The record itself knows only the request; which post came with it stands beside, and finds it without opening anything."""
    folder = posting.office.home / "sealed"
    folder.mkdir()
    made = [("log-a", "post", "a"), ("log-b", "post", "b"), ("log-c", "login", "a")]
    lines = [{**LINE, "id": i, "subject_kind": kind, "subject": request} for i, kind, request in made]
    (folder / "2026-11-22.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    joined = [{"kind": "post", "subject": "17", "request": "a"}, {"kind": "post", "subject": "18"}, {"subject": ["17"]}, 17]
    (folder / "subjects.jsonl").write_text("".join(json.dumps(line) + "\n" for line in joined) + '{"kind": "po', encoding="utf-8")
    path = posting.office.home / "sekisho.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('database = "sqlite:///chat.db"', 'records = "sealed"'), encoding="utf-8")
    posting.office.reopen()
    assert ids(posting, post="17") == ["log-a"], "and not the log-in that came with a request of the same id"
    assert ids(posting, post="a") == ["log-a", "log-c"]
    assert ids(posting, post="17", kind="login") == []
    assert ids(posting, post="18") == ids(posting, post="19") == []
    assert ids(posting) == ["log-a", "log-b", "log-c"]


def test_act_may_touch_exactly_where_its_services_lie() -> None:
    services = (
        Service("a", "sqlite:////srv/a/chat.db"),
        Service("b", records=Path("/srv/b")),
        Service("c", "postgresql+psycopg://u@db/chat"),
        Service("d", "postgresql://u@db:6543/chat"),
    )
    assert places(services) == ([Path("/srv/b")], [Path("/srv/a")], [5432, 6543])
    assert places(()) == ([], [], [])


def drafted(tmp_path: Path, text: str) -> object:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return read_draft(path, actor="Example", regime=Regime.TBA, proposer="person-1", day=now.date(), now=now).plan.scope


def test_a_plan_says_in_its_scope_what_its_measure_knows_and_nothing_else(tmp_path: Path) -> None:
    text = (EXAMPLES / "plans" / "disclosure-request.toml").read_text(encoding="utf-8").split("[[evidence]]")[0]
    scope = drafted(tmp_path, text)
    assert isinstance(scope, dict)
    assert (scope["service"], scope["case"], scope["records"]) == ("chat", "2026-00001", ("post-0001",))
    for word in ("case", "tokens", "periods", "views", "streams", "anything"):
        with pytest.raises(DraftError) as wrong:
            drafted(tmp_path, text + f'{word} = "x"\n')
        assert (wrong.value.where, wrong.value.code) == (f"scope.{word}", "unknown-key")
    notice = (EXAMPLES / "plans" / "traffic-picture.toml").read_text(encoding="utf-8")
    with pytest.raises(DraftError, match="unknown-key"):
        drafted(tmp_path, notice + '[scope]\nservice = "chat"\n')


def test_neither_measure_is_looked_under_by_itself(posting: Posting, permit: str) -> None:
    """A permit to keep or to disclose starts no look; one is opened when somebody asks for it, signed."""
    assert posting.office.channel("supervisor").call("due-looks") == {"start": [], "stop": []}
    keeping = next(p["id"] for p in posting.office.permits() if p["step"] == "keep-post-log")
    for one in (keeping, permit):
        assert code(lambda p=one: posting.call("look-again", permit=p)) == "not-a-look"  # type: ignore[misc] # bound now
    assert posting.office.channel("collect").call("standing") == []
