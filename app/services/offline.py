"""Checking answers without a bank: a line of JSON in, a verdict out."""

from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.documents.markdown.points import read_points
from app.errors import BadInputError
from app.grading.engines import Engine, checker
from app.grading.order import judge_order
from app.grading.verdict import AnswerCheck, ReferencePoint


class _PointLine(BaseModel):
    """A point of a line of input; what a line does not say has the bank's defaults."""

    text: str
    title: str | None = None
    aliases: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    weight: float = Field(default=1.0, gt=0)
    required: bool = False


class _CheckLine(BaseModel):
    """A line of input: a question, its points or whole reference answers, and an answer."""

    question: str
    answer: str
    points: tuple[_PointLine, ...] | None = None
    references: tuple[str, ...] | None = Field(default=None, min_length=1)
    ordered: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "_CheckLine":
        if (self.points is None) == (self.references is None):
            raise PydanticCustomError("one_of", "exactly one of points and references is needed")
        return self


def check_line(line: bytes, engine: Engine, *, name: str, number: int) -> dict[str, Any]:
    """Check the answer of a line; raises BadInputError that names file, line and field.

    Whole reference answers are split into points as the importer does, and the answer is held
    against the one that it fits best.
    """
    try:
        asked = _CheckLine.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = f"{field}: {first['msg']}" if field else first["msg"]
        raise BadInputError(name=name, line=number, reason=reason) from error
    return _describe(_check(asked, engine), asked.answer)


def _check(asked: _CheckLine, engine: Engine) -> AnswerCheck:
    run = checker(engine)
    checks = []
    for points in _references(asked):
        check = run(asked.question, points, asked.answer)
        checks.append(judge_order(points, asked.answer, check) if asked.ordered else check)
    return max(checks, key=lambda one: one.score)


def _references(asked: _CheckLine) -> list[list[ReferencePoint]]:
    if asked.references is not None:
        return [_split(reference) for reference in asked.references]
    return [[ReferencePoint(**point.model_dump()) for point in asked.points or ()]]


def _split(reference: str) -> list[ReferencePoint]:
    return [ReferencePoint(text=one.text, title=one.title) for one in read_points(reference)]


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
