"""What the gate does besides judging one measurement: measuring again, and remembering past nights."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field

from bot.core.loadplan import BaselineRule
from bot.settings import kinds
from bot.settings.leaf import Leaf
from bot.settings.table import Table
from bot.settings.words import wrong_type

_RULE: Final = BaselineRule()

_RETRY: Final = kinds.whole(0, 3, "repetitions")
_NIGHTS: Final = kinds.whole(2, 1000, "nights")
_ANCHOR: Final = kinds.whole(0, 100, "released commits")
_WAIT: Final = kinds.duration("0s", "6h")


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    names = tuple(map(kinds.text_of, value))
    if len(set(names)) < len(names):
        raise ValueError("names a check twice")
    return names


_CHECKS: Final = Leaf(
    _names,
    "names of checks, each once",
    {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True},
    list,
)
_JUMP: Final = kinds.number(0, 100, "deviations")


class ChangePoint(StrEnum):
    """What a change point in the history means for tonight."""

    WARN = "warn"
    BLOCK = "block"


_CHANGE_POINT: Final = kinds.member(ChangePoint)


class Gate(Table):
    """How the gate comes to its answer."""

    retry: Annotated[int, _RETRY] = Field(
        0,
        description="How often a run that came to INCONCLUSIVE or INVALID is measured again, whole. All attempts stay "
        "in the record; FAIL is never measured again.",
        examples=[1],
    )
    required_checks: Annotated[tuple[str, ...], _CHECKS] = Field(
        (),
        description="Checks of the host that must have succeeded on the candidate: all of them, the newest word of "
        "each. Skipped, neutral, missing and pending are not success.",
        examples=[["test", "security", "build"]],
    )
    checks_wait: Annotated[float, _WAIT] = Field(
        0.0, description="How long a check that is pending or missing is waited for.", examples=["10m"]
    )


class Baseline(Table):
    """Which past nights set the objectives that are relative to a baseline, such as `p95 = "< 1.2x baseline"`."""

    nights: Annotated[int, _NIGHTS] = Field(
        _RULE.nights,
        description="The last so many valid, passed nights of the same profile count; of several runs of one "
        "commit only the latest.",
        examples=[30],
    )
    least: Annotated[int, _NIGHTS] = Field(
        _RULE.least, description="With fewer nights there is no baseline, and the report says so.", examples=[7]
    )
    anchor: Annotated[int, _ANCHOR] = Field(
        _RULE.anchor,
        description="The last so many released commits, which keep a slow drift from becoming the norm.",
        examples=[10],
    )
    jump: Annotated[float, _JUMP] = Field(
        _RULE.jump,
        description="The robust z (deviations from the median) beyond which a night stands out.",
        examples=[5],
    )
    change_point: Annotated[ChangePoint, _CHANGE_POINT] = Field(
        ChangePoint.BLOCK if _RULE.block else ChangePoint.WARN,
        description="What a night that stands out does, and a change point in the history, which names the suspect "
        "night: warn, or block. An old change point only ever warns.",
        examples=["block"],
    )

    @property
    def rule(self) -> BaselineRule:
        """The rule as the judgement knows it."""
        return BaselineRule(self.nights, self.least, self.anchor, self.jump, self.change_point is ChangePoint.BLOCK)
