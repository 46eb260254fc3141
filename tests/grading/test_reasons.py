"""Every reason is explained: to the learner in two languages, and in the documentation."""

from pathlib import Path

import pytest

from app.grading.check import Reason
from app.grading.explain import Outcome
from app.grading.rules import _RULES
from app.messages import names

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "answer-check.md"


@pytest.mark.parametrize("reason", Reason)
def test_reason_is_explained(reason: Reason) -> None:
    """A new reason without its words fails here."""
    assert f"reason.{reason}" in names()
    assert f"| `{reason}` |" in DOCUMENTATION.read_text(encoding="utf-8")


RULES = [rule.__name__.strip("_") for rule in _RULES]


@pytest.mark.parametrize("rule", ["exact", "order", "verdict", *RULES])
def test_every_rule_is_explained(rule: str) -> None:
    """What `explain` may name stands in the documentation."""
    assert f"`{rule}`" in DOCUMENTATION.read_text(encoding="utf-8")


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_explained(outcome: Outcome) -> None:
    """A new outcome without its words fails here."""
    assert f"explained.{outcome}" in names()
    assert f"| `{outcome}` |" in DOCUMENTATION.read_text(encoding="utf-8")
