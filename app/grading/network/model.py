"""The network's weights and its passes, on one thread."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import onnxruntime

from app.grading.network.sequence import collate, encode

Chances = tuple[float, float, float, float]  # covered, partial, missed, contradicted
MOST_POINTS = 16  # in one sequence; more share too little room, so they are judged in turns
_WEIGHTS = "weights.onnx"
_OUTPUTS = ("logits", "alignment")  # how the head lines up every token with the answer's

Reading = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one pass says of a point: logits of the four states, and what it looked at.

    `weights` are the shares of the point's attention that the answer's tokens have, `places` where
    those stand in the answer, in code points.
    """

    logits: Chances
    weights: Reading
    places: Sequence[int]

    def share(self, start: int, end: int) -> float:
        """Return the attention that answer[start:end] has, for its length.

        Divided by the root of the number of tokens: the sum alone would favour whatever is long,
        the mean whatever is short.
        """
        inside = [at for at, place in enumerate(self.places) if start <= place < end]
        return float(self.weights[inside].sum()) / math.sqrt(max(1, len(inside)))


def judge(question: str, points: Sequence[str], answer: str) -> list[Chances]:
    """Return for each point the logits of the four states, read off the whole answer."""
    return [one.logits for one in read(question, points, answer)]


def read(question: str, points: Sequence[str], answer: str) -> list[Judgement]:
    """Return what the network says of each point, read off the whole answer."""
    return [
        judgement
        for start in range(0, len(points), MOST_POINTS)
        for judgement in _pass(question, points[start : start + MOST_POINTS], answer)
    ]


@cache
def version() -> str:
    """Return a name for these weights."""
    return hashlib.sha256(_weights()).hexdigest()[:8]


def softmax(logits: Sequence[float]) -> Chances:
    """Return the probabilities of the four states."""
    highest = max(logits)
    covered, partial, missed, contradicted = (math.exp(one - highest) for one in logits)
    total = covered + partial + missed + contradicted
    return covered / total, partial / total, missed / total, contradicted / total


def _pass(question: str, points: Sequence[str], answer: str) -> list[Judgement]:
    row = encode(question, points, answer)
    inputs = collate([row])
    (logits,), (alignment,) = _session().run(_OUTPUTS, inputs)
    first = len(row.tokens) - 1 - len(row.places)
    weights = (inputs["spans"][0] @ alignment)[:, first:-1]
    return [
        Judgement((float(c), float(p), float(m), float(x)), weights[at], row.places)
        for at, (c, p, m, x) in enumerate(logits)
    ]


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread: more are no faster on so small a network, and take the cores of other requests.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(_weights(), options, providers=["CPUExecutionProvider"])


def _weights() -> bytes:
    return (files(__package__) / _WEIGHTS).read_bytes()
