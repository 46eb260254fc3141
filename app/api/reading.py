"""Reads: GET routes whose parameters are taken in in one step.

The framework looks at every parameter by itself and at every dependency of a request, which takes
several times as long as finding a question. A read needs neither: its query is one model, and all
else that it is given is the app's context. Declared it is like every other route.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.api.dependencies import REPEATABLE, refuse_repeats

Errors = list[dict[str, Any]]

_REMEMBERED = 1024
_MOST_REMEMBERED_BYTES = 512


class ReadRoute(APIRoute):
    """A route whose function takes `context`, `query`, maybe `request`, and parts of its path.

    It runs no dependencies: its own are refused, those of a router around it are passed over, so
    what all requests have to go through is a layer of ASGI.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        endpoint = self.endpoint
        if any(one.dependency is not refuse_repeats for one in self.dependencies):
            raise TypeError(f"{self.path}: a read has no dependencies")
        hints = get_type_hints(endpoint, include_extras=True)
        names = inspect.signature(endpoint).parameters.keys()
        model: type[BaseModel] = get_type_hints(endpoint)["query"]
        parts = {name: TypeAdapter(hints[name]) for name in names - {"context", "query", "request"}}
        wants_request = "request" in names

        async def answer(request: Request) -> Response:
            scope = request.scope
            errors: Errors = []
            values = {
                name: _take(part, "path", name, scope["path_params"][name], errors)
                for name, part in parts.items()
            }
            values["query"] = _take_query(model, scope["query_string"], errors)
            if errors:
                raise RequestValidationError(errors)
            values["context"] = scope["app"].state.context
            if wants_request:
                values["request"] = request
            response: Response = await endpoint(**values)
            return response

        return answer


def _take(adapter: TypeAdapter[Any], where: str, name: str, value: str, errors: Errors) -> object:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        errors += _located(error, where, name)
        return None


def _take_query(model: type[BaseModel], query: bytes, errors: Errors) -> BaseModel | None:
    read = _read_again if len(query) <= _MOST_REMEMBERED_BYTES else _read_query
    try:
        return read(model, query)
    except RequestValidationError as error:
        errors += error.errors()
        return None


def _read_query(model: type[BaseModel], query: bytes) -> BaseModel:
    """Return a query string as its model; raises RequestValidationError.

    A parameter that is given twice but means one value is refused: one would be ignored.
    """
    values: dict[str, Any] = {}
    repeated = set()
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in REPEATABLE:
            values.setdefault(name, []).append(value)
        elif name in values:
            repeated.add(name)
        else:
            values[name] = value
    if repeated:
        raise RequestValidationError(
            [
                {"type": "repeated", "loc": ("query", name), "msg": "given more than once"}
                for name in sorted(repeated)
            ]
        )
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(_located(error, "query")) from error


# Clients draw again and again with the same query, which no cache of answers may answer.
_read_again = lru_cache(_REMEMBERED)(_read_query)


def _located(error: ValidationError, *where: str) -> Errors:
    return [{**one, "loc": (*where, *one["loc"])} for one in error.errors(include_url=False)]
