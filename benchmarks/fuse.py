"""Fit how words and network are weighed, and measure both on the labelled answers.

    python -m benchmarks.fuse [--write]

Coefficients come from the four development fields of `benchmarks/answers/labelled` alone; their
figures are those of each field judged by the other three. The five test fields are only measured.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.config import ROOT
from app.grading import check
from app.grading.hybrid import check_answer, features
from app.grading.network.model import judge
from app.grading.verdict import AnswerCheck, ReferencePoint, State
from benchmarks.metrics import auc, calibration_error, f1, macro_f1, precision_recall

LABELLED = ROOT / "benchmarks" / "answers" / "labelled"
FUSION = ROOT / "app" / "grading" / "network" / "fusion.json"
DEVELOPMENT = ("baking", "first-aid", "operating-systems", "project-management")
STATES = (State.COVERED, State.PARTIAL, State.MISSED, State.CONTRADICTED)
HARD = frozenset({"paraphrase", "partial", "other_language"})
HOSTILE = frozenset(
    {
        "copied_question",
        "injection",
        "keyword_soup",
        "other_question",
        "swapped_siblings",
        "titles_only",
    }
)
_RIDGE, _STEPS, _RATE = 0.01, 3_000, 0.05
_SURE_SHARE = 0.8

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """A labelled answer with its question."""

    field: str
    kind: str
    question: str
    points: tuple[ReferencePoint, ...]
    text: str
    states: tuple[str, ...]


def read_answers() -> list[Answer]:
    """Return all labelled answers."""
    return [answer for path in sorted(LABELLED.glob("*.jsonl")) for answer in _read(path)]


def _read(path: Path) -> list[Answer]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        points = tuple(ReferencePoint(one["text"], one["title"]) for one in row["points"])
        found += [
            Answer(path.stem, a["kind"], row["question"], points, a["text"], tuple(a["states"]))
            for a in row["answers"]
        ]
    return found


def rows(answer: Answer) -> list[tuple[float, ...]]:
    """Return what the regression sees of each point of an answer."""
    texts = [point.whole for point in answer.points]
    words = check.check_answer(answer.question, answer.points, answer.text)
    logits = judge(answer.question, texts, answer.text)
    pairs = zip(logits, words.points, strict=True)
    return [(1.0, *features(logit, verdict)) for logit, verdict in pairs]


def fit(values: Matrix, truth: Sequence[str]) -> Matrix:
    """Return the coefficients of a multinomial logistic regression, by Adam, with a ridge."""
    wanted = np.eye(len(STATES))[[STATES.index(State(state)) for state in truth]]
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


def cross_validate(answers: Sequence[Answer]) -> float:
    """Return the confidence that the surest of the development decisions have."""
    table = {field: _matrix([a for a in answers if a.field == field]) for field in DEVELOPMENT}
    found = []
    for field, (values, truth) in table.items():
        others = [table[other] for other in DEVELOPMENT if other != field]
        weights = fit(np.vstack([v for v, _ in others]), [s for _, t in others for s in t])
        judged = chances(weights, values)
        found += list(judged.max(axis=1))
        right = [STATES[row] == state for row, state in zip(judged.argmax(1), truth, strict=True)]
        print(f"{field:20} judged by the other fields: {np.mean(right):.3f} right")
    return float(np.quantile(found, 1 - _SURE_SHARE))


def _matrix(answers: Sequence[Answer]) -> tuple[Matrix, list[str]]:
    values = [row for answer in answers for row in rows(answer)]
    return np.array(values), [state for answer in answers for state in answer.states]


def report(name: str, answers: Sequence[Answer], found: Sequence[AnswerCheck]) -> None:
    """Print the figures of a set."""
    truth = [state for answer in answers for state in answer.states]
    verdicts = [verdict for one in found for verdict in one.points]
    said = [verdict.state.value for verdict in verdicts]
    odds = [verdict.probability for verdict in verdicts]
    kinds = [answer.kind for answer in answers for _ in answer.states]
    sure = [t == v.state for t, v in zip(truth, verdicts, strict=True) if not v.needs_review]
    precision, recall = precision_recall(
        [state == "contradicted" for state in truth], [state == "contradicted" for state in said]
    )
    deserved = [
        answer.kind
        for answer, one in zip(answers, found, strict=True)
        if answer.kind in HOSTILE and one.score == 1 and set(answer.states) != {"covered"}
    ]
    print(
        f"{name:18} AUC {_auc(truth, odds):.3f}  hard {_auc(truth, odds, kinds):.3f}  "
        f"F1 {f1([t == 'covered' for t in truth], [s == 'covered' for s in said]):.3f}  "
        f"macro {macro_f1(truth, said):.3f}  X {precision:.2f}/{recall:.2f}  "
        f"ECE {calibration_error([t == 'covered' for t in truth], odds):.3f}  "
        f"sure {len(sure) / len(truth):.2f}, right {np.mean(sure):.3f}  "
        f"undeserved full marks {len(deserved)}"
    )


def _auc(truth: Sequence[str], odds: Sequence[float], kinds: Sequence[str] | None = None) -> float:
    kept = [kinds is None or kinds[at] in HARD for at in range(len(truth))]
    triples = [one for one in zip(truth, odds, kept, strict=True) if one[2]]
    return auc(
        [chance for state, chance, _ in triples if state == "covered"],
        [chance for state, chance, _ in triples if state in {"missed", "contradicted"}],
    )


def by_kind(answers: Sequence[Answer], found: Sequence[AnswerCheck]) -> None:
    """Print the share of right states for each kind of answer."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for answer, one in zip(answers, found, strict=True):
        pairs = zip(answer.states, one.points, strict=True)
        right[answer.kind] += [state == verdict.state for state, verdict in pairs]
    print("  ".join(f"{kind} {np.mean(each):.2f}" for kind, each in sorted(right.items())))


def main() -> None:
    """Fit on development, write if asked, measure everywhere."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--write", action="store_true", help="write app/grading/network/fusion.json"
    )
    write = parser.parse_args().write
    answers = read_answers()
    development = [answer for answer in answers if answer.field in DEVELOPMENT]
    if write:
        sure = cross_validate(development)
        weights = fit(*_matrix(development))
        data = {
            "version": "1",
            "fitted_on": f"benchmarks/answers/labelled: {', '.join(DEVELOPMENT)}",
            "sure": round(sure, 3),
            "coefficients": [[round(float(value), 4) for value in row] for row in weights],
        }
        FUSION.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    for name, chosen in (
        ("development", development),
        ("test", [answer for answer in answers if answer.field not in DEVELOPMENT]),
    ):
        words = [check.check_answer(a.question, a.points, a.text) for a in chosen]
        both = [check_answer(a.question, a.points, a.text) for a in chosen]
        report(f"{name}, lexical", chosen, words)
        report(f"{name}, hybrid", chosen, both)
        by_kind(chosen, both)


if __name__ == "__main__":
    main()
