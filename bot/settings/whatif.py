"""Objectives given outside the configuration, for judging a stored run under other limits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from bot.core.loadplan import Objective, RelativeObjective, ScenarioPlan
from bot.errors import ConfigurationError, Problem
from bot.settings.fieldchecks import findings_of
from bot.settings.findings import to_problems
from bot.settings.load import read_document
from bot.settings.slo import Slo
from bot.settings.words import printable


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Objectives to judge by instead: whatever limits an objective has, those named here take their place."""

    objectives: tuple[Objective, ...] = ()
    relative: tuple[RelativeObjective, ...] = ()

    def then(self, later: "WhatIf") -> "WhatIf":
        """Both, where the later one wins."""
        return WhatIf(*_under(later, self.objectives, self.relative))

    def on(self, scenario: ScenarioPlan) -> ScenarioPlan:
        """The scenario under these objectives; those that are not named stay, new ones come behind."""
        objectives, relative = _under(self, scenario.objectives, scenario.relative)
        return replace(scenario, objectives=objectives, relative=relative)


def _under(
    wanted: WhatIf, objectives: tuple[Objective, ...], relative: tuple[RelativeObjective, ...]
) -> tuple[tuple[Objective, ...], tuple[RelativeObjective, ...]]:
    asked = {_key(each): each for each in wanted.objectives}
    named = asked.keys() | {_key(each) for each in wanted.relative}
    # In the place of what it replaces, so that the checks stay in their order.
    kept = tuple(asked.pop(_key(each), each) for each in objectives if _key(each) in asked or _key(each) not in named)
    others = tuple(each for each in relative if _key(each) not in named)
    return kept + tuple(asked.values()), others + wanted.relative


def _key(each: Objective | RelativeObjective) -> tuple[str, str | None]:
    return each.key, each.endpoint


def parse_objectives(table: Mapping[str, Any], source: str) -> WhatIf:
    """The objectives of a table written as `[scenario.slo]` is.

    Raises:
        ConfigurationError: it carries all problems.
    """
    document = dict(table)
    try:
        slo = Slo.model_validate(document)
        return WhatIf(slo.all_objectives(), slo.relative_objectives())
    except ValidationError as error:
        raise ConfigurationError(
            source, to_problems(document, findings_of(error, document, ("scenario", "slo")))
        ) from None


def read_objectives(path: Path) -> WhatIf:
    """The objectives of a TOML file of that form, with or without the heading; ConfigurationError where it is none."""
    source = printable(str(path))
    return parse_objectives(_below_heading(read_document(path), source), source)


def _below_heading(document: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    """What stands under `[scenario.slo]`, where that is all of the document; without that heading all of it."""
    match document:
        case {"scenario": [{"slo": dict() as found, **others}], **rest} if not (others or rest):
            return found
        case {"scenario": {"slo": dict() as found, **others}, **rest} if not (others or rest):
            return found
        case {"scenario": list()} | {"scenario": {"slo": _}}:
            raise ConfigurationError(source, (Problem("scenario", "holds more than limits", _ALONE),))
    return document


_ALONE: Final = "the limits alone, or under one [scenario.slo] with nothing beside it; they hold for every scenario"
