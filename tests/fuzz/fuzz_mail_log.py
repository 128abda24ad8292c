"""Fuzz the reader of Postfix's log: python tests/fuzz/fuzz_mail_log.py -runs=20000

Invariant: no bytes raise; whole or cut in two anywhere, the same bytes say the same; a good line before and behind the noise is read.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.mail_log import Lines, Removed, read_line

GOOD = b"Nov 23 02:33:45 relay postfix/qmgr[7009]: 68E3CEA2385: removed\n"
WORDS = [
    b"Nov 23 02:33:45 relay postfix/smtpd[7012]: ", b"68E3CEA2385: client=unknown[198.18.7.9], sasl_method=PLAIN, sasl_username=", b"\n",
    b"warning: unknown[198.18.7.9]: SASL PLAIN authentication failed: ", b", sasl_username=", b"Nov 23 02:33:45 relay postfix/smtp[7016]: ",
    b"68E3CEA2385: to=<", b">, relay=none, delay=0.07, delays=0/0.07/0/0, dsn=5.1.1, status=bounced (",
]  # fmt: skip


def text(data: bytes) -> bytes:
    """Some of the fuzzer's bytes stand for whole words, so that it soon writes lines."""
    return b"".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else bytes([b]) for b in data)


def said(*parts: bytes) -> list[object]:
    lines = Lines()
    return [one for part in parts for line in lines.feed(part) if (one := read_line(line)) is not None]


def one_input(data: bytes) -> None:
    """Read it in one piece and in two, and compare."""
    noise = GOOD + text(data[1:]) + b"\n" + GOOD
    at = data[0] * len(noise) // 256 if data else 0
    whole = said(noise)
    assert whole == said(noise[:at], noise[at:]), "another meaning of the same bytes"
    assert whole[0] == whole[-1] == Removed("68E3CEA2385"), "a good line lost"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
