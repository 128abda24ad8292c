"""Fuzz the reader of Postfix's questions: python tests/fuzz/fuzz_policy.py -runs=20000

Invariant: nothing but FormError is raised; cut in two anywhere, the same bytes give the same questions and the same end; a good
question before the noise is always heard; what was read goes back into the same bytes.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.cursor import FormError
    from sekisho.wire.policy import MOST, PolicyReader

GOOD = b"request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=\n\n"
WORDS = [b"request=smtpd_access_policy\n", b"sasl_username=a\n", b"recipient_count=1\n", b"\n\n", b"=", b"a=" + b"b" * (MOST // 4) + b"\n"]


def heard(parts: list[bytes]) -> tuple[list[dict[str, str]], str]:
    """The questions, and how it ended."""
    reader, found = PolicyReader(), []
    try:
        for part in parts:
            found.extend(map(dict, reader.feed(part)))
    except FormError as why:
        return found, why.code
    return found, ""


def one_input(data: bytes) -> None:
    """Read it in one piece and in two, and compare."""
    noise = GOOD + b"".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else bytes([b]) for b in data[1:])
    at = data[0] * len(noise) // 256 if data else 0
    whole, cut = heard([noise]), heard([noise[:at], noise[at:]])
    assert whole == cut, "other questions from the same bytes"
    assert whole[0][0]["protocol_state"] == "RCPT", "a good question lost"
    for asked in whole[0]:
        again = "".join(f"{k}={v}\n" for k, v in asked.items()) + "\n"
        assert heard([again.encode("utf-8", "surrogateescape")]) == ([asked], ""), "not what was sent"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
