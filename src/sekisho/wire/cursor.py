"""One bounded way to read bytes, and one error for bytes that do not keep their form."""

from __future__ import annotations

from struct import Struct

_U8 = Struct("!B")
_U16 = Struct("!H")
_U32 = Struct("!I")


class FormError(ValueError):
    """Bytes that break their protocol's form.

    `who` was wrong (exporter, log), `code` says how (a counter's name), `detail` is for the person who repairs it and
    never holds received bytes.
    """

    def __init__(self, who: str, code: str, detail: str = "") -> None:
        super().__init__(f"{who}: {code}{': ' + detail if detail else ''}")
        self.who = who
        self.code = code
        self.detail = detail


class Cursor:
    """Reads big-endian values from `data[at:end]`. Every read checks the end and raises FormError `truncated`."""

    __slots__ = ("_at", "_data", "_end", "_who")

    def __init__(self, data: bytes | memoryview, at: int = 0, end: int | None = None, who: str = "exporter") -> None:
        self._data = data
        self._at = at
        self._end = len(data) if end is None else min(end, len(data))
        self._who = who

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return self._end - self._at

    def unpack(self, form: Struct) -> tuple[int, ...]:
        """The values of `form` at the cursor, which moves past them."""
        at, size = self._at, form.size
        if size > self._end - at:
            raise self._short(size)
        self._at = at + size
        return form.unpack_from(self._data, at)

    def peek(self, form: Struct) -> tuple[int, ...]:
        """The values of `form` at the cursor, which stays."""
        if form.size > self._end - self._at:
            raise self._short(form.size)
        return form.unpack_from(self._data, self._at)

    def u8(self) -> int:
        return self.unpack(_U8)[0]

    def u16(self) -> int:
        return self.unpack(_U16)[0]

    def u32(self) -> int:
        return self.unpack(_U32)[0]

    def take(self, size: int) -> bytes:
        """The next `size` bytes, copied."""
        at = self._at
        if size < 0 or size > self._end - at:
            raise self._short(size)
        self._at = at + size
        return bytes(self._data[at : at + size])

    def skip(self, size: int) -> None:
        self._step(size)

    def rest(self) -> bytes:
        """All that is left, copied."""
        return self.take(self._end - self._at)

    def restrict_to(self, size: int) -> Cursor:
        """A cursor over the next `size` bytes only; this one moves past them."""
        at = self._step(size)
        return Cursor(self._data, at, at + size, self._who)

    def _step(self, size: int) -> int:
        at = self._at
        if size < 0 or size > self._end - at:
            raise self._short(size)
        self._at = at + size
        return at

    def _short(self, size: int) -> FormError:
        return FormError(self._who, "truncated", f"{size} bytes wanted, {self.left} left")
