"""dnstap over Frame Streams to three columns: who asked, for which name, for which type. Nothing else of a message is taken over.

Sources: Frame Streams (farsightsec/fstrm, fstrm/control.h), dnstap.proto, the Protocol Buffers encoding, RFC 1035 §4.1. Only a client's
query (CLIENT_QUERY) is read, and of it one question of class IN; answers, times, ports and everything behind the question are stepped over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from sekisho.wire.cursor import Cursor, FormError

WHO = "resolver"
CONTENT = b"protobuf:dnstap.Dnstap"
MOST_FRAME = (1 << 16) + (1 << 12)
"""Bytes of one data frame: the longest DNS message and what a resolver says beside it."""
MOST_CONTROL = 512
ACCEPT, START, STOP, READY, FINISH = 1, 2, 3, 4, 5
CONTENT_TYPE = 1
_COLUMNS: dict[str, pa.DataType] = {"client": pa.binary(), "name": pa.string(), "type": pa.uint16()}
COLUMNS = pa.schema(_COLUMNS)
"""`client`: 4 or 16 bytes. `name`: small letters, without the last dot; what is no letter, digit, hyphen or underscore stands as \\DDD."""

MESSAGE, CLIENT_QUERY = 1, 5
_MESSAGE, _KIND = 0x72, 0x78
_TYPE, _ADDRESS, _QUERY = 0x08, 0x22, 0x52
_OUTER, _INNER = frozenset({_MESSAGE, _KIND}), frozenset({_TYPE, _ADDRESS, _QUERY})
"""Fields by their tag: number and wire type in one, as they stand in the bytes."""
_LENGTH, _UNUSED = 2, 5
"""Bits of a wire type: set where a length comes first; set where neither a length nor a number comes."""
_SIZES = {1: 8, 5: 4}
_NONE = (0, 0)
_MOST_TAG = (1 << 32) - 1
_HEADER, _NAME, _LABEL = 12, 255, 63
_IN = b"\x00\x01"
_MAPPED = bytes(10) + b"\xff\xff"
_PLAIN = re.compile(rb"[a-z0-9_.-]+")
_ODD = re.compile(rb"[^a-z0-9_-]")

Query = tuple[bytes, str, int]
"""Client, name, type."""
Found = dict[int, tuple[int, int]]
"""Fields by tag: where its bytes begin and end, or its number and where that ends."""


class TapReader:
    """Reads one connection, given in any pieces: the same bytes give the same rows, the same answers and the same end.

    A message that cannot be used is counted in `counters` by its code, and the next one is read. What breaks the stream itself raises
    FormError (resolver) from `feed`, then and ever after: too-long, control, content-type, order. Rows before it can still be taken.
    """

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.ended = False
        self._started = self._ready = False
        self._rest = bytearray()
        self._wanted = 4
        self._broken: FormError | None = None
        self._rows: list[Query] = []
        self._answers = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection; memory is bounded by them and one frame. Raises FormError."""
        self._rest += data
        if len(self._rest) < self._wanted and self._broken is None:
            return
        whole, at = bytes(self._rest), 0
        try:
            if self._broken is not None:
                raise self._broken
            at = self._frames(whole)
        except FormError as why:
            self._broken, at = why, len(whole)
            raise
        finally:
            del self._rest[:at]

    def take(self) -> pa.Table:
        """The rows since the last call, as COLUMNS."""
        rows, self._rows = self._rows, []
        columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [[], [], []]
        return pa.table([pa.array(c, f.type) for c, f in zip(columns, COLUMNS, strict=True)], schema=COLUMNS)

    def answers(self) -> bytes:
        """What is to be sent back, since the last call: ACCEPT after READY, FINISH after STOP."""
        told, self._answers = self._answers, b""
        return told

    def _frames(self, data: bytes) -> int:
        """Read every whole frame. Returns where the first one begins that is not whole."""
        at, have = 0, len(data)
        while have - at >= 4:
            size = int.from_bytes(data[at : at + 4], "big")
            if size == 0:
                end = self._control(data, at)
            else:
                self._may_come(size)
                end = at + 4 + size
                if end <= have:
                    self._message(data[at + 4 : end])
            if end > have:
                self._wanted = end - at
                return at
            at = end
        self._wanted = 4
        return at

    def _may_come(self, size: int) -> None:
        if not self._started or self.ended:
            raise FormError(WHO, "order", "a message outside of START and STOP")
        if size > MOST_FRAME:
            raise FormError(WHO, "too-long", f"a frame of {size} bytes; at most {MOST_FRAME}")

    def _message(self, said: bytes) -> None:
        self.counters["messages"] += 1
        try:
            self._rows.append(query(said))
        except FormError as why:
            self.counters[why.code] += 1

    def _control(self, data: bytes, at: int) -> int:
        """Where the control frame at `at` ends; obeyed as soon as it is whole."""
        if len(data) - at < 8:
            return at + 8
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        if not 4 <= size <= MOST_CONTROL:
            raise FormError(WHO, "control", f"a control frame of {size} bytes; 4 to {MOST_CONTROL}")
        end = at + 8 + size
        if end <= len(data):
            self._obey(Cursor(data, at + 8, end, WHO))
        return end

    def _obey(self, said: Cursor) -> None:
        kind, contents = _control_words(said)
        if kind == READY and not (self._ready or self._started):
            if CONTENT not in contents:
                raise FormError(WHO, "content-type", "it does not offer dnstap")
            self._ready = True
            self._answers += control(ACCEPT, CONTENT)
        elif kind == START and not self._started:
            if contents != [CONTENT]:
                raise FormError(WHO, "content-type", "it does not send dnstap")
            self._started = True
        elif kind == STOP and self._started and not self.ended:
            self.ended = True
            self._answers += control(FINISH) if self._ready else b""
        else:
            raise FormError(WHO, "order", "a control frame that is not due")


def control(kind: int, *contents: bytes) -> bytes:
    """A control frame, with the content types it names."""
    fields = b"".join(CONTENT_TYPE.to_bytes(4, "big") + len(c).to_bytes(4, "big") + c for c in contents)
    return bytes(4) + (4 + len(fields)).to_bytes(4, "big") + kind.to_bytes(4, "big") + fields


def query(message: bytes) -> Query:
    """The one question of a dnstap message.

    Raises FormError (resolver): truncated, form, twice for the message; other-message where it is no CLIENT_QUERY; address; other-question
    where it asks for nothing, for several names, in another class or for something else than a look-up; name.
    """
    try:
        outer = _fields(message, 0, len(message), _OUTER)
        if outer.get(_KIND, _NONE)[0] != MESSAGE or _MESSAGE not in outer:
            raise FormError(WHO, "other-message")
        inner = _fields(message, *outer[_MESSAGE], _INNER)
        if inner.get(_TYPE, _NONE)[0] != CLIENT_QUERY:
            raise FormError(WHO, "other-message")
        if _ADDRESS not in inner or _QUERY not in inner:
            raise FormError(WHO, "form", "a query without its client or without its message")
        start, stop = inner[_ADDRESS]
        name, kind = question(message[inner[_QUERY][0] : inner[_QUERY][1]])
        return _client(message[start:stop]), name, kind
    except IndexError:
        raise FormError(WHO, "truncated") from None


def _fields(data: bytes, at: int, end: int, wanted: frozenset[int]) -> Found:
    """The wanted fields of one protobuf message; the others are stepped over. IndexError: the bytes end within one."""
    found: Found = {}
    while at < end:
        tag, at = data[at], at + 1
        if tag > 127:
            tag, at = _varint(data, at - 1)
        if tag & _UNUSED:
            at += _fixed(tag)
            continue
        start, at = data[at], at + 1
        if start > 127:
            start, at = _varint(data, at - 1) if tag & _LENGTH or tag in wanted else (0, _behind(data, at))
        if tag & _LENGTH:
            start, at = at, at + start
        if tag in wanted:
            if tag in found:
                raise FormError(WHO, "twice", "a field of which there is one")
            found[tag] = start, at
        elif not 8 <= tag <= _MOST_TAG:
            raise FormError(WHO, "form", "a field without a number")
    if at != end:
        raise FormError(WHO, "truncated")
    return found


def _fixed(tag: int) -> int:
    """How many bytes a field has that says no length."""
    size = _SIZES.get(tag & 7)
    if size is None or not 8 <= tag <= _MOST_TAG:
        raise FormError(WHO, "form", "a wire type that dnstap does not use, or a field without a number")
    return size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    value = shift = 0
    while (byte := data[at]) > 127:
        value |= (byte & 127) << shift
        shift += 7
        at += 1
        if shift > 63:
            raise FormError(WHO, "form", "a number of more than ten bytes")
    value |= byte << shift
    if value >> 64:
        raise FormError(WHO, "form", "a number of more than 64 bits")
    return value, at + 1


def _behind(data: bytes, at: int) -> int:
    """Where a number ends that nobody wants, whose first byte stands before `at`."""
    first = at
    while data[at] > 127:
        at += 1
    if at - first > 8:
        raise FormError(WHO, "form", "a number of more than ten bytes")
    return at + 1


def _client(raw: bytes) -> bytes:
    """An IPv4 address told as an IPv6 one is itself again."""
    if len(raw) == 16:
        return raw[12:] if raw.startswith(_MAPPED) else raw
    if len(raw) != 4:
        raise FormError(WHO, "address", f"{len(raw)} bytes")
    return raw


def question(said: bytes) -> tuple[str, int]:
    """Name and type of the one question. IndexError: the message ends within it."""
    if said[2] & 0xF8 or said[4:6] != b"\x00\x01":
        raise FormError(WHO, "other-question")
    labels, at = [], _HEADER
    while size := said[at]:
        if size > _LABEL:
            raise FormError(WHO, "name", "a label that is none")
        labels.append(said[at + 1 : at + 1 + size])
        at += size + 1
    if at + 1 - _HEADER > _NAME:
        raise FormError(WHO, "name", f"more than {_NAME} bytes")
    kind, sort = said[at + 1 : at + 3], said[at + 3 : at + 5]
    if len(sort) < len(_IN):
        raise FormError(WHO, "truncated")
    if sort != _IN:
        raise FormError(WHO, "other-question")
    return _text(labels), (kind[0] << 8) | kind[1]


def _text(labels: list[bytes]) -> str:
    name = b".".join(labels).lower()
    if _PLAIN.fullmatch(name) is None or name.count(b".") != len(labels) - 1:
        name = b".".join(_ODD.sub(_escaped, label.lower()) for label in labels) or b"."
    return name.decode("ascii")


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\%03d" % found[0][0]


def _control_words(said: Cursor) -> tuple[int, list[bytes]]:
    """The kind of a control frame and the content types it names. Raises FormError "control"."""
    try:
        kind, contents = said.u32(), []
        while said.left:
            if said.u32() != CONTENT_TYPE:
                raise FormError(WHO, "control", "a field that is no content type")
            contents.append(said.take(said.u32()))
    except FormError:
        raise FormError(WHO, "control", "a field that is no content type, or does not end") from None
    return kind, contents
