"""The answer check over HTTP."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import Context, InContext, PreferredLanguage, unless_gone
from app.api.problems import describe_error, describe_faults, problem_responses, request_language
from app.errors import AnswerTooLongError, TikuError
from app.messages import Language
from app.services.checking import (
    CheckReport,
    Given,
    check_batch,
    check_chosen,
    check_words,
    explain_words,
    get_checkable,
    get_checkables,
)

router = APIRouter(tags=["check"])
_GONE = 499  # nobody reads it; the name that logs use for clients that went away
# A verdict is about one learner's answer: no cache in between may keep it.
_UNSHARED = {"Cache-Control": "no-store"}


@router.post(
    "/questions/{id}/check",
    operation_id="checkAnswer",
    summary="Check an answer point by point",
    response_model=schemas.AnswerCheckOut | schemas.ExplainedCheckOut,
    responses=problem_responses(400, 404, 409, 413, 422, 500, 503, 504),
)
async def check(
    request: Request,
    context: InContext,
    language: PreferredLanguage,
    id: schemas.QuestionId,  # noqa: A002 (the name in the URL)
    body: schemas.CheckRequest,
    query: Annotated[schemas.CheckQuery, Query()],
) -> Response:
    """Check an answer point by point; feedback is in the language that the request prefers.

    With `explain=true` the reply says of each point why: what was looked at, and what decided.
    """
    _refuse_long(body, context)
    # The connection goes back before the check begins: checking takes longer than reading.
    checkable = await context.database.read(lambda db: get_checkable(db, id))
    if body.answer is None:
        return _answer(check_chosen(checkable, body.choices or [], language))
    with context.judge.admitted():
        run = explain_words if query.explain else check_words
        checking = run(checkable, body.answer, context.judge, language)
        return _answer(await unless_gone(request, checking))


@router.post(
    "/checks",
    operation_id="checkAnswers",
    summary="Check many answers, each on its own",
    response_model=schemas.CheckBatchOut,
    responses=problem_responses(400, 413, 422, 503),
)
async def check_many(
    request: Request,
    context: InContext,
    language: PreferredLanguage,
    body: schemas.CheckBatch,
    _query: Annotated[schemas.NoQuery, Query()],
) -> Response:
    """Check many answers; what is wrong with one of them is that one's problem only."""
    _refuse_many(body, context)
    spoken = request_language(request)
    prepared = [_prepare(at, one, context, spoken) for at, one in enumerate(body.items())]
    given = [one for one in prepared if isinstance(one, Given)]
    ids = {one.question_id for one in given}
    checkables = await context.database.read(lambda db: get_checkables(db, ids))
    with context.judge.admitted():
        checking = check_batch(given, checkables, context.judge, language)
        outcomes = await unless_gone(request, checking)
    if outcomes is None:
        return _answer(None)
    reports = iter(outcomes)
    items = [next(reports) if isinstance(one, Given) else one for one in prepared]
    return _answer({"items": [_describe(one, spoken) for one in items]})


def _prepare(
    at: int, item: schemas.CheckItem | list[ErrorDetails], context: Context, language: Language
) -> Given | dict[str, object]:
    """Return what is to be checked, or the problem document of what cannot be."""
    if not isinstance(item, schemas.CheckItem):
        return describe_faults(item, language, within=("checks", at))
    try:
        _refuse_long(item, context)
    except AnswerTooLongError as error:
        return describe_error(error, language)
    return Given(item.question_id, item.answer, tuple(item.choices or ()))


def _describe(
    outcome: CheckReport | TikuError | dict[str, object], language: Language
) -> dict[str, object]:
    if isinstance(outcome, CheckReport):
        return {"check": outcome, "problem": None}
    if isinstance(outcome, TikuError):
        outcome = describe_error(outcome, language)
    return {"check": None, "problem": outcome}


def _answer(content: object) -> Response:
    """Return content as JSON; None means that nobody waits for it any more."""
    if content is None:
        return Response(status_code=_GONE)
    return Response(orjson.dumps(content), headers=_UNSHARED, media_type="application/json")


def _refuse_long(body: schemas.CheckRequest, context: Context) -> None:
    limit = context.settings.max_answer_characters
    if body.answer is not None and len(body.answer) > limit:
        raise AnswerTooLongError(limit=limit, length=len(body.answer))


def _refuse_many(body: schemas.CheckBatch, context: Context) -> None:
    limit = context.settings.max_checks
    if len(body.checks) > limit:
        fault = {"type": "too_long", "loc": ("body", "checks"), "ctx": {"max_length": limit}}
        raise RequestValidationError([fault | {"msg": f"more than {limit} entries"}])
