"""Auditing the bank: which questions cannot be checked well, and why."""

import os
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.grading.audit import Fault, FaultKind, Reference, audit
from app.grading.choices import has_key
from app.grading.engines import Engine
from app.messages import Language, render
from app.models import Question
from app.services.checking import Checkable, read_checkable
from app.services.filters import QuestionFilter, check_filter, conditions
from app.services.questions import render_view, view_columns
from app.services.rendering import View

_FEW = 40  # questions for which no further process is worth its start


@dataclass(frozen=True, slots=True)
class Auditable:
    """A question as it is audited: what it is checked against, and what people know it by."""

    checkable: Checkable
    source: str
    number: str | None
    title: str
    answer: str


@dataclass(frozen=True, slots=True)
class Audited:
    """A question and its faults."""

    id: uuid.UUID
    source: str
    number: str | None
    title: str
    faults: tuple[Fault, ...]


async def load_auditable(db: AsyncConnection, chosen: QuestionFilter) -> list[Auditable]:
    """Return the published questions of a filter, in the order of their documents.

    Raises UnknownFilterValueError.
    """
    await check_filter(db, chosen)
    order = (col(Question.source_id), col(Question.position), col(Question.id))
    query = sa.select(*view_columns(View.FULL)).where(*conditions(chosen)).order_by(*order)
    return [_auditable(orjson.loads(render_view(row))) for row in await db.execute(query)]


def audit_all(questions: Sequence[Auditable], engine: Engine) -> Iterator[Audited]:
    """Yield each question with its faults, in order; many are shared among the cores."""
    one = partial(audit_question, engine=engine)
    if len(questions) < _FEW:
        yield from map(one, questions)
        return
    # A process that was forked would have the threads of this one, but not their state.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, questions, chunksize=4)


def audit_question(question: Auditable, engine: Engine) -> Audited:
    """Return a question with its faults."""
    return Audited(
        id=question.checkable.id,
        source=question.source,
        number=question.number,
        title=question.title,
        faults=tuple(_find_faults(question, engine)),
    )


def describe_fault(fault: Fault, language: Language) -> str:
    """Return what is wrong, in a sentence."""
    params = {"points": ", ".join(map(str, fault.points)), "detail": fault.detail}
    return render(f"fault.{fault.kind}", language, params)


def describe_audit(
    audited: Sequence[Audited], seconds: float, engine: Engine, language: Language
) -> dict[str, Any]:
    """Return an audit as plain data: how many questions, how fast, and those with faults."""
    return {
        "questions": len(audited),
        "seconds": round(seconds, 2),
        "questions_per_second": round(len(audited) / seconds, 1) if seconds else None,
        "engine": engine,
        "found": [
            {
                "id": str(one.id),
                "source": one.source,
                "number": one.number,
                "title": one.title,
                "faults": [
                    {
                        "kind": fault.kind,
                        "points": list(fault.points),
                        "detail": fault.detail,
                        "message": describe_fault(fault, language),
                    }
                    for fault in one.faults
                ],
            }
            for one in audited
            if one.faults
        ],
    }


def _auditable(content: dict[str, Any]) -> Auditable:
    return Auditable(
        checkable=read_checkable(uuid.UUID(content["id"]), content),
        source=content["source"],
        number=content["number"],
        title=content["title"],
        answer=content["answer"],
    )


def _find_faults(question: Auditable, engine: Engine) -> list[Fault]:
    checkable = question.checkable
    if checkable.correct:
        known = has_key(checkable.correct, checkable.options, question.answer)
        return [] if known else [Fault(FaultKind.NO_KEY)]
    if not checkable.points:
        return [Fault(FaultKind.NOTHING_TO_CHECK)]
    reference = Reference(
        checkable.question, checkable.points, question.answer, ordered=checkable.ordered
    )
    return audit(reference, engine)
