"""SQLite and PostgreSQL: the same questions get the same answers, to the byte."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import orjson
import pytest
import sqlalchemy as sa

from app.config import Settings
from app.database import Database
from app.main import create_app
from app.services.importing import import_document
from app.services.judge import Judge
from seed.__main__ import load_seed
from tests.conftest import NOW
from tests.factories import make_document, make_item
from tests.stores import Store

# As their characters in Unicode are ordered, not as in a dictionary of any language.
TAGS = ["B", "a", "É", "ß", "上海", "北京", "广州", "西安", "重庆", "𠮷野家"]
FIELDS = ["topic", "tag", "any_tag", "source", "language", "q", "kind"]
ODD = ["%00", "a%00b", "%ED%A0%80", "%FF", "%5C", "%27", "%25%5F/%5C"]


@pytest.fixture
async def clients(
    sqlite_store: Store, postgres_store: Store, judge: Judge
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Give a client of the same bank on each engine."""
    tagged = make_item("哪个城市最大？", tags=tuple(reversed(TAGS)), language=None, difficulty=None)
    async with AsyncExitStack() as stack:
        clients = []
        for store in (sqlite_store, postgres_store):
            url = store.make()
            stack.callback(store.remove, url)
            database = Database(url)
            for document in (load_seed(), make_document(tagged, slug="cities")):
                await import_document(database, document, now=NOW, author="test")
            await database.close()
            app = create_app(Settings(database_url=url), new_seed=lambda: 7, judge=judge)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://tiku")
            clients.append(await stack.enter_async_context(client))
        yield clients


@pytest.mark.parametrize(
    "path",
    [
        "/v1/questions",
        "/v1/questions?view=prompt&limit=3",
        "/v1/questions?topic=applications&difficulty_max=2&any_tag=医学&any_tag=应用",
        "/v1/questions?language=zh&q=目標檢測",
        "/v1/questions?difficulty_min=1",
        "/v1/questions?language=ZH",
        "/v1/questions?language=z_",
        "/v1/questions?language=%25",
        "/v1/questions?tag=A",
        "/v1/questions?order=random&seed=4&limit=5",
        "/v1/questions?cursor=x",
        "/v1/questions/random?count=5&seed=3",
        "/v1/questions/random?seed=9007199254740991",
        "/v1/topics",
        "/v1/tags",
        "/v1/sources",
        "/v1/stats",
        "/v1/stats?q=模型&difficulty_min=2",
        "/v1/export?format=ndjson",
        "/v1/export?format=markdown",
    ],
)
async def test_answers_are_the_same(clients: list[httpx.AsyncClient], path: str) -> None:
    """Both engines give the same bytes, and the same problem where something is wrong."""
    here, there = [await client.get(path) for client in clients]

    assert here.status_code == there.status_code
    assert here.status_code in {200, 422}
    assert here.content == there.content


@pytest.mark.parametrize(
    "path",
    [
        "/v1/questions?{}={}",
        "/v1/questions/random?{}={}&seed=1",
        "/v1/stats?{}={}",
        "/v1/export?format=json&{}={}",
    ],
)
async def test_odd_characters_are_answered_alike(
    clients: list[httpx.AsyncClient], path: str
) -> None:
    """NUL, broken UTF-8, quotes and what LIKE finds special are nobody's failure."""
    for asked in [path.format(name, value) for name in FIELDS for value in ODD]:
        here, there = [await client.get(asked) for client in clients]

        assert here.status_code == there.status_code, asked
        assert here.status_code in {200, 422}, asked
        assert here.content == there.content, asked


@pytest.mark.parametrize("value", ["a\\u0000b", "\\ud800", "\\\\"])
async def test_odd_characters_in_bodies_are_answered_alike(
    clients: list[httpx.AsyncClient], value: str
) -> None:
    """The same in JSON, where half a character can be written too."""
    body = f'{{"topics": ["{value}"], "seed": 1}}'.encode()
    here, there = [await client.post("/v1/draws", content=body) for client in clients]

    assert here.status_code == there.status_code == 422
    assert here.content == there.content


@pytest.mark.only_on("postgres", reason="only there statements are prepared on a server")
@pytest.mark.parametrize(("option", "prepared"), [("", True), ("&prepare_threshold=none", False)])
async def test_poolers_can_have_nothing_prepared(url: str, option: str, prepared: bool) -> None:  # noqa: FBT001
    """A URL can say that no statement is to be prepared, which some poolers cannot bear."""
    database = Database(url + option)
    count = sa.select(sa.func.count()).select_from(sa.text("pg_prepared_statements"))
    async with database.reading() as db:
        counts = [await db.scalar(count) for _ in range(12)]
    await database.close()

    assert any(counts) is prepared


async def test_names_are_in_the_same_order(clients: list[httpx.AsyncClient]) -> None:
    """Tags that as many questions have come by their characters, wherever they are listed."""
    for client in clients:
        listed = orjson.loads((await client.get("/v1/tags")).content)["items"]
        found = [one["name"] for one in listed if one["name"] in TAGS]
        question = (await client.get("/v1/questions?source=cities")).json()["items"][0]

        assert found == sorted(TAGS)
        assert question["tags"] == sorted(TAGS)


async def test_pages_come_in_the_same_order(clients: list[httpx.AsyncClient]) -> None:
    """Walking the bank by its cursors meets every question once, in one order, on both engines."""
    walks = []
    for client in clients:
        path, walk = "/v1/questions?limit=2", []
        while path:
            page = (await client.get(path)).raise_for_status().json()
            walk += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            path = f"/v1/questions?limit=2&cursor={cursor}" if cursor else ""
        walks.append(walk)

    assert walks[0] == walks[1]
    assert len(set(walks[0])) == len(walks[0]) == 9
