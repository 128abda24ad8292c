"""Fuzz the readers of counters: python tests/fuzz/fuzz_counters.py -runs=20000

Invariant: no bytes raise anything but FormError; every name is of the closed list and every value a count.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire import counters
    from sekisho.wire.cursor import FormError

DECODERS = (counters.unbound, counters.bind, counters.dnsdist, counters.kea, counters.wifi)
WORDS = (
    b'{"nsstats":{',
    b'"Requestv4":',
    b'"qtypes":{',
    b'[{"result":0,"arguments":{',
    b'"devices":',
    b'"zones":{"a":',
    b"total.num.queries=",
)


def one_input(data: bytes) -> None:
    """Some of the fuzzer's bytes stand for whole words, so that it soon writes answers."""
    text = b"".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else bytes([b]) for b in data)
    for decoder in DECODERS:
        try:
            found = decoder(text)
        except FormError:
            continue
        assert all(counters.known(n) and 0 <= v <= counters.MOST for n, v in found.items()), "not a counter"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
