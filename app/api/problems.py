"""Errors as problem documents (RFC 9457), in the language of the request."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.schemas import Problem
from app.errors import DatabaseUnavailableError, TikuError
from app.messages import Language, names, pick_language, render

PROBLEM_TYPE = "urn:tiku:problem:"
MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)
_UNAUTHORISED, _INVALID = 401, 422
_HTTP_KINDS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of the problems that a route answers with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "A problem", "content": content} for status in statuses}


def problem_response(
    kind: str,
    status: int,
    language: Language,
    params: Mapping[str, object] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> Response:
    """Return the problem `kind` as a response; its words are the messages of that name."""
    body = _describe(kind, status, language, params, errors)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def describe_error(error: TikuError, language: Language) -> dict[str, object]:
    """Return the problem document of an error, where it is not the whole answer."""
    return _describe(error.kind, error.status, language, error.params)


def describe_faults(
    faults: Sequence[Mapping[str, Any]], language: Language, *, within: tuple[str | int, ...]
) -> dict[str, object]:
    """Return the problem document of faults that a validator found in a part of a body."""
    located = [{**fault, "loc": ("body", *within, *fault["loc"])} for fault in faults]
    errors = [_field_problem(fault, language) for fault in located]
    params = {"fields": ", ".join(dict.fromkeys(error["field"] for error in errors))}
    return _describe("invalid-request", _INVALID, language, params, errors)


def _describe(
    kind: str,
    status: int,
    language: Language,
    params: Mapping[str, object] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> dict[str, object]:
    return {
        "type": PROBLEM_TYPE + kind,
        "title": render(f"{kind}.title", language),
        "status": status,
        "detail": render(kind, language, params),
        "errors": errors,
    }


def install_problems(app: FastAPI) -> None:
    """Make every error of the app a problem document, in its answers and in its OpenAPI."""
    _describe_problems(app)
    app.add_exception_handler(TikuError, _answer_domain_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(OperationalError, _answer_lost_database)
    app.add_exception_handler(Exception, _answer_bug)


async def _answer_domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TikuError)  # noqa: S101 (the handler's registration; for the types)
    language = request_language(request)
    errors = [_field_at_fault(error, language)] if "field" in error.params else []
    response = problem_response(error.kind, error.status, language, error.params, errors)
    if error.status == _UNAUTHORISED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry" in error.params:
        response.headers["Retry-After"] = str(error.params["retry"])
    return response


def _field_at_fault(error: TikuError, language: Language) -> dict[str, str]:
    return {
        "location": str(error.params.get("location", "query")),
        "field": str(error.params["field"]),
        "message": render(error.kind, language, error.params),
        "code": error.kind,
    }


async def _answer_lost_database(request: Request, error: Exception) -> Response:
    _log.error("the database failed in %s %s", request.method, request.url.path, exc_info=error)
    lost = DatabaseUnavailableError(reason=type(getattr(error, "orig", error)).__name__)
    return await _answer_domain_error(request, lost)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (the same)
    kind = _HTTP_KINDS.get(error.status_code, "bad-request")
    params = {"method": request.method, "path": request.url.path, "reason": error.detail}
    response = problem_response(kind, error.status_code, request_language(request), params)
    response.headers.update(error.headers or {})
    if response.headers.get("allow") == "GET":
        response.headers["allow"] = "GET, HEAD"  # see app.api.head
    return response


async def _answer_bug(request: Request, error: Exception) -> Response:
    _log.error("unhandled error in %s %s", request.method, request.url.path, exc_info=error)
    return problem_response("internal-error", 500, request_language(request))


async def _answer_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (the same)
    language = request_language(request)
    found = error.errors()
    if found[0]["type"] == "json_invalid":
        params = {"reason": found[0]["ctx"]["error"], "position": found[0]["loc"][-1]}
        return problem_response("malformed-json", 400, language, params)
    errors = [_field_problem(one, language) for one in found]
    fields = ", ".join(dict.fromkeys(one["field"] for one in errors if one["field"]))
    params = {"fields": fields or "body"}
    return problem_response("invalid-request", _INVALID, language, params, errors)


def request_language(request: Request) -> Language:
    """Return the language that the request prefers."""
    return pick_language(request.headers.get("accept-language", ""))


def _field_problem(error: Mapping[str, Any], language: Language) -> dict[str, str]:
    location, *path = error["loc"]
    return {
        "location": location,
        "field": ".".join(str(part) for part in path),
        "message": _validation_message(error, language),
        "code": error["type"],
    }


def _validation_message(error: Mapping[str, Any], language: Language) -> str:
    """Say what is wrong with a field; rare faults stay in the validator's own English."""
    name = f"invalid.{error['type']}"
    if name in names():
        return render(name, language, error.get("ctx"))
    return str(error["msg"])


def _describe_problems(app: FastAPI) -> None:
    """Put problems into OpenAPI in place of the framework's own error schemas."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document["components"]["schemas"]
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs")
        schemas["Problem"] = problem
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents
