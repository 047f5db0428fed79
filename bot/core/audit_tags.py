"""Release tags against the ledger: one tag an entry, on its commit, saying the same, never moved (invariant I5)."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from bot.core.differences import Difference, Kind
from bot.core.promotion import LedgerEntry
from bot.core.record import RunKind
from bot.core.tagobject import trailers
from bot.core.tags import is_release
from bot.core.tagtext import EVIDENCE, NO_EVIDENCE, PROMOTED_COMMIT, RUN_ID
from bot.core.text import plain
from bot.core.trail import Sighting, TagFact

_STAMP: Final = re.compile(r"[0-9]{8}-[0-9]{6}$")
_LONGEST_TRAILER: Final = 200


def tag_differences(
    tags: Sequence[TagFact], entries: Sequence[LedgerEntry], prefix: str, sighting: Sighting
) -> Iterator[Difference]:
    """Every way in which the tags and the entries of the ledger do not belong together."""
    held = {tag.name: tag for tag in tags}
    tagged = [entry for entry in entries if entry.tag]
    ours = [entry for entry in tagged if entry.tag.startswith(prefix)]
    yield from _of_other_prefixes(len(tagged) - len(ours))
    yield from _untagged(entries)
    yield from _twice(tagged)
    yield from _out_of_order(ours)
    for entry in {entry.tag: entry for entry in ours}.values():
        yield from _of_entry(entry, held.get(entry.tag), sighting.tags.get(entry.tag))
    yield from _without_entry(tags, tagged, prefix)


def _untagged(entries: Sequence[LedgerEntry]) -> Iterator[Difference]:
    """Only what took the target back to an older release has no tag of its own."""
    for entry in entries:
        if not entry.tag and entry.kind != RunKind.ROLLBACK:
            sentence = f"The ledger has {entry.sha[:12]} promoted by run {_run(entry)} without a tag."
            yield Difference(Kind.TAG_MISSING, f"run:{_run(entry)}", sentence)


def _of_entry(entry: LedgerEntry, tag: TagFact | None, seen: str | None) -> Iterator[Difference]:
    if tag is None:
        name, lost = plain(entry.tag), f"; it was {seen}" if seen else ""
        yield Difference(
            Kind.TAG_MISSING,
            name,
            f"Tag {name} of {entry.sha[:12]} (run {_run(entry)}) is missing{lost}.",
            remedy=_push_again(f"refs/tags/{name}", seen),
        )
        return
    if seen is not None and seen != tag.oid:
        sentence = f"Tag {tag.name} was {seen[:12]} when it was first audited here and is {tag.oid[:12]} now."
        yield Difference(Kind.TAG_MOVED, f"{tag.name}:{tag.oid[:12]}", sentence)
    if tag.commit != entry.sha:
        where = f"points at {tag.commit[:12]}" if tag.commit else f"is a {plain(tag.kind, 20)} that leads to no commit"
        sentence = f"Tag {tag.name} {where}; the ledger promoted {entry.sha[:12]} under it."
        yield Difference(Kind.TAG_ELSEWHERE, f"{tag.name}:{tag.oid[:12]}", sentence)
    if tag.kind == "tag":
        yield from _contradictions(entry, tag)
    else:
        sentence = f"Tag {tag.name} is a bare pointer at a {plain(tag.kind, 20)}, without message, date or signature."
        yield Difference(Kind.TAG_LIGHTWEIGHT, f"{tag.name}:{tag.oid[:12]}", sentence)


def _push_again(ref: str, seen: str | None) -> str:
    """The command that brings a tag back; the name is somebody's text, so a shell must not read it."""
    what = shlex.quote(f"{seen}:{ref}" if seen else ref)
    return f"Push the tag again from a clone that has it: `git push origin {what}`."


def _contradictions(entry: LedgerEntry, tag: TagFact) -> Iterator[Difference]:
    said = _said(tag)
    wanted = {PROMOTED_COMMIT: entry.sha, RUN_ID: entry.run_id, EVIDENCE: entry.evidence}
    wrong = [
        f"{name} is {_shown(said[name])}, in the ledger {_shown((value,) if value else ())}"
        for name, value in wanted.items()
        if said[name] not in _agreeing(value)
    ]
    if tag.named != tag.name:
        wrong.insert(0, f"inside it is called {plain(tag.named, 60)!r}")
    if wrong:
        yield Difference(
            Kind.TAG_DISAGREES, f"{tag.name}:{tag.oid[:12]}", f"Tag {tag.name} disagrees: {'; '.join(wrong)}."
        )


def _agreeing(value: str) -> tuple[tuple[str, ...], ...]:
    """What the trailer of a tag may say where the ledger has that value; for none, older versions wrote no trailer."""
    return ((plain(value, _LONGEST_TRAILER),),) if value else ((), (NO_EVIDENCE,))


def is_by_the_bot(tag: TagFact) -> bool:
    """Whether the tag says of itself that the bot made it."""
    return any(_said(tag).values())


def _said(tag: TagFact) -> Mapping[str, tuple[str, ...]]:
    """The values that the tag's own trailers give for each name that the bot writes."""
    found = trailers(tag.message)
    return {name: tuple(value for key, value in found if key == name) for name in (PROMOTED_COMMIT, RUN_ID, EVIDENCE)}


def _shown(values: Sequence[str]) -> str:
    return " and ".join(plain(value, 24) for value in values[:3]) or "absent"


def _twice(entries: Sequence[LedgerEntry]) -> Iterator[Difference]:
    for name, count in Counter(entry.tag for entry in entries).items():
        if count > 1:
            runs = ", ".join(_run(entry) for entry in entries if entry.tag == name)
            yield Difference(Kind.TAG_TWICE, plain(name), f"{count} ledger entries claim tag {plain(name)}: {runs}.")


def _out_of_order(entries: Sequence[LedgerEntry]) -> Iterator[Difference]:
    for before, after in pairwise(entries):
        if after.tag != before.tag and _stamp(after.tag) <= _stamp(before.tag):
            sentence = f"The ledger has {plain(after.tag)} after {plain(before.tag)}; names of releases only increase."
            yield Difference(Kind.TAG_ORDER, plain(after.tag), sentence)


def _without_entry(tags: Sequence[TagFact], entries: Sequence[LedgerEntry], prefix: str) -> Iterator[Difference]:
    known = {entry.tag for entry in entries}
    first = min((_stamp(entry.tag) for entry in entries), default=None)
    orphans = [tag for tag in tags if tag.name not in known and is_release(prefix, tag.name)]
    old = [tag for tag in orphans if not is_by_the_bot(tag) and (first is None or _stamp(tag.name) < first)]
    if old:
        names = ", ".join(tag.name for tag in old[:3]) + (" and others" if len(old) > 3 else "")  # noqa: PLR2004 - named
        sentence = f"{len(old)} release tags are older than the ledger and not the bot's: {names}."
        yield Difference(Kind.TAGS_BEFORE_LEDGER, str(len(old)), sentence)
    for tag in orphans:
        if tag not in old:
            made = "says that the bot made it" if is_by_the_bot(tag) else "was made by somebody else"
            sentence = f"Tag {tag.name} has no entry in the ledger, and {made}."
            yield Difference(Kind.TAG_ORPHAN, tag.name, sentence)


def _of_other_prefixes(count: int) -> Iterator[Difference]:
    if count:
        sentence = f"{count} entries of the ledger have tags of another prefix; those were not looked at."
        yield Difference(Kind.OTHER_PREFIX, str(count), sentence)


def _stamp(name: str) -> str:
    """The time in a tag's name: comparable whatever the prefix was at the time."""
    found = _STAMP.search(name)
    return found[0] if found else ""


def _run(entry: LedgerEntry) -> str:
    return plain(entry.run_id, 60)
