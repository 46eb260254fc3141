"""docs/documents.md names everything that the reader knows."""

from dataclasses import fields
from pathlib import Path

import pytest

from app import messages
from app.documents.document import WarningKind
from app.documents.limits import Limits
from app.documents.markdown.drafts import Rule
from app.documents.markdown.labels import SYNONYMS, LabelKind
from app.documents.markdown.profiles import Profile, profile_names

_GUIDE = (Path(__file__).parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")
_REASONS = sorted(
    name.removeprefix("passed_over.")
    for name in messages.names()
    if name.startswith("passed_over.")
)


@pytest.mark.parametrize(
    "name",
    [
        *(rule.value for rule in Rule),
        *(kind.value for kind in WarningKind),
        *_REASONS,
        *(field.name for field in fields(Limits)),
        *(field.name for field in fields(Profile) if field.name != "name"),
        *profile_names(),
    ],
)
def test_every_name_is_explained(name: str) -> None:
    """Rules, warnings, reasons, limits and profiles stand in the guide by their names."""
    assert f"`{name}`" in _GUIDE


@pytest.mark.parametrize("kind", list(LabelKind))
def test_every_spelling_of_a_label_is_listed(kind: LabelKind) -> None:
    """The guide's table is the one that the reader uses."""
    assert f"| `{kind.value}` | {'、'.join(SYNONYMS[kind])} |" in _GUIDE


def test_every_spelling_means_one_thing() -> None:
    """Every kind of label has spellings, and none has two kinds."""
    spellings = [name.lower() for names in SYNONYMS.values() for name in names]

    assert set(SYNONYMS) == set(LabelKind)
    assert sorted(spellings) == sorted(set(spellings))


@pytest.mark.parametrize("kind", [kind.value for kind in WarningKind])
def test_every_warning_has_words(kind: str) -> None:
    """A warning can be told to a person."""
    assert f"warning.{kind}" in messages.names()
