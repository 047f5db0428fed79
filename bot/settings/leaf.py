"""A leaf: one kind of value in the configuration, with its check, its words and its JSON Schema in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where relative paths count from: the configuration file's folder and the working directory, both absolute."""

    folder: Path
    working: Path


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Leaf:
    """One kind of value, put into a field's `Annotated`.

    `parse` turns what TOML holds into the value or raises ValueError with what is wrong (`allowed` says the rest);
    `settle` then resolves it against the place of the file; `dump` writes it back as TOML would hold it.
    """

    parse: Callable[[Any], Any]
    allowed: str
    schema: Mapping[str, Any]
    dump: Callable[[Any], Any] = _as_it_is
    settle: Callable[[Any, Place], Any] | None = field(default=None)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Replace pydantic's own coercions by `parse`."""
        del source, handler
        return core_schema.with_info_plain_validator_function(
            self._check, serialization=core_schema.plain_serializer_function_ser_schema(self._write)
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe what TOML holds, not what it becomes."""
        del core, handler
        return dict(self.schema)

    def _check(self, value: Any, info: ValidationInfo) -> Any:
        parsed = self.parse(value)
        return self.settle(parsed, info.context) if self.settle and isinstance(info.context, Place) else parsed

    def _write(self, value: Any) -> Any:
        return None if value is None else self.dump(value)


def leaf_of(info: FieldInfo) -> Leaf | None:
    """The leaf of a field, wherever in its annotation it stands."""
    nested = [each for part in get_args(info.annotation) for each in (part, *get_args(part))]
    return next((each for each in (*info.metadata, *nested) if isinstance(each, Leaf)), None)
