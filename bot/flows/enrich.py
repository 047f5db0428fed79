"""What a host adds to release notes; where it cannot be had, that is told, and the notes are the same without it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.candidate import Commit
from bot.core.enrichment import NO_EXTRAS, Extras, asked_of
from bot.core.hosting import Pull
from bot.core.labels import NO_RULES, LabelRules, rules_from
from bot.core.plainyaml import LARGEST, read_yaml
from bot.errors import BotError
from bot.flows import ports

# Both names are GitHub's own.
RULE_FILES: Final = (".github/release.yml", ".github/release.yaml")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked; `own` are the rules of the bot's own configuration, `tell` takes a sentence for people."""

    host: ports.Host
    git: ports.Repository
    own: LabelRules | None
    tell: Callable[[str], object]


def extras_of(asking: Asking, commits: Sequence[Commit], target_sha: str) -> Extras:
    """What the host knows of the commits (newest first), and what labels decide by the target's commit (full id)."""
    if not (asking.host.name and commits):
        return NO_EXTRAS
    return with_rules(asking, _pulls(asking, commits), target_sha)


def with_rules(asking: Asking, pulls: Mapping[str, Pull], target_sha: str) -> Extras:
    """These pull requests, and the rules for them: the configuration's own, else those of the target's release.yml.

    They are read from the protected side, never from the commits that are told of: nobody hides a change by a rule that
    comes with it.
    """
    if not pulls:
        return NO_EXTRAS
    return Extras(pulls, asking.own if asking.own is not None else _rules_at(asking, target_sha))


def _pulls(asking: Asking, commits: Sequence[Commit]) -> Mapping[str, Pull]:
    asked = asked_of(commits)
    if len(asked) < len(commits):
        asking.tell(f"Only the newest {len(asked)} of {len(commits)} commits are looked up on {asking.host.name}.")
    try:
        return asking.host.pulls(asked)
    except BotError as error:
        asking.tell(f"The release notes go without pull requests: {error.sentence} {error.action}")
        return {}


def _rules_at(asking: Asking, target_sha: str) -> LabelRules:
    for name in RULE_FILES:
        try:
            content = asking.git.file_at(target_sha, name, LARGEST)
            if content is not None:
                return rules_from(read_yaml(content))
        except (BotError, ValueError) as error:
            why = error.sentence if isinstance(error, BotError) else f"{error}."
            asking.tell(f"{name} is left out of account: {why}")
            break
    return NO_RULES
