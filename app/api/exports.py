"""The bank as a file, over HTTP."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import Reader
from app.api.problems import problem_responses
from app.services.exporting import load_document, write_export

router = APIRouter(tags=["editing"])


@router.get(
    "/export",
    operation_id="exportQuestions",
    summary="Export questions as a file",
    response_class=Response,
    responses={
        200: {
            "description": "A file of the format",
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        },
        **problem_responses(422),
    },
)
async def export(db: Reader, query: Annotated[schemas.ExportQuery, Query()]) -> Response:
    """Export the questions of a filter as a file; most formats can be imported again."""
    document = await load_document(db, query.chosen())
    file = await asyncio.to_thread(write_export, document, query.format)
    disposition = f"attachment; filename*=UTF-8''{quote(file.file_name)}"
    return Response(file.data, 200, {"Content-Disposition": disposition}, file.media_type)
