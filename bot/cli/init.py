"""`promote init`: give a repository its configuration, and the workflow that starts its nights."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from bot.cli.context import Context
from bot.cli.newfile import write_all_new
from bot.core.links import Forge, web_repository
from bot.errors import BotError, ConfigurationError, Problem, Reason
from bot.settings.load import load_settings
from bot.settings.starter import filled_in
from bot.settings.words import printable

CONFIG: Final = "config/promotion.toml"
WORKFLOW: Final = ".github/workflows/nightly.yml"
TOKEN: Final = "PROMOTION_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Wish:
    """What the files are to say; None where nobody has said it yet."""

    remote: str | None
    source: str
    target: str
    staging_url: str | None
    version_url: str
    bot: str | None


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--remote", metavar="URL", help="The remote (default: `origin` of the folder).")
@click.option("--source", metavar="BRANCH", default="staging", show_default=True, help="The branch that is tested.")
@click.option("--target", metavar="BRANCH", default="main", show_default=True, help="The branch that is moved.")
@click.option("--staging-url", metavar="URL", help="Where the service under test answers.")
@click.option(
    "--version-url", metavar="URL", default="/version", show_default=True, help="Its page that names the commit."
)
@click.option(
    "--workflow", "bot", metavar="OWNER/NAME@COMMIT", help="Also a GitHub workflow: the bot's repository, pinned."
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def init(context: Context, /, folder: Path, *, yes: bool, **wish: str | None) -> None:
    """Write a configuration (and a workflow) into the repository at FOLDER; all or nothing, never over a file."""
    from bot.adapters.git_clone import origin_of  # noqa: PLC0415 - heavy, and only this command needs it

    asked = _asked(Wish(**{**wish, "remote": wish["remote"] or origin_of(folder)}), asks=not yes and sys.stdin.isatty())  # type: ignore[arg-type] # click fills the fields
    planned = dict(_files(asked))
    _examine(folder, planned)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Write {' and '.join(planned)}?", default=True, abort=True, err=True)
    write_all_new({folder / name: content for name, content in planned.items()})
    _say(context, folder, planned)


def _asked(wish: Wish, *, asks: bool) -> Wish:
    """What is missing, from whoever sits there; all of it is named at once where nobody does."""
    if asks:
        remote = click.prompt("The remote", default=wish.remote, err=True)
        url = wish.staging_url or click.prompt("Where staging answers (URL)", err=True)
        bot = wish.bot or click.prompt(
            "The bot's repository as OWNER/NAME@COMMIT, for a workflow (empty: none)",
            default="",
            show_default=False,
            err=True,
        )
        return Wish(remote, wish.source, wish.target, url, wish.version_url, bot or None)
    named = {"--remote": wish.remote, "--staging-url": wish.staging_url}
    missing = [option for option, value in named.items() if not value]
    if missing:
        raise click.UsageError(f"Nobody can be asked for {' and '.join(missing)}: give {' and '.join(missing)}.")
    return wish


def _files(wish: Wish) -> Iterator[tuple[str, str]]:
    """Every file by its place in the repository."""
    from bot.render.workflow_file import render_workflow  # noqa: PLC0415 - only where a workflow is wanted

    remote = wish.remote or ""
    yield CONFIG, filled_in(_values(wish), _host(remote))
    if wish.bot is None:
        return
    try:
        yield WORKFLOW, render_workflow(wish.bot, CONFIG)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--workflow") from None


def _values(wish: Wish) -> Mapping[tuple[str, str], str]:
    return {
        ("repository", "remote"): wish.remote or "",
        ("repository", "source"): wish.source,
        ("repository", "target"): wish.target,
        ("staging", "url"): wish.staging_url or "",
        ("staging", "version_url"): wish.version_url,
    }


def _host(remote: str) -> Mapping[str, Mapping[str, str]] | None:
    """The host's table, where the remote's address tells that it is one we speak to."""
    found = web_repository(remote)
    return {"host": {"token_env": TOKEN}} if found and found.forge is Forge.GITHUB else None


def _examine(folder: Path, planned: Mapping[str, str]) -> None:
    """That nothing is there yet, and that the configuration is one; both before anything is written."""
    there = [printable(name) for name in planned if os.path.lexists(folder / name)]
    if there:
        words = f"{' and '.join(there)} {'exists' if len(there) == 1 else 'exist'} already; nothing was written."
        raise BotError(Reason.BAD_USAGE, words, "Keep it, or move it away first.")
    with tempfile.TemporaryDirectory(prefix="promote-init-") as place:
        draft = Path(place) / "promotion.toml"
        draft.write_text(planned[CONFIG], "utf-8")
        try:
            load_settings(draft)
        except ConfigurationError as error:
            raise ConfigurationError(CONFIG, tuple(map(_as_option, error.problems))) from None


def _as_option(problem: Problem) -> Problem:
    """The problem under the option that it came in by."""
    option = _OPTIONS.get(problem.path)
    return Problem(f"{problem.path} ({option})", problem.wrong, problem.allowed) if option else problem


_OPTIONS: Final = {
    "repository.remote": "--remote",
    "repository.source": "--source",
    "repository.target": "--target",
    "staging.url": "--staging-url",
    "staging.version_url": "--version-url",
}


def _say(context: Context, folder: Path, planned: Mapping[str, str]) -> None:
    written = [str(folder / name) for name in planned]
    if context.json:
        click.echo(json.dumps({"written": written}, indent=2))
        return
    for name in written:
        click.echo(f"wrote {printable(name)}")
    click.echo("Next: look at the scenarios and limits, then `promote config validate` and `promote doctor`.")
    if WORKFLOW in planned:
        click.echo(f"The workflow needs the secret {TOKEN}: a token that may push, and whose pushes start deployments.")
