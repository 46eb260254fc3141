"""Searching: the questions of a query, in the order of their ranks or of their documents.

Ranked are the newest that match; how many more there are is not counted. On the way from page to
page the cursor keeps which questions were ranked and what each term counted, so that a question's
place depends on nothing but itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.database import Database
from app.errors import BadCursorError
from app.models import Question, SearchDocument
from app.queries import ReadyQueries, ReadyQuery, as_utf8
from app.search.hits import FieldHit, find_hits
from app.search.query import Query, parse_query
from app.search.ranking import Ranked, rank, weigh_term
from app.services.filters import QuestionFilter, conditions, filter_values
from app.services.indexing import ALL, load_documents
from app.services.matching import (
    INDEX,
    bound,
    found_first,
    has_part,
    in_index,
    match_values,
)
from app.services.pages import make_cursor, read_cursor
from app.services.questions import Page, check_names, list_questions, read_rows
from app.services.rendering import View

MOST_RANKED = 500
_LAST_ROW = 2**31 - 1
_HIGHEST_SCORE = 2**53
_MOST_WEIGHT = 64

_queries = ReadyQueries()


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of a search; for each question the fields that hit.

    `total` counts what matches, and where it is `capped` there is more.
    """

    page: Page
    hits: Sequence[Sequence[FieldHit]]
    total: int
    capped: bool


def can_rank(text: str) -> bool:
    """Say whether a query has terms to rank by."""
    return bool(parse_query(text).terms)


async def search_questions(
    database: Database, chosen: QuestionFilter, *, limit: int, cursor: str | None, view: View
) -> FoundPage:
    """Return a page of the questions that a filter with terms finds, the best first.

    Raises UnknownFilterValueError, and BadCursorError for a cursor of another list.
    """
    query = parse_query(chosen.query)
    place = _Place.read(cursor, chosen, len(query.terms)) if cursor is not None else None
    tokens = (token for term in query.terms for token in term.tokens)
    documents = await load_documents(database, tokens)
    weights = place.weights if place else _weigh_terms(query, documents)
    few = database.is_postgres and _are_few(query, documents)
    found = await _find(database, chosen, query, place, few=few)
    await check_names(database, chosen, empty=not found)
    capped = place.low > 0 if place else len(found) > MOST_RANKED
    ranked = rank(found if place else found[:MOST_RANKED], query.terms, weights)
    following = [one for one in ranked if place is None or place.last < one]
    shown = following[:limit]
    rendered = await read_rows(database, [row_id for _, row_id in shown], view)
    items = [rendered[row_id] for _, row_id in shown if row_id in rendered]
    next_cursor = None
    if len(following) > limit:
        start = place or _Place.begin(found, weights, capped=capped)
        next_cursor = replace(start, last=shown[-1]).write(chosen)
    page = Page(items, next_cursor)
    return FoundPage(page, find_hits(items, query), min(len(ranked), MOST_RANKED), capped)


async def list_found(
    database: Database, chosen: QuestionFilter, *, limit: int, cursor: str | None, view: View
) -> FoundPage:
    """Return a page of the questions that a filter with a query finds, in their documents' order.

    Raises like `search_questions`.
    """
    query = parse_query(chosen.query)
    page = await list_questions(database, chosen, limit=limit, cursor=cursor, view=view)
    values = filter_values(chosen)
    counting = _queries.get(("count", *values), lambda: _make_count(chosen))
    ((total,),) = await database.fetch(counting, values | {"most": MOST_RANKED + 1})
    hits = find_hits(page.items, query)
    return FoundPage(page, hits, min(total, MOST_RANKED), total > MOST_RANKED)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ends: the last question, and what was ranked by which weights."""

    last: Ranked
    low: int
    high: int
    weights: tuple[int, ...]

    @classmethod
    def begin(
        cls, found: Sequence[tuple[int, bytes]], weights: tuple[int, ...], *, capped: bool
    ) -> "_Place":
        """Return the place before all pages; `found` has the newest first."""
        low = found[MOST_RANKED - 1][0] if capped else 0
        return cls((0, 0), low, found[0][0], weights)

    @classmethod
    def read(cls, cursor: str, chosen: QuestionFilter, terms: int) -> "_Place":
        """Return the place of a cursor; raises BadCursorError."""
        place = read_cursor(cursor, chosen, "relevance")
        numbers = [one for one in place if type(one) is int and abs(one) < _HIGHEST_SCORE]
        if len(numbers) != len(place) or len(place) != 4 + terms:
            raise BadCursorError(field="cursor", cursor=cursor)
        minus_score, last, low, high, *weights = numbers
        if not 0 <= low <= high <= _LAST_ROW or not all(0 < one < _MOST_WEIGHT for one in weights):
            raise BadCursorError(field="cursor", cursor=cursor)
        return cls((minus_score, last), low, high, tuple(weights))

    def write(self, chosen: QuestionFilter) -> str:
        """Return the cursor of the place."""
        numbers = (*self.last, self.low, self.high, *self.weights)
        return make_cursor(numbers, chosen, "relevance")


def _weigh_terms(query: Query, documents: Mapping[str, int]) -> tuple[int, ...]:
    total = documents.get(ALL, 0)
    return tuple(weigh_term(term, documents, total) for term in query.terms)


def _are_few(query: Query, documents: Mapping[str, int]) -> bool:
    """Say whether fewer questions can match than a walk from the newest on would meet."""
    tokens = (token for term in query.terms for token in term.tokens)
    most = min(documents.get(token, 0) for token in tokens)
    return most**2 < MOST_RANKED * documents.get(ALL, 0)


async def _find(
    database: Database, chosen: QuestionFilter, query: Query, place: _Place | None, *, few: bool
) -> Sequence[tuple[int, bytes]]:
    """Return row ids and words of the newest questions that match, the newest first.

    After the first page these are all that stand between the first and the last of then: so what
    was added since pushes nothing out.
    """
    others = replace(chosen, query="")
    values = filter_values(others) | match_values(query)
    values |= {f"not_{number}": term.needle for number, term in enumerate(query.excluded)}
    ready = _queries.get(("find", few, *values), lambda: _make_find(others, values, few=few))
    bounds = {
        "low": place.low if place else 0,
        "high": place.high if place else _LAST_ROW,
        "most": 2 * MOST_RANKED if place else MOST_RANKED + 1,
    }
    found: Sequence[tuple[int, bytes]] = await database.fetch(ready, values | bounds)
    return found


def _make_find(others: QuestionFilter, values: Mapping[str, Any], *, few: bool) -> ReadyQuery:
    match, words = bound(values, "match"), col(SearchDocument.words)
    rows: sa.FromClause = found_first(match) if few else INDEX
    which: list[sa.ColumnElement[bool]] = [] if few else [in_index(match)]
    row_id = rows.c.rowid
    select = sa.select(row_id, as_utf8(words)).select_from(rows)
    found_row: sa.SQLColumnExpression[Any] = row_id
    if filter_values(others):
        # What the filter leaves out costs no reading of words.
        select = select.join(Question, col(Question.id) == row_id)
        found_row = col(Question.id)
        which += conditions(others)
    for name in values:
        if name.startswith("needle_"):
            which.append(has_part(words, bound(values, name)))
        elif name.startswith("not_"):
            which.append(sa.not_(has_part(words, bound(values, name))))
    low, high = sa.bindparam("low", type_=sa.Integer()), sa.bindparam("high", type_=sa.Integer())
    return ReadyQuery(
        select.join(SearchDocument, col(SearchDocument.question_id) == found_row)
        .where(*which, row_id >= low, row_id <= high)
        .order_by(row_id.desc())
        .limit(sa.bindparam("most", type_=sa.Integer())),
        bounded=False,
    )


def _make_count(chosen: QuestionFilter) -> ReadyQuery:
    some = sa.select(col(Question.id)).where(*conditions(chosen))
    limited = some.limit(sa.bindparam("most", type_=sa.Integer())).subquery()
    return ReadyQuery(sa.select(sa.func.count()).select_from(limited), bounded=False)
