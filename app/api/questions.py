"""Questions over HTTP: list, search, draw, get."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import Context, InContext
from app.api.problems import problem_responses
from app.api.reading import ReadRoute
from app.api.responses import send_json, share_json
from app.services.drawing import draw_questions, list_shuffled
from app.services.questions import Page, list_questions, read_question
from app.services.searching import FoundPage, list_found, search_questions
from app.services.similarity import find_similar

router = APIRouter(prefix="/questions", tags=["questions"], route_class=ReadRoute)


@router.get(
    "",
    operation_id="listQuestions",
    summary="List or search questions",
    response_model=schemas.FoundPage | schemas.QuestionPage,
    responses=problem_responses(422),
)
async def list_(
    request: Request, context: InContext, query: Annotated[schemas.ListQuery, Query()]
) -> Response:
    """List questions, a page at a time: the best first, as in their documents, or shuffled."""
    page, more = await _read_page(context, query)
    body = b'{"items":[%b],"next_cursor":%b%b}' % (
        b",".join(page.items),
        orjson.dumps(page.next_cursor),
        more,
    )
    response = share_json(body)
    if page.next_cursor:
        url = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return response


async def _read_page(context: Context, query: schemas.ListQuery) -> tuple[Page, bytes]:
    """Return a page, and what its JSON has beside the questions and the cursor."""
    chosen, limit, cursor, view = query.chosen(), query.limit, query.cursor, query.view
    if query.seed is not None:
        shuffle = context.selections
        return await list_shuffled(
            shuffle, chosen, seed=query.seed, limit=limit, cursor=cursor, view=view
        ), b""
    if not query.q.strip():
        page = await list_questions(context.database, chosen, limit=limit, cursor=cursor, view=view)
        return page, b""
    read = search_questions if query.is_ranked() else list_found
    found = await read(context.database, chosen, limit=limit, cursor=cursor, view=view)
    return found.page, _describe_search(found)


def _describe_search(found: FoundPage) -> bytes:
    hits = [
        {
            "fields": [
                {
                    "field": one.field,
                    "position": one.position,
                    "offset": one.snippet.offset,
                    "text": one.snippet.text,
                    "spans": one.snippet.spans,
                }
                for one in fields
            ]
        }
        for fields in found.hits
    ]
    return b"," + orjson.dumps({"hits": hits, "total": found.total, "capped": found.capped})[1:-1]


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


@router.get(
    "/{id}/similar",
    operation_id="listSimilarQuestions",
    summary="List similar questions",
    response_model=schemas.SimilarQuestions,
    responses=problem_responses(404, 422),
)
async def similar(
    context: InContext,
    id: schemas.QuestionId,  # noqa: A002 (the name in the URL)
    query: Annotated[schemas.SimilarQuery, Query()],
) -> Response:
    """List the questions that share most of a question's telling words."""
    found = await find_similar(context.database, id, limit=query.limit, view=query.view)
    overlaps = orjson.dumps(found.overlaps)
    return share_json(b'{"items":[%b],"overlaps":%b}' % (b",".join(found.items), overlaps))
