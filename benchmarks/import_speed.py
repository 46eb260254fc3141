"""How fast a document becomes rows: reading, planning and writing, and whether they are linear.

`python -m benchmarks.import_speed [--questions 1000 10000 50000] [--profile]`; on a fresh SQLite
bank for each size. Times are the processor's, all threads together, so that a busy machine does not
show. Questions have about the length, the points, tags and topics of real ones.
"""

import argparse
import asyncio
import cProfile
import pstats
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from app.database import Database, migrate
from app.documents.document import Document, Item, Point
from app.documents.limits import Limits
from app.documents.read import read_document
from app.documents.records import write_ndjson
from app.services.importing import import_document

_T = TypeVar("_T")
_TEXT = (
    "缓存索引事务线程进程内存队列哈希排序网络协议连接请求响应日志备份恢复模型训练特征损失梯度分类"
)
_POINTS = 4
_TOPICS = 40
_TAGS = 60
_NO_LIMITS = Limits(max_bytes=sys.maxsize, max_lines=sys.maxsize, max_questions=sys.maxsize)


def make_items(count: int, seed: int = 1) -> tuple[Item, ...]:
    """Return questions of about 700 bytes, each with four titled points; the same every time."""
    chance = random.Random(seed)  # noqa: S311 (any text will do, but the same each time)

    def sentence(length: int) -> str:
        starts = (chance.randrange(len(_TEXT) - 2) for _ in range(length))
        return "".join(_TEXT[start : start + 2] for start in starts) + "。"

    items = []
    for number in range(count):
        points = tuple(Point(sentence(9), sentence(2)[:-1]) for _ in range(_POINTS))
        answer = "\n".join(f"{n}. **{p.title}：** {p.text}" for n, p in enumerate(points, 1))
        items.append(
            Item(
                title=f"第{number}题：{sentence(5)[:-1]}是什么？",
                prompt=f"请解释{sentence(6)}",
                answer=answer,
                explanation=sentence(12),
                points=points,
                topics=(f"领域{number % 7}", f"主题{number % _TOPICS}"),
                tags=(f"标签{number % _TAGS}", f"标签{number % 11}"),
                difficulty=number % 5 + 1,
                number=str(number + 1),
            )
        )
    return tuple(items)


def measure(count: int) -> Sequence[tuple[str, float]]:
    """Return what each step took for a document of this many questions, in seconds."""
    data = write_ndjson(Document(slug="bank", title="bank", items=make_items(count)))
    found: list[tuple[str, float]] = []

    def timed(step: str, work: Callable[[], _T]) -> _T:
        started = time.process_time()
        result = work()
        found.append((step, time.process_time() - started))
        return result

    document = timed("read", lambda: read_document(data, name="bank.ndjson", limits=_NO_LIMITS))
    edited = replace(
        document,
        items=tuple(
            replace(item, explanation=f"{item.explanation}改。") if place % 2 else item
            for place, item in enumerate(document.items)
        ),
    )
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bank.db"
        migrate(url)
        timed("new", lambda: asyncio.run(_save(url, document)))
        timed("again", lambda: asyncio.run(_save(url, document)))
        timed("half edited", lambda: asyncio.run(_save(url, edited)))
    return found


async def _save(url: str, document: Document) -> None:
    database = Database(url)
    await import_document(database, document, now=datetime.now(UTC), author="benchmark")
    await database.close()


def main() -> None:
    """Print a row for each size: questions a second, step by step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args()
    measure(10)  # tables that are made on first use are no part of the figures
    for count in options.questions:
        profile = cProfile.Profile()
        if options.profile:
            profile.enable()
        found = measure(count)
        profile.disable()
        rates = (f"{step} {count / seconds:,.0f}/s ({seconds:.2f} s)" for step, seconds in found)
        print(f"{count:6} questions: {', '.join(rates)}")
        if options.profile:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
