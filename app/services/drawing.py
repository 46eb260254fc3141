"""Drawing questions at random: every question of the filter is equally likely."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.models import Question
from app.services.filters import QuestionFilter, check_filter, conditions
from app.services.questions import render_view, view_columns
from app.services.rendering import View


@dataclass(frozen=True, slots=True)
class Draw:
    """Drawn questions as JSON objects, out of how many, and the seed that draws them again."""

    items: Sequence[str]
    available: int
    seed: int


async def draw_questions(
    db: AsyncConnection,
    chosen: QuestionFilter,
    *,
    count: int,
    seed: int,
    exclude: Sequence[uuid.UUID],
    view: View,
) -> Draw:
    """Draw `count` different questions uniformly from a filter, fewer if it has fewer.

    The same seed draws the same questions from the same bank, on every installation: public ids,
    not row ids, are what is drawn from. Raises UnknownFilterValueError.
    """
    await check_filter(db, chosen)
    query = sa.select(col(Question.public_id), col(Question.id)).where(*conditions(chosen))
    unwanted = set(exclude)
    candidates = sorted(
        (public_id, row_id)
        for public_id, row_id in await db.execute(query)
        if public_id not in unwanted
    )
    # Not for secrets: a draw must be repeatable from its seed.
    drawn = random.Random(seed).sample(candidates, min(count, len(candidates)))  # noqa: S311
    return Draw(await _render(db, [row_id for _, row_id in drawn], view), len(candidates), seed)


async def _render(db: AsyncConnection, row_ids: Sequence[int], view: View) -> list[str]:
    """Return the questions as JSON in the order of the ids."""
    query = sa.select(col(Question.id), *view_columns(view)).where(col(Question.id).in_(row_ids))
    rendered = {row.id: render_view(row) for row in await db.execute(query)}
    return [rendered[row_id] for row_id in row_ids]
