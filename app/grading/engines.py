"""Which engine checks an answer: words and network together, or words alone."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.util import find_spec

from app.grading import check
from app.grading.verdict import AnswerCheck, ReferencePoint

Checker = Callable[[str, Sequence[ReferencePoint], str], AnswerCheck]


class Engine(StrEnum):
    """`hybrid` joins words and the trained network; `lexical` is words alone, faster and poorer."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"


def checker(engine: Engine) -> Checker:
    """Return the check of an engine; words alone where the network cannot run, and it says so."""
    if engine is Engine.LEXICAL or not can_run_network():
        return check.check_answer
    from app.grading import hybrid  # noqa: PLC0415 (its runtime may not be installed)

    return hybrid.check_answer


def check_against_references(
    engine: Engine, question: str, references: Sequence[Sequence[ReferencePoint]], answer: str
) -> AnswerCheck:
    """Check an answer against each of several references and return the best verdict.

    `references` must not be empty; of equal scores the first wins.
    """
    run = checker(engine)
    checks = [run(question, points, answer) for points in references]
    return max(checks, key=lambda one: one.score)


@cache
def can_run_network() -> bool:
    """Say whether the network's runtime and its weights are there."""
    weights = files("app.grading.network") / "weights.onnx"
    return find_spec("onnxruntime") is not None and weights.is_file()
