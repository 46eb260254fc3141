"""Measures the answer check beside a baseline; prints one table, or JSON.

    python -m benchmarks.evaluate [--data DIR] [--part held|fit|all] [--rounds 200] [--json]

The labelled set is benchmarks/answers/dev_points.jsonl. DIR may hold human-scored sets as
NAME.jsonl, one answer a line: question_id, question, references, answer, and score (0..1) or label
(correct, contradictory, incorrect). The baseline is the cosine of TF-IDF vectors over character
one- and two-grams. Intervals are 95%, drawn by question.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from app.grading.check import State, check_answer
from app.grading.engines import Engine, check_against_references
from benchmarks.answer_sets import (
    ScoredAnswer,
    labelled_answers,
    scored_answers,
    split_reference,
)
from benchmarks.metrics import (
    Cosine,
    auc,
    calibration_error,
    f1,
    interval,
    macro_f1,
    mean,
    mean_error,
    pearson,
    precision_recall,
    weighted_f1,
)

T = TypeVar("T")
Figures = dict[str, float | str]
UNDESERVED = {"titles", "titles_filler", "soup", "copied_question", "injection", "swapped"}
UNDESERVED |= {"other_answer", "off_topic", "negated", "numbers", "empty"}


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one point beside a person's; `cosine` is the baseline's value."""

    question_id: str
    language: str
    kind: str
    truth: str
    state: str
    probability: float
    sure: bool
    cosine: float


@dataclass(frozen=True, slots=True)
class Mark:
    """The verdict on a whole answer beside a person's score, or label."""

    question_id: str
    given: float
    score: float
    said: str
    cosine: float
    label: str | None


def main() -> None:
    """Evaluate and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, help="folder of human-scored sets")
    parser.add_argument("--part", choices=["held", "fit", "all"], default="held")
    parser.add_argument("--rounds", type=int, default=200, help="bootstrap resamples")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    options = parser.parse_args()
    tables = {f"points ({options.part})": point_table(options.part, options.rounds)}
    for path in sorted(options.data.glob("*.jsonl")) if options.data else []:
        tables[path.stem] = [mark_figures(path, options.rounds)]
    if options.json:
        print(json.dumps(tables, ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(rendered(name, rows) for name, rows in tables.items()))


def point_table(part: str, rounds: int) -> list[Figures]:
    """Return the figures of the labelled set: all, by kind of answer, by language."""
    decisions, full_marks = judge_points(part)
    whole = {"slice": "all", **decision_figures(decisions)}
    by_question = grouped(decisions, lambda one: one.question_id)
    whole |= {"undeserved full marks": float(full_marks)}
    for name, statistic in (("AUC", auc_of), ("F1", f1_of)):
        low, high = interval(by_question, statistic, rounds)
        whole[f"{name} 95%"] = f"{low:.3f}-{high:.3f}"
    rows = [whole]
    for key in (lambda one: one.kind, lambda one: one.language):
        for name, group in sorted(grouped(decisions, key).items()):
            rows.append({"slice": name, **decision_figures(group)})
    return rows


def judge_points(part: str) -> tuple[list[Decision], int]:
    """Check the labelled answers; count full marks among answers that deserve none."""
    answers = [one for one in labelled_answers() if part in {one.part, "all"}]
    cosine = Cosine(
        [one.answer for one in answers] + [p.text for one in answers for p in one.points]
    )
    decisions, full_marks = [], 0
    for one in answers:
        check = check_answer(one.question, one.points, one.answer)
        full_marks += one.kind in UNDESERVED and check.score == 1 and set(one.states) != {"covered"}
        for point, verdict, truth in zip(one.points, check.points, one.states, strict=True):
            decisions.append(
                Decision(
                    question_id=one.question_id,
                    language=one.language,
                    kind=one.kind,
                    truth=truth,
                    state=verdict.state.value,
                    probability=verdict.probability,
                    sure=not verdict.needs_review,
                    cosine=cosine(f"{point.title or ''} {point.text}", one.answer),
                )
            )
    return decisions, full_marks


def decision_figures(found: Sequence[Decision]) -> Figures:
    """Return the figures of a group of decisions."""
    truth, said = [one.truth for one in found], [one.state for one in found]
    against = State.CONTRADICTED.value
    precision, recall = precision_recall(
        [t == against for t in truth], [s == against for s in said]
    )
    sure = [one for one in found if one.sure]
    return {
        "n": float(len(found)),
        "AUC": auc_of(found),
        "AUC cosine": separation(found, lambda one: one.cosine),
        "F1": f1_of(found),
        "F1 cosine": best_cosine_f1(found),
        "macro-F1": macro_f1(truth, said),
        "right": mean([t == s for t, s in zip(truth, said, strict=True)]),
        "X precision": precision,
        "X recall": recall,
        "ECE": calibration_error(covered(truth), [one.probability for one in found]),
        "sure": len(sure) / len(found),
        "right if sure": mean([one.truth == one.state for one in sure]),
    }


def auc_of(found: Sequence[Decision]) -> float:
    """Return how well probability tells covered from missed and contradicted."""
    return separation(found, lambda one: one.probability)


def separation(found: Sequence[Decision], value: Callable[[Decision], float]) -> float:
    """Return the AUC of covered against missed and contradicted; partial takes no side."""
    against = {State.MISSED.value, State.CONTRADICTED.value}
    return auc(
        [value(one) for one in found if one.truth == State.COVERED],
        [value(one) for one in found if one.truth in against],
    )


def f1_of(found: Sequence[Decision]) -> float:
    """Return F1 of covered."""
    return f1(covered(one.truth for one in found), covered(one.state for one in found))


def best_cosine_f1(found: Sequence[Decision]) -> float:
    """Return the best F1 that any threshold gives the baseline on these very decisions."""
    truth = covered(one.truth for one in found)
    steps = [step / 50 for step in range(50)]
    return max(f1(truth, [one.cosine >= step for one in found]) for step in steps)


def covered(states: Iterable[str]) -> list[bool]:
    """Say for each state whether it is covered."""
    return [state == State.COVERED for state in states]


def mark_figures(path: Path, rounds: int) -> Figures:
    """Return the figures of one human-scored set."""
    answers = list(scored_answers(path))
    cosine = Cosine(
        [one.answer for one in answers] + [r for one in answers for r in one.references]
    )
    started = perf_counter()
    marks = [judge_mark(one, cosine) for one in answers]
    spent = (perf_counter() - started) / len(marks) * 1000
    figures = label_figures(marks) if marks[0].label else score_figures(marks, rounds)
    return {"slice": "all", "n": float(len(marks)), **figures, "ms": spent}


def judge_mark(one: ScoredAnswer, cosine: Cosine) -> Mark:
    """Check one answer against its references, split into points."""
    references = [split_reference(one.question, text) for text in one.references]
    check = check_against_references(Engine.LEXICAL, one.question, references, one.answer)
    states = [verdict.state for verdict in check.points]
    return Mark(
        question_id=one.question_id,
        given=one.score if one.score is not None else float(one.label == "correct"),
        score=check.score,
        said=label_of(states, check.score),
        cosine=max(cosine(text, one.answer) for text in one.references),
        label=one.label,
    )


def label_of(states: Sequence[State], score: float) -> str:
    """Return the SciEntsBank label for the states of an answer."""
    if State.CONTRADICTED in states:
        return "contradictory"
    return "correct" if score >= 0.5 else "incorrect"  # noqa: PLR2004


def score_figures(marks: Sequence[Mark], rounds: int) -> Figures:
    """Return agreement with human scores."""
    given, scores = [one.given for one in marks], [one.score for one in marks]
    low, high = interval(
        grouped(marks, lambda one: one.question_id),
        lambda group: pearson([one.given for one in group], [one.score for one in group]),
        rounds,
    )
    cosines = [one.cosine for one in marks]
    return {
        "Pearson": pearson(given, scores),
        "Pearson 95%": f"{low:.3f}-{high:.3f}",
        "Pearson cosine": pearson(given, cosines),
        "MAE": mean_error(given, scores),
        "MAE cosine": mean_error(given, cosines),
    }


def label_figures(marks: Sequence[Mark]) -> Figures:
    """Return agreement with human labels."""
    truth = [one.label or "" for one in marks]
    right = [one.cosine for one in marks if one.label == "correct"]
    wrong = [one.cosine for one in marks if one.label != "correct"]
    return {
        "weighted F1": weighted_f1(truth, [one.said for one in marks]),
        "macro-F1": macro_f1(truth, [one.said for one in marks]),
        "AUC": auc(
            [one.score for one in marks if one.label == "correct"],
            [one.score for one in marks if one.label != "correct"],
        ),
        "AUC cosine": auc(right, wrong),
    }


def grouped(items: Iterable[T], key: Callable[[T], str]) -> Mapping[str, Sequence[T]]:
    """Gather items under their keys."""
    groups: dict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def rendered(name: str, rows: Sequence[Figures]) -> str:
    """Lay out rows of figures as a table with a title; the first row gives the columns."""
    columns = list(rows[0])
    cells = [[shown(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(columns, *cells, strict=True)]
    return "\n".join([name, *(line(row, widths) for row in [columns, *cells])])


def line(cells: Iterable[str], widths: Iterable[int]) -> str:
    """Return one line of a table."""
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def shown(value: float | str) -> str:
    """Return a cell's text: whole numbers plain, others to three digits."""
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if value > 1 and value.is_integer() else f"{value:.3f}"


if __name__ == "__main__":
    main()
