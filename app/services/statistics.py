"""Facets: how many questions of a filter there are, by all that one can filter by."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.database import Database
from app.models import Question, QuestionTag, Source, Status, Tag
from app.queries import ReadyQueries, ReadyQuery
from app.services.filters import QuestionFilter, conditions, filter_values
from app.services.questions import check_names
from app.services.topics import TopicNode, list_topics

# In the order of the index that holds them all, so that nothing has to be sorted.
_COUNTED = (
    col(Question.topic_id),
    col(Question.difficulty),
    col(Question.kind),
    col(Question.language),
)

# As a sum, or SQLite would take the index that is in the order of sources, and read every question
# for what the filter asks.
_SOURCE = col(Question.source_id) + 0


@dataclass(frozen=True, slots=True)
class Count:
    """A value to filter by, None for questions without one, and how many questions have it."""

    value: str | int | None
    questions: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The questions of a filter, counted; what none of them has is left out.

    `topics` is the part of the tree that has any, each counting its subtree.
    """

    total: int
    topics: Sequence[TopicNode]
    tags: Sequence[Count]
    kinds: Sequence[Count]
    difficulties: Sequence[Count]
    languages: Sequence[Count]
    sources: Sequence[Count]


async def count_questions(database: Database, chosen: QuestionFilter) -> Statistics:
    """Count the questions of a filter; raises UnknownFilterValueError.

    In one go they are counted by most of what they have one of; by sources, which there may be many
    of, and by tags, which questions have many of, in two others at the same time.
    """
    values = filter_values(chosen)
    together = _queries.get(("all", *values), lambda: _make_counts(chosen, *_COUNTED))
    by_source = _queries.get(("sources", *values), lambda: _make_counts(chosen, _SOURCE))
    rows, sources, tags = await asyncio.gather(
        database.fetch(together, values),
        database.fetch(by_source, values),
        _count_tags(database, chosen, values),
    )
    await check_names(database, chosen, empty=not rows)
    topics, difficulties, kinds, languages = (_sum(rows, place) for place in range(len(_COUNTED)))
    tree, slugs = await database.read(lambda db: _load_names(db, topics))
    return Statistics(
        total=sum(row[-1] for row in rows),
        topics=tree,
        tags=_by_frequency(tags),
        kinds=_by_frequency(kinds),
        difficulties=_by_value(difficulties),
        languages=_by_frequency(languages),
        sources=_by_frequency({slugs.get(key): number for key, number in sources}),
    )


async def _load_names(
    db: AsyncConnection, topics: Mapping[int | None, int]
) -> tuple[tuple[TopicNode, ...], dict[int, str]]:
    """Return the topics with these counts, and the slugs of the sources by their row ids."""
    slugs = await db.execute(sa.select(col(Source.id), col(Source.slug)))
    return await list_topics(db, topics), dict(slugs.all())


def _make_counts(chosen: QuestionFilter, *columns: sa.SQLColumnExpression[Any]) -> ReadyQuery:
    select = sa.select(*columns, sa.func.count()).where(*conditions(chosen))
    return ReadyQuery(select.group_by(*columns), bounded=False)


async def _count_tags(
    database: Database, chosen: QuestionFilter, values: Mapping[str, Any]
) -> dict[str, int]:
    """Return how many questions of a filter have each tag.

    Of the whole bank the tags of all questions are counted, and those of the few that are not
    served taken off: looking at every question for each of its tags takes many times as long.
    """
    if values:
        shape = ("tags", *values)
        query = _queries.get(shape, lambda: _make_tag_counts(conditions(chosen)))
        return dict(await database.fetch(query, values))
    everything, unserved = await asyncio.gather(
        database.fetch(_ALL_TAGS, {}), database.fetch(_UNSERVED_TAGS, {})
    )
    counts: Counter[str] = Counter(dict(everything))
    counts.subtract(dict(unserved))
    return +counts


def _make_tag_counts(which: Sequence[sa.ColumnElement[bool]] = ()) -> ReadyQuery:
    counts: sa.Select[int, int] = sa.select(
        col(QuestionTag.tag_id).label("tag_id"), sa.func.count().label("questions")
    )
    if which:
        counts = counts.where(
            col(QuestionTag.question_id).in_(sa.select(col(Question.id)).where(*which))
        )
    counted = counts.group_by(col(QuestionTag.tag_id)).subquery()
    select = sa.select(col(Tag.name), counted.c.questions)
    return ReadyQuery(select.join(counted, counted.c.tag_id == col(Tag.id)), bounded=False)


_queries = ReadyQueries()
_ALL_TAGS = _make_tag_counts()
_UNSERVED_TAGS = _make_tag_counts([col(Question.status) != Status.PUBLISHED])


def _sum(rows: Sequence[Any], place: int) -> dict[Any, int]:
    counts: Counter[Any] = Counter()
    for row in rows:
        counts[row[place]] += row[-1]
    return counts


def _by_frequency(counts: Mapping[Any, int]) -> list[Count]:
    """Return the counts, the greatest first."""
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0] or ""))
    return [Count(value, number) for value, number in order]


def _by_value(counts: Mapping[int | None, int]) -> list[Count]:
    """Return the counts in the order of the values, None last."""
    order = sorted(counts.items(), key=lambda item: (item[0] is None, item[0]))
    return [Count(value, number) for value, number in order]
