"""Queries that are compiled once and run with the least ado: what the hot reads are made of."""

import asyncio
import sqlite3
import threading
import uuid
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

# The revision that the bank is at, for whoever asks outside of a prepared query.
REVISION = "SELECT revision FROM bank"
_THREADS = 4
_DIALECT = sqlite.dialect(paramstyle="named")
_CACHE_KIB = 16_000  # pages that a connection keeps: of a large index, all but the leaves


class as_utf8(FunctionElement[bytes]):  # noqa: N801 (reads as a function of SQL)
    """A text column as the bytes that go into a response, so that nothing decodes them."""

    type = sa.LargeBinary()
    inherit_cache = True
    name = "as_utf8"


@compiles(as_utf8, "sqlite")
def _as_blob(element: as_utf8, compiler: Any, **options: Any) -> str:  # noqa: ANN401 (SQLAlchemy's)
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(as_utf8, "postgresql")
def _as_bytea(element: as_utf8, compiler: Any, **options: Any) -> str:  # noqa: ANN401 (the same)
    return f"convert_to({compiler.process(element.clauses, **options)}, 'UTF8')"


class by_code_points(FunctionElement[str]):  # noqa: N801 (the same)
    """A text column to order by: in the order of its characters in Unicode, on every server.

    SQLite knows no other order; PostgreSQL's own is that of the language it was set up for.
    """

    type = sa.String()
    inherit_cache = True
    name = "by_code_points"


@compiles(by_code_points, "sqlite")
def _as_is(element: by_code_points, compiler: Any, **options: Any) -> str:  # noqa: ANN401 (the same)
    return str(compiler.process(element.clauses, **options))


@compiles(by_code_points, "postgresql")
def _as_collated(element: by_code_points, compiler: Any, **options: Any) -> str:  # noqa: ANN401
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'


class ReadyQuery:
    """A select with bound parameters, compiled once.

    Its columns must be what both engines give as they are: numbers, text, bytes. `bounded` says
    that it touches a few rows by an index however large the bank is; on SQLite it then runs where
    it is asked, since going to another thread would take longer than the query.
    """

    def __init__(self, select: sa.Select[*tuple[Any, ...]], *, bounded: bool) -> None:
        self.select = select
        self.bounded = bounded

    @cached_property
    def sqlite(self) -> tuple[str, dict[str, Any]]:
        """Return the statement for SQLite, and the values of the parameters that have one."""
        compiled = self.select.compile(dialect=_DIALECT)
        return str(compiled), dict(compiled.params)


class ReadyQueries:
    """Ready queries by their shape, made when a shape is first met; the oldest of too many go."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._known: dict[Hashable, ReadyQuery] = {}

    def get(self, shape: Hashable, make: Callable[[], ReadyQuery]) -> ReadyQuery:
        """Return the query of a shape; `make` makes it."""
        query = self._known.get(shape)
        if query is None:
            if len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            query = self._known[shape] = make()
        return query


class QuickReader(Protocol):
    """Runs ready queries on an engine."""

    async def fetch(self, query: ReadyQuery, values: Mapping[str, object]) -> Sequence[Any]:
        """Return all rows."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class SqliteReader:
    """Runs ready queries on connections of the driver's own.

    Bounded ones run on the event loop, the others in threads, a hop each. (Through the asynchronous
    engine a query takes eight hops, each many times as long as reading a row.)
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(_THREADS, "tiku-read")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    async def fetch(self, query: ReadyQuery, values: Mapping[str, object]) -> Sequence[Any]:
        """Return all rows; raises OperationalError."""
        if query.bounded:
            return self._run(query, values)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, query, values)

    async def close(self) -> None:
        """Close the connections."""
        self._threads.shutdown()
        while self._opened:
            self._opened.pop().close()
        self._local = threading.local()

    def _run(self, query: ReadyQuery, values: Mapping[str, object]) -> Sequence[Any]:
        statement, defaults = query.sqlite
        bound = {name: _bindable(value) for name, value in {**defaults, **values}.items()}
        try:
            return self._connection().execute(statement, bound).fetchall()
        except sqlite3.OperationalError as error:
            raise OperationalError(statement, bound, error) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_sqlite(self._path)
            self._opened.append(connection)
        return connection


class PostgresReader:
    """Runs ready queries on the pool of an engine, each as a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def fetch(self, query: ReadyQuery, values: Mapping[str, object]) -> Sequence[Any]:
        """Return all rows; raises OperationalError."""
        async with self._engine.connect() as db:
            return (await db.execute(query.select, values)).all()

    async def close(self) -> None:
        """Leave the pool to its owner."""


def open_sqlite(path: str) -> sqlite3.Connection:
    """Open a SQLite file that must be there, for reading, each statement its own transaction."""
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,  # closed by whoever closes the bank
        cached_statements=512,
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def _bindable(value: object) -> object:
    return value.hex if isinstance(value, uuid.UUID) else value
