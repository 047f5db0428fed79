"""What an arrival may ask for: a user class of the load file, and which of its tasks, by name."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.core.text import plain

_MOST_NAMES: Final = 20


class LoadFileError(Exception):
    """The load file has not got what the plan asks for; its text is a sentence for the closing line."""


@dataclass(frozen=True, slots=True, eq=False)
class Errand:
    """A task function of a user class, by way of nested task sets; no `task`: whatever the user would do next."""

    kind: type
    sets: tuple[type, ...] = ()
    task: Callable[[Any], object] | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """`("Shopper", "Basket", "look")`."""
        return (*(each.__name__ for each in (self.kind, *self.sets)), _name(self.task))

    def __str__(self) -> str:
        """`Shopper.Basket.look`."""
        return ".".join(self.path)


def errands_of(kinds: Iterable[type]) -> list[Errand]:
    """Every task function of those user classes, each once, in the order of the load file."""
    found: dict[tuple[str, ...], Errand] = {}
    for kind in kinds:
        for errand in _walk(kind, kind, ()):
            found.setdefault(errand.path, errand)
    return list(found.values())


def _walk(kind: type, holder: Any, sets: tuple[type, ...]) -> Iterator[Errand]:
    for task in holder.tasks:
        if not hasattr(task, "tasks"):
            yield Errand(kind, sets, task)
        elif task not in sets:  # a task set may hold itself
            yield from _walk(kind, task, (*sets, task))


def _name(task: Any) -> str:
    return str(getattr(task, "__name__", type(task).__name__))


def chosen(mix: Sequence[tuple[str, float]], kinds: Iterable[type]) -> dict[Errand, float]:
    """The weight of every errand that the mix names.

    A name is that of a task function, with as much of its path before it as makes it unambiguous. Raises LoadFileError
    with everything that is wrong with the mix.
    """
    errands = errands_of(kinds)
    weights: dict[Errand, float] = {}
    problems: list[str] = []
    for name, weight in mix:
        found = _named(name, errands)
        if len(found) != 1:
            problems.append(f"no task {name}" if not found else f"{len(found)} tasks {name} ({_list(found)})")
        elif found[0] in weights:
            problems.append(f"{found[0]} more than once in the mix")
        else:
            weights[found[0]] = weight
    if problems:
        raise LoadFileError(plain(f"The load file has {', and '.join(problems)}; its tasks are {_list(errands)}.", 450))
    return weights


def _named(name: str, errands: Sequence[Errand]) -> list[Errand]:
    exactly = [errand for errand in errands if str(errand) == name]
    return exactly or [errand for errand in errands if _fits(name.split("."), errand.path)]


def _fits(parts: Sequence[str], path: Sequence[str]) -> bool:
    """Whether the name is part of that path, in its order, down to the task."""
    left = iter(path)
    return parts[-1] == path[-1] and all(part in left for part in parts)


def _list(errands: Sequence[Errand]) -> str:
    names = [str(errand) for errand in errands[:_MOST_NAMES]]
    return ", ".join([*names, "…"] if len(errands) > _MOST_NAMES else names) or "none"
