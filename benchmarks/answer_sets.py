"""The sets of answers that the check is fitted and measured on: one reader, one shape."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.grading.verdict import ReferencePoint

ANSWERS = Path(__file__).parent / "answers"
WORDS = ANSWERS / "dev_points.jsonl"
LABELLED = ANSWERS / "labelled"
DEVELOPMENT = ("baking", "first-aid", "operating-systems", "project-management")
TEST = ("astronomy", "civil-engineering", "contract-law", "photography", "psychology")
PARTS = ("dev", "test", "all", "held")


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer with a state for each point of its question.

    `language` is that of the reference, `answer_language` that of the answer, `kind` how the answer
    was made. `part` is dev or test, and fit or held in the set that words alone are fitted on.
    """

    question_id: str
    field: str
    part: str
    question: str
    language: str
    points: tuple[ReferencePoint, ...]
    kind: str
    answer_language: str
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


def labelled_answers(part: str) -> list[LabelledAnswer]:
    """Return the labelled answers of a part.

    dev and test are the fields of `labelled/`, all is both; fit and held are the parts of
    `dev_points.jsonl`.
    """
    if part in {"fit", "held"}:
        return [one for one in read_labelled(WORDS, "") if one.part == part]
    fields = {"dev": DEVELOPMENT, "test": TEST, "all": (*DEVELOPMENT, *TEST)}[part]
    return [one for field in sorted(fields) for one in _read_field(field)]


def one_of_each_question(answers: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    """Return the first answer of every question, for what concerns questions alone."""
    return list({one.question_id: one for one in reversed(answers)}.values())[::-1]


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


def _read_field(field: str) -> Iterator[LabelledAnswer]:
    return read_labelled(LABELLED / f"{field}.jsonl", "dev" if field in DEVELOPMENT else "test")


def read_labelled(path: Path, part: str) -> Iterator[LabelledAnswer]:
    """Yield the answers of a file: one question a line, its points and its answers inside.

    `part` is what they are part of where their lines do not say.
    """
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        points = tuple(ReferencePoint(point["text"], point["title"]) for point in row["points"])
        for answer in row["answers"]:
            yield LabelledAnswer(
                question_id=row["id"],
                field=row["field"],
                part=row.get("part", part),
                question=row["question"],
                language=row["language"],
                points=points,
                kind=answer["kind"],
                answer_language=answer["language"],
                answer=answer["text"],
                states=tuple(answer["states"]),
            )
