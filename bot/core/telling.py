"""What runs still have to say on the host, by their journals, and what a newer run has made idle to say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from bot.core.hosting import Announced, Announcement, Blocked, Deployed, Mark, Publication, Unblocked
from bot.core.reasons import Reason

ANNOUNCED: Final = "announced"
TOLD: Final = "told"
UNSAID: Final = "unsaid"
STARTED: Final = "started"
# What a run's `started` and `ended` lines carry where it says on the host what becomes of it.
TELLS: Final = "tells"

Line: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[str, str]
"""What sort of thing is said, and about what: of one key only the newest word matters, where it replaces older ones."""


class Moment(StrEnum):
    """When something is said: once the candidate is known, once it is judged, and at the end."""

    BEGUN = "begun"
    JUDGED = "judged"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Unsaid:
    """One thing that could not be said, of which run, and why."""

    run_id: str
    what: str
    reason: Reason
    sentence: str


_OF_USE: Final = timedelta(days=30)
# Nothing else can be said either: the host does not answer, does not know us, or has had enough; or time is up.
_FOR_ALL: Final = frozenset(
    {Reason.HOST_UNREACHABLE, Reason.HOST_LIMITED, Reason.BAD_CREDENTIALS, Reason.DEADLINE_EXCEEDED}
)


def is_for_all(reason: Reason) -> bool:
    """Whether what kept one thing from being said keeps everything else as well."""
    return reason in _FOR_ALL


def key_of(what: Announcement) -> Key:
    """What it is, and about what."""
    match what:
        case Mark():
            return what.what, what.sha
        case Publication() | Deployed():
            return what.what, what.tag or what.sha
        case Blocked() | Unblocked():
            return what.what, what.branch


def facts_of(what: Announcement, moment: Moment, url: str | None, repository: str) -> dict[str, object]:
    """What the journal keeps of something that was said about a repository, which is named by its key."""
    name, about = key_of(what)
    return {"what": name, "about": about, "moment": moment.value, "url": url, "repository": repository}


def tells(lines: Iterable[Line]) -> bool:
    """Whether the run of that journal began as one that says what becomes of it."""
    return any(line.get("event") == STARTED and line.get(TELLS) is True for line in lines)


def said_at_the_end(lines: Iterable[Line], repository: str) -> frozenset[Key]:
    """What was said of how the run of that journal ended, where it was one of that repository."""
    expected = (ANNOUNCED, Moment.ENDED, repository)
    return frozenset(
        (str(line.get("what")), str(line.get("about")))
        for line in lines
        if (line.get("event"), line.get("moment"), line.get("repository")) == expected
    )


def tries(lines: Iterable[Line]) -> int:
    """How often something that the run of that journal has to say could not be said, and nothing else kept it."""
    return sum(line.get("event") == UNSAID for line in lines)


def is_given_up(ended_at: datetime, now: datetime) -> bool:
    """Whether what still cannot be said of a run is of no use to anybody by now."""
    return now - ended_at > _OF_USE


def announced(lines: Iterable[Line], unsaid: Iterable[Unsaid] = ()) -> tuple[Announced, ...]:
    """The last word of each sort that the run of that journal said, and what of it could not be said."""
    found: dict[str, Announced] = {}
    for line in lines:
        if line.get("event") == ANNOUNCED and isinstance(line.get("what"), str):
            url = line.get("url")
            found[line["what"]] = Announced(line["what"], url if isinstance(url, str) else None)
    for each in unsaid:
        found[each.what] = Announced(each.what, None, each.sentence)
    return tuple(found.values())


def still_to_say(
    wanted: Sequence[Announcement], said: Collection[Key], newer: Collection[Key]
) -> tuple[Announcement, ...]:
    """What of it was not said yet and still matters; `newer` is what newer runs said or are about to say.

    A status or an issue about the same thing is out of date then. A release and a deployment are facts, and stay so.
    """
    replaced = {key for key in newer if key[0] in (Mark.what, Blocked.what)}
    return tuple(each for each in wanted if key_of(each) not in said and key_of(each) not in replaced)


def as_of_now(what: Announcement, newest_tag: str) -> Announcement:
    """The same; of a release that a newer one has followed, not the latest and not deployed any more."""
    match what:
        case Publication() if what.tag < newest_tag:
            return replace(what, latest=False)
        case Deployed() if what.tag and what.tag < newest_tag:
            return replace(what, current=False)
        case _:
            return what


def unsaid_words(unsaid: Sequence[Unsaid], host: str) -> str:
    """What was not said, the first reason of it, and that it is not lost."""
    named = ", ".join(dict.fromkeys(f"{each.what} of run {each.run_id}" for each in unsaid))
    return f"Not said on {host}: {named}. {unsaid[0].sentence} The next run says it, or `promote run --resume`."


def left_words(count: int, host: str) -> str:
    """That more runs wait than a night tells of."""
    runs = "1 earlier run waits" if count == 1 else f"{count} earlier runs wait"
    return f"{runs} to be told of on {host}, one a night; `promote run --resume` does it at once."
