"""Locust's own statistics: kept where a load file may read them, else left out, for nothing here does.

A load file that steers by them would put the wrong load on the service without a word, so every sign of a reader keeps
them: a LoadTestShape, a listener on any event, the word itself in any code that is not installed. All of that is the
same in the processes of a distributed run, which share the load file: the workers send what the master's shape reads.
"""

import sys
from collections.abc import Iterable, Iterator
from inspect import getsource
from pathlib import Path
from sysconfig import get_path
from typing import Any, Final

from locust import stats
from locust.event import EventHook

_KEEPER: Final = ("locust.runners", "Runner.__init__.<locals>.on_request")
_WORD: Final = "stats"
_TABLES: Final = ("print_stats", "print_percentile_stats", "print_error_report")
_OWN: Final = frozenset({"locust", "loadtests", "bot"})
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})


def leave_out_statistics(environment: Any) -> None:
    """Stop keeping them, and do not print the empty tables in the end; nothing happens where they may be read."""
    if environment.shape_class is not None or _is_listened(environment.events) or _is_mentioned(environment):
        return
    event = environment.events.request
    for listener in list(event._handlers):  # noqa: SLF001 - the event names its listeners nowhere else
        if (listener.__module__, getattr(listener, "__qualname__", "")) == _KEEPER:
            event.remove_listener(listener)
    for name in _TABLES:
        setattr(stats, name, _say_nothing)


def _is_listened(events: Any) -> bool:
    """Whether anybody but Locust and this project listens to any event."""
    hooks = [each for each in vars(events).values() if isinstance(each, EventHook)]
    return any(not _is_own(getattr(each, "__module__", None)) for hook in hooks for each in hook._handlers)  # noqa: SLF001 - as above


def _is_mentioned(environment: Any) -> bool:
    """Whether code of the load file's side so much as mentions statistics."""
    return any(_WORD in _source_of(each) for each in (*_modules_of(environment.user_classes), *_modules_at_hand()))


def _modules_of(user_classes: Iterable[type]) -> Iterator[Any]:
    """Where the users and what they inherit from come from, be it installed."""
    names = {base.__module__ for kind in user_classes for base in kind.__mro__ if base is not object}
    yield from (sys.modules.get(name) for name in names if not _is_own(name) and name not in sys.stdlib_module_names)


def _modules_at_hand() -> Iterator[Any]:
    """All modules that are neither installed nor of the language: the load file, and whatever it imports."""
    language = Path(get_path("stdlib")).resolve()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__dict__", {}).get("__file__")
        if not isinstance(file, str) or name == "__main__" or _is_own(name):
            continue
        path = Path(file).resolve()
        if not _INSTALLED.intersection(path.parts) and not path.is_relative_to(language):
            yield module


def _is_own(module: object) -> bool:
    return isinstance(module, str) and module.partition(".")[0] in _OWN


def _source_of(module: Any) -> str:
    try:
        return getsource(module)
    except (OSError, TypeError):
        return _WORD  # who knows


def _say_nothing(*_: Any, **__: Any) -> None:
    """In place of a table without a request in it."""
