"""Reading questions: one by its id, or page by page in the order of their documents."""

import base64
import binascii
import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app.errors import BadCursorError, QuestionNotFoundError
from app.models import Question, Status
from app.services.filters import QuestionFilter, check_filter, conditions
from app.services.rendering import View, join_halves

_BIGGEST = 2**31  # beyond every number in a cursor, within what databases take

# Where a page ends: source, position and row id, the order of every list.
Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """Questions as JSON objects, and the cursor of the next page if there is one."""

    items: Sequence[str]
    next_cursor: str | None


async def get_question(db: AsyncConnection, public_id: uuid.UUID, view: View) -> str:
    """Return a published question as JSON; raises QuestionNotFoundError."""
    row = (
        await db.execute(
            sa.select(*view_columns(view)).where(
                col(Question.public_id) == public_id, col(Question.status) == Status.PUBLISHED
            )
        )
    ).one_or_none()
    if row is None:
        raise QuestionNotFoundError(id=public_id)
    return render_view(row)


async def get_questions(
    db: AsyncConnection, public_ids: Collection[uuid.UUID], view: View
) -> dict[uuid.UUID, str]:
    """Return those questions that are published, as JSON by their ids."""
    rows = await db.execute(
        sa.select(col(Question.public_id), *view_columns(view)).where(
            col(Question.public_id).in_(public_ids), col(Question.status) == Status.PUBLISHED
        )
    )
    return {row.public_id: render_view(row) for row in rows}


async def list_questions(
    db: AsyncConnection, chosen: QuestionFilter, *, limit: int, cursor: str | None, view: View
) -> Page:
    """Return a page of the published questions of a filter, in the order of their documents.

    Raises UnknownFilterValueError, and BadCursorError for a cursor that another filter gave out.
    """
    await check_filter(db, chosen)
    order = (col(Question.source_id), col(Question.position), col(Question.id))
    query = sa.select(*order, *view_columns(view)).where(*conditions(chosen)).order_by(*order)
    if cursor is not None:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*_read_cursor(cursor, chosen)))
    # One more than asked for tells whether there is a next page.
    rows = (await db.execute(query.limit(limit + 1))).all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(
        items=[render_view(row) for row in rows[:limit]],
        next_cursor=_make_cursor((last[0], last[1], last[2]), chosen) if last else None,
    )


def view_columns(view: View) -> tuple[Mapped[str], ...]:
    """Return the columns that `render_view` needs."""
    if view is View.PROMPT:
        return (col(Question.rendered_prompt),)
    return (col(Question.rendered_prompt), col(Question.rendered_answer))


def render_view(row: sa.Row[*tuple[Any, ...]]) -> str:
    """Return the JSON of a row that was selected with `view_columns`, maybe among others."""
    answer = row._mapping.get("rendered_answer")  # noqa: SLF001 (SQLAlchemy's public name for it)
    return row.rendered_prompt if answer is None else join_halves(row.rendered_prompt, answer)


def _make_cursor(place: Place, chosen: QuestionFilter) -> str:
    packed = orjson.dumps([*place, _fingerprint(chosen)])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _read_cursor(cursor: str, chosen: QuestionFilter) -> Place:
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        source, position, row_id, fingerprint = orjson.loads(packed)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCursorError(field="cursor", cursor=cursor) from error
    numbers = (source, position, row_id)
    if fingerprint != _fingerprint(chosen) or not all(
        type(one) is int and abs(one) < _BIGGEST for one in numbers
    ):
        raise BadCursorError(field="cursor", cursor=cursor)
    return numbers


def _fingerprint(chosen: QuestionFilter) -> str:
    """Tell filters apart, so that a cursor cannot wander from one list into another."""
    return hashlib.sha256(repr(chosen).encode()).hexdigest()[:12]
