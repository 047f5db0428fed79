import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.hdrlog import decode, read_log, unwrap
from loadtests.histograms import count, encode


def wrapped(payload, *, cookie=0x1C849314):
    packed = zlib.compress(payload)
    return base64.b64encode(struct.pack(">II", cookie, len(packed)) + packed)


def payload(numbers=b"", **changes):
    head = {"cookie": 0x1C849313, "length": len(numbers), "offset": 0, "digits": 3, "low": 1, "high": 3_600_000_000}
    return struct.pack(">IIIIQQd", *(head | changes).values(), 1.0) + numbers


def test_counts_and_gaps_are_read_back():
    one = unwrap(wrapped(payload(b"\x02\x03\x08\xd0\x0f")))
    assert decode([one])[:6].tolist() == [1, 0, 0, 4, 1000, 0]
    assert decode([one, b"", one, b"\x05\x02"])[:6].tolist() == [2, 0, 0, 9, 2000, 0]
    assert decode([]).sum() == decode([b""]).sum() == 0


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"====",
        b"AAAA",
        wrapped(payload(), cookie=1),
        wrapped(payload(cookie=1)),
        wrapped(payload(high=10)),
        wrapped(payload(digits=2)),
        wrapped(payload(length=5)),
        wrapped(b"short"),
        wrapped(payload(b"\x80")),  # a number that does not end
        wrapped(payload(b"\x80" * 9 + b"\x01")),  # one that is too long
        wrapped(payload(b"\xff\xff\xff\xff\x0f\x02")),  # a gap beyond the last bucket
        wrapped(b"\0" * 10_000_000),  # far more than any histogram
        wrapped(payload(b"\x02"))[:-8],
    ],
)
def test_what_is_no_histogram_of_ours_is_refused(text):
    with pytest.raises((ValueError, zlib.error, struct.error)):
        decode([unwrap(text)])


@given(st.binary(max_size=60))
def test_no_bytes_within_a_histogram_break_the_reader(numbers):
    try:
        counts = decode([numbers])
    except ValueError:
        return
    assert len(counts) == 23 * 1024
    assert (counts >= 0).all()
    assert (decode([b"\x02", numbers, numbers]) - 2 * counts).tolist() == [1] + [0] * (23 * 1024 - 1)


def test_intervals_of_one_tag_add_up_and_broken_lines_are_counted(tmp_path):
    path = tmp_path / "x.hlog"
    one = encode(count([1, 2, 2]))
    path.write_text(
        f"#c\n\nTag=a,0.0,1.0,2.0,{one}\nTag=a,1.0,1.0,2.0,{one}\nTag=b,1,1,1,AAAA\nrubbish\nTag=a,0.0,1.0,2.0,{one}"
    )
    found = read_log(path)
    assert found.histograms["a"].values == (1, 2)
    assert found.histograms["a"].counts == (2, 4)
    assert (set(found.histograms), found.broken) == ({"a"}, 3)
