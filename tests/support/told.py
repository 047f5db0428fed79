"""What commands, watchers and commits say, full of given texts: everything that is no report of a run."""

import dataclasses
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from support import inert

from bot.cli import audit, control, history, standing, status
from bot.core import backport
from bot.core.audit import Audit, Scope
from bot.core.backport import BackMerge, Begun, Tip, plan_advance, plan_merge, plan_resolution
from bot.core.candidate import BranchFacts
from bot.core.control import Control, ControlKind, Standing
from bot.core.controlling import Change
from bot.core.differences import Difference, Kind
from bot.core.hotfix import Hotfix, SourceTip, merge_commit
from bot.core.meanwhile import meanwhile_words
from bot.core.pick import Original, picked_message
from bot.core.promotion import Author, LedgerEntry
from bot.core.record import Outcome, RunRecord
from bot.core.rollback import Ground, keeping_merge, restoring_commit
from bot.core.selectors import RunSummary
from bot.flows.control import Done
from bot.flows.request import Effect
from bot.flows.status import Status
from bot.render import charts, svg
from bot.render.panel import Panel
from bot.render.panels import panels
from bot.render.progress import HeartbeatProgress, TerminalProgress
from bot.render.trend_table import trend_table
from bot.render.trends import Course, Hours, PassRate, Trends

Give = Callable[[], str]

_AT: Final = "2026-11-21T02:00:00Z"
_NOW: Final = datetime(2026, 11, 21, 2, tzinfo=UTC)
_A, _B, _C = ("a" * 40, "b" * 40, "c" * 40)
_WIDE: Final = 4000


def judge_told(give: Give, record: RunRecord) -> int:
    """Every one of them once; returns how many texts were judged."""
    return sum(judged(give) for judged in (_history, _status, _audit, _controls, _commits)) + _progress(give, record)


def panels_as_drawn(shown: Sequence[Panel], ours: frozenset[str]) -> list[str]:
    """The panels taken apart as drawings are, without what draws; whatever would be drawn is our own text."""
    for panel in shown:
        foreign = strings(charts._chart(panel)) - ours
        assert not foreign, f"foreign text in a drawing: {sorted(foreign)[:3]}"
    groups = "".join(f'<g class="concat_{number}_group"/>' for number in range(len(shown)))
    whole = f'<svg xmlns="http://www.w3.org/2000/svg">{groups}</svg>'
    return list(svg.apart(whole, [panel.description for panel in shown]))


def drawn_strings(record: RunRecord) -> frozenset[str]:
    """Every text that is drawn for a record."""
    found = record.evidence.scenarios if record.evidence else ()
    shown = [panel for one in found for panel in panels(one, record.verdict, record.nights or ())]
    return frozenset().union(*(strings(charts._chart(panel)) for panel in shown))


def strings(value: Any) -> set[str]:
    """Every text in a document, but those that name its keys."""
    if isinstance(value, str):
        return {value}
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {text for one in inside for text in strings(one)}


def _printed(say: Callable[[Console], object], *, width: int = _WIDE) -> str:
    into = io.StringIO()
    say(Console(file=into, width=width, force_terminal=False))
    return into.getvalue()


def _history(give: Give) -> int:
    runs = [_summary(give) for _ in range(3)]
    inert.rows(_printed(lambda console: history.print_runs(runs, console)), 1 + len(runs))
    inert.document(json.dumps({"runs": [dataclasses.asdict(run) for run in runs]}))
    seen = Trends(
        3,
        (PassRate("load", 3, 2, 2 / 3, 1.0, is_met=False),),
        tuple(Course(give(), key, 3, 0.1, 0.2, 0.3, "rising by 30%") for key in ("p95", "error_rate")),
        Hours(30.0, 2.0, 24.0, is_met=False),
        Hours(None, None, 48.0, None),
    )
    inert.rows(_printed(lambda console: console.print(trend_table(seen))), 7)
    inert.document(json.dumps({"trend": dataclasses.asdict(seen)}))
    return 4


def _summary(give: Give) -> RunSummary:
    texts = {field.name: give() for field in dataclasses.fields(RunSummary)}
    return RunSummary(**(texts | {"outcome": Outcome.BLOCKED, "source": "run", "dry_run": False}))


def _event(give: Give, kind: ControlKind) -> Control:
    sha = _A if kind in (ControlKind.QUARANTINE, ControlKind.CLEAR) else None
    return Control(kind, _AT, give(), give(), sha=sha, base=_B if kind is ControlKind.QUARANTINE else None)


def _standing(give: Give) -> Standing:
    return Standing(_event(give, ControlKind.FREEZE), tuple(_event(give, ControlKind.QUARANTINE) for _ in range(2)))


def _difference(give: Give, kind: Kind = Kind.TAG_MOVED) -> Difference:
    return Difference(kind, give(), give())


def _status(give: Give) -> int:
    facts = BranchFacts(give(), give(), _A, _B, target_is_ancestor=False, only_on_target=(), incomplete=())
    seen = Status(
        repository=None,  # type: ignore[arg-type] # not shown
        facts=facts,
        lag_commits=3,
        lag_hours=1.5,
        promotable=False,
        reason=give(),
        last_run=_summary(give),
        last_promotion=_summary(give),
        blocked_since=give(),
        standing=_standing(give),
        diverged=LedgerEntry(1, *(give() for _ in range(9))),
        differences=(_difference(give), _difference(give)),
        bench=Path(give()),
        waiting=Begun(give(), _AT, BackMerge(Tip(give(), _A), Tip(give(), _B))),
    )
    inert.rows(_printed(lambda console: console.print(status._table(seen))), 13)
    inert.document(json.dumps(status._document(seen)))
    return 2


def _audit(give: Give) -> int:
    found = Audit(tuple(_difference(give, kind) for kind in Kind), Scope(3, 3, 4, give(), give(), None))
    inert.terminal(_printed(lambda console: audit._print(found, console)))
    inert.document(json.dumps(audit._document(found)))
    return 2


def _controls(give: Give) -> int:
    judged = 0
    for kind in ControlKind:
        event, before, held = _event(give, kind), _event(give, kind), _standing(give)
        for change in (Change(event, before), Change(None, before)):
            done = Done(change, held, _A)
            for effect in (Effect.WRITE, Effect.DRY_RUN):
                if _is_writable(event):
                    inert.terminal("\n".join(control._lines(kind, done, effect)))
                inert.document(json.dumps(control._document(done, effect)))
                judged += 2
        inert.no_controls(meanwhile_words((event, before)), but="")
        inert.document(json.dumps(standing.standing_document(held)))
    return judged + 8


def _is_writable(event: Control) -> bool:
    """Whether a ledger can hold it: what is no Unicode is refused before."""
    return not any("\ud800" <= sign <= "\udfff" for sign in event.actor + event.reason)


def _commits(give: Give) -> int:
    """The messages of commits and the subjects of ledger commits that the bot writes."""
    source, target = Tip(give(), _A), Tip(give(), _B)
    merge = BackMerge(source, target)
    entry = LedgerEntry(1, *(give() for _ in range(9)))
    ground = Ground(give(), _A, ())
    told = SourceTip(give(), _A, has_hotfix=False, is_behind=False)
    restoring = restoring_commit(ground, dataclasses.replace(entry, sha=_C), _B, at=1, run_id="run-1")
    merged = backport.merge_commit(merge, _C, "run-1", _NOW)
    plans = [plan_merge(merge, (merged,), _NOW), plan_advance(merge, _NOW), plan_resolution(merge, _C, _NOW)]
    made = [
        merge_commit(told, Hotfix(give(), _B), _C, at=1, run_id="run-1"),
        restoring,
        keeping_merge(give(), _A, _B, restoring.sha, at=1, run_id="run-1"),
        *plans[0].commits,
    ]
    for commit in made:
        inert.commit_message(commit.message)
    for plan in plans:
        inert.commit_subject(plan.subject)
    message = give()
    copied = picked_message(Original(_A, (_B,), Author("a", "b", "0 +0000"), message))
    assert copied.startswith(message.rstrip())
    assert copied.endswith(f"(cherry picked from commit {_A})\n")
    return len(made) + len(plans) + 1


def _lines(give: Give) -> Iterator[dict[str, Any]]:
    """What a child may write into its file while it runs."""
    yield {"kind": "start", "t": 1.0}
    yield {"kind": "second", "t": 2.0, "phase": give(), "sent": 5, "p95": 0.2}
    yield {"kind": "probe", "t": 2.0, "probe": (name := give()), "cores": 2}
    yield {"kind": "resource", "t": 2.0, "probe": name, "memory": 5, "cpu_seconds": 1.0}
    yield {"kind": "resource", "t": 3.0, "probe": name, "memory": 5, "cpu_seconds": 2.9}
    yield {"kind": "deployed", "t": 3.0, "sha": give()}
    yield {"kind": "deployed", "t": 3.0, "error": give()}
    yield {"kind": "user-error", "t": 3.0, "text": give()}
    yield {"kind": "refused", "t": 3.0, "address": give()}
    yield {"kind": "health", "t": 3.0, "process": give(), "cpu": 5.0, "wait": 5.0, "throttled": 1.0, "lag": 9.0}
    yield {"kind": "aborted", "t": 40.0, "words": give()}
    yield {"kind": "extended", "t": 80.0, "duration": 500.0, "words": give()}
    yield {"kind": give(), "t": 120.0}


def _progress(give: Give, record: RunRecord) -> int:
    """A scenario as it is watched: in a log, and on a terminal, whose own commands are known."""
    assert record.evidence is not None
    one = record.evidence.scenarios[0]
    log, screen = io.StringIO(), io.StringIO()
    # A text that a stream could not take would be the stream's affair, and no renderer's.
    for watcher in (HeartbeatProgress(log), TerminalProgress(_terminal(screen))):
        watcher.step(give(), give())
        watcher.scenario_started(one.plan, 1, 2)
        for told in _lines(give):
            watcher.second(told)
        watcher.scenario_ended(one)
        watcher.close()
    inert.terminal(log.getvalue())
    inert.live_terminal(screen.getvalue())
    return 2


def _terminal(into: io.StringIO) -> Console:
    return Console(file=into, width=200, height=60, force_terminal=True, color_system="standard", legacy_windows=False)


@cache
def ours_in_drawings() -> frozenset[str]:
    """What is drawn for a record of harmless words."""
    from support.records import blocked_slow  # noqa: PLC0415 - thousands of numbers, made once

    return drawn_strings(blocked_slow())
