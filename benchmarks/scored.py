"""Agreement with people who scored or labelled whole answers, each through `tiku check`'s door."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.grading.engines import Engine
from app.grading.verdict import State
from app.services.offline import check_line
from benchmarks.answer_sets import ScoredAnswer, scored_answers
from benchmarks.metrics import (
    Cosine,
    auc,
    interval,
    macro_f1,
    mean_error,
    pearson,
    quantiles,
    weighted_f1,
)

LEARNED_FROM = ("le", "ads", "scientsbank")  # sets that the network was trained on in part
_HELD = 5  # one question in so many of theirs was kept from it
CORRECT_FROM = 0.75  # score; people who label so call what is half right incorrect
_THRESHOLDS = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of a whole answer beside a person's score, or label."""

    question_id: str
    given: float
    label: str | None
    score: float
    said: str


def judge_set(engine: Engine, answers: Sequence[ScoredAnswer]) -> list[Mark]:
    """Check answers exactly as `tiku check --jsonl` does, references and all."""
    marks = []
    for number, one in enumerate(answers, 1):
        asked = {"question": one.question, "references": one.references, "answer": one.answer}
        line = json.dumps(asked).encode()
        verdict = check_line(line, engine, name="answers", number=number)
        states = [point["state"] for point in verdict["points"]]
        marks.append(_mark(one, verdict["score"], label_of(states, verdict["score"])))
    return marks


def judge_set_by_cosine(answers: Sequence[ScoredAnswer]) -> list[Mark]:
    """Let the baseline judge; its threshold for correct suits it best on these very answers."""
    texts = [one.answer for one in answers]
    texts += sorted({reference for one in answers for reference in one.references})
    cosine = Cosine(texts)
    values = [max(cosine(text, one.answer) for text in one.references) for one in answers]
    labels = [one.label or "" for one in answers]
    correct = max(
        quantiles(values, _THRESHOLDS),
        key=lambda step: weighted_f1(labels, [_two_labels(value, step) for value in values]),
    )
    pairs = zip(answers, values, strict=True)
    return [_mark(one, value, _two_labels(value, correct)) for one, value in pairs]


def label_of(states: Sequence[str], score: float) -> str:
    """Return the label for the verdict on an answer.

    Contradictory where a point is contradicted, else correct from `CORRECT_FROM`.
    """
    if State.CONTRADICTED in states:
        return "contradictory"
    return _two_labels(score, CORRECT_FROM)


def agreement(marks: Sequence[Mark], rounds: int) -> Mapping[str, tuple[float, float, float]]:
    """Return each figure that suits a set, with its 95% interval by question."""
    labelled = marks[0].label is not None
    by_question: dict[str, list[Mark]] = {}
    for mark in marks:
        by_question.setdefault(mark.question_id, []).append(mark)
    statistics = _OF_LABELS if labelled else _OF_SCORES
    return {
        name: (statistic(marks), *interval(by_question, statistic, rounds))
        for name, statistic in statistics.items()
    }


def read_sets(folder: Path) -> Mapping[str, list[ScoredAnswer]]:
    """Return the human-scored sets of a folder by name.

    Of those that the network has learned from only the questions that were held from it.
    """
    sets = {path.stem: list(scored_answers(path)) for path in sorted(folder.glob("*.jsonl"))}
    return {
        name: [one for one in answers if name not in LEARNED_FROM or is_held(one)]
        for name, answers in sets.items()
    }


def is_held(answer: ScoredAnswer) -> bool:
    """Say whether an answer's question was kept from training, by a hash of its id."""
    return zlib.crc32(answer.question_id.encode()) % _HELD == 0


def _mark(one: ScoredAnswer, score: float, said: str) -> Mark:
    given = one.score if one.score is not None else float(one.label == "correct")
    return Mark(one.question_id, given, one.label, score, said)


def _two_labels(value: float, correct: float) -> str:
    return "correct" if value >= correct else "incorrect"


def _series(marks: Sequence[Mark]) -> tuple[list[float], list[float]]:
    return [one.given for one in marks], [one.score for one in marks]


def _labels(marks: Sequence[Mark]) -> tuple[list[str], list[str]]:
    return [one.label or "" for one in marks], [one.said for one in marks]


def _separation(marks: Sequence[Mark]) -> float:
    return auc(
        [one.score for one in marks if one.label == "correct"],
        [one.score for one in marks if one.label != "correct"],
    )


_OF_SCORES = {
    "Pearson": lambda marks: pearson(*_series(marks)),
    "mean error": lambda marks: mean_error(*_series(marks)),
}
_OF_LABELS = {
    "weighted F1": lambda marks: weighted_f1(*_labels(marks)),
    "macro-F1": lambda marks: macro_f1(*_labels(marks)),
    "AUC": _separation,
}
