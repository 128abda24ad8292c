"""Asks the kernel what stands in our table and tells it what should, through libnftables: the one place that does.

The library's own C interface: Debian's Python binding is for the system's interpreter only.
"""

from __future__ import annotations

import ctypes
import errno
import os

from sekisho.effects import nft
from sekisho.effects.nft import FAMILY, TABLE, Change, KernelSaidNo, Table

LIBRARY = "libnftables.so.1"
AS_JSON, TERSE = 1 << 4, 1 << 11
ABSENT, NOT_PERMITTED = os.strerror(errno.ENOENT), os.strerror(errno.EPERM)


class Kernel:
    """One table of ours, in the namespace that this thread was in when it was made. One handle, asked by one thread."""

    def __init__(self, table: str = TABLE) -> None:
        self.table = table
        try:
            self._lib = lib = ctypes.CDLL(LIBRARY)
        except OSError as why:
            raise KernelSaidNo("no-library", LIBRARY) from why
        lib.nft_ctx_new.restype = ctypes.c_void_p
        lib.nft_ctx_new.argtypes = [ctypes.c_uint32]
        for name in ("nft_ctx_buffer_output", "nft_ctx_buffer_error", "nft_ctx_free"):
            getattr(lib, name).argtypes = [ctypes.c_void_p]
        for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
            getattr(lib, name).argtypes = [ctypes.c_void_p]
            getattr(lib, name).restype = ctypes.c_char_p
        lib.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
        lib.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._handle = lib.nft_ctx_new(0)
        lib.nft_ctx_buffer_output(self._handle)
        lib.nft_ctx_buffer_error(self._handle)

    def read(self) -> Table | None:
        """What stands in our table; None where there is none. Raises KernelSaidNo."""
        try:
            dormant = "flags dormant" in self._run(f"list table {FAMILY} {self.table}", TERSE)
            return nft.parse(self._run(f"list table {FAMILY} {self.table}", AS_JSON), dormant=dormant)
        except KernelSaidNo as no:
            if ABSENT in no.words:
                return None
            raise
        except (ValueError, KeyError, TypeError) as why:
            raise KernelSaidNo("not-readable", type(why).__name__) from why

    def write(self, made: Change, wanted: Table) -> None:
        """All of the change, or nothing of it. Raises KernelSaidNo."""
        self._run(nft.commands(made, wanted), 0)

    def close(self) -> None:
        self._lib.nft_ctx_free(self._handle)

    def _run(self, words: str, flags: int) -> str:
        self._lib.nft_ctx_output_set_flags(self._handle, flags)
        code = self._lib.nft_run_cmd_from_buffer(self._handle, words.encode("ascii"))
        said, wrong = (getattr(self._lib, f"nft_ctx_get_{b}_buffer")(self._handle) or b"" for b in ("output", "error"))
        if code:
            text = wrong.decode("utf-8", "replace").strip()
            raise KernelSaidNo("not-permitted" if NOT_PERMITTED in text else "refused", text[:300])
        return bytes(said).decode("utf-8", "replace")
