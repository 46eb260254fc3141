"""What a model says of examples, and the figures that judge it."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.metrics import auc, calibration_error, f1, macro_f1, precision_recall
from training.dataset import Batch, Encoded, Example, Reader, collate
from training.model import CLASSES, PointJudge

Numbers = tuple[float, ...]
Forward = Callable[[Batch], Tensor]
_AT_ONCE = 8
_CONFIDENT = 0.8  # the share of decisions that need no review


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the protocol over all decisions of a set."""

    decisions: int
    auc: float
    f1: float
    macro_f1: float
    right: float
    right_where_confident: float
    contradiction_precision: float
    contradiction_recall: float
    calibration_error: float


def torch_forward(model: PointJudge) -> Forward:
    """Return the forward pass of a network, without gradients or dropout."""
    model.eval()
    device = str(next(model.parameters()).device)

    def forward(batch: Batch) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = model(*batch.to(device).inputs())
        return logits.float().cpu()

    return forward


def predict(forward: Forward, reader: Reader, examples: Sequence[Example]) -> list[list[Numbers]]:
    """Return the logits of the four classes for every point of every example, in order."""
    rows = [reader.encode(example) for example in examples]
    found: list[list[Numbers]] = [[] for _ in rows]
    for chosen in _by_length(rows):
        logits = forward(collate([rows[index] for index in chosen]))
        for place, index in enumerate(chosen):
            count = len(rows[index].starts)
            found[index] = [tuple(row) for row in logits[place, :count].tolist()]
    return found


def _by_length(rows: Sequence[Encoded]) -> Iterator[list[int]]:
    order = sorted(range(len(rows)), key=lambda index: len(rows[index].tokens))
    for start in range(0, len(order), _AT_ONCE):
        yield order[start : start + _AT_ONCE]


def softmax(logits: Sequence[float], temperature: float = 1.0) -> Numbers:
    """Return the probabilities of the classes."""
    highest = max(logits)
    powers = [math.exp((logit - highest) / temperature) for logit in logits]
    return tuple(power / sum(powers) for power in powers)


def measure(truth: Sequence[str], chances: Sequence[Sequence[float]]) -> Figures:
    """Return the figures of the chances of the four classes; the likeliest is what is said."""
    said = [CLASSES[row.index(max(row))] for row in chances]
    return measure_said(truth, said, [row[0] for row in chances], [max(row) for row in chances])


def measure_said(
    truth: Sequence[str],
    said: Sequence[str],
    covered: Sequence[float],
    confidence: Sequence[float],
) -> Figures:
    """Return the figures of states said, chances of being covered and confidences."""
    pairs = list(zip(truth, covered, strict=True))
    right = [t == s for t, s in zip(truth, said, strict=True)]
    order = sorted(range(len(truth)), key=lambda index: -confidence[index])
    sure = order[: math.ceil(_CONFIDENT * len(order))]
    is_covered = [state == "covered" for state in truth]
    precision, recall = precision_recall(
        [state == "contradicted" for state in truth], [state == "contradicted" for state in said]
    )
    return Figures(
        decisions=len(truth),
        auc=auc(
            [chance for state, chance in pairs if state == "covered"],
            [chance for state, chance in pairs if state in {"missed", "contradicted"}],
        ),
        f1=f1(is_covered, [state == "covered" for state in said]),
        macro_f1=macro_f1(truth, said),
        right=sum(right) / len(right),
        right_where_confident=sum(right[index] for index in sure) / len(sure),
        contradiction_precision=precision,
        contradiction_recall=recall,
        calibration_error=calibration_error(is_covered, covered),
    )
