"""The answer check over HTTP."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import InContext, PreferredLanguage
from app.api.problems import problem_responses
from app.errors import AnswerTooLongError
from app.grading.engines import Engine
from app.services.checking import check_chosen, check_words, explain_words, get_checkable

router = APIRouter(tags=["check"])


@router.post(
    "/questions/{id}/check",
    operation_id="checkAnswer",
    summary="Check an answer point by point",
    response_model=schemas.AnswerCheckOut | schemas.ExplainedCheckOut,
    responses=problem_responses(400, 404, 409, 413, 422),
)
async def check(
    context: InContext,
    language: PreferredLanguage,
    id: schemas.QuestionId,  # noqa: A002 (the name in the URL)
    body: schemas.CheckRequest,
    query: Annotated[schemas.CheckQuery, Query()],
) -> Response:
    """Check an answer point by point; feedback is in the language that the request prefers.

    With `explain=true` the reply says of each point why: what was looked at, and what decided.
    """
    limit = context.settings.max_answer_characters
    if body.answer is not None and len(body.answer) > limit:
        raise AnswerTooLongError(limit=limit, length=len(body.answer))
    # The connection goes back before the check begins: checking takes longer than reading.
    async with context.database.reading() as db:
        checkable = await get_checkable(db, id)
    if body.answer is not None:
        engine = Engine(context.settings.engine)
        run = explain_words if query.explain else check_words
        report = await run(checkable, body.answer, engine, language)
    else:
        report = check_chosen(checkable, body.choices or [], language)
    return Response(orjson.dumps(report), media_type="application/json")
