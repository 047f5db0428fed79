"""Whether the host's webhooks arrive: what listens for a push to main may be what deploys it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.doctor import Area, Finding, Level
from bot.core.text import plain

_FINE: Final = range(200, 300)
_WORD: Final = 40
# The host's word for "nothing was sent lately"; no word at all and no answer mean the same.
_UNUSED: Final = ("", "unused")


@dataclass(frozen=True, slots=True)
class Hook:
    """An active webhook: its number, whom it tells, and how that answered last.

    `host` is the receiver's name alone, without the path, query and user of an address, any of which may be a secret;
    empty where there is none to be shown. `code` is the last answer's status, None where none came; `status` is the
    host's own word for how it went.
    """

    number: int
    host: str
    code: int | None
    status: str

    @property
    def is_unused(self) -> bool:
        """Whether nothing was sent lately, so that nothing is known."""
        return self.code is None and self.status in _UNUSED

    @property
    def arrives(self) -> bool:
        """Whether the last thing that was sent was taken."""
        return self.code in _FINE


def judge_hooks(hooks: Sequence[Hook]) -> Iterator[Finding]:
    """A line for each whose last delivery was not taken; one for all where there is none such."""
    failing = [each for each in hooks if not (each.arrives or each.is_unused)]
    for each in failing:
        seen = f"webhook {each.number}{_whom(each)} {_answer(each)} to the last delivery"
        yield Finding(Area.HOST, "webhooks", Level.WARN, seen, _ACTION)
    if not failing:
        yield Finding(Area.HOST, "webhooks", Level.OK, _fine(hooks))


_ACTION: Final = (
    "If a deployment hangs on it, main may move and nothing be deployed: see Settings > Webhooks > Recent deliveries, "
    "repair its receiver and redeliver, or delete it."
)


def _whom(each: Hook) -> str:
    return f" to {plain(each.host)}" if each.host else ""


def _answer(each: Hook) -> str:
    if each.code:
        return f"had the answer {each.code}"
    return f"had no answer ({plain(each.status, _WORD)})" if each.status else "had no answer"


def _fine(hooks: Sequence[Hook]) -> str:
    taken = sum(each.arrives for each in hooks)
    unused = len(hooks) - taken
    if not hooks:
        return "none is active"
    parts = (f"the last delivery of {taken} was taken" if taken else "", f"{unused} had none lately" if unused else "")
    return f"{len(hooks)} active: {', '.join(part for part in parts if part)}"
