"""Make the rules of both branches at least what the policy asks for, and say what holds afterwards."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.core.doctor_fix import Actor, Change, Ruleset, change_for, name_of
from bot.core.doctor_rules import BranchRules, Policy, lacking, source_policy, target_policy
from bot.errors import BotError, Reason


class Rules(Protocol):
    """The rules of branches on the host, and writing one ruleset; every failure is a BotError with its reason."""

    def of_branch(self, branch: str) -> BranchRules:
        """Every rule in force for a branch, asked anew."""
        ...

    def own(self, branch: str) -> Ruleset | None:
        """The one ruleset of that branch which this bot makes, whole; None where there is none."""
        ...

    def write(self, change: Change) -> None:
        """Make it, or put the stricter one in its place; returns where nobody knows whether that was done."""
        ...


def policies(source: str, target: str, checks: Sequence[str]) -> dict[str, Policy]:
    """What each branch's rules should be."""
    return {target: target_policy(checks), source: source_policy(checks)}


def planned(rules: Rules, wanted: dict[str, Policy], bot: Actor) -> Iterator[Change]:
    """What has to be written, branch by branch; nothing where all of it holds."""
    for branch, policy in wanted.items():
        ours = rules.own(branch)
        source = f"ruleset {name_of(branch)}"
        others = [rule for rule in rules.of_branch(branch).rules if rule.source != source]
        change = change_for(branch, policy, others, ours, bot)
        if change is not None:
            yield change


def apply(rules: Rules, wanted: dict[str, Policy], bot: Actor, changes: Sequence[Change]) -> tuple[str, ...]:
    """Write them and read back; a line for each branch that says what holds.

    Raises:
        BotError: HOST_FAILED, when what was written is not there.
    """
    for change in changes:
        rules.write(change)
    left = [change.branch for change in planned(rules, wanted, bot)]
    lacks = {branch: lacking(policy, rules.of_branch(branch).rules) for branch, policy in wanted.items()}
    wrong = [branch for branch in wanted if branch in left or lacks[branch]]
    if wrong:
        told = "; ".join(f"{branch} lacks {', '.join(lacks[branch]) or 'a part of its ruleset'}" for branch in wrong)
        raise BotError(
            Reason.HOST_FAILED, f"Read back after writing, {told}.", "Run it again; it changes nothing twice."
        )
    return tuple(f"{branch} now has all the rules that it should have." for branch in wanted)
