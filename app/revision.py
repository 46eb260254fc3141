"""Which revision the bank is at, whoever wrote it: what ready responses are held against."""

import asyncio
import logging
import sqlite3
from typing import Protocol

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.database import CHANNEL, Database
from app.queries import REVISION, open_sqlite

_FRESH_SECONDS = 0.002  # for so long an answer of the database is believed without asking again
_HEARTBEAT_SECONDS = 1.0
_DEAF_SECONDS = 3.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

_log = logging.getLogger(__name__)


class RevisionWatch(Protocol):
    """Knows the bank's revision.

    What it says was committed before it says it, so whatever is read afterwards is at least as new.
    What this process commits it knows at once, the commits of others within milliseconds.
    """

    def known(self) -> int | None:
        """Return the revision without waiting, None where the database has to be asked."""
        ...

    async def ask(self) -> int | None:
        """Return the revision, None where the database does not answer."""
        ...

    async def start(self) -> None:
        """Begin to listen."""
        ...

    async def stop(self) -> None:
        """Cease to listen."""
        ...


def watch_revision(database: Database) -> RevisionWatch:
    """Return what watches this bank."""
    return PostgresWatch(database) if database.is_postgres else SqliteWatch(database)


class SqliteWatch:
    """Asks `PRAGMA data_version`, which changes with every commit of any other connection.

    That takes microseconds, and still is only done every two milliseconds. Not every commit is a
    new revision of the bank: the answers of learners are not.
    """

    def __init__(self, database: Database) -> None:
        self._path = str(database.url.database)
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._revision: int | None = None
        self._asked = 0.0
        database.tell_revisions(self._publish)

    def known(self) -> int | None:
        """Return the revision, None where the file does not answer."""
        now = asyncio.get_running_loop().time()
        if now - self._asked < _FRESH_SECONDS:
            return self._revision
        try:
            self._look()
        except sqlite3.Error:
            # Also before the first migration: without revisions nothing can be kept ready.
            self._forget()
        self._asked = now
        return self._revision

    async def ask(self) -> int | None:
        """Return what is known: there is nobody else to ask."""
        return self.known()

    async def start(self) -> None:
        """Wait for nothing: the file is opened when it is first asked."""

    async def stop(self) -> None:
        """Close the file."""
        self._forget()

    def _look(self) -> None:
        if self._connection is None:
            self._connection = open_sqlite(self._path)
        # The version comes first: a commit between the two is then seen once more, never missed.
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or self._revision is None:
            (self._revision,) = self._connection.execute(REVISION).fetchone()
            self._version = version

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._version = self._revision = None

    def _publish(self, revision: int) -> None:
        self._revision = max(revision, self._revision or 0)


class PostgresWatch:
    """Listens to what writers announce; while it cannot, the database is asked.

    A heartbeat notices within seconds that a connection has died silently, and finds what no
    announcement came for, as behind a pooler that does not pass them on.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._address = database.url.set(drivername="postgresql").render_as_string(
            hide_password=False
        )
        self._revision = 0
        self._listening = False
        self._asked = float("-inf")
        self._task: asyncio.Task[None] | None = None
        database.tell_revisions(self._publish)

    def known(self) -> int | None:
        """Return the revision, None while nobody listens."""
        return self._revision if self._listening else None

    async def ask(self) -> int | None:
        """Return the revision that the database says, at most two milliseconds old."""
        now = asyncio.get_running_loop().time()
        if now - self._asked >= _FRESH_SECONDS:
            try:
                async with self._database.reading() as db:
                    self._publish((await db.execute(sa.text(REVISION))).scalar_one())
            except SQLAlchemyError:
                return None
            self._asked = now
        return self._revision

    async def start(self) -> None:
        """Begin to listen, and keep at it."""
        self._task = asyncio.create_task(self._keep_listening())

    async def stop(self) -> None:
        """Cease to listen."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_listening(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._listen()
            # A payload that is no number was announced by somebody else.
            except (psycopg.Error, OSError, TimeoutError, ValueError) as error:
                # Only the first failure of a row is news.
                level = logging.WARNING if self._listening else logging.DEBUG
                _log.log(level, "no longer told of new revisions, asking instead: %s", error)
                pause = _FIRST_PAUSE if self._listening else min(2 * pause, _LONGEST_PAUSE)
            finally:
                self._listening = False
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async with asyncio.timeout(_DEAF_SECONDS):
            connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            while True:
                async with asyncio.timeout(_DEAF_SECONDS):
                    await self._beat(connection)
                async for notice in connection.notifies(timeout=_HEARTBEAT_SECONDS):
                    self._publish(int(notice.payload))

    async def _beat(self, connection: psycopg.AsyncConnection) -> None:
        row = await (await connection.execute(REVISION)).fetchone()
        if row is None:  # pragma: no cover (the migrations put it there)
            raise psycopg.DataError("the bank has no revision")
        self._database.require_revision(row[0])
        # Also backwards, as when a backup was restored.
        self._revision, self._listening = row[0], True

    def _publish(self, revision: int) -> None:
        self._database.require_revision(revision)
        self._revision = max(revision, self._revision)
