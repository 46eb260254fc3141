"""Many rows written at a time, as drivers take them.

SQLAlchemy looks at every value of every row, which took imports as long as the database takes to
write them. Here a column that needs no converting is not looked at.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from app.models import table_of

Columns = tuple[str, ...]
_Convert = Callable[[Any], Any]
_PLACE = {"sqlite": "?", "postgresql": "%s"}
_KNOWN = 64  # statements


async def insert_rows(
    db: AsyncConnection, model: type[SQLModel], columns: Columns, rows: Iterable[Sequence[object]]
) -> None:
    """Write rows of a model's table; their values are in the order of `columns`.

    A column that is left out is the database's to fill.
    """
    values = _convert(db.dialect, model, columns, rows)
    if values:
        await db.exec_driver_sql(_insertion(db.dialect, model, columns), values)


async def update_rows(
    db: AsyncConnection, model: type[SQLModel], columns: Columns, rows: Iterable[Sequence[object]]
) -> None:
    """Change rows of a model's table: the last of `columns` says which, the others are new."""
    values = _convert(db.dialect, model, columns, rows)
    if values:
        await db.exec_driver_sql(_update(db.dialect, model, columns), values)


def _convert(
    dialect: sa.Dialect, model: type[SQLModel], columns: Columns, rows: Iterable[Sequence[object]]
) -> list[tuple[object, ...]]:
    by_column = list(zip(*rows, strict=True))
    if by_column:
        for place, convert in _converters(dialect, model, columns):
            by_column[place] = tuple(map(convert, by_column[place]))
    return list(zip(*by_column, strict=True))


@lru_cache(maxsize=_KNOWN)
def _converters(
    dialect: sa.Dialect, model: type[SQLModel], columns: Columns
) -> list[tuple[int, _Convert]]:
    """Return what makes values of a column into what the driver takes, with the column's place."""
    types = [table_of(model).c[name].type.dialect_impl(dialect) for name in columns]
    found = ((place, one.bind_processor(dialect)) for place, one in enumerate(types))
    return [(place, convert) for place, convert in found if convert is not None]


@lru_cache(maxsize=_KNOWN)
def _insertion(dialect: sa.Dialect, model: type[SQLModel], columns: Columns) -> str:
    table, names = _names(dialect, model, columns)
    places = ", ".join([_PLACE[dialect.name]] * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 (our own names)


@lru_cache(maxsize=_KNOWN)
def _update(dialect: sa.Dialect, model: type[SQLModel], columns: Columns) -> str:
    table, names = _names(dialect, model, columns)
    *news, which = [f"{name} = {_PLACE[dialect.name]}" for name in names]
    return f"UPDATE {table} SET {', '.join(news)} WHERE {which}"  # noqa: S608 (our own names)


def _names(dialect: sa.Dialect, model: type[SQLModel], columns: Columns) -> tuple[str, list[str]]:
    quote = dialect.identifier_preparer.quote
    return quote(table_of(model).name), [quote(name) for name in columns]
