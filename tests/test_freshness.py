"""No process ever gives out what was: a change is seen at once in its own, soon in every other."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.database import Database, migrate
from app.documents.records import write_json
from app.models import Scope
from app.revision import PostgresWatch, RevisionWatch, SqliteWatch, watch_revision
from app.services.access import create_key
from app.services.importing import import_document
from tests.conftest import NOW, serving
from tests.factories import make_document, make_item

_EDITIONS = 12
_PATIENCE_SECONDS = 20


def _edition(number: int) -> bytes:
    """Return a document whose one question says which edition it is of."""
    answer = f"第{number}版。"
    return write_json(make_document(make_item("版本？", answer=answer, key="edition"), slug="e"))


def _shown(response: httpx.Response) -> int:
    """Return the edition of an answer with one question, alone or listed."""
    body: dict[str, Any] = response.raise_for_status().json()
    answer: str = body["answer"] if "answer" in body else body["items"][0]["answer"]
    return int(answer.removeprefix("第").removesuffix("版。"))


class Bank:
    """Two servers on one bank, a writer at the first, and readers at both."""

    def __init__(self, first: str, second: str, key: str) -> None:
        self.first = httpx.AsyncClient(base_url=first, timeout=_PATIENCE_SECONDS)
        self.second = httpx.AsyncClient(base_url=second, timeout=_PATIENCE_SECONDS)
        self.key = key
        self.written = 0
        self.done = False

    async def write(self, number: int) -> None:
        """Import an edition at the first server."""
        response = await self.first.post(
            "/v1/imports?name=e.json",
            content=_edition(number),
            headers={"Authorization": f"Bearer {self.key}"},
        )
        response.raise_for_status()
        self.written = number

    async def read_on(self, client: httpx.AsyncClient, path: str, *, at_once: bool) -> int:
        """Read until the writer is done; return how many answers came.

        None may be older than the one before, nor, `at_once`, than what was written when asking.
        """
        last, count = 0, 0
        while not self.done:
            floor = max(last, self.written) if at_once else last
            last = _shown(await client.get(path))
            count += 1
            # Eight clients in one process: without a pause some would starve the others.
            await asyncio.sleep(0.001)

            assert last >= floor, path
        return count


async def test_readers_never_see_what_was(database: Database, url: str) -> None:
    """While one writes at a server, its readers see each edition at once, others' soon."""
    await check_readers(database, lambda: serving(url))


async def check_readers(
    database: Database,
    serve: Callable[[], AbstractContextManager[str]],
    before_write: Callable[[int], None] = lambda _: None,
) -> None:
    """Hold two servers of a bank to it while editions are written at the first."""
    async with database.writing(visible=False) as db:
        key = await create_key(db, name="test", scopes=[Scope.EDIT], now=NOW)
    with ExitStack() as stack:
        first, second = (stack.enter_context(serve()) for _ in range(2))
        both = Bank(first, second, key)
        await both.write(1)
        listed = (await both.first.get("/v1/questions?source=e")).json()["items"]
        paths = (
            f"/v1/questions/{listed[0]['id']}",
            "/v1/questions?source=e",
            "/v1/questions/random?source=e&seed=1",
            "/v1/questions?source=e&order=random&seed=1",
        )

        async def write() -> None:
            for number in range(2, _EDITIONS):
                await asyncio.to_thread(before_write, number)
                await both.write(number)
                for path in paths:
                    await _until(both.second, path, number)

        async def write_to_the_end() -> None:
            try:
                await write()
            finally:
                both.done = True

        readers = [
            both.read_on(client, path, at_once=client is both.first)
            for path in paths
            for client in (both.first, both.second)
        ]
        writing = asyncio.create_task(write_to_the_end())
        counts = await asyncio.gather(*readers)
        await writing
        await both.first.aclose()
        await both.second.aclose()

    assert min(counts) > _EDITIONS


async def _until(client: httpx.AsyncClient, path: str, number: int) -> None:
    """Wait until a server shows an edition, which it does without being told by anyone here."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while _shown(await client.get(path)) < number:  # noqa: ASYNC110 (the same)
            await asyncio.sleep(0.001)


async def _publish(database: Database, number: int) -> None:
    document = make_document(make_item("版本？", answer=f"第{number}版。"), slug="watched")
    await import_document(database, document, now=NOW, author="test")


async def _wait(condition: Callable[[], bool]) -> None:
    """Wait until something is so, with nobody to tell when."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 (what is waited for knows nothing of this test)
            await asyncio.sleep(0.001)


async def _revision(watch: RevisionWatch) -> int | None:
    known = watch.known()
    return await watch.ask() if known is None else known


async def test_a_watch_knows_its_own_process_at_once(database: Database) -> None:
    """After a commit here there is no moment of the old revision, and reading raises none."""
    watch = watch_revision(database)
    before = await _revision(watch)
    await _publish(database, 1)
    after = await _revision(watch)
    async with database.reading() as db:
        stored = await db.scalar(sa.text("SELECT revision FROM bank"))

    assert before is not None
    assert after == stored == before + 1
    await watch.stop()


async def test_what_readers_cannot_see_is_no_revision(database: Database, url: str) -> None:
    """Keys are written without dropping what is ready, here and in others."""
    other = Database(url)
    watch = watch_revision(other)
    before = await _revision(watch)
    async with database.writing(visible=False) as db:
        await create_key(db, name="test", scopes=[Scope.EDIT], now=NOW)
    await asyncio.sleep(0.01)

    assert await _revision(watch) == before
    await watch.stop()
    await other.close()


async def test_a_failed_transaction_is_no_revision(database: Database) -> None:
    """What was rolled back was never there."""
    watch = watch_revision(database)
    before = await _revision(watch)
    with pytest.raises(OSError, match="disk"):
        async with database.writing():
            raise OSError("disk")

    assert await _revision(watch) == before
    await watch.stop()


async def test_a_bank_without_revisions_is_asked_each_time(tmp_path: Any) -> None:
    """Before the first migration nothing is known, and afterwards it is."""
    url = f"sqlite:///{tmp_path / 'late.db'}"
    sqlite3.connect(tmp_path / "late.db").close()
    database = Database(url)
    watch = SqliteWatch(database)
    before = watch.known()
    await asyncio.to_thread(migrate, url)
    await _wait(lambda: watch.known() == 1)

    assert before is None
    await watch.stop()
    await database.close()


@pytest.mark.only_on("postgres", reason="only there processes are told")
async def test_postgres_listeners_are_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process is told by the announcement itself, not by looking now and then."""
    monkeypatch.setattr("app.revision._HEARTBEAT_SECONDS", 3600.0)
    writer, reader = Database(url), Database(url)
    watch = PostgresWatch(reader)
    await watch.start()
    await _wait(lambda: watch.known() is not None)
    known = watch.known()
    await _publish(writer, 1)
    await _wait(lambda: watch.known() != known)

    assert watch.known() == (known or 0) + 1
    await watch.stop()
    await writer.close()
    await reader.close()


@pytest.mark.only_on("postgres", reason="only there processes are told")
async def test_a_lost_listener_asks_and_comes_back(url: str) -> None:
    """While nobody listens the database is asked; then the watch listens again by itself."""
    database = Database(url)
    watch = PostgresWatch(database)
    await watch.start()
    for number in range(2, 4):
        await _wait(lambda: watch.known() is not None)
        async with database.reading() as db:
            await db.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'SELECT revision%' AND pid <> pg_backend_pid()"
                )
            )
        await _wait(lambda: watch.known() is None)
        other = Database(url)
        await _publish(other, number)
        await other.close()
        async with database.reading() as db:
            stored = await db.scalar(sa.text("SELECT revision FROM bank"))

        assert await _revision(watch) == stored
    await watch.stop()
    await database.close()


async def test_a_database_that_is_gone_has_no_revision() -> None:
    """Where nobody answers, nothing is known; asking raises nothing."""
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    watch = PostgresWatch(database)
    await watch.start()

    assert await _revision(watch) is None
    await watch.stop()
    await database.close()
