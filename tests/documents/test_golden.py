"""Golden documents: each reads as the expectation beside it says, and no line is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.documents.document import Document, DocumentWarning, Item
from app.documents.read import read_document
from tests.documents.accounting import unaccounted_lines

_GOLDEN = Path(__file__).parent / "golden"
_NAMES = sorted(path.stem for path in _GOLDEN.glob("*.md"))
_ALWAYS = {"points", "choices", "warnings"}


def _read(name: str) -> tuple[Document, str]:
    data = (_GOLDEN / f"{name}.md").read_bytes()
    return read_document(data, name=f"{name}.md"), data.decode("utf-8")


def _warnings(found: tuple[DocumentWarning, ...]) -> list[list[object]]:
    return [[warning.kind.value, warning.line] for warning in found]


def _compact(item: Item) -> dict[str, Any]:
    """Return everything an expectation can say about a question."""
    return {
        "title": item.title,
        "prompt": item.prompt,
        "answer": item.answer,
        "explanation": item.explanation,
        "points": [[point.title, point.text] for point in item.points],
        "choices": [[choice.text, choice.correct] for choice in item.choices],
        "kind": item.kind.value,
        "topics": list(item.topics),
        "tags": None if item.tags is None else list(item.tags),
        "difficulty": item.difficulty,
        "number": item.number,
        "line": item.line,
        "lines": [list(lines) for lines in item.lines],
        "warnings": _warnings(item.warnings),
    }


def _differences(expected: dict[str, Any], item: Item) -> Iterator[tuple[str, object, object]]:
    found = _compact(item)
    for key in sorted(expected.keys() | _ALWAYS):
        wanted = expected.get(key, [])
        if found[key] != wanted:
            yield key, wanted, found[key]


@pytest.mark.parametrize("name", _NAMES)
def test_a_golden_document_reads_as_expected(name: str) -> None:
    """Questions, points, choices and warnings are those that a person reads in the document."""
    document, _ = _read(name)
    expected = json.loads((_GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    questions = expected["questions"]

    assert [item.title for item in document.items] == [one["title"] for one in questions]
    assert [
        difference
        for wanted, item in zip(questions, document.items, strict=True)
        for difference in _differences(wanted, item)
    ] == []
    assert _warnings(document.warnings) == expected.get("warnings", [])
    if "passed_over" in expected:
        passed = [[one.first, one.last, one.reason] for one in document.passed_over]
        assert passed == expected["passed_over"]


@pytest.mark.parametrize("name", _NAMES)
def test_every_line_is_accounted_for(name: str) -> None:
    """Each line that is not blank is part of a question or passed over with a reason."""
    document, text = _read(name)

    assert unaccounted_lines(document, text) == []
