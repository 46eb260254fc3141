"""The ASGI application: create_app(settings) puts the rooms together."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse

from app import __version__
from app.api import catalogue, checks, draws, exports, health, imports, questions
from app.api.cache import ResponseCache, cache_control
from app.api.dependencies import Context, refuse_repeats
from app.api.limits import BodyLimit
from app.api.problems import install_problems
from app.config import Settings, load_settings
from app.database import Database
from app.revision import watch_revision
from app.services.intake import Intake
from app.services.judge import Judge
from app.services.selecting import Selections

_DESCRIPTION = (
    "A question bank: browse, search and draw questions, and have free-text answers checked point "
    "by point. Everything is JSON; every error is a problem document (RFC 9457) that names what is "
    "wrong, in English or Chinese as `Accept-Language` prefers."
)


def draw_seed() -> int:
    """Return a fresh seed that JavaScript can hold exactly."""
    return secrets.randbelow(2**53)


def utc_now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None,
    new_seed: Callable[[], int] = draw_seed,
    now: Callable[[], datetime] = utc_now,
    judge: Judge | None = None,
) -> FastAPI:
    """Return the application; `new_seed` gives a seed to draws without one, `now` the time.

    A `judge` that is given stays open when the application ends: others may use it too.
    """
    settings = settings or load_settings()
    owned, judge = judge is None, judge or Judge(settings)
    context = _create_context(settings, new_seed, now, judge)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await context.watch.start()
        if owned:
            judge.warm()
        yield
        if owned:
            await judge.close()
        await context.watch.stop()
        await context.database.close()

    app = FastAPIOffline(
        title="Tiku",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=lifespan,
        # Spans and metrics without a collector would only cost time on every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.context = context
    app.include_router(_routes())
    app.include_router(health.router)
    app.add_api_route("/", _to_documentation, include_in_schema=False)
    install_problems(app)
    documents = {"/v1/imports": settings.max_document_bytes}
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, exceptions=documents)
    _keep_answers(app, context)
    return app


def _create_context(
    settings: Settings, new_seed: Callable[[], int], now: Callable[[], datetime], judge: Judge
) -> Context:
    database = Database(settings.database_url, settings.database_replica_url)
    watch = watch_revision(database)
    selections = Selections(database, watch, settings.selection_bytes)
    intake = Intake(settings, database)
    return Context(settings, database, watch, selections, new_seed, now, judge, intake)


def _routes() -> APIRouter:
    router = APIRouter(prefix="/v1", dependencies=[Depends(refuse_repeats)])
    router.include_router(draws.reads)
    for part in (questions, draws, checks, catalogue, imports, exports):
        router.include_router(part.router)
    return router


async def _to_documentation() -> RedirectResponse:
    return RedirectResponse("/docs")


def _keep_answers(app: FastAPI, context: Context) -> None:
    """Put the cache around everything else, so that a ready answer waits for nothing.

    Only what is said to the pages of other origins stands further out: it differs from one origin
    to the next, and is not worth an answer each.
    """
    settings = context.settings
    cache = ResponseCache(
        app.build_middleware_stack(),
        context.watch,
        capacity=settings.cache_bytes,
        control=cache_control(settings.cache_max_age, settings.cache_stale),
        vary="Origin" if settings.cors_origins else "",
    )
    app.middleware_stack = cache
    if settings.cors_origins:
        app.middleware_stack = CORSMiddleware(
            cache,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["ETag", "Link"],
        )
