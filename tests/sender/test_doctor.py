"""The doctor, on chains that hold and on chains that leak, with a real server and a real nginx: it says which is which."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from examples.services.run import free_port
from sekisho_sender.asgi import SenderASGI
from sekisho_sender.attacks import ATTACKS, FORGED, FORGED_PORT
from sekisho_sender.cli import main
from sekisho_sender.doctor import Answer, CannotAsk, Report, Service, Verdict, examine, judge, unchunked
from sekisho_sender.doctor_page import PATH, DoctorASGI, DoctorWSGI, respond
from sekisho_sender.trust import Peer, Reading, Trust
from sekisho_sender.wsgi import SenderWSGI
from tests.conftest import need
from tests.sender.keys import request_at, telling

TOKEN = "a-token-of-the-doctor"
LOCAL = "127.0.0.1"
PROXY = "127.0.0.2"


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


CHAINS = {
    "direct": Trust(),
    "forwarded": Trust((Peer(PROXY, Reading.FORWARDED),)),
    "believes-the-first-address": Trust((Peer(PROXY, Reading.XFF_PORT),)),
    "behind-a-proxy-nobody-named": Trust(),
}
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit; {user}
events {{}}
http {{
    access_log off; proxy_bind 127.0.0.2;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{forwarded}; location / {{ proxy_pass http://127.0.0.1:{to_forwarded}; proxy_set_header X-Forwarded-For "";
        proxy_set_header Forwarded 'for="$remote_addr:$remote_port";by="$server_addr:$server_port"'; }} }}
    server {{ listen 127.0.0.1:{leaky}; location / {{ proxy_pass http://127.0.0.1:{to_leaky};
        proxy_set_header X-Forwarded-For $http_x_forwarded_for; }} }}
    server {{ listen 127.0.0.1:{unnamed}; location / {{ proxy_pass http://127.0.0.1:{to_unnamed}; }} }}
}}
"""


@dataclass
class Chains:
    """The URL at which a stranger reaches each chain."""

    urls: dict[str, str]

    def examine(self, name: str) -> Report:
        return examine(Service(self.urls[name], TOKEN))


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chains]:
    need("nginx")
    folder = tmp_path_factory.mktemp("doctor")
    servers, behind = {}, {}
    for name, trust in CHAINS.items():
        behind[name] = free_port()
        app = SenderASGI(DoctorASGI(nothing, TOKEN.encode()), trust)
        config = uvicorn.Config(app, LOCAL, behind[name], proxy_headers=False, log_level="error", lifespan="off")
        servers[name] = uvicorn.Server(config)
        threading.Thread(target=servers[name].run, daemon=True).start()
    fronts = {"forwarded": free_port(), "leaky": free_port(), "unnamed": free_port()}
    (folder / "nginx.conf").write_text(
        NGINX.format(
            folder=folder,
            user="user root;" if os.geteuid() == 0 else "",
            to_forwarded=behind["forwarded"],
            to_leaky=behind["believes-the-first-address"],
            to_unnamed=behind["behind-a-proxy-nobody-named"],
            **fronts,
        ),
        encoding="utf-8",
    )
    nginx = subprocess.Popen(["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf")])
    for port in (*behind.values(), *fronts.values()):
        for _ in range(200):
            try:
                socket.create_connection((LOCAL, port)).close()
            except OSError:
                time.sleep(0.05)
            else:
                break
    ports = dict(zip(CHAINS, (behind["direct"], fronts["forwarded"], fronts["leaky"], fronts["unnamed"]), strict=True))
    yield Chains({name: f"http://{LOCAL}:{port}" for name, port in ports.items()})
    nginx.terminate()
    nginx.wait(10)
    for server in servers.values():
        server.should_exit = True


@pytest.mark.parametrize("name", ["direct", "forwarded"])
def test_a_chain_that_is_right_is_well_and_shows_all_four_values(chains: Chains, name: str) -> None:
    report = chains.examine(name)
    assert report.well, report
    assert report.source.startswith("127.0.0.1:")
    assert report.destination == chains.urls[name].removeprefix("http://")
    assert (report.reading, report.hop) == (("socket", "") if name == "direct" else ("forwarded", PROXY))
    assert [one.name for one in report.attacks] == [attack.name for attack in ATTACKS]
    assert {one.verdict for one in report.attacks} <= {Verdict.RIGHT, Verdict.REFUSED, Verdict.UNKNOWN}


def test_a_chain_that_believes_what_a_client_writes_leaks_and_each_leak_is_named(chains: Chains) -> None:
    report = chains.examine("believes-the-first-address")
    assert not report.well
    leaks = {one.name: one for one in report.leaks}
    assert leaks["x-forwarded-for-port"].source == f"{FORGED}:{FORGED_PORT}"
    assert {"x-forwarded-for-port", "x-forwarded-for-mixed-case"} <= set(leaks)
    assert "forwarded" not in leaks


def test_a_proxy_that_nobody_named_is_taken_for_the_sender_which_is_wrong(chains: Chains) -> None:
    report = chains.examine("behind-a-proxy-nobody-named")
    assert report.plain is Verdict.WRONG
    assert not report.well


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_command_says_who_we_are_and_what_leaks_and_ends_with_one(
    chains: Chains, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n", encoding="utf-8")
    assert main(["doctor", chains.urls["forwarded"] + "/", "--token", str(token), "--lang", language]) == 0
    said = capsys.readouterr().out
    assert f"-> {chains.urls['forwarded'].removeprefix('http://')}" in said.replace("→", "->")
    assert f"{PROXY} (forwarded)" in said
    assert main(["doctor", chains.urls["believes-the-first-address"], "--token", str(token), "--lang", language]) == 1
    assert ("漏れ：x-forwarded-for-port" if language == "ja" else "LEAK: x-forwarded-for-port made us") in capsys.readouterr().out


def test_the_command_answers_machines_in_one_json_object(chains: Chains, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    assert main(["doctor", chains.urls["direct"], "--token", str(tmp_path / "token"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["well"] is True
    assert {one["verdict"] for one in told["attacks"]} <= {"right", "refused", "unknown"}


def test_the_nodes_own_command_asks_the_same(chains: Chains, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from sekisho.faces.cli import app

    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    asked = ["--lang", "ja", "doctor", "web", chains.urls["direct"], "--token", str(tmp_path / "token")]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0
    assert "偽の値はどれも通りませんでした。" in done.stdout
    leaky = ["--json", "doctor", "web", chains.urls["believes-the-first-address"], "--token", str(tmp_path / "token")]
    done = CliRunner().invoke(app, leaky)
    assert (done.exit_code, json.loads(done.stdout)["well"]) == (1, False)


def test_without_the_token_nobody_is_told_anything(chains: Chains, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "token").write_text("another-token-of-16", encoding="utf-8")
    assert main(["doctor", chains.urls["direct"], "--token", str(tmp_path / "token")]) == 2
    assert "another token" in capsys.readouterr().err
    with pytest.raises(CannotAsk, match="Connection refused"):
        examine(Service(f"http://{LOCAL}:{free_port()}", TOKEN))
    with pytest.raises(CannotAsk, match="not the address"):
        examine(Service("ftp://a", TOKEN))


def test_a_person_with_a_browser_sees_the_same_without_javascript(chains: Chains) -> None:
    url = chains.urls["forwarded"] + PATH
    form = httpx.get(url).text
    assert "合言葉" in form
    assert "<script" not in form
    assert httpx.post(url, data={"token": "wrong"}).status_code == 403
    page = httpx.post(url, data={"token": TOKEN}, headers={"X-Forwarded-For": FORGED}).text
    assert "127.0.0.1:" in page
    assert "(forwarded)" in page
    assert FORGED not in page


def test_a_short_token_opens_nothing_and_a_request_that_was_not_captured_is_nobody() -> None:
    assert respond(b"short", "POST", "short", b"")[0] == 404
    assert json.loads(respond(TOKEN.encode(), "POST", TOKEN, b"")[2])["sender"] is None
    with telling(request_at()):
        assert json.loads(respond(TOKEN.encode(), "POST", TOKEN, b"")[2])["sender"]["source"]["port"] == 51234
        assert b"203.0.113.9:51234" in respond(TOKEN.encode(), "POST", "", f"token={TOKEN}".encode())[2]


def test_the_page_is_there_for_wsgi_too_and_leaves_everything_else_to_the_application() -> None:
    app = SenderWSGI(DoctorWSGI(lambda _environ, start: start("200 OK", []) or [b"app"], TOKEN.encode()), Trust())
    said: list[str] = []

    def ask(path: str, **more: str) -> bytes:
        said.clear()
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "REMOTE_ADDR": "192.0.2.9", "REMOTE_PORT": "4000", **more}
        return b"".join(app(environ, lambda status, *_: said.append(status)))

    assert ask("/") == b"app"
    assert json.loads(ask(PATH, HTTP_SEKISHO_DOCTOR=TOKEN))["sender"]["source"] == {"ip": "192.0.2.9", "port": 4000}
    assert ask(PATH, HTTP_SEKISHO_DOCTOR="no") == b"404\n"
    assert ask(PATH, CONTENT_LENGTH="5000") == b"413\n"
    assert said == ["413 ."]


def answer(source: Any, destination: Any = ("192.0.2.1", 443), own: Any = ("192.0.2.9", 4000)) -> Answer:
    ends = {"source": source, "destination": destination}
    return Answer({name: end and {"ip": end[0], "port": end[1]} for name, end in ends.items()}, own, ("192.0.2.1", 443))


@pytest.mark.parametrize(
    ("source", "destination", "nat", "verdict"),
    [
        (("192.0.2.9", 4000), ("192.0.2.1", 443), False, Verdict.RIGHT),
        (("192.0.2.9", None), None, False, Verdict.RIGHT),
        (("192.0.2.9", 4001), ("192.0.2.1", 443), False, Verdict.WRONG),
        (("192.0.2.8", 4000), ("192.0.2.1", 443), False, Verdict.WRONG),
        (("192.0.2.9", 4000), ("192.0.2.2", 443), False, Verdict.WRONG),
        (None, None, False, Verdict.UNKNOWN),
        ((FORGED, 4000), None, False, Verdict.LEAK),
        (("192.0.2.9", FORGED_PORT), None, False, Verdict.LEAK),
        (("192.0.2.9", 4000), ("198.51.100.66", 443), False, Verdict.LEAK),
        (("198.51.100.1", 9), None, True, Verdict.RIGHT),
        (("198.51.100.2", 9), None, True, Verdict.WRONG),
    ],
)
def test_an_answer_is_judged_by_our_own_ends_and_behind_a_nat_by_what_it_was_before(
    source: Any, destination: Any, nat: bool, verdict: Verdict
) -> None:
    assert judge(answer(source, destination), "198.51.100.1", nat=nat) is verdict


def test_a_chunked_answer_is_put_together_and_a_broken_one_ends_where_it_breaks() -> None:
    assert unchunked(b"3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n") == b"abcde"
    assert unchunked(b"3\r\nabc\r\nzz") == b"abc"
