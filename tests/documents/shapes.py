"""The table of shapes in docs/importing.md: `python -m tests.documents.shapes` writes it anew."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import ROOT
from app.documents.document import Document
from app.documents.read import read_document
from app.documents.report import all_warnings

PAGE = ROOT / "docs" / "importing.md"
_GOLDEN = Path(__file__).parent / "golden"
_TABLE = re.compile(r"(?<=<!-- shapes -->\n).*?(?=<!-- /shapes -->)", re.DOTALL)
_GROUPS = {
    "family": "the family: 题目, 答案, 解析",
    "neighbour": "its neighbours",
    "choice": "choices",
    "deferred": "deferred answers",
    "points": "points in every form",
    "fence": "fences that do not close, questions in code",
    "truncated": "documents that break off",
    "control": "articles, minutes, transcripts: hardly a question",
}
_OTHERS = "everything else"


@dataclass(slots=True)
class Row:
    """One shape: what its documents hold by their keys, and what was found in them."""

    documents: int = 0
    expected: tuple[int, int, int] = (0, 0, 0)
    found: tuple[int, int, int] = (0, 0, 0)


def rows() -> dict[str, Row]:
    """Count questions, points and warnings of the golden documents by shape."""
    table = {name: Row() for name in (*_GROUPS.values(), _OTHERS)}
    for path in sorted(_GOLDEN.glob("*.md")):
        row = table[_GROUPS.get(path.stem.partition("-")[0], _OTHERS)]
        row.documents += 1
        row.expected = _add(row.expected, _expected(path.with_suffix(".json")))
        row.found = _add(row.found, _found(read_document(path.read_bytes(), name=path.name)))
    return table


def table() -> str:
    """Return the rows as a Markdown table, expected before found."""
    lines = ["| shape | documents | questions | points | warnings |", "|---|---|---|---|---|"]
    for name, row in rows().items():
        pairs = zip(row.expected, row.found, strict=True)
        cells = " | ".join(f"{wanted} / {found}" for wanted, found in pairs)
        lines.append(f"| {name} | {row.documents} | {cells} |")
    return "\n".join(lines) + "\n"


def published() -> str:
    """Return the table as it stands in the documentation."""
    match = _TABLE.search(PAGE.read_text())
    return match.group() if match else ""


def _expected(path: Path) -> tuple[int, int, int]:
    key = json.loads(path.read_text())
    questions = key["questions"]
    warnings = [*key.get("warnings", []), *_each(questions, "warnings")]
    return len(questions), len(list(_each(questions, "points"))), len(warnings)


def _each(questions: list[dict[str, Any]], name: str) -> Iterator[object]:
    for question in questions:
        yield from question.get(name, [])


def _found(document: Document) -> tuple[int, int, int]:
    points = sum(len(item.points) for item in document.items)
    return len(document.items), points, len(all_warnings(document))


def _add(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(table(), PAGE.read_text()))
