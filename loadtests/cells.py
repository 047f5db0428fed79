"""Counters that stay small whatever a load file does: a bounded number of endpoints and of failure kinds."""

from array import array
from collections import Counter
from typing import Final

OTHER: Final = "(other)"
MOST_ENDPOINTS: Final = 500
MOST_KINDS: Final = 50


def bounded(counts: Counter[str], key: str, most: int = MOST_KINDS) -> str:
    """That key, or `(other)` when it is new and there is no room for it."""
    return key if key in counts or len(counts) < most else OTHER


class Cell:
    """One endpoint: the values of the running interval, and the totals of all."""

    __slots__ = ("endpoint", "failures", "fresh", "ok", "recorded", "response", "service")

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.response = array("Q")
        self.service = array("Q")
        self.ok = 0
        self.recorded = 0
        self.failures: Counter[str] = Counter()
        self.fresh: Counter[str] = Counter()

    def add(self, response: int, service: int, failure: str | None) -> None:
        """Count one request, both times in microseconds."""
        self.response.append(response)
        self.service.append(service)
        if failure is None:
            self.ok += 1
        else:
            kind = bounded(self.failures, failure)
            self.failures[kind] += 1
            self.fresh[kind] += 1

    def take(self) -> tuple["array[int]", "array[int]"]:
        """The values since the last call."""
        taken = self.response, self.service
        self.response, self.service = array("Q"), array("Q")
        return taken

    def take_failures(self) -> dict[str, int]:
        """Failures by kind since the last call."""
        fresh, self.fresh = self.fresh, Counter()
        return dict(fresh)

    def totals(self) -> dict[str, object]:
        """What the closing line says of this endpoint; `recorded` values went into each histogram series."""
        return {
            "endpoint": self.endpoint,
            "ok": self.ok,
            "failed": sum(self.failures.values()),
            "failures": dict(self.failures.most_common()),
            "response_total": self.recorded,
            "service_total": self.recorded,
        }
