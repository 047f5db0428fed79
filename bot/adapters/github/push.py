"""The other way to push: every object by REST, each held to its id, then the refs by one GraphQL `updateRefs` (I2, I4).

Where `updateRefs` moves refs to nothing but commits, as GitHub has been seen to do, branches and ledger still move
together, and the annotated tag follows at once in a request that only ever makes a new ref. In between, the remote
holds a part of the promotion: reading back calls it that, and the same push again brings the rest (I8).
"""

from collections.abc import Callable
from typing import Any, Final

from github.Repository import Repository

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.failures import Rejected, Unsure
from bot.adapters.github.objects import UntellableError, address, in_order, told
from bot.adapters.github.refusals import detail_of, outcome_of, takes_no_tag
from bot.core.lost import lost_race, overtaken
from bot.core.objects import tag_bytes
from bot.core.parcel import GitObject, ObjectKind, Parcel, Wanted
from bot.core.plan import updates
from bot.core.promotion import PushOutcome, PushReport, RefResult, RefUpdate, Way

MOST: Final = 100
"""Objects of one push; GitHub allows 80 such requests a minute."""

_UPDATE: Final = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 1.0


class ApiPush:
    """Sends pushes through GitHub's API; `client` makes the way there once there is something to send."""

    words = "through GitHub's API (its objects, then `updateRefs`)"

    def __init__(self, client: Callable[[], Client]) -> None:
        self._make = client
        self._repository_id = ""

    def carry(self, parcel: Parcel) -> PushReport:
        """Send it, each ref on the condition of its lease.

        Raises:
            BotError: nothing is known of how it ended, or GitHub could not be asked.
        """
        wanted = updates(parcel.prepared)
        stale = overtaken(wanted, parcel.held)
        if lost := lost_race(wanted, stale):
            return PushReport(lost, (), f"{', '.join(stale)}: not at the expected commit any more; nothing was sent")
        lacking = tuple(line for line in wanted if parcel.held.get(line.ref) != line.new)
        try:
            self._send(parcel, lacking)
        except UntellableError as error:
            # Before any ref was touched.
            return PushReport(PushOutcome.UNFIT, (), f"{error}; nothing was moved")
        except Rejected as no:
            return PushReport(outcome_of(no, lacking), (), detail_of(no))
        return PushReport(PushOutcome.LANDED, tuple(_result(line, parcel) for line in wanted), "")

    def _send(self, parcel: Parcel, lacking: tuple[RefUpdate, ...]) -> None:
        if not lacking:
            return
        client = self._make()
        for made in in_order(_objects(client, parcel, lacking)):
            _make(client, made)
        self._move(client, lacking, _forced(parcel))

    def _move(self, client: Client, lacking: tuple[RefUpdate, ...], forced: frozenset[str]) -> None:
        """All at once where GitHub can do that; else all but the tag, and then the tag."""
        try:
            self._update(client, lacking, forced)
        except Rejected as no:
            tags = tuple(line for line in lacking if line.ref.startswith("refs/tags/"))
            if not tags or not takes_no_tag(no):
                raise
            # This order: a tag of a promotion that was refused could never be taken back (I5).
            self._update(client, tuple(line for line in lacking if line not in tags), forced)
            for line in tags:
                _create(client, line)

    def _update(self, client: Client, lines: tuple[RefUpdate, ...], forced: frozenset[str]) -> None:
        if not lines:
            return
        moves = [_move_of(line, is_forced=line.ref in forced) for line in lines]
        asked = {"repositoryId": self._id(client), "refUpdates": moves}
        done = client.mutate(_UPDATE, {"input": asked}).get("updateRefs")
        if not isinstance(done, dict):
            raise Unsure("GitHub's answer does not say whether it has moved the refs.")

    def _id(self, client: Client) -> str:
        """GraphQL's own name of the repository, asked once."""
        if not self._repository_id:
            found = client.get("")
            if not isinstance(found, dict) or not isinstance(found.get("node_id"), str):
                raise UntellableError("GitHub does not say what GraphQL calls the repository")
            self._repository_id = found["node_id"]
        return self._repository_id


def _forced(parcel: Parcel) -> frozenset[str]:
    return frozenset(move.ref for move in parcel.prepared.plan.moves if move.way is Way.REWIND)


def _move_of(line: RefUpdate, *, is_forced: bool) -> dict[str, Any]:
    """One move as `updateRefs` wants it; zeros say that there must be no such ref."""
    before = line.expected or "0" * len(line.new)
    return {"name": line.ref, "beforeOid": before, "afterOid": line.new, "force": is_forced}


def _objects(client: Client, parcel: Parcel, lacking: tuple[RefUpdate, ...]) -> tuple[GitObject, ...]:
    """What GitHub does not have yet, as far as is known; UntellableError where that is too much."""
    found = parcel.objects(_wanted(client, parcel, lacking), MOST)
    if found is None:
        raise UntellableError(f"More than {MOST} objects go with it, which are too many single requests")
    return (*found, *_tag(parcel, lacking))


def _tag(parcel: Parcel, lacking: tuple[RefUpdate, ...]) -> tuple[GitObject, ...]:
    plan, sha = parcel.prepared.plan.tag, parcel.prepared.tag_oid
    if plan is None or sha is None or all(line.new != sha for line in lacking):
        return ()
    return (GitObject(sha, ObjectKind.TAG, tag_bytes(plan)),)


def _wanted(client: Client, parcel: Parcel, lacking: tuple[RefUpdate, ...]) -> Wanted:
    """The commits that GitHub lacks, and those that it has: leases, what commits are made from, what it shows."""
    prepared = parcel.prepared
    planned = {commit.sha for commit in prepared.plan.commits}
    tips = [line.new for line in lacking if line.new != prepared.tag_oid]
    made_here = planned | {prepared.ledger_oid}
    roots = [sha for sha in tips if sha in made_here or not _is_there(client, sha)]
    known = {*_grounds(parcel), *(sha for sha in tips if sha not in roots)}
    return Wanted(tuple(dict.fromkeys(roots)), tuple(sorted(known - planned - set(roots))))


def _grounds(parcel: Parcel) -> set[str]:
    plan = parcel.prepared.plan
    grounds = {move.before for move in plan.moves} | {plan.ledger_before}
    for commit in plan.commits:
        grounds |= {*commit.parents, commit.copied_from, commit.picked_from}
    return {sha for sha in grounds if sha}


def _is_there(client: Client, sha: str) -> bool:
    found = rest.find(client, f"/git/commits/{sha}")
    return found is not None and found.get("sha") == sha


def _make(client: Client, made: GitObject) -> None:
    """Make one object, whose id depends on nothing but its content, so that it may be sent again.

    Raises:
        UntellableError: GitHub makes another one of it.
    """
    body = told(made)
    answer = _posted(client, lambda repository: rest.posted(repository, address(made.kind), body))
    if answer.get("sha") != made.sha:
        raise UntellableError(f"GitHub would write the {made.kind} {made.sha[:12]} in its own way, with another id")


def _posted(client: Client, send: Callable[[Repository], rest.Item]) -> rest.Item:
    for attempt in range(1, _ATTEMPTS):
        try:
            return client.write(send)
        except Unsure:
            if not client.wait(_PAUSE_S * attempt):
                raise
    return client.write(send)


def _create(client: Client, line: RefUpdate) -> None:
    """Make a ref that is not there; GitHub refuses where it is."""
    try:
        made = client.write(lambda repository: rest.posted(repository, "/git/refs", {"ref": line.ref, "sha": line.new}))
    except Rejected as no:
        raise Rejected(no.sentence, no.status, no.codes, no.said, f"{line.ref}: {no.words}") from None
    if made.get("ref") != line.ref:
        raise Unsure("GitHub's answer does not say whether it has made the tag.")


def _result(line: RefUpdate, parcel: Parcel) -> RefResult:
    """The same as git would report it."""
    if parcel.held.get(line.ref) == line.new:
        return RefResult(line.ref, "=", "[up to date]")
    if line.expected is None:
        return RefResult(line.ref, "*", "[new reference]")
    flag = "+" if line.ref in _forced(parcel) else " "
    return RefResult(line.ref, flag, f"{line.expected[:7]}..{line.new[:7]}")
