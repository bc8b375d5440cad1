"""Student's t distribution, and adjustment for the number of tests.

For whole degrees of freedom the distribution is a finite sum, so that scipy is not needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache


def two_sided_p(t: float, degrees: int) -> float:
    """Return the probability of a t at least as far from zero.

    Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4. Accurate to
    1e-14, which for smaller probabilities may give 0.

    Parameters
    ----------
    t : float
        May be infinite.
    degrees : int
        Degrees of freedom, at least 1.

    Examples
    --------
    >>> round(two_sided_p(2.2010, 11), 5), round(two_sided_p(-12.706, 1), 5)
    (0.05, 0.05)
    """
    angle = math.atan(abs(t) / math.sqrt(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = degrees % 2
    term, total = (cosine, cosine if degrees > 1 else 0.0) if odd else (1.0, 1.0)
    for step in range(2 + odd, degrees - 1, 2):
        term *= (step - 1) / step * cosine * cosine
        total += term
    within = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return min(1.0, max(0.0, 1.0 - within))


@cache
def critical_t(degrees: int, level: float = 0.05) -> float:
    """Return the t whose two-sided probability is the level.

    Examples
    --------
    >>> round(critical_t(11), 3), round(critical_t(4), 3)
    (2.201, 2.776)
    """
    low, high = 0.0, 1.0
    while two_sided_p(high, degrees) > level:
        low, high = high, 2 * high
    while (middle := (low + high) / 2) not in {low, high}:
        if two_sided_p(middle, degrees) > level:
            low = middle
        else:
            high = middle
    return high


def adjusted(probabilities: Sequence[float]) -> list[float]:
    """Adjust probabilities for their number: limit the false discovery rate.

    Benjamini & Hochberg, J. R. Stat. Soc. B 57 (1995): of those below a level, at most that share
    is expected to be false.

    Examples
    --------
    >>> [round(p, 3) for p in adjusted([0.01, 0.5, 0.02, 0.03])]
    [0.04, 0.5, 0.04, 0.04]
    """
    number = len(probabilities)
    least = 1.0
    found = [1.0] * number
    for at in sorted(range(number), key=probabilities.__getitem__, reverse=True):
        rank = number
        number -= 1
        least = min(least, probabilities[at] * len(probabilities) / rank)
        found[at] = least
    return found
