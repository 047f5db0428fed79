"""High dynamic range histograms of many values at once, in the compressed form that HdrHistogram tools read.

The layout is HdrHistogram's V2 encoding for values of 1 us to 1 h with three significant digits: 2048 sub-buckets of
width 1, then 1024 of width 2, 1024 of width 4, and so on.
"""

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from hdrh.codec import encode as encode_varints

LOWEST: Final = 1
HIGHEST: Final = 3_600_000_000
DIGITS: Final = 3

_HALF: Final = 1024
_HALF_BITS: Final = 10
_WORD: Final = 8
_PAYLOAD_COOKIE: Final = 0x1C849313
_COMPRESSED_COOKIE: Final = 0x1C849314
_PAYLOAD: Final = struct.Struct(">IIIIQQd")
_OUTER: Final = struct.Struct(">II")


def indices(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The bucket of each value (whole microseconds; those beyond an hour count as an hour)."""
    clipped = np.clip(np.asarray(values, dtype=np.int64), 0, HIGHEST)
    # The exponent of a float is the bit length of a whole number below 2**53.
    bits = np.frexp((clipped | (2 * _HALF - 1)).astype(np.float64))[1].astype(np.int64)
    buckets = bits - (_HALF_BITS + 1)
    return (buckets << _HALF_BITS) + (clipped >> buckets)


def count(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Counts per bucket, up to the last bucket that is not empty."""
    return np.ascontiguousarray(np.bincount(indices(values)), dtype=np.int64)


def encode(counts: npt.NDArray[np.int64]) -> str:
    """The compressed histogram as base64 text, as it stands in a histogram log."""
    room = counts.size * (_WORD + 1)
    varints = np.empty(room, dtype=np.uint8)
    used = encode_varints(counts.ctypes.data, counts.size, _WORD, varints.ctypes.data, room)
    head = _PAYLOAD.pack(_PAYLOAD_COOKIE, used, 0, DIGITS, LOWEST, HIGHEST, 1.0)
    packed = zlib.compress(head + varints[:used].tobytes())
    return base64.b64encode(_OUTER.pack(_COMPRESSED_COOKIE, len(packed)) + packed).decode("ascii")


def quantiles(values: npt.ArrayLike, shares: Sequence[float]) -> list[float] | None:
    """Nearest-rank quantiles of raw values, None where there are none."""
    ordered = np.sort(np.asarray(values))
    if not ordered.size:
        return None
    ranks = np.ceil(np.asarray(shares) * ordered.size).astype(np.int64)
    return [float(value) for value in ordered[np.clip(ranks, 1, ordered.size) - 1]]


def quantiles_of(counts: npt.NDArray[np.int64], shares: Sequence[float]) -> tuple[float, ...] | None:
    """Nearest-rank quantiles of counts per bucket, each the highest value of its bucket; None where nothing counts."""
    reached = np.cumsum(counts)
    if not reached.size or not reached[-1]:
        return None
    ranks = np.clip(np.ceil(np.asarray(shares) * reached[-1]).astype(np.int64), 1, reached[-1])
    return tuple(_highest(int(place)) for place in np.searchsorted(reached, ranks))


def _highest(place: int) -> float:
    bucket = max(0, (place >> _HALF_BITS) - 1)
    return float((place - (bucket << _HALF_BITS) + 1 << bucket) - 1)
