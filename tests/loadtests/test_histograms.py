import hdrh.histogram
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.hdrlog import decode, histogram_of, unwrap
from loadtests.histograms import HIGHEST, count, encode, indices, quantiles

VALUES = st.lists(st.integers(0, HIGHEST), min_size=1, max_size=60)


def reference(values):
    histogram = hdrh.histogram.HdrHistogram(1, HIGHEST, 3)
    for value in values:
        histogram.record_value(value)
    return histogram


@settings(deadline=None, max_examples=50)
@given(VALUES)
def test_values_fall_into_the_same_buckets_as_in_the_reference_library(values):
    assert indices(values).tolist() == [reference([]).get_counts_array_index(value) for value in values]


@settings(deadline=None, max_examples=50)
@given(VALUES)
def test_the_reference_library_reads_what_is_encoded(values):
    decoded = hdrh.histogram.HdrHistogram.decode(encode(count(values)))
    assert decoded.get_total_count() == len(values)
    expected = reference(values)
    for share in (50, 99, 100):
        assert decoded.get_value_at_percentile(share) == expected.get_value_at_percentile(share)


@settings(deadline=None, max_examples=50)
@given(VALUES)
def test_the_reader_gets_back_what_was_encoded(values):
    histogram = histogram_of(decode([unwrap(encode(count(values)).encode())]))
    assert histogram.total == len(values)
    for value, found in zip(sorted(values), np.repeat(histogram.values, histogram.counts), strict=True):
        assert value <= found <= max(value + 1, value * 1.001)


def test_values_beyond_an_hour_count_as_an_hour():
    assert indices([HIGHEST, HIGHEST + 1, 10**15]).tolist() == [indices([HIGHEST])[0]] * 3


@given(st.lists(st.integers(0, 10**6), min_size=1), st.floats(0.01, 1))
def test_quantiles_are_values_by_nearest_rank(values, share):
    (found,) = quantiles(values, [share])
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


def test_no_values_have_no_quantiles():
    assert quantiles([], [0.5]) is None
