"""Answers as they look: characters that nobody sees must neither cut nor join anything."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps

from app.grading.verdict import AnswerCheck, PointVerdict, ReferencePoint
from app.text import is_invisible

Checker = Callable[[str, Sequence[ReferencePoint], str], AnswerCheck]


def reads_visible(check: Checker) -> Checker:
    """Let a check read only what can be seen of an answer, with spans into the answer as sent."""

    @wraps(check)
    def read(question: str, points: Sequence[ReferencePoint], answer: str) -> AnswerCheck:
        origins = [at for at, character in enumerate(answer) if not is_invisible(character)]
        if len(origins) == len(answer):
            return check(question, points, answer)
        found = check(question, points, "".join(answer[at] for at in origins))
        return replace(found, points=tuple(_moved(one, origins) for one in found.points))

    return read


def _moved(verdict: PointVerdict, origins: Sequence[int]) -> PointVerdict:
    if verdict.span is None:
        return verdict
    start, end = verdict.span
    return replace(verdict, span=(origins[start], origins[end - 1] + 1))
