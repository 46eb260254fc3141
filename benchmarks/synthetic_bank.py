"""Make a bank of any size quickly: synthetic questions through Core, rendered as imports do it.

`python -m benchmarks.synthetic_bank --size 100000 --url sqlite:///var/bank.db`
"""

import argparse
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.database import alembic_config, migrate
from app.documents.document import Item, Point
from app.models import (
    AnswerPoint,
    Bank,
    Question,
    QuestionTag,
    Source,
    Status,
    Tag,
    Topic,
    table_of,
)
from app.search.words import FIELD_END, make_words
from app.services.indexing import index_words, words_of
from app.services.rendering import Placed, render_answer, render_prompt

Row = dict[str, Any]

_BATCH = 5_000
_PER_SOURCE = 10_000
_ROOTS, _LEAVES = 20, 10
_TAGS = 100
_LETTERS, _WORDS = 3_000, 50_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NAMESPACE = uuid.UUID("6f0c5f5e-2f3b-4b1c-9a56-6f7b6d1c4a10")
_SENTENCES = (
    "索引用额外的空间和写入时间换来更快的查找",
    "事务要么全部完成，要么像没有发生过一样",
    "缓存命中率取决于访问的局部性和容量",
    "哈希表在平均情况下以常数时间查找，最坏情况下退化为线性",
    "A queue decouples the producer from the consumer and absorbs bursts",
    "复制提高可用性，但副本之间可能暂时不一致",
    "虚拟内存让每个进程以为自己独占地址空间",
    "The scheduler decides which thread runs next and for how long",
)


def make_bank(url: str, size: int) -> None:
    """Fill the database at `url`, which must not have a bank yet, with `size` questions."""
    migrate(url)
    engine = sa.create_engine(str(alembic_config(url).get_main_option("sqlalchemy.url")))
    with engine.begin() as db:
        if engine.dialect.name == "sqlite":
            # What a crash would cost is a minute of making it again.
            db.exec_driver_sql("PRAGMA cache_size = -200000")
        _insert(db, Source, _sources(size))
        topics = _topics()
        _insert(db, Topic, topics)
        _insert(db, Tag, [{"id": n, "name": f"标签{n}"} for n in range(1, _TAGS + 1)])
        slugs = {row["id"]: row["slug"] for row in topics}
        for first in range(1, size + 1, _BATCH):
            _insert_questions(db, range(first, min(first + _BATCH, size + 1)), slugs)
        db.execute(sa.update(table_of(Bank)).values(revision=2))
    if engine.dialect.name == "sqlite":
        with engine.connect() as db:
            db.exec_driver_sql("ANALYZE")
    engine.dispose()


def _insert_questions(db: sa.Connection, numbers: Iterable[int], slugs: Mapping[int, str]) -> None:
    questions, points, tags = [], [], []
    words = {}
    for number in numbers:
        item, question, words[number] = _question(number, slugs)
        questions.append(question)
        points += list(_points(number, item))
        tags += [{"question_id": number, "tag_id": int(tag[2:])} for tag in item.tags or ()]
    _insert(db, Question, questions)
    _insert(db, AnswerPoint, points)
    _insert(db, QuestionTag, tags)
    index_words(db, words)


def _insert(db: sa.Connection, model: type[SQLModel], rows: Sequence[Row]) -> None:
    db.execute(sa.insert(table_of(model)), rows)


def _sources(size: int) -> list[Row]:
    return [
        {
            "id": number,
            "slug": f"source-{number}",
            "title": f"文档{number}",
            "language": "zh",
            "format": "markdown",
            "sha256": "0" * 64,
            "imported_at": _NOW,
        }
        for number in range(1, (size - 1) // _PER_SOURCE + 2)
    ]


def _topics() -> list[Row]:
    roots = [
        {"id": n, "slug": f"topic-{n}", "name": f"主题{n}", "parent_id": None, "position": n}
        for n in range(1, _ROOTS + 1)
    ]
    leaves = [
        {
            "id": n,
            "slug": f"topic-{n}",
            "name": f"主题{n}",
            "parent_id": (n - _ROOTS - 1) // _LEAVES + 1,
            "position": n,
        }
        for n in range(_ROOTS + 1, _ROOTS * (_LEAVES + 1) + 1)
    ]
    return roots + leaves


@lru_cache(maxsize=2000)
def _reference(said: tuple[str, ...]) -> tuple[Item, str, str]:
    """Return an item but for its number, its answer's JSON, and the words of points and answer.

    Of eight sentences there are not many answers, and rendering one takes as long as all the rest.
    """
    points = tuple(Point(f"{text}。", f"要点{place}") for place, text in enumerate(said))
    item = Item(
        title=f"{said[0][:12]}？",
        prompt=f"请解释：{said[0]}。",
        answer="\n".join(f"{n}. **{p.title}：** {p.text}" for n, p in enumerate(points, 1)),
        explanation=f"{said[1]}，{said[2]}。",
        points=points,
        language="zh",
    )
    return item, render_answer(item), words_of(item).split(FIELD_END, 3)[3]


@cache
def vocabulary() -> tuple[Sequence[str], Sequence[float]]:
    """Return words of two and three characters, and how often they come up to each: as 1/rank."""
    chance = random.Random(1)  # noqa: S311 (any will do, but the same each time)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + _LETTERS)]
    words = {"".join(chance.choices(letters, k=chance.choice((2, 2, 3)))) for _ in range(_WORDS)}
    return sorted(words), [*accumulate(1 / rank for rank in range(1, len(words) + 1))]


def _question(number: int, slugs: Mapping[int, str]) -> tuple[Item, Row, str]:
    chance = random.Random(number)  # noqa: S311 (any will do, but the same each time)
    reference, rendered_answer, searched = _reference(tuple(chance.sample(_SENTENCES, 4)))
    words, often = vocabulary()
    said = chance.choices(words, cum_weights=often, k=15)
    title = f"第{number}题：{said[0]}与{said[1]}，{reference.title}"
    more = f"结合{'、'.join(said[2:6])}，说明{''.join(said[6:9])}和{''.join(said[9:])}。"
    tags = tuple(f"标签{n}" for n in sorted(chance.sample(range(1, _TAGS + 1), 2)))
    item = replace(
        reference,
        title=title,
        prompt=reference.prompt + more,
        tags=tags,
        difficulty=chance.randint(1, 5),
        number=str(number),
    )
    topic = chance.randint(_ROOTS + 1, len(slugs))
    source = (number - 1) // _PER_SOURCE + 1
    public_id = uuid.uuid5(_NAMESPACE, str(number))
    placed = Placed(public_id, item, f"source-{source}", slugs[topic], Status.PUBLISHED, 1, _NOW)
    row = {
        "id": number,
        "public_id": public_id,
        "source_id": source,
        "topic_id": topic,
        "number": item.number,
        "position": (number - 1) % _PER_SOURCE + 1,
        "title": item.title,
        "prompt": item.prompt,
        "answer": item.answer,
        "explanation": item.explanation,
        "kind": item.kind,
        "difficulty": item.difficulty,
        "language": item.language,
        "status": Status.PUBLISHED,
        "revision": 1,
        "created_at": _NOW,
        "updated_at": _NOW,
        "rendered_prompt": render_prompt(placed),
        "rendered_answer": rendered_answer,
    }
    words_of_it = make_words([[title], [item.prompt], tags]) + FIELD_END + searched
    return item, row, words_of_it


def _points(number: int, item: Item) -> Iterator[Row]:
    for position, point in enumerate(item.points, start=1):
        yield {
            "question_id": number,
            "position": position,
            "title": point.title,
            "text": point.text,
            "weight": point.weight,
            "required": point.required,
            "aliases": [],
            "origin": point.origin,
        }


def main() -> None:
    """Make a bank as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000)
    parser.add_argument("--url", required=True)
    options = parser.parse_args()
    make_bank(options.url, options.size)


if __name__ == "__main__":
    main()
