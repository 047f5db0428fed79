"""Reading HdrHistogram logs: the sum of all intervals of each tag, and on the way those of each stretch of time.

Files may have been cut off or tampered with, so every length is checked before anything is made of it. Layout and
encoding are HdrHistogram's V2: zig-zag LEB128 counts, negative ones skipping empty buckets, in zlib, in base64.
"""

import base64
import math
import re
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from bot.core.evidence import Histogram
from bot.core.text import plain

LOWEST: Final = 1
HIGHEST: Final = 3_600_000_000
DIGITS: Final = 3
LONGEST_NAME: Final = 200
COARSE_BITS: Final = 7
"""Of the values of blocks: buckets of 0.8 to 1.6 %."""

Counts = npt.NDArray[np.int64]

_HALF_BITS: Final = 10
_HALF: Final = 1 << _HALF_BITS
_BUCKETS: Final = 23 * _HALF
_OUTER: Final = struct.Struct(">II")
_PAYLOAD: Final = struct.Struct(">IIIIQQd")
_COMPRESSED_COOKIE: Final = 0x1C849314
_PAYLOAD_COOKIE: Final = 0x1C849313
# Seven bytes hold 49 bits: more than any count, and sums of them stay exact.
_LONGEST_VARINT: Final = 7
_MORE: Final = 0x80
_BITS: Final = 0x7F
_MOST_BYTES: Final = _PAYLOAD.size + _BUCKETS * (_LONGEST_VARINT + 1)
_TIME: Final = rb"([0-9]{1,12}(?:\.[0-9]{1,12})?)"
_LINE: Final = re.compile(rb"Tag=([^,]+)," + _TIME + b"," + _TIME + rb",[0-9.]+,([A-Za-z0-9+/=]+)")
# Intervals are a second long and end shortly after it: half a second before its end an interval is surely within it.
_WITHIN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Cut:
    """How time is cut: `count` blocks of `seconds` each, the last one taking what is left over.

    Only tags of `series` (`response` or `service`) are cut: all of them together, and each endpoint that is `watched`.
    """

    series: str
    seconds: float
    count: int
    watched: frozenset[str]

    def block(self, end: float) -> int:
        """The block of the interval that ended then, in seconds from the start of the log."""
        return max(0, min(self.count - 1, math.floor((end - _WITHIN) / self.seconds)))


@dataclass(frozen=True, slots=True)
class Series:
    """The histograms of all tags, how many lines could not be read, and those of each block by endpoint (None: all)."""

    histograms: dict[str, Histogram]
    broken: int
    blocks: dict[str | None, tuple[Histogram, ...]] = field(default_factory=dict)


Payloads = dict[int, list[bytes]]
"""The encoded intervals of one tag, by block; all in one where the tag is not cut."""


def read_log(path: Path, cut: Cut | None = None) -> Series:
    """Add up every interval of every tag; OSError when the file cannot be read."""
    tags: dict[str, Payloads] = {}
    broken = 0
    with path.open("rb") as file:
        for line in file:
            text = line.rstrip(b"\n")
            if not text or text.startswith((b"#", b'"')):
                continue
            broken += not (line.endswith(b"\n") and _keep(tags, text, cut))
    histograms, blocks = {}, _Blocks(cut)
    for tag, payloads in tags.items():
        sums = {block: _sum(parts) for block, parts in payloads.items()}
        broken += sum(bad for _, bad in sums.values())
        if any(bad < len(payloads[block]) for block, (_, bad) in sums.items()):
            histograms[tag] = histogram_of(sum((counts for counts, _ in sums.values()), start=_nothing()))
            blocks.add(tag, {block: counts for block, (counts, _) in sums.items()})
    return Series(histograms, broken, blocks.histograms())


class _Blocks:
    """Counts by endpoint and block while a log is read."""

    def __init__(self, cut: Cut | None) -> None:
        self._cut = cut
        self._counts: dict[str | None, dict[int, Counts]] = {}

    def add(self, tag: str, counts: dict[int, Counts]) -> None:
        """What that tag has in each block."""
        if self._cut is None or not _is_cut(self._cut, tag):
            return
        name = plain(unquote(tag.partition(":")[2]), LONGEST_NAME)
        for owner in (None, name) if name in self._cut.watched else (None,):
            mine = self._counts.setdefault(owner, {})
            for block, found in counts.items():
                mine[block] = mine[block] + found if block in mine else found

    def histograms(self) -> dict[str | None, tuple[Histogram, ...]]:
        """Every block in order, empty ones too."""
        every = range(0 if self._cut is None else self._cut.count)
        return {
            owner: tuple(_coarse_histogram_of(mine[block]) if block in mine else Histogram() for block in every)
            for owner, mine in self._counts.items()
        }


def _is_cut(cut: Cut, tag: str) -> bool:
    return tag.startswith(f"{cut.series}:")


def _nothing() -> Counts:
    return np.zeros(_BUCKETS, dtype=np.int64)


def _keep(tags: dict[str, Payloads], text: bytes, cut: Cut | None) -> bool:
    """Keep the payload of that line for its tag and block; whether it could be read."""
    match = _LINE.fullmatch(text)
    if match is None:
        return False
    try:
        payload = unwrap(match[4])
        tag = match[1].decode("ascii")
    except (ValueError, zlib.error, struct.error):
        return False
    block = cut.block(float(match[2]) + float(match[3])) if cut is not None and _is_cut(cut, tag) else 0
    tags.setdefault(tag, {}).setdefault(block, []).append(payload)
    return True


def _sum(payloads: list[bytes]) -> tuple[Counts, int]:
    """All intervals added up, and how many of them could not be decoded; at once where all of them can."""
    try:
        return decode(payloads), 0
    except ValueError:
        if len(payloads) == 1:
            return _nothing(), 1
    half = len(payloads) // 2
    (first, first_bad), (second, second_bad) = _sum(payloads[:half]), _sum(payloads[half:])
    return first + second, first_bad + second_bad


def unwrap(text: bytes) -> bytes:
    """The encoded counts within that base64 text; ValueError, zlib.error or struct.error when it is broken."""
    raw = base64.b64decode(text, validate=True)
    cookie, length = _OUTER.unpack_from(raw)
    if cookie != _COMPRESSED_COOKIE or length != len(raw) - _OUTER.size:
        raise ValueError("not a compressed histogram")
    payload = _inflate(raw[_OUTER.size :])
    cookie, length, offset, digits, lowest, highest, _ = _PAYLOAD.unpack_from(payload)
    if (cookie, offset, digits, lowest, highest) != (_PAYLOAD_COOKIE, 0, DIGITS, LOWEST, HIGHEST):
        raise ValueError("not a histogram of this layout")
    if length != len(payload) - _PAYLOAD.size:
        raise ValueError("a histogram of the wrong length")
    return payload[_PAYLOAD.size :]


def _inflate(data: bytes) -> bytes:
    inflating = zlib.decompressobj()
    payload = inflating.decompress(data, _MOST_BYTES)
    if not inflating.eof or inflating.unused_data:
        raise ValueError("a compressed histogram that does not end where it should")
    return payload


def decode(payloads: list[bytes]) -> Counts:
    """The counts of all buckets, added up over those payloads; ValueError when any of them is broken."""
    filled = [payload for payload in payloads if payload]
    if any(payload[-1] >= _MORE for payload in filled):
        raise ValueError("a number that does not end")
    data = np.frombuffer(b"".join(filled), dtype=np.uint8)
    numbers, starts = _varints(data)
    sizes = np.cumsum([0, *map(len, filled)])[:-1]
    places = _places(numbers, np.searchsorted(starts, sizes))
    kept = numbers > 0
    # Sums of whole numbers below 2**53 are exact as floats.
    return np.bincount(places[kept], weights=numbers[kept], minlength=_BUCKETS).astype(np.int64)


def _varints(data: npt.NDArray[np.uint8]) -> tuple[Counts, Counts]:
    """The signed numbers that those bytes encode, seven bits a byte, lowest first; and where each one starts."""
    ends = np.flatnonzero(data < _MORE)
    if not ends.size:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if lengths.max() > _LONGEST_VARINT:
        raise ValueError("a number that is too long")
    shifts = 7 * (np.arange(data.size) - np.repeat(starts, lengths))
    numbers = np.add.reduceat((data & _BITS).astype(np.int64) << shifts, starts)
    signed: Counts = (numbers >> 1) ^ -(numbers & 1)
    return signed, starts


def _places(numbers: Counts, firsts: Counts) -> Counts:
    """The bucket of each number: counts stand for themselves, negative numbers for so many empty buckets.

    `firsts` are the indices at which a new histogram begins.
    """
    if not numbers.size:
        return numbers
    after = np.cumsum(np.minimum(np.where(numbers < 0, -numbers, 1), _BUCKETS + 1))
    before = np.concatenate(([0], after))[firsts]
    within: Counts = after - np.repeat(before, np.diff(np.append(firsts, numbers.size)))
    if within.max() > _BUCKETS:
        raise ValueError("more buckets than there are")
    return within - 1


def histogram_of(counts: Counts) -> Histogram:
    """Buckets as values: the highest microsecond that falls into each one that is not empty."""
    places = np.flatnonzero(counts)
    return Histogram(tuple(_highest(places).tolist()), tuple(counts[places].tolist()))


def _coarse_histogram_of(counts: Counts) -> Histogram:
    """The same with only the highest `COARSE_BITS` bits told apart, so that a hundred of them stay small."""
    places = np.flatnonzero(counts)
    values = _highest(places)
    lost = np.maximum(np.frexp(values.astype(np.float64))[1] - COARSE_BITS, 0)
    coarse, firsts = np.unique(values | ((1 << lost) - 1), return_index=True)
    return Histogram(tuple(coarse.tolist()), tuple(np.add.reduceat(counts[places], firsts).tolist()))


def _highest(places: Counts) -> Counts:
    buckets = np.maximum((places >> _HALF_BITS) - 1, 0)
    lowest = np.where(places < 2 * _HALF, places, ((places & (_HALF - 1)) + _HALF) << buckets)
    highest: Counts = lowest + (1 << buckets) - 1
    return highest
