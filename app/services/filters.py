"""Which questions: the one filter that lists, draws and every later route share."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app.errors import UnknownFilterValueError
from app.models import Question, QuestionTag, Source, Status, Tag, Topic
from app.search.query import parse_query
from app.services.matching import match_conditions, match_values

_ESCAPE = "/"


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Conditions on published questions, all of which must hold; empty ones do not count.

    `topics` (slugs, each with its subtree) and `tags` must all apply, of `any_tags` at least one.
    `language` takes in its variants (`zh` finds `zh-Hant`). `query` is searched for, see
    `app.search.query`: what it finds here, no more and no less, a ranked search finds too.
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
    """Return the filter as conditions on `Question`, served questions only.

    What they compare with are the parameters of `filter_values`: filters of one shape are one
    statement, which needs to be compiled only once.
    """
    values = filter_values(chosen)

    def bound(name: str) -> sa.BindParameter[Any]:
        return sa.bindparam(name, values[name])

    def several(name: str) -> list[sa.BindParameter[Any]]:
        return [bound(key) for key in values if key.rpartition("_")[0] == name]

    found: list[sa.ColumnElement[bool]] = [col(Question.status) == Status.PUBLISHED]
    found += [col(Question.topic_id).in_(_subtree(slug)) for slug in several("topic")]
    found += [col(Question.id).in_(_tagged([tag])) for tag in several("tag")]
    if chosen.any_tags:
        found.append(col(Question.id).in_(_tagged(several("any_tag"))))
    if chosen.kind:
        found.append(col(Question.kind) == bound("kind"))
    if chosen.difficulty_min is not None:
        found.append(col(Question.difficulty) >= bound("difficulty_from"))
    if chosen.difficulty_max is not None:
        found.append(col(Question.difficulty) <= bound("difficulty_to"))
    if chosen.language:
        column = col(Question.language)
        variants = column.like(bound("language_variants"), escape=_ESCAPE)
        found.append(sa.or_(column == bound("language"), variants))
    if chosen.source:
        slug = col(Source.slug) == bound("source")
        found.append(col(Question.source_id).in_(sa.select(col(Source.id)).where(slug)))
    if chosen.ids:
        found.append(col(Question.public_id).in_(several("id")))
    return found + match_conditions(values)


def filter_values(chosen: QuestionFilter) -> dict[str, Any]:
    """Return the values of a filter's parameters; their names are the filter's shape."""
    values: dict[str, Any] = {
        **_numbered("topic", chosen.topics),
        **_numbered("tag", chosen.tags),
        **_numbered("any_tag", chosen.any_tags),
        **_numbered("id", chosen.ids),
    }
    if chosen.kind:
        values["kind"] = chosen.kind
    if chosen.difficulty_min is not None:
        values["difficulty_from"] = chosen.difficulty_min
    if chosen.difficulty_max is not None:
        values["difficulty_to"] = chosen.difficulty_max
    if chosen.language:
        values["language"] = chosen.language
        values["language_variants"] = f"{_escape(chosen.language)}-%"
    if chosen.source:
        values["source"] = chosen.source
    return values | match_values(parse_query(chosen.query)) if chosen.query else values


def _numbered(name: str, values: Sequence[object]) -> dict[str, object]:
    return {f"{name}_{number}": value for number, value in enumerate(values)}


def _escape(text: str) -> str:
    """Return a text in which LIKE finds nothing special."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text


async def _check_known(
    db: AsyncConnection, field: str, column: Mapped[str], values: tuple[str, ...]
) -> None:
    if not values:
        return
    known = set(await db.scalars(sa.select(column).where(column.in_(values))))
    for value in values:
        if value not in known:
            raise UnknownFilterValueError(field=field, value=value)


def _subtree(slug: sa.BindParameter[str]) -> sa.Select[int]:
    below = sa.select(col(Topic.id)).where(col(Topic.slug) == slug).cte(recursive=True)
    children = sa.select(col(Topic.id)).join(below, col(Topic.parent_id) == below.c.id)
    return sa.select(below.union_all(children).c.id)


def _tagged(names: Sequence[sa.BindParameter[str]]) -> sa.Select[int]:
    return (
        sa.select(col(QuestionTag.question_id))
        .join(Tag, col(Tag.id) == col(QuestionTag.tag_id))
        .where(col(Tag.name).in_(names))
    )
