"""What the doctor throws at a service: every way we know of to write somebody else's address into a request.

The forged ends are documentation addresses, and ports nobody listens on. An attack that is answered with an error was refused, and good.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from socket import inet_aton

FORGED = "203.0.113.66"
FORGED_PORT = 6666
TARGET = "198.51.100.66"
TARGET_PORT = 9666
FORGED_PAIR = f"{FORGED}:{FORGED_PORT}"


@dataclass(frozen=True, slots=True)
class Attack:
    """Lines put between the request line and the end of the header; bytes put before the request line; another Host."""

    name: str
    lines: tuple[str, ...] = ()
    before: bytes = b""
    host: str = ""


def proxy_v2() -> bytes:
    ends = inet_aton(FORGED) + inet_aton(TARGET) + struct.pack("!HH", FORGED_PORT, TARGET_PORT)
    return b"\r\n\r\n\0\r\nQUIT\n" + b"\x21\x11" + struct.pack("!H", len(ends)) + ends


ATTACKS = (
    Attack("x-forwarded-for", (f"X-Forwarded-For: {FORGED}",)),
    Attack("x-forwarded-for-port", (f"X-Forwarded-For: {FORGED_PAIR}",)),
    Attack("x-forwarded-for-as-a-list", (f"X-Forwarded-For: {FORGED_PAIR}, {FORGED_PAIR}",)),
    Attack("x-forwarded-for-twice", (f"X-Forwarded-For: {FORGED_PAIR}", f"X-Forwarded-For: {FORGED_PAIR}")),
    Attack("x-forwarded-for-mixed-case", (f"x-FORWARDED-for: {FORGED_PAIR}",)),
    Attack("x_forwarded_for", (f"X_Forwarded_For: {FORGED_PAIR}",)),
    Attack("x-forwarded-port", (f"X-Forwarded-Port: {FORGED_PORT}",)),
    Attack("forwarded", (f'Forwarded: for="{FORGED_PAIR}";by="{TARGET}:{TARGET_PORT}"',)),
    Attack("forwarded-as-a-list", (f'Forwarded: for="{FORGED_PAIR}", for="{FORGED_PAIR}";by="{TARGET}:{TARGET_PORT}"',)),
    Attack("forwarded-twice", (f'Forwarded: for="{FORGED_PAIR}"', f'Forwarded: for="{FORGED_PAIR}"')),
    Attack("forwarded-open-quote", (f'Forwarded: for="{FORGED_PAIR}',)),
    Attack("forwarded-hop-by-hop", ("Connection: close, Forwarded", f'Forwarded: for="{FORGED_PAIR}"')),
    Attack(
        "x-forwarded-for-hop-by-hop",
        ("Connection: close, X-Forwarded-For", f"X-Forwarded-For: {FORGED_PAIR}"),
    ),
    Attack("host-with-quote", host=f'x";for="{FORGED_PAIR}";by="{TARGET}:{TARGET_PORT}'),
    Attack("x-real-ip", (f"X-Real-IP: {FORGED}",)),
    Attack("x-client-ip", (f"X-Client-IP: {FORGED}",)),
    Attack("true-client-ip", (f"True-Client-IP: {FORGED}",)),
    Attack("cf-connecting-ip", (f"CF-Connecting-IP: {FORGED}",)),
    Attack("cloudfront-viewer-address", (f"CloudFront-Viewer-Address: {FORGED_PAIR}",)),
    Attack("x-sekisho-src", (f"X-Sekisho-Src: {FORGED_PAIR}", f"X-Sekisho-Dst: {TARGET}:{TARGET_PORT}")),
    Attack("sekisho-sender", ("Sekisho-Sender: 1.e30.AAAA",)),
    Attack("folded-line", ("X-Folded: a", f" X-Forwarded-For: {FORGED_PAIR}")),
    Attack("proxy-v1", before=f"PROXY TCP4 {FORGED} {TARGET} {FORGED_PORT} {TARGET_PORT}\r\n".encode()),
    Attack("proxy-v2", before=proxy_v2()),
)
