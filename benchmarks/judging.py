"""Decisions to be measured: what an engine, or the baseline, says of labelled answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, groupby

from app.grading.engines import Engine, checker
from app.grading.verdict import State
from benchmarks.answer_sets import LabelledAnswer, one_of_each_question
from benchmarks.metrics import Cosine, macro_f1, quantiles

HOSTILE = frozenset(
    {
        "copied_question",
        "empty",
        "injection",
        "keyword_soup",
        "off_topic",
        "other_question",
        "swapped_siblings",
        "titles_filler",
        "titles_only",
    }
)
HARD = frozenset({"paraphrase", "partial", "other_language"})
_THRESHOLDS = 40  # that the baseline may choose among


@dataclass(frozen=True, slots=True)
class Decision:
    """What was said of one point of an answer, beside what a person says (`truth`).

    `number` tells the answers of a set apart, `at` the points of an answer; `probability` is that
    of being covered, `confidence` that of the state being right.
    """

    number: int
    at: int
    answer: LabelledAnswer
    truth: str
    state: str
    probability: float
    confidence: float
    sure: bool

    @property
    def question_id(self) -> str:
        """The question that it belongs to."""
        return self.answer.question_id


def judge(engine: Engine, answers: Sequence[LabelledAnswer]) -> list[Decision]:
    """Let an engine check answers."""
    check = checker(engine)
    return [
        Decision(
            number=number,
            at=at,
            answer=one,
            truth=truth,
            state=verdict.state.value,
            probability=verdict.probability,
            confidence=verdict.confidence,
            sure=not verdict.needs_review,
        )
        for number, one in enumerate(answers)
        for at, (truth, verdict) in enumerate(
            zip(one.states, check(one.question, one.points, one.answer).points, strict=True)
        )
    ]


def judge_by_cosine(answers: Sequence[LabelledAnswer]) -> list[Decision]:
    """Let the baseline judge: the cosine of point and answer, and two thresholds for its states.

    It cannot tell a contradiction. Its thresholds are those that suit its macro-F1 best on these
    very answers, which flatters it.
    """
    texts = [one.answer for one in answers]
    texts += [point.whole for one in one_of_each_question(answers) for point in one.points]
    cosine = Cosine(texts)
    pairs = [
        (number, at, one, cosine(point.whole, one.answer))
        for number, one in enumerate(answers)
        for at, point in enumerate(one.points)
    ]
    truth = [one.states[at] for _, at, one, _ in pairs]
    values = [value for *_, value in pairs]
    covered, touched = _best_thresholds(truth, values)
    return [
        Decision(
            number=number,
            at=at,
            answer=one,
            truth=one.states[at],
            state=_by_thresholds(value, covered, touched),
            probability=value,
            confidence=1.0,
            sure=True,
        )
        for number, at, one, value in pairs
    ]


def copies(answers: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    """Return each question's own reference as an answer: a numbered line a point."""
    return [
        LabelledAnswer(
            question_id=one.question_id,
            field=one.field,
            part=one.part,
            question=one.question,
            language=one.language,
            points=one.points,
            kind="copy",
            answer_language=one.language,
            answer="\n".join(f"{n}. {point.whole}" for n, point in enumerate(one.points, 1)),
            states=(State.COVERED.value,) * len(one.points),
        )
        for one in one_of_each_question(answers)
    ]


def undeserved(found: Iterable[Decision]) -> Mapping[str, int]:
    """Count by kind the answers that got every point covered and should not have."""
    counts: dict[str, int] = {}
    # The decisions of an answer stand together, also where a bootstrap draws a question twice.
    for _, decisions in groupby(found, key=lambda one: one.number):
        group = list(decisions)
        full = all(one.state == State.COVERED for one in group)
        if full and any(one.truth != State.COVERED for one in group):
            counts[group[0].answer.kind] = counts.get(group[0].answer.kind, 0) + 1
    return dict(sorted(counts.items()))


def grouped(
    found: Iterable[Decision], key: Callable[[Decision], str]
) -> Mapping[str, list[Decision]]:
    """Gather decisions under their keys, in the order of the keys."""
    groups: dict[str, list[Decision]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return dict(sorted(groups.items()))


def _best_thresholds(truth: Sequence[str], values: Sequence[float]) -> tuple[float, float]:
    """Return the thresholds of covered and of partial that are best for macro-F1."""
    steps = quantiles(values, _THRESHOLDS)
    return max(
        ((high, low) for low, high in combinations_with_replacement(steps, 2)),
        key=lambda pair: macro_f1(truth, [_by_thresholds(value, *pair) for value in values]),
    )


def _by_thresholds(value: float, covered: float, touched: float) -> str:
    if value >= covered:
        return State.COVERED.value
    return (State.PARTIAL if value >= touched else State.MISSED).value
