"""Which engine checks an answer: words and network together, or words alone."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.util import find_spec

from app.grading.verdict import AnswerCheck, ReferencePoint

Checker = Callable[[str, Sequence[ReferencePoint], str], AnswerCheck]


class Engine(StrEnum):
    """`hybrid` joins words and the trained network; `lexical` is words alone, faster and poorer."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"


def checker(engine: Engine) -> Checker:
    """Return the check of an engine; words alone where the network cannot run, and it says so."""
    # The server names engines and has other processes run them; only those need what they load.
    if engine is Engine.LEXICAL or not can_run_network():
        from app.grading import check  # noqa: PLC0415

        return check.check_answer
    from app.grading import hybrid  # noqa: PLC0415

    return hybrid.check_answer


def run_check(
    engine: Engine, question: str, points: Sequence[ReferencePoint], answer: str
) -> AnswerCheck:
    """Check an answer with an engine; a function by a name, for another process to run."""
    return checker(engine)(question, points, answer)


def settle_remote(
    question: str,
    points: Sequence[ReferencePoint],
    answer: str,
    embedded: AnswerCheck,
    content: str,
    model: str,
) -> AnswerCheck:
    """Join a verdict with what a language model wrote; for another process to run as well."""
    from app.grading import settling  # noqa: PLC0415

    return settling.settle(question, points, answer, embedded, content, model)


def prepare(engine: Engine) -> None:
    """Load what the engine needs, by checking something."""
    run_check(engine, "为什么用缓存？", (ReferencePoint("缓存缩短访问时间。"),), "访问更快")


@cache
def can_run_network() -> bool:
    """Say whether the network's runtime and its weights are there."""
    weights = files("app.grading.network") / "weights.onnx"
    return find_spec("onnxruntime") is not None and weights.is_file()
