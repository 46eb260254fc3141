"""Which questions a filter picks, as arrays in memory: what draws are made from."""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from app.database import Database
from app.models import Bank, Question, Status
from app.queries import ReadyQueries, ReadyQuery
from app.revision import RevisionWatch
from app.services.filters import QuestionFilter, conditions, filter_values
from app.services.questions import check_names, render_view, view_columns
from app.services.rendering import View

Halves = npt.NDArray[np.uint64]

_OVERHEAD_BYTES = 1_000


class as_hex(FunctionElement[str]):  # noqa: N801 (reads as a function of SQL)
    """A UUID as 32 hexadecimal digits."""

    type = sa.String()
    inherit_cache = True
    name = "as_hex"


@compiles(as_hex, "sqlite")
def _as_stored(element: as_hex, compiler: sa.sql.compiler.SQLCompiler, **options: object) -> str:
    return compiler.process(element.clauses, **options)


@compiles(as_hex, "postgresql")
def _as_text(element: as_hex, compiler: sa.sql.compiler.SQLCompiler, **options: object) -> str:
    return f"replace(CAST({compiler.process(element.clauses, **options)} AS text), '-', '')"


class joined(FunctionElement[str]):  # noqa: N801 (the same)
    """All texts of a column as one, in whatever order."""

    type = sa.String()
    inherit_cache = True
    name = "joined"


@compiles(joined, "sqlite")
def _as_concat(element: joined, compiler: sa.sql.compiler.SQLCompiler, **options: object) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, '')"


@compiles(joined, "postgresql")
def _as_agg(element: joined, compiler: sa.sql.compiler.SQLCompiler, **options: object) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, '')"


@dataclass(frozen=True, slots=True)
class Selection:
    """The questions of a filter at one revision of the bank, in the order of their public ids.

    `high` and `low` are the halves of the public ids. These, not row ids, decide what is drawn: so
    every installation of a bank draws the same.
    """

    revision: int
    high: Halves
    low: Halves

    def __len__(self) -> int:
        return len(self.high)

    @property
    def size(self) -> int:
        """Return the bytes that it takes."""
        return _OVERHEAD_BYTES + self.high.nbytes + self.low.nbytes

    def id_at(self, index: int) -> uuid.UUID:
        """Return the public id at a place."""
        return uuid.UUID(int=int(self.high[index]) << 64 | int(self.low[index]))

    def places(self, ids: Sequence[uuid.UUID]) -> list[int]:
        """Return the places of those of these public ids that are here, in ascending order."""
        found = (self._place(one) for one in set(ids))
        return sorted(place for place in found if place is not None)

    def _place(self, public_id: uuid.UUID) -> int | None:
        high, low = np.uint64(public_id.int >> 64), np.uint64(public_id.int & _LOW)
        start, end = np.searchsorted(self.high, high), np.searchsorted(self.high, high, "right")
        place = int(start + np.searchsorted(self.low[start:end], low))
        return place if place < end and self.low[place] == low else None


_LOW = 2**64 - 1


class Selections:
    """Selections of one revision of the bank, within `capacity` bytes; the least used go first."""

    def __init__(self, database: Database, watch: RevisionWatch, capacity: int) -> None:
        self.database = database
        self._watch = watch
        self._capacity = capacity
        self._kept: OrderedDict[QuestionFilter, Selection] = OrderedDict()
        self._size = 0
        self._loading: dict[tuple[int, QuestionFilter], asyncio.Task[Selection]] = {}

    async def get(self, chosen: QuestionFilter, at_least: int = 0) -> Selection:
        """Return the selection of a filter at the bank's revision, which is `at_least` that.

        Where the revision cannot be known it is loaded anew; concurrent requests for one load it
        once. Raises UnknownFilterValueError.
        """
        revision = self._watch.known()
        if revision is None:
            revision = await self._watch.ask()
        if revision is None:
            return await self._load(chosen)
        revision = max(revision, at_least)
        kept = self._kept.get(chosen)
        if kept is not None and kept.revision >= revision:
            self._kept.move_to_end(chosen)
            return kept
        key = (revision, chosen)
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._load(chosen))
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        # Whoever goes away must not take the others' selection with them.
        return await asyncio.shield(task)

    async def _load(self, chosen: QuestionFilter) -> Selection:
        values = filter_values(chosen)
        query = _queries.get(tuple(values), lambda: _make_query(chosen))
        ((revision, ids),) = await self.database.fetch(query, values)
        await check_names(self.database, chosen, empty=not ids)
        selection = await asyncio.to_thread(_arrange, revision, ids or "")
        self._keep(chosen, selection)
        return selection

    def _keep(self, chosen: QuestionFilter, selection: Selection) -> None:
        """Keep a selection, and drop what is older than it."""
        for other in [key for key, one in self._kept.items() if one.revision < selection.revision]:
            self._size -= self._kept.pop(other).size
        if selection.size > self._capacity:
            return
        before = self._kept.pop(chosen, None)
        self._size += selection.size - (before.size if before else 0)
        self._kept[chosen] = selection
        while self._size > self._capacity:
            self._size -= self._kept.popitem(last=False)[1].size


_queries = ReadyQueries()


async def render_ids(
    database: Database, ids: Sequence[uuid.UUID], view: View
) -> tuple[int | None, list[bytes]]:
    """Return the JSON of published questions in the order of these ids, those there are.

    With it comes the revision of the bank at which they were read, None without any.
    """
    if not ids:
        return None, []
    query = _queries.get((len(ids), view), lambda: _make_reading(len(ids), view))
    found = await database.fetch(query, {f"id_{place}": one for place, one in enumerate(ids)})
    rendered = {row[1]: render_view(row[2:]) for row in found}
    revision = found[0][0] if found else None
    return revision, [rendered[one.hex] for one in ids if one.hex in rendered]


def _make_query(chosen: QuestionFilter) -> ReadyQuery:
    """Return one long text in place of many rows: that is many times as quick to take in."""
    ids = joined(as_hex(col(Question.public_id)))
    return ReadyQuery(sa.select(_revision(), ids).where(*conditions(chosen)), bounded=False)


def _make_reading(number: int, view: View) -> ReadyQuery:
    ids = [sa.bindparam(f"id_{one}", type_=sa.Uuid()) for one in range(number)]
    return ReadyQuery(
        sa.select(_revision(), as_hex(col(Question.public_id)), *view_columns(view)).where(
            col(Question.public_id).in_(ids), col(Question.status) == Status.PUBLISHED
        ),
        bounded=True,
    )


def _revision() -> sa.ScalarSelect[int]:
    return sa.select(col(Bank.revision)).scalar_subquery()


def _arrange(revision: int, ids: str) -> Selection:
    halves = np.frombuffer(bytes.fromhex(ids), dtype=">u8").astype(np.uint64).reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    return Selection(revision, halves[order, 0], halves[order, 1])
