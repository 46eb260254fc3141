"""A real streaming replica: it answers reads, never from before what a process knows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import Database, migrate
from app.queries import ReadyQuery
from app.revision import PostgresWatch
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.questions import list_questions
from app.services.rendering import View
from tests.conftest import NOW, serving
from tests.factories import make_document, make_item
from tests.postgres import FOLLOW, Server, running_replica, running_server
from tests.test_freshness import check_readers

_PATIENCE_SECONDS = 20
_IS_REPLICA = sa.select(sa.func.pg_is_in_recovery())
_QUICK = ReadyQuery(sa.select(sa.cast(sa.func.pg_is_in_recovery(), sa.Integer)), bounded=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """A primary and its replica, and a bank that is on both."""

    primary: Server
    replica: Server
    name: str = "bank"

    @property
    def url(self) -> str:
        """Return the URL of the bank on the primary."""
        return self.primary.url(self.name)

    @property
    def replica_url(self) -> str:
        """Return the URL of the bank on the replica."""
        return self.replica.url(self.name)

    def hold(self) -> None:
        """Have the replica take in no changes."""
        self._order("SELECT pg_wal_replay_pause()")
        while self._order("SELECT pg_get_wal_replay_pause_state()") != "paused":
            pass

    def release(self) -> None:
        """Have it take them in again."""
        self._order("SELECT pg_wal_replay_resume()")

    def _order(self, statement: str) -> object:
        with self.replica.connect() as db:
            row = db.execute(statement.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Run a primary with a migrated bank, and a replica of it."""
    with running_server() as primary:
        migrate(primary.create("bank"))
        with running_replica(primary) as replica:
            yield Pair(primary, replica)


@pytest.fixture
async def bank(pair: Pair) -> AsyncIterator[Database]:
    """Give the bank, with its replica in use."""
    database = Database(pair.url, pair.replica_url)
    await _publish(database, 0)
    await _until(lambda: _from_replica(database))
    yield database
    await database.close()


async def _publish(database: Database, edition: int) -> None:
    document = make_document(make_item("版本？", answer=f"第{edition}版。"), slug="e")
    await import_document(database, document, now=NOW, author="test")


async def _shown(database: Database) -> int:
    """Return the edition that a read shows."""
    page = await list_questions(
        database, QuestionFilter(source="e"), limit=1, cursor=None, view=View.FULL
    )
    return int(page.items[0].decode().partition("第")[2].partition("版。")[0])


async def _from_replica(database: Database) -> bool:
    """Say whether reads of both kinds come from the replica."""
    ((quick,),) = await database.fetch(_QUICK, {})
    return bool(await database.read(_is_replica)) and quick == 1


async def _is_replica(db: AsyncConnection) -> bool:
    return bool(await db.scalar(_IS_REPLICA))


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await condition():  # noqa: ASYNC110 (nobody here tells when)
            await asyncio.sleep(0.002)


async def test_shared_reads_come_from_the_replica(bank: Database) -> None:
    """Reads of questions do; what is read of anything else comes from the primary."""
    async with bank.reading() as db:
        here = await db.scalar(_IS_REPLICA)

    assert here is False
    assert await _from_replica(bank)


async def test_own_writes_show_at_once(bank: Database) -> None:
    """However soon after a write, a read shows it; and the replica is used again."""
    for edition in range(1, 25):
        await _publish(bank, edition)

        assert await _shown(bank) == edition
    await _until(lambda: _from_replica(bank))

    assert await _shown(bank) == 24


async def test_a_replica_that_lags_is_not_asked(pair: Pair, bank: Database) -> None:
    """While it takes in nothing reads come from the primary; then it answers, with the new."""
    await asyncio.to_thread(pair.hold)
    try:
        unchanged = await _from_replica(bank)
        await _publish(bank, 1)
        shown = [await _shown(bank) for _ in range(20)]
        lagging = await _from_replica(bank)
    finally:
        pair.release()
    await _until(lambda: _from_replica(bank))

    assert unchanged
    assert not lagging
    assert set(shown) == {1}
    assert await _shown(bank) == 1


async def test_a_process_that_was_told_reads_nothing_older(pair: Pair, bank: Database) -> None:
    """What another process wrote is read as soon as the watch knows of it, replica or not."""
    watch = PostgresWatch(bank)
    await watch.start()
    await _until(_knows(watch, 1))
    writer = Database(pair.url)
    await asyncio.to_thread(pair.hold)
    try:
        before = watch.known() or 0
        await _publish(writer, 7)
        await _until(_knows(watch, before + 1))
        shown, lagging = await _shown(bank), await _from_replica(bank)
    finally:
        pair.release()

    assert (shown, lagging) == (7, False)
    await watch.stop()
    await writer.close()


def _knows(watch: PostgresWatch, revision: int) -> Callable[[], Awaitable[bool]]:
    async def knows() -> bool:
        return (watch.known() or 0) >= revision

    return knows


async def test_readers_never_see_what_was(pair: Pair, bank: Database) -> None:
    """Two servers keep what they promise while their replica now lags and now follows."""

    def disturb(number: int) -> None:
        (pair.release, pair.hold)[number % 2]()

    try:
        await check_readers(bank, lambda: serving(pair.url, pair.replica_url), disturb)
    finally:
        pair.release()


async def test_reads_go_on_without_the_replica(
    pair: Pair, bank: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it is gone the primary answers the very same read; when it is back it is used."""
    await asyncio.to_thread(pair.replica.stop)
    try:
        gone = await asyncio.gather(*(_shown(bank) for _ in range(8)))
        fallen_back = await _from_replica(bank)
        await _publish(bank, 3)
        changed = await _shown(bank)
    finally:
        await asyncio.to_thread(pair.replica.start, **FOLLOW)
    await _until(lambda: _from_replica(bank))

    assert set(gone) == {0}
    assert not fallen_back
    assert changed == 3
    assert await _shown(bank) == 3
    assert [one.getMessage()[:17] for one in caplog.records].count("the replica fails") == 1


async def test_a_replica_that_comes_back_shows_what_was_seen_meanwhile(
    pair: Pair, bank: Database
) -> None:
    """What the primary showed in its place is not taken back, though nobody told of it."""
    writer = Database(pair.url)
    await asyncio.to_thread(pair.replica.stop)
    try:
        await _publish(writer, 4)
        seen = await _shown(bank)
        await asyncio.to_thread(pair.replica.start, primary_conninfo="''")
        behind = []
        for _ in range(150):
            behind.append(await _shown(bank))
            await asyncio.sleep(0.01)
        await asyncio.to_thread(pair.replica.stop)
    finally:
        await asyncio.to_thread(pair.replica.start, **FOLLOW)
    await _until(lambda: _from_replica(bank))

    assert seen == 4
    assert set(behind) == {4}
    assert await _shown(bank) == 4
    await writer.close()


async def test_a_start_without_the_replica_is_a_start(pair: Pair) -> None:
    """A replica that is not there yet holds nobody up."""
    database = Database(pair.url, "postgresql://nobody@127.0.0.1:1/none")
    await _publish(database, 5)

    assert await _shown(database) == 5
    assert not await _from_replica(database)
    await database.close()


async def test_reads_go_on_without_the_primary(pair: Pair, bank: Database) -> None:
    """While the primary is away the replica still answers, all that this process knows."""
    await _publish(bank, 9)
    await _until(lambda: _from_replica(bank))
    await asyncio.to_thread(pair.primary.stop)
    try:
        shown = [await _shown(bank) for _ in range(5)]
    finally:
        await asyncio.to_thread(pair.primary.start)

    assert set(shown) == {9}


async def test_a_query_that_fails_fails(bank: Database) -> None:
    """A fault of the query itself is no fault of the replica, and is not hidden."""

    async def fail(db: AsyncConnection) -> None:
        await db.execute(sa.text("SELECT 1 / 0"))

    with pytest.raises(sa.exc.DBAPIError, match="zero"):
        await bank.read(fail)

    assert await _from_replica(bank)
