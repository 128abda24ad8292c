"""The signed header between front end and back end: the sender arrives as it left, and whatever else is tried is refused by number."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho_sender.at_hand import Refused, at_hand
from sekisho_sender.capture import Captured, utc_us
from sekisho_sender.handover import (
    HEADER,
    FileReplays,
    Flaw,
    MemoryReplays,
    NotHandedOver,
    Replays,
    decoded,
    encoded,
    sign,
    tag,
    verify,
)
from sekisho_sender.handover_asgi import BackASGI, FrontASGI, outgoing
from sekisho_sender.handover_wsgi import BackWSGI, FrontWSGI
from sekisho_sender.record import Hop
from tests.sender.keys import NOON, SECRET, request_at, telling

OTHER = bytes(32)
BODY = "name=花子".encode()


def signed(**change: Any) -> str:
    told = {"method": "POST", "path": "/posts?a=1", "body": BODY, "secret": SECRET, "now_us": NOON, **change}
    return sign(request_at(), **told)


def checked(*headers: str, replays: Replays | None = None, **change: Any) -> Captured:
    told: dict[str, Any] = {"method": "POST", "path": "/posts?a=1", "body": BODY, "secrets": (SECRET,), "now_us": NOON, **change}
    return verify(headers, replays=replays or MemoryReplays(), **told)


def refused(*headers: str, **change: Any) -> Flaw:
    with pytest.raises(NotHandedOver) as no:
        checked(*headers, **change)
    return no.value.flaw


def test_the_back_end_learns_what_the_front_end_knew() -> None:
    assert checked(signed()) == request_at()


@pytest.mark.parametrize(
    ("flaw", "headers", "change"),
    [
        (Flaw.MISSING, [], {}),
        (Flaw.TWICE, [signed(), signed()], {}),
        (Flaw.FORM, [""], {}),
        (Flaw.FORM, ["2" + signed()[1:]], {}),
        (Flaw.FORM, [signed() + ".a"], {}),
        (Flaw.FORM, ["1." + "A" * 16384 + ".A"], {}),
        (Flaw.SIGNATURE, [signed(secret=OTHER)], {}),
        (Flaw.SIGNATURE, ["1.e30.AAAA"], {}),
        (Flaw.SIGNATURE, ["1.é.é"], {}),
        (Flaw.EXPIRED, [signed()], {"now_us": NOON + 60_000_001}),
        (Flaw.AHEAD, [signed()], {"now_us": NOON - 5_000_001}),
        (Flaw.OTHER_REQUEST, [signed()], {"method": "PUT"}),
        (Flaw.OTHER_REQUEST, [signed()], {"path": "/posts?a=2"}),
        (Flaw.OTHER_REQUEST, [signed()], {"path": "/posts"}),
        (Flaw.OTHER_REQUEST, [signed()], {"body": b""}),
    ],
)
def test_a_header_that_is_not_for_this_request_now_is_refused_by_number(flaw: Flaw, headers: list[str], change: dict[str, Any]) -> None:
    assert refused(*headers, **change) is flaw


def by_the_right_secret(told: Any) -> str:
    text = encoded(json.dumps(told).encode() if not isinstance(told, bytes) else told)
    return f"1.{text}.{encoded(tag(text, SECRET))}"


def handed(**change: Any) -> dict[str, Any]:
    return {**json.loads(decoded(signed().split(".")[1])), **change}


@pytest.mark.parametrize(
    "told",
    [
        b"", b"\xff", b"[]", b"{}", b"[" * 9000, handed(end="soon"), handed(end=True), handed(nonce=["x"]), handed(request=None),
        handed(request={**handed()["request"], "user_agent": None}), handed(request={**handed()["request"], "request_id": "\ud800"}),
        handed(request={**handed()["request"], "sender": {**handed()["request"]["sender"], "seen_us": 1.5}}),
        handed(request={**handed()["request"], "sender": {**handed()["request"]["sender"], "seen_us": "1"}}),
        handed(request={**handed()["request"], "sender": {**handed()["request"]["sender"], "source": {"ip": "192.0.2.01", "port": 1}}}),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_no_front_end_of_ours_writes_is_refused_although_the_right_secret_signed_it(told: Any) -> None:
    assert refused(by_the_right_secret(told)) is Flaw.FORM
    assert checked(by_the_right_secret(handed())) == request_at()


@given(st.integers(0, 10_000), st.integers(1, 127))
def test_a_header_with_any_character_changed_is_refused(place: int, change: int) -> None:
    good = signed()
    at = place % len(good)
    assert refused(good[:at] + chr(ord(good[at]) ^ change) + good[at + 1 :]) in (Flaw.FORM, Flaw.SIGNATURE)


def test_a_header_lives_sixty_seconds_and_clocks_may_differ_by_five() -> None:
    assert checked(signed(), now_us=NOON + 60_000_000) == request_at()
    assert checked(signed(), now_us=NOON - 5_000_000) == request_at()


@pytest.fixture(params=["memory", "file"])
def replays(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Replays]:
    """A worker's view of what was used; with a file, a second call is another worker's view of the same."""
    only = MemoryReplays()
    return (lambda: only) if request.param == "memory" else (lambda: FileReplays(tmp_path / "nonces.db"))


def test_a_header_is_good_once_also_for_another_worker(replays: Callable[[], Replays]) -> None:
    header = signed()
    assert checked(header, replays=replays()) == request_at()
    assert refused(header, replays=replays()) is Flaw.REPLAYED
    assert refused(header, replays=replays(), now_us=NOON + 59_999_999) is Flaw.REPLAYED
    assert checked(signed(), replays=replays()) == request_at()


def test_what_was_used_is_forgotten_when_it_has_ended(replays: Callable[[], Replays]) -> None:
    store = replays()
    assert store.first("a", NOON, NOON - 1)
    assert not store.first("a", NOON, NOON)
    store.first("b", NOON + 130_000_000, NOON + 120_000_000)
    assert store.first("a", NOON + 180_000_000, NOON + 120_000_001)


def test_a_header_that_was_refused_has_not_used_up_the_right_one() -> None:
    store, header = MemoryReplays(), signed()
    assert refused(header, replays=store, path="/other") is Flaw.OTHER_REQUEST
    assert checked(header, replays=store) == request_at()


def test_a_retired_secret_is_still_taken_and_a_short_one_never_used() -> None:
    assert checked(signed(secret=OTHER), secrets=(SECRET, OTHER)) == request_at()
    with pytest.raises(ValueError, match="at least 32"):
        signed(secret=SECRET[:31])


def test_claims_of_a_stranger_do_not_make_the_header_too_long_for_a_server() -> None:
    request = request_at()
    chain = (Hop("127.0.0.1", "forwarded", "x" * 200, trusted=True), *(Hop("127.0.0.1", "x-real-ip", "6" * 1024, trusted=False),) * 200)
    told = sign(replace(request, sender=replace(request.sender, chain=chain)), "POST", "/", b"", SECRET, NOON)
    assert len(told) < 8000
    kept = checked(told, path="/", body=b"").sender.chain
    assert kept[0] == chain[0]
    assert 1 < len(kept) < 5


# Both ends as an application has them: what arrives behind the back end's class is what stood before the front end's.


def ask_asgi(
    app: Any, method: str = "POST", path: str = "/posts", query: bytes = b"a=1", body: bytes = BODY, **headers: str
) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    parts = [body[:3], body[3:]]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)} if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": quote(path).encode(), "query_string": query, "headers": raw}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent)


def ask_wsgi(
    app: Any, method: str = "POST", path: str = "/posts", query: bytes = b"a=1", body: bytes = BODY, **headers: str
) -> tuple[int, bytes]:
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query.decode()}
    environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    setup_testing_defaults(environ)
    said: list[str] = []
    parts = app(environ, lambda status, _headers, _exc=None: said.append(status))
    try:
        answer = b"".join(parts)
    finally:
        getattr(parts, "close", bool)()  # as every WSGI server does
    return int(said[0][:3]), answer


class AsgiChat:
    """Answers who sent the request, and what stood in it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        told = [value.decode() for name, value in scope["headers"] if name == HEADER.encode()]
        found = at_hand()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{found and found.sender.source}|{body.decode()}|{''.join(told)}".encode()})


def wsgi_chat(environ: Any, start: Any) -> list[bytes]:
    body = environ["wsgi.input"].read().decode()
    found = at_hand()
    start("200 OK", [])
    return [f"{found and found.sender.source}|{body}|{environ.get('HTTP_SEKISHO_SENDER', '')}".encode()]


SIDES = {
    "asgi": (ask_asgi, lambda: FrontASGI(AsgiChat(), SECRET), lambda **how: BackASGI(AsgiChat(), (SECRET,), **how)),
    "wsgi": (ask_wsgi, lambda: FrontWSGI(wsgi_chat, SECRET), lambda **how: BackWSGI(wsgi_chat, (SECRET,), **how)),
}


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Any:
    return SIDES[request.param]


@pytest.mark.parametrize("path", ["/posts", "/posts/花子 1", "/a%2Fb"])
def test_what_the_front_ends_class_adds_the_back_ends_class_takes(side: Any, path: str) -> None:
    ask, front, back = side
    with telling(request_at()):
        _, said = ask(front(), path=path, sekisho_sender="1.forged.forged")
    header = said.decode().rpartition("|")[2]
    assert header.startswith("1.")
    assert "forged" not in header
    app = back()
    assert ask(app, path=path, sekisho_sender=header)[1].decode().startswith("203.0.113.9:51234|name=花子|")
    assert ask(app, path=path, sekisho_sender=header) == (403, b"403 Sekisho-Sender: 6-replayed\n")
    assert at_hand() is None


def test_two_kinds_of_server_understand_each_other() -> None:
    with telling(request_at()):
        header = outgoing("POST", "/posts?a=1", BODY, SECRET)[HEADER]
        again = outgoing("POST", "/posts?a=1", BODY, SECRET)[HEADER]
    for (ask, _, back), told in zip(SIDES.values(), (header, again), strict=True):
        assert ask(back(), sekisho_sender=told)[0] == 200


@pytest.mark.parametrize(
    ("change", "answer"),
    [({}, "1-missing"), ({"sekisho_sender": "nonsense"}, "2-form"), ({"sekisho_sender": signed(secret=OTHER)}, "3-signature")],
)
def test_the_application_never_sees_a_request_that_nobody_signed(side: Any, change: dict[str, str], answer: str) -> None:
    ask, _, back = side
    assert ask(back(), **change) == (403, f"403 Sekisho-Sender: {answer}\n".encode())
    assert ask(back(), method="GET", **change)[0] == 403


def test_an_expired_or_edited_header_does_not_reach_the_application(side: Any) -> None:
    ask, _, back = side
    old = signed(now_us=utc_us() - 61_000_000)
    fresh = signed(now_us=utc_us())
    assert ask(back(), sekisho_sender=old)[1] == b"403 Sekisho-Sender: 4-expired\n"
    assert ask(back(), sekisho_sender=fresh, body=b"other")[1] == b"403 Sekisho-Sender: 5-other-request\n"
    assert ask(back(), sekisho_sender=fresh, path="/other")[1] == b"403 Sekisho-Sender: 5-other-request\n"


def test_reads_pass_without_a_header_only_when_the_back_end_says_so_and_then_have_no_sender(side: Any) -> None:
    ask, _, back = side
    assert ask(back(reads_pass=frozenset({"GET"})), method="GET", body=b"") == (200, b"None||")


def test_a_body_that_is_too_long_to_hold_is_refused_on_both_sides(side: Any) -> None:
    ask, front, back = side
    app = front()
    app.most_body = 5
    with telling(request_at()):
        assert ask(app)[0] == 413
    assert ask(back(most_body=5), sekisho_sender=signed(now_us=utc_us()))[0] == 413


@pytest.mark.parametrize("length", ["\xb2", "+5", "-1", " 5", "5_0", "0x5", "99999999999999999999"])
def test_a_length_that_is_none_is_refused_before_the_body_is_read(length: str) -> None:
    """A raised two is a digit for Python, and no number."""
    said: list[str] = []
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": None}
    BackWSGI(wsgi_chat, (SECRET,))(environ, lambda status, _: said.append(status))
    assert said == ["413 Content Too Large"]


def test_outside_of_a_request_there_is_nothing_to_hand_over() -> None:
    with pytest.raises(Refused, match="no sender to hand over"):
        outgoing("POST", "/", b"", SECRET)


def test_a_websocket_does_not_pass_the_back_end_since_its_messages_are_not_signed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(BackASGI(AsgiChat(), (SECRET,))({"type": "websocket", "headers": []}, None, send))  # type: ignore[arg-type] - never asked
    assert sent == [{"type": "websocket.close", "code": 1008}]


WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("cryptography", "sqlalchemy", "django", "dns"):
            raise ImportError(name, name=name)
sys.meta_path.insert(0, Absent())
import sekisho_sender.handover_wsgi, sekisho_sender.doctor_page, sekisho_sender.destinations
from sekisho_sender.cli import main
assert main(["schema", "--dialect", "sqlite"]) == 0
sys.exit(main(["digest", "--folder", "."]))
"""


def test_handing_over_the_doctor_and_the_ledger_of_names_need_no_package_and_what_needs_one_says_so() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cryptography is not installed; type: pip install" in done.stderr
