"""Fixtures: databases made by the migrations, the app over ASGI, and a real server."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from app.config import ROOT, Settings
from app.database import Database, migrate
from app.main import create_app
from app.services.judge import Judge
from seed.__main__ import plant
from tests.postgres import free_port

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file without questions; copy it before writing."""
    path = tmp_path_factory.mktemp("empty") / "bank.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def seeded_bank(empty_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a seeded SQLite file; copy it before writing."""
    path = tmp_path_factory.mktemp("seeded") / "bank.db"
    shutil.copy(empty_bank, path)

    async def seed() -> None:
        database = Database(f"sqlite:///{path}")
        await plant(database)
        await database.close()

    asyncio.run(seed())
    return path


@pytest.fixture
def url(empty_bank: Path, tmp_path: Path) -> str:
    """Return the URL of an empty bank of the test's own."""
    return f"sqlite:///{shutil.copy(empty_bank, tmp_path / 'bank.db')}"


@pytest.fixture
def seeded_url(seeded_bank: Path, tmp_path: Path) -> str:
    """Return the URL of a seeded bank of the test's own."""
    return f"sqlite:///{shutil.copy(seeded_bank, tmp_path / 'seeded.db')}"


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


@pytest.fixture(scope="session")
def server(seeded_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run `tiku serve` as a process of its own on a seeded bank; return its base URL."""
    path = shutil.copy(seeded_bank, tmp_path_factory.mktemp("served") / "bank.db")
    with serving(f"sqlite:///{path}") as base:
        yield base


@contextmanager
def serving(url: str) -> Iterator[str]:
    """Run `tiku serve` on a bank until the block ends; give its base URL."""
    port = free_port()
    environment = os.environ | {"TIKU_DATABASE_URL": url, "TIKU_PORT": str(port)}
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
