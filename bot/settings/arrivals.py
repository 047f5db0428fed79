"""How the arrivals of an open-model scenario lie in time: the table, and which keys each shape knows."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from bot.core.loadplan import Spacing
from bot.settings import kinds, loadkinds
from bot.settings.table import Table


class Shape(StrEnum):
    """How the rate goes over the measured time."""

    CONSTANT = "constant"
    RAMP = "ramp"
    STEPS = "steps"
    SPIKE = "spike"


# The keys that a shape must have, and those that it may have.
REQUIRED: Final[dict[Shape, tuple[str, ...]]] = {
    Shape.CONSTANT: (),
    Shape.RAMP: ("from",),
    Shape.STEPS: ("rates",),
    Shape.SPIKE: ("base", "at", "for"),
}
OPTIONAL: Final[dict[Shape, tuple[str, ...]]] = {
    Shape.CONSTANT: (),
    Shape.RAMP: ("over",),
    Shape.STEPS: (),
    Shape.SPIKE: (),
}
DEFAULT_SEED: Final = 1

_SHAPE: Final = kinds.member(Shape)
_SPACING: Final = kinds.member(Spacing)
_OVER: Final = kinds.duration("1s", "7d")
_AT: Final = kinds.duration("0s", "7d")
_FOR: Final = kinds.duration("100ms", "7d")
_SEED: Final = kinds.whole(0, 2**32 - 1, "a number")


def known_to(shape: Shape) -> tuple[str, ...]:
    """The keys of a shape's own."""
    return REQUIRED[shape] + OPTIONAL[shape]


def foreign_to(shape: Shape) -> tuple[str, ...]:
    """The keys that belong to other shapes only."""
    return tuple(key for each in Shape for key in known_to(each) if key not in known_to(shape))


def _one_shape() -> Iterator[dict[str, Any]]:
    """The JSON Schema of each shape: what it demands, and what it does not know."""
    for shape in Shape:
        named = () if shape is Shape.CONSTANT else ("shape",)
        yield {
            "properties": {"shape": {"const": shape.value}},
            "required": [*named, *REQUIRED[shape]],
            "not": {"anyOf": [{"required": [key]} for key in foreign_to(shape)]},
        }


class Arrivals(Table):
    """How the arrivals lie in time; open model only. `rate` of the scenario is the highest rate of every shape."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": list(_one_shape()),
            "dependentSchemas": {
                "seed": {"properties": {"spacing": {"const": Spacing.POISSON.value}}, "required": ["spacing"]}
            },
        }
    )

    shape: Annotated[Shape, _SHAPE] = Field(
        Shape.CONSTANT,
        description="How the rate goes over the measured time: always `rate`; a straight line up to it; equal parts at "
        "one rate each; or up to it for a moment.",
        examples=["ramp"],
    )
    from_: Annotated[float | None, loadkinds.RATE] = Field(
        None, alias="from", description="Shape ramp: the rate at the start, below `rate`.", examples=[100]
    )
    over: Annotated[float | None, _OVER] = Field(
        None,
        description="Shape ramp: how long it climbs; then it stays at `rate`. Default: the whole duration.",
        examples=["1m"],
    )
    rates: Annotated[tuple[float, ...] | None, loadkinds.RATES] = Field(
        None,
        description="Shape steps: the rates in their order, for equal parts of the duration; the highest is `rate`.",
        examples=[[100, 500, 1000]],
    )
    base: Annotated[float | None, loadkinds.RATE] = Field(
        None, description="Shape spike: the rate before and after, below `rate`.", examples=[200]
    )
    at: Annotated[float | None, _AT] = Field(
        None, description="Shape spike: when it begins, from the start of the measured time.", examples=["30s"]
    )
    for_: Annotated[float | None, _FOR] = Field(
        None,
        alias="for",
        description="Shape spike: how long it lasts; it ends within the measured time.",
        examples=["10s"],
    )
    spacing: Annotated[Spacing, _SPACING] = Field(
        Spacing.EVEN,
        description="At equal distances, or at random as strangers arrive (a Poisson process).",
        examples=["poisson"],
    )
    seed: Annotated[int | None, _SEED] = Field(
        None,
        description=f"Spacing poisson: the same seed gives the same arrivals. Default: {DEFAULT_SEED}.",
        examples=[7],
    )
