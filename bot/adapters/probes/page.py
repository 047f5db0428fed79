"""The numbers of one process on a page: Prometheus text, or JSON by dotted path. Only ValueError is ever raised."""

from dataclasses import dataclass
from typing import Any, Final

from bot.core import jsondoc, prometheus

DEFAULT_MEMORY: Final = "process_resident_memory_bytes"
DEFAULT_CPU: Final = "process_cpu_seconds_total"
DEFAULT_START: Final = "process_start_time_seconds"


@dataclass(frozen=True, slots=True)
class Fields:
    """Where the numbers stand: metric selectors, or dotted paths in JSON; None means the customary metric.

    `start` is the moment the process began, in seconds since any fixed time: another one means another life.
    """

    memory: str | None = None
    cpu: str | None = None
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Resident bytes, CPU seconds, start time; None where the page does not tell."""

    memory: float | None
    cpu: float | None
    start: float | None


def looks_like_json(body: bytes) -> bool:
    """Whether the page begins as JSON does."""
    return body.lstrip()[:1] in (b"{", b"[")


def from_json(body: bytes, fields: Fields) -> Numbers:
    """What stands at the paths."""
    if fields.memory is None and fields.cpu is None:
        raise ValueError("the page is JSON: the probe needs `memory` or `cpu` as a dotted path")
    document = jsondoc.load(body)
    return Numbers(*(_json_number(document, path) for path in (fields.memory, fields.cpu, fields.start)))


def _json_number(document: Any, path: str | None) -> float | None:
    return None if path is None else jsondoc.number(document, path)


def from_prometheus(body: bytes, fields: Fields) -> Numbers:
    """What the selected metrics are."""
    page = body.decode("utf-8", "replace")
    memory = _metric(page, fields.memory, prometheus.Selector(DEFAULT_MEMORY, _labels_of(fields.cpu)))
    cpu = _metric(page, fields.cpu, prometheus.Selector(DEFAULT_CPU, _labels_of(fields.memory)))
    if memory is None and cpu is None:
        raise ValueError(f"the page has neither {DEFAULT_MEMORY} nor {DEFAULT_CPU}")
    labels = _labels_of(fields.memory) or _labels_of(fields.cpu)
    return Numbers(memory, cpu, _metric(page, fields.start, prometheus.Selector(DEFAULT_START, labels)))


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
