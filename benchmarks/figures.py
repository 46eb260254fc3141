"""The figures of the protocol, each a function of decisions, with intervals by question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.grading.verdict import State
from benchmarks.judging import HARD, HOSTILE, Decision, grouped, undeserved
from benchmarks.metrics import (
    auc,
    calibration_error,
    f1,
    interval,
    macro_f1,
    mean,
    precision_recall,
)

Statistic = Callable[[Sequence[Decision]], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, what it should be, and whether the baseline can have it.

    The baseline says no contradictions and no doubts.
    """

    name: str
    goal: float | None
    statistic: Statistic
    baseline: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with its 95% interval; NaN where there was nothing to measure."""

    value: float
    low: float
    high: float


def separation(found: Sequence[Decision]) -> float:
    """Return the AUC of covered against missed and contradicted; partial takes no side."""
    against = {State.MISSED, State.CONTRADICTED}
    return auc(
        [one.probability for one in found if one.truth == State.COVERED],
        [one.probability for one in found if one.truth in against],
    )


def hard_separation(found: Sequence[Decision]) -> float:
    """Return the AUC on paraphrases, partial answers and answers in another language."""
    return separation([one for one in found if one.answer.kind in HARD])


def covered_f1(found: Sequence[Decision]) -> float:
    """Return F1 of covered."""
    return f1(
        [one.truth == State.COVERED for one in found], [one.state == State.COVERED for one in found]
    )


def states_f1(found: Sequence[Decision]) -> float:
    """Return the mean F1 of the four states."""
    return macro_f1([one.truth for one in found], [one.state for one in found])


def right(found: Sequence[Decision]) -> float:
    """Return the share of decisions with the right one of four states."""
    return mean([one.truth == one.state for one in found])


def contradiction_precision(found: Sequence[Decision]) -> float:
    """Return the share of contradictions found that are some."""
    return _contradictions(found)[0]


def contradiction_recall(found: Sequence[Decision]) -> float:
    """Return the share of contradictions that were found."""
    return _contradictions(found)[1]


def miscalibration(found: Sequence[Decision]) -> float:
    """Return the calibration error of `probability`."""
    return calibration_error(
        [one.truth == State.COVERED for one in found], [one.probability for one in found]
    )


def sure_share(found: Sequence[Decision]) -> float:
    """Return the share of decisions that need no review."""
    return mean([one.sure for one in found])


def right_where_sure(found: Sequence[Decision]) -> float:
    """Return the share of right states among the decisions that need no review."""
    return right([one for one in found if one.sure])


def hostile_full_marks(found: Sequence[Decision]) -> float:
    """Count undeserved full marks among answers that try for them."""
    return float(sum(count for kind, count in undeserved(found).items() if kind in HOSTILE))


def all_full_marks(found: Sequence[Decision]) -> float:
    """Count undeserved full marks among all answers."""
    return float(sum(undeserved(found).values()))


FIGURES = (
    Figure("AUC, covered against missed and contradicted", 0.97, separation),
    Figure("AUC on paraphrase, partial, other language", 0.94, hard_separation),
    Figure("F1 of covered", 0.88, covered_f1),
    Figure("macro-F1 of the four states", 0.80, states_f1),
    Figure("right of four states", None, right),
    Figure("contradiction, precision", 0.90, contradiction_precision, baseline=False),
    Figure("contradiction, recall", 0.70, contradiction_recall, baseline=False),
    Figure("calibration error", 0.06, miscalibration),
    Figure("sure", 0.80, sure_share, baseline=False),
    Figure("right where sure", 0.96, right_where_sure, baseline=False),
    Figure("undeserved full marks, hostile answers", 0, hostile_full_marks),
    Figure("undeserved full marks, all answers", None, all_full_marks),
)
IN_SLICES = (
    Figure("AUC", None, separation),
    Figure("F1", None, covered_f1),
    Figure("right", None, right),
)


def measure(figure: Figure, found: Sequence[Decision], rounds: int) -> Measured:
    """Return a figure with its bootstrap interval over questions."""
    by_question = grouped(found, lambda one: one.question_id)
    low, high = interval(by_question, figure.statistic, rounds)
    return Measured(figure.statistic(found), low, high)


def in_slices(
    said: Mapping[str, Sequence[Decision]], key: Callable[[Decision], str]
) -> list[dict[str, float | str]]:
    """Return a row a slice: decisions, then each figure by each engine and the baseline."""
    groups = {engine: grouped(found, key) for engine, found in said.items()}
    names = next(iter(groups.values()), {})
    return [
        {
            "slice": name,
            "decisions": float(len(names[name])),
            **{
                f"{figure.name} {engine}": figure.statistic(group[name])
                for figure in IN_SLICES
                for engine, group in groups.items()
            },
        }
        for name in names
    ]


def worst(found: Sequence[Decision], count: int) -> list[Decision]:
    """Return the wrong decisions that were thought surest."""
    wrong = [one for one in found if one.truth != one.state]
    return sorted(wrong, key=lambda one: (-one.confidence, one.number, one.at))[:count]


def _contradictions(found: Sequence[Decision]) -> tuple[float, float]:
    precision, recall = precision_recall(
        [one.truth == State.CONTRADICTED for one in found],
        [one.state == State.CONTRADICTED for one in found],
    )
    return precision, recall
