"""Saying something exactly once to a host whose answers get lost and whose reads lag behind its writes (I10).

The pattern of every write: find it by what makes it unique; else send it, once; when it is unknown what came of that,
find it again until reads have caught up. A second one is never sent on the word of a read that may be stale.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Generic, TypeVar

from github.Repository import Repository

from bot.adapters.github.client import Client
from bot.adapters.github.failures import Rejected, Unsure
from bot.adapters.github.lately import LAG, Lately
from bot.core.reasons import Reason
from bot.errors import BotError

T = TypeVar("T")

PAUSES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds between looks; the last one again and again."""

# Less would not move a clock that counts in floating point.
_SHORTEST: Final = 0.01
_PERHAPS_THERE: Final = (409, 422)
_MOST_SENT: Final = 2
# Seconds that one request may take, with a wait that GitHub asks for before it.
_LONGEST_SEND: Final = 30.0


class Again(Enum):
    """Whether a second sending may do harm: one that replaces or repeats the same fact cannot."""

    NEVER = "never"
    HARMLESS = "harmless"


class Doubt(Enum):
    """Why it is not known whether what was sent is there: no word came back, or the host says that something is."""

    UNSURE = "unsure"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known while a look shows nothing.

    How often this attempt sent it; the doubt that this or an earlier one left; seconds and looks since then.
    """

    sends: int = 0
    doubt: Doubt | None = None
    since: float = 0.0
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """Send it now."""


@dataclass(frozen=True, slots=True)
class Look:
    """Look again after so many seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave it unsaid: whoever comes later finds it, or sends it."""


def next_move(known: Known, again: Again) -> Send | Look | Stop:
    """What to do now that a look showed nothing."""
    if known.doubt is None:
        return Send()
    if known.since < LAG:
        pause = PAUSES[min(known.looks, len(PAUSES) - 1)]
        return Look(max(min(pause, LAG - known.since), _SHORTEST))
    # What an earlier attempt sent would be seen by now.
    is_first = known.sends == 0
    may_repeat = again is Again.HARMLESS and known.doubt is Doubt.UNSURE and known.sends < _MOST_SENT
    return Send() if is_first or may_repeat else Stop()


def await_seen(client: Client, find: Callable[[], T | None]) -> T | None:
    """What `find` finds as soon as reads have caught up with a write of somebody's; None when they show it nowhere."""
    began = client.clock.monotonic()
    known = Known(1, Doubt.UNSURE)
    while (found := find()) is None:
        move = next_move(replace(known, since=client.clock.monotonic() - began), Again.NEVER)
        if not isinstance(move, Look) or not client.wait(move.after):
            return None
        known = replace(known, looks=known.looks + 1)
    return found


class Once:
    """Says each thing once; no stale read makes it send again what was sent or seen lately.

    Every `key` says in a few words what is meant and is unique to it. Both ways to say something raise BotError:
    HOST_FAILED when it stays unknown whether it was said, HOST_REFUSED when GitHub does not want it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lately = Lately(client.clock)

    def ensure(
        self, key: str, find: Callable[[], T | None], send: Callable[[Repository], T], again: Again = Again.NEVER
    ) -> T:
        """What `find` finds, or else what `send` made.

        With Again.HARMLESS `find` is the only ground for not sending; otherwise what was made lately counts as well.
        """
        found = self._found(key, find)
        if found is None and again is Again.NEVER:
            found = self.lately.made(key)
        if found is not None:
            return found
        since = self.lately.since(key) if again is Again.NEVER else None
        known = Known() if since is None else Known(doubt=Doubt.UNSURE, since=since)
        return self._pursue(_Saying(key, find, send, again), known)

    def change(
        self, key: str, find: Callable[[], T | None], shows: Callable[[T], bool], send: Callable[[Repository], T]
    ) -> T:
        """Have what was found under that key show what is wanted; `find` reads it anew, `send` writes all of it."""

        def changed() -> T | None:
            found = find()
            return found if found is not None and shows(found) else None

        made = self._pursue(_Saying(f"the change of {key}", changed, send, Again.HARMLESS), Known())
        self.lately.note(key, made)
        return made

    def _pursue(self, saying: "_Saying[T]", known: Known) -> T:
        word, clock = "", self._client.clock
        began = clock.monotonic() - known.since
        while True:
            match next_move(known, saying.again):
                case Send():
                    made = self._send(saying)
                    if not isinstance(made, _NoWord):
                        return made
                    known, word, began = Known(known.sends + 1, made.doubt), made.word, clock.monotonic()
                case Look(after) if self._client.wait(after):
                    known = replace(known, since=clock.monotonic() - began, looks=known.looks + 1)
                case _:
                    raise BotError(Reason.HOST_FAILED, word or f"It is not known whether GitHub has {saying.key}.")
            found = self._found(saying.key, saying.find)
            if found is not None:
                return found

    def _found(self, key: str, find: Callable[[], T | None]) -> T | None:
        found = find()
        if found is not None:
            self.lately.note(key, found)
        return found

    def _send(self, saying: "_Saying[T]") -> "T | _NoWord":
        key, lately = saying.key, self.lately
        if saying.again is Again.NEVER:
            # On the disk before it happens, for whoever goes on after a crash.
            lately.sending(key, _LONGEST_SEND)
        try:
            made = self._client.write(saying.send)
        except Unsure:
            lately.sent(key)
            return _NoWord(Doubt.UNSURE, "")
        except Rejected as refusal:
            lately.forget(key)
            if refusal.status not in _PERHAPS_THERE:
                raise BotError(Reason.HOST_REFUSED, f"GitHub refused {key}: {refusal.sentence}") from refusal
            return _NoWord(Doubt.REFUSED, f"GitHub does not take {key}: {refusal.sentence}")
        except BotError:
            lately.forget(key)
            raise
        lately.sent(key)
        lately.note(key, made)
        return made


@dataclass(frozen=True, slots=True)
class _Saying(Generic[T]):
    """One thing that is to be said."""

    key: str
    find: Callable[[], T | None]
    send: Callable[[Repository], T]
    again: Again


@dataclass(frozen=True, slots=True)
class _NoWord:
    """A sending that ended without its object; `word` is what to say of it where more is known than nothing."""

    doubt: Doubt
    word: str
