"""Configuration files for tests: a valid one as a document, and the way from a changed document to its problems."""

import copy
from pathlib import Path
from typing import Any

from bot.errors import ConfigurationError, Problem
from bot.settings import toml
from bot.settings.leaf import Place
from bot.settings.load import load_settings, settle
from bot.settings.schema import Settings

VALID: dict[str, Any] = {
    "repository": {"remote": "https://github.com/acme/shop.git"},
    "staging": {"url": "https://staging.acme.example"},
    "scenario": [
        {
            "name": "load-1k",
            "locustfile": "/dev/null/../load.py",
            "rate": 1000,
            "duration": "2m",
            "slo": {"error_rate": "< 2%", "p95": "< 1.5s"},
        }
    ],
}
NOWHERE = Path("/nowhere")


def valid(locustfile: Path) -> dict[str, Any]:
    """A fresh document that loads, with the smallest number of keys."""
    document = copy.deepcopy(VALID)
    document["scenario"][0]["locustfile"] = str(locustfile)
    return document


def settled(document: dict[str, Any], folder: Path = NOWHERE) -> Settings:
    return settle(document, Place(folder, folder), "test.toml")


def problems_of(document: dict[str, Any]) -> dict[str, Problem]:
    """The problems by path, none where the document is fine."""
    try:
        settled(document)
    except ConfigurationError as error:
        return {problem.path: problem for problem in error.problems}
    return {}


def write(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "promotion.toml"
    path.write_text(toml.dumps(document), encoding="utf-8")
    return path


def problems_of_file(path: Path) -> tuple[Problem, ...]:
    try:
        load_settings(path)
    except ConfigurationError as error:
        return error.problems
    return ()
