"""The reference of the configuration, made from the schema: config/README.md and the JSON Schema for editors."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, get_args

from pydantic.fields import FieldInfo

from bot.settings import toml
from bot.settings.leaf import leaf_of
from bot.settings.schema import TABLES, Settings
from bot.settings.table import Table, fields_of

_HEADINGS: Final = {
    ("repository",): "[repository]",
    ("staging",): "[staging]",
    ("scenario",): "[[scenario]]",
    ("scenario", "arrivals"): "[scenario.arrivals]",
    ("scenario", "slo"): "[scenario.slo]",
    ("scenario", "slo", "*"): '[scenario.slo."GET /checkout"]',
    ("probe", "http"): '[[probe]] with kind = "http"',
    ("probe", "process"): '[[probe]] with kind = "process"',
    ("probe", "prometheus"): '[[probe]] with kind = "prometheus"',
    ("probe", "command"): '[[probe]] with kind = "command"',
    ("generator",): "[generator]",
    ("gate",): "[gate]",
    ("baseline",): "[baseline]",
    ("hotfix",): "[hotfix]",
    ("schedule",): "[schedule]",
    ("state",): "[state]",
    ("notes",): "[notes]",
    ("audit",): "[audit]",
    ("host",): "[host]",
}
_PATHS: Final = {
    ("scenario", "slo", "*"): 'scenario.slo."GET /checkout"',
    ("probe", "http"): "probe",
    ("probe", "process"): "probe",
    ("probe", "prometheus"): "probe",
    ("probe", "command"): "probe",
}
_TYPES: Final = {"object": "table", "integer": "whole number", "boolean": "true or false"}
_NOTHING: Final = {"type": "null"}
_COLUMNS: Final = ("Path", "Type", "Allowed", "Default", "Meaning", "Example")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the file as TOML holds it."""
    schema = Settings.model_json_schema()
    definitions = {name: _definition(name, each) for name, each in schema.pop("$defs").items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "promotion-bot configuration",
        **_definition(Settings.__name__, schema),
        "$defs": definitions,
    }


def _definition(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One table: pydantic's own titles off, defaults as TOML would hold them, both spellings of p99.9."""
    table = next(each for each in TABLES.values() if each.__name__ == name)
    properties = {key: _property(fields_of(table)[key], each) for key, each in schema["properties"].items()}
    if "p99_9" in properties:
        properties["p99.9"] = properties["p99_9"]
    return {**{key: each for key, each in schema.items() if key != "title"}, "properties": properties}


def _property(field: FieldInfo, schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: each for key, each in schema.items() if key not in ("title", "default")}
    if _NOTHING in kept.get("anyOf", ()):  # TOML has no word for it: the key is left out.
        kept |= next(each for each in kept.pop("anyOf") if each != _NOTHING)
    default = default_of(field)
    return kept if default is None else {**kept, "default": default}


def default_of(field: FieldInfo) -> Any:
    """The default as TOML would hold it, None where the key has none."""
    leaf = leaf_of(field)
    if field.is_required() or leaf is None:
        return None
    value = field.get_default(call_default_factory=True, validated_data={})
    return None if value is None else leaf.dump(value)


def reference() -> str:
    """The text of config/README.md: every table, every key."""
    intro = files("bot.settings").joinpath("reference_intro.md").read_text("utf-8")
    sections = ("\n".join(_section(place, table)) for place, table in TABLES.items() if place)
    return "\n".join((intro, *sections))


def _section(place: tuple[str, ...], table: type[Table]) -> Iterator[str]:
    yield f"## `{_HEADINGS[place]}`"
    yield ""
    yield " ".join((table.__doc__ or "").split())
    yield ""
    yield _row(_COLUMNS)
    yield "|---" * len(_COLUMNS) + "|"
    path = _PATHS.get(place, ".".join(place))
    for key, field in fields_of(table).items():
        yield _row((f"`{path}.{key}`", *_cells(key, field)))
    yield ""


def _cells(key: str, field: FieldInfo) -> tuple[str, ...]:
    """Type, what is allowed, default, meaning and example of one key."""
    leaf = leaf_of(field)
    words = get_args(field.annotation)
    literal = " or ".join(f'"{each}"' for each in words if isinstance(each, str))
    return (
        _type(leaf.schema) if leaf else ("string" if literal else "table"),
        leaf.allowed if leaf else literal or "see below",
        _default_cell(field),
        field.description or "",
        f"`{key} = {toml.inline(field.examples[0])}`" if field.examples else "see below",
    )


def _type(schema: Mapping[str, Any]) -> str:
    either = schema.get("anyOf") or schema.get("oneOf")
    if either:
        return " or ".join(map(_type, either))
    kind = str(schema.get("type", "string"))
    return f"list of {_type(schema['items'])}s" if kind == "array" else _TYPES.get(kind, kind)


def _default_cell(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = default_of(field)
    return "none" if default is None else f"`{toml.inline(default)}`"


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
