"""The bank on PostgreSQL: the same migrations, seed and answers as on SQLite."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from alembic import command

from app.config import Settings
from app.database import Database, alembic_config, migrate
from app.main import create_app
from app.services.judge import Judge
from seed.__main__ import plant
from tests.postgres import running_server
from tests.test_migrations import check_migrated_search


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a PostgreSQL server; return the URL of its migrated database."""
    with running_server(tmp_path_factory.mktemp("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
async def bank(postgres_url: str) -> AsyncIterator[Database]:
    """Give the seeded bank."""
    database = Database(postgres_url)
    await plant(database)
    yield database
    await database.close()


@pytest.fixture
async def postgres_client(
    postgres_url: str, bank: Database, judge: Judge
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the app on the seeded bank."""
    del bank
    app = create_app(Settings(database_url=postgres_url), new_seed=lambda: 7, judge=judge)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tiku") as client,
    ):
        yield client


def test_models_and_migrations_agree(postgres_url: str) -> None:
    """The migrations make what the models declare here as well."""
    command.check(alembic_config(postgres_url))


async def test_planting_twice_changes_nothing(bank: Database) -> None:
    """The second seed finds everything as it was."""
    assert (await plant(bank)).changes_nothing


@pytest.mark.parametrize(
    "path",
    [
        "/v1/questions",
        "/v1/questions?view=prompt&limit=3",
        "/v1/questions?topic=applications&difficulty_max=2&any_tag=医学&any_tag=应用",
        "/v1/questions?language=zh&q=目標檢測",
        "/v1/questions/random?count=5&seed=3",
        "/v1/topics",
        "/v1/tags",
    ],
)
async def test_answers_are_the_same_as_on_sqlite(
    client: httpx.AsyncClient, postgres_client: httpx.AsyncClient, path: str
) -> None:
    """Both engines give the same JSON, but for the time of the seed."""
    here, there = await postgres_client.get(path), await client.get(path)

    assert here.status_code == there.status_code == 200
    assert _timeless(here.json()) == _timeless(there.json())


async def test_pages_and_checks_work(postgres_client: httpx.AsyncClient) -> None:
    """Cursors compare rows, and an answer is checked, on this engine too."""
    first = (await postgres_client.get("/v1/questions?limit=5")).json()
    second = await postgres_client.get(f"/v1/questions?limit=5&cursor={first['next_cursor']}")
    url = f"/v1/questions/{first['items'][1]['id']}/check"
    check = await postgres_client.post(url, json={"answer": first["items"][1]["answer"]})

    assert [item["number"] for item in second.json()["items"]] == ["6", "7", "8"]
    assert check.json()["score"] == 1
    assert (await postgres_client.get("/readyz")).status_code == 204


def _timeless(body: dict[str, Any]) -> dict[str, Any]:
    """Return a list's body without the times of its items, which differ by the seeds' moments."""
    items = [
        {name: value for name, value in item.items() if name != "updated_at"}
        for item in body["items"]
    ]
    return body | {"items": items}


async def test_existing_questions_become_searchable(bank: Database, postgres_url: str) -> None:
    """The search index is taken back and made again on this engine as well."""
    await bank.close()
    await check_migrated_search(postgres_url)
