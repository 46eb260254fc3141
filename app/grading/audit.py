"""What is wrong with a reference: points alike, full marks out of reach, text that nobody reads."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.grading.engines import Checker, Engine, can_run_network, checker
from app.grading.exact import is_exact
from app.grading.lexical import content_size
from app.grading.order import judge_order
from app.grading.verdict import AnswerCheck, ReferencePoint, State
from app.text import compare_key, fold, grams

_ALIKE = 0.8  # share of the grams of two points that both have
_FULL = 1.0 - 1e-9
_PLACEHOLDERS = frozenset({"略", "同上", "见上", "见解析", "无", "待补充", "todo", "tbd", "na"})


class FaultKind(StrEnum):
    """What can be wrong; each has the message `fault.<value>` and a line in the docs."""

    INDISTINCT = "indistinct"
    OWN_REFERENCE = "own_reference"
    STORED_ANSWER = "stored_answer"
    EMPTY_POINT = "empty_point"
    TOO_LONG = "too_long"
    ALIAS_COLLISION = "alias_collision"
    NO_KEY = "no_key"
    NOTHING_TO_CHECK = "nothing_to_check"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a question: its points, counted from 1, and a word on it where one is needed.

    `detail` is a name that collides, or a figure: tokens that are cut off, the score in per cent.
    """

    kind: FaultKind
    points: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A question with its reference: points, and the stored answer as Markdown."""

    question: str
    points: tuple[ReferencePoint, ...]
    answer: str
    ordered: bool


def audit(reference: Reference, engine: Engine) -> list[Fault]:
    """Return the faults of a question with points, which is checked once a point and twice more."""
    run = checker(engine)
    faults = [*_find_empty(reference.points), *_find_collisions(reference.points)]
    if engine is Engine.HYBRID and can_run_network():
        faults += _find_cut(reference)
    faults += _find_alike(reference, run)
    faults += _find_short_marks(reference, run)
    return faults


def _find_empty(points: Sequence[ReferencePoint]) -> Iterator[Fault]:
    for number, point in enumerate(points, start=1):
        nothing = not content_size(fold(point.text)) or compare_key(point.text) in _PLACEHOLDERS
        if nothing and not is_exact(point, alone=len(points) == 1):
            yield Fault(FaultKind.EMPTY_POINT, (number,))


def _find_collisions(points: Sequence[ReferencePoint]) -> Iterator[Fault]:
    """Yield the names and wordings that several points have."""
    owners: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for number, point in enumerate(points, start=1):
        for name in (point.title or "", *point.aliases, *point.accepted):
            if compare_key(name):
                owners[compare_key(name)].setdefault(number, name)
    for found in owners.values():
        if len(found) > 1:
            yield Fault(FaultKind.ALIAS_COLLISION, tuple(found), next(iter(found.values())))


def _find_cut(reference: Reference) -> Iterator[Fault]:
    """Yield the points of which the network reads only the beginning."""
    from app.grading.network.model import MOST_POINTS  # noqa: PLC0415 (its runtime may be missing)
    from app.grading.network.sequence import encode  # noqa: PLC0415

    texts = [point.whole for point in reference.points]
    for start in range(0, len(texts), MOST_POINTS):
        together = encode(reference.question, texts[start : start + MOST_POINTS], "")
        for at, (first, end) in enumerate(zip(together.starts, together.ends, strict=True)):
            whole = encode("", ["-"], texts[start + at])
            lost = whole.segments.count(2) - 2 - (end - first - 1)
            if lost > 0:
                yield Fault(FaultKind.TOO_LONG, (start + at + 1,), str(lost))


def _find_alike(reference: Reference, run: Checker) -> Iterator[Fault]:
    """Yield the pairs of points of which the one, said alone, covers the other too.

    So are pairs in nearly the same words: each then keeps the other from its marks.
    """
    points = reference.points
    pairs: dict[tuple[int, int], None] = {}
    for at, point in enumerate(points):
        if len(points) == 1:
            return
        for other, verdict in enumerate(run(reference.question, points, _say(point)).points):
            alike = verdict.state is not State.CONTRADICTED and _share_words(point, points[other])
            if other != at and (alike or verdict.state is State.COVERED):
                pairs[min(at, other) + 1, max(at, other) + 1] = None
    yield from (Fault(FaultKind.INDISTINCT, pair) for pair in pairs)


def _share_words(one: ReferencePoint, other: ReferencePoint) -> bool:
    """Say whether two points have nearly the same words, and the same numbers and Latin words."""
    first, second = (frozenset(grams(fold(point.whole))) for point in (one, other))
    apart = first ^ second
    if any(gram.isascii() for gram in apart):
        return False
    return len(first & second) >= _ALIKE * len(first | second)


def _find_short_marks(reference: Reference, run: Checker) -> Iterator[Fault]:
    """Yield what keeps the points in a row, and the stored answer, from full marks."""
    joined = "\n".join(map(_say, reference.points))
    answers = {FaultKind.OWN_REFERENCE: joined}
    if reference.answer.strip() and compare_key(reference.answer) != compare_key(joined):
        answers[FaultKind.STORED_ANSWER] = reference.answer
    for kind, answer in answers.items():
        check = run(reference.question, reference.points, answer)
        if reference.ordered:
            check = judge_order(reference.points, answer, check)
        if check.score < _FULL:
            yield Fault(kind, _lost(check), f"{check.score:.0%}")


def _lost(check: AnswerCheck) -> tuple[int, ...]:
    return tuple(
        number
        for number, verdict in enumerate(check.points, start=1)
        if verdict.state is not State.COVERED
    )


def _say(point: ReferencePoint) -> str:
    """Return a point as an answer: a sentence of its own."""
    ends = point.whole.rstrip()[-1:] in "。.！!？?"
    return point.whole if ends else f"{point.whole}。"
