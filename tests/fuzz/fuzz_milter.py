"""Fuzz the reader of what Postfix shows: python tests/fuzz/fuzz_milter.py -runs=20000

Invariant: nothing but FormError is raised; cut in two anywhere, the same octets give the same pieces and the same end; what is read out
of a piece is an address, texts and macros, or a FormError.
"""

from __future__ import annotations

import ipaddress
import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.cursor import FormError
    from sekisho.wire.milter import NOTHING, MilterReader, address, macros, options, texts

GOOD = b"\0\0\0\5Hfar\0"


def heard(parts: list[bytes]) -> tuple[list[tuple[bytes, bytes]], str]:
    """The pieces, and how it ended."""
    reader, found = MilterReader(), []
    try:
        for part in parts:
            found.extend((p.letter, p.said) for p in reader.feed(part))
    except FormError as why:
        return found, why.code
    return found, ""


def one_input(data: bytes) -> None:
    """Read it in one piece and in two, and compare; then read out of it what a mail server would mean."""
    noise = GOOD + data[1:]
    at = data[0] * len(noise) // 256 if data else 0
    whole = heard([noise])
    assert whole == heard([noise[:at], noise[at:]]), "other pieces from the same octets"
    assert whole[0][0] == (b"H", b"far\0"), "a good piece lost"
    for said in (data, *(said for _, said in whole[0])):
        with suppress(FormError):
            found = address(said)
            assert not found or ipaddress.ip_address(found.partition("%")[0])
        with suppress(FormError):
            assert b"\0".join(texts(said)) + b"\0" == said
        with suppress(FormError):
            macros(said)
        with suppress(FormError):
            options(said, NOTHING)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
