"""Made-up histories for pure tests: commits with real-looking ids, told oldest first, handed over newest first."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.candidate import Commit

EPOCH = 1_700_000_000


@dataclass
class Story:
    """A history in the making; every commit follows the one before on its line unless parents are given."""

    commits: list[Commit] = field(default_factory=list)
    tip: str | None = None

    def add(
        self,
        subject: str,
        body: str = "",
        *,
        by: str = "Ada Lovelace",
        email: str = "ada@example.com",
        parents: Sequence[str] | None = None,
        authored_at: int | None = None,
        committed_at: int | None = None,
    ) -> str:
        """Add a commit and return its id; it becomes the tip."""
        number = len(self.commits)
        at = EPOCH + 60 * number if authored_at is None else authored_at
        given = parents if parents is not None else ([self.tip] if self.tip else [sha_of("before the range")])
        sha = sha_of(f"{number} {subject}")
        committed = at if committed_at is None else committed_at
        self.commits.append(Commit(sha, tuple(given), by, email, at, committed, subject, body))
        self.tip = sha
        return sha

    def revert(self, sha: str, **more: object) -> str:
        """What `git revert` writes."""
        undone = next(commit for commit in self.commits if commit.sha == sha)
        return self.add(f'Revert "{undone.subject}"', f"This reverts commit {sha}.\n", **more)  # type: ignore[arg-type]

    def newest_first(self) -> tuple[Commit, ...]:
        return tuple(reversed(self.commits))


def sha_of(text: str) -> str:
    """An id that looks like one and is always the same for the same text."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def story(*subjects: str) -> Story:
    """A straight history with these subjects, oldest first."""
    told = Story()
    for subject in subjects:
        told.add(subject)
    return told
