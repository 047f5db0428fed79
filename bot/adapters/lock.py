"""The lock that keeps two runs on one machine apart, and the only maker of its proof."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.adapters.flock import take_lock
from bot.core.moments import iso
from bot.core.promotion import LockProof, lock_seal
from bot.core.text import plain
from bot.errors import BotError, Reason


class FileLock:
    """A kernel lock on a file whose content tells people who holds it; `run_id` may be empty.

    Where another process holds it, `patience` is how many seconds to wait for its end.
    """

    def __init__(self, path: Path, run_id: str = "", *, patience: float = 0.0) -> None:
        self._path = path
        self._run_id = run_id
        self._patience = patience

    @contextlib.contextmanager
    def hold(self) -> Iterator[LockProof]:
        """Hold the lock while the block runs.

        Raises:
            BotError: LOCKED, naming process, run and time of the holder; DISK_FULL or STATE_UNUSABLE.
        """
        descriptor = self._take()
        try:
            yield LockProof(path=str(self._path), seal=lock_seal())
        finally:
            # Emptied, never unlinked: another run may be waiting on this very file.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def _take(self) -> int:
        try:
            descriptor = take_lock(self._path, self._patience)
        except TimeoutError:
            raise BotError(Reason.LOCKED, f"Another run holds the lock: {_holder(self._path)}.") from None
        except OSError as error:
            raise _unusable(self._path, error) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, self._content(), 0)
        except OSError as error:
            os.close(descriptor)
            raise _unusable(self._path, error) from None
        return descriptor

    def _content(self) -> bytes:
        since = iso(datetime.now(UTC))
        return (json.dumps({"pid": os.getpid(), "run": self._run_id, "since": since}) + "\n").encode()


def _unusable(path: Path, error: OSError) -> BotError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = Reason.DISK_FULL if full else Reason.STATE_UNUSABLE
    return BotError(reason, f"The lock {path} cannot be taken: {error.strerror}.")


def _holder(path: Path) -> str:
    facts = _facts(path)
    if not facts:
        return f"see {path}"
    run = plain(str(facts.get("run", ""))) or "without a name yet"
    return f"run {run}, process {plain(str(facts.get('pid')))}, since {plain(str(facts.get('since')))}"


def _facts(path: Path) -> dict[str, Any]:
    # The holder may be between taking the lock and writing its name: then there is nothing to tell.
    try:
        found = json.loads(path.read_bytes()[:4096])
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
