"""What there is to filter by, over HTTP: topics, tags, sources, and how many questions of each."""

from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api import schemas
from app.api.dependencies import InContext
from app.api.problems import problem_responses
from app.api.responses import share_json
from app.services.catalogue import list_sources, list_tags
from app.services.statistics import count_questions
from app.services.topics import list_topics

router = APIRouter(tags=["catalogue"], responses=problem_responses(422))

Nothing = Annotated[schemas.NoQuery, Query()]


@router.get(
    "/topics",
    operation_id="listTopics",
    summary="List topics as a tree",
    response_model=schemas.TopicTree,
)
async def topics(context: InContext, _query: Nothing) -> Response:
    """List topics as a tree, each with the number of questions in it and below."""
    return _items(await context.database.read(list_topics))


@router.get("/tags", operation_id="listTags", summary="List tags", response_model=schemas.TagList)
async def tags(context: InContext, _query: Nothing) -> Response:
    """List tags with their numbers of questions."""
    return _items(await context.database.read(list_tags))


@router.get(
    "/sources",
    operation_id="listSources",
    summary="List sources",
    response_model=schemas.SourceList,
)
async def sources(context: InContext, _query: Nothing) -> Response:
    """List the documents that questions came from."""
    return _items(await context.database.read(list_sources))


@router.get(
    "/stats",
    operation_id="countQuestions",
    summary="Count the questions of a filter",
    response_model=schemas.StatisticsOut,
)
async def stats(context: InContext, query: Annotated[schemas.FilterQuery, Query()]) -> Response:
    """Count the questions of a filter by topic, tag, kind, difficulty, language and source."""
    return share_json(orjson.dumps(await count_questions(context.database, query.chosen())))


def _items(items: Sequence[object]) -> Response:
    body = orjson.dumps({"items": items}, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)
    return share_json(body)
