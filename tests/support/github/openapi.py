"""GitHub's own OpenAPI description: which operation a request is, and what is wrong with it by that description."""

import functools
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import pytest
from jsonschema import Draft4Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT4
from support.github.answers import Json
from support.github.routing import compile_template, decoded
from support.nodes import MODULES

_PATH: Final = MODULES / "@octokit/openapi/generated/api.github.com.json"
_NAME: Final = "urn:github"
# GitHub's pages say which media type an asset may have (any); the description names one.
_ANY_MEDIA_TYPE: Final = frozenset({"/repos/{owner}/{repo}/releases/{release_id}/assets"})
# "This resource is also available via a legacy route", says the description in words; PyGithub takes that one.
_LEGACY: Final = re.compile(r"/repos/([^/]+)/([^/]+)/statuses/([^/]+)")
# "This may leave an empty asset with a state of `starter`", says the page on uploads; the schema does not.
_ONLY_IN_WORDS: Final = "'starter' is not one of"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One method of one path, the `number`th of all; `pointer` leads to its description."""

    number: int
    method: str
    template: str
    parameters: tuple[Json, ...]
    pointer: str
    body: Json | None
    literals: frozenset[str]

    def match(self, path: str, parts: frozenset[str]) -> re.Match[str] | None:
        """Whether that path, as it was sent, with these parts, is one of these."""
        return self._pattern().fullmatch(path) if self.literals <= parts else None

    def _pattern(self) -> re.Pattern[str]:
        multiple = frozenset(one["name"] for one in self.parameters if one.get("x-multi-segment"))
        return compile_template(self.template, multiple)


def require() -> None:
    """Skip the test where the description is not installed; never on a build machine."""
    if not _PATH.exists() and "CI" not in os.environ:
        pytest.skip("the npm packages of the tests are not here")


@functools.cache
def description() -> Json:
    """The whole description, read once a process (0.4 s)."""
    return json.loads(_PATH.read_bytes())


@functools.cache
def _by_rarest_part() -> dict[tuple[str, str], list[Operation]]:
    """All operations by their method and by that fixed part of their path which the fewest others have."""
    everything = [
        (method, template, spec) for template, item in description()["paths"].items() for method, spec in item.items()
    ]
    operations = [_operation(number, *one) for number, one in enumerate(everything)]
    counts = Counter(part for one in operations for part in one.literals)
    found: dict[tuple[str, str], list[Operation]] = {}
    for one in operations:
        rarest = min(one.literals, key=lambda part: (counts[part], part))
        found.setdefault((one.method, rarest), []).append(one)
    return found


def _operation(number: int, method: str, template: str, spec: Json) -> Operation:
    parameters = tuple(_resolved(one) for one in spec.get("parameters", ()))
    pointer = f"#/paths/{template.replace('~', '~0').replace('/', '~1')}/{method}"
    literals = frozenset(part for part in template.split("/") if "{" not in part)
    return Operation(number, method.upper(), template, parameters, pointer, spec.get("requestBody"), literals)


def _resolved(value: Json) -> Json:
    if "$ref" not in value:
        return value
    found: Any = description()
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def find(method: str, path: str) -> tuple[Operation, dict[str, Any]] | None:
    """The operation that this is and the parameters in its path; None for what GitHub does not have."""
    if method == "GET":
        path = _LEGACY.sub(r"/repos/\1/\2/commits/\3/statuses", path)
    parts = frozenset(path.split("/"))
    possible = (operation for part in parts for operation in _by_rarest_part().get((method, part), ()))
    candidates = [(operation, found) for operation in possible if (found := operation.match(path, parts))]
    if not candidates:
        return None
    # The template with more fixed parts is meant where several fit.
    best, found = max(candidates, key=lambda one: (len(one[0].literals), -one[0].number))
    return best, {name: _typed(value, _schema_of(best, name)) for name, value in decoded(found).items()}


def _schema_of(operation: Operation, name: str) -> Json:
    return next((one["schema"] for one in operation.parameters if one["name"] == name), {})


def _typed(value: str, schema: Json) -> Any:
    """A value of the path or query as its schema means it."""
    kind = _resolved(schema).get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


# --- what is wrong with a request


def mistakes(
    operation: Operation, path: Mapping[str, Any], query: Mapping[str, str], body: Any, media_type: str
) -> Iterator[str]:
    """One sentence for each thing that this request has and the description does not allow."""
    yield from _parameter_mistakes(operation, "path", path)
    values = {name: _typed(value, _schema_of(operation, name)) for name, value in query.items()}
    yield from _parameter_mistakes(operation, "query", values)
    known = {one["name"] for one in operation.parameters if one["in"] == "query"}
    yield from (f"the query parameter {name} is not defined" for name in sorted(query.keys() - known))
    yield from _body_mistakes(operation, body, media_type)


def _parameter_mistakes(operation: Operation, place: str, values: Mapping[str, Any]) -> Iterator[str]:
    for one in operation.parameters:
        name = one["name"]
        if one["in"] != place:
            continue
        if name not in values:
            if one.get("required"):
                yield f"the {place} parameter {name} is missing"
            continue
        found = _errors(one["schema"], values[name], Keys.ANY)
        yield from (f"the {place} parameter {name}: {error.message}" for error in found)


def _body_mistakes(operation: Operation, body: Any, media_type: str) -> Iterator[str]:
    if operation.body is None:
        if body not in (None, b"", {}):
            yield "a body is not defined"
        return
    if body in (None, b""):
        if operation.body.get("required"):
            yield "the body is missing"
        return
    content = operation.body["content"]
    if operation.template in _ANY_MEDIA_TYPE:
        yield from () if media_type else ("the content type is missing",)
    elif media_type not in content:
        yield f"the content type {media_type!r} is not one of {', '.join(content)}"
    else:
        kind = media_type.replace("/", "~1")
        schema = {"$ref": f"{_NAME}{operation.pointer}/requestBody/content/{kind}/schema"}
        yield from map(_told, _errors(schema, body, Keys.DEFINED))


def answer_mistakes(operation: Operation, status: int, body: Any) -> Iterator[str]:
    """The same about an answer with JSON in it, by the description of that status."""
    responses = description()["paths"][operation.template][operation.method.lower()]["responses"]
    spec = _resolved(responses.get(str(status), {}))
    if str(status) not in responses:
        yield f"the status {status} is not defined"
    elif "application/json" in spec.get("content", {}):
        schema = _resolved_pointer(responses[str(status)], f"{operation.pointer}/responses/{status}")
        found = map(_told, _errors(schema, body, Keys.ANY))
        yield from (sentence for sentence in found if _ONLY_IN_WORDS not in sentence)


def _resolved_pointer(response: Json, own: str) -> Json:
    pointer = response.get("$ref", own)
    return {"$ref": f"{_NAME}{pointer}/content/application~1json/schema"}


def _told(error: ValidationError) -> str:
    place = ".".join(map(str, error.absolute_path)) or "the body"
    return f"{place}: {error.message[:300]}"


# --- JSON Schema as OpenAPI 3.0 means it


@functools.cache
def _registry() -> Registry:
    return Registry().with_resource(_NAME, DRAFT4.create_resource(description()))


class Keys(Enum):
    """Which keys an object may have."""

    ANY = "any"
    DEFINED = "those that are defined"


def _errors(schema: Json, value: Any, keys: Keys) -> tuple[ValidationError, ...]:
    """What that schema has against a value; what was looked at before is known by its text."""
    if isinstance(value, bytes):
        return tuple(_checker(json.dumps(schema), keys).iter_errors(value))
    return _verdict(json.dumps(schema), json.dumps(value), keys)


@functools.lru_cache(maxsize=8192)
def _verdict(schema: str, value: str, keys: Keys) -> tuple[ValidationError, ...]:
    return tuple(_checker(schema, keys).iter_errors(json.loads(value)))


@functools.lru_cache(maxsize=512)
def _checker(schema: str, keys: Keys) -> Any:
    kind = _STRICT if keys is Keys.DEFINED else _LENIENT
    return kind(json.loads(schema), registry=_registry(), format_checker=_FORMATS)


_FORMATS: Final = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_time(value: Any) -> bool:
    return not isinstance(value, str) or _TIME.fullmatch(value) is not None


def _nullable(keyword: str) -> Any:
    """That keyword, satisfied by null where the schema says so."""
    really = Draft4Validator.VALIDATORS[keyword]

    def check(validator: Any, value: Any, instance: Any, schema: Json) -> Iterable[ValidationError]:
        if instance is not None or not schema.get("nullable"):
            yield from really(validator, value, instance, schema) or ()

    return check


def _closed(validator: Any, properties: Json, instance: Any, schema: Json) -> Iterator[ValidationError]:
    """`properties`, and nothing beside them: a key that GitHub does not know is a mistake of ours."""
    yield from Draft4Validator.VALIDATORS["properties"](validator, properties, instance, schema) or ()
    is_open = "additionalProperties" in schema or any(key in schema for key in ("allOf", "anyOf", "oneOf"))
    if isinstance(instance, dict) and not is_open:
        extra = sorted(instance.keys() - properties.keys())
        yield from (ValidationError(f"the key {key!r} is not defined") for key in extra)


_NULLABLE: Final = {word: _nullable(word) for word in ("type", "enum", "allOf", "anyOf", "oneOf")}
# Several of GitHub's alternatives fit the same object: one is enough.
_NULLABLE["oneOf"] = _NULLABLE["anyOf"]
_LENIENT: Final = extend(Draft4Validator, _NULLABLE)
_STRICT: Final = extend(_LENIENT, {"properties": _closed})
