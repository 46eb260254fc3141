"""The network's weights and its passes, on one thread."""

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import onnxruntime

from app.grading.network.sequence import collate, encode

Chances = tuple[float, float, float, float]  # covered, partial, missed, contradicted
MOST_POINTS = 16  # in one sequence; more share too little room, so they are judged in turns
_WEIGHTS = "weights.onnx"


def judge(question: str, points: Sequence[str], answer: str) -> list[Chances]:
    """Return for each point the logits of the four states, read off the whole answer."""
    return [
        chances
        for start in range(0, len(points), MOST_POINTS)
        for chances in _pass(question, points[start : start + MOST_POINTS], [answer])[0]
    ]


def judge_parts(question: str, points: Sequence[str], parts: Sequence[str]) -> list[list[Chances]]:
    """Return the logits of each point for each part of an answer read alone."""
    return _pass(question, points, parts)


@cache
def version() -> str:
    """Return a name for these weights."""
    data = (files(__package__) / _WEIGHTS).read_bytes()
    return hashlib.sha256(data).hexdigest()[:8]


def softmax(logits: Sequence[float]) -> Chances:
    """Return the probabilities of the four states."""
    highest = max(logits)
    covered, partial, missed, contradicted = (math.exp(one - highest) for one in logits)
    total = covered + partial + missed + contradicted
    return covered / total, partial / total, missed / total, contradicted / total


def _pass(question: str, points: Sequence[str], answers: Sequence[str]) -> list[list[Chances]]:
    rows = [encode(question, points, answer) for answer in answers]
    (logits,) = _session().run(None, collate(rows))
    return [[(float(c), float(p), float(m), float(x)) for c, p, m, x in row] for row in logits]


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread: more are no faster on so small a network, and take the cores of other requests.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    weights = (files(__package__) / _WEIGHTS).read_bytes()
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
