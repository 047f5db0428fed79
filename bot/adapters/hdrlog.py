"""Reading HdrHistogram logs: the sum of all intervals of each tag.

Files may have been cut off or tampered with, so every length is checked before anything is made of it. Layout and
encoding are HdrHistogram's V2: zig-zag LEB128 counts, negative ones skipping empty buckets, in zlib, in base64.
"""

import base64
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.core.evidence import Histogram

LOWEST: Final = 1
HIGHEST: Final = 3_600_000_000
DIGITS: Final = 3

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
_LINE: Final = re.compile(rb"Tag=([^,]+),[0-9.]+,[0-9.]+,[0-9.]+,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Series:
    """The histograms of all tags, and how many lines could not be read."""

    histograms: dict[str, Histogram]
    broken: int


def read_log(path: Path) -> Series:
    """Add up every interval of every tag; OSError when the file cannot be read."""
    payloads: dict[str, list[bytes]] = {}
    broken = 0
    with path.open("rb") as file:
        for line in file:
            text = line.rstrip(b"\n")
            if not text or text.startswith((b"#", b'"')):
                continue
            broken += not (line.endswith(b"\n") and _keep(payloads, text))
    histograms = {}
    for tag, parts in payloads.items():
        counts, bad = _sum(parts)
        broken += bad
        if bad < len(parts):
            histograms[tag] = histogram_of(counts)
    return Series(histograms, broken)


def _keep(payloads: dict[str, list[bytes]], text: bytes) -> bool:
    """Keep the payload of that line for its tag; whether it could be read."""
    match = _LINE.fullmatch(text)
    if match is None:
        return False
    try:
        payload = unwrap(match[2])
        tag = match[1].decode("ascii")
    except (ValueError, zlib.error, struct.error):
        return False
    payloads.setdefault(tag, []).append(payload)
    return True


def _sum(payloads: list[bytes]) -> tuple[Counts, int]:
    """All intervals added up, and how many of them could not be decoded; at once where all of them can."""
    try:
        return decode(payloads), 0
    except ValueError:
        if len(payloads) == 1:
            return np.zeros(_BUCKETS, dtype=np.int64), 1
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
    buckets = np.maximum((places >> _HALF_BITS) - 1, 0)
    lowest = np.where(places < 2 * _HALF, places, ((places & (_HALF - 1)) + _HALF) << buckets)
    highest = lowest + (1 << buckets) - 1
    return Histogram(tuple(highest.tolist()), tuple(counts[places].tolist()))
