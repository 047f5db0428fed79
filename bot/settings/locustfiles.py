"""Where a locustfile is looked for: beside the configuration, in the working directory, among the bundled ones."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.settings.leaf import Place
from bot.settings.words import quote

_PACKAGE: Final = "loadtests"


def find_locustfile(path: Path, place: Place) -> Path:
    """The absolute path of the first file of that name in the order of the contract; ValueError when there is none."""
    for candidate in _candidates(path, place):
        if _is_file(candidate):
            return candidate
    raise ValueError(f"{quote(str(path))} was not found")


def _candidates(path: Path, place: Place) -> Iterator[Path]:
    if path.is_absolute():
        yield path
        return
    yield place.folder / path
    yield place.working / path
    inside = path.relative_to(_PACKAGE) if path.parts[:1] == (_PACKAGE,) else path
    for bundled in bundled_folders():
        yield bundled / inside


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def bundled_folders() -> tuple[Path, ...]:
    """The folders of the installed package `loadtests`, found without importing it."""
    spec = find_spec(_PACKAGE)
    return tuple(Path(each).resolve() for each in (spec.submodule_search_locations or ())) if spec else ()
