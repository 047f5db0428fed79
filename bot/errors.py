"""The error tree: what adapters and commands raise, and how it becomes an exit code."""

from bot.core.reasons import Exit, Reason

__all__ = ["BotError", "ConfigurationError", "Exit", "OutOfTime", "Problem", "Reason"]

from dataclasses import dataclass


class BotError(Exception):
    """A failure that has a reason: the command ends with that reason's exit code and one line of words.

    `sentence` says what happened; `action` says what to do and defaults to the reason's own.
    """

    def __init__(self, reason: Reason, sentence: str, action: str | None = None) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.action = action or reason.action


class OutOfTime(KeyboardInterrupt):
    """The time of a whole command is over, which ends it as an interrupt does (I13).

    It is no BotError: whoever goes on after one thing that failed must not go on after this. `error` is what to tell.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.error = BotError(Reason.DEADLINE_EXCEEDED, sentence)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: where (key path), what is wrong, what is allowed."""

    path: str
    wrong: str
    allowed: str


class ConfigurationError(BotError):
    """Every problem of a configuration or a command line at once; nothing was touched."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        count = f"{len(problems)} problem" + ("" if len(problems) == 1 else "s")
        super().__init__(Reason.BAD_CONFIGURATION, f"{source}: {count}")
        self.source = source
        self.problems = problems
