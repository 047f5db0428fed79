"""The notes of a run as the body of its release: cut at entries where the host takes no more, and then saying so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.render.escape import Inert
from bot.render.words import counted

RELEASE_BODY: Final = 120_000
"""GitHub takes 125,000 characters; the rest is for what an adapter adds to find a release again."""

NOTES_FILE: Final = "notes.md"
_WHOLE: Final = f"The list was cut to fit; the asset `{NOTES_FILE}` has all of it."
_TOO_MUCH: Final = f"The notes are longer than a release may be; the asset `{NOTES_FILE}` has them."
_MORE: Final = len("\n- … and 1,000,000,000 more\n")
_BULLET, _ROW = "- ", "| "


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading with what belongs to it: lines that frame it, and entries of one or more lines each."""

    head: str
    entries: tuple[str, ...]
    tail: str


def release_body(notes: str, ending: str, limit: int = RELEASE_BODY) -> str:
    """notes.md without its title and with `ending` (ours) below it, of at most `limit` characters as GitHub counts.

    Each section keeps its heading; of those that are too long so many entries are left that all others are whole.
    """
    text = f"{_untitled(notes)}\n{ending}\n"
    if length(text) <= limit:
        return text
    sections = [_section(lines) for lines in _parts(_untitled(notes))]
    frames = sum(length(each.head) + length(each.tail) + _MORE for each in sections)
    room = limit - frames - length(f"\n{_WHOLE}\n\n{ending}\n")
    if room < 0:
        return f"{_TOO_MUCH}\n\n{ending}\n"
    level = _level([_size(each) for each in sections], room)
    return "".join(_cut(each, level) for each in sections) + f"\n{_WHOLE}\n\n{ending}\n"


def length(text: str) -> int:
    """Characters as a host may count them at worst: those beyond the basic plane twice, and so the ends of lines."""
    return len(text.encode("utf-16-le", errors="replace")) // 2 + text.count("\n")


def _untitled(notes: str) -> str:
    """Without the first heading: a release has a title of its own."""
    first, _, rest = notes.partition("\n")
    return rest.lstrip("\n") if first.startswith("# ") else notes


def _parts(text: str) -> Iterator[list[str]]:
    """The lines of each section, with their ends; the first one is what stands above every heading."""
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("## ") and lines:
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _section(lines: Sequence[str]) -> _Section:
    """Entries are bullets with the lines indented below them, and the rows of a table below its head."""
    starts = [place for place, line in enumerate(lines) if line.startswith((_BULLET, _ROW))]
    if len(starts) > 1 and lines[starts[0]].startswith(_ROW):
        starts = starts[2:]
    if not starts:
        return _Section("".join(lines), (), "")
    end = next((place for place in range(starts[-1] + 1, len(lines)) if not lines[place].startswith(" ")), len(lines))
    bounds = zip(starts, [*starts[1:], end], strict=True)
    entries = tuple("".join(lines[start:stop]) for start, stop in bounds)
    return _Section("".join(lines[: starts[0]]), entries, "".join(lines[end:]))


def _size(section: _Section) -> int:
    return sum(map(length, section.entries))


def _level(sizes: Sequence[int], room: int) -> int:
    """How much the entries of any one section may take, so that all together take no more than `room`."""
    left = sorted(sizes)
    while left and left[0] * len(left) <= room:
        room -= left.pop(0)
    return room // len(left) if left else max(sizes, default=0)


def _cut(section: _Section, room: int) -> str:
    kept: list[str] = []
    for entry in section.entries:
        room -= length(entry)
        if room < 0:
            break
        kept.append(entry)
    hidden = len(section.entries) - len(kept)
    return section.head + "".join(kept) + _more(section, hidden) + section.tail


def _more(section: _Section, hidden: int) -> str:
    if not hidden:
        return ""
    # Below a table it stands by itself: a line right behind the rows would be one of them.
    before = _BULLET if section.entries[0].startswith(_BULLET) else "\n"
    return f"{before}… and {hidden:,} more\n"


def closing(run: Inert, compare: Inert | None, commits: int) -> str:
    """The last line of every release: where the evidence is, and which commits it is about."""
    told = [f"Evidence: the assets `report.html` and `run.json`, run {run}"]
    if compare is not None:
        told.append(f"[{counted(commits, 'commit')}]({compare})")
    return " · ".join(told)
