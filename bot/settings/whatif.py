"""Objectives given outside the configuration, for judging a stored run under other limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.core.loadplan import Objective
from bot.errors import ConfigurationError
from bot.settings.fieldchecks import findings_of
from bot.settings.findings import to_problems
from bot.settings.load import read_document
from bot.settings.schema import Slo
from bot.settings.words import printable


def parse_objectives(table: Mapping[str, Any], source: str) -> tuple[Objective, ...]:
    """The objectives of a table written as `[scenario.slo]` is.

    Raises:
        ConfigurationError: it carries all problems.
    """
    document = dict(table)
    try:
        return Slo.model_validate(document).all_objectives()
    except ValidationError as error:
        raise ConfigurationError(
            source, to_problems(document, findings_of(error, document, ("scenario", "slo")))
        ) from None


def read_objectives(path: Path) -> tuple[Objective, ...]:
    """The objectives of a TOML file of that form; ConfigurationError where it is none."""
    return parse_objectives(read_document(path), printable(str(path)))


def replaced(objectives: tuple[Objective, ...], wanted: tuple[Objective, ...]) -> tuple[Objective, ...]:
    """The objectives with those of `wanted` in place of theirs, and the rest of `wanted` behind."""
    asked = {(each.key, each.endpoint): each for each in wanted}
    kept = tuple(asked.pop((each.key, each.endpoint), each) for each in objectives)
    return kept + tuple(asked.values())
