"""Wilson's interval of a rate, as the metrics compute it in SQL."""

from __future__ import annotations

import math
from typing import Final

_Z2: Final = 1.959963984540054**2
"""The 97.5 % point of the normal distribution, squared."""


def interval(rate: float, messages: int, standard_error: float = 0.0) -> tuple[float, float]:
    """Return the 95 % interval of a rate: sampling error only.

    Parameters
    ----------
    rate : float
        From 0 to 1.
    messages : int
        At least 1.
    standard_error : float
        Of the rate, where it includes estimates: they count for less than observed messages.

    Examples
    --------
    >>> [round(limit, 4) for limit in interval(0.9, 100)]
    [0.8256, 0.9448]
    """
    n = float(messages)
    if 0 < rate < 1:
        n = messages / (1 + standard_error**2 / (rate * (1 - rate) / messages))
    middle = (rate + _Z2 / (2 * n)) / (1 + _Z2 / n)
    half = math.sqrt(_Z2 * (rate * (1 - rate) / n + _Z2 / (4 * n * n))) / (1 + _Z2 / n)
    return min(max(middle - half, 0.0), rate), max(min(middle + half, 1.0), rate)
