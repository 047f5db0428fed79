"""How this load process fares: once a second what the system says of it, for next to nothing.

A generator that lacks CPU time measures itself. What the kernel counts (`schedstat`, `cpu.stat`) tells it apart from a
slow service; where the system does not tell, the value is None, never zero.
"""

import os
import resource
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time
from typing import Any, Final

from gevent import get_hub

from loadtests.interval import Health as Readings

_BEAT_S: Final = 0.05
_PROC: Final = Path("/proc/self")
_CGROUPS: Final = Path("/sys/fs/cgroup")
_CONTROLLERS: Final = ("cpu", "cpu,cpuacct")
# A counter of seconds by its name and unit: the second version of cgroups, and the first.
_THROTTLED: Final = {"throttled_usec": 1e-6, "throttled_time": 1e-9}


@dataclass(frozen=True, slots=True)
class _Counters:
    """A moment, and seconds of CPU, of waiting for a core, and of being throttled (by cgroup) since ever."""

    at: float
    cpu: float
    wait: float | None
    throttled: tuple[float | None, ...]


class Pulse:
    """A beat every 50 ms on the event loop; `longest` is how much later one came than it should have, in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._longest = 0.0
        self._due = clock() + _BEAT_S
        self._timer: Any = get_hub().loop.timer(_BEAT_S, _BEAT_S, ref=False)
        self._timer.start(self._beat, update=True)

    def _beat(self) -> None:
        now = self._clock()
        self._longest = max(self._longest, now - self._due)
        # As the loop itself goes on after a late beat; an early one tells that its clock was behind.
        self._due = min(max(self._due + _BEAT_S, now), now + _BEAT_S)

    def longest(self) -> float:
        """The longest delay since the last call, one that still lasts included."""
        found = max(self._longest, self._clock() - self._due)
        self._longest = 0.0
        return max(0.0, found)

    def stop(self) -> None:
        """Beat no more."""
        self._timer.close()


class Health:
    """Looks at this process; each call tells of the time since the one before."""

    def __init__(self) -> None:
        self._pulse = Pulse()
        self._cgroups = _cpu_stats()
        self._most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._others = _open_files() - _sockets()
        self._last = self._counters()

    def __call__(self) -> Readings:
        """Shares of wall time since the last call, and what is open now; None where the system does not tell."""
        before, now = self._last, self._counters()
        self._last = now
        wall = now.at - before.at
        files = _open_files()
        return {
            "cpu": _share(before.cpu, now.cpu, wall),
            "wait": _share(before.wait, now.wait, wall),
            "throttled": largest_share(before.throttled, now.throttled, wall),
            "lag": round(self._pulse.longest(), 6),
            "files": round(files / self._most_files, 6) if self._most_files > 0 else None,
            "sockets": max(0, files - self._others),
        }

    def stop(self) -> None:
        """Look no more."""
        self._pulse.stop()

    def _counters(self) -> _Counters:
        throttled = tuple(read_throttled(each) for each in self._cgroups)
        return _Counters(monotonic(), process_time(), read_wait(_PROC), throttled)


def _share(was: float | None, being: float | None, wall: float) -> float | None:
    # Threads that have ended take their counts with them.
    return None if was is None or being is None or wall <= 0 else round(max(0.0, being - was) / wall, 6)


def largest_share(were: Sequence[float | None], are: Sequence[float | None], wall: float) -> float | None:
    """The largest share of those counters that tell; None where none does.

    A cgroup counts only what its own limit held back, and each of its ancestors may have one: the counters overlap in
    time, so they are not added up.
    """
    shares = (_share(was, being, wall) for was, being in zip(were, are, strict=True))
    return max((each for each in shares if each is not None), default=None)


def read_wait(proc: Path) -> float | None:
    """Seconds that the threads of a process were runnable without a core; None where the kernel does not count it."""
    try:
        return sum(_waited(proc / "task" / thread) for thread in os.listdir(proc / "task"))  # noqa: PTH208 - half the cost
    except (OSError, ValueError, IndexError):
        return None


def _waited(task: Path) -> float:
    """The second number of its schedstat (nanoseconds); none for a thread that ends meanwhile."""
    with suppress(FileNotFoundError, ProcessLookupError), (task / "schedstat").open("rb") as file:
        return int(file.read().split()[1]) / 1e9
    if task.parent.parent.joinpath("schedstat").exists():
        return 0.0
    raise FileNotFoundError


def read_throttled(path: Path) -> float | None:
    """Seconds that a cgroup was throttled, from its cpu.stat of either version."""
    try:
        pairs = dict(line.split(maxsplit=1) for line in path.read_text(encoding="ascii").splitlines())
        return next((float(pairs[name]) * unit for name, unit in _THROTTLED.items() if name in pairs), None)
    except (OSError, ValueError):
        return None


def _cpu_stats() -> tuple[Path, ...]:
    try:
        lines = (_PROC / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    return find_cpu_stats(lines, _CGROUPS)


def find_cpu_stats(lines: list[str], root: Path) -> tuple[Path, ...]:
    """Every cpu.stat that counts throttling of the process whose /proc/…/cgroup has these lines, its own first.

    The ancestors' count as well, as far up as they can be seen. Within a container the path is that of the host as a
    rule, and the root of the mount is the container's own.
    """
    for line in lines:
        if line.count(":") < 2:  # noqa: PLR2004 - number, controllers and path
            continue
        _, controllers, path = line.split(":", 2)
        mounts = [root, root / "unified"] if not controllers else []
        mounts += [root / name for name in _CONTROLLERS if set(name.split(",")) <= set(controllers.split(","))]
        for mount in mounts:
            found = tuple(stat for stat in _lineage(mount, path) if read_throttled(stat) is not None)
            if found:
                return found
    return ()


def _lineage(mount: Path, path: str) -> Iterator[Path]:
    """The cpu.stat of that cgroup and of each one above it, up to the mount; a path out of the mount leads nowhere."""
    parts = [part for part in path.split("/") if part]
    for depth in range(0 if ".." in parts else len(parts), -1, -1):
        yield mount.joinpath(*parts[:depth], "cpu.stat")


def _open_files() -> int:
    """How many files are open: Linux says so since 6.2, and lists them before that."""
    with suppress(OSError):
        return (_PROC / "fd").stat().st_size or len(os.listdir(_PROC / "fd"))  # noqa: PTH208 - names only
    return 0


def _sockets() -> int:
    """How many of the open files are sockets; looked at once, because it costs microseconds for each."""
    found = 0
    with suppress(OSError):
        for name in os.listdir(_PROC / "fd"):  # noqa: PTH208 - names only
            with suppress(OSError):
                found += stat.S_ISSOCK(os.fstat(int(name)).st_mode)
    return found
