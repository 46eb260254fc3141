"""The search index: written with the questions it finds, in the same transaction.

Triggers cannot do this, since only the program can read words: they would need every token stored
a second time. So whoever writes questions calls these two functions.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.database import Database
from app.documents.document import Item
from app.models import SearchDocument, SearchToken, table_of
from app.queries import ReadyQuery
from app.search.batches import tokenise_many
from app.search.words import make_words
from app.services.stored import chunks

ALL = ""  # the token that counts every question
_TOKENS_AT_ONCE = 64
_AT_ONCE = 250  # questions; smaller lots cost the index of SQLite more
_COUNTS_AT_ONCE = 2_000

# As drivers take them: building statements for every row takes as long as running them.
_ADD = {
    "sqlite": "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)",
    "postgresql": "INSERT INTO search_index (rowid, tokens) VALUES (%s, CAST(%s AS tsvector))",
}
# An index that keeps no texts has to be told what it is to forget.
_REMOVE = {
    "sqlite": "INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', ?, ?)",
    "postgresql": "DELETE FROM search_index WHERE rowid = %s AND CAST(%s AS tsvector) = tokens",
}
_KEEP = {
    "sqlite": "INSERT INTO search_document (question_id, words) VALUES (?, ?)",
    "postgresql": "INSERT INTO search_document (question_id, words) VALUES (%s, %s)",
}
_COUNTING = (
    "INSERT INTO search_token (token, documents) VALUES ({}) "
    "ON CONFLICT (token) DO UPDATE SET documents = search_token.documents + excluded.documents"
)
_COUNT = {"sqlite": _COUNTING.format("?, ?"), "postgresql": _COUNTING.format("%s, %s")}
_DOCUMENTS = ReadyQuery(
    sa.select(col(SearchToken.token), col(SearchToken.documents)).where(
        col(SearchToken.token).in_(
            [sa.bindparam(f"token_{one}", type_=sa.String()) for one in range(_TOKENS_AT_ONCE)]
        )
    ),
    bounded=True,
)


async def add_to_index(db: AsyncConnection, items: Mapping[int, Item]) -> None:
    """Have questions found, by their row ids; none of them may be in the index."""
    counts = Counter[str]()
    for some in chunks(list(items), _AT_ONCE):
        lot = await asyncio.to_thread(_tokenise, {row_id: items[row_id] for row_id in some})
        await db.run_sync(_add, lot)
        counts.update(lot.documents)
    await _add_counts(db, counts)


async def remove_from_index(db: AsyncConnection, row_ids: Sequence[int]) -> None:
    """Have questions no longer found; those that are not in the index do not matter."""
    documents = table_of(SearchDocument)
    counts = Counter[str]()
    for some in chunks(row_ids, _AT_ONCE):
        which = documents.c.question_id.in_(some)
        words: dict[int, str] = dict((await db.execute(sa.select(documents).where(which))).all())
        await db.execute(sa.delete(documents).where(which))
        lot = await asyncio.to_thread(_Lot.of, words)
        await db.run_sync(_run, _REMOVE, lot.tokens)
        counts.subtract(lot.documents)
    await _add_counts(db, counts)


def index_words(db: sa.Connection, words: Mapping[int, str]) -> None:
    """Have questions found by their words, which are given by row ids."""
    lot = _Lot.of(words)
    _add(db, lot)
    _run(db, _COUNT, sorted(lot.documents.items()))


def words_of(item: Item) -> str:
    """Return the words of a question, its title first, what only the answer has last."""
    labels = [*sorted(item.tags or ()), *(choice.text for choice in item.choices)]
    points = [part for one in item.points for part in (one.title or "", one.text, *one.aliases)]
    points += [wording for one in item.points for wording in one.accepted]
    return make_words(
        [[item.title], [item.prompt], labels, points, [item.answer, item.explanation]]
    )


def words_of_rendered(prompt: str, answer: str) -> str:
    """Return the same of the halves of a question's JSON."""
    asked, answered = orjson.loads(prompt), orjson.loads(answer)
    labels = [*asked["tags"], *(choice["text"] for choice in asked["choices"])]
    points = [
        part
        for one in answered["points"]
        for part in (one["title"] or "", one["text"], *one["aliases"])
    ]
    points += [wording for one in answered["points"] for wording in one["accepted"]]
    body = [answered["answer"], answered["explanation"]]
    return make_words([[asked["title"]], [asked["prompt"]], labels, points, body])


async def load_documents(database: Database, tokens: Iterable[str]) -> dict[str, int]:
    """Return how many questions have each token that any has, and how many there are."""
    asked = list(dict.fromkeys((ALL, *tokens)))
    found: dict[str, int] = {}
    for start in range(0, len(asked), _TOKENS_AT_ONCE):
        some = asked[start : start + _TOKENS_AT_ONCE]
        # Always as many parameters, so that it is one statement.
        some += [ALL] * (_TOKENS_AT_ONCE - len(some))
        values = {f"token_{number}": token for number, token in enumerate(some)}
        found |= dict(await database.fetch(_DOCUMENTS, values))
    return found


@dataclass(frozen=True, slots=True)
class _Lot:
    """Questions by their row ids: their words, their tokens, and how many have each token."""

    words: Sequence[tuple[int, str]]
    tokens: Sequence[tuple[int, str]]
    documents: Mapping[str, int]

    @classmethod
    def of(cls, words: Mapping[int, str]) -> "_Lot":
        tokens, documents = tokenise_many(list(words.values()))
        counted = {**documents, ALL: len(words)} if words else {}
        return cls(list(words.items()), list(zip(words, tokens, strict=True)), counted)


def _tokenise(items: Mapping[int, Item]) -> _Lot:
    return _Lot.of({row_id: words_of(item) for row_id, item in items.items()})


def _add(db: sa.Connection, lot: _Lot) -> None:
    _run(db, _KEEP, lot.words)
    _run(db, _ADD, lot.tokens)


async def _add_counts(db: AsyncConnection, counts: Mapping[str, int]) -> None:
    """Count for each token how many questions more have it, or fewer."""
    # In order of the tokens the rows are written side by side.
    for some in chunks(sorted(counts.items()), _COUNTS_AT_ONCE):
        await db.run_sync(_run, _COUNT, some)


def _run(
    db: sa.Connection, statements: Mapping[str, str], rows: Sequence[tuple[object, object]]
) -> None:
    """Run the engine's statement for each row."""
    if rows:
        db.exec_driver_sql(statements[db.dialect.name], list(rows))
