"""Who judges an answer: the check that comes with Tiku, in processes of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from app.config import Settings
from app.grading.engines import Engine, prepare, run_check
from app.grading.verdict import AnswerCheck, PointVerdict, ReferencePoint
from app.messages import Language
from app.services.explaining import Explanation, explain_verdicts
from app.services.pool import Pool


class Judge:
    """Checks answers off the event loop, by the settings; closed when no more are to come."""

    def __init__(self, settings: Settings) -> None:
        self._engine = Engine(settings.engine)
        self._pool = Pool(
            prepare,
            self._engine,
            workers=settings.check_workers,
            waiting=settings.check_queue,
            seconds=settings.check_seconds,
        )

    @property
    def width(self) -> int:
        """How many answers are checked at the same time."""
        return self._pool.workers

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
        """Return the verdict on an answer; raises what Pool.run raises."""
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
        await self._pool.close()
