"""Reading the configuration: bytes in, settings out, or one error that names every problem at once."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from bot.errors import ConfigurationError, Problem
from bot.settings.crosschecks import cross_findings
from bot.settings.fieldchecks import findings_of
from bot.settings.findings import to_problems
from bot.settings.leaf import Document, Place
from bot.settings.payload import payload_findings
from bot.settings.schema import Settings
from bot.settings.words import printable

LARGEST: Final = 128 * 1024

# tomllib takes quadratic time for the dots of one key: a single line could keep it busy for minutes.
_LONGEST_LINE: Final = 4000
_WHOLE: Final = "(file)"

_POSITION: Final = re.compile(r"\(at ([^)]*)\)$")
_TOML: Final = "TOML (toml.io), every key and table once"


def load_settings(path: Path) -> Settings:
    """Read, check and complete one configuration file.

    Raises:
        ConfigurationError: and nothing else, whatever the file holds; it carries all problems.
    """
    document = read_document(path)
    try:
        place = Place(path.absolute().parent, Path.cwd())
    except OSError as error:
        raise _unreadable(path, error) from None
    return settle(document, place, _name(path))


def read_document(path: Path) -> dict[str, Any]:
    """What one TOML file holds.

    Raises:
        ConfigurationError: it cannot be read, or is no TOML.
    """
    try:
        data = _read(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    document, problem = _parsed(data)
    if problem is not None:
        raise ConfigurationError(_name(path), (problem,))
    return document


def _name(path: Path) -> str:
    return printable(str(path))


def _unreadable(path: Path, error: OSError | ValueError) -> ConfigurationError:
    words = (error.strerror or "input/output error") if isinstance(error, OSError) else str(error)
    problem = Problem(_WHOLE, f"cannot be read ({printable(words)})", "a readable TOML file")
    return ConfigurationError(_name(path), (problem,))


def _read(path: Path) -> bytes:
    """All bytes of a regular file; a pipe could block for ever."""
    if path.exists() and not path.is_file():
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024} KiB")
    return data


def _parsed(data: bytes) -> tuple[dict[str, Any], Problem | None]:
    """The document, or what keeps it from being one; errors are values here, so that none is chained to ours."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return {}, Problem(f"line {data[: error.start].count(10) + 1}", "is not UTF-8 text", "UTF-8")
    lengthy = next((number for number, line in enumerate(text.split("\n"), 1) if len(line) > _LONGEST_LINE), None)
    if lengthy is not None:
        return {}, Problem(f"line {lengthy}", "is too long", f"lines of at most {_LONGEST_LINE} characters")
    try:
        document = tomllib.loads(text)
    except RecursionError:
        return {}, Problem(_WHOLE, "is nested too deeply", _TOML)
    except ValueError as error:
        return {}, _syntax(str(error))
    return document, None if document else Problem(_WHOLE, "holds no key", "[repository], [staging], [[scenario]], …")


def _syntax(message: str) -> Problem:
    position = _POSITION.search(message)
    where = position[1] if position else _WHOLE
    what = _POSITION.sub("", message).strip()
    return Problem(printable(where), f"is not TOML: {printable(what[:200])}", _TOML)


def settle(document: Document, place: Place, source: str) -> Settings:
    """Check a document that was read already, and complete it; `source` names it in the error.

    Raises:
        ConfigurationError: it carries all problems.
    """
    settings, findings = None, list[Any]()
    try:
        settings = Settings.model_validate(document, context=place)
    except ValidationError as error:
        findings = list(findings_of(error, document))
    findings += [*cross_findings(document), *payload_findings(document, place)]
    if settings is None or findings:
        raise ConfigurationError(source, to_problems(document, findings))
    return settings
