"""Questions over HTTP: list, draw, get."""

from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import InContext, Reader
from app.api.problems import problem_responses
from app.services.drawing import draw_questions
from app.services.questions import get_question, list_questions

router = APIRouter(prefix="/questions", tags=["questions"])


@router.get(
    "",
    operation_id="listQuestions",
    summary="List questions",
    response_model=schemas.QuestionPage,
    responses=problem_responses(422),
)
async def list_(
    request: Request, db: Reader, query: Annotated[schemas.ListQuery, Query()]
) -> Response:
    """List questions, a page at a time, in the order of their documents."""
    page = await list_questions(
        db, query.chosen(), limit=query.limit, cursor=query.cursor, view=query.view
    )
    response = _json(f'{{"items":{_array(page.items)},"next_cursor":{_dump(page.next_cursor)}}}')
    if page.next_cursor:
        url = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return response


@router.get(
    "/random",
    operation_id="drawRandomQuestions",
    summary="Draw random questions",
    response_model=schemas.DrawnQuestions,
    responses=problem_responses(422),
)
async def draw(
    context: InContext, db: Reader, query: Annotated[schemas.RandomQuery, Query()]
) -> Response:
    """Draw different questions at random, each that fits equally likely."""
    drawn = await draw_questions(
        db,
        query.chosen(),
        count=query.count,
        seed=context.new_seed() if query.seed is None else query.seed,
        exclude=query.exclude,
        view=query.view,
    )
    response = _json(
        f'{{"items":{_array(drawn.items)},"available":{drawn.available},"seed":{drawn.seed}}}'
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get(
    "/{id}",
    operation_id="getQuestion",
    summary="Get one question",
    response_model=schemas.Question | schemas.QuestionPrompt,
    responses=problem_responses(404, 422),
)
async def get(
    db: Reader,
    id: schemas.QuestionId,  # noqa: A002 (the name in the URL)
    query: Annotated[schemas.ViewQuery, Query()],
) -> Response:
    """Get one question."""
    return _json(await get_question(db, id, query.view))


def _json(body: str) -> Response:
    return Response(body.encode(), media_type="application/json")


def _array(objects: Sequence[str]) -> str:
    return f"[{','.join(objects)}]"


def _dump(value: str | None) -> str:
    return orjson.dumps(value).decode()
