"""How a command that failed says so: one line of what and one of what to do, or one JSON document."""

import errno
import io
import json
import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from bot.cli.context import Context
from bot.core.text import plain
from bot.errors import BotError, ConfigurationError, Exit, Reason

# Sentences are made harmless where foreign text enters them; this is the second wall, wide enough for any of ours.
_SENTENCE: Final = 4000


def report_failure(error: BaseException, context: Context) -> int:
    """Say what went wrong on stderr (and as JSON on stdout where that was asked for); return the exit code."""
    if isinstance(error, SystemExit | click.exceptions.Exit):
        return _code_of(error)
    failure = _as_failure(error)
    if isinstance(error, click.ClickException):
        _show(error)
    else:
        say_failure(failure)
    if context.json:
        click.echo(json.dumps({"error": failure_document(failure)}, indent=2))
    return int(failure.reason.exit)


def _code_of(error: SystemExit | click.exceptions.Exit) -> int:
    code = error.exit_code if isinstance(error, click.exceptions.Exit) else error.code
    return code if isinstance(code, int) else int(Exit.OPERATIONAL)


def _as_failure(error: BaseException) -> BotError:
    match error:
        case BotError():
            return error
        case click.exceptions.NoArgsIsHelpError():
            return BotError(Reason.BAD_USAGE, "Missing command.")
        case click.ClickException():
            return BotError(Reason.BAD_USAGE, error.format_message())
        case KeyboardInterrupt() | click.Abort():
            return BotError(Reason.INTERRUPTED, "Interrupted.")
        case OSError(errno=errno.ENOSPC):
            return BotError(Reason.DISK_FULL, "No space is left on the disk.")
        case _:
            return BotError(Reason.BUG, f"{type(error).__name__}: a bug in the bot; {_write_crash_log(error)}.")


def _show(error: click.ClickException) -> None:
    """What click says about wrong usage, which repeats arguments; a help page is ours, and laid out."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    shown = io.StringIO()
    error.show(shown)
    for row in shown.getvalue().splitlines():
        click.echo(_line(row), err=True)


def say_failure(error: BotError) -> None:
    """One line of what and one of what to do, on stderr."""
    click.echo(f"promote: {_line(error.sentence)} [{error.reason.code}]", err=True)
    if isinstance(error, ConfigurationError):
        for problem in error.problems:
            click.echo(f"  {_line(f'{problem.path}: {problem.wrong}; allowed: {problem.allowed}')}", err=True)
    click.echo(f"  -> {_line(error.action)}", err=True)


def _line(text: str) -> str:
    return plain(text, _SENTENCE)


def failure_document(error: BotError) -> dict[str, object]:
    """The failure as JSON: reason_code, sentence, action, exit code, and every problem of a configuration."""
    problems = error.problems if isinstance(error, ConfigurationError) else ()
    return {
        "reason_code": error.reason.code,
        "sentence": error.sentence,
        "action": error.action,
        "exit_code": int(error.reason.exit),
        "problems": [{"path": each.path, "wrong": each.wrong, "allowed": each.allowed} for each in problems],
    }


def _write_crash_log(error: BaseException) -> str:
    """Write the traceback, never the environment or the arguments: either may hold a secret."""
    stamp = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    path = Path(tempfile.gettempdir()) / f"promote-crash-{stamp}-{os.getpid()}.log"
    try:
        path.write_text("".join(traceback.format_exception(error)))
        path.chmod(0o600)
    except OSError as failure:
        return f"the crash log could not be written ({failure.strerror})"
    return f"crash log: {path}"
