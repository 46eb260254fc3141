"""Which questions are like one: those that share its telling words, found by the search index."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from app.database import Database
from app.errors import QuestionNotFoundError
from app.models import Question, SearchDocument
from app.queries import ReadyQuery
from app.search.ranking import measure_overlap, most_telling, pick_tokens, telling_tokens
from app.services.indexing import ALL, load_documents
from app.services.matching import any_of, found_first
from app.services.questions import read_rows
from app.services.rendering import View

_MOST_SIMILAR = 500
_LEAST_OVERLAP = 0.1


@dataclass(frozen=True, slots=True)
class Similar:
    """Questions as JSON objects, and for each which share of the telling words it has too."""

    items: Sequence[bytes]
    overlaps: Sequence[float]


_WORDS = ReadyQuery(
    sa.select(col(SearchDocument.question_id), col(SearchDocument.words))
    .join(Question, col(Question.id) == col(SearchDocument.question_id))
    .where(col(Question.public_id) == sa.bindparam("public_id", type_=sa.Uuid())),
    bounded=True,
)
_FOUND = found_first(sa.bindparam("match", type_=sa.String()))
_SIMILAR = ReadyQuery(
    sa.select(_FOUND.c.rowid, col(SearchDocument.words))
    .join(SearchDocument, col(SearchDocument.question_id) == _FOUND.c.rowid)
    .where(_FOUND.c.rowid != sa.bindparam("not_this", type_=sa.Integer()))
    .order_by(_FOUND.c.rowid.desc())
    .limit(sa.bindparam("most", type_=sa.Integer())),
    bounded=False,
)


async def find_similar(
    database: Database, public_id: uuid.UUID, *, limit: int, view: View
) -> Similar:
    """Return the published questions that share most of a question's telling words.

    Raises QuestionNotFoundError.
    """
    rows = await database.fetch(_WORDS, {"public_id": public_id})
    if not rows:
        raise QuestionNotFoundError(id=public_id)
    row_id, words = rows[0]
    counts = telling_tokens(words)
    documents = await load_documents(database, counts)
    weights = most_telling(counts, documents, documents.get(ALL, 0))
    if not weights:
        return Similar([], [])
    picked = pick_tokens(weights, documents, _MOST_SIMILAR)
    values = {"match": any_of(picked), "not_this": row_id, "most": _MOST_SIMILAR}
    found = [
        (round(measure_overlap(other, weights), 3), other_id)
        for other_id, other in await database.fetch(_SIMILAR, values)
    ]
    best = sorted((-overlap, one) for overlap, one in found if overlap >= _LEAST_OVERLAP)[:limit]
    rendered = await read_rows(database, [row_id for _, row_id in best], view)
    shown = [(rendered[one], -minus) for minus, one in best if one in rendered]
    return Similar([item for item, _ in shown], [overlap for _, overlap in shown])
