"""Fuzz the readers of lists, of names and of networks (block lists, dynamic ranges): python tests/fuzz/fuzz_lists.py -runs=20000

Invariant: nothing but FormError is raised. The same lines in another order are the same list. A name that was read goes into a DNS
message, and written down again it is the same list. An address is listed just when a line lists it and no line spares it.
"""

from __future__ import annotations

import ipaddress
import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.block_list import SHORTEST, read_block_list
    from sekisho.wire.cursor import FormError
    from sekisho.wire.name_list import in_wire, read_name_list, read_names

WORDS = (
    "[malware]\n", "[phishing]\n", "a.example\n", "xn--80ak6aa92e.example.\n", "B.example # said\n", "[", ".", "a" * 63, "." + "b" * 60,
    "203.0.113.0/24\n", "!203.0.113.25\n", "2001:db8::/32\n", "!2001:db8::7\n", "127.0.0.2", "/25\n", "::ffff:203.0.113.1\n", ":1:no\n",
    "203.0.113.64/26 ; said\n", "fe80::1%a\n", "0.0.0.0/8\n", "255.255.255.255\n", "ffff:ffff::/32\n", "\x1c", "\x0b",
)  # fmt: skip
PROBES = (
    "203.0.113.1", "203.0.113.24", "203.0.113.25", "203.0.113.64", "203.0.112.255", "127.0.0.2", "127.0.0.127", "127.0.0.128", "0.0.0.0",
    "2001:db8::7", "2001:db8::8", "::ffff:203.0.113.7", "::ffff:203.0.113.25", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::1", "none",
)  # fmt: skip


def text(data: bytes) -> str:
    """Some of the fuzzer's bytes stand for whole lines, so that it soon writes lists."""
    return "".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else chr(b & 127) for b in data)


def listed_by(lines: list[str], address: str) -> bool:
    """The slow way: every line against the address."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return False
    one = getattr(one, "ipv4_mapped", None) or one
    sides = {True: False, False: False}
    for line in lines:
        word = (line.partition("#")[0].partition(";")[0].split() or [""])[0]
        entry = word.lstrip("!")
        if not word or (word[0] in ":$" and not word.startswith("::")):
            continue
        network = ipaddress.ip_network(entry.partition(":")[0] if "." in entry else entry)
        sides[word.startswith("!")] |= network.version == one.version and one in network
    return sides[False] and not sides[True]


def networks(said: str) -> None:
    found, lines = read_block_list(said.encode()), said.splitlines()
    assert found == read_block_list("\n".join(reversed(lines)).encode()), "another order, another list"
    for address in PROBES:
        assert found.names(address) == listed_by(lines, address), f"{address}: something else than its lines"
    for version, (firsts, lasts) in found.spans.items():
        most = (1 << (32 if version == 4 else 128) - SHORTEST[version]) * len(lines)
        assert sum(last - first + 1 for first, last in zip(firsts, lasts, strict=True)) <= most, "more than its lines can name"


def names(said: str) -> None:
    found = read_name_list(said.encode())
    again = "".join(f"[{category}]\n" + "\n".join(each) + "\n" for category, each in found.names.items())
    assert read_name_list(again.encode()).names == found.names, "not what was read"
    every = frozenset[str]().union(*found.names.values())
    assert read_names("\n".join(every).encode()) == every, "no name when it stands alone"
    for name in every:
        assert len(in_wire(name)) <= 255, "too long for DNS"
        assert all(0 < len(label) < 64 for label in name.split(".")), "no label"
        assert any(found.met([f"below.{name}"]).values()), "nothing below it"


def one_input(data: bytes) -> None:
    """As each kind of list, the bytes themselves and as words."""
    for read in (read_block_list, read_name_list, read_names):
        with suppress(FormError):
            read(data)
    for check in (networks, names):
        with suppress(FormError):
            check(text(data))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
