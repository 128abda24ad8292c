"""The bench of labels shows whole mails as a mail server does, and counts those that got their label; another answer ends it."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from bench.maillabels import Keys, labelled, opendkim, show
from sekisho.effects.sender_check import Found
from sekisho.effects.signature_check import by_dkim, by_dmarc
from sekisho.wire import milter
from sekisho.wire.milter import MilterReader

KEYS = Keys()
PASSED = milter.on_top("Authentication-Results", "mx.isp.example; dkim=pass header.d=far.example")


class Labels(socketserver.BaseRequestHandler):
    """A milter that hears a mail, and puts on it what the test wants."""

    left_out: ClassVar[int] = milter.WHOLE
    said: ClassVar[bytes] = PASSED
    heard: ClassVar[list[tuple[bytes, bytes]]] = []

    def handle(self) -> None:
        reader = MilterReader()
        while part := self.request.recv(1 << 16):
            for piece in reader.feed(part):
                self.heard.append((piece.letter, piece.said))
                if piece.letter == milter.OPTIONS:
                    self.request.sendall(milter.options(piece.said, self.left_out))
                elif piece.letter == milter.END:
                    self.request.sendall(self.said + milter.ACCEPT)
                elif not self.left_out & milter.SILENT and piece.letter != milter.QUIT:
                    self.request.sendall(struct.pack("!I", 1) + b"c")


@contextmanager
def server(**words: object) -> Iterator[tuple[int, list[tuple[bytes, bytes]]]]:
    handler = type("Says", (Labels,), {"heard": [], **words})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as serving:
        serving.daemon_threads = True
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving.server_address[1], handler.heard  # type: ignore[attr-defined] # set above
        serving.shutdown()


@pytest.mark.parametrize("left_out", [milter.WHOLE, milter.WHOLE & ~milter.SILENT, 0])
def test_a_mail_is_shown_as_its_signer_saw_it_whatever_the_milter_answers_to(left_out: int) -> None:
    with server(left_out=left_out) as (port, heard):
        assert labelled(port, KEYS.mails[3])
    head = b"".join(milter.line(said) for letter, said in heard if letter == milter.HEADER)
    body = b"".join(said for letter, said in heard if letter == milter.BODY)
    found = by_dkim(head + b"\r\n" + body, lambda _name, _kind: [record()])
    assert (found.result, found.domain) == ("pass", "far.example")


def record() -> tuple[bytes, ...]:
    """As a resolver gives the key."""
    return tuple(part.encode() for part in KEYS.records[0].split('"')[1::2])


def test_the_domains_words_are_those_a_label_asks_for() -> None:
    found = by_dmarc(KEYS.mails[0], [Found("dkim", "pass", domain="far.example")], lambda name, _kind: [policy()] if "far" in name else [])
    assert found.result == "pass"


def policy() -> tuple[bytes, ...]:
    return (KEYS.records[1].split('"')[1].encode(),)


@pytest.mark.parametrize("words", [b"", milter.on_top("Authentication-Results", "mx.isp.example; dkim=fail")])
def test_a_mail_without_the_right_label_ends_the_bench(words: bytes) -> None:
    with server(said=words) as (port, _), pytest.raises(RuntimeError, match="somebody put no label on a mail"):
        show("somebody", port, KEYS.mails, 5)


def test_mails_are_shown_until_the_seconds_are_over_and_each_wait_is_counted() -> None:
    with server() as (port, heard):
        waited, took = show("somebody", port, KEYS.mails, 0.3)
    assert len(waited) == sum(letter == milter.END for letter, _ in heard) > 0
    assert all(0 < one <= took for one in waited)


def test_nobody_there_is_no_rate() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        show("somebody", port, KEYS.mails, 1)


def test_the_peer_asks_our_resolver_and_signs_nothing(tmp_path: Path) -> None:
    assert opendkim(tmp_path, 8891, 5353)[1:3] == ["-f", "-x"]
    said = (tmp_path / "opendkim.conf").read_text("ascii")
    assert "Mode v\n" in said
    assert "Nameservers 127.0.0.1@5353\n" in said
    assert "Socket inet:8891@127.0.0.1\n" in said
