"""A probe of a page that the service itself serves: Prometheus text, or JSON by dotted path."""

from dataclasses import dataclass
from typing import Any, Final

from bot.adapters.http import Answer, Failure, get
from bot.adapters.probes import ProbeFailure, ProbeReading
from bot.core import jsondoc, prometheus

DEFAULT_MEMORY: Final = "process_resident_memory_bytes"
DEFAULT_CPU: Final = "process_cpu_seconds_total"
DEFAULT_START: Final = "process_start_time_seconds"

_ACCEPT: Final = "text/plain;version=0.0.4;q=1, application/json;q=0.9, */*;q=0.1"
_LARGEST_PAGE: Final = 4 * 1024 * 1024
_OK: Final = 200
# Some exporters derive the start time from the machine's clock anew each time, so it moves by about a second.
_START_JITTER: Final = 1.5


@dataclass(frozen=True, slots=True)
class Fields:
    """Where the numbers stand: metric selectors, or dotted paths in JSON; None means the customary metric.

    `start` is the moment the process began, in seconds since any fixed time: another one means another life.
    """

    memory: str | None = None
    cpu: str | None = None
    start: str | None = None


class HttpProbe:
    """GETs one page per reading; Prometheus text or JSON is told by the content type and the first character."""

    def __init__(
        self,
        name: str,
        url: str,
        fields: Fields | None = None,
        *,
        interval: float = 1.0,
        cores: float = 1.0,
        timeout: float = 5.0,
    ) -> None:
        self.name = name
        self.interval = interval
        self.cores = cores
        self._url = url
        self._fields = fields or Fields()
        self._timeout = timeout
        self._lives = _Lives()

    def sample(self) -> ProbeReading | ProbeFailure:
        """Ask once; anything but a whole page with the wanted numbers is a failure."""
        match get(self._url, deadline=self._timeout, max_bytes=_LARGEST_PAGE, accept=_ACCEPT):
            case Failure(text):
                return ProbeFailure(text)
            case Answer(status) if status != _OK:
                return ProbeFailure(f"the page answers with status {status}")
            case Answer() as answer:
                return self._reading(answer)

    def _reading(self, answer: Answer) -> ProbeReading | ProbeFailure:
        try:
            numbers = _from_json(answer, self._fields) if _is_json(answer) else _from_prometheus(answer, self._fields)
        except ValueError as error:
            return ProbeFailure(str(error))
        return ProbeReading(self._lives.instance(numbers), numbers.memory, numbers.cpu)


@dataclass(frozen=True, slots=True)
class _Numbers:
    memory: float | None
    cpu: float | None
    start: float | None


def _is_json(answer: Answer) -> bool:
    return answer.content_type.endswith("json") or answer.body.lstrip()[:1] in (b"{", b"[")


def _from_json(answer: Answer, fields: Fields) -> _Numbers:
    if fields.memory is None and fields.cpu is None:
        raise ValueError("the page is JSON: the probe needs `memory` or `cpu` as a dotted path")
    document = jsondoc.load(answer.body)
    return _Numbers(
        _json_number(document, fields.memory), _json_number(document, fields.cpu), _json_number(document, fields.start)
    )


def _json_number(document: Any, path: str | None) -> float | None:
    return None if path is None else jsondoc.number(document, path)


def _from_prometheus(answer: Answer, fields: Fields) -> _Numbers:
    page = answer.body.decode("utf-8", "replace")
    memory = _metric(page, fields.memory, prometheus.Selector(DEFAULT_MEMORY, _labels_of(fields.cpu)))
    cpu = _metric(page, fields.cpu, prometheus.Selector(DEFAULT_CPU, _labels_of(fields.memory)))
    if memory is None and cpu is None:
        raise ValueError(f"the page has neither {DEFAULT_MEMORY} nor {DEFAULT_CPU}")
    labels = _labels_of(fields.memory) or _labels_of(fields.cpu)
    return _Numbers(memory, cpu, _metric(page, fields.start, prometheus.Selector(DEFAULT_START, labels)))


def _labels_of(metric: str | None) -> prometheus.Labels:
    """The customary metrics are taken from the same process as the configured one, told by its labels."""
    return () if metric is None else prometheus.selector(metric).labels


def _metric(page: str, configured: str | None, customary: prometheus.Selector) -> float | None:
    """A configured metric must be there; a customary one may be missing, but never be ambiguous."""
    if configured is not None:
        return prometheus.select(page, prometheus.selector(configured))
    if not prometheus.samples(page, customary.name):
        return None
    return prometheus.select(page, customary)


class _Lives:
    """Tells one life of the process from the next by its start time, and by a CPU counter that goes down.

    A page with neither cannot tell them apart: its life has no name.
    """

    def __init__(self) -> None:
        self._start: float | None = None
        self._cpu: float | None = None
        self._generation = 0

    def instance(self, numbers: _Numbers) -> str:
        if numbers.start is None and numbers.cpu is None:
            return ""
        if not self._same_start(numbers.start):
            self._start, self._cpu, self._generation = numbers.start, None, 0
        elif self._cpu is not None and numbers.cpu is not None and numbers.cpu < self._cpu:
            self._generation += 1
        self._cpu = numbers.cpu if numbers.cpu is not None else self._cpu
        base = "http" if self._start is None else f"http@{self._start:.2f}"
        return f"{base}#{self._generation}" if self._generation else base

    def _same_start(self, start: float | None) -> bool:
        if start is None or self._start is None:
            return start is self._start
        return abs(start - self._start) <= _START_JITTER
