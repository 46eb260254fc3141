"""The sets of answers that the check is fitted and measured on."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.grading.check import ReferencePoint
from app.text import fold, grams

DEV_POINTS = Path(__file__).parent / "answers" / "dev_points.jsonl"
Split = Callable[[str, str], list[ReferencePoint]]

_ITEM = 12  # characters: pieces up to here make a list of items
_LEAD = re.compile(
    r"^(?P<lead>[^。；;：:]*?(?:[：:]|包括|包含|主要有|分为|有以下))[：:]?\s*(?P<rest>.+)$",
    re.DOTALL,
)
_STATEMENTS = re.compile(r"[。；;\n]+|(?<=\.)\s+|(?<![\d.])(?=\d[.、](?!\d))")
_ITEMS = re.compile(r"[、，,]|(?:以?及|和|与)(?=.)")


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer with a state for each point; `part` is fit or held, `kind` how it was made."""

    question_id: str
    question: str
    language: str
    part: str
    kind: str
    points: tuple[ReferencePoint, ...]
    answer: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """A human-scored answer: a score of 0..1 or a label, against one or several references."""

    question_id: str
    question: str
    references: tuple[str, ...]
    answer: str
    score: float | None
    label: str | None


def labelled_answers(path: Path = DEV_POINTS) -> Iterator[LabelledAnswer]:
    """Read answers with point labels: one question a line, its points and its answers inside."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        points = tuple(ReferencePoint(point["text"], point["title"]) for point in row["points"])
        for answer in row["answers"]:
            yield LabelledAnswer(
                question_id=row["id"],
                question=row["question"],
                language=row["language"],
                part=row["part"],
                kind=answer["kind"],
                points=points,
                answer=answer["answer"],
                states=tuple(answer["states"]),
            )


def scored_answers(path: Path) -> Iterator[ScoredAnswer]:
    """Read human-scored answers: one a line, with question_id, question, references, answer."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield ScoredAnswer(
            question_id=row["question_id"],
            question=row["question"],
            references=tuple(row["references"]),
            answer=row["answer"],
            score=row.get("score"),
            label=row.get("label"),
        )


def split_reference(question: str, reference: str) -> list[ReferencePoint]:
    """Split a reference into points: statements, or the items of a list; simple on purpose."""
    text = _without_lead(question, reference)
    pieces = _clean(_STATEMENTS.split(text))
    if len(pieces) == 1:
        items = _clean(_ITEMS.split(pieces[0]))
        if len(items) > 1 and max(map(len, items)) <= _ITEM:
            pieces = items
    return [ReferencePoint(piece) for piece in pieces or [reference]]


def _without_lead(question: str, reference: str) -> str:
    """Drop a lead that only repeats the question: `配送的方式包括：…`."""
    found = _LEAD.match(reference.strip())
    if not found:
        return reference
    lead = set(grams(fold(found["lead"])))
    repeated = len(lead & set(grams(fold(question)))) >= len(lead) / 2
    return found["rest"] if repeated else reference


def _clean(pieces: list[str]) -> list[str]:
    stripped = (re.sub(r"^\s*\d+\s?[.、)）]\s*", "", piece).strip(" 。.；;，,") for piece in pieces)
    return [piece for piece in stripped if any(character.isalnum() for character in piece)]
