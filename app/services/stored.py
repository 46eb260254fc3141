"""The bank's questions read back as items: what an export says, and what an import meets."""

import asyncio
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.documents.collecting import without_collections
from app.documents.diff import Stored
from app.documents.document import Choice, Item, Origin, Point, QuestionKind
from app.models import AnswerPoint, Question, QuestionTag, Source, Status, Tag, table_of
from app.models import Choice as ChoiceRow
from app.queries import by_code_points
from app.services.topics import load_topic_paths

_T = TypeVar("_T")
Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"
_TOGETHER = 500  # rows
# What makes an item; the columns that are only served are long and stay where they are.
_SERVED = frozenset({"search_text", "rendered_prompt", "rendered_answer"})
_COLUMNS = [column for column in table_of(Question).columns if column.name not in _SERVED]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows that belong to questions, in the order of the questions' ids, and topics by id."""

    points: Sequence[Row]
    choices: Sequence[Row]
    tags: Sequence[Row]
    paths: Mapping[int, tuple[str, ...]]


async def load_source(db: AsyncConnection, slug: str) -> list[Stored]:
    """Return the stored questions of a source in its order, archived ones too; none if unknown."""
    source = sa.select(col(Source.id)).where(col(Source.slug) == slug)
    return await load_stored(db, col(Question.source_id).in_(source))


async def load_questions(db: AsyncConnection, ids: Collection[uuid.UUID]) -> list[Stored]:
    """Return the stored questions of these public ids, of whatever source."""
    found = []
    for some in chunks(list(ids)):
        found += await load_stored(db, col(Question.public_id).in_(some))
    return found


def chunks(values: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """Cut a list that goes into an IN, whose length databases limit."""
    return (values[start : start + size] for start in range(0, len(values), size))


async def load_stored(db: AsyncConnection, which: sa.ColumnElement[bool]) -> list[Stored]:
    """Return the stored questions that a condition picks, in the order of their documents."""
    order = (col(Question.source_id), col(Question.position), col(Question.id))
    questions = await fetch_rows(
        db,
        sa.select(*_COLUMNS, col(Source.slug).label("source"))
        .join(table_of(Source), col(Source.id) == col(Question.source_id))
        .where(which)
        .order_by(*order),
    )
    if not questions:
        return []
    parts = _Parts(
        points=await _children(db, AnswerPoint, which),
        choices=await _children(db, ChoiceRow, which),
        tags=await _tags(db, which),
        paths=await load_topic_paths(db),
    )
    return await asyncio.to_thread(_assemble, questions, parts)


async def fetch_rows(db: AsyncConnection, query: sa.Select[*tuple[Any, ...]]) -> list[Row]:
    """Return all rows of a query, a lot at a time: between two, others are served."""
    rows: list[Row] = []
    async with db.stream(query) as result:
        async for some in result.partitions(_TOGETHER):
            rows += some
    return rows


async def _children(
    db: AsyncConnection, model: type[AnswerPoint | ChoiceRow], which: sa.ColumnElement[bool]
) -> list[Row]:
    table = table_of(model)
    columns = [column for column in table.columns if column.name != "id"]
    return await fetch_rows(
        db,
        sa.select(*columns)
        .join(table_of(Question), col(Question.id) == table.c.question_id)
        .where(which)
        .order_by(table.c.question_id, table.c.position),
    )


async def _tags(db: AsyncConnection, which: sa.ColumnElement[bool]) -> list[Row]:
    return await fetch_rows(
        db,
        sa.select(col(QuestionTag.question_id), col(Tag.name))
        .join(table_of(Tag), col(Tag.id) == col(QuestionTag.tag_id))
        .join(table_of(Question), col(Question.id) == col(QuestionTag.question_id))
        .where(which)
        .order_by(col(QuestionTag.question_id), by_code_points(col(Tag.name))),
    )


def _assemble(questions: Sequence[Row], parts: _Parts) -> list[Stored]:
    with without_collections():
        points, choices = _by_question(parts.points), _by_question(parts.choices)
        tags = _by_question(parts.tags)
        return [
            Stored(
                id=row.public_id,
                item=_item(
                    row,
                    points.get(row.id, ()),
                    choices.get(row.id, ()),
                    [tag.name for tag in tags.get(row.id, ())],
                    parts.paths,
                ),
                source=row.source,
                draft=row.status == Status.DRAFT,
                archived=row.status == Status.ARCHIVED,
            )
            for row in questions
        ]


def _by_question(rows: Sequence[Row]) -> dict[int, list[Row]]:
    return {key: list(group) for key, group in groupby(rows, key=attrgetter("question_id"))}


def _item(
    row: Row,
    points: Sequence[Row],
    choices: Sequence[Row],
    tags: Sequence[str],
    paths: Mapping[int, tuple[str, ...]],
) -> Item:
    return Item(
        title=row.title,
        prompt=row.prompt,
        answer=row.answer,
        explanation=row.explanation,
        points=tuple(map(_point, points)),
        choices=tuple(Choice(choice.text, choice.correct) for choice in choices),
        kind=QuestionKind(row.kind),
        topics=paths.get(row.topic_id, ()),
        tags=tuple(tags),
        difficulty=row.difficulty,
        language=row.language,
        ordered=row.ordered or None,
        key=row.key,
        number=row.number,
        completion=row.completion,
        line=row.line,
    )


def _point(row: Row) -> Point:
    return Point(
        text=row.text,
        title=row.title,
        aliases=tuple(row.aliases),
        accepted=tuple(row.accepted),
        weight=row.weight,
        required=row.required,
        origin=Origin(row.origin),
    )
