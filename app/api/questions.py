"""Questions over HTTP: list, draw, get."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import InContext
from app.api.problems import problem_responses
from app.api.reading import ReadRoute
from app.api.responses import send_json, share_json
from app.services.drawing import draw_questions, list_shuffled
from app.services.questions import list_questions, read_question

router = APIRouter(prefix="/questions", tags=["questions"], route_class=ReadRoute)


@router.get(
    "",
    operation_id="listQuestions",
    summary="List questions",
    response_model=schemas.QuestionPage,
    responses=problem_responses(422),
)
async def list_(
    request: Request, context: InContext, query: Annotated[schemas.ListQuery, Query()]
) -> Response:
    """List questions, a page at a time, in the order of their documents or shuffled by a seed."""
    if query.seed is None:
        page = await list_questions(
            context.database,
            query.chosen(),
            limit=query.limit,
            cursor=query.cursor,
            view=query.view,
        )
    else:
        page = await list_shuffled(
            context.selections,
            query.chosen(),
            seed=query.seed,
            limit=query.limit,
            cursor=query.cursor,
            view=query.view,
        )
    body = b'{"items":[%b],"next_cursor":%b}' % (
        b",".join(page.items),
        orjson.dumps(page.next_cursor),
    )
    response = share_json(body)
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
async def draw(context: InContext, query: Annotated[schemas.RandomQuery, Query()]) -> Response:
    """Draw different questions at random, each that fits equally likely."""
    drawn = await draw_questions(
        context.selections,
        query.chosen(),
        count=query.count,
        seed=context.new_seed() if query.seed is None else query.seed,
        exclude=query.exclude,
        view=query.view,
    )
    body = b'{"items":[%b],"available":%d,"seed":%d}' % (
        b",".join(drawn.items),
        drawn.available,
        drawn.seed,
    )
    # Only a draw that its own address repeats is the same for all.
    return send_json(body) if query.seed is None else share_json(body)


@router.get(
    "/{id}",
    operation_id="getQuestion",
    summary="Get one question",
    response_model=schemas.Question | schemas.QuestionPrompt,
    responses=problem_responses(404, 422),
)
async def get(
    context: InContext,
    id: schemas.QuestionId,  # noqa: A002 (the name in the URL)
    query: Annotated[schemas.ViewQuery, Query()],
) -> Response:
    """Get one question."""
    return share_json(await read_question(context.database, id, query.view))
