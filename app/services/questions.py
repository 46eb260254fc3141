"""Reading questions: one by its id, or page by page in the order of their documents."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.database import Database
from app.errors import BadCursorError, QuestionNotFoundError
from app.models import Question, Status, Tag
from app.queries import ReadyQueries, ReadyQuery, as_utf8
from app.services.filters import QuestionFilter, check_filter, conditions, filter_values
from app.services.pages import make_cursor, read_cursor
from app.services.rendering import View, join_encoded

_BIGGEST = 2**31  # beyond every number in a cursor, within what databases take

Columns = tuple[sa.ColumnElement[Any], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Questions as JSON objects, and the cursor of the next page if there is one."""

    items: Sequence[bytes]
    next_cursor: str | None


def view_columns(view: View) -> Columns:
    """Return the columns that make a question's JSON: one half or both, for `render_view`."""
    prompt = as_utf8(col(Question.rendered_prompt))
    if view is View.PROMPT:
        return (prompt,)
    return (prompt, as_utf8(col(Question.rendered_answer)))


def render_view(halves: Sequence[bytes]) -> bytes:
    """Return the JSON of a row's last columns, which were selected with `view_columns`."""
    return halves[0] if len(halves) == 1 else join_encoded(halves[0], halves[1])


_ONE = {
    view: ReadyQuery(
        sa.select(*view_columns(view)).where(
            col(Question.public_id) == sa.bindparam("public_id", type_=sa.Uuid()),
            col(Question.status) == Status.PUBLISHED,
        ),
        bounded=True,
    )
    for view in View
}
_ORDER = (col(Question.source_id), col(Question.position), col(Question.id))
_PLACE = ("at_source", "at_position", "at_row")
_lists = ReadyQueries()


async def read_question(database: Database, public_id: uuid.UUID, view: View) -> bytes:
    """Return a published question as JSON; raises QuestionNotFoundError."""
    rows = await database.fetch(_ONE[view], {"public_id": public_id})
    if not rows:
        raise QuestionNotFoundError(id=public_id)
    return render_view(rows[0])


async def get_question(db: AsyncConnection, public_id: uuid.UUID, view: View) -> str:
    """Return the same within a transaction, for what reads more than the question."""
    row = (await db.execute(_ONE[view].select, {"public_id": public_id})).one_or_none()
    if row is None:
        raise QuestionNotFoundError(id=public_id)
    return render_view(row).decode()


async def get_questions(
    db: AsyncConnection, public_ids: Collection[uuid.UUID], view: View
) -> dict[uuid.UUID, str]:
    """Return those questions that are published, as JSON by their ids."""
    rows = await db.execute(
        sa.select(col(Question.public_id), *view_columns(view)).where(
            col(Question.public_id).in_(public_ids), col(Question.status) == Status.PUBLISHED
        )
    )
    return {row[0]: render_view(row[1:]).decode() for row in rows}


async def read_rows(database: Database, row_ids: Sequence[int], view: View) -> dict[int, bytes]:
    """Return published questions as JSON by their row ids, of which there may be some hundred."""
    if not row_ids:
        return {}
    shape = ("rows", len(row_ids), view)
    query = _lists.get(shape, lambda: _make_reading(len(row_ids), view))
    values = {f"row_{number}": row_id for number, row_id in enumerate(row_ids)}
    return {row[0]: render_view(row[1:]) for row in await database.fetch(query, values)}


async def list_questions(
    database: Database, chosen: QuestionFilter, *, limit: int, cursor: str | None, view: View
) -> Page:
    """Return a page of the published questions of a filter, in the order of their documents.

    Raises UnknownFilterValueError, and BadCursorError for a cursor that another filter gave out.
    """
    values = filter_values(chosen)
    shape = (tuple(values), cursor is None, view)
    query = _lists.get(shape, lambda: _make_list(chosen, view, follows=cursor is not None))
    # One more than asked for tells whether there is a next page.
    values["page"] = limit + 1
    if cursor is not None:
        values |= _read_place(cursor, chosen)
    rows = await database.fetch(query, values)
    await check_names(database, chosen, empty=not rows)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=[render_view(row[3:]) for row in rows[:limit]],
        next_cursor=make_cursor((last[0], last[1], last[2]), chosen) if last else None,
    )


async def check_names(database: Database, chosen: QuestionFilter, *, empty: bool) -> None:
    """Raise UnknownFilterValueError for a topic, tag or source that the bank does not have.

    Where questions were found all names exist, but for alternatives: so only then they are counted,
    and only where a name seems to be missing the bank is asked for each.
    """
    tags = set(chosen.any_tags)
    if not empty and len(tags) > 1:
        query = _lists.get(("tags", len(tags)), lambda: _count_tags(len(tags)))
        values = {f"tag_{number}": tag for number, tag in enumerate(tags)}
        ((known,),) = await database.fetch(query, values)
        empty = known < len(tags)
    if empty:
        await database.read(lambda db: check_filter(db, chosen))


def _make_list(chosen: QuestionFilter, view: View, *, follows: bool) -> ReadyQuery:
    which = conditions(chosen)
    # Databases like to go through the bank in order and look for what fits, which takes long for a
    # topic with few questions. A sum is in no index: so they begin with the topic, and sort.
    first, *others = _ORDER
    order = (first + 0 if chosen.topics else first, *others)
    if follows:
        place = (sa.bindparam(name, type_=sa.Integer()) for name in _PLACE)
        which.append(sa.tuple_(*order) > sa.tuple_(*place))
    size = sa.bindparam("page", type_=sa.Integer())
    if not filter_values(chosen):
        query = sa.select(*_ORDER, *view_columns(view)).where(*which).order_by(*order).limit(size)
        return ReadyQuery(query, bounded=True)
    # The page is found by what an index holds, and only then its texts are read: sorting all that
    # a filter picks would else carry them along.
    page = sa.select(*_ORDER).where(*which).order_by(*order).limit(size).subquery()
    query = (
        sa.select(*page.c, *view_columns(view))
        .join_from(page, Question, col(Question.id) == page.c.id)
        .order_by(*page.c)
    )
    return ReadyQuery(query, bounded=False)


def _make_reading(number: int, view: View) -> ReadyQuery:
    row_ids = [sa.bindparam(f"row_{one}", type_=sa.Integer()) for one in range(number)]
    select = sa.select(col(Question.id), *view_columns(view))
    served = col(Question.status) == Status.PUBLISHED
    return ReadyQuery(select.where(col(Question.id).in_(row_ids), served), bounded=True)


def _count_tags(number: int) -> ReadyQuery:
    names = [sa.bindparam(f"tag_{one}", type_=sa.String()) for one in range(number)]
    query = sa.select(sa.func.count()).select_from(Tag).where(col(Tag.name).in_(names))
    return ReadyQuery(query, bounded=True)


def _read_place(cursor: str, chosen: QuestionFilter) -> dict[str, int]:
    place = read_cursor(cursor, chosen)
    numbers = [one for one in place if type(one) is int and abs(one) < _BIGGEST]
    if len(numbers) != len(_ORDER) or len(place) != len(_ORDER):
        raise BadCursorError(field="cursor", cursor=cursor)
    return dict(zip(_PLACE, numbers, strict=True))
