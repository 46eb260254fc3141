"""Who judges an answer: the check that comes with Tiku, and a language model if one is set."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from app.config import Settings
from app.grading.engines import Engine, prepare, run_check, settle_remote
from app.grading.verdict import AnswerCheck, Fallback, PointVerdict, ReferencePoint
from app.messages import Language
from app.services.explaining import Explanation, explain_verdicts
from app.services.pool import Pool
from app.services.remote_grader import RemoteGrader


class Judge:
    """Checks answers off the event loop, by the settings; closed when no more are to come.

    A `pool` that is given is one that others use too.
    """

    def __init__(self, settings: Settings, pool: Pool | None = None) -> None:
        self._engine = Engine(settings.engine)
        self._shared = pool is not None
        self._pool = pool or make_pool(settings)
        self._remote = RemoteGrader(settings) if settings.grader_url else None

    @property
    def width(self) -> int:
        """How many answers are checked at the same time."""
        return max(self._pool.workers, self._remote.concurrency if self._remote else 0)

    def warm(self) -> None:
        """Begin to load what checks need; the first one else waits for that."""
        self._pool.warm()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Take a place for a request that checks; ChecksBusyError where none is left."""
        with self._pool.admitted():
            yield

    async def check(
        self, question: str, points: Sequence[ReferencePoint], answer: str
    ) -> AnswerCheck:
        """Return the verdict on an answer; raises what Pool.run raises.

        A remote grader is asked at the same time; its fault is never the answer's.
        """
        if self._remote is None:
            return await self._check_here(question, points, answer)
        asked = asyncio.ensure_future(self._remote.grade(question, points, answer))
        try:
            here = await self._check_here(question, points, answer)
            content = await asked
        finally:
            asked.cancel()
        if isinstance(content, Fallback):
            return replace(here, fallback=content.value)
        known = (question, tuple(points), answer, here, content, self._remote.model)
        return await self._pool.run(settle_remote, *known)

    async def _check_here(
        self, question: str, points: Sequence[ReferencePoint], answer: str
    ) -> AnswerCheck:
        return await self._pool.run(run_check, self._engine, question, tuple(points), answer)

    async def explain(
        self,
        asked: tuple[str, Sequence[ReferencePoint], str],
        verdicts: Sequence[PointVerdict],
        language: Language,
    ) -> Explanation:
        """Return why (question, points, answer) got these verdicts; raises what Pool.run raises."""
        return await self._pool.run(explain_verdicts, asked, verdicts, self._engine, language)

    async def close(self) -> None:
        """Let what has begun end, and stop the processes."""
        if self._remote:
            await self._remote.close()
        if not self._shared:
            await self._pool.close()


def make_pool(settings: Settings) -> Pool:
    """Return the processes that check answers by the settings."""
    return Pool(
        prepare,
        Engine(settings.engine),
        workers=settings.check_workers,
        waiting=settings.check_queue,
        seconds=settings.check_seconds,
    )
