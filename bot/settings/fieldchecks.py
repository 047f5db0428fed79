"""What the schema found, in our own words: every error of pydantic becomes a finding that repeats no secret."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.settings.findings import Finding, Loc, value_at
from bot.settings.leaf import Document, leaf_of
from bot.settings.probes import PROBE_KINDS
from bot.settings.schema import TABLES
from bot.settings.slo import EndpointSlo, Slo
from bot.settings.table import Table, fields_of
from bot.settings.words import listing, quote, suggestion, toml_type, wrong_type

_ENDPOINT_FORM = 'or a table named by an endpoint, such as [scenario.slo."GET /checkout"]'


def findings_of(error: ValidationError, document: Document, within: tuple[str, ...] = ()) -> Iterator[Finding]:
    """One finding for every error of the schema; `within` names the table (of TABLES) that the document stands for."""
    for each in error.errors(include_url=False, include_input=False):
        yield _finding(each, document, within)


def keys_of(table: type[Table]) -> list[str]:
    """The keys that a table may hold."""
    return list(fields_of(table))


def _finding(error: ErrorDetails, document: Document, within: tuple[str, ...]) -> Finding:
    loc, shape = _places(error["loc"], within)
    match error["type"]:
        case "extra_forbidden":
            return _unknown(loc, TABLES[shape[:-1]])
        case "model_type" if shape[:-1] == ("scenario", "slo"):
            return _unknown(loc, Slo)
        case "union_tag_not_found" | "union_tag_invalid":
            return _wrong_kind((*loc, "kind"), value_at(document, (*loc, "kind")))
        case _:
            return Finding(loc, _wrong(error, value_at(document, loc)), _allowed(shape))


def _wrong(error: ErrorDetails, value: Any) -> str:
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "missing":
            return "is missing"
        case "tuple_type":
            return f"is {toml_type(value)}, not a list of tables"
        case _:
            return f"is {toml_type(value)}, not a table"


def _places(loc: tuple[int | str, ...], within: tuple[str, ...]) -> tuple[Loc, tuple[str, ...]]:
    """The place in the document, and the same as a key of TABLES with the last key behind it."""
    tagged = loc[:1] == ("probe",) and len(loc) > 2  # noqa: PLR2004 - section, entry, kind
    place = (*loc[:2], *loc[3:]) if tagged else loc
    shape = [*within, *(step for step in loc if not isinstance(step, int))]
    if shape[:2] == ["scenario", "slo"] and len(shape) > 3:  # noqa: PLR2004 - an endpoint's name stands third
        shape[2] = "*"
    return place, tuple(shape)


def _unknown(loc: Loc, table: type[Table]) -> Finding:
    known, key = keys_of(table), str(loc[-1])
    if table is EndpointSlo and key in Slo.model_fields:
        return Finding(loc, "is judged for a whole scenario, not for an endpoint", listing(known))
    if key == "p99.9" and issubclass(table, EndpointSlo):
        return Finding(loc, "stands beside p99_9, which means the same", "one of the two")
    allowed = listing(known) + (f", {_ENDPOINT_FORM}" if table is Slo else "")
    return Finding(loc, f"is an unknown key{suggestion(key, known)}", allowed)


def _wrong_kind(loc: Loc, kind: Any) -> Finding:
    if kind is None:
        return Finding(loc, "is missing", listing(PROBE_KINDS))
    if not isinstance(kind, str):
        return Finding(loc, str(wrong_type(kind, "a string")), listing(PROBE_KINDS))
    return Finding(loc, f"{quote(kind)} is unknown{suggestion(kind, PROBE_KINDS)}", listing(PROBE_KINDS))


def _allowed(shape: tuple[str, ...]) -> str:
    """What the field at that place takes; a table's keys where it is a table."""
    table = _table_at(shape)
    if table is not None:
        heading = f"[[{shape[0]}]]" if shape[0] in ("scenario", "probe") and len(shape) == 1 else "a table"
        return f"{heading} with the keys {listing(keys_of(table))}"
    field = fields_of(TABLES[shape[:-1]]).get(shape[-1].replace("p99.9", "p99_9"))
    leaf = leaf_of(field) if field else None
    return leaf.allowed if leaf else listing(PROBE_KINDS)


def _table_at(shape: tuple[str, ...]) -> type[Table] | None:
    return TABLES["probe", "http"] if shape == ("probe",) else TABLES.get(shape)
