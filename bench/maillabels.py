"""Labels of whole mails: our milter finds out SPF, DKIM and DMARC, opendkim (Debian) DKIM alone; both ask one resolver on loopback.

Ten at a time show signed mails (RSA, 2048 bits) as Postfix does, each on a connection of its own, and wait for the label. opendkim asks by
a library that remembers keys; ours remembers nothing of a mail and asks for each. opendmarc asks whom /etc/resolv.conf names and
nobody else, so it is no peer here.
"""

from __future__ import annotations

import base64
import shutil
import socket
import struct
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.effects.dkim import signed

LABELS, DKIM = "sekisho, labels", "opendkim"
AT_ONCE, MAILS, OCTETS = 10, 200, 2000
CLIENT, FROM, TO = b"10.0.0.7", b"<alice@far.example>", b"<bob@mail.example>"
SILENT = {b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000, b"T": 0x10000, b"L": 0x80, b"N": 0x40000, b"B": 0x80000}
"""By the letter of a piece, the flag of a milter that answers nothing to it."""
UNASKED = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"T": 0x200, b"L": 0x20, b"N": 0x40, b"B": 0x10}
"""And of one that does not want to be shown it."""
EVERYTHING, ACTIONS = 0x1FFFFF, 0x1FF
ADDED = (b"h", b"i")
OPENDKIM = """\
Mode v
Syslog no
Background no
AlwaysAddARHeader yes
AuthservID mx.isp.example
Socket inet:{port}@127.0.0.1
Nameservers 127.0.0.1@{resolver}
"""


@dataclass
class Keys:
    """A domain's key, what its names say of it, and mails that it signed."""

    records: list[str] = field(init=False)
    mails: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")
        self.records = [
            f's1._domainkey.far.example. TXT "v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"',
            '_dmarc.far.example. TXT "v=DMARC1; p=reject"',
        ]
        line = b"Dear Bob, this is what I wanted to tell you since last week.\r\n"
        text = line * (OCTETS // len(line))
        heads = (b"From: Alice <alice@far.example>\r\nTo: <bob@mail.example>\r\nSubject: number %d\r\n\r\n" % n for n in range(MAILS))
        self.mails = [signed(head + text, key, "s1", "far.example") for head in heads]


def show(what: str, port: int, mails: Sequence[bytes], seconds: float) -> tuple[list[float], float]:
    """Mails until the seconds are over: how long each waited for its label, and all of it. Fails for a mail that got none."""
    numbers, began = count(), time.perf_counter()
    waited: list[float] = []

    def some() -> None:
        while (at := time.perf_counter()) - began < seconds:
            if not labelled(port, mails[next(numbers) % len(mails)]):
                raise RuntimeError(f"{what} put no label on a mail")
            waited.append(time.perf_counter() - at)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(some) for _ in range(AT_ONCE)]:
            done.result()
    return waited, time.perf_counter() - began


def labelled(port: int, mail: bytes) -> bool:
    """One mail shown from beginning to end; whether a line of `dkim=pass` was put on it."""
    head, _, body = mail.partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), 30) as sock, sock.makefile("rb") as said:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(_piece(b"O", struct.pack("!III", 6, ACTIONS, EVERYTHING)))
        flags = struct.unpack("!III", _answer(said)[1])[2]
        lines = [b"\0".join((name, value.strip(), b"")) for name, _, value in (line.partition(b":") for line in _unfolded(head))]
        pieces = [
            (b"C", b"out.far.example\0004" + struct.pack("!H", 25) + CLIENT + b"\0"), (b"H", b"out.far.example\0"), (b"M", FROM + b"\0"),
            (b"R", TO + b"\0"), (b"T", b""), *((b"L", line) for line in lines), (b"N", b""), (b"B", body),
        ]  # fmt: skip
        for letter, words in pieces:
            if not flags & UNASKED[letter]:
                sock.sendall(_piece(letter, words))
                if not flags & SILENT[letter] and _answer(said)[0] != b"c":
                    return False
        sock.sendall(_piece(b"E", b""))
        found = False
        while (answer := _answer(said))[0] in ADDED:
            found = found or b"dkim=pass" in answer[1]
        sock.sendall(_piece(b"Q", b""))
        return found and answer[0] in (b"a", b"c")


def _unfolded(head: bytes) -> list[bytes]:
    """Lines of header as Postfix tells them: folds by LF."""
    return head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n")


def _piece(letter: bytes, said: bytes) -> bytes:
    return struct.pack("!I", 1 + len(said)) + letter + said


def _answer(said: BinaryIO) -> tuple[bytes, bytes]:
    (size,) = struct.unpack("!I", said.read(4))
    words = said.read(size)
    return words[:1], words[1:]


def opendkim(at: Path, port: int, resolver: int) -> list[str]:
    """How it is started: it checks, signs nothing, and asks that resolver."""
    (at / "opendkim.conf").write_text(OPENDKIM.format(port=port, resolver=resolver), "ascii")
    return [shutil.which(DKIM) or DKIM, "-f", "-x", str(at / "opendkim.conf")]
