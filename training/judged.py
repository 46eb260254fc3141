"""Learning from people's judgements of whole answers, where nobody has judged the points."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from app.documents.references import read_reference
from app.grading.check import ReferencePoint, check_answer
from benchmarks.answer_sets import ScoredAnswer, scored_answers
from benchmarks.metrics import mean, mean_error, pearson, weighted_f1
from benchmarks.scored import LEARNED_FROM, is_held
from training.dataset import Batch, Example, Outcome, Reader
from training.scoring import Forward, Numbers, predict, softmax

_MOST_POINTS = 12
_SMALL = 1e-4


def read_scored(folder: Path) -> tuple[list[Example], list[Example]]:
    """Return the answers to learn from and those that are held, split by question."""
    learned: list[Example] = []
    held: list[Example] = []
    for name in LEARNED_FROM:
        for answer in scored_answers(folder / f"{name}.jsonl"):
            (held if is_held(answer) else learned).append(_example(name, answer))
    return learned, held


def _example(name: str, answer: ScoredAnswer) -> Example:
    """Return an answer beside the reference that it fits best by its words."""
    references = [_points(answer.question, text) for text in answer.references]
    if len(references) > 1:
        references.sort(key=lambda one: -check_answer(answer.question, one, answer.answer).score)
    return Example(
        question_id=f"{name}-{answer.question_id}",
        question=answer.question,
        points=tuple(references[0][:_MOST_POINTS]),
        answer=answer.answer,
        states=(),
        kind=name,
        outcome=Outcome(answer.score, answer.label),
    )


def _points(question: str, reference: str) -> list[ReferencePoint]:
    return [ReferencePoint(one.text, one.title) for one in read_reference(question, reference)]


def judged_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Return the mean loss of the answers of a batch that were judged as a whole; 0 without any."""
    found = [
        _loss(logits[at, : int((batch.spans[at].sum(1) > 0).sum())], outcome)
        for at, outcome in enumerate(batch.outcomes)
        if outcome is not None
    ]
    return torch.stack(found).mean() if found else logits.sum() * 0


def _loss(logits: Tensor, outcome: Outcome) -> Tensor:
    """Return the loss of one answer; `logits` (points, 4)."""
    chances = torch.softmax(logits, dim=1)
    if outcome.score is not None:
        credit = (chances[:, 0] + chances[:, 1] / 2).mean().clamp(_SMALL, 1 - _SMALL)
        gap = -outcome.score * credit.log() - (1 - outcome.score) * (1 - credit).log()
        return gap + 2 * (credit - outcome.score) ** 2
    if outcome.label == "correct":
        return -torch.log(chances[:, 0] + _SMALL).mean()
    clash = 1 - (1 - chances[:, 3]).prod()
    if outcome.label == "contradictory":
        return -torch.log(clash + _SMALL)
    full = chances[:, 0].prod()
    return -torch.log(1 - full + _SMALL) - torch.log(1 - clash + _SMALL)


def held_figures(forward: Forward, reader: Reader, held: Sequence[Example]) -> Iterator[str]:
    """Yield a line for each set: agreement with people on questions that were not learned from."""
    for name in LEARNED_FROM:
        chosen = [example for example in held if example.kind == name]
        if not chosen:
            continue
        logits = predict(forward, reader, chosen)
        rows = [[softmax(point) for point in answer] for answer in logits]
        yield f"{name} {len(chosen)} {json.dumps(_figures(chosen, rows))}"


def _figures(chosen: Sequence[Example], rows: Sequence[Sequence[Numbers]]) -> dict[str, float]:
    outcomes = [example.outcome for example in chosen if example.outcome is not None]
    credits_ = [mean([row[0] + row[1] / 2 for row in answer]) for answer in rows]
    scores = [outcome.score for outcome in outcomes if outcome.score is not None]
    if scores:
        return {"pearson": pearson(scores, credits_), "mae": mean_error(scores, credits_)}
    labels = [outcome.label or "" for outcome in outcomes]
    said = [_label(answer) for answer in rows]
    return {"weighted_f1": weighted_f1(labels, said)}


def _label(answer: Sequence[Numbers]) -> str:
    states = [row.index(max(row)) for row in answer]
    if 3 in states:  # noqa: PLR2004 (contradicted)
        return "contradictory"
    return "correct" if all(state == 0 for state in states) else "incorrect"
