"""Every reason is explained: to the learner in two languages, and in the documentation."""

from pathlib import Path

import pytest

from app.grading.check import Reason
from app.messages import names

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "answer-check.md"


@pytest.mark.parametrize("reason", Reason)
def test_reason_is_explained(reason: Reason) -> None:
    """A new reason without its words fails here."""
    assert f"reason.{reason}" in names()
    assert f"| `{reason}` |" in DOCUMENTATION.read_text(encoding="utf-8")
