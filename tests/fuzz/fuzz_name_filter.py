"""Fuzz what is written for a resolver: python tests/fuzz/fuzz_name_filter.py -runs=20000

Invariant: a scope is a filter or a BadScope. What is written is read back by the format's own steps, as dnsdist takes them: each name
with just its permits, each permit by the words its rule looks for, each line that is off with just the permits it is off for; and no word
of anybody's. Any octets are records of such a file, or a FormError.
"""

from __future__ import annotations

import ipaddress
import re
import struct
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import atheris

with atheris.instrument_imports(include=["sekisho.wire", "sekisho.effects.name_filter", "sekisho.effects.with_switch"]):
    from sekisho.effects.name_filter import TRIAL, NameFilter, lines_file, names_file, read_names, told_digest, trial_of
    from sekisho.effects.prefix_sets import BadScope
    from sekisho.wire import cdb
    from sekisho.wire.cursor import FormError
    from sekisho.wire.name_list import in_wire, read_name_list

NOW = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)
LIST = read_name_list(b"[malware]\na.example\n[phishing]\nb.example\na.example\n")
RULE = re.compile(rb"([0-9]+) ([0-9]+) ([0-9]+) (.+)")
"""What the lines of the docs match a permit's record with."""


def found_by_hash(raw: bytes, key: bytes) -> list[bytes]:
    """Look a key up as cdb(5) says: its hash's table, from where the hash points, until an empty slot."""
    number = 5381
    for octet in key:
        number = (number * 33 & 0xFFFFFFFF) ^ octet
    at, size = struct.unpack_from("<II", raw, 8 * (number % 256))
    found = []
    for n in range(size):
        hashed, place = struct.unpack_from("<II", raw, at + 8 * ((number // 256 + n) % size))
        if not place:
            break
        length, more = struct.unpack_from("<II", raw, place)
        if hashed == number and raw[place + 8 : place + 8 + length] == key:
            found.append(raw[place + 8 + length : place + 8 + length + more])
    return found


def scope(told: atheris.FuzzedDataProvider) -> dict[str, Any]:
    """Of the example, and one word of it anything."""
    category: dict[str, Any] = {"title": {"ja": "悪いもの", "en": "Malware"}, "names": 2, "others": 9, "wrong": 1}
    said: dict[str, Any] = {
        "ranges": ("198.51.100.0/24", "2001:db8:100::/48"),
        "line_v6": told.ConsumeIntInRange(0, 130),
        "starts": (NOW + timedelta(days=told.ConsumeIntInRange(-25000, 400))).isoformat(),
        "list": LIST.digest,
        "origin": "A list",
        "categories": {"malware": category},
    }
    where = category if told.ConsumeBool() else said
    word = told.PickValueInList([*where, "none"])
    text = told.ConsumeUnicodeNoSurrogates(20)
    others = (text, (text,), told.ConsumeInt(3), {"ja": "悪", "en": text}, None)
    if told.ConsumeProbability() < 0.3:
        where[word] = told.PickValueInList([*others, "2001:db8::/32", ("192.0.2.0/24",), ("192.0.2.0/24", "192.0.2.0/25")])
    return said


def filters(told: atheris.FuzzedDataProvider) -> list[NameFilter]:
    """What the fuzzer's scopes are filters of, each with lines that are off."""
    found = []
    for n in range(told.ConsumeIntInRange(0, 3)):
        off = told.ConsumeBytes(told.ConsumeIntInRange(0, 40))
        lines = [f"{ipaddress.ip_address(off[at : at + 4])}/32" for at in range(0, len(off) - 3, 4)]
        lines += [str(ipaddress.ip_network((off[:16], 64), strict=False))] if len(off) >= 16 else []
        until = NOW + timedelta(days=told.ConsumeIntInRange(0, 400))
        with suppress(BadScope):
            found.append(read_names(f"permit-{n:016x}", until, scope(told), dict.fromkeys(lines)))
    assert all(len(told_digest(one)) == len(LIST.digest) for one in found)
    return found


def written(made: list[NameFilter], *, tried_off: bool) -> None:
    names, (lines, mine) = names_file(made, LIST), lines_file(made, tried_off=tried_off)
    permits = " ".join(sorted(one.permit for one in made)).encode()
    for name in ("a.example", "b.example"):
        assert found_by_hash(names, in_wire(name)) == ([permits] if made else []), "another name or permit"
    assert found_by_hash(names, in_wire(trial_of(names))) == [TRIAL.encode()], "nothing tells this file"
    for one in made:
        (said,) = found_by_hash(lines, one.permit.encode())
        match = RULE.fullmatch(said)
        assert match, "a rule that dnsdist cannot read"
        assert int(match[2]) == int(one.until.timestamp()), "another end"
        assert match[4].decode().split() == [str(r) for r in one.ranges], "other lines"
    for line in {line for one in made for line in one.off}:
        off = [word for said in found_by_hash(lines, line.network_address.packed) for word in said.decode().split()]
        its = [one.permit for one in sorted(made, key=lambda f: f.permit) for other in one.off if other == line]
        assert [word for word in off if word != TRIAL] == its, "off for something else"
    assert TRIAL in str(found_by_hash(lines, ipaddress.ip_address(mine).packed)), "nothing tells this file"
    every = {*(v for _, v in cdb.records(names)), *(v for _, v in cdb.records(lines))}
    assert all(re.fullmatch(rb"[ -~]*", value) for value in every), "somebody's words"


def one_input(data: bytes) -> None:
    """Any octets as a database; then whatever scopes they make."""
    with suppress(FormError):
        list(cdb.records(data))
    told = atheris.FuzzedDataProvider(data)
    written(filters(told), tried_off=told.ConsumeBool())


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
