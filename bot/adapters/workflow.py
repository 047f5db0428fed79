"""The files by which a step of a GitHub workflow tells the steps behind it what happened."""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BotError, Reason


@dataclass(frozen=True, slots=True)
class Step:
    """The step that this process runs in: its files, None where the runner (or the action) gave none.

    What stands in `annotations` the action prints as workflow commands, once no foreign text is printed any more.
    """

    outputs: Path | None
    summary: Path | None
    annotations: Path | None = None

    def set_outputs(self, values: Iterable[tuple[str, str]]) -> None:
        """Append the outputs; no value can begin another one, because nobody can guess where it ends."""
        mark = f"end-{secrets.token_hex(16)}"
        _append(self.outputs, "".join(f"{name}<<{mark}\n{value}\n{mark}\n" for name, value in values))

    def add_summary(self, text: str) -> None:
        """Append to the summary of the job."""
        _append(self.summary, text)

    def annotate(self, lines: str) -> None:
        """Append workflow commands, one a line."""
        _append(self.annotations, lines)


def current_step() -> Step | None:
    """The step that this process runs in; None outside a workflow."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return None
    return Step(_file("GITHUB_OUTPUT"), _file("GITHUB_STEP_SUMMARY"), _file("PROMOTE_ANNOTATIONS"))


def _file(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


def _append(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BotError(
            Reason.STATE_UNUSABLE, f"The workflow's file {path} cannot be written: {error.strerror}."
        ) from None
