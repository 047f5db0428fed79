"""The history database: opened, brought to the newest schema, and its failures put into words."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import exc

from bot.adapters import files
from bot.core.reasons import Reason
from bot.errors import BotError

SQLITE_FILE: Final = "history.sqlite3"
_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_BUSY_S: Final = 15.0
# Any fixed number: whoever upgrades a PostgreSQL database holds this lock while doing so.
_UPGRADE_LOCK: Final = 6_201_119
_HINT: Final = (
    "Move the database away: promotions are read again from the ledger, runs from runs/*/run.json; nothing is lost."
)
_BUSY_HINT: Final = "Another process is writing to it; run again when that has ended."
_SERVER_HINT: Final = (
    "Check [state] database and that its server answers; history is rebuilt from the ledger and runs/."
)


def open_database(state_dir: Path, url: str) -> sa.Engine:
    """An engine on `url`, or on SQLite in `state_dir` where it is empty; nothing is connected yet.

    SQLite keeps a rollback journal and syncs fully: history is small, and a night is written once.
    PostgreSQL takes its password from PGPASSWORD or PGPASSFILE, never from the URL.
    """
    if not url:
        files.make_folder(state_dir)
        return _sqlite(state_dir / SQLITE_FILE)
    try:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        return sa.create_engine(address, pool_pre_ping=True, connect_args={"connect_timeout": int(_BUSY_S)})
    except ModuleNotFoundError as error:
        sentence = "[state] database names PostgreSQL, whose driver is not installed."
        raise BotError(Reason.STATE_UNUSABLE, sentence, "Install promotion-bot[postgresql].") from error


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_S})

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # SQLAlchemy begins transactions itself below: the driver's own guesses leave DDL outside them.
        connection.isolation_level = None
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # Taking the write lock at once lets two processes wait for each other instead of failing midway.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the schema up to `revision` in one transaction; safe when several processes do so at once."""
    with database_errors(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        command.upgrade(migrations(connection), revision)


def migrations(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, complete without any file."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextlib.contextmanager
def database_errors(engine: sa.Engine) -> Iterator[None]:
    """Turn the failures of SQLAlchemy and alembic into BotError, without statements or parameters."""
    try:
        yield
    except CommandError as error:
        sentence = f"{_name(engine)} was written by a newer version of the bot."
        raise BotError(Reason.STATE_UNUSABLE, sentence, "Upgrade promotion-bot.") from error
    except exc.SQLAlchemyError as error:
        raise _failure(engine, error) from None


def _failure(engine: sa.Engine, error: exc.SQLAlchemyError) -> BotError:
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    words = (str(cause).splitlines() or [type(cause).__name__])[0].strip()
    if "disk is full" in words:
        return BotError(Reason.DISK_FULL, f"{_name(engine)} could not be written: {words}.")
    if "locked" in words:
        return BotError(Reason.STATE_UNUSABLE, f"{_name(engine)} is in use: {words}.", _BUSY_HINT)
    hint = _HINT if engine.dialect.name == "sqlite" else _SERVER_HINT
    return BotError(Reason.STATE_UNUSABLE, f"{_name(engine)} cannot be used: {words}.", hint)


def _name(engine: sa.Engine) -> str:
    if engine.dialect.name == "sqlite":
        return f"The history database {engine.url.database}"
    return f"The history database {engine.url.database} on {engine.url.host or 'this machine'}"
