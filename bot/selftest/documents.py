"""The configuration of a case: a small healthy run, with what the case lays over it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bot.selftest.case import Case, Table
from bot.selftest.scene import SCENARIO

_SCENARIO: Final[Table] = {
    "name": SCENARIO,
    "kind": "load",
    "locustfile": "loadtests/payload.py",
    "rate": 80,
    "pool": 400,
    "duration": "3s",
    "warmup": "200ms",
    "abort": False,
    "options": {"payload": "1KiB", "expect": "echo"},
    "slo": {"error_rate": "< 5%", "p95": "< 2s"},
}
_OPEN_ONLY: Final = ("rate", "pool")


def document(case: Case, folder: Path, values: Mapping[str, str]) -> dict[str, Any]:
    """What the configuration file of that case holds; `values` take the place of their names in braces."""
    scenario = {**_SCENARIO, **case.scenario}
    if "users" in scenario:
        scenario = {key: value for key, value in scenario.items() if key not in _OPEN_ONLY}
    whole: dict[str, Any] = {
        "repository": {"remote": str(folder / "remote.git")},
        "staging": {"url": "{url}", "version_url": "/version", **case.staging},
        "scenario": [scenario],
        "state": {"dir": str(folder / "state")},
    }
    if case.generator is not None:
        whole["generator"] = dict(case.generator)
    if case.probe:
        whole["probe"] = [{"name": "service", **case.probe}]
    filled: dict[str, Any] = fill(_without_none(whole), values)
    return filled


def _without_none(value: Any) -> Any:
    """Without the keys that a case takes away by None."""
    match value:
        case Mapping():
            return {key: _without_none(each) for key, each in value.items() if each is not None}
        case list():
            return [_without_none(each) for each in value]
        case _:
            return value


def fill(value: Any, values: Mapping[str, str]) -> Any:
    """The same with every `{name}` in its texts replaced."""
    match value:
        case str():
            for name, text in values.items():
                value = value.replace(f"{{{name}}}", text)
            return value
        case Mapping():
            return {key: fill(each, values) for key, each in value.items()}
        case list() | tuple():
            return [fill(each, values) for each in value]
        case _:
            return value
