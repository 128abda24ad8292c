"""The example services, each started with its one command and used as people use them: every post has its record, or is refused."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from examples.services.demo_home import Home
from examples.services.run import EXPRESS, Running, free_port
from sekisho_sender.cli import main
from sekisho_sender.grown import read_whole
from sekisho_sender.record import Record
from sekisho_sender.seal import key_id
from tests.conftest import ROOT, need
from tests.sender.keys import Officers


def officers_at(home: Home) -> Officers:
    """Whoever holds the demo keys' private halves."""
    told = json.loads((home.folder / "unsafe-demo-officers.json").read_text(encoding="utf-8"))
    keys = {key_id(bytes.fromhex(public)): X25519PrivateKey.from_private_bytes(bytes.fromhex(raw)) for public, raw in told.items()}
    return Officers(private=keys)


def opened(home: Home) -> list[Record]:
    officers = officers_at(home)
    with sqlite3.connect(home.database) as db:
        rows = db.execute("SELECT sealed, subject_kind, subject, id FROM sekisho_sender_record ORDER BY rowid").fetchall()
    return [officers.open(*row) for row in rows]


def posts(home: Home) -> list[str]:
    with sqlite3.connect(home.database) as db:
        (table,) = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('post', 'django_chat_post')").fetchone()
        return [str(i) for (i,) in db.execute(f"SELECT id FROM {table}")]


class Person:
    """Somebody with a browser: one connection, whose own end is known."""

    def __init__(self, port: int) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post(self, body: str = "hello", headers: dict[str, str] | None = None, **form: str) -> int:
        text = urlencode({"author": "花子", "body": body, **form})
        self.link.request("POST", "/posts", text, {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        self.end = self.link.sock.getsockname()
        answer = self.link.getresponse()
        answer.read()
        return answer.status

    def read(self) -> str:
        self.link.request("GET", "/")
        return self.link.getresponse().read().decode()


@pytest.fixture(scope="module", params=["starlette", "django", "flask", "split"])
def chat(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, int]]:
    home, port = Home(tmp_path_factory.mktemp(request.param)), free_port()
    running = Running(request.param, home, port)
    yield home, port
    running.stop()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FORGED = {"X-Forwarded-For": "203.0.113.66:6666", "Forwarded": 'for="203.0.113.66:6666"', "Sekisho-Sender": "1.e30.AAAA"}


@pytest.mark.parametrize("headers", [{}, FORGED], ids=["plain", "forged"])
def test_a_post_in_each_chat_has_the_address_and_port_of_whoever_wrote_it(chat: tuple[Home, int], headers: dict[str, str]) -> None:
    home, port = chat
    person = Person(port)
    assert person.post("<b>元気？</b>", headers) == 303
    record = opened(home)[-1]
    assert str(record.sender.source) == f"127.0.0.1:{person.end[1]}"
    assert record.account == "花子"
    assert str(record.sender.destination) in (f"127.0.0.1:{port}", "None")
    assert sorted(posts(home)) == sorted(one.subject for one in opened(home))
    page = person.read()
    assert "&lt;b&gt;元気？" in page
    assert "<b>元気" not in page
    assert "開かれた回数" in page


def test_a_form_without_a_body_is_no_post_and_has_no_record(chat: tuple[Home, int]) -> None:
    home, port = chat
    before = len(opened(home))
    assert Person(port).post("") == 400
    assert len(opened(home)) == len(posts(home)) == before


def test_without_todays_key_each_chat_refuses_posts_and_goes_on_showing_them(chat: tuple[Home, int]) -> None:
    home, port = chat
    keys = home.folder / "sender-keys.json"
    good = keys.read_bytes()
    before = len(posts(home))
    try:
        keys.write_text(json.dumps({**json.loads(good), "keys": []}), encoding="utf-8")
        assert Person(port).post() == 503
        assert "チャット" in Person(port).read()
    finally:
        keys.write_bytes(good)
    assert len(posts(home)) == len(opened(home)) == before
    assert Person(port).post() == 303


def test_who_posted_sees_the_number_of_their_record_in_each_chat_and_nobody_else_does(chat: tuple[Home, int]) -> None:
    """By a cookie of that browser, which no script on the page can read."""
    home, port = chat
    poster, cookie, records = Person(port), "", []
    for body in ("first", "second"):
        poster.link.request("POST", "/posts", f"author=a&body={body}", {**FORM, "Cookie": cookie})
        answer = poster.link.getresponse()
        answer.read()
        said = str(answer.getheader("set-cookie"))
        assert "httponly" in said.lower()
        cookie = said.partition(";")[0]
        records.append(opened(home)[-1].id)
    assert not [record for record in records if record in poster.read()]
    poster.link.request("GET", "/", headers={"Cookie": cookie})
    page = poster.link.getresponse().read().decode()
    assert [record for record in records if record in page] == records
    assert not [one.id for one in opened(home) if one.id in page and one.id not in records]


def test_the_staff_takes_posts_down_and_their_sealed_records_stay(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from examples.services import starlette_chat

    home = Home(tmp_path)
    with TestClient(starlette_chat.chat(home), client=("203.0.113.9", 51234)) as browser:
        assert browser.post("/posts", data={"author": "a", "body": "b"}, follow_redirects=False).status_code == 303
        (record,) = [one.id for one in opened(home)]
        (number,) = posts(home)
        for path, left in (("/staff/", [number]), ("/staff/" + "0" * 32, [number]), (home.staff, [])):
            browser.post(path, data={"post": number}, follow_redirects=False)
            assert posts(home) == left
    assert [one.id for one in opened(home)] == [record]


def test_the_back_end_of_the_split_chat_takes_nothing_from_whoever_reaches_it_directly(tmp_path: Path) -> None:
    home, port = Home(tmp_path), free_port()
    running = Running("split", home, port)
    try:
        behind = Person(int(os.environ["CHAT_BACK_PORT"]))
        assert behind.post() == 403
        assert behind.post(headers=FORGED) == 403
        assert Person(port).post() == 303
        assert len(opened(home)) == 1
    finally:
        running.stop()


# 10,000 posts


WORKERS = 4


def many(port: int, count: int, after: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Post this many over a few connections; how many were answered 303, and how many were not answered or refused."""
    done: list[bool] = []
    left = iter(range(count))
    lock = threading.Lock()
    form = urlencode({"author": "load", "body": "x"}).encode()
    request = (
        b"POST /posts HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(form)
        + form
    )

    def work() -> None:
        import socket

        link: Any = None
        while True:
            with lock:
                if next(left, None) is None:
                    return
            try:
                link = link or socket.create_connection(("127.0.0.1", port), timeout=30)
                link.sendall(request)
                answer = whole(link)
            except OSError:
                answer, link = b"", None
            if not answer or b"\r\nconnection: close" in answer.lower():
                link = None
            if not answer:
                time.sleep(0.002)  # the server is being started again
            with lock:
                done.append(b" 303 " in answer[:16])
                after(len(done))

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done), len(done) - sum(done)


def whole(link: Any) -> bytes:
    """One answer with its body; b"" when the connection ended first."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        part = link.recv(65536)
        if not part:
            return b""
        raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        part = link.recv(65536)
        if not part:
            return b""
        body += part
    return raw


@pytest.mark.timeout(180)
def test_of_ten_thousand_posts_every_one_has_its_record_or_was_refused_also_when_the_server_is_killed(
    tmp_path: Path,
) -> None:
    home, port = Home(tmp_path), free_port()
    running = [Running("starlette", home, port)]
    restarted = threading.Event()

    def kill(done: int) -> None:
        if done == 5000 and not restarted.is_set():
            restarted.set()
            running[0].processes[0].send_signal(signal.SIGKILL)
            running[0].stop()
            running[0] = Running("starlette", home, port)

    try:
        kept, refused = many(port, 10_000, kill)
    finally:
        running[0].stop()
    with sqlite3.connect(home.database) as db:
        (there,) = db.execute("SELECT count(*) FROM post").fetchone()
        (bare,) = db.execute(
            "SELECT count(*) FROM post WHERE NOT EXISTS (SELECT 1 FROM sekisho_sender_record r WHERE r.subject = CAST(post.id AS TEXT))"
        ).fetchone()
        (records,) = db.execute("SELECT count(*) FROM sekisho_sender_record").fetchone()
    assert kept + refused == 10_000
    assert restarted.is_set()
    assert 9_900 < kept <= there <= kept + WORKERS  # an answer may be lost on its way; a post that was answered never is
    assert (bare, records) == (0, there)


@pytest.fixture(scope="module")
def express(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, tuple[int, int], Running]]:
    """The Express chat behind two front ends."""
    need("node", "npm", "nginx")
    if not (EXPRESS / "node_modules" / "express").is_dir() and os.environ.get("CI") != "true":
        pytest.skip("Express is not installed; `make parts` or `npm ci --prefix examples/services/express` installs it")
    home, ports = Home(tmp_path_factory.mktemp("ex")), (free_port(), free_port())
    running = Running("express", home, *ports)
    yield home, ports, running
    running.stop()


def take_in(home: Home, *more: str) -> dict[str, Any]:
    asked = [sys.executable, "-m", "sekisho_sender.cli", "import", "--json", "--rotated", "--folder", str(home.folder / "sealed"), *more]
    asked += ["--keys", str(home.folder / "sender-keys.json")]
    asked += [str(log) for log in sorted(home.folder.glob("access-*.jsonl"))]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def joined(home: Home, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["join", "--json", "--folder", str(home.folder / "sealed"), "--posts", str(home.folder / "posts.jsonl")]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_a_post_in_the_express_chat_is_joined_to_the_record_that_nginx_wrote_and_no_client_gives_ids(
    express: tuple[Home, tuple[int, int], Running], capsys: pytest.CaptureFixture[str]
) -> None:
    home, ports, _ = express
    people = [Person(port) for port in ports]
    chosen = {"X-Request-Id": "0" * 32, **FORGED}
    assert [person.post("やあ", chosen) for person in people] == [303, 303]
    take_in(home)
    joined(home, capsys)
    told = {one["subject"]: one["request"] for one in read_whole(home.folder / "sealed" / "subjects.jsonl")}
    rows = {one["subject"]: one for day in (home.folder / "sealed").glob("2*.jsonl") for one in read_whole(day)}
    officers = officers_at(home)
    for subject, person, port in zip(("1", "2"), people, ports, strict=True):
        row = rows[told[subject]]
        record = officers.open(bytes.fromhex(row["sealed"]), "post", told[subject], row["id"])
        assert str(record.sender.source) == f"127.0.0.1:{person.end[1]}"
        assert str(record.sender.destination) == f"127.0.0.1:{port}"
        assert told[subject] != "0" * 32
    assert "やあ" in people[0].read()


def test_a_post_that_did_not_come_through_nginx_is_refused_by_the_express_chat(express: tuple[Home, tuple[int, int], Running]) -> None:
    import socket

    home, _, _ = express
    with socket.socket(socket.AF_UNIX) as direct:
        direct.connect(str(home.folder / "chat.sock"))
        direct.sendall(b"POST /posts HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert b" 503 " in direct.recv(4096)[:16]


@pytest.mark.timeout(180)
def test_log_mode_joins_all_of_ten_thousand_posts_over_two_front_ends_with_logs_rotated_at_load(
    express: tuple[Home, tuple[int, int], Running], capsys: pytest.CaptureFixture[str]
) -> None:
    home, (port, other), running = express

    def rotate(done: int) -> None:
        if done in (1500, 3000):
            log = home.folder / f"access-{port}.jsonl"
            log.rename(log.with_name(f"{log.name}.{done}"))
            running.processes[1].send_signal(signal.SIGUSR1)

    counts: list[tuple[int, int]] = []
    second = threading.Thread(target=lambda: counts.append(many(other, 5000)))
    second.start()
    counts.append(many(port, 5000, rotate))
    second.join()
    assert counts == [(5000, 0), (5000, 0)]
    subprocess.run(["gzip", str(home.folder / f"access-{port}.jsonl.1500")], check=True)
    assert take_in(home)["wrong"] == []
    done = joined(home, capsys)
    written = sum(1 for _ in read_whole(home.folder / "posts.jsonl"))
    assert done["joined"] + done["known"] == written >= 10_000
    assert done["missing"] == []


def test_posts_whose_front_end_died_before_it_wrote_are_named_one_by_one(
    express: tuple[Home, tuple[int, int], Running], capsys: pytest.CaptureFixture[str]
) -> None:
    home, _, _ = express
    take_in(home)
    lost = {"subject": "99999", "request": "f" * 32}
    file = home.folder / "with-lost.jsonl"
    file.write_bytes((home.folder / "posts.jsonl").read_bytes() + json.dumps(lost).encode() + b"\n")
    capsys.readouterr()
    assert main(["join", "--lang", "ja", "--folder", str(home.folder / "sealed"), "--posts", str(file)]) == 1
    said = capsys.readouterr().out
    assert f"記録がありません：post 99999（リクエスト {'f' * 32}）" in said
    assert "記録のない投稿 1 件" in said


def test_the_express_chat_has_no_python_in_it() -> None:
    assert {file.suffix for file in EXPRESS.glob("*") if file.is_file()} == {".js", ".json", ".conf"}
    assert (ROOT / "examples" / "services" / "README.md").is_file()
