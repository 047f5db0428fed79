"""What makes two nights comparable: the same load on the same scenario, whatever is demanded of it."""

import hashlib
import json
from dataclasses import MISSING, fields
from typing import Any, Final

from bot.core.loadplan import ClosedModel, OpenModel, ScenarioPlan

# Made from the latency limits where nobody sets it: a stricter limit must not lose the history.
_NO_PART: Final = frozenset({"pool"})


def profile(plan: ScenarioPlan) -> str:
    """SHA-256 (hex) over the canonical JSON of name, kind, load, durations, load file's name, options, tags and users.

    Objectives, workers and limits of the generator are no part of it. What has its default is left out, so that a
    setting that a later version adds changes the profile of those alone who use it.
    """
    document = {
        "name": plan.name,
        "kind": plan.kind.value,
        "model": _model(plan.model),
        "duration": plan.duration,
        "warmup": plan.warmup,
        "locustfile": plan.locustfile.replace("\\", "/").rpartition("/")[2],
        "options": plan.options,
        **{name: list(value) for name, value in _lists(plan) if value},
    }
    text = json.dumps(_canonical(document), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _lists(plan: ScenarioPlan) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    return ("tags", plan.tags), ("exclude_tags", plan.exclude_tags), ("config_users", plan.config_users)


def _model(model: OpenModel | ClosedModel) -> dict[str, Any]:
    return _set(model) | {"is": type(model).__name__}


def _set(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that have another value than their default."""
    every = {field.name: (getattr(value, field.name), field.default) for field in fields(value)}
    return {
        name: one
        for name, (one, default) in every.items()
        if name not in _NO_PART and (default is MISSING or one != default)
    }


def _canonical(value: Any) -> Any:
    """The same for 2 and 2.0, for lists and tuples: run.json does not tell them apart either."""
    match value:
        case dict():
            return {str(key): _canonical(each) for key, each in value.items()}
        case list() | tuple():
            return [_canonical(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case None | bool() | int() | float() | str():
            return value
    return _canonical(_set(value))
