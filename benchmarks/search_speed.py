"""How fast searches are, by kinds of queries, on a bank of any size.

`python -m benchmarks.search_speed --size 100000 [--url URL] [--queries 200]`

Times are of the whole search in one process, hits included, without HTTP: every query is another
one, and nothing is kept between them. Beside the time that passes stands the processor's.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import sqlalchemy as sa

from app.database import Database
from app.search.words import is_run
from app.services.filters import QuestionFilter
from app.services.rendering import View
from app.services.searching import list_found, search_questions
from app.services.similarity import find_similar
from app.services.statistics import count_questions
from benchmarks.synthetic_bank import make_bank

_LIMIT = 20
_GOAL_MILLISECONDS = 10

Run = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Samples:
    """Words of the bank by how many questions have them, letters, and ids of questions."""

    rare: Sequence[str]
    middling: Sequence[str]
    frequent: Sequence[str]
    letters: Sequence[str]
    latin: Sequence[str]
    phrases: Sequence[str]


async def take_samples(database: Database, chance: random.Random) -> Samples:
    """Read words off the bank: rare in at most a thousandth of it, frequent in at least a tenth."""
    async with database.reading() as db:
        rows = (await db.execute(sa.text("SELECT token, documents FROM search_token"))).all()
        texts = await db.scalars(
            sa.text("SELECT prompt FROM question WHERE id % 977 = 1 ORDER BY id LIMIT 500")
        )
        phrases = [text[-12:-1] for text in texts]
    counts: dict[str, int] = dict(rows)
    total = counts.pop("")
    pairs = [token for token in counts if len(token) == 2 and is_run(token)]  # noqa: PLR2004 (as many letters)
    chance.shuffle(pairs)

    def between(low: float, high: float) -> list[str]:
        return [one for one in pairs if low * total < counts[one] <= high * total]

    return Samples(
        rare=between(0, 0.001),
        middling=between(0.001, 0.1),
        frequent=between(0.1, 1),
        letters=[token for token in counts if len(token) == 1 and is_run(token)],
        latin=[token for token in counts if token.isascii() and token.isalpha()],
        phrases=phrases,
    )


def make_queries(samples: Samples, chance: random.Random, number: int) -> dict[str, list[str]]:
    """Return queries of each kind."""

    def times(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(number)]

    def pick(words: Sequence[str]) -> str:
        return chance.choice(words)

    return {
        "two characters, rare": times(lambda: pick(samples.rare)),
        "two characters, middling": times(lambda: pick(samples.middling)),
        "two characters, frequent": times(lambda: pick(samples.frequent)),
        "one character": times(lambda: pick(samples.letters)),
        "a Latin word": times(lambda: pick(samples.latin)),
        "two terms": times(lambda: f"{pick(samples.middling)} {pick(samples.frequent)}"),
        "three frequent terms": times(
            lambda: " ".join(chance.sample(samples.frequent, min(3, len(samples.frequent))))
        ),
        "a phrase of eleven": times(lambda: pick(samples.phrases)),
        "with an exclusion": times(lambda: f"{pick(samples.frequent)} -{pick(samples.middling)}"),
    }


def make_runs(
    database: Database, samples: Samples, chance: random.Random, number: int
) -> Iterator[tuple[str, Sequence[Run]]]:
    """Yield what is measured: ranked searches of each kind, and what else uses the index."""

    def ranked(query: str, topics: tuple[str, ...] = ()) -> Run:
        chosen = QuestionFilter(query=query, topics=topics)
        return lambda: search_questions(database, chosen, limit=_LIMIT, cursor=None, view=View.FULL)

    kinds = make_queries(samples, chance, number)
    for name, queries in kinds.items():
        yield name, [ranked(query) for query in queries]
    mixed = [query for queries in kinds.values() for query in queries]
    yield "all of these, mixed", [ranked(query) for query in chance.sample(mixed, number)]
    middling = kinds["two characters, middling"]
    yield "with a topic", [ranked(query, ("topic-3",)) for query in middling]
    yield (
        "in the order of the documents",
        [
            lambda query=query: list_found(  # type: ignore[misc]
                database, QuestionFilter(query=query), limit=_LIMIT, cursor=None, view=View.FULL
            )
            for query in middling[: number // 4]
        ],
    )
    filters = [QuestionFilter(), QuestionFilter(topics=("topic-3",))]
    filters += [QuestionFilter(query=query) for query in middling[:3]]
    for name, chosen in zip(("all", "a topic", "a query"), filters, strict=False):
        yield f"facets of {name}", [lambda chosen=chosen: count_questions(database, chosen)] * 3  # type: ignore[misc]


async def find_ids(database: Database, queries: Sequence[str]) -> list[Run]:
    """Return searches for what is similar to what some queries find first."""
    runs: list[Run] = []
    for query in queries:
        found = await search_questions(
            database, QuestionFilter(query=query), limit=1, cursor=None, view=View.PROMPT
        )
        for item in found.page.items:
            public_id = sa.Uuid().python_type(orjson.loads(item)["id"])
            runs.append(
                lambda public_id=public_id: find_similar(  # type: ignore[misc]
                    database, public_id, limit=_LIMIT, view=View.FULL
                )
            )
    return runs


async def measure(url: str, number: int) -> None:
    """Measure all kinds and print a table, times in milliseconds."""
    database = Database(url)
    chance = random.Random(7)  # noqa: S311 (any will do, but the same each time)
    samples = await take_samples(database, chance)
    print(f"| {'search':<30} |    p50 |    p95 |   most | processor |")
    print("|---|---|---|---|---|")
    for name, runs in make_runs(database, samples, chance, number):
        await _print_row(name, runs)
    await _print_row("similar to a question", await find_ids(database, samples.middling[:number]))
    await database.close()


async def _print_row(name: str, runs: Sequence[Run]) -> None:
    times = []
    began = time.process_time()
    for run in runs:
        start = time.perf_counter()
        await run()
        times.append((time.perf_counter() - start) * 1e3)
    processor = (time.process_time() - began) * 1e3 / len(runs)
    median, late = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
    print(f"| {name:<30} | {median:6.1f} | {late:6.1f} | {max(times):6.1f} | {processor:9.1f} |")


def main() -> None:
    """Measure as the command line says; a bank that `--url` does not have yet is made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--url", help="an empty database to fill, or one that was filled before")
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder) / 'bank.db'}"
        if not asyncio.run(_is_filled(url)):
            make_bank(url, options.size)
        asyncio.run(measure(url, options.queries))


async def _is_filled(url: str) -> bool:
    database = Database(url)
    try:
        async with database.reading() as db:
            return bool((await db.execute(sa.text("SELECT 1 FROM question LIMIT 1"))).first())
    except sa.exc.DBAPIError:
        return False
    finally:
        await database.close()


if __name__ == "__main__":
    main()
