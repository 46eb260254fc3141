"""A streaming replica of the bank: it answers reads while it shows all that this process knows."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.queries import REVISION, ReadyQuery

_T = TypeVar("_T")

# With the version of the tables: a replica gets a migration later than the primary, too.
_STATE = sa.text("SELECT revision, (SELECT version_num FROM alembic_version) FROM bank")
_PROVEN = "tiku_revision"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 1.0
_PATIENCE_SECONDS = 3.0

_log = logging.getLogger(__name__)


class SetAsideError(Exception):
    """The replica does not answer this read: the primary has to."""


# What a replica says that is away, is being replaced, has to cancel a query because of what it
# replays, or has not got a migration yet. What is the query's own fault the primary says again.
_FAULTS = (
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    SetAsideError,
)


class Replica:
    """Reads from a hot standby while that answers and is as new as this process has to be.

    A connection shows once that it has reached a revision; from then on it is believed, since a
    standby never goes back: what that costs a read is the comparison of two numbers. A replica that
    fails or lags is set aside and looked after by a task of its own: no read waits for it.
    """

    def __init__(self, engine: AsyncEngine, primary: AsyncEngine) -> None:
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._primary = primary
        self._required = 0
        self._fit = False
        self._recovery: asyncio.Task[None] | None = None

    def require(self, revision: int) -> None:
        """Answer nothing from before this revision from now on."""
        self._required = max(revision, self._required)

    async def read(self, work: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
        """Return what work reads in one transaction; raises SetAsideError."""
        async with self._proven(self._engine) as db:
            return await work(db)

    async def fetch(self, query: ReadyQuery, values: Mapping[str, object]) -> Sequence[Any]:
        """Return all rows of a query; raises SetAsideError."""
        async with self._proven(self._single) as db:
            return (await db.execute(query.select, values)).all()

    async def close(self) -> None:
        """Close all connections."""
        if self._recovery is not None:
            self._recovery.cancel()
            await asyncio.wait([self._recovery])
        await self._engine.dispose()

    @asynccontextmanager
    async def _proven(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        if not self._fit:
            # Also the first read of all: whoever starts does not yet know what to ask for.
            self._look_after()
            raise SetAsideError
        try:
            async with engine.connect() as db:
                await self._prove(db)
                yield db
        except _FAULTS as error:
            self._set_aside(error)
            raise SetAsideError from error

    async def _prove(self, db: AsyncConnection) -> None:
        required = self._required
        if db.info.get(_PROVEN, -1) >= required:
            return
        shown = (await db.execute(sa.text(REVISION))).scalar_one()
        if shown < required:
            raise SetAsideError
        db.info[_PROVEN] = shown

    def _set_aside(self, error: Exception) -> None:
        if self._fit and not isinstance(error, SetAsideError):
            _log.warning("the replica fails, reading from the primary: %s", error)
        self._fit = False
        self._look_after()

    def _look_after(self) -> None:
        if self._recovery is None or self._recovery.done():
            self._recovery = asyncio.create_task(self._recover())

    async def _recover(self) -> None:
        """Wait until the replica can be read from again."""
        pause = _FIRST_PAUSE
        await asyncio.sleep(pause)
        while not await self._has_caught_up():
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self._fit = True

    async def _has_caught_up(self) -> bool:
        """Say whether the replica shows all that was read from the primary in its place."""
        wanted = await _look_at(self._primary)
        shown = await _look_at(self._single)
        if shown is None:
            return False
        if wanted is None:
            # The primary is away: what this process knows has to do.
            return shown[0] >= self._required
        return shown[0] >= wanted[0] and shown[1] == wanted[1]


async def _look_at(engine: AsyncEngine) -> tuple[int, str] | None:
    """Return revision and version of a server, None where it does not answer."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), engine.connect() as db:
            revision, version = (await db.execute(_STATE)).one()
            return revision, version
    except (SQLAlchemyError, OSError, TimeoutError):
        return None
