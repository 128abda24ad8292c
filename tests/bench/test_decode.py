"""The bench says nothing about speed before it has shown that it decodes right; this runs that part, and breaks it once."""

from __future__ import annotations

import pytest

from bench import decode


def test_every_fields_sum_is_that_of_the_slow_reference_decoder() -> None:
    """The same datagrams through the collector's decoder and through one that knows `struct` alone."""
    assert int(decode.check(decode.pool()[:64]), 16) > 0


def test_a_decoder_that_is_wrong_in_one_field_stops_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sum off by one, and no figure is printed."""
    right = decode.reference

    def wrong(datagrams: list[bytes]) -> list[int]:
        first, *rest = right(datagrams)
        return [first + 1, *rest]

    monkeypatch.setattr(decode, "reference", wrong)
    with pytest.raises(SystemExit, match="checksums differ"):
        decode.check(decode.pool()[:8])
