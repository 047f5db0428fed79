"""`promote selftest`: drills the gate, so that its users see it say no."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli.context import Context, Verbosity
from bot.cli.newfolder import own_folder
from bot.cli.signals import guarded
from bot.core.reasons import Exit, Reason
from bot.core.text import plain
from bot.core.wording import counted
from bot.errors import BotError

if TYPE_CHECKING:
    from bot.selftest.case import Case
    from bot.selftest.outcome import Outcome, Tally

# Every case bounds itself; this bounds their sum, should the machine be unable to carry them.
_LONGEST_S: Final = 900.0
_MOST_AT_ONCE: Final = 4
_SENTENCE: Final = 500
_ROW: Final = "{:<12} {:<23} {:<13} {:<13} {:>6}  {}"
_HEADING: Final = _ROW.format("MARK", "CASE", "EXPECTED", "GOT", "TOOK", "INJECTED: WHAT THE GATE SAID")


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Only this case (repeatable).")
@click.option("--list", "listed", is_flag=True, help="List the cases; play none.")
@click.option("--keep", type=click.Path(path_type=Path), help="A new or empty folder that keeps all files.")
@click.pass_obj
def selftest(context: Context, only: tuple[str, ...], keep: Path | None, *, listed: bool) -> int:
    """Drill the gate on this machine: faults that it must notice and healthy runs that it must let through.

    Each case is a real run on the embedded service, judged as a night is; it is right only when the right check says
    no. All of them take less than three minutes. Ends 0 when every case got its verdict.
    """
    cases = _chosen(only)
    if listed:
        _list(context, cases)
        return int(Exit.OK)
    folder = own_folder(keep, "promote-selftest-")
    begun = time.monotonic()
    with guarded(_LONGEST_S), _cleared(folder, keep):
        outcomes = _play(context, cases, folder)
    return _conclude(context, outcomes, folder, kept=keep is not None, seconds=time.monotonic() - begun)


def _chosen(only: tuple[str, ...]) -> "list[Case]":
    from bot.selftest.cases import CASES  # noqa: PLC0415 - the drill's parts are needed by nobody else

    unknown = sorted(set(only) - {case.name for case in CASES})
    if unknown:
        raise BotError(
            Reason.BAD_USAGE,
            f"There is no case {', '.join(plain(name) for name in unknown)}.",
            "See `promote selftest --list`.",
        )
    return [case for case in CASES if not only or case.name in only]


def _list(context: Context, cases: "Sequence[Case]") -> None:
    if context.json:
        click.echo(json.dumps({"cases": [_facts(case) for case in cases]}, indent=2))
        return
    for case in cases:
        click.echo(f"{case.name:<23} {case.must.result.value:<13} {case.what}")


def _facts(case: "Case") -> dict[str, Any]:
    must = case.must
    return {"name": case.name, "injected": case.what, "expected": must.result.value, "cause": must.cause or None}


@contextmanager
def _cleared(folder: Path, keep: Path | None) -> Iterator[None]:
    """Leave nothing behind of a drill that was broken off."""
    try:
        yield
    except BaseException:
        if keep is None:
            rmtree(folder, ignore_errors=True)
        raise


def _play(context: Context, cases: "list[Case]", folder: Path) -> "list[Outcome]":
    from bot.cli.wiring_selftest import equip  # noqa: PLC0415 - as above
    from bot.selftest.drill import play  # noqa: PLC0415
    from bot.selftest.runner import play_all  # noqa: PLC0415

    at_once = min(_MOST_AT_ONCE, 2 * (os.cpu_count() or 1))
    if context.verbosity is not Verbosity.QUIET:
        count = counted(len(cases), "case")
        click.echo(f"{count}, up to {at_once} at a time, in {folder}", err=True)
    _say(context, click.style(_HEADING, bold=True))
    outcomes = []
    with closing(play_all(cases, lambda case: play(case, folder / case.name, equip), at_once=at_once)) as played:
        for outcome in played:
            outcomes.append(outcome)
            _say(context, _row(outcome))
    order = {case.name: place for place, case in enumerate(cases)}
    return sorted(outcomes, key=lambda outcome: order[outcome.case.name])


def _say(context: Context, text: str) -> None:
    """On stdout, or where that is for the JSON document, as progress."""
    if not context.json or context.verbosity is not Verbosity.QUIET:
        click.echo(text, err=context.json)


def _row(outcome: "Outcome") -> str:
    case, got = outcome.case, outcome.got.value if outcome.got else "-"
    told = f"{case.what}: {plain(outcome.sentence, _SENTENCE)}"
    row = _ROW.format(outcome.mark.value, case.name, case.must.result.value, got, f"{outcome.seconds:.1f} s", told)
    return row if outcome.right else click.style(row, fg="red")


def _conclude(context: Context, outcomes: "list[Outcome]", folder: Path, *, kept: bool, seconds: float) -> int:
    """Say what it came to; whatever may explain a wrong verdict stays on the disk."""
    from bot.selftest.outcome import tally  # noqa: PLC0415 - as above

    total = tally(outcomes)
    if total.good and not kept:
        rmtree(folder, ignore_errors=True)
    words = _summary(total, seconds)
    if context.json:
        document = _document(outcomes, total, words, seconds)
        click.echo(json.dumps({**document, "folder": str(folder) if folder.exists() else None}, indent=2))
    else:
        click.echo(words)
    if folder.exists():
        sys.stdout.flush()
        click.echo(f"The files of all cases: {folder}", err=True)
    if not total.good:
        click.echo(f"  -> {Reason.SELFTEST_FAILED.action} [{Reason.SELFTEST_FAILED.code}]", err=True)
    return int(Exit.OK if total.good else Reason.SELFTEST_FAILED.exit)


def _summary(total: "Tally", seconds: float) -> str:
    return (
        f"{total.right} of {total.cases} as expected; false passes {total.false_passes}, "
        f"false blocks {total.false_blocks}; {seconds:.0f} s"
    )


def _document(outcomes: "list[Outcome]", total: "Tally", words: str, seconds: float) -> dict[str, Any]:
    return {
        "outcome": "passed" if total.good else "failed",
        "reason_code": None if total.good else Reason.SELFTEST_FAILED.code,
        "reason": words,
        "cases": [_result(outcome) for outcome in outcomes],
        "right": total.right,
        "false_passes": total.false_passes,
        "false_blocks": total.false_blocks,
        "seconds": round(seconds, 3),
    }


def _result(outcome: "Outcome") -> dict[str, Any]:
    return {
        **_facts(outcome.case),
        "got": outcome.got.value if outcome.got else None,
        "mark": outcome.mark.value,
        "right": outcome.right,
        "sentence": outcome.sentence,
        "seconds": round(outcome.seconds, 3),
    }
