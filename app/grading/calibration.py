"""Calibrated probabilities of a point being covered, or at least touched, from its features."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from app.grading.evidence import FEATURES


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two logistic regressions over the same features; the numbers are data, see lexical.json.

    `covered` and `touched` (covered or partial) hold an intercept and one coefficient a feature.
    """

    version: str
    covered: tuple[float, ...]
    touched: tuple[float, ...]

    def probabilities(self, features: Sequence[float]) -> tuple[float, float]:
        """Return P(covered) and P(covered or partial); the second is never the smaller one."""
        covered = _logistic(self.covered, features)
        return covered, max(covered, _logistic(self.touched, features))


def _logistic(coefficients: Sequence[float], features: Sequence[float]) -> float:
    intercept, *slopes = coefficients
    products = (slope * value for slope, value in zip(slopes, features, strict=True))
    return 1 / (1 + math.exp(-intercept - sum(products)))


def _load() -> Calibration:
    data = json.loads((files(__package__) / "lexical.json").read_text(encoding="utf-8"))
    return Calibration(data["version"], _ordered(data["covered"]), _ordered(data["touched"]))


def _ordered(named: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(named[name] for name in ("intercept", *FEATURES))


CALIBRATION = _load()
