"""How far a share that was counted may lie from the share there is: Wilson's interval, with 95 % certainty.

Of trials that have nothing to do with each other. Packets of one connection do: read as what one sample can say at best.
"""

from __future__ import annotations

import math

MILLION = 1_000_000
Z = 1.959963984540054
"""Of the normal distribution, 95 % lie within so many standard deviations."""


def wilson(found: int, tried: int) -> tuple[int, int]:
    """Lower and upper bound in parts per million, rounded outward; nothing tried says nothing: 0 to a million.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927). Raises ValueError.
    """
    if not 0 <= found <= tried:
        raise ValueError(found, tried)
    if tried == 0:
        return 0, MILLION
    share, square = found / tried, Z * Z
    middle = share + square / (2 * tried)
    reach = Z * math.sqrt(share * (1 - share) / tried + square / (4 * tried * tried))
    whole = 1 + square / tried
    low = 0 if found == 0 else math.floor(MILLION * max(0.0, (middle - reach) / whole))
    high = MILLION if found == tried else math.ceil(MILLION * min(1.0, (middle + reach) / whole))
    return low, high
