"""How fast reads are: every figure is a ratio to a bare server with the same body, same run.

`python -m benchmarks.read_speed --size 1000 1000000 [--url postgresql://…] [--rounds 3]`

The ratio is of processor time a request, which drifts little where rates move twofold on a machine
that others use too; rates are printed beside. With several sizes the growth is printed as well.
"""

import argparse
import asyncio
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlmodel import col

from app.database import Database
from app.models import Question
from app.services.filters import QuestionFilter
from app.services.pages import make_cursor
from benchmarks.load import measure_load
from benchmarks.servers import Server, bare, tiku
from benchmarks.synthetic_bank import make_bank
from tests.postgres import free_port

_PATHS = 300  # different addresses of a case
_DEEP = 45_000
_MOST_GROWTH = 1.25


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked for, from which server, and the least ratio that is wanted."""

    name: str
    paths: Sequence[str]
    goal: float
    server: str = "fresh"


@dataclass(slots=True)
class Figures:
    """Processor microseconds a request of one case and of the bare server, a round each."""

    own: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    bare_rates: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return how near the case comes to the bare server, by processor time."""
        pairs = zip(self.own, self.bare, strict=True)
        return statistics.median(bare / own for own, bare in pairs)

    @property
    def rate_ratio(self) -> float:
        """Return the same by rates."""
        pairs = zip(self.rates, self.bare_rates, strict=True)
        return statistics.median(own / bare for own, bare in pairs)


def cases(samples: Mapping[str, Sequence[str]]) -> Iterator[Case]:
    """Yield what is measured; the server `ready` keeps its answers, `fresh` keeps none."""
    yield Case("one, repeated", samples["one"][:1], 0.80, "ready")
    yield Case("list of 20, repeated", ["/v1/questions?limit=20"], 0.80, "ready")
    yield Case("one", samples["one"], 0.15)
    yield Case("list of 20", samples["pages"], 0.10)
    yield Case("list of 20, by topic", samples["topic_pages"], 0.10)
    yield Case("list of 20, shuffled", samples["shuffled"], 0.0)
    if samples["deep"]:
        yield Case("list of 20, page 45,000 deep", samples["deep"], 0.10)
    yield Case("random by topic and difficulty", samples["random"], 0.15)


def measure(url: str, size: int, rounds: int, seconds: float) -> dict[str, Figures]:
    """Measure every case on a bank; print the table of it."""
    found: dict[str, Figures] = {}
    all_cases = list(cases(asyncio.run(_samples(url, size))))
    with ExitStack() as stack:
        servers = {
            "ready": stack.enter_context(tiku(url, free_port())),
            "fresh": stack.enter_context(tiku(url, free_port(), TIKU_CACHE_BYTES="0")),
            "bare": stack.enter_context(bare(free_port())),
        }
        bodies = {case.name: _body_size(servers[case.server], case) for case in all_cases}
        for _ in range(rounds):
            for case in all_cases:
                figures = found.setdefault(case.name, Figures())
                _measure_once(servers, case, bodies[case.name], seconds, figures)
    _print_table(size, all_cases, bodies, found)
    return found


def _measure_once(
    servers: Mapping[str, Server], case: Case, body: int, seconds: float, figures: Figures
) -> None:
    cost, load = measure_load(servers["bare"], [f"/{body}"], seconds)
    figures.bare.append(cost)
    figures.bare_rates.append(load.rate)
    cost, load = measure_load(servers[case.server], case.paths, seconds)
    figures.own.append(cost)
    figures.rates.append(load.rate)
    figures.medians.append(load.median)


def _body_size(server: Server, case: Case) -> int:
    """Return the mean size of a case's bodies, asking for each once, which warms up as well."""
    with httpx.Client(base_url=server.base, timeout=60) as client:
        sizes = [len(client.get(path).raise_for_status().content) for path in case.paths]
    return sum(sizes) // len(sizes)


def _print_table(
    size: int, all_cases: Sequence[Case], bodies: Mapping[str, int], found: Mapping[str, Figures]
) -> None:
    print(f"\n{size:,} questions")
    print(f"{'case':34} {'bytes':>7} {'µs CPU':>7} {'bare':>5} {'ratio':>6} {'goal':>5} ", end="")
    print(f"{'':6} {'by rate':>7} {'req/s':>7} {'p50 ms':>7}")
    for case in all_cases:
        one = found[case.name]
        verdict = "" if not case.goal else "met" if one.ratio >= case.goal else "MISSED"
        print(
            f"{case.name:34} {bodies[case.name]:7,} {statistics.median(one.own):7.0f} "
            f"{statistics.median(one.bare):5.0f} {one.ratio:6.2f} {case.goal:5.2f} {verdict:6} "
            f"{one.rate_ratio:7.2f} {statistics.median(one.rates):7,.0f} "
            f"{statistics.median(one.medians) * 1e3:7.2f}"
        )


def _print_growth(by_size: Mapping[int, Mapping[str, Figures]]) -> None:
    smallest, *_, largest = sorted(by_size)
    print(
        f"\nprocessor time at {largest:,} against {smallest:,} questions (goal: ≤ {_MOST_GROWTH})"
    )
    for name, figures in by_size[largest].items():
        if name in by_size[smallest]:
            growth = 1 / figures.ratio * by_size[smallest][name].ratio
            print(f"{name:34} {growth:5.2f}x {'met' if growth <= _MOST_GROWTH else 'MISSED'}")


async def _samples(url: str, size: int) -> dict[str, Sequence[str]]:
    """Return addresses of each kind, spread over the whole bank."""
    chance = random.Random(1)  # noqa: S311 (the same addresses each time)
    database = Database(url)
    place = (col(Question.source_id), col(Question.position), col(Question.id))
    columns = (*place, col(Question.public_id))
    ids = chance.sample(range(1, size + 1), min(_PATHS, size))
    async with database.reading() as db:
        rows: list[Any] = []
        for some in (ids[start : start + 500] for start in range(0, len(ids), 500)):
            query = sa.select(*columns).where(col(Question.id).in_(some))
            rows += (await db.execute(query)).all()
        far = sa.select(*columns).order_by(*place).offset(_DEEP).limit(200)
        deep = (await db.execute(far)).all()
    await database.close()
    pages = "/v1/questions?limit=20&cursor="
    topics = [f"topic-{number}" for number in range(21, 121)]
    return {
        "one": [f"/v1/questions/{row.public_id}" for row in rows],
        "pages": [pages + make_cursor(row[:3], QuestionFilter()) for row in rows],
        "deep": [pages + make_cursor(row[:3], QuestionFilter()) for row in deep],
        "topic_pages": [f"/v1/questions?limit=20&topic={topic}" for topic in topics],
        "shuffled": [f"/v1/questions?limit=20&order=random&seed={seed}" for seed in range(20)],
        "random": [
            f"/v1/questions/random?topic={topic}&difficulty_min=2&difficulty_max=4"
            for topic in topics
        ],
    }


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[1_000])
    parser.add_argument("--url", help="a database without a bank; default: a file in --folder")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    by_size = {}
    for size in options.size:
        url = options.url or f"sqlite:///{options.folder.resolve() / f'{size}.db'}"
        if options.url or not (options.folder / f"{size}.db").exists():
            make_bank(url, size)
        by_size[size] = measure(url, size, options.rounds, options.seconds)
    if len(by_size) > 1:
        _print_growth(by_size)


if __name__ == "__main__":
    main()
