"""What there is to filter by, beside topics: tags and sources, with their counts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.models import Question, QuestionTag, Source, Status, Tag
from app.queries import by_code_points


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag and how many published questions have it."""

    name: str
    questions: int


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A document that questions came from, with its published and its draft questions counted."""

    slug: str
    title: str
    language: str | None
    format: str
    sha256: str
    url: str | None
    licence: str | None
    imported_at: datetime
    questions: int
    drafts: int


async def list_tags(db: AsyncConnection) -> list[TagCount]:
    """Return the tags of published questions, the most used first."""
    count = sa.func.count().label("questions")
    rows = await db.execute(
        sa.select(col(Tag.name), count)
        .join(QuestionTag, col(QuestionTag.tag_id) == col(Tag.id))
        .join(Question, col(Question.id) == col(QuestionTag.question_id))
        .where(col(Question.status) == Status.PUBLISHED)
        .group_by(col(Tag.name))
        .order_by(count.desc(), by_code_points(col(Tag.name)))
    )
    return [TagCount(name, questions) for name, questions in rows]


async def list_sources(db: AsyncConnection) -> list[SourceSummary]:
    """Return all sources in the order of their first import."""
    columns = (
        col(Source.slug),
        col(Source.title),
        col(Source.language),
        col(Source.format),
        col(Source.sha256),
        col(Source.url),
        col(Source.licence),
        col(Source.imported_at),
    )
    rows = await db.execute(
        sa.select(
            *columns,
            _count(Status.PUBLISHED).label("questions"),
            _count(Status.DRAFT).label("drafts"),
        )
        .outerjoin(Question, col(Question.source_id) == col(Source.id))
        .group_by(col(Source.id))
        .order_by(col(Source.id))
    )
    return [SourceSummary(**row) for row in rows.mappings()]


def _count(status: Status) -> sa.ColumnElement[int]:
    return sa.func.count().filter(col(Question.status) == status)
