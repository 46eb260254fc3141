"""The search index: written with the questions it finds, in the same transaction.

Triggers cannot do this, since only the program can read words: they would need every token stored
a second time. So whoever writes questions calls these two functions.
"""

from collections.abc import Iterable, Mapping, Sequence

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
_AT_ONCE = 250  # questions; the event loop waits for as many

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
    for some in chunks(list(items), _AT_ONCE):
        await db.run_sync(index_words, {row_id: words_of(items[row_id]) for row_id in some})


async def remove_from_index(db: AsyncConnection, row_ids: Sequence[int]) -> None:
    """Have questions no longer found; those that are not in the index do not matter."""
    documents = table_of(SearchDocument)
    for some in chunks(row_ids):
        which = documents.c.question_id.in_(some)
        words: dict[int, str] = dict((await db.execute(sa.select(documents).where(which))).all())
        await db.execute(sa.delete(documents).where(which))
        await db.run_sync(_change, _REMOVE, words, -1)


def index_words(db: sa.Connection, words: Mapping[int, str]) -> None:
    """Have questions found by their words, which are given by row ids."""
    if words:
        db.exec_driver_sql(_KEEP[db.dialect.name], list(words.items()))
        _change(db, _ADD, words, 1)


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


def _change(
    db: sa.Connection, statements: Mapping[str, str], words: Mapping[int, str], sign: int
) -> None:
    """Run the engine's statement for each question, and count the tokens of all."""
    if not words:
        return
    engine = db.dialect.name
    tokens, documents = tokenise_many(list(words.values()))
    db.exec_driver_sql(statements[engine], list(zip(words, tokens, strict=True)))
    # In order of the tokens the rows are written side by side.
    counts = sorted({**documents, ALL: len(words)}.items())
    db.exec_driver_sql(_COUNT[engine], [(token, sign * number) for token, number in counts])
