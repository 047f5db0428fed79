"""What is known of past runs, in SQLite or PostgreSQL; losing it loses nothing that matters (invariant I9)."""

import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bot.adapters import database, files
from bot.core.evidence import Past, PastNight
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.moments import iso
from bot.core.observations import Key, Observation, compared, last_of_each_date, observations
from bot.core.profile import profile
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.record import NightPoint, Nights, Outcome, RunRecord
from bot.core.selectors import HistoryFilter, RunSummary, Source, repository_key, summary_of
from bot.core.verdict import Check, Result
from bot.errors import BotError

PAST: Final = 60
"""How many earlier nights are looked at: enough for change points, two months of nights."""

SHOWN: Final = 30
"""How many earlier nights a report shows."""

# So many runs are looked at for each night that is shown: people try a gate several times a day.
_RUNS_A_NIGHT: Final = 20

_META: Final = sa.MetaData()
_RUN_COLUMNS: Final = tuple(field.name for field in fields(RunSummary))
_CHECK_COLUMNS: Final = tuple(field.name for field in fields(Check))
_RUNS: Final = sa.Table(
    "runs", _META, *(sa.Column(name, sa.Boolean if name == "dry_run" else sa.Text) for name in _RUN_COLUMNS)
)
_CHECKS: Final = sa.Table(
    "checks",
    _META,
    *(sa.Column(name, sa.Text) for name in ("repository", "run_id")),
    sa.Column("position", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("scenario", "endpoint", "objective", "limit")),
    *(sa.Column(name, sa.Double) for name in ("observed", "low", "high")),
    sa.Column("samples", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("result", "reason")),
    sa.Column("baseline", sa.Double),
)
_OBSERVATIONS: Final = sa.Table(
    "observations",
    _META,
    *(sa.Column(name, sa.Text) for name in ("repository", "run_id")),
    sa.Column("position", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("scenario", "endpoint", "objective")),
    sa.Column("observed", sa.Double),
    sa.Column("profile", sa.Text),
)
# Runs whose every check passed; a dry run counts no more than a rehearsal does.
_PASSED: Final = (Outcome.PROMOTED, Outcome.PASSED)
_SEARCHED: Final = ("run_id", "sha", "tag", "actor", "reason", "reason_code", "justification")


class SqlHistory:
    """The runs of one repository; satisfies `bot.flows.ports.History`. Every failure is a BotError."""

    def __init__(self, state_dir: Path, url: str, repository: str) -> None:
        """`url` is `[state] database` (empty: SQLite in `state_dir`), `repository` the key of its runs."""
        self._state_dir = state_dir
        self._url = url
        self._repository = repository
        self._engine: sa.Engine | None = None

    def add(self, record: RunRecord) -> None:
        """Remember one ended run; adding it again replaces it."""
        self._write([record])

    def restore(self, entries: Sequence[LedgerEntry]) -> int:
        """Take in promotions that only the ledger knows; returns how many were new."""
        engine = self._ready()
        with database.database_errors(engine), engine.begin() as connection:
            known = set(connection.scalars(sa.select(_RUNS.c.run_id).where(self._own(_RUNS))))
            new = {entry.run_id: self._restored(entry) for entry in entries if entry.run_id not in known}
            if new:
                connection.execute(sa.insert(_RUNS), [_storable(summary) for summary in new.values()])
        return len(new)

    def query(self, wanted: HistoryFilter | None = None) -> tuple[RunSummary, ...]:
        """The runs that fit, newest first."""
        wanted = wanted or HistoryFilter()
        newest_first = (_RUNS.c.started_at.desc(), _RUNS.c.run_id.desc())
        statement = sa.select(_RUNS).where(self._own(_RUNS), *_conditions(wanted)).order_by(*newest_first)
        rows = self._read(statement.limit(wanted.limit))
        return tuple(_summary(row) for row in rows)

    def checks_of(self, run_id: str) -> tuple[Check, ...]:
        """The checks of one run, in their order; none where the run is unknown or only in the ledger."""
        statement = sa.select(_CHECKS).where(self._own(_CHECKS), _CHECKS.c.run_id == run_id)
        rows = self._read(statement.order_by(_CHECKS.c.position))
        return tuple(_check(row) for row in rows)

    def past(self, plan: LoadPlan, limit: int = PAST, *, without: frozenset[str] = frozenset()) -> tuple[Past, ...]:
        """What earlier runs of the same profiles showed that passed: one entry for each objective of the plan.

        A commit counts once, by its latest run, however often it was judged; it is released if any of them promoted it.
        Each holds the last `limit` of them (more where the plan's baseline needs more) and as many released ones as
        its anchor may need, oldest first. Runs of the commits `without` (full ids) are none of them.
        """
        rule = plan.baseline
        nights, released = max(limit, rule.nights), rule.nights + rule.anchor
        return tuple(past for scenario in plan.scenarios for past in self._past(scenario, nights, released, without))

    def nights(self, plan: LoadPlan, limit: int = SHOWN) -> tuple[Nights, ...]:
        """What the last `limit` nights of the same profiles showed, whatever they came to: one entry an objective.

        A night is a date (UTC) and shows its latest run. Oldest first; runs that judged nothing are not among them.
        """
        return tuple(nights for scenario in plan.scenarios for nights in self._nights(scenario, limit))

    def rebuild(self, records: Iterable[RunRecord]) -> None:
        """Forget this repository's runs and learn them from their records; a damaged SQLite file is moved aside.

        Records of other repositories, which share the folders of the runs, are passed over.
        """
        try:
            self._forget()
        except BotError as error:
            if self._url or error.reason is Reason.DISK_FULL:
                raise
            self._move_aside()
        self._write(record for record in records if repository_key(record.repository) == self._repository)

    def close(self) -> None:
        """Let go of every connection; the next call opens new ones."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _past(self, scenario: ScenarioPlan, limit: int, released: int, without: frozenset[str]) -> list[Past]:
        fingerprint = profile(scenario)
        passed = self._passed(fingerprint, without)
        runs = {run["run_id"]: run for run in self._newest(passed, limit)}
        runs |= {run["run_id"]: run for run in self._newest(passed.where(passed.selected_columns.released), released)}
        shown = self._shown(fingerprint, tuple(runs))
        in_order = sorted(runs.values(), key=lambda run: (run["started_at"], run["run_id"]))
        return [
            Past(
                scenario.name,
                *key,
                tuple(_night(run, shown[run["run_id"], *key]) for run in in_order if (run["run_id"], *key) in shown),
            )
            for key in compared(scenario)
        ]

    def _nights(self, scenario: ScenarioPlan, limit: int) -> list[Nights]:
        fingerprint, column = profile(scenario), _RUNS.c
        judged = sa.select(column.run_id, column.started_at, column.outcome).where(
            self._own(_RUNS), column.run_id.in_(self._alike(fingerprint))
        )
        runs = self._newest(judged, limit * _RUNS_A_NIGHT)
        shown = self._shown(fingerprint, [run["run_id"] for run in runs])
        return [Nights(scenario.name, *key, _points(runs, shown, key)[-limit:]) for key in compared(scenario)]

    def _alike(self, fingerprint: str) -> sa.Select[tuple[str]]:
        """The runs that measured under that profile."""
        column = _OBSERVATIONS.c
        return sa.select(column.run_id).where(self._own(_OBSERVATIONS), column.profile == fingerprint)

    def _newest(self, runs: sa.Select[Any], limit: int) -> Sequence[sa.RowMapping]:
        column = runs.selected_columns
        return self._read(runs.order_by(column.started_at.desc(), column.run_id.desc()).limit(limit))

    def _passed(self, fingerprint: str, without: frozenset[str]) -> sa.Select[Any]:
        """The latest run of each commit that passed under that profile, and whether any of its runs promoted it."""
        alike, column = self._alike(fingerprint), _RUNS.c
        latest_first = (column.started_at.desc(), column.run_id.desc())
        promoted = sa.case((column.outcome == Outcome.PROMOTED, 1), else_=0)
        runs = (
            sa.select(
                *(column.run_id, column.started_at, column.sha),
                (sa.func.max(promoted).over(partition_by=column.sha) > 0).label("released"),
                sa.func.row_number().over(partition_by=column.sha, order_by=latest_first).label("place"),
            )
            .where(self._own(_RUNS), column.outcome.in_(_PASSED), column.sha.is_not(None), column.run_id.in_(alike))
            .subquery()
        )
        return sa.select(runs.c.run_id, runs.c.started_at, runs.c.sha, runs.c.released).where(
            runs.c.place == 1, runs.c.sha.not_in(sorted(without))
        )

    def _shown(self, fingerprint: str, run_ids: Sequence[str]) -> dict[tuple[str, str | None, str], float]:
        column = _OBSERVATIONS.c
        statement = sa.select(_OBSERVATIONS).where(
            self._own(_OBSERVATIONS), column.profile == fingerprint, column.run_id.in_(run_ids)
        )
        return {(row["run_id"], row["endpoint"], row["objective"]): row["observed"] for row in self._read(statement)}

    def _ready(self) -> sa.Engine:
        """The engine, on a database of the newest schema."""
        if self._engine is None:
            engine = database.open_database(self._state_dir, self._url)
            try:
                database.upgrade(engine)
            except BotError:
                engine.dispose()
                raise
            self._engine = engine
        return self._engine

    def _own(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return table.c.repository == self._repository

    def _read(self, statement: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        engine = self._ready()
        with database.database_errors(engine), engine.connect() as connection:
            return connection.execute(statement).mappings().all()

    def _write(self, records: Iterable[RunRecord]) -> None:
        engine = self._ready()
        with database.database_errors(engine), engine.begin() as connection:
            for record in records:
                run = {**_storable(summary_of(record)), "repository": self._repository}
                self._delete(connection, _RUNS.c.run_id == record.run_id)
                connection.execute(sa.insert(_RUNS), run)
                self._insert(connection, _CHECKS, record, record.verdict.checks if record.verdict else ())
                self._insert(connection, _OBSERVATIONS, record, observations(record))

    def _insert(
        self, connection: sa.Connection, table: sa.Table, record: RunRecord, values: Sequence[Check | Observation]
    ) -> None:
        """What belongs to one run, in its order."""
        whose = {"repository": self._repository, "run_id": record.run_id}
        rows = [{**_storable(value), **whose, "position": place} for place, value in enumerate(values)]
        if rows:
            connection.execute(sa.insert(table), rows)

    def _delete(self, connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> None:
        """Checks and observations go with their run, by the foreign key."""
        connection.execute(sa.delete(_RUNS).where(self._own(_RUNS), *conditions))

    def _forget(self) -> None:
        engine = self._ready()
        with database.database_errors(engine), engine.begin() as connection:
            self._delete(connection)

    def _move_aside(self) -> None:
        self.close()
        path = self._state_dir / database.SQLITE_FILE
        with files.state_errors(path):
            for file in (path, path.with_name(f"{path.name}-journal")):
                if file.exists():
                    file.replace(file.with_name(f"{file.name}.damaged-{secrets.token_hex(3)}"))

    def _restored(self, entry: LedgerEntry) -> RunSummary:
        return RunSummary(
            run_id=entry.run_id,
            repository=self._repository,
            kind=entry.kind,
            trigger=None,
            actor=entry.actor,
            outcome=Outcome.PROMOTED,
            reason_code=Reason.PROMOTED.code,
            reason="Read again from the ledger.",
            sha=entry.sha,
            base_sha=entry.base,
            tag=entry.tag or None,
            slot=entry.slot,
            started_at=entry.at,
            finished_at=entry.at,
            source=Source.LEDGER,
            justification=entry.reason,
        )


def _conditions(wanted: HistoryFilter) -> list[sa.ColumnElement[bool]]:
    column = _RUNS.c
    found: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(column.started_at >= iso(wanted.since))
    if wanted.until is not None:
        found.append(column.started_at < iso(wanted.until))
    if wanted.sha is not None:
        found.append(column.sha.startswith(wanted.sha.lower(), autoescape=True))
    if wanted.search is not None:
        found.append(sa.or_(*(column[name].icontains(wanted.search, autoescape=True) for name in _SEARCHED)))
    exact = {"outcome": wanted.outcome, "kind": wanted.kind, "actor": wanted.actor}
    return found + [column[name] == value for name, value in exact.items() if value is not None]


def _storable(value: RunSummary | Check | Observation) -> dict[str, Any]:
    return {name: _cell(cell) for name, cell in asdict(value).items()}


def _cell(value: Any) -> Any:
    """What both databases can hold: no NaN, no NUL, no lone surrogate, and enums as their text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return str(value).replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    return value


def _night(run: sa.RowMapping, observed: float) -> PastNight:
    return PastNight(run["run_id"], run["started_at"], run["sha"], observed, bool(run["released"]))


def _points(
    runs: Iterable[sa.RowMapping], shown: dict[tuple[str, str | None, str], float], key: Key
) -> tuple[NightPoint, ...]:
    numbers = ((run, shown.get((run["run_id"], *key))) for run in runs)
    return last_of_each_date(
        NightPoint(run["run_id"], run["started_at"], Outcome(run["outcome"]), number)
        for run, number in numbers
        if number is not None
    )


def _summary(row: sa.RowMapping) -> RunSummary:
    values = {name: row[name] for name in _RUN_COLUMNS}
    # Of a run from before version 4 nobody knows.
    told = {"outcome": Outcome(row["outcome"]), "source": Source(row["source"]), "dry_run": bool(row["dry_run"])}
    return RunSummary(**(values | told))


def _check(row: sa.RowMapping) -> Check:
    return Check(**{**{name: row[name] for name in _CHECK_COLUMNS}, "result": Result(row["result"])})
