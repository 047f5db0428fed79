"""Each standing quarantine as a tip meets it: what the tip holds of what is bad, and what followed."""

from collections.abc import Mapping

from bot.core.control import Control, Standing
from bot.core.quarantine import Case
from bot.core.reverts import patch_of
from bot.flows import ports


def cases(repository: ports.Repository, now: Standing, tip: str) -> tuple[Case, ...]:
    """Each standing quarantine as that tip (a full id) meets it."""
    return Quarantines(repository, now).at(tip)


class Quarantines:
    """What stands in quarantine, asked about many tips: what hangs on the quarantine alone is read once."""

    def __init__(self, repository: ports.Repository, now: Standing) -> None:
        self._repository = repository
        self._events = now.quarantined
        self._bases: dict[str, str | None] = {}
        self._ranges: dict[str, dict[str, object]] = {}

    def at(self, tip: str) -> tuple[Case, ...]:
        """Each standing quarantine as that tip (a full id) meets it."""
        return tuple(self._case(event, event.sha or "", tip) for event in self._events)

    def _case(self, event: Control, sha: str, tip: str) -> Case:
        base = self._base(event, sha)
        if base is not None:
            return self._since(base, event, self._range(base, sha), tip)
        if self._repository.resolve(sha) is None:
            return Case(event)
        commit = self._repository.commit(sha)
        parent = next(iter(commit.parents), "")
        # It is the one commit, or a merge with all that it brought in: fewer whose revert would count as the fix.
        has_it = self._repository.contains(tip, sha)
        return self._since(parent, event, self._range(parent, sha) if has_it else {sha: patch_of(commit)}, tip)

    def _since(self, base: str, event: Control, patches: Mapping[str, object], tip: str) -> Case:
        since = self._repository.commits(base, tip)
        later = tuple(commit for commit in since if commit.sha not in patches)
        known = frozenset(patches.values())
        return Case(
            event,
            bad=tuple(commit for commit in since if commit.sha in patches),
            later=later,
            again=tuple(commit for commit in later if patch_of(commit) in known),
        )

    def _base(self, event: Control, sha: str) -> str | None:
        """The commit before the range that is bad; None where the event names none, or one that leads nowhere."""
        if sha not in self._bases:
            is_known = event.base is not None and self._repository.resolve(sha) is not None
            leads = is_known and self._repository.contains(sha, event.base or "")
            self._bases[sha] = event.base if leads else None
        return self._bases[sha]

    def _range(self, base: str, sha: str) -> dict[str, object]:
        """The patch of each commit that is bad, by its id."""
        if sha not in self._ranges:
            bad = self._repository.commits(base, sha)
            self._ranges[sha] = {commit.sha: patch_of(commit) for commit in bad}
        return self._ranges[sha]
