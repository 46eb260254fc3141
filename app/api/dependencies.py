"""What routes are given: the database, the clock, a seed, the settings, the language."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.config import Settings
from app.database import Database
from app.messages import Language, pick_language
from app.revision import RevisionWatch
from app.services.intake import Intake
from app.services.judge import Judge
from app.services.selecting import Selections

_T = TypeVar("_T")
_bearer = HTTPBearer(auto_error=False, description="An API key, `tk_…`.")
REPEATABLE = frozenset({"topic", "tag", "any_tag", "ids", "exclude"})


@dataclass(frozen=True, slots=True)
class Context:
    """What an app holds for its lifetime; tests give their own source of seeds."""

    settings: Settings
    database: Database
    watch: RevisionWatch
    selections: Selections
    new_seed: Callable[[], int]
    now: Callable[[], datetime]
    judge: Judge
    intake: Intake


async def get_context(request: Request) -> Context:
    """Return the app's context."""
    context: Context = request.app.state.context
    return context


async def get_api_key(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str | None:
    """Return the API key that the request sends, valid or not; None if it sends none."""
    return credentials.credentials if credentials else None


async def get_preferred_language(request: Request) -> Language | None:
    """Return the language that the request asks for, None if it asks for none."""
    header = request.headers.get("accept-language")
    return pick_language(header) if header else None


async def unless_gone(request: Request, work: Coroutine[None, None, _T]) -> _T | None:
    """Return what work results in; give it up, and return None, where the client goes away."""
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_wait_until_gone(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return None
    finally:
        for one in (task, leaving):
            one.cancel()
        await asyncio.wait({task, leaving})


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def refuse_repeats(request: Request) -> None:
    """Refuse a parameter that is given twice but means one value: one would be ignored."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    errors = [
        {"type": "repeated", "loc": ("query", name), "msg": "given more than once"}
        for name, count in counts.items()
        if count > 1 and name not in REPEATABLE
    ]
    if errors:
        raise RequestValidationError(errors)


InContext = Annotated[Context, Depends(get_context)]
ApiKey = Annotated[str | None, Depends(get_api_key)]
PreferredLanguage = Annotated[Language | None, Depends(get_preferred_language)]
