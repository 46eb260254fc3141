"""The JSON that reads copy is what the rows say: for every document, after every kind of edit."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlmodel import col

from app.database import Database
from app.documents.document import Choice, Document, DocumentWarning, Item, Point, WarningKind
from app.documents.read import read_document
from app.models import Question, Source, Status, Topic
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.questions import list_questions, read_question
from app.services.rendering import View, format_time
from app.services.stored import load_stored
from tests.conftest import NOW
from tests.factories import make_document, make_item

_GOLDEN = sorted((Path(__file__).parents[1] / "documents" / "golden").glob("*.md"))


async def _save(database: Database, document: Document, *, archive_missing: bool = False) -> None:
    await import_document(
        database, document, now=NOW, author="test", archive_missing=archive_missing
    )


async def check_bank(database: Database) -> int:
    """Hold the JSON of every question against its rows; return how many there are."""
    async with database.reading() as db:
        columns: tuple[Any, ...] = (
            col(Question.public_id),
            col(Question.revision),
            col(Question.status),
            col(Question.updated_at),
            col(Question.rendered_prompt),
            col(Question.rendered_answer),
            col(Source.slug).label("source"),
            col(Topic.slug).label("topic"),
        )
        rows = (
            await db.execute(
                sa.select(*columns)
                .join(Source, col(Source.id) == col(Question.source_id))
                .outerjoin(Topic, col(Topic.id) == col(Question.topic_id))
                .order_by(col(Question.source_id), col(Question.position), col(Question.id))
            )
        ).all()
        stored = await load_stored(db, sa.true())
    for row, one in zip(rows, stored, strict=True):
        facts = {
            "id": str(row.public_id),
            "revision": row.revision,
            "status": row.status,
            "source": row.source,
            "topic": row.topic,
            "updated_at": format_time(row.updated_at),
        }

        assert orjson.loads(row.rendered_prompt) == _prompt(one.item) | facts
        assert orjson.loads(row.rendered_answer) == _answer(one.item)
    return len(rows)


def _prompt(item: Item) -> dict[str, Any]:
    """Return what the question's rows say, written down here a second time on purpose."""
    return {
        "number": item.number,
        "title": item.title,
        "prompt": item.prompt,
        "kind": item.kind,
        "difficulty": item.difficulty,
        "language": item.language,
        "ordered": bool(item.ordered),
        "tags": sorted(item.tags or ()),
        "choices": [{"position": n, "text": one.text} for n, one in enumerate(item.choices, 1)],
        "point_count": len(item.points),
    }


def _answer(item: Item) -> dict[str, Any]:
    """Return what the answer's rows say."""
    return {
        "answer": item.answer,
        "explanation": item.explanation,
        "points": [
            {
                "position": place,
                "title": point.title,
                "text": point.text,
                "weight": point.weight,
                "required": point.required,
                "aliases": list(point.aliases),
                "accepted": list(point.accepted),
                "origin": point.origin,
            }
            for place, point in enumerate(item.points, 1)
        ],
        "correct_choices": [n for n, one in enumerate(item.choices, 1) if one.correct],
        "completion": item.completion,
    }


@pytest.mark.parametrize(
    "document",
    [read_document(path.read_bytes(), name=path.name) for path in _GOLDEN],
    ids=lambda document: document.slug,
)
async def test_every_golden_document_is_rendered_as_stored(
    database: Database, document: Document
) -> None:
    """Whatever a document has, its JSON has, and no more."""
    await _save(database, document)

    assert await check_bank(database) == len(document.items)


_ITEM = make_item("什么是缓存？", tags=("性能", "基础"), topics=("计算机", "存储"), difficulty=2)
_CUT = DocumentWarning(WarningKind.TRUNCATED, 1)
_EDITS: dict[str, Sequence[Item]] = {
    "title": [replace(_ITEM, title="缓存是什么？")],
    "prompt": [replace(_ITEM, prompt="请解释“缓存”。\n\n\\ \t\u2028")],
    "answer": [
        replace(_ITEM, answer="换了。", points=(Point("换了。", "定义", aliases=("cache",)),))
    ],
    "explanation": [replace(_ITEM, explanation="空间换时间。")],
    "points": [replace(_ITEM, points=(Point("甲", weight=2.5, required=True), Point("乙")))],
    "tags": [replace(_ITEM, tags=("新",))],
    "no tags": [replace(_ITEM, tags=())],
    "topic": [replace(_ITEM, topics=("计算机", "网络"))],
    "difficulty": [replace(_ITEM, difficulty=5)],
    "language": [replace(_ITEM, language="zh-Hant")],
    "number": [replace(_ITEM, number="七")],
    "choices": [replace(_ITEM, choices=(Choice("对", correct=True), Choice("错", correct=False)))],
    "completion": [replace(_ITEM, completion="编者补写。")],
    "cut off": [replace(_ITEM, answer="缓存是", points=(), warnings=(_CUT,))],
    "another before it": [make_item("什么是锁？", answer="互斥。"), _ITEM],
    "gone": [make_item("什么是锁？", answer="互斥。")],
}


@pytest.mark.parametrize("items", _EDITS.values(), ids=_EDITS)
async def test_every_edit_is_rendered_as_stored(database: Database, items: Sequence[Item]) -> None:
    """After an edit, and after it was taken back, JSON and rows still agree."""
    original = make_document(replace(_ITEM, key="cache"))
    keyed = [replace(one, key="cache") if one.topics else one for one in items]
    await _save(database, original)
    await _save(database, make_document(*keyed), archive_missing=True)
    after = await check_bank(database)
    await _save(database, original, archive_missing=True)

    assert after == await check_bank(database)


async def test_reads_copy_what_was_rendered(database: Database) -> None:
    """A question alone and in a list is the same bytes, and the prompt is the first part of it."""
    await _save(database, make_document(_ITEM))
    async with database.reading() as db:
        row = (
            await db.execute(sa.select(col(Question.public_id), col(Question.rendered_prompt)))
        ).one()
    full = await read_question(database, row.public_id, View.FULL)
    prompt = await read_question(database, row.public_id, View.PROMPT)
    page = await list_questions(database, QuestionFilter(), limit=5, cursor=None, view=View.FULL)

    assert prompt == row.rendered_prompt.encode()
    assert full.startswith(prompt[:-1])
    assert page.items == [full]
    assert orjson.loads(full)["status"] == Status.PUBLISHED
