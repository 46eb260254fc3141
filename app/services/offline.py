"""Checking answers without a bank: a line of JSON in, a verdict out."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.documents.references import read_reference
from app.errors import BadInputError
from app.grading.choices import CHOICES_VERSION, check_choices
from app.grading.chosen import read_chosen
from app.grading.engines import Engine, checker
from app.grading.order import judge_order
from app.grading.verdict import AnswerCheck, ReferencePoint
from app.messages import Language
from app.services.explaining import explain_verdicts


class _PointLine(BaseModel):
    """A point of a line of input; what a line does not say has the bank's defaults."""

    text: str
    title: str | None = None
    aliases: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    weight: float = Field(default=1.0, gt=0)
    required: bool = False


class _ChoiceLine(BaseModel):
    """An option of a line of input."""

    text: str
    correct: bool


class _CheckLine(BaseModel):
    """A line of input: a question, its points, whole reference answers or options, an answer."""

    question: str
    answer: str
    points: tuple[_PointLine, ...] | None = None
    references: tuple[str, ...] | None = Field(default=None, min_length=1)
    choices: tuple[_ChoiceLine, ...] | None = Field(default=None, min_length=1)
    ordered: bool = False

    @model_validator(mode="after")
    def _one_of_three(self) -> "_CheckLine":
        given = [one for one in (self.points, self.references, self.choices) if one is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "one_of", "exactly one of points, references and choices is needed"
            )
        return self


def check_line(
    line: bytes, engine: Engine, *, name: str, number: int, explained: Language | None = None
) -> dict[str, Any]:
    """Check the answer of a line; raises BadInputError that names file, line and field.

    Whole reference answers are split into points as the importer does, prose of one line finer;
    the answer is held against the one that it fits best. With a language the verdict is explained
    in it.
    """
    try:
        asked = _CheckLine.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = f"{field}: {first['msg']}" if field else first["msg"]
        raise BadInputError(name=name, line=number, reason=reason) from error
    if asked.choices is not None:
        return _check_choices(asked.choices, asked.answer)
    points, check = _check(asked, engine)
    described = _describe(check, asked.answer)
    if explained is not None:
        about = (asked.question, points, asked.answer)
        described["explained"] = explain_verdicts(about, check.points, engine, explained)
    return described


def _check_choices(choices: Sequence[_ChoiceLine], answer: str) -> dict[str, Any]:
    correct = [choice.correct for choice in choices]
    chosen = read_chosen(answer, [choice.text for choice in choices])
    score = 0.0 if chosen is None else check_choices(correct, sorted(chosen)).score
    return {
        "score": score,
        "points": [],
        "choices": [
            {"chosen": at in (chosen or ()), "correct": is_right}
            for at, is_right in enumerate(correct)
        ],
        "engine": "choices",
        "version": CHOICES_VERSION,
        "needs_review": chosen is None,
    }


def _check(asked: _CheckLine, engine: Engine) -> tuple[list[ReferencePoint], AnswerCheck]:
    """Return the reference that an answer fits best, and the verdict."""
    run = checker(engine)
    checks = []
    for points in _references(asked):
        check = run(asked.question, points, asked.answer)
        ordered = judge_order(points, asked.answer, check) if asked.ordered else check
        checks.append((points, ordered))
    return max(checks, key=lambda one: one[1].score)


def _references(asked: _CheckLine) -> list[list[ReferencePoint]]:
    if asked.references is not None:
        return [_split(asked.question, reference) for reference in asked.references]
    return [[ReferencePoint(**point.model_dump()) for point in asked.points or ()]]


def _split(question: str, reference: str) -> list[ReferencePoint]:
    points = read_reference(question, reference)
    return [ReferencePoint(text=one.text, title=one.title) for one in points]


def _describe(check: AnswerCheck, answer: str) -> dict[str, Any]:
    return {
        "score": check.score,
        "points": [
            {
                "state": verdict.state,
                "probability": verdict.probability,
                "evidence": answer[slice(*verdict.span)] if verdict.span else None,
                "reason": verdict.reason,
                "confidence": verdict.confidence,
                "needs_review": verdict.needs_review,
                "span": verdict.span,
            }
            for verdict in check.points
        ],
        "engine": check.engine,
        "version": check.version,
        "needs_review": check.needs_review,
    }
