"""Similar questions: copies first, unlike ones not at all."""

import uuid
from dataclasses import replace

import pytest

from app.database import Database
from app.errors import QuestionNotFoundError
from app.services.importing import import_document
from app.services.rendering import View
from app.services.similarity import find_similar
from tests.bank import make_items, titles_of
from tests.conftest import NOW
from tests.factories import make_document, make_item

OTHER = make_item("锁是什么？", answer="互斥。")


async def test_a_copy_is_found_and_the_question_itself_is_not(database: Database) -> None:
    """Among two hundred others a lightly edited copy comes first, with most words shared."""
    items = make_items(200, seed=6)
    copy = replace(items[50], title=f"再问：{items[50].title}", explanation="改写过的解析。")
    plan = await import_document(database, make_document(*items, copy), now=NOW, author="test")
    found = await find_similar(database, plan.entries[50].id, limit=5, view=View.PROMPT)

    assert titles_of(found.items)[0] == copy.title
    assert items[50].title not in titles_of(found.items)
    assert found.overlaps[0] > 0.8
    assert list(found.overlaps) == sorted(found.overlaps, reverse=True)
    assert all(0.1 <= overlap <= 1 for overlap in found.overlaps)


async def test_a_question_unlike_all_others_has_none(database: Database) -> None:
    """What shares no words is not similar, however few questions there are."""
    lonely = make_item("牛顿第二定律？", answer="力等于质量乘加速度。")
    other = make_item("缓存？", answer="副本。")
    plan = await import_document(database, make_document(lonely, other), now=NOW, author="test")
    found = await find_similar(database, plan.entries[0].id, limit=5, view=View.FULL)

    assert found.items == []
    assert found.overlaps == []


async def test_what_is_not_served_is_not_found(database: Database) -> None:
    """Neither unknown nor archived questions have similar ones."""
    item = make_item("缓存？")
    plan = await import_document(database, make_document(item, OTHER), now=NOW, author="test")
    await import_document(
        database, make_document(OTHER), now=NOW, author="test", archive_missing=True
    )
    for public_id in (plan.entries[0].id, uuid.UUID(int=7)):
        with pytest.raises(QuestionNotFoundError):
            await find_similar(database, public_id, limit=5, view=View.FULL)
