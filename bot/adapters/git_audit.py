"""What an audit looks at, read from the cache in a handful of git processes however many promotions there were."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from bot.adapters import git_commands as commands
from bot.adapters.files import write_whole
from bot.adapters.git_audit_log import changed_blobs, parse_steps
from bot.adapters.git_fetch import TAGS
from bot.adapters.git_ledger import Ledger
from bot.adapters.git_log import parse_log
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.adapters.git_verify import Verifier
from bot.core.tagobject import parse_tag_object
from bot.core.trail import Gap, Relation, Sighting, Signature, TagFact, Trail

_MOST_NAMED: Final = 5


class GitAudit:
    """Reads refs, tags and the ledger's history as fetched; `memory` is a file that may be lost at any time.

    `trusting` is entered around every look at the cache, and learns of it where that failed.
    """

    def __init__(
        self,
        runner: Runner,
        target: str,
        ledger: Ledger,
        *,
        memory: Path,
        verifier: Verifier | None,
        trusting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._trusting = trusting
        self._runner = runner
        self._target = target
        self._ledger = ledger
        self._memory = memory
        self._verifier = verifier

    def trail(self) -> Trail:
        """The target's tip, all release tags and the whole ledger; `remember` keeps which signatures were good."""
        with self._trusting():
            listed, log = self._listed_tags(), self._ledger_log()
            annotated = [oid for oid, kind, _ in listed if kind == "tag"]
            objects = self._ledger.objects([*annotated, *changed_blobs(log)])
            return Trail(self._target, self._tags(listed, objects), parse_steps(log, objects))

    def gap(self, older: str, newer: str) -> Gap:
        """How the target got from one commit to the other, with the newest of the commits that came in."""
        ended = self._runner.run(commands.count_sides(older, newer))
        sides = ended.out.split()
        if ended.code or len(sides) != len(("older", "newer")):
            return Gap(Relation.APART)
        lost, came = int(sides[0]), int(sides[1])
        with self._trusting():
            commits = parse_log(self._runner.check(commands.log(older, newer, _MOST_NAMED))) if came else ()
        return Gap(_relation(lost, came), came, commits)

    @property
    def rule(self) -> str:
        """What signatures are held to, as a digest; empty where they are not checked."""
        return self._verifier.rule if self._verifier else ""

    def sighting(self) -> Sighting:
        """What earlier audits here saw; nothing where that was lost."""
        try:
            return _sighting(json.loads(self._memory.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Sighting()

    def remember(self, sighting: Sighting) -> None:
        """Keep it for the next audit; BotError where it cannot be written."""
        told = {
            "ledger": sighting.ledger,
            "tags": sighting.tags,
            "verified": sorted(sighting.verified),
            "rule": sighting.rule,
        }
        write_whole(self._memory, json.dumps(told, indent=0).encode("ascii"))

    def _listed_tags(self) -> list[list[str]]:
        """The id, the kind of object and the ref of each release tag."""
        told = self._runner.check(commands.TAG_REFS).decode("utf-8", "replace")
        # A name may hold what other people take for the end of a line.
        return [line.split(" ", 2) for line in told.split("\n") if line]

    def _ledger_log(self) -> str:
        tip = self._ledger.tip
        return self._runner.check(commands.ledger_log(tip)).decode("utf-8", "replace") if tip else ""

    def _tags(self, listed: Sequence[Sequence[str]], objects: Mapping[str, bytes]) -> tuple[TagFact, ...]:
        return self._verified([_fact(oid, kind, ref.removeprefix(TAGS), objects) for oid, kind, ref in listed])

    def _verified(self, facts: list[TagFact]) -> tuple[TagFact, ...]:
        if self._verifier is None:
            return tuple(_judged(fact, Signature.UNCHECKED) for fact in facts)
        known = self.sighting()
        before = known.verified if known.rule == self._verifier.rule else frozenset()
        signed = [fact.oid for fact in facts if fact.signature is not Signature.NONE]
        good = self._verifier.good([oid for oid in signed if oid not in before]) | before
        return tuple(
            fact
            if fact.signature is Signature.NONE
            else _judged(fact, Signature.GOOD if fact.oid in good else Signature.BAD)
            for fact in facts
        )


def _fact(oid: str, kind: str, name: str, objects: Mapping[str, bytes]) -> TagFact:
    if kind != "tag":
        return TagFact(name, oid, kind, oid if kind == "commit" else None, signature=Signature.NONE)
    read = parse_tag_object(objects[oid])
    commit = read.target if read.kind == "commit" else None
    signature = Signature.BAD if read.signature else Signature.NONE
    return TagFact(name, oid, kind, commit, read.name, read.message, signature)


def _judged(fact: TagFact, signature: Signature) -> TagFact:
    return TagFact(fact.name, fact.oid, fact.kind, fact.commit, fact.named, fact.message, signature)


def _relation(lost: int, came: int) -> Relation:
    if lost:
        return Relation.APART if came else Relation.BEHIND
    return Relation.AHEAD if came else Relation.SAME


def _sighting(told: Any) -> Sighting:
    ids = [told["ledger"] or "0" * 40, *told["tags"].values(), *told["verified"]]
    if not all(isinstance(each, str) and is_full_id(each) for each in ids):
        raise ValueError("it holds something that is no id")
    return Sighting(told["ledger"], dict(told["tags"]), frozenset(told["verified"]), str(told["rule"]))
