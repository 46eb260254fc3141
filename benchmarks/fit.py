"""Fits the coefficients of app/grading/lexical.json.

    python -m benchmarks.fit [--check]

Two logistic regressions with an L2 penalty, by Newton's method, on the fit part of
benchmarks/answers/dev_points.jsonl, where answers that say much also serve as answers to the next
question. With --check nothing is written: every question is judged by coefficients that
were fitted on the others, and the figures are printed.
"""

import argparse
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.grading.evidence import FEATURES, find_evidence
from app.grading.rules import find_fault, read_case
from app.grading.verdict import State
from benchmarks.answer_sets import LabelledAnswer, labelled_answers
from benchmarks.metrics import auc, calibration_error

TARGET = Path(__file__).parents[1] / "app" / "grading" / "lexical.json"
VERSION = "2"
FITTED_ON = "benchmarks/answers/dev_points.jsonl, part fit, and its answers to other questions"
RIDGE = 0.1
ROUNDS = 25
FULL = {"near_lexical", "other_language"}  # kinds of answers that say much
STEPS = (1,)  # to which questions they are strange


@dataclass(frozen=True, slots=True)
class Row:
    """One decision: the features of a point in an answer, and the state that a person gave it."""

    question_id: str
    features: tuple[float, ...]
    state: str

    @property
    def covered(self) -> bool:
        """Whether the point is covered."""
        return self.state == State.COVERED

    @property
    def touched(self) -> bool:
        """Whether the point is covered at least in part."""
        return self.state in {State.COVERED, State.PARTIAL}


def rows(answers: Iterable[LabelledAnswer]) -> list[Row]:
    """Return the decisions that the probabilities make: some word is there, no rule forbids it."""
    result = []
    for one in answers:
        case = read_case(one.question, one.points, one.answer)
        for at in range(len(one.points)):
            evidence = find_evidence(case.reading, at)
            fault = find_fault(case, at, evidence) if evidence else None
            if evidence and (fault is None or fault.state is State.PARTIAL):
                result.append(Row(one.question_id, evidence.features, one.states[at]))
    return result


def with_strangers(answers: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    """Add each full answer as one to the next questions, which it misses altogether."""
    questions = list({one.question_id: one for one in answers}.values())
    strangers = [
        replace(questions[(at + step) % len(questions)], answer=one.answer)
        for at, question in enumerate(questions)
        for step in STEPS
        for one in answers
        if one.question_id == question.question_id and one.kind in FULL
    ]
    missed = [replace(one, states=(State.MISSED.value,) * len(one.points)) for one in strangers]
    return [*answers, *missed]


def fit(features: Sequence[Sequence[float]], outcomes: Sequence[bool]) -> list[float]:
    """Return intercept and slopes that maximise the penalised likelihood; the intercept is free."""
    inputs = [(1.0, *values) for values in features]
    size = len(inputs[0])
    coefficients = [0.0] * size
    for _ in range(ROUNDS):
        gradient = [0.0] + [-RIDGE * value for value in coefficients[1:]]
        hessian = [[RIDGE * (i == j and i > 0) for j in range(size)] for i in range(size)]
        for values, outcome in zip(inputs, outcomes, strict=True):
            chance = logistic(coefficients, values)
            spread = chance * (1 - chance)
            for i, value in enumerate(values):
                gradient[i] += (outcome - chance) * value
                for j, other in enumerate(values):
                    hessian[i][j] += spread * value * other
        step = solve(hessian, gradient)
        coefficients = [c + s for c, s in zip(coefficients, step, strict=True)]
    return coefficients


def logistic(coefficients: Sequence[float], values: Sequence[float]) -> float:
    """Return the chance for values that begin with a 1 for the intercept."""
    score = sum(c * v for c, v in zip(coefficients, values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def solve(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    """Solve a system of linear equations by elimination with pivots."""
    rows_left = [[*line, value] for line, value in zip(matrix, vector, strict=True)]
    size = len(rows_left)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows_left[row][at]))
        rows_left[at], rows_left[pivot] = rows_left[pivot], rows_left[at]
        for row in range(size):
            if row != at:
                factor = rows_left[row][at] / rows_left[at][at]
                rows_left[row] = [
                    a - factor * b for a, b in zip(rows_left[row], rows_left[at], strict=True)
                ]
    return [rows_left[at][size] / rows_left[at][at] for at in range(size)]


def cross_check(found: Sequence[Row]) -> None:
    """Print the figures of coefficients that never saw the question they judge."""
    for name in ("covered", "touched"):
        chances, outcomes = [], []
        for question in sorted({row.question_id for row in found}):
            others = [row for row in found if row.question_id != question]
            learned = fit([row.features for row in others], [getattr(row, name) for row in others])
            own = [row for row in found if row.question_id == question]
            chances += [logistic(learned, (1.0, *row.features)) for row in own]
            outcomes += [getattr(row, name) for row in own]
        yes = [chance for chance, outcome in zip(chances, outcomes, strict=True) if outcome]
        no = [chance for chance, outcome in zip(chances, outcomes, strict=True) if not outcome]
        error = calibration_error(outcomes, chances)
        print(f"{name}: {len(chances)} decisions, AUC {auc(yes, no):.3f}, calibration {error:.3f}")


def main() -> None:
    """Fit and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    found = rows(with_strangers(labelled_answers("fit")))
    if parser.parse_args().check:
        cross_check(found)
        return
    names = ("intercept", *FEATURES)
    features = [row.features for row in found]
    data: dict[str, object] = {"version": VERSION, "fitted_on": FITTED_ON, "decisions": len(found)}
    for name in ("covered", "touched"):
        learned = fit(features, [getattr(row, name) for row in found])
        data[name] = {key: round(value, 4) for key, value in zip(names, learned, strict=True)}
    TARGET.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
