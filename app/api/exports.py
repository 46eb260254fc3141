"""The bank as a file, over HTTP."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from app.api import schemas
from app.api.dependencies import InContext
from app.api.problems import problem_responses
from app.services.exporting import load_document, media_types, write_export

router = APIRouter(tags=["editing"])


@router.get(
    "/export",
    operation_id="exportQuestions",
    summary="Export questions as a file",
    response_class=Response,
    responses={
        200: {
            "description": "A file of the format",
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in sorted(media_types())
            },
        },
        **problem_responses(422),
    },
)
async def export(context: InContext, query: Annotated[schemas.ExportQuery, Query()]) -> Response:
    """Export the questions of a filter as a file; most formats can be imported again."""
    # Loaded as a whole: a slow reader must not hold a connection, and a view of the bank, for long.
    document = await context.database.read(lambda db: load_document(db, query.chosen()))
    file = write_export(document, query.format)
    disposition = f"attachment; filename*=UTF-8''{quote(file.file_name)}"
    # Each part is made in another thread when the reader is ready for it.
    return StreamingResponse(file.parts, 200, {"Content-Disposition": disposition}, file.media_type)
