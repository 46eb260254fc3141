"""Health over HTTP: whether the process lives, and whether it can serve."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.dependencies import InContext
from app.api.problems import problem_responses
from app.services.health import check_ready

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="Is the process alive?",
    status_code=204,
    response_class=Response,
)
async def health() -> Response:
    """Answer 204 while the process runs; the database is not asked."""
    return Response(status_code=204)


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Can questions be served?",
    status_code=204,
    response_class=Response,
    responses=problem_responses(503),
)
async def readiness(context: InContext) -> Response:
    """Answer 204 where questions can be served; 503 says why they cannot."""
    await check_ready(context.database)
    return Response(status_code=204)
