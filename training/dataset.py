"""Labelled answers as the network reads them: one sequence of question, points and answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from app.grading.network.sequence import (
    ALL_POINTS_TOKENS,
    ANSWER_TOKENS,
    BOS,
    EOS,
    PAD,
    POINT_TOKENS,
    QUESTION_TOKENS,
    best_clauses,
    simplify,
)
from app.grading.network.unigram import Unigram
from app.grading.verdict import ReferencePoint
from benchmarks.answer_sets import LabelledAnswer, read_labelled
from training.model import CLASSES

PAIRS = Path(__file__).parent / "pairs"
IGNORED = -100  # the label of a padded point, which the loss skips


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person said of a whole answer: a score of 0..1, or one of three labels."""

    score: float | None = None
    label: str | None = None  # correct, incorrect or contradictory


@dataclass(frozen=True, slots=True)
class Example:
    """An answer with one of the four states for each point; `kind` says how it was made.

    With an `outcome` nobody has judged the points: `states` is empty then.
    """

    question_id: str
    question: str
    points: tuple[ReferencePoint, ...]
    answer: str
    states: tuple[str, ...]
    kind: str
    field: str = ""
    language: str = ""
    reference_language: str = ""
    outcome: "Outcome | None" = None


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as numbers; `starts` and `ends` bound the tokens of each point."""

    tokens: list[int]
    segments: list[int]
    starts: list[int]
    ends: list[int]
    labels: list[int]
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded examples: see `PointJudge.forward` for the shapes."""

    tokens: Tensor
    segments: Tensor
    present: Tensor
    spans: Tensor
    marks: Tensor
    labels: Tensor
    outcomes: tuple[Outcome | None, ...]

    def inputs(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return what the network takes."""
        return self.tokens, self.segments, self.present, self.spans, self.marks

    def to(self, device: str) -> "Batch":
        """Return the batch on a device."""
        moved = (part.to(device, non_blocking=True) for part in (*self.inputs(), self.labels))
        return Batch(*moved, outcomes=self.outcomes)


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Read files of labelled answers, one question a line, in the order of the paths."""
    return [to_example(one) for path in paths for one in read_labelled(path, "training")]


def to_example(one: LabelledAnswer) -> Example:
    """Return a labelled answer as an example."""
    return Example(
        question_id=one.question_id,
        question=one.question,
        points=one.points,
        answer=one.answer,
        states=one.states,
        kind=one.kind,
        field=one.field,
        language=one.answer_language,
        reference_language=one.language,
    )


class Reader:
    """Turns examples into numbers with one tokeniser; texts are simplified Chinese first."""

    def __init__(self, unigram: Unigram) -> None:
        self._unigram = unigram
        self._known: dict[str, list[int]] = {}

    def encode(self, example: Example) -> Encoded:
        """Return `<s> question </s>`, `<s> point` for each point, `</s> answer </s>`."""
        tokens = [BOS, *self._pieces(example.question)[:QUESTION_TOKENS], EOS]
        segments = [0] * len(tokens)
        starts, ends = [], []
        room = min(POINT_TOKENS, ALL_POINTS_TOKENS // len(example.points) - 1)
        for point in example.points:
            starts.append(len(tokens))
            tokens += [BOS, *self._pieces(point.whole)[:room]]
            ends.append(len(tokens))
        segments += [1] * (len(tokens) - len(segments))
        tokens += [EOS, *self._answer(example), EOS]
        segments += [2] * (len(tokens) - len(segments))
        labels = [CLASSES.index(state) for state in example.states]
        return Encoded(
            tokens, segments, starts, ends, labels or [IGNORED] * len(starts), example.outcome
        )

    def _answer(self, example: Example) -> list[int]:
        pieces = self._pieces(example.answer)
        if len(pieces) <= ANSWER_TOKENS:
            return pieces
        excerpt = best_clauses(
            example.answer,
            [point.whole for point in example.points],
            lambda text: len(self._pieces(text)),
        )
        return self._pieces(excerpt)[:ANSWER_TOKENS]

    def _pieces(self, text: str) -> list[int]:
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._unigram.encode(simplify(text))
        return found


def collate(rows: Sequence[Encoded]) -> Batch:
    """Pad encoded examples to one length and one number of points."""
    length = max(len(row.tokens) for row in rows)
    count = max(len(row.starts) for row in rows)
    tokens = torch.full((len(rows), length), PAD)
    segments = torch.zeros(len(rows), length, dtype=torch.long)
    present = torch.zeros(len(rows), length, dtype=torch.bool)
    spans = torch.zeros(len(rows), count, length)
    marks = torch.zeros(len(rows), count, dtype=torch.long)
    labels = torch.full((len(rows), count), IGNORED)
    for at, row in enumerate(rows):
        size, points = len(row.tokens), len(row.starts)
        tokens[at, :size] = torch.tensor(row.tokens)
        segments[at, :size] = torch.tensor(row.segments)
        present[at, :size] = True
        marks[at, :points] = torch.tensor(row.starts)
        labels[at, :points] = torch.tensor(row.labels)
        for number, (start, end) in enumerate(zip(row.starts, row.ends, strict=True)):
            first = min(start + 1, end - 1)  # without the token that opens it
            spans[at, number, first:end] = 1 / (end - first)
    outcomes = tuple(row.outcome for row in rows)
    return Batch(tokens, segments, present, spans, marks, labels, outcomes)
