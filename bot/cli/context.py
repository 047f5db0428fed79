"""What every command is handed: the root options."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Verbosity(Enum):
    """How much is said on stderr."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


@dataclass(frozen=True, slots=True)
class Context:
    """The root options: the configuration file, whether stdout carries one JSON document, and how much to say."""

    config: Path = Path("config/promotion.toml")
    json: bool = False
    verbosity: Verbosity = Verbosity.NORMAL
