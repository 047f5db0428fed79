import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core import prometheus
from bot.core.prometheus import Sample, Selector

PAGE = """\
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 3.2e+07
process_resident_memory_bytes_max{job="other"} 99
process_cpu_seconds_total{job="api",zone="a"} 12.5 1700000000000
process_cpu_seconds_total{ job = "web" , zone="a", } 13.5\r
process_cpu_seconds_total{job="say \\"hi\\"\\n\\\\",zone="b"} 14 # {trace_id="7"} 1.0 1700000000
broken{ 1
gc_seconds NaN
queue +Inf
drift -3
"""

NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True)
LABEL_NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True)
LABELS = st.dictionaries(LABEL_NAMES, st.text(max_size=8), max_size=3).map(lambda labels: tuple(labels.items()))


def escaped(value):
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def written(name, sample):
    labels = ",".join(f'{label}="{escaped(value)}"' for label, value in sample.labels)
    return f"{name}{{{labels}}} {sample.value!r}"


@given(st.text(), NAMES)
@example('m{a="', "m")
@example("m " + "9" * 400, "m")
def test_any_page_gives_samples_or_a_value_error(page, name):
    for text in (page, f"{name}{page}", f"{name}{{{page}", f"{name} {page}"):
        try:
            prometheus.select(text, Selector(name))
        except ValueError as error:
            assert "\n" not in str(error)  # noqa: PT017 - both ends are fine, this one has a form


@given(st.text())
def test_any_text_is_a_selector_or_a_value_error(text):
    for written_text in (text, f"m{{{text}}}", f'm{{a="{text}"}}'):
        try:
            prometheus.selector(written_text)
        except ValueError:
            continue


@given(NAMES, st.lists(st.builds(Sample, LABELS, st.floats(0, 1e15)), max_size=5))
def test_what_was_written_is_read_again(name, samples):
    page = "\n".join(written(name, sample) for sample in samples)
    assert prometheus.samples(page, name) == tuple(samples)


@given(NAMES, LABELS, st.floats(0, 1e15))
def test_a_selector_finds_the_sample_it_describes(name, labels, value):
    wanted = prometheus.selector(written(name, Sample(labels, value)).rpartition(" ")[0])
    assert wanted == Selector(name, labels)
    assert prometheus.select(written(name, Sample(labels, value)), wanted) == value


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("process_resident_memory_bytes", 3.2e7),
        ('process_cpu_seconds_total{job="api"}', 12.5),
        ('process_cpu_seconds_total{zone="a",job="web"}', 13.5),
        ('process_cpu_seconds_total{job="say \\"hi\\"\\n\\\\"}', 14.0),
    ],
)
def test_a_page_with_comments_timestamps_and_exemplars_is_read(selector, value):
    assert prometheus.select(PAGE, prometheus.selector(selector)) == value


def test_several_samples_without_a_choice_are_named():
    with pytest.raises(
        ValueError, match=r"3 samples of process_cpu_seconds_total \(with job api, zone a; .*select one"
    ):
        prometheus.select(PAGE, Selector("process_cpu_seconds_total"))
    with pytest.raises(ValueError, match="2 samples of process_cpu_seconds_total with zone a"):
        prometheus.select(PAGE, Selector("process_cpu_seconds_total", (("zone", "a"),)))


@pytest.mark.parametrize("name", ["gc_seconds", "queue", "drift", "absent", "broken", "not a name"])
def test_infinite_missing_and_malformed_numbers_are_refused(name):
    with pytest.raises(ValueError, match=name.replace("_", ".")):
        prometheus.select(PAGE, Selector(name))


@pytest.mark.parametrize(
    "line", ["m", "m ", "m x", "m 1_000", "m 0x10", "m 1 2 3", 'm{a="b" 1', "m{a=b} 1", 'm{a="b"}']
)
def test_a_malformed_sample_is_refused_or_not_there(line):
    with pytest.raises(ValueError, match=r"\bm\b"):
        prometheus.select(line, Selector("m"))


def test_hostile_labels_are_named_harmlessly():
    page = 'm{a="<script>@ops"} 1\nm{a="\x1b[31m"} 2\n'
    with pytest.raises(ValueError, match="2 samples of m") as caught:
        prometheus.select(page, Selector("m"))
    assert not {"<", "@", "\x1b", "["} & set(str(caught.value))


def test_infinity_and_nan_are_samples_all_the_same():
    assert prometheus.samples(PAGE, "queue") == (Sample((), math.inf),)
    assert math.isnan(prometheus.samples(PAGE, "gc_seconds")[0].value)
