"""Fits how words and network are weighed: app/grading/network/fusion.json.

    python -m benchmarks.fuse [--write]

Coefficients come from the development fields of `benchmarks/answers/labelled` alone. Each field is
also judged by what the others give; from the confidence of those judgements comes `sure`, and how
many were right is printed. Without --write that is all. `benchmarks.evaluate` measures the result.
"""

import argparse
import json
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from app.config import ROOT
from app.grading.check import check_answer
from app.grading.hybrid import features
from app.grading.network.model import judge, version
from app.grading.verdict import State
from benchmarks.answer_sets import DEVELOPMENT, LabelledAnswer, labelled_answers

FUSION = ROOT / "app" / "grading" / "network" / "fusion.json"
STATES = (State.COVERED, State.PARTIAL, State.MISSED, State.CONTRADICTED)
_RIDGE, _STEPS, _RATE = 0.01, 3_000, 0.05
_SURE_SHARE = 0.85  # of them; rules have doubts of their own, and four of five are to be left

Matrix = npt.NDArray[np.float64]
Table = tuple[Matrix, list[str]]  # a row of values a decision, and the true states


def rows(one: LabelledAnswer) -> list[tuple[float, ...]]:
    """Return what the regression sees of each point of an answer."""
    words = check_answer(one.question, one.points, one.answer)
    logits = judge(one.question, [point.whole for point in one.points], one.answer)
    pairs = zip(logits, words.points, strict=True)
    return [(1.0, *features(logit, verdict)) for logit, verdict in pairs]


def read_tables() -> dict[str, Table]:
    """Return the decisions of each development field."""
    answers = labelled_answers("dev")
    return {
        field: (
            np.array([row for one in answers if one.field == field for row in rows(one)]),
            [state for one in answers if one.field == field for state in one.states],
        )
        for field in DEVELOPMENT
    }


def fit(tables: Sequence[Table]) -> Matrix:
    """Return the coefficients of a multinomial logistic regression, by Adam, with a ridge."""
    values = np.vstack([part for part, _ in tables])
    wanted = np.eye(len(STATES))[[STATES.index(State(s)) for _, truth in tables for s in truth]]
    weights = np.zeros((len(STATES), values.shape[1]))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        gradient = (chances(weights, values) - wanted).T @ values / len(values)
        gradient[:, 1:] += 2 * _RIDGE * weights[:, 1:]
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        scale = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        weights = weights - _RATE * first / (1 - 0.9**step) / scale
    return weights


def chances(weights: Matrix, values: Matrix) -> Matrix:
    """Return the probabilities of the states, a row each."""
    logits = values @ weights.T
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return result


def cross_validate(tables: dict[str, Table]) -> float:
    """Return the confidence of the surest share where each field is judged by the others."""
    confidences: list[float] = []
    outcomes: list[bool] = []
    for field, (values, truth) in tables.items():
        weights = fit([table for other, table in tables.items() if other != field])
        judged = chances(weights, values)
        right = [STATES[best] == s for best, s in zip(judged.argmax(1), truth, strict=True)]
        print(f"{field:20} {len(right):5} decisions, {np.mean(right):.3f} right")
        confidences += list(judged.max(axis=1))
        outcomes += right
    sure = round(float(np.quantile(confidences, 1 - _SURE_SHARE)), 3)
    kept = [one for one, c in zip(outcomes, confidences, strict=True) if c >= sure]
    print(f"sure from {sure:.3f}: {len(kept)} decisions, {np.mean(kept):.3f} right")
    return sure


def main() -> None:
    """Judge each field by the others; fit all and write, if asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"write {FUSION.relative_to(ROOT)}")
    write = parser.parse_args().write
    tables = read_tables()
    sure = cross_validate(tables)
    if write:
        coefficients = [
            [round(float(value), 4) for value in row] for row in fit(list(tables.values()))
        ]
        data = {
            "version": sha256(json.dumps([sure, coefficients]).encode()).hexdigest()[:6],
            "fitted_on": f"benchmarks/answers/labelled: {', '.join(DEVELOPMENT)}",
            "weights": version(),
            "sure": sure,
            "coefficients": coefficients,
        }
        FUSION.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
