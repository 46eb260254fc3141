"""Fixtures: databases made by the migrations, the app over ASGI, and a real server."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from app.config import ROOT, Settings
from app.database import Database
from app.main import create_app
from app.services.judge import Judge
from tests.postgres import free_port, running_server
from tests.stores import ENGINES, PostgresStore, SqliteStore, Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a bank on both engines, but for what is said to be about one."""
    if "backend" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("only_on")
        metafunc.parametrize("backend", only.args if only else ENGINES)


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """Return what makes banks on SQLite."""
    return SqliteStore(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_store() -> Iterator[PostgresStore]:
    """Run a PostgreSQL server; give what makes banks on it."""
    with running_server() as server:
        yield PostgresStore(server)


@pytest.fixture
def store(request: pytest.FixtureRequest, backend: str) -> Store:
    """Return what makes banks on the engine of the test."""
    store: Store = request.getfixturevalue(f"{backend}_store")
    return store


@pytest.fixture
def url(store: Store) -> Iterator[str]:
    """Give the URL of an empty bank of the test's own."""
    url = store.make()
    yield url
    store.remove(url)


@pytest.fixture
def seeded_url(store: Store) -> Iterator[str]:
    """Give the URL of a seeded bank of the test's own."""
    url = store.make(seeded=True)
    yield url
    store.remove(url)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Give an empty bank."""
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def seeded(seeded_url: str) -> AsyncIterator[Database]:
    """Give a seeded bank."""
    database = Database(seeded_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Give what checks answers; one for all tests, since its process takes a while to start."""
    judge = Judge(Settings())
    yield judge
    asyncio.run(judge.close())


@pytest.fixture
async def client(seeded_url: str, judge: Judge) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the app on a seeded bank; draws without a seed use 7."""
    settings = Settings(database_url=seeded_url)
    app = create_app(settings, new_seed=lambda: 7, judge=judge)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://tiku"
        ) as client,
    ):
        yield client


@pytest.fixture(scope="session", params=ENGINES)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run `tiku serve` as a process of its own on a seeded bank; return its base URL."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    url = store.make(seeded=True)
    with serving(url) as base:
        yield base
    store.remove(url)


@contextmanager
def serving(url: str, replica_url: str = "") -> Iterator[str]:
    """Run `tiku serve` on a bank until the block ends; give its base URL."""
    port = free_port()
    environment = os.environ | {
        "TIKU_DATABASE_URL": url,
        "TIKU_DATABASE_REPLICA_URL": replica_url,
        "TIKU_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment, cwd=ROOT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(base, process)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_ready(base: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server stopped"
        try:
            if httpx.get(f"{base}/readyz").status_code == httpx.codes.NO_CONTENT:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the server did not become ready")
