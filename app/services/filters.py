"""Which questions: the one filter that lists, draws and every later route share."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app.errors import UnknownFilterValueError
from app.models import Question, QuestionTag, Source, Status, Tag, Topic
from app.text import fold


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Conditions on published questions, all of which must hold; empty ones do not count.

    `topics` (slugs, each with its subtree) and `tags` must all apply, of `any_tags` at least one.
    `language` takes in its variants (`zh` finds `zh-Hant`). `query` is words, all to be found in
    title, prompt, answer, explanation, choices, tags or aliases.
    """

    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    any_tags: tuple[str, ...] = ()
    kind: str | None = None
    difficulty_min: int | None = None
    difficulty_max: int | None = None
    language: str | None = None
    source: str | None = None
    ids: tuple[uuid.UUID, ...] = ()
    query: str = ""


async def check_filter(db: AsyncConnection, chosen: QuestionFilter) -> None:
    """Raise UnknownFilterValueError for a topic, tag or source that the bank does not have.

    An empty list would be true as well, and would hide the misspelling from whoever made it.
    """
    await _check_known(db, "topic", col(Topic.slug), chosen.topics)
    await _check_known(db, "tag", col(Tag.name), chosen.tags)
    await _check_known(db, "any_tag", col(Tag.name), chosen.any_tags)
    await _check_known(db, "source", col(Source.slug), (chosen.source,) if chosen.source else ())


def conditions(chosen: QuestionFilter) -> list[sa.ColumnElement[bool]]:
    """Return the filter as conditions on `Question`, served questions only."""
    found: list[sa.ColumnElement[bool]] = [col(Question.status) == Status.PUBLISHED]
    found += [col(Question.topic_id).in_(_subtree(slug)) for slug in chosen.topics]
    found += [col(Question.id).in_(_tagged((tag,))) for tag in chosen.tags]
    if chosen.any_tags:
        found.append(col(Question.id).in_(_tagged(chosen.any_tags)))
    if chosen.kind:
        found.append(col(Question.kind) == chosen.kind)
    if chosen.difficulty_min is not None:
        found.append(col(Question.difficulty) >= chosen.difficulty_min)
    if chosen.difficulty_max is not None:
        found.append(col(Question.difficulty) <= chosen.difficulty_max)
    if chosen.language:
        found.append(_in_language(chosen.language))
    if chosen.source:
        found.append(col(Question.source_id).in_(_source(chosen.source)))
    if chosen.ids:
        found.append(col(Question.public_id).in_(chosen.ids))
    found += [_contains(word) for word in fold(chosen.query).split()]
    return found


async def _check_known(
    db: AsyncConnection, field: str, column: Mapped[str], values: tuple[str, ...]
) -> None:
    if not values:
        return
    known = set(await db.scalars(sa.select(column).where(column.in_(values))))
    for value in values:
        if value not in known:
            raise UnknownFilterValueError(field=field, value=value)


def _subtree(slug: str) -> sa.Select[int]:
    below = sa.select(col(Topic.id)).where(col(Topic.slug) == slug).cte(recursive=True)
    children = sa.select(col(Topic.id)).join(below, col(Topic.parent_id) == below.c.id)
    return sa.select(below.union_all(children).c.id)


def _tagged(names: tuple[str, ...]) -> sa.Select[int]:
    return (
        sa.select(col(QuestionTag.question_id))
        .join(Tag, col(Tag.id) == col(QuestionTag.tag_id))
        .where(col(Tag.name).in_(names))
    )


def _source(slug: str) -> sa.Select[int]:
    return sa.select(col(Source.id)).where(col(Source.slug) == slug)


def _in_language(language: str) -> sa.ColumnElement[bool]:
    column = col(Question.language)
    return sa.or_(column == language, column.startswith(f"{language}-", autoescape=True))


def _contains(word: str) -> sa.ColumnElement[bool]:
    return col(Question.search_text).contains(word, autoescape=True)
