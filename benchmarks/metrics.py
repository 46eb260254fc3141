"""The statistics of the evaluation, in plain Python: ranks, agreement, calibration, intervals."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a positive case has the higher value; ties count half."""
    if not positive or not negative:
        return math.nan
    cases = sorted([(value, 1) for value in positive] + [(value, 0) for value in negative])
    rank, total = 0, 0.0
    for _, group in groupby(cases, key=lambda case: case[0]):
        tied = list(group)
        total += sum(label for _, label in tied) * (rank + (len(tied) + 1) / 2)
        rank += len(tied)
    return (total - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative))


def precision_recall(truth: Sequence[bool], said: Sequence[bool]) -> tuple[float, float]:
    """Return the share of what was said that is true, and of what is true that was said."""
    both = sum(t and s for t, s in zip(truth, said, strict=True))
    return _ratio(both, sum(said)), _ratio(both, sum(truth))


def f1(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """Return the harmonic mean of precision and recall."""
    both = sum(t and s for t, s in zip(truth, said, strict=True))
    return _ratio(2 * both, sum(truth) + sum(said))


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """Return the mean F1 of the classes that occur in the truth."""
    classes = sorted(set(truth))
    return mean([f1([t == c for t in truth], [s == c for s in said]) for c in classes])


def weighted_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """Return the mean F1 of the classes, each weighted by how often it occurs in the truth."""
    return sum(
        count / len(truth) * f1([t == name for t in truth], [s == name for s in said])
        for name, count in Counter(truth).items()
    )


def calibration_error(truth: Sequence[bool], chances: Sequence[float], bins: int = 10) -> float:
    """Return the mean gap between the chances given and the share that came true, in bins."""
    groups: dict[int, list[tuple[bool, float]]] = defaultdict(list)
    for outcome, chance in zip(truth, chances, strict=True):
        groups[min(int(chance * bins), bins - 1)].append((outcome, chance))
    gaps = (abs(sum(o - c for o, c in group)) for group in groups.values())
    return _ratio(sum(gaps), len(truth))


def pearson(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the correlation of two equally long series."""
    a, b = mean(one), mean(other)
    covariance = sum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    spread = math.sqrt(sum((x - a) ** 2 for x in one) * sum((y - b) ** 2 for y in other))
    return covariance / spread if spread else math.nan


def mean_error(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the mean absolute difference."""
    return mean([abs(x - y) for x, y in zip(one, other, strict=True)])


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean, NaN of nothing."""
    return _ratio(sum(values), len(values))


def interval(
    groups: Mapping[str, Sequence[T]], statistic: Callable[[Sequence[T]], float], rounds: int
) -> tuple[float, float]:
    """Return the 95% bootstrap interval of a statistic, drawing whole groups (questions)."""
    names = sorted(groups)
    draw = random.Random(0)  # noqa: S311 (a resample, and the same one every time)
    values = []
    for _ in range(rounds):
        rows = [row for name in draw.choices(names, k=len(names)) for row in groups[name]]
        value = statistic(rows)
        if not math.isnan(value):
            values.append(value)
    values.sort()
    if not values:
        return math.nan, math.nan
    return values[int(0.025 * len(values))], values[int(0.975 * (len(values) - 1))]


def quantiles(values: Sequence[float], count: int) -> list[float]:
    """Return at most so many values that cut a series into parts of one size, ascending."""
    ordered = sorted(values)
    return sorted({ordered[len(ordered) * step // count] for step in range(count)})


class Cosine:
    """The baseline: cosine of TF-IDF vectors over character one- and two-grams."""

    def __init__(self, corpus: Iterable[str]) -> None:
        texts = list(corpus)
        self._count = len(texts)
        self._frequency = Counter(gram for text in texts for gram in set(_characters(text)))

    def __call__(self, one: str, other: str) -> float:
        """Return the cosine of two texts: 0..1."""
        a, b = self._vector(one), self._vector(other)
        product = sum(weight * b.get(gram, 0.0) for gram, weight in a.items())
        length = math.hypot(*a.values()) * math.hypot(*b.values())
        return product / length if length else 0.0

    def _vector(self, text: str) -> dict[str, float]:
        return {
            gram: count * (math.log((1 + self._count) / (1 + self._frequency[gram])) + 1)
            for gram, count in Counter(_characters(text)).items()
        }


def _characters(text: str) -> list[str]:
    lower = text.lower()
    return [*lower, *(lower[at : at + 2] for at in range(len(lower) - 1))]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
