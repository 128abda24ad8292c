"""What a resolver taps becomes who asked, for which name, for which type, and nothing else; the public decoders agree on every message."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdataclass
import fstrm
import pytest
from dnstap_pb import Dnstap
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.cursor import FormError
from sekisho.wire.dnstap import ACCEPT, CONTENT, FINISH, MOST_FRAME, READY, START, STOP, TapReader, control, query

CLIENT = bytes([192, 0, 2, 7])
LABEL = st.binary(min_size=1, max_size=20)
NAMES = st.lists(LABEL, max_size=8).map(lambda labels: dns.name.Name([*labels, b""]))
CLIENTS = st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16).filter(lambda a: not a.startswith(bytes(10)))
TYPES = st.integers(1, 65535).filter(lambda t: t not in (41, 251, 252))
Row = tuple[bytes, str, int]


def asked(name: dns.name.Name | str = "www.example.", kind: int | str = "A", *, edns: bool = False) -> bytes:
    return dns.message.make_query(name, kind, use_edns=0 if edns else False).to_wire()


def tapped(wire: bytes, client: bytes = CLIENT, kind: int = 5, **more: bytes) -> bytes:
    """One dnstap message, as the public encoder writes it."""
    said = Dnstap()
    said.type = 1
    said.message.type = kind
    said.message.socket_family = 1 if len(client) == 4 else 2
    said.message.socket_protocol = 1
    said.message.query_address = client
    said.message.query_port = 40000
    said.message.query_time_sec, said.message.query_time_nsec = 1_795_000_000, 999
    said.message.query_message = wire
    for name, value in more.items():
        setattr(said, name, value)
    return bytes(said.SerializeToString())


def frame(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


def stream(*messages: bytes) -> bytes:
    """As a resolver sends it that waits for answers."""
    return control(READY, CONTENT) + control(START, CONTENT) + b"".join(map(frame, messages)) + control(STOP)


def rows(reader: TapReader) -> list[Row]:
    return [tuple(row.values()) for row in reader.take().to_pylist()]


def why(message: bytes) -> str:
    with pytest.raises(FormError) as no:
        query(message)
    assert no.value.who == "resolver"
    return no.value.code


def test_a_query_is_its_client_its_name_and_its_type() -> None:
    assert query(tapped(asked("WWW.Example.", "AAAA"), identity=b"venue", version=b"dnsdist 1.7.3")) == (CLIENT, "www.example", 28)


def test_the_root_is_a_dot() -> None:
    assert query(tapped(asked(".", "NS"))) == (CLIENT, ".", 2)


def test_an_ipv4_client_of_an_ipv6_socket_is_an_ipv4_client() -> None:
    assert query(tapped(asked(), bytes(10) + b"\xff\xff" + CLIENT))[0] == CLIENT


@given(NAMES, CLIENTS, TYPES, st.booleans(), st.binary(max_size=300))
def test_the_public_decoders_read_the_same(name: dns.name.Name, client: bytes, kind: int, edns: bool, extra: bytes) -> None:
    message = tapped(asked(name, kind, edns=edns), client, identity=extra, extra=extra)
    theirs = Dnstap()
    theirs.ParseFromString(message)
    question = dns.message.from_wire(theirs.message.query_message).question[0]
    found, ours, number = query(message)
    assert (found, number) == (theirs.message.query_address, question.rdtype)
    assert dns.name.from_text(ours) == question.name
    assert ours == ours.lower()


@given(st.data(), st.integers(1, 400))
def test_a_damaged_message_is_one_error_or_what_the_public_decoder_reads_too(data: st.DataObject, salt: int) -> None:
    """Wherever we still read a client, the bytes say that client to others as well: no damage makes up a person."""
    message = bytearray(tapped(asked(), identity=bytes(salt % 200)))
    for at in data.draw(st.lists(st.integers(0, len(message) - 1), min_size=1, max_size=3)):
        message[at] = data.draw(st.integers(0, 255))
    try:
        client, _, _ = query(bytes(message))
    except FormError:
        return
    theirs = Dnstap()
    theirs.ParseFromString(bytes(message))
    assert (theirs.type, theirs.message.type) == (1, 5)
    assert client == theirs.message.query_address[-len(client) :]


@given(st.integers(0, 400))
def test_a_message_cut_short_is_refused(size: int) -> None:
    message = tapped(asked(), identity=b"venue")
    assert why(message[: size % len(message)]) in {"truncated", "other-message"}


@pytest.mark.parametrize("kind", [k for k in range(1, 15) if k != 5])
def test_nothing_but_a_clients_query_is_read(kind: int) -> None:
    assert why(tapped(asked(), kind=kind)) == "other-message"


def test_an_answer_an_update_another_class_and_no_question_are_no_look_ups() -> None:
    answer, update = dns.message.make_query("a.example.", "A"), dns.message.make_query("a.example.", "SOA")
    answer.flags |= dns.flags.QR
    update.set_opcode(dns.opcode.UPDATE)
    version = dns.message.make_query("version.bind.", "TXT", rdclass=dns.rdataclass.CH)
    empty = dns.message.Message()
    for message in (answer, update, version, empty):
        assert why(tapped(message.to_wire())) == "other-question"


@pytest.mark.parametrize("labels", [b"\xc0\x0c", b"\x40" + bytes(64) + b"\x00", b"\x3f" + b"a" * 63 + b"\xc0\x0c"])
def test_a_name_that_points_elsewhere_is_none(labels: bytes) -> None:
    assert why(tapped(asked()[:12] + labels + b"\x00\x01\x00\x01")) == "name"


def test_a_name_of_255_bytes_is_one_and_of_256_is_none() -> None:
    longest = b"\x3f" + b"a" * 63
    fits, over = longest * 3 + b"\x3d" + b"a" * 61 + b"\x00", longest * 3 + b"\x3e" + b"a" * 62 + b"\x00"
    assert (len(fits), len(over)) == (255, 256)
    assert len(query(tapped(asked()[:12] + fits + b"\x00\x01\x00\x01"))[1]) == 253
    assert why(tapped(asked()[:12] + over + b"\x00\x01\x00\x01")) == "name"


@pytest.mark.parametrize("size", [0, 3, 5, 15, 17])
def test_a_client_is_four_bytes_or_sixteen(size: int) -> None:
    assert why(tapped(asked(), bytes([1]) * size)) == "address"


def test_a_field_told_twice_or_not_at_all_is_refused() -> None:
    body = tapped(asked())
    assert why(body + b"\x78\x01") == "twice"
    lone = Dnstap()
    lone.type, lone.message.type = 1, 5
    assert why(lone.SerializeToString()) == "form"


@pytest.mark.parametrize(
    "odd", [b"\x0b", b"\x0e", b"\x00\x00", b"\x80" * 10 + b"\x01", b"\x08" + b"\xff" * 10, b"\x78" + b"\xff" * 9 + b"\x7f"]
)
def test_what_is_no_field_is_refused(odd: bytes) -> None:
    assert why(odd + tapped(asked())) == "form"


def test_fields_nobody_knows_yet_are_stepped_over() -> None:
    later = b"\xa0\x06\x07" + b"\xa5\x06abcd" + b"\xa1\x06abcdefgh" + b"\xa2\x06\x02hi"
    assert query(later + tapped(asked())) == (CLIENT, "www.example", 1)


def test_a_resolver_that_waits_is_answered_and_one_that_does_not_is_not() -> None:
    reader = TapReader()
    reader.feed(control(READY, b"text:other", CONTENT))
    assert reader.answers() == control(ACCEPT, CONTENT)
    reader.feed(control(START, CONTENT) + frame(tapped(asked())) + control(STOP))
    assert (reader.answers(), reader.ended) == (control(FINISH), True)
    alone = TapReader()
    alone.feed(control(START, CONTENT) + frame(tapped(asked())) + control(STOP))
    assert (alone.answers(), alone.ended, rows(alone)) == (b"", True, rows(reader))


def test_the_public_frame_streams_reader_takes_our_control_frames() -> None:
    codec = fstrm.FstrmCodec()
    codec.append(control(START, CONTENT))
    assert codec.process()
    kind, contents, _ = codec.decode()
    assert (kind, list(contents)) == (fstrm.FSTRM_CONTROL_START, [CONTENT])


MIXED = [
    tapped(asked("a.example.")),
    tapped(asked(), kind=6),
    b"\xff",
    tapped(asked("b.example.", "MX"), bytes(range(16)), identity=b"i" * 200),
]


@given(st.lists(st.integers(0, 2000), max_size=12), st.sampled_from([b"", frame(b"late"), b"\x00\x01", control(9)]))
def test_the_same_bytes_give_the_same_however_they_are_cut(cuts: list[int], after: bytes) -> None:
    def heard(parts: list[bytes]) -> tuple[object, ...]:
        reader, end = TapReader(), ""
        for part in parts:
            try:
                reader.feed(part)
            except FormError as no:
                end = no.code
        return rows(reader), reader.answers(), reader.counters, end

    whole = stream(*MIXED) + after
    at = sorted(c % len(whole) for c in cuts)
    parts = [whole[a:b] for a, b in zip([0, *at], [*at, len(whole)], strict=True)]
    assert heard(parts) == heard([whole]) == heard([whole[n : n + 1] for n in range(len(whole))])


def test_each_message_that_is_no_row_is_counted_and_the_next_is_read() -> None:
    reader = TapReader()
    reader.feed(stream(*MIXED))
    assert [r[1] for r in rows(reader)] == ["a.example", "b.example"]
    assert reader.counters == {"messages": 4, "other-message": 1, "truncated": 1}
    assert rows(reader) == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(b"first"), "order"),
        (control(STOP), "order"),
        (control(READY, CONTENT) * 2, "order"),
        (control(START, CONTENT) * 2, "order"),
        (control(START, CONTENT) + control(STOP) + frame(b"late"), "order"),
        (control(ACCEPT, CONTENT), "order"),
        (control(READY, b"protobuf:other"), "content-type"),
        (control(READY), "content-type"),
        (control(START), "content-type"),
        (control(START, b"protobuf:other"), "content-type"),
        (bytes(4) + (513).to_bytes(4, "big"), "control"),
        (bytes(4) + (3).to_bytes(4, "big"), "control"),
        (bytes(7) + b"\x0c" + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x02" + bytes(4), "control"),
        (bytes(7) + b"\x06" + b"\x00\x00\x00\x02" + b"\x00\x00", "control"),
        (bytes(7) + b"\x0c" + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x01" + b"\x00\x00\x00\x09", "control"),
        (control(START, CONTENT) + (MOST_FRAME + 1).to_bytes(4, "big"), "too-long"),
    ],
)
def test_a_stream_that_breaks_its_form_ends_there(sent: bytes, code: str) -> None:
    reader = TapReader()
    with pytest.raises(FormError) as no:
        reader.feed(sent)
    assert no.value.code == code
    with pytest.raises(FormError, match=code):
        reader.feed(stream(tapped(asked())))
    assert rows(reader) == []


def test_the_longest_frame_is_read_and_a_frame_that_never_ends_keeps_no_more_than_that() -> None:
    wire = asked() + bytes(65535 - len(asked()))
    reader = TapReader()
    reader.feed(control(START, CONTENT) + frame(tapped(wire)))
    assert rows(reader) == [(CLIENT, "www.example", 1)]
    endless = TapReader()
    endless.feed(control(START, CONTENT))
    with pytest.raises(FormError, match="too-long"):
        endless.feed((1 << 31).to_bytes(4, "big") + bytes(100_000))
    assert len(endless._rest) == 0
