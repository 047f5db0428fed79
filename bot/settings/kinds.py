"""The kinds of values that the configuration is made of."""

import math
import re
import string
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.core import units
from bot.core.calendar import parse_zone
from bot.core.cron import parse_cron
from bot.settings import addresses, refs
from bot.settings.leaf import Leaf, Place
from bot.settings.locustfiles import find_locustfile
from bot.settings.options import check_options
from bot.settings.words import listing, looks_secret, printable, quote, wrong_type

_LONGEST_TEXT: Final = 1000
TITLE_FIELDS: Final = ("date", "tag", "sha")
# Names of the other files of a run folder: a scenario of that name would write over them.
RESERVED_NAMES: Final = ("run", "report", "junit", "notes", "manifest", "journal", "service", "locust")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME_FORM: Final = "letters, digits, dot, dash and underscore, beginning with a letter or digit, at most 64"
_GPG: Final = "gpg:"
_GPG_KEY: Final = re.compile(r"(?:0x)?[0-9A-Fa-f]{8,64}")
_DIFFERENCE: Final = re.compile(r"[a-z]+(-[a-z]+)*:.+")
_KEY_PATH: Final = re.compile(r"[^.\s]+(\.[^.\s]+)*")


def text_of(value: Any) -> str:
    """The value when it is a string on one line with something in it; ValueError."""
    if not isinstance(value, str):
        raise wrong_type(value, "a string")
    if not value.strip():
        raise ValueError("is empty")
    if len(value) > _LONGEST_TEXT:
        raise ValueError(f"is longer than {_LONGEST_TEXT} characters")
    if looks_secret(value):
        raise ValueError("holds what looks like a secret; a secret never stands in the configuration")
    if any(ord(char) < ord(" ") or char == "\x7f" for char in value):
        raise ValueError("holds a control character")
    return value


def text(
    check: Callable[[str], Any],
    allowed: str,
    *,
    pattern: str | None = None,
    dump: Callable[[Any], Any] = str,
    settle: Callable[[Any, Place], Any] | None = None,
) -> Leaf:
    """A string that `check` accepts or turns into something else."""
    schema = {"type": "string", "minLength": 1, **({"pattern": pattern} if pattern else {})}
    return Leaf(lambda value: check(text_of(value)), allowed, schema, dump, settle)


def choice(*words: str, unavailable: tuple[str, ...] = ()) -> Leaf:
    """One of a few words; `unavailable` ones are known by name and refused as not there yet."""

    def check(word: str) -> str:
        if word in unavailable:
            raise ValueError(f"{quote(word)} is not available in this version")
        if word not in words:
            raise ValueError(f"{quote(word)} is unknown")
        return word

    return Leaf(lambda value: check(text_of(value)), _either(words), {"enum": list(words)}, str)


def member(kind: type[StrEnum]) -> Leaf:
    """A member of an enumeration, by its value."""
    return replace(words := choice(*kind), parse=lambda value: kind(words.parse(value)))


def _either(words: tuple[str, ...]) -> str:
    return " or ".join(f'"{word}"' for word in words)


def number(low: float, high: float, what: str) -> Leaf:
    """A finite number above `low` and up to `high`."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(value, "a number")
        if not (isinstance(value, int) or math.isfinite(value)):
            raise ValueError("is not a finite number")
        if not low < value <= high:
            raise ValueError("is out of range")
        return float(value)

    schema = {"type": "number", "exclusiveMinimum": low, "maximum": high}
    return Leaf(check, f"{what} above {_shortest(low)} and up to {_shortest(high)}", schema, _shortest)


def _shortest(value: float) -> float:
    """Whole numbers without a fraction, as a person would write them."""
    return int(value) if value == int(value) else value


def whole(low: int, high: int, what: str) -> Leaf:
    """A whole number from `low` to `high`."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(value, "a whole number")
        if not low <= value <= high:
            raise ValueError("is out of range")
        return value

    return Leaf(check, f"{what} from {low} to {high}", {"type": "integer", "minimum": low, "maximum": high})


def duration(low: str, high: str) -> Leaf:
    """A duration from `low` to `high`, in seconds once read."""
    least, most = units.parse_duration(low), units.parse_duration(high)

    def check(words: str) -> float:
        try:
            seconds = units.parse_duration(words)
        except ValueError:
            raise ValueError(f"{quote(words)} is not a duration") from None
        if not least <= seconds <= most:
            raise ValueError(f"{quote(words)} is out of range")
        return seconds

    pattern = r"^[0-9]+(\.[0-9]+)?(d|h|m|s|ms|us)([0-9.]+(h|m|s|ms|us))*$"
    return text(check, f"{units.DURATION_FORM}, from {low} to {high}", pattern=pattern, dump=units.format_duration)


def check_name(name: str) -> str:
    """A name that is safe as a file name everywhere; ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{quote(name)} is not safe as a file name")
    return name


def check_scenario_name(name: str) -> str:
    """A name that no other file of a run folder has; ValueError."""
    if check_name(name).lower() in RESERVED_NAMES:
        raise ValueError(f"{quote(name)} is the name of another file of the run folder")
    return name


def check_title(title: str) -> str:
    """A title whose braces hold nothing but the known placeholders; ValueError."""
    try:
        parts = list(string.Formatter().parse(title))
    except ValueError:
        raise ValueError(f"{quote(title)} has an unbalanced brace") from None
    if printable(title) != title:
        raise ValueError("holds a character that cannot be seen")
    for _, name, form, conversion in parts:
        if name is not None and (name not in TITLE_FIELDS or form or conversion):
            raise ValueError(f"{quote(title)} has the unknown placeholder {{{printable(name)}}}")
    return title


def check_regex(pattern: str) -> str:
    """A regular expression; ValueError saying where it is broken."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is not a regular expression ({printable(str(error))})") from None
    return pattern


def check_key_path(path: str) -> str:
    """A dotted path into JSON; ValueError."""
    if not _KEY_PATH.fullmatch(path):
        raise ValueError(f"{quote(path)} is not a dotted path")
    return path


def check_database(address: str) -> str:
    """An SQLite or PostgreSQL address without a password; ValueError that never repeats it."""
    scheme, _, rest = address.partition("://")
    if scheme.partition("+")[0] not in ("sqlite", "postgresql") or "://" not in address:
        raise ValueError("is neither an sqlite:// nor a postgresql:// address")
    authority, _, query = rest.partition("?")
    if ":" in authority.rpartition("@")[0] or "password" in query.lower():
        raise ValueError("holds a password; a secret never stands in the configuration")
    return address


def _check_cron(expression: str) -> str:
    _first_clause(parse_cron, expression)
    return " ".join(expression.split())


def _check_zone(name: str) -> str:
    _first_clause(parse_zone, name)
    return name


def _first_clause(parse: Callable[[str], object], words: str) -> None:
    """Parse, and keep of an error what is wrong: what is allowed is said elsewhere."""
    try:
        parse(words)
    except ValueError as error:
        raise ValueError(printable(str(error).partition("; allowed:")[0])) from None


def _hosts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    for entry in value:
        addresses.expand_host(text_of(entry))
    return tuple(value)


def check_path(path: str) -> str:
    """A path that means the same here as in a shell; ValueError."""
    if path.startswith("~"):
        raise ValueError(f"{quote(path)} begins with ~, which only a shell expands")
    return path


def _absolute(path: str, place: Place) -> str:
    return str(place.working / path)


def check_signing_key(key: str) -> str:
    """A path, or `gpg:` and a key id; ValueError."""
    if not key.startswith(_GPG):
        return check_path(key)
    if not _GPG_KEY.fullmatch(key.removeprefix(_GPG)):
        raise ValueError(f"{quote(key)} is not a GPG key id")
    return key


def _absolute_key(key: str, place: Place) -> str:
    return key if key.startswith(_GPG) else _absolute(key, place)


def _differences(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    for entry in value:
        if not _DIFFERENCE.fullmatch(text_of(entry)):
            raise ValueError(f"{quote(entry)} is not the key of a difference")
    if len(set(value)) != len(value):
        raise ValueError("names a difference twice")
    return tuple(value)


def _absolute_remote(remote: str, place: Place) -> str:
    return _absolute(remote, place) if addresses.is_local(remote) else remote


def _locustfile(path: str, place: Place) -> str:
    return str(find_locustfile(Path(path), place))


def _database(value: Any) -> str:
    return "" if value == "" else check_database(text_of(value))


BRANCH: Final = text(refs.check_branch, refs.BRANCH_FORM)
TAG_PREFIX: Final = text(refs.check_tag_prefix, refs.TAG_PREFIX_FORM)
REMOTE: Final = text(addresses.check_remote, addresses.REMOTE_FORM, settle=_absolute_remote)
BASE_URL: Final = text(addresses.check_base_url, addresses.URL_FORM, pattern="^https?://")
PATH_OR_URL: Final = text(addresses.check_path_or_url, addresses.PATH_OR_URL_FORM, pattern="^(/|https?://)")
KEY_PATH: Final = text(check_key_path, 'keys joined by dots, such as "sha" or "build.commit"')
HOSTS: Final = Leaf(
    _hosts, f"a list of {addresses.HOST_FORM}", {"type": "array", "items": {"type": "string", "minLength": 1}}, list
)
NAME: Final = text(check_name, _NAME_FORM, pattern=f"^{_NAME.pattern}$")
SCENARIO_NAME: Final = text(
    check_scenario_name, f"{_NAME_FORM}, and none of {listing(RESERVED_NAMES)}", pattern=f"^{_NAME.pattern}$"
)
LOCUSTFILE: Final = text(
    str, "a file beside the configuration, in the working directory, or a bundled one", settle=_locustfile
)
OPTIONS: Final = Leaf(
    check_options, "strings, finite numbers, true, false, and lists and tables of these", {"type": "object"}, dict
)
REGEX: Final = text(check_regex, "a regular expression (Python's), searched in the command line")
PATH: Final = text(check_path, "a path; a relative one counts from the working directory", settle=_absolute)
SIGNING_KEY: Final = text(
    check_signing_key,
    'the path of an SSH private key (a relative one counts from the working directory), or "gpg:" and a key id',
    settle=_absolute_key,
)
DIFFERENCES: Final = Leaf(
    _differences,
    'a list of keys such as "tag-missing:release/20261121-020000", as `promote audit` prints them',
    {"type": "array", "items": {"type": "string", "pattern": f"^{_DIFFERENCE.pattern}$"}},
    list,
)
METRIC: Final = text(str, 'a Prometheus metric such as "name" or name{label="value"}, or a dotted path into JSON')
CRON: Final = text(
    _check_cron,
    'five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday), such as "0 2 * * *"',
)
TIMEZONE: Final = text(_check_zone, 'an IANA time zone, such as "UTC" or "Europe/Berlin"')
TITLE: Final = text(check_title, f"text with the placeholders {listing(f'{{{each}}}' for each in TITLE_FIELDS)}")
DATABASE: Final = Leaf(
    _database,
    'empty (SQLite in [state] dir), "sqlite:///…" or "postgresql://…" without a password',
    {"type": "string"},
)
