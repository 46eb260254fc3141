"""Draw sessions over HTTP: mock papers and walks through the bank, continued by a token."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import InContext
from app.api.problems import problem_responses
from app.api.reading import ReadRoute
from app.api.responses import send_json, share_json
from app.services.draws import DrawPage, continue_draw, start_draw

router = APIRouter(prefix="/draws", tags=["questions"])
reads = APIRouter(prefix="/draws", tags=["questions"], route_class=ReadRoute)

_MAX_TOKEN = 12_000


@router.post(
    "",
    operation_id="startDraw",
    summary="Start a draw",
    response_model=schemas.DrawOut,
    responses=problem_responses(400, 413, 422),
)
async def start(
    context: InContext,
    body: schemas.DrawRequest,
    query: Annotated[schemas.DrawQuery, Query()],
) -> Response:
    """Draw questions, with quotas if wanted; the answer has the first page and how to go on."""
    page = await start_draw(
        context.selections,
        body.order(context.new_seed()),
        limit=query.limit,
        view=query.view,
    )
    return send_json(_body(page))


@reads.get(
    "/{token}",
    operation_id="continueDraw",
    summary="Continue a draw",
    response_model=schemas.DrawOut,
    responses=problem_responses(422),
)
async def go_on(
    context: InContext,
    token: Annotated[str, Path(max_length=_MAX_TOKEN)],
    query: Annotated[schemas.DrawQuery, Query()],
) -> Response:
    """Return the page of a draw that a token stands for, in any process, as often as asked."""
    page = await continue_draw(
        context.selections,
        token,
        limit=query.limit,
        view=query.view,
    )
    return share_json(_body(page))


def _body(page: DrawPage) -> bytes:
    """Return a page as JSON; the questions in it are JSON already."""
    fields = {
        "items": orjson.Fragment(b"[%b]" % b",".join(page.items)),
        "position": page.position,
        "size": page.size,
        "available": page.available,
        "seed": page.seed,
        "outcome": page.outcome,
        "quotas": [
            {
                "count": one.quota.count,
                "topic": one.quota.topic,
                "kind": one.quota.kind,
                "difficulty": one.quota.difficulty,
                "drawn": one.drawn,
                "available": one.available,
            }
            for one in page.quotas
        ],
        "token": page.token,
        "next_token": page.next_token,
    }
    return orjson.dumps(fields)
