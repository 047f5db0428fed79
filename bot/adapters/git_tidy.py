"""Packs the cache anew once nights have left many small packs, loose objects or refs; failing at that harms nothing."""

import contextlib
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_cache import Cache, CacheKind
from bot.adapters.git_runner import Runner
from bot.errors import BotError

MOST_PACKS: Final = 50
MOST_LOOSE_TAGS: Final = 50
# Of 256 folders of loose objects one is looked at, as git itself does: some hundreds of them altogether. git would let
# there be ten times as many, but each fetch and push opens the loose ones among all that the refs lead to.
_SAMPLE: Final = "objects/17"
_MOST_IN_SAMPLE: Final = 2
# What a try that failed leaves: how many packs and objects there must be before the next one.
_PUT_OFF: Final = "promotion-put-off"
_TAGS: Final = "refs/remote/tags"


def tidy(cache: Cache, runner: Runner) -> None:
    """Pack what needs it; the cache's lock must be held, and `runner` must hand it on to git."""
    if sum(path.is_file() for path in (cache.path / _TAGS).rglob("*")) > MOST_LOOSE_TAGS:
        # Each night adds one, and a loose one is a file that git opens whenever it lists them.
        with contextlib.suppress(BotError, OSError):
            runner.run(commands.PACK_REFS)
    if _is_due(cache):
        _repack(cache, runner)


def _repack(cache: Cache, runner: Runner) -> None:
    """Put packs and loose objects together.

    Nothing is dropped, reachable or not, and what the remote promised stays in packs of its own kind. git is ended
    after half of the runner's deadline, also where this process is killed meanwhile: whoever waits for the lock waits
    longer than that. A try that fails (a full disk, a broken object, too little time) is repeated when there is twice
    as much to do; meanwhile the cache works as it is.
    """
    seconds = max(1, int(runner.deadline / 2))
    with contextlib.suppress(BotError, OSError):
        ended = runner.run(commands.repack(seconds, promised=cache.kind is CacheKind.BLOBLESS))
        if ended.code == 0:
            (cache.path / _PUT_OFF).unlink(missing_ok=True)
            return
    with contextlib.suppress(OSError):
        packs, loose = _counts(cache)
        (cache.path / _PUT_OFF).write_text(f"{2 * packs} {2 * loose}\n", encoding="ascii")


def _is_due(cache: Cache) -> bool:
    most_packs, most_loose = _limits(cache)
    packs, loose = _counts(cache)
    return packs > most_packs or loose > most_loose


def _limits(cache: Cache) -> tuple[int, int]:
    try:
        packs, loose = map(int, (cache.path / _PUT_OFF).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return MOST_PACKS, _MOST_IN_SAMPLE
    return max(packs, MOST_PACKS), max(loose, _MOST_IN_SAMPLE)


def _counts(cache: Cache) -> tuple[int, int]:
    """How many packs there are, and how many loose objects in the one folder that is looked at."""
    return _count(cache, "objects/pack", "*.pack"), _count(cache, _SAMPLE, "*")


def _count(cache: Cache, folder: str, pattern: str) -> int:
    return sum(1 for _ in (cache.path / folder).glob(pattern))
