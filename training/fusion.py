"""Model and words together: a small multinomial logistic regression over both verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from app.grading.check import AnswerCheck, PointVerdict, ReferencePoint, State, check_answer
from training.dataset import Example
from training.model import CLASSES
from training.scoring import Numbers, softmax

_RIDGE = 0.01
_TEMPERATURES = tuple(0.5 + 0.05 * step for step in range(60))
_EDGE = 0.01  # chances are kept off zero and one before their logarithm is taken
NAMES = (
    "model_covered",
    "model_partial",
    "model_contradicted",
    "words_covered",
    "words_says_covered",
    "words_says_partial",
    "words_says_contradicted",
    "words_unsure",
)


@dataclass(frozen=True, slots=True)
class Fusion:
    """Coefficients of the four classes: an intercept and one for each of `NAMES`."""

    coefficients: tuple[Numbers, ...]

    def chances(self, features: Numbers) -> Numbers:
        """Return the probabilities of the four classes."""
        return softmax(
            [
                intercept + sum(s * v for s, v in zip(slopes, features, strict=True))
                for intercept, *slopes in self.coefficients
            ]
        )


def check_words(example: Example) -> AnswerCheck:
    """Return what the lexical engine says of an example."""
    points = [ReferencePoint(point.text, point.title) for point in example.points]
    return check_answer(example.question, points, example.answer)


def features(logits: Numbers, words: PointVerdict) -> Numbers:
    """Return the values of `NAMES` for one point."""
    covered, partial, missed, contradicted = logits
    chance = min(max(words.probability, _EDGE), 1 - _EDGE)
    return (
        covered - missed,
        partial - missed,
        contradicted - missed,
        float(torch.logit(torch.tensor(chance))),
        float(words.state is State.COVERED),
        float(words.state is State.PARTIAL),
        float(words.state is State.CONTRADICTED),
        float(words.needs_review),
    )


def fit_fusion(rows: Sequence[Numbers], truth: Sequence[str]) -> Fusion:
    """Fit the regression; the ridge holds the slopes of the few hundred decisions small."""
    values = torch.tensor(rows, dtype=torch.float64)
    labels = torch.tensor([CLASSES.index(state) for state in truth])
    layer = nn.Linear(values.shape[1], len(CLASSES), dtype=torch.float64)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(layer(values), labels)
        loss = loss + _RIDGE * layer.weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]  # the same
    table = torch.cat([layer.bias[:, None], layer.weight], dim=1)
    return Fusion(tuple(tuple(row) for row in table.tolist()))


def fit_temperature(logits: Sequence[Numbers], truth: Sequence[str]) -> float:
    """Return the temperature under which the truth is likeliest."""
    values = torch.tensor(logits, dtype=torch.float64)
    labels = torch.tensor([CLASSES.index(state) for state in truth])

    def loss(temperature: float) -> float:
        return float(nn.functional.cross_entropy(values / temperature, labels))

    return min(_TEMPERATURES, key=loss)
