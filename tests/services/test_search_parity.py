"""Search on PostgreSQL and on SQLite: the same questions, in the same order, with the same hits."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from app.database import Database
from app.documents.document import Item
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.rendering import View
from app.services.searching import can_rank, list_found, search_questions
from app.services.similarity import find_similar
from app.services.statistics import count_questions
from seed.__main__ import load_seed
from tests.bank import make_items
from tests.conftest import NOW
from tests.factories import make_document
from tests.stores import Store

_SIZE = 2_000
_PAGES = 4


@pytest.fixture(scope="module")
def urls(sqlite_store: Store, postgres_store: Store) -> tuple[str, str]:
    """Return the URLs of one bank on both engines: the seed and edited generated questions."""
    both = (sqlite_store.make(), postgres_store.make())
    for url in both:
        asyncio.run(_fill(url))
    return both


async def _fill(url: str) -> None:
    items = make_items(_SIZE, seed=9)
    edited = [replace(item, prompt=f"{item.prompt}补充模型。") for item in items[::7]]
    kept = [item for number, item in enumerate(items) if number % 7 and number % 11]
    database = Database(url)
    await import_document(database, load_seed(), now=NOW, author="seed")
    for some in (items, [*edited, *kept]):
        document = make_document(*some)
        await import_document(database, document, now=NOW, author="test", archive_missing=True)
    await database.close()


@pytest.fixture
async def banks(urls: tuple[str, str]) -> AsyncIterator[tuple[Database, Database]]:
    """Give the bank on both engines."""
    both = (Database(urls[0]), Database(urls[1]))
    yield both
    for database in both:
        await database.close()


def _queries(items: list[Item]) -> list[str]:
    """Return queries of all kinds, made of what the questions say."""
    chance = random.Random(3)  # noqa: S311 (any will do, but the same each time)

    def piece(length: int) -> str:
        text = chance.choice(items).answer
        start = chance.randrange(len(text) - length)
        return text[start : start + length]

    single = [piece(length) for length in (1, 1, 2, 2, 2, 3, 4, 6, 9, 20) for _ in range(3)]
    several = [f"{piece(2)} {piece(2)}" for _ in range(10)]
    excluding = [f"{piece(2)} -{piece(2)}" for _ in range(6)] + [f"-{piece(3)}", f"-{piece(1)}"]
    fixed = [
        "模型",
        "models",
        '"neural networks"',
        "C++ -C#",
        "GPT-4",
        "caching",
        "3.5",
        "？",
        "模",
    ]
    return [*single, *several, *excluding, *fixed, "模型 数据 图像", "數據"]


async def _search(database: Database, chosen: QuestionFilter) -> list[Any]:
    """Return what the first pages of a search say."""
    read = search_questions if can_rank(chosen.query) else list_found
    said: list[Any] = []
    cursor = None
    for _ in range(_PAGES):
        found = await read(database, chosen, limit=25, cursor=cursor, view=View.FULL)
        said.append((found.total, found.capped, found.hits))
        said += [orjson.loads(item)["id"] for item in found.page.items]
        cursor = found.page.next_cursor
        if cursor is None:
            break
    return said


async def test_searches_are_the_same(banks: tuple[Database, Database]) -> None:
    """Pages, counts and hits of some sixty queries are equal, filtered or not."""
    lite, postgres = banks
    found = 0
    for query in _queries(make_items(_SIZE, seed=9)):
        for chosen in (QuestionFilter(query=query), QuestionFilter(query=query, difficulty_min=4)):
            here, there = await _search(lite, chosen), await _search(postgres, chosen)

            assert here == there, query
            found += len(here)
    assert found > 2_000


async def test_similar_questions_are_the_same(banks: tuple[Database, Database]) -> None:
    """The same questions are like a question, by the same measure."""
    lite, postgres = banks
    everything = await list_found(
        lite, QuestionFilter(query="模型"), limit=12, cursor=None, view=View.FULL
    )
    for item in everything.page.items:
        public_id = uuid.UUID(orjson.loads(item)["id"])
        here = await find_similar(lite, public_id, limit=10, view=View.PROMPT)

        assert here == await find_similar(postgres, public_id, limit=10, view=View.PROMPT)
        assert here.items


@pytest.mark.parametrize(
    "chosen",
    [
        QuestionFilter(),
        QuestionFilter(query="模型 -图像"),
        QuestionFilter(difficulty_min=2, topics=("applications",)),
    ],
)
async def test_facets_are_the_same(
    banks: tuple[Database, Database], chosen: QuestionFilter
) -> None:
    """The same counts in the same order."""
    lite, postgres = banks
    here = await count_questions(lite, chosen)

    assert here == await count_questions(postgres, chosen)
    assert here.total > 0
