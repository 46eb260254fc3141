"""Documents over HTTP: bytes in, the plan and what it did out."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import ApiKey, Context, InContext
from app.api.problems import problem_responses, request_language
from app.errors import NothingToImportError
from app.models import Scope
from app.services.access import require_scope
from app.services.intake import Delivery

router = APIRouter(tags=["editing"])

_FORM = "multipart/form-data"
_PART = "files"
_TEXT = {"schema": {"type": "string"}}
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_BODY = {
    "required": True,
    "content": {
        "text/markdown": {**_TEXT, "example": "### 什么是缓存？\n\n**答案：** 快速存储里的副本。"},
        _FORM: {"schema": {"type": "object", "properties": {_PART: _FILES}, "required": [_PART]}},
    },
}


@router.post(
    "/imports",
    operation_id="importDocuments",
    summary="Import documents, or show what an import would do",
    response_model=schemas.ImportReport,
    responses=problem_responses(401, 403, 413, 422),
    openapi_extra={"requestBody": _BODY},
)
async def import_(
    request: Request,
    context: InContext,
    key: ApiKey,
    query: Annotated[schemas.ImportQuery, Query()],
) -> Response:
    """Import a document, or several as a form; `dry_run` shows the plan and needs no key.

    Each document is one transaction. None is begun before all have been read.
    """
    author = "-" if query.dry_run else await _editor(context, key)
    delivery = Delivery(
        files=await _uploads(request, query.name),
        profile=query.profile,
        now=context.now(),
        author=author,
        dry_run=query.dry_run,
        archive_missing=query.archive_missing,
        language=request_language(request),
    )
    return Response(await context.intake.take(delivery), media_type="application/json")


async def _editor(context: Context, key: str | None) -> str:
    """Return the name of the key, for the revisions; raises what an invalid one deserves."""
    async with context.database.reading() as db:
        return (await require_scope(db, key, Scope.EDIT, now=context.now())).name


async def _uploads(request: Request, name: str) -> list[tuple[str, bytes]]:
    """Return the name and the bytes of each document of a request."""
    if request.headers.get("content-type", "").lower().startswith(_FORM):
        async with request.form() as form:
            parts = form.multi_items()
            _refuse_unknown_parts(parts)
            files = [file for _, file in parts if isinstance(file, UploadFile)]
            found = [(file.filename or name, await file.read()) for file in files]
    else:
        body = await request.body()
        found = [(name, body)] if body else []
    if not found:
        raise NothingToImportError
    return found


def _refuse_unknown_parts(parts: Sequence[tuple[str, UploadFile | str]]) -> None:
    """Raise RequestValidationError that names every part which is no file of `files`."""
    errors = [
        {
            "type": "extra_forbidden" if part != _PART else "no_file",
            "loc": ("body", part),
            "msg": "",
        }
        for part, value in parts
        if part != _PART or isinstance(value, str)
    ]
    if errors:
        raise RequestValidationError(errors)
