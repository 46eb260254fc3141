"""How fast a document becomes rows: every step of an import, and whether it is linear.

`python -m benchmarks.import_speed [--questions 1000 10000 50000] [--formats ndjson md] [--rounds 3]
[--url URL] [--profile]`; on a fresh SQLite bank each time, or on the migrated one at `--url`,
under a new name each time. Of each step the quickest round counts, in seconds of processor, all
threads together, and in seconds that passed. Questions have about the length, the points, tags and
topics of real ones, and stand by topic. The time to start the program is not in it.
"""

import argparse
import asyncio
import cProfile
import pstats
import random
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from unittest.mock import patch

from app.database import Database, migrate
from app.documents.canonical import write_markdown
from app.documents.document import Document, Item, Point
from app.documents.limits import Limits
from app.documents.read import read_document
from app.documents.records import write_ndjson
from app.services import importing
from app.services.importing import import_document

_TEXT = (
    "缓存索引事务线程进程内存队列哈希排序网络协议连接请求响应日志备份恢复模型训练特征损失梯度分类"
)
_POINTS = 4
_TOPICS = 40
_TAGS = 60
_NO_LIMITS = Limits(
    max_bytes=sys.maxsize,
    max_lines=sys.maxsize,
    max_headings=sys.maxsize,
    max_questions=sys.maxsize,
    max_seconds=float("inf"),
)
_WRITERS: Mapping[str, Callable[[Document], bytes]] = {"ndjson": write_ndjson, "md": write_markdown}
_STEPS = ("read", "plan", "write", "index", "whole", "again", "half edited")


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
                title=f"{sentence(5)[:-1]}{number}是什么？",
                prompt=f"请解释{sentence(6)}",
                answer=answer,
                explanation=sentence(12),
                points=points,
                topics=(f"领域{number % 7}", f"主题{number % _TOPICS}"),
                tags=(f"标签{number % _TAGS}", f"类别{number % 11}"),
                difficulty=number % 5 + 1,
                number=str(number + 1),
            )
        )
    return tuple(items)


class Times:
    """Seconds by step: of the processor, and as they passed."""

    def __init__(self) -> None:
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self.wall: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Add what the block takes to a step."""
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.cpu[step] += time.process_time() - cpu
            self.wall[step] += time.perf_counter() - wall

    def watched(
        self, step: str, work: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        """Return work that adds what it takes to a step."""

        async def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 (whatever it takes)
            with self.of(step):
                return await work(*arguments, **named)

        return timed


@contextmanager
def watching(times: Times) -> Iterator[None]:
    """Have planning and indexing timed within imports."""
    with ExitStack() as stack:
        for step, name in (("plan", "plan_document"), ("index", "add_to_index")):
            watched = times.watched(step, getattr(importing, name))
            stack.enter_context(patch.object(importing, name, watched))
        yield


def measure(url: str, data: bytes, ending: str) -> Times:
    """Return what the steps of importing a document took: the first time, again, and edited."""
    times, slug = Times(), uuid.uuid4().hex  # a new name is a new source

    def read() -> Document:
        return read_document(data, name=f"bank.{ending}", slug=slug, limits=_NO_LIMITS)

    with times.of("whole"):
        with times.of("read"):
            document = read()
        with watching(times), times.of("write"):
            asyncio.run(_save(url, document))
    for seconds in (times.cpu, times.wall):
        seconds["write"] -= seconds["plan"] + seconds["index"]
    edited = replace(
        document,
        items=tuple(
            replace(item, explanation=f"{item.explanation}改。") if place % 2 else item
            for place, item in enumerate(document.items)
        ),
    )
    with times.of("again"):
        asyncio.run(_save(url, document))
    with times.of("half edited"):
        asyncio.run(_save(url, edited))
    return times


async def _save(url: str, document: Document) -> None:
    database = Database(url)
    await import_document(database, document, now=datetime.now(UTC), author="benchmark")
    await database.close()


def measure_fresh(url: str | None, data: bytes, ending: str) -> Times:
    """Do so on a fresh SQLite bank where no other is given."""
    if url is not None:
        return measure(url, data, ending)
    with tempfile.TemporaryDirectory() as folder:
        fresh = f"sqlite:///{folder}/bank.db"
        migrate(fresh)
        return measure(fresh, data, ending)


def make_data(ending: str, count: int) -> bytes:
    """Return a document of so many questions, without ids, as an author has it."""
    items = tuple(sorted(make_items(count), key=attrgetter("topics")))
    return _WRITERS[ending](Document(slug="bank", title="bank", items=items))


def print_rates(rounds: Sequence[Times], ending: str, count: int) -> None:
    """Print questions a second and the seconds of each step."""
    for name in ("cpu", "wall"):
        best = {step: min(getattr(one, name)[step] for one in rounds) for step in _STEPS}
        told = (f"{step} {count / best[step]:,.0f}/s ({best[step]:.2f} s)" for step in _STEPS)
        print(f"{ending:6} {count:6} {name:4} {', '.join(told)}")


def main() -> None:
    """Print two rows for each format and size, with the steps of a first import and two others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--formats", choices=_WRITERS, nargs="+", default=list(_WRITERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="a migrated bank; default: fresh ones on SQLite")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args()
    for ending in options.formats:
        # Tables that are made on first use are no part of the figures.
        measure_fresh(options.url, make_data(ending, 10), ending)
        for count in options.questions:
            data = make_data(ending, count)
            profile = cProfile.Profile()
            if options.profile:
                profile.enable()
            rounds = [measure_fresh(options.url, data, ending) for _ in range(options.rounds)]
            profile.disable()
            print_rates(rounds, ending, count)
            if options.profile:
                pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
