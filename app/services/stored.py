"""The bank's questions read back as items: what an export says, and what an import meets."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.documents.diff import Stored
from app.documents.document import Choice, Item, Origin, Point, QuestionKind
from app.models import AnswerPoint, Question, QuestionTag, Source, Status, Tag, table_of
from app.models import Choice as ChoiceRow
from app.services.topics import load_topic_paths

_T = TypeVar("_T")


async def load_source(db: AsyncConnection, slug: str) -> list[Stored]:
    """Return the stored questions of a source in its order, archived ones too; none if unknown."""
    source = sa.select(col(Source.id)).where(col(Source.slug) == slug)
    return await load_stored(db, col(Question.source_id).in_(source))


async def load_questions(db: AsyncConnection, ids: Collection[uuid.UUID]) -> list[Stored]:
    """Return the stored questions of these public ids, of whatever source."""
    found = []
    for some in chunks(sorted(ids)):
        found += await load_stored(db, col(Question.public_id).in_(some))
    return found


def chunks(values: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """Cut a list that goes into an IN, whose length databases limit."""
    return (values[start : start + size] for start in range(0, len(values), size))


async def load_stored(db: AsyncConnection, which: sa.ColumnElement[bool]) -> list[Stored]:
    """Return the stored questions that a condition picks, in the order of their documents."""
    order = (col(Question.source_id), col(Question.position), col(Question.id))
    questions = (
        await db.execute(
            sa.select(table_of(Question), col(Source.slug).label("source"))
            .join(Source, col(Source.id) == col(Question.source_id))
            .where(which)
            .order_by(*order)
        )
    ).all()
    if not questions:
        return []
    points = await _children(db, AnswerPoint, which)
    choices = await _children(db, ChoiceRow, which)
    tags = await _tags(db, which)
    paths = await load_topic_paths(db)
    return [
        Stored(
            id=row.public_id,
            item=_item(row, points[row.id], choices[row.id], tags[row.id], paths),
            source=row.source,
            draft=row.status == Status.DRAFT,
            archived=row.status == Status.ARCHIVED,
        )
        for row in questions
    ]


async def _children(
    db: AsyncConnection, model: type[AnswerPoint | ChoiceRow], which: sa.ColumnElement[bool]
) -> Mapping[int, Sequence[sa.Row[*tuple[Any, ...]]]]:
    table = table_of(model)
    rows = await db.execute(
        sa.select(table)
        .join(table_of(Question), col(Question.id) == table.c.question_id)
        .where(which)
        .order_by(table.c.question_id, table.c.position)
    )
    by_question = groupby(rows, key=attrgetter("question_id"))
    return defaultdict(list, {key: list(group) for key, group in by_question})


async def _tags(db: AsyncConnection, which: sa.ColumnElement[bool]) -> Mapping[int, Sequence[str]]:
    rows = await db.execute(
        sa.select(col(QuestionTag.question_id), col(Tag.name))
        .join(table_of(Tag), col(Tag.id) == col(QuestionTag.tag_id))
        .join(table_of(Question), col(Question.id) == col(QuestionTag.question_id))
        .where(which)
        .order_by(col(Tag.name))
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    for question_id, name in rows:
        names[question_id].append(name)
    return names


def _item(
    row: sa.Row[*tuple[Any, ...]],
    points: Sequence[sa.Row[*tuple[Any, ...]]],
    choices: Sequence[sa.Row[*tuple[Any, ...]]],
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


def _point(row: sa.Row[*tuple[Any, ...]]) -> Point:
    return Point(
        text=row.text,
        title=row.title,
        aliases=tuple(row.aliases),
        accepted=tuple(row.accepted),
        weight=row.weight,
        required=row.required,
        origin=Origin(row.origin),
    )
