"""Checking an answer: the points from the bank, the verdict from grading, the words for people."""

import asyncio
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import AnswerKindError, NotCheckableError, QuestionNotFoundError, TikuError
from app.grading.choices import CHOICES_VERSION, check_choices, has_key
from app.grading.chosen import read_chosen
from app.grading.order import judge_order
from app.grading.verdict import AnswerCheck, PointVerdict, ReferencePoint, State
from app.messages import Language, render
from app.services.explaining import Explanation
from app.services.judge import Judge
from app.services.questions import get_question, get_questions
from app.services.rendering import View

_NAME_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Checkable:
    """What a published question is checked against: answer points, or which choices are right.

    It is `keyed` unless nothing says which of its choices are right.
    """

    id: uuid.UUID
    revision: int
    language: Language
    question: str
    points: tuple[ReferencePoint, ...]
    ordered: bool
    correct: tuple[bool, ...]
    options: tuple[str, ...] = ()
    keyed: bool = True


@dataclass(frozen=True, slots=True)
class CheckedPoint:
    """A point, the verdict on it, and why in words; `span` counts code points of the answer."""

    position: int
    title: str | None
    text: str
    state: State
    probability: float
    confidence: float
    needs_review: bool
    evidence: str | None
    span: tuple[int, int] | None
    reason: str
    explanation: str


@dataclass(frozen=True, slots=True)
class CheckedChoice:
    """An option, whether it was chosen, and whether it is right."""

    position: int
    chosen: bool
    correct: bool


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The verdict on an answer as the API shows it."""

    question_id: uuid.UUID
    revision: int
    score: float
    needs_review: bool
    engine: str
    version: str
    fallback: str | None
    feedback: str
    points: tuple[CheckedPoint, ...] = ()
    choices: tuple[CheckedChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedReport(CheckReport):
    """The verdict on an answer, with its explanation."""

    explained: Explanation = field(default_factory=Explanation)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a question: in words, or else the positions of the chosen options, from 1."""

    question_id: uuid.UUID
    answer: str | None
    choices: tuple[int, ...] = ()


async def get_checkable(db: AsyncConnection, public_id: uuid.UUID) -> Checkable:
    """Return what a published question is checked against.

    Raises QuestionNotFoundError, and NotCheckableError where it has neither points nor choices, or
    nothing says which of its choices are right.
    """
    checkable = read_checkable(
        public_id, orjson.loads(await get_question(db, public_id, View.FULL))
    )
    _refuse_uncheckable(checkable)
    return checkable


async def get_checkables(
    db: AsyncConnection, public_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Checkable]:
    """Return what the published questions among these are checked against, by id."""
    found = await get_questions(db, public_ids, View.FULL)
    return {id_: read_checkable(id_, orjson.loads(rendered)) for id_, rendered in found.items()}


async def check_words(
    checkable: Checkable, answer: str, judge: Judge, language: Language | None = None
) -> CheckReport:
    """Check an answer in the learner's own words; of choices these name the letters or texts.

    Feedback is in `language`, else in the question's own. Raises what Pool.run raises.
    """
    if checkable.correct:
        chosen = read_chosen(answer, checkable.options)
        if chosen is None:
            return _unclear_choice(checkable, language or checkable.language)
        return check_chosen(checkable, [position + 1 for position in chosen], language)
    check = await judge.check(checkable.question, checkable.points, answer)
    if checkable.ordered:
        check = judge_order(checkable.points, answer, check)
    spoken = language or checkable.language
    return CheckReport(
        question_id=checkable.id,
        revision=checkable.revision,
        score=check.score,
        needs_review=check.needs_review,
        engine=check.engine,
        version=check.version,
        fallback=check.fallback,
        feedback=_feedback(checkable.points, check, spoken),
        points=_checked_points(checkable.points, check, answer, spoken),
    )


async def explain_words(
    checkable: Checkable, answer: str, judge: Judge, language: Language | None = None
) -> ExplainedReport:
    """Check an answer in words and explain the verdict; takes more than twice the time."""
    report = await check_words(checkable, answer, judge, language)
    verdicts = [
        PointVerdict(
            point.state,
            point.probability,
            point.confidence,
            point.needs_review,
            point.span,
            point.reason,
        )
        for point in report.points
    ]
    explanation = await judge.explain(
        (checkable.question, checkable.points, answer), verdicts, language or checkable.language
    )
    said = {one.name: getattr(report, one.name) for one in fields(report)}
    return ExplainedReport(**said, explained=explanation)


def check_chosen(
    checkable: Checkable, positions: Sequence[int], language: Language | None = None
) -> CheckReport:
    """Check chosen options, by their positions from 1; AnswerKindError where there are none."""
    count = len(checkable.correct)
    if not count or any(position > count for position in positions):
        raise AnswerKindError(id=checkable.id, wanted="answer" if not count else f"1-{count}")
    verdict = check_choices(checkable.correct, [position - 1 for position in positions])
    name = "right" if verdict.score else "wrong" if any(checkable.correct) else "none"
    right = ", ".join(str(place) for place, is_right in enumerate(checkable.correct, 1) if is_right)
    feedback = render(f"feedback.choices_{name}", language or checkable.language, {"right": right})
    return _choice_report(checkable, positions, feedback, score=verdict.score)


def _unclear_choice(checkable: Checkable, language: Language) -> CheckReport:
    """Return the report on words that name no option; a person should look at them."""
    letters = f"A-{chr(ord('A') + len(checkable.options) - 1)}"
    feedback = render("feedback.choices_unclear", language, {"letters": letters})
    return _choice_report(checkable, (), feedback, score=0.0, needs_review=True)


def _choice_report(
    checkable: Checkable,
    positions: Sequence[int],
    feedback: str,
    *,
    score: float,
    needs_review: bool = False,
) -> CheckReport:
    return CheckReport(
        question_id=checkable.id,
        revision=checkable.revision,
        score=score,
        needs_review=needs_review,
        engine="choices",
        version=CHOICES_VERSION,
        fallback=None,
        feedback=feedback,
        choices=tuple(
            CheckedChoice(position, position in positions, is_right)
            for position, is_right in enumerate(checkable.correct, start=1)
        ),
    )


async def check_batch(
    given: Sequence[Given],
    checkables: Mapping[uuid.UUID, Checkable],
    judge: Judge,
    language: Language | None = None,
) -> list[CheckReport | TikuError]:
    """Check answers side by side; each has its own report, or its own error.

    No more of them at once than there are processes, so that whoever sends one answer in the
    meantime waits for one of these and not for all.
    """
    turns = asyncio.Semaphore(judge.width)

    async def check(one: Given) -> CheckReport | TikuError:
        try:
            checkable = checkables.get(one.question_id)
            if checkable is None:
                raise QuestionNotFoundError(id=one.question_id)
            _refuse_uncheckable(checkable)
            if one.answer is None:
                return check_chosen(checkable, one.choices, language)
            async with turns:
                return await check_words(checkable, one.answer, judge, language)
        except TikuError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(check(one)) for one in given]
    return [task.result() for task in tasks]


def _refuse_uncheckable(checkable: Checkable) -> None:
    if not checkable.keyed or not (checkable.points or checkable.correct):
        raise NotCheckableError(id=checkable.id)


def read_checkable(public_id: uuid.UUID, content: dict[str, Any]) -> Checkable:
    """Return what a question is checked against, from its JSON in the full view."""
    correct = tuple(
        choice["position"] in content["correct_choices"] for choice in content["choices"]
    )
    options = tuple(choice["text"] for choice in content["choices"])
    return Checkable(
        id=public_id,
        revision=content["revision"],
        language="zh" if content["language"].startswith("zh") else "en",
        question="\n".join(dict.fromkeys((content["title"], content["prompt"]))),
        points=tuple(
            ReferencePoint(
                text=point["text"],
                title=point["title"],
                aliases=tuple(point["aliases"]),
                accepted=tuple(point["accepted"]),
                weight=point["weight"],
                required=point["required"],
            )
            for point in content["points"]
        ),
        ordered=content["ordered"],
        correct=correct,
        options=options,
        keyed=not correct or has_key(correct, options, content["answer"]),
    )


def _checked_points(
    points: Sequence[ReferencePoint], check: AnswerCheck, answer: str, language: Language
) -> tuple[CheckedPoint, ...]:
    return tuple(
        CheckedPoint(
            position=position,
            title=point.title,
            text=point.text,
            state=verdict.state,
            probability=round(verdict.probability, 4),
            confidence=round(verdict.confidence, 4),
            needs_review=verdict.needs_review,
            evidence=answer[slice(*verdict.span)] if verdict.span else None,
            span=verdict.span,
            reason=verdict.reason,
            explanation=render(f"reason.{verdict.reason}", language),
        )
        for position, (point, verdict) in enumerate(zip(points, check.points, strict=True), start=1)
    )


def _feedback(points: Sequence[ReferencePoint], check: AnswerCheck, language: Language) -> str:
    """Return how many points are covered, and by name those that are not."""
    by_state: dict[State, list[str]] = {state: [] for state in State}
    for point, verdict in zip(points, check.points, strict=True):
        by_state[verdict.state].append(_name(point))
    counts = {"covered": len(by_state[State.COVERED]), "total": len(points)}
    sentences = [render("feedback.covered", language, counts)]
    for state in (State.PARTIAL, State.MISSED, State.CONTRADICTED):
        if by_state[state]:
            names = ("、" if language == "zh" else "; ").join(by_state[state])
            sentences.append(render(f"feedback.{state}", language, {"names": names}))
    return ("" if language == "zh" else " ").join(sentences)


def _name(point: ReferencePoint) -> str:
    if point.title:
        return point.title
    text = " ".join(point.text.split())
    return text if len(text) <= _NAME_CHARACTERS else f"{text[:_NAME_CHARACTERS]}…"
