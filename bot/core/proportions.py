"""Shares such as the error rate with exact 95 % bounds (Clopper and Pearson 1934).

The bounds are quantiles of beta distributions: low of beta(k, n - k + 1), high of beta(k + 1, n - k). The regularised
incomplete beta function is evaluated by its continued fraction (DLMF 8.17.22, modified Lentz), inverted by bisection.
"""

import math
from typing import Final

from bot.core.bounds import Bounds
from bot.core.quantiles import TAIL, Z

_EXACT_TOTAL: Final = 10_000_000
_TINY: Final = 1e-300
_PRECISION: Final = 1e-14
_HALVINGS: Final = 40
_IMPRACTICAL: Final = 1e9


def bounds(failed: int, total: int) -> Bounds:
    """The share `failed / total` with its bounds; needs 0 <= failed <= total and total > 0."""
    share = failed / total
    low, high = clopper_pearson(failed, total) if total <= _EXACT_TOTAL else _wilson(share, total)
    return Bounds(share, min(low, share), max(high, share), total)


def clopper_pearson(failed: int, total: int) -> tuple[float, float]:
    """The exact two-sided 95 % bounds of a binomial share; no failures in n give an upper bound of about 3.7 / n."""
    low, high = 0.0, 1.0
    if failed > 0:
        low = _inverse_beta(TAIL, failed, total - failed + 1)
    if failed < total:
        high = _inverse_beta(1 - TAIL, failed + 1, total - failed)
    return low, high


def _wilson(share: float, total: int) -> tuple[float, float]:
    # Above ten million requests the normal approximation is closer than any limit is meant (Wilson 1927).
    scale = 1 + Z * Z / total
    centre = (share + Z * Z / (2 * total)) / scale
    spread = Z * math.sqrt(share * (1 - share) / total + (Z / (2 * total)) ** 2) / scale
    return max(0.0, centre - spread), min(1.0, centre + spread)


def _inverse_beta(probability: float, a: float, b: float) -> float:
    low, high = _bracket(probability, a, b)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if incomplete_beta(a, b, middle) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _bracket(probability: float, a: float, b: float) -> tuple[float, float]:
    # Six deviations around the mean hold the root for all but tiny a or b; there the whole unit interval does.
    mean = a / (a + b)
    spread = 6 * math.sqrt(mean * (1 - mean) / (a + b + 1))
    low, high = max(0.0, mean - spread), min(1.0, mean + spread)
    if incomplete_beta(a, b, low) > probability:
        low = 0.0
    if incomplete_beta(a, b, high) < probability:
        high = 1.0
    return low, high


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b) for a, b > 0."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    # The fraction converges quickly only on the near side of the mean; the other side follows by symmetry.
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_fraction(b, a, 1 - x)
    return _beta_fraction(a, b, x)


def _beta_fraction(a: float, b: float, x: float) -> float:
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 20_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            step = c * d
            fraction *= step
        if abs(step - 1) < _PRECISION:
            break
    return math.exp(log_front) / a * fraction


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def requests_to_settle(failed: int, total: int, limit: float) -> int | None:
    """About how many requests would take the limit out of the bounds if the share stays as it is; None: no number.

    n = z^2 r (1 - r) / (f - r)^2 for a limit r and an observed share f; without failures the exact bound
    1 - 0.025^(1/n) must fall below r.
    """
    distance = abs(failed / total - limit)
    if not 0 < limit < 1 or distance * distance * _IMPRACTICAL < Z * Z * limit * (1 - limit):
        return None
    by_distance = math.ceil(Z * Z * limit * (1 - limit) / distance**2)
    unfailing = math.ceil(math.log(TAIL) / math.log1p(-limit)) if not failed else 0
    return max(by_distance, unfailing, total + 1)
