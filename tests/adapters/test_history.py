"""The same promises on SQLite and on a real PostgreSQL; migrations keep what was there."""

import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from support import records
from support.postgres import binaries, running_postgres

from bot.adapters import database
from bot.adapters import history as module
from bot.adapters.history import SqlHistory
from bot.core.evidence import PastNight
from bot.core.loadplan import BaselineRule
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.core.selectors import HistoryFilter, Source, repository_key, summary_of
from bot.core.verdict import Notice
from bot.errors import BotError

KEY = repository_key(records.promoted().repository)
promoted = cache(records.promoted)
VERSIONS = Path(database.__file__).with_name("migrations") / "versions"


@pytest.fixture(scope="module")
def postgres_server():
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed here")
    with running_postgres(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """The URL of an empty database; empty text for SQLite."""
    if request.param == "sqlite":
        return ""
    server = request.getfixturevalue("postgres_server")
    tell(server, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return server


def tell(server, *statements):
    """Have the server do that, each for itself."""
    address = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@contextmanager
def opened(state, url="", key=KEY):
    history = SqlHistory(state, url, key)
    try:
        yield history
    finally:
        history.close()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A state directory whose SQLite database has its tables and no row; to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    with opened(folder) as each:
        assert each.query() == ()
    return folder


@pytest.fixture(scope="module")
def migrated_server(postgres_server, tmp_path_factory):
    """The URL of another database of that server, which has its tables; to be emptied."""
    tell(postgres_server, "CREATE DATABASE migrated")
    url = sa.make_url(postgres_server).set(database="migrated").render_as_string()
    with opened(tmp_path_factory.mktemp("state"), url) as each:
        assert each.query() == ()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def history(request, state):
    """The history on a database without a row; its tables were made once."""
    url = ""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("migrated"), state)
    else:
        url = request.getfixturevalue("migrated_server")
        tell(url, f"TRUNCATE {', '.join(table.name for table in module._META.sorted_tables)}")
    with opened(state, url) as each:
        yield each


def night(day, record=None, **changes):
    at = f"2026-11-{day:02}T02:00:00Z"
    return replace(record or records.error(), run_id=f"202611{day:02}-020000-00{day:02}", started_at=at, **changes)


def entry(day, **changes):
    fresh = LedgerEntry(
        schema=1,
        kind="promotion",
        run_id=f"202611{day:02}-020000-00{day:02}",
        sha=records.SHA,
        base=records.BASE,
        tag=f"release/202611{day:02}-022107",
        verdict="pass",
        evidence="e" * 64,
        actor="bot",
        at=f"2026-11-{day:02}T02:21:09Z",
    )
    return replace(fresh, **changes)


def test_a_run_is_remembered_with_its_checks(history):
    record = records.blocked_leak()
    history.add(record)
    assert history.query(HistoryFilter()) == (summary_of(record),)
    assert history.checks_of(record.run_id) == record.verdict.checks


def test_adding_again_replaces_run_and_checks(history):
    first = records.blocked_leak()
    history.add(first)
    history.add(replace(first, outcome=Outcome.PASSED, verdict=replace(first.verdict, checks=first.verdict.checks[:1])))
    assert [run.outcome for run in history.query()] == [Outcome.PASSED]
    assert len(history.checks_of(first.run_id)) == 1


def test_runs_come_newest_first_and_as_many_as_wanted(history):
    for day in (2, 3, 1):
        history.add(night(day))
    assert [run.started_at[8:10] for run in history.query()] == ["03", "02", "01"]
    assert [run.started_at[8:10] for run in history.query(HistoryFilter(limit=1))] == ["03"]


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (HistoryFilter(since=datetime(2026, 11, 2, 2, tzinfo=UTC)), [4, 3, 2]),
        (HistoryFilter(until=datetime(2026, 11, 2, 2, tzinfo=UTC)), [1]),
        (HistoryFilter(outcome="promoted"), [2]),
        (HistoryFilter(kind="gate"), [3]),
        (HistoryFilter(sha=records.SHA), [2]),
        (HistoryFilter(sha=records.SHA[:7].upper()), [2]),
        (HistoryFilter(sha="%"), []),
        (HistoryFilter(actor="ada"), [4]),
        (HistoryFilter(search="100%_"), [1]),
        (HistoryFilter(search="TIMEOUT"), [4]),
        (HistoryFilter(search="orders ARE lost"), [3]),
        (HistoryFilter(search="release/2026"), [2]),
        (HistoryFilter(search="' OR 1=1 --"), []),
        (HistoryFilter(outcome="error", actor="ada"), [4]),
        (HistoryFilter(outcome="promoted", actor="ada"), []),
    ],
)
def test_every_condition_finds_its_runs(history, wanted, days):
    gone = {"candidate": None}
    history.add(night(1, reason="the disk is 100%_full", **gone))
    history.add(night(2, records.promoted()))
    history.add(night(3, kind=RunKind.GATE, reason="100 percent", justification="Orders are lost", **gone))
    history.add(night(4, actor="ada", reason="Timeout of the remote", **gone))
    assert [int(run.started_at[8:10]) for run in history.query(wanted)] == days


def test_why_a_person_did_it_is_found_also_where_only_the_ledger_has_it(history):
    history.restore([entry(1, kind="hotfix", reason="orders are lost"), entry(2)])
    assert [run.run_id for run in history.query(HistoryFilter(search="Lost"))] == [entry(1).run_id]


def test_hostile_texts_come_back_as_they_went_or_made_storable(history):
    history.add(night(1, reason="Robert'); DROP TABLE runs;-- \x1b[31m \u202e", actor="nul\0 surrogate\ud800"))
    (run,) = history.query()
    assert run.reason == "Robert'); DROP TABLE runs;-- \x1b[31m \u202e"
    assert run.actor == "nul\N{REPLACEMENT CHARACTER} surrogate?"


def test_what_was_not_a_number_is_unknown(history):
    record = records.blocked_slow()
    checks = tuple(replace(each, observed=math.nan, high=math.inf) for each in record.verdict.checks)
    history.add(replace(record, verdict=replace(record.verdict, checks=checks)))
    assert {(check.observed, check.high) for check in history.checks_of(record.run_id)} == {(None, None)}


def test_only_promotions_that_were_unknown_are_restored(history):
    record = night(1, records.promoted())
    history.add(record)
    assert history.restore([entry(1), entry(2), entry(2), entry(3)]) == 2
    assert history.restore([entry(1), entry(2), entry(3)]) == 0
    assert [run.source for run in history.query()] == [Source.LEDGER, Source.LEDGER, Source.RUN]
    assert history.query(HistoryFilter(sha=records.SHA))[0].tag == entry(3).tag


def test_a_run_found_again_replaces_what_the_ledger_told_of_it(history):
    history.restore([entry(1)])
    record = night(1, records.promoted())
    history.add(record)
    assert history.query() == (summary_of(record),)


def test_a_ledger_of_a_newer_bot_is_taken_in_as_it_is(history):
    history.restore([entry(1, kind="canary", actor="\x1b]0;x\x07")])
    assert history.query()[0].kind == "canary"


def test_repositories_in_one_database_do_not_see_each_other(state, url):
    with opened(state, url) as one, opened(state, url, key="another") as other:
        one.add(night(1))
        other.add(night(1, reason="its own"))
        other.add(night(2))
        assert [run.started_at[8:10] for run in one.query()] == ["01"]
        assert [run.started_at[8:10] for run in other.query()] == ["02", "01"]
        assert other.query()[0].repository == "another"


def test_records_of_other_repositories_in_the_same_folders_are_not_learnt(history):
    elsewhere = replace(records.error().repository, target="stable")
    history.rebuild([night(1), night(2, repository=elsewhere)])
    assert [run.started_at[8:10] for run in history.query()] == ["01"]


def test_rebuilding_forgets_what_is_not_handed_over(history):
    history.add(night(1))
    history.rebuild([night(2), night(3, records.blocked_leak())])
    assert [run.started_at[8:10] for run in history.query()] == ["03", "02"]
    assert history.checks_of(night(3).run_id) == records.blocked_leak().verdict.checks


def test_what_was_added_is_there_for_the_next_process(state, url):
    with opened(state, url) as first:
        first.add(night(1))
    with opened(state, url) as second:
        assert len(second.query()) == 1


# Imports once what four processes need; they begin when the last one of them could: the end of a pipe is seen by all.
OPENER = """
import os, pathlib, sys
from dataclasses import replace
from bot.adapters import database
from bot.adapters.history import SqlHistory
from support import records
state, url = pathlib.Path(sys.argv[1]), sys.argv[2]
if url:
    import psycopg
waiting, go = os.pipe()

def open_at_once(number):
    os.close(go)
    os.read(waiting, 1)
    history = SqlHistory(state, url, "r")
    history.add(replace(records.error(), run_id=f"20261121-020000-000{number}"))
    history.close()

def child(number):
    code = 1
    try:
        open_at_once(number)
        code = 0
    except BaseException as error:
        sys.stderr.write(f"{number}: {error!r}\\n")
    os._exit(code)

children = [os.fork() or child(number) for number in range(4)]
os.close(go)
print(*(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))
"""


def test_many_processes_may_open_a_new_database_at_once(state, url):
    env = {**os.environ, "PYTHONPATH": str(Path(records.__file__).parents[1])}
    command = [sys.executable, "-c", OPENER, str(state), url]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ended.stdout.split() == ["0"] * 4, ended.stderr
    with opened(state, url, key="r") as history:
        assert len(history.query()) == 4


def _versions(engine):
    script = ScriptDirectory.from_config(database.migrations())
    return [each.revision for each in reversed(list(script.walk_revisions()))], engine


def _samples(revision):
    (path,) = VERSIONS.glob(f"v{revision}_*.sample.json")
    return json.loads(path.read_text())


def _rows(connection, table):
    loaded = sa.Table(table, sa.MetaData(), autoload_with=connection)
    return [dict(row) for row in connection.execute(sa.select(loaded)).mappings()]


def test_rows_survive_every_version_on_the_way_up(state, url):
    engine = database.open_database(state, url)
    revisions, _ = _versions(engine)
    kept = {}
    for revision in revisions:
        database.upgrade(engine, revision)
        with engine.begin() as connection:
            for table, rows in _samples(revision).items():
                connection.execute(sa.insert(sa.Table(table, sa.MetaData(), autoload_with=connection)), rows)
                kept.setdefault(table, []).extend(rows)
            for table, rows in kept.items():
                found = zip(_rows(connection, table), rows, strict=True)
                assert [{name: row[name] for name in written} for row, written in found] == rows
    engine.dispose()
    with opened(state, url, key="https://git.example/acme/shop.git staging main") as history:
        told = [(run.outcome, run.dry_run, run.justification) for run in history.query()]
        assert told == [
            (Outcome.PROMOTED, False, "Orders are lost."),
            (Outcome.INVALID, True, None),
            (Outcome.ERROR, False, None),
            (Outcome.PROMOTED, False, None),
        ]
        assert [check.objective for check in history.checks_of("20261119-020000-3f9a")] == ["p95", "memory_growth"]


def test_the_tables_in_the_code_are_those_of_the_newest_version(state, url):
    engine = database.open_database(state, url)
    database.upgrade(engine)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in module._META.sorted_tables:
            columns = [column["name"] for column in inspector.get_columns(table.name)]
            assert sorted(columns) == sorted(column.name for column in table.columns)
    engine.dispose()


def test_a_database_of_a_newer_bot_asks_for_an_upgrade(state, url):
    engine = database.open_database(state, url)
    database.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with opened(state, url) as history, pytest.raises(BotError, match="newer version") as caught:
        history.query()
    assert caught.value.action == "Upgrade promotion-bot."


def test_sqlite_syncs_fully_with_a_rollback_journal_and_foreign_keys(state):
    engine = database.open_database(state, "")
    with engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    engine.dispose()
    assert values == ["delete", 2, 1]


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_file_is_said_and_rebuild_moves_it_aside(state, content):
    state.mkdir()
    (state / "history.sqlite3").write_bytes(content)
    with opened(state) as history:
        with pytest.raises(BotError, match=r"history\.sqlite3 cannot be used: ") as caught:
            history.query()
        assert caught.value.reason is Reason.STATE_UNUSABLE
        assert "Move the database away" in caught.value.action
        history.rebuild([night(1)])
        assert len(history.query()) == 1
    (moved,) = state.glob("history.sqlite3.damaged-*")
    assert moved.read_bytes() == content


def test_a_lost_file_is_made_anew_and_the_ledger_fills_it(state):
    with opened(state) as history:
        history.add(night(1, records.promoted()))
    (state / "history.sqlite3").unlink()
    with opened(state) as history:
        assert history.restore([entry(1)]) == 1


def test_a_locked_database_is_said_after_a_bounded_wait(state, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_S", 0.1)
    with opened(state) as history:
        history.add(night(1))
        with closing(sqlite3.connect(state / "history.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(BotError, match="is in use: database is locked") as caught:
                history.query()
    assert "run again" in caught.value.action


def test_a_writer_waits_for_another_instead_of_failing(state):
    with opened(state) as history:
        history.add(night(1))
        other = sqlite3.connect(state / "history.sqlite3", isolation_level=None, check_same_thread=False)
        with closing(other):
            other.execute("BEGIN IMMEDIATE")
            timer = threading.Timer(0.3, other.execute, ["COMMIT"])
            timer.start()
            history.add(night(2))
            timer.join()
        assert len(history.query()) == 2


def test_a_state_directory_that_is_a_file_is_said(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with opened(tmp_path / "state") as history, pytest.raises(BotError, match="cannot be used") as caught:
        history.query()
    assert caught.value.reason is Reason.STATE_UNUSABLE


def test_a_full_disk_is_disk_full(state):
    with opened(state) as history:
        history.add(night(1))
        engine = history._engine

        @sa.event.listens_for(engine, "connect", insert=False)
        def _limit(connection, _record):
            connection.execute("PRAGMA max_page_count=1").close()

        engine.dispose()
        with pytest.raises(BotError, match="disk is full") as caught:
            history.add(night(2, reason="x" * 1_000_000))
    assert caught.value.reason is Reason.DISK_FULL


def test_an_absent_server_is_said_without_the_password(state, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    url = f"postgresql://bot@/postgres?host={tmp_path}"
    with opened(state, url) as history, pytest.raises(BotError, match="cannot be used") as caught:
        history.query()
    assert "hunter2" not in f"{caught.value.sentence} {caught.value.action} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_without_the_driver_the_missing_extra_is_named(state, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BotError, match="driver is not installed") as caught:
        database.open_database(state, "postgresql://bot@db/x")
    assert "promotion-bot[postgresql]" in caught.value.action


def passed(day, observed, outcome=Outcome.PROMOTED, scenario=0, **plan):
    """A night whose p95 of that scenario was that."""
    record = night(day, promoted())
    chosen = record.plan.scenarios[scenario]
    changed = tuple(replace(each, **plan) if each is chosen else each for each in record.plan.scenarios)
    checks = tuple(
        replace(each, observed=observed) if (each.scenario, each.objective) == (chosen.name, "p95") else each
        for each in record.verdict.checks
    )
    verdict = replace(record.verdict, checks=checks)
    candidate = replace(record.candidate, sha=f"{day:040x}")
    plan = replace(record.plan, scenarios=changed)
    return replace(record, outcome=outcome, plan=plan, verdict=verdict, candidate=candidate)


def p95_of(past, scenario="load-1k"):
    (found,) = (each for each in past if (each.scenario, each.objective) == (scenario, "p95"))
    return found.nights


def test_the_past_of_a_plan_are_its_passed_nights_oldest_first(history):
    for day in (3, 1, 2):
        history.add(passed(day, day / 10))
    nights = p95_of(history.past(records.load_plan()))
    assert [each.observed for each in nights] == [0.1, 0.2, 0.3]
    assert nights[0] == PastNight(night(1).run_id, "2026-11-01T02:00:00Z", f"{1:040x}", 0.1, released=True)


def test_every_objective_with_a_history_has_an_entry_even_an_empty_one(history):
    plan = records.load_plan()
    found = history.past(plan)
    assert [(each.scenario, each.endpoint, each.objective) for each in found] == [
        (scenario.name, goal.endpoint, goal.key)
        for scenario in plan.scenarios
        for goal in scenario.objectives
        if goal.key != "rate"
    ]
    assert not any(each.nights for each in found)


def test_only_nights_that_passed_are_past(history):
    for day, outcome in enumerate(Outcome, start=1):
        history.add(passed(day, day / 100, outcome))
    nights = p95_of(history.past(records.load_plan()))
    assert [(each.observed, each.released) for each in nights] == [(0.01, True), (0.02, False)]


def test_a_night_of_another_profile_is_not_comparable(history):
    history.add(passed(1, 0.1, duration=30.0))
    history.add(passed(2, 0.2, objectives=records.load_plan().scenarios[0].objectives[:2]))
    past = history.past(records.load_plan())
    assert [each.observed for each in p95_of(past)] == [0.2]
    assert len(p95_of(past, "load-64k")) == 2


def test_nights_of_another_profile_do_not_crowd_out_the_comparable_ones(history):
    history.add(passed(1, 0.1, Outcome.PASSED))
    for day in (2, 3, 4):
        history.add(passed(day, 0.2, Outcome.PASSED, duration=30.0))
    plan = replace(records.load_plan(), baseline=BaselineRule(nights=2, anchor=0))
    assert [each.observed for each in p95_of(history.past(plan, limit=2))] == [0.1]


def test_the_last_nights_are_known_and_older_releases_for_the_anchor(history):
    for day in range(1, 21):
        history.add(passed(day, day / 100, Outcome.PROMOTED if day <= 12 else Outcome.PASSED))
    rule = BaselineRule(nights=4, anchor=2)
    nights = p95_of(history.past(replace(records.load_plan(), baseline=rule), limit=3))
    assert [round(each.observed * 100) for each in nights] == [7, 8, 9, 10, 11, 12, 17, 18, 19, 20]


def test_a_commit_counts_once_by_its_latest_run_and_stays_released(history):
    once = passed(1, 0.1)
    for day, outcome in ((2, Outcome.PASSED), (3, Outcome.PASSED), (4, Outcome.BLOCKED)):
        history.add(replace(passed(day, day / 10, outcome), candidate=once.candidate))
    history.add(once)
    history.add(passed(5, 0.5, Outcome.PASSED))
    nights = p95_of(history.past(records.load_plan()))
    assert [(each.observed, each.released) for each in nights] == [(0.3, True), (0.5, False)]


def test_what_a_notice_tells_of_an_unjudged_objective_is_remembered(history):
    record = passed(1, None)
    notice = Notice("load-1k", None, "p95", "no-baseline", "Not judged.", 0.17)
    history.add(replace(record, verdict=replace(record.verdict, notices=(notice,))))
    assert [each.observed for each in p95_of(history.past(records.load_plan()))] == [0.17]


def test_a_history_learnt_again_knows_the_same_past(history):
    nights = [passed(day, day / 10) for day in (1, 2)]
    for each in nights:
        history.add(each)
    before = history.past(records.load_plan())
    history.rebuild(nights)
    assert history.past(records.load_plan()) == before


def test_one_repository_does_not_see_the_past_of_another(state, url):
    with opened(state, url) as one, opened(state, url, key="another") as other:
        one.add(passed(1, 0.1))
        assert not any(each.nights for each in other.past(records.load_plan()))


def test_a_past_that_cannot_be_read_is_an_error(state):
    state.mkdir()
    (state / "history.sqlite3").write_bytes(b"this is no database" * 100)
    with opened(state) as history, pytest.raises(BotError, match="cannot be used"):
        history.past(records.load_plan())


def nights_of(nights, scenario="load-1k"):
    (found,) = (each for each in nights if (each.scenario, each.endpoint, each.objective) == (scenario, None, "p95"))
    return found.points


def test_the_nights_of_a_plan_are_all_that_were_judged_whatever_they_came_to(history):
    told = (Outcome.PROMOTED, Outcome.PASSED, Outcome.BLOCKED, Outcome.INCONCLUSIVE, Outcome.INVALID)
    for day, outcome in reversed(list(enumerate(told, start=1))):
        history.add(passed(day, day / 100, outcome))
    history.add(night(6))
    points = nights_of(history.nights(records.load_plan()))
    assert [(each.outcome, each.observed) for each in points] == [
        (outcome, day / 100) for day, outcome in enumerate(told, start=1)
    ]


def test_the_last_nights_are_kept_and_each_shows_its_latest_run(history):
    for day in (1, 2, 3, 4):
        history.add(passed(day, day / 100))
    later = passed(3, 0.5, Outcome.BLOCKED)
    history.add(replace(later, run_id="20261103-140000-0003", started_at="2026-11-03T14:00:00Z"))
    points = nights_of(history.nights(records.load_plan(), limit=2))
    assert [(each.at, each.observed) for each in points] == [
        ("2026-11-03T14:00:00Z", 0.5),
        ("2026-11-04T02:00:00Z", 0.04),
    ]


def test_nights_of_another_profile_or_repository_are_not_shown(history):
    history.add(passed(1, 0.1, duration=30.0))
    assert nights_of(history.nights(records.load_plan())) == ()


def test_every_version_ships_sample_rows():
    revisions, _ = _versions(None)
    assert revisions == sorted(revisions)
    for revision in revisions:
        assert all(_samples(revision).values())


def test_closing_twice_or_before_use_does_nothing(state):
    history = SqlHistory(state, "", KEY)
    history.close()
    history.close()


def test_a_run_that_is_not_there_has_no_checks(history):
    assert history.checks_of("20261121-020000-0000") == ()


def test_what_was_taken_back_is_no_past(history):
    for day in (1, 2, 3):
        history.add(passed(day, day / 10))
    again = replace(passed(4, 0.4, Outcome.PASSED), candidate=passed(2, 0.2).candidate)
    history.add(again)
    found = history.past(records.load_plan(), without=frozenset({f"{2:040x}", "f" * 40}))
    assert [each.observed for each in p95_of(found)] == [0.1, 0.3]


def test_what_was_taken_back_does_not_crowd_out_what_was_not(history):
    for day in range(1, 7):
        history.add(passed(day, day / 10))
    plan = replace(records.load_plan(), baseline=BaselineRule(nights=2, anchor=0))
    found = history.past(plan, limit=2, without=frozenset(f"{day:040x}" for day in (4, 5, 6)))
    assert [each.observed for each in p95_of(found)] == [0.2, 0.3]
