"""The database: one engine to read, one to write, and the migrations that make its tables."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.config import ROOT
from app.errors import DatabaseUnavailableError, DatabaseUrlError, NotReadyError
from app.queries import REVISION, PostgresReader, QuickReader, ReadyQuery, SqliteReader
from app.replica import Replica, SetAsideError

_T = TypeVar("_T")

_SQLITE_BUSY_MILLISECONDS = 30_000
# One writer at a time, as on SQLite: imports read before they write. The number is arbitrary.
_POSTGRES_WRITER = "SELECT pg_advisory_xact_lock(7141200)"
# What waits for new revisions of the bank listens on this channel of PostgreSQL.
CHANNEL = "tiku_revision"
# Each statement of a transaction would else see what was committed before it alone.
_ONE_VIEW = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
# How soon a replica counts as lost, in seconds, and in milliseconds for what was sent to it.
_PROMPT = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5_000,
}
_NEXT_REVISION = "UPDATE bank SET revision = revision + 1 RETURNING revision"
# After how many times the driver has a statement prepared; not every pooler can bear that it does.
_PREPARE = "prepare_threshold"
_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_SYNC_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _dump, "json_deserializer": orjson.loads}


class Database:
    """The bank's database, SQLite or PostgreSQL by the URL, the latter maybe with a replica.

    Reads and writes use separate engines: on SQLite a writer takes its lock at the start of the
    transaction (a lock taken half-way could fail), while readers take none and cannot write.
    """

    def __init__(self, url: str, replica_url: str = "") -> None:
        self.url, options = _split_options(_async_url(url))
        self._read = _create_engine(self.url, options, begin="BEGIN", read_only=True)
        self._write = _create_engine(self.url, options, begin="BEGIN IMMEDIATE", read_only=False)
        self._quick = _quick_reader(self.url, self._read)
        self._replica = _open_replica(replica_url, self._read) if replica_url else None
        self._told: list[Callable[[int], None]] = []

    @property
    def is_postgres(self) -> bool:
        """Say whether the bank is on PostgreSQL; else it is a SQLite file."""
        return self.url.get_backend_name() == "postgresql"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a read-only transaction: one consistent view of the bank.

        It shows everything that was committed, also what makes no new revision, such as keys.
        """
        async with self._read.connect() as db:
            yield db

    async def read(self, work: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
        """Return what work reads in such a transaction, maybe on a replica.

        For questions, topics, tags and sources alone: a replica may show anything else as it was.
        Work is done again, on the primary, where the replica fails.
        """
        if self._replica is not None:
            with suppress(SetAsideError):
                return await self._replica.read(work)
        async with self._read.connect() as db:
            return await work(db)

    async def fetch(self, query: ReadyQuery, values: Mapping[str, object]) -> Sequence[Any]:
        """Return the rows of a query that was prepared: one statement, one view of the bank.

        As with `read` it may go to a replica.
        """
        if self._replica is not None:
            with suppress(SetAsideError):
                return await self._replica.fetch(query, values)
        return await self._quick.fetch(query, values)

    def require_revision(self, revision: int) -> None:
        """Read nothing from before this revision of the bank from now on, not from a replica."""
        if self._replica is not None:
            self._replica.require(revision)

    @asynccontextmanager
    async def writing(self, *, visible: bool = True) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction that commits at the end, or leaves nothing behind.

        Each makes a new revision of the bank, unless it is said that no reader of questions,
        topics, tags or sources can see a difference.
        """
        revision = None
        async with self._write.begin() as db:
            if self.is_postgres:
                await db.exec_driver_sql(_POSTGRES_WRITER)
            yield db
            if visible:
                revision = (await db.exec_driver_sql(_NEXT_REVISION)).scalar_one()
                if self.is_postgres:
                    await db.execute(sa.select(sa.func.pg_notify(CHANNEL, str(revision))))
        if revision is not None:
            self._tell(revision)

    def tell_revisions(self, tell: Callable[[int], None]) -> None:
        """Have `tell` called with each new revision that this process commits, right after."""
        self._told.append(tell)

    async def catch_up(self) -> None:
        """Tell of the revision that the bank is at, as after another process has committed."""
        async with self.reading() as db:
            revision = (await db.exec_driver_sql(REVISION)).scalar_one()
        self._tell(revision)

    def _tell(self, revision: int) -> None:
        self.require_revision(revision)
        for tell in self._told:
            tell(revision)

    async def close(self) -> None:
        """Close all connections."""
        if self._replica is not None:
            await self._replica.close()
        await self._quick.close()
        await self._read.dispose()
        await self._write.dispose()


def migrate(url: str) -> None:
    """Bring the database at `url` to this version, creating the SQLite file and its folder.

    Raises DatabaseUnavailableError where it cannot be reached or is no database, and NotReadyError
    where a later version has migrated it.
    """
    target = _sync_url(url)
    if target.get_backend_name() == "sqlite" and target.database:
        Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(alembic_config(url), "head")
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise DatabaseUnavailableError(reason=reason) from error
    except CommandError as error:
        raise NotReadyError(found=str(error), expected=expected_revision()) from error


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for the database at `url`."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    # Alembic reads its options through configparser, where a single % would be a placeholder.
    sync_url = _sync_url(url).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", sync_url.replace("%", "%%"))
    return config


@cache
def expected_revision() -> str | None:
    """Return the revision that the migrations of this version end in."""
    script = ScriptDirectory(str(ROOT / "migrations"))
    return script.get_current_head()


def _async_url(url: str) -> sa.URL:
    return _with_driver(url, _ASYNC_DRIVERS)


def _sync_url(url: str) -> sa.URL:
    return _split_options(_with_driver(url, _SYNC_DRIVERS))[0]


def _with_driver(url: str, drivers: dict[str, str]) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise DatabaseUrlError(reason="it is not a URL") from error
    backend = parsed.get_backend_name()
    if backend not in drivers:
        raise DatabaseUrlError(reason=f"{backend} is neither sqlite nor postgresql")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise DatabaseUrlError(reason="SQLite needs a file, as in sqlite:///var/tiku.db")
    return parsed.set(drivername=drivers[backend])


def _split_options(url: sa.URL) -> tuple[sa.URL, dict[str, Any]]:
    """Take out of a URL what the driver knows and PostgreSQL's own library does not."""
    if _PREPARE not in url.query:
        return url, {}
    value = str(url.query[_PREPARE])
    if value != "none" and not value.isdecimal():
        raise DatabaseUrlError(reason=f"{_PREPARE} is a number or none")
    return url.difference_update_query([_PREPARE]), {
        _PREPARE: None if value == "none" else int(value)
    }


def _quick_reader(url: sa.URL, engine: AsyncEngine) -> QuickReader:
    if url.get_backend_name() == "postgresql":
        return PostgresReader(engine)
    return SqliteReader(str(url.database))


def _open_replica(url: str, primary: AsyncEngine) -> Replica:
    parsed, options = _split_options(_async_url(url))
    # What is lost on the way is noticed soon; a read that meets a dead connection asks elsewhere,
    # so connections need not be tried before each.
    options |= {name: value for name, value in _PROMPT.items() if name not in parsed.query}
    engine = create_async_engine(parsed, execution_options=_ONE_VIEW, connect_args=options, **_JSON)
    return Replica(engine, primary)


def _create_engine(
    url: sa.URL, options: Mapping[str, Any], *, begin: str, read_only: bool
) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        view = _ONE_VIEW if read_only else {}
        return create_async_engine(
            url,
            execution_options=view,
            connect_args=dict(options),
            pool_pre_ping=True,
            **_JSON,
        )
    engine = create_async_engine(url, **_JSON)
    event.listen(engine.sync_engine, "connect", _sqlite_connect(read_only=read_only))
    event.listen(engine.sync_engine, "begin", lambda db: db.exec_driver_sql(begin))
    return engine


def _sqlite_connect(*, read_only: bool) -> Any:  # noqa: ANN401 (the shape of SQLAlchemy's listener)
    def configure(connection: Any, _record: Any) -> None:  # noqa: ANN401 (the same)
        # The driver would begin transactions by its own rules; here only the listener does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_BUSY_MILLISECONDS}")
        cursor.execute(f"PRAGMA query_only = {int(read_only)}")
        cursor.close()

    return configure
