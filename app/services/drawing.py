"""Drawing questions at random, and reading the bank in a shuffled order."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.errors import BadCursorError
from app.services.filters import QuestionFilter
from app.services.pages import make_cursor, read_cursor
from app.services.questions import Page
from app.services.rendering import View
from app.services.selecting import Selection, Selections, render_ids
from app.services.shuffling import shuffled

_ATTEMPTS = 4
_ASIDE = 20_000  # questions; mixing more would hold up other requests


class Order(StrEnum):
    """In which order questions are listed: by rank, as in their documents, or shuffled."""

    RELEVANCE = "relevance"
    DOCUMENT = "document"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Draw:
    """Drawn questions as JSON objects, out of how many, and the seed that draws them again."""

    items: Sequence[bytes]
    available: int
    seed: int


async def draw_questions(
    selections: Selections,
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

    async def pick(selection: Selection) -> list[int]:
        return sample(selection, count=count, seed=seed, exclude=exclude)

    selection, _, items = await read_picked(selections, chosen, pick, shown=count, view=view)
    return Draw(items, len(selection) - len(selection.places(exclude)), seed)


def sample(
    selection: Selection, *, count: int, seed: int, exclude: Sequence[uuid.UUID]
) -> list[int]:
    """Return different places of a selection at random, every set of them equally likely."""
    unwanted = selection.places(exclude)
    left = len(selection) - len(unwanted)
    # Not for secrets: a draw must be repeatable from its seed.
    ranks = random.Random(seed).sample(range(left), min(count, left))  # noqa: S311
    return [_skip(rank, unwanted) for rank in ranks] if unwanted else ranks


def _skip(rank: int, unwanted: Sequence[int]) -> int:
    """Return the place of a rank among the places that are not unwanted, which ascend."""
    for place in unwanted:
        if place > rank:
            break
        rank += 1
    return rank


async def list_shuffled(
    selections: Selections,
    chosen: QuestionFilter,
    *,
    seed: int,
    limit: int,
    cursor: str | None,
    view: View,
) -> Page:
    """Return a page of a filter's questions in the shuffled order of a seed.

    Every question that is there all the while comes exactly once, whatever comes and goes between
    the pages. Raises UnknownFilterValueError, and BadCursorError for a cursor of another list.
    """
    after = None if cursor is None else _read_last(cursor, chosen, seed)

    async def pick(selection: Selection) -> list[int]:
        return await next_shuffled(selection, seed, after=after, count=limit + 1)

    selection, places, items = await read_picked(selections, chosen, pick, shown=limit, view=view)
    # One more than asked for tells whether there is a next page.
    last = selection.id_at(places[limit - 1]).hex if len(places) > limit else None
    return Page(items, make_cursor((last,), chosen, seed) if last else None)


async def next_shuffled(
    selection: Selection, seed: int, *, after: uuid.UUID | None, count: int
) -> list[int]:
    """Return the next places of a selection in the order of a seed, without holding others up."""
    if len(selection) <= _ASIDE:
        return shuffled(selection, seed, after=after, count=count)
    return await asyncio.to_thread(shuffled, selection, seed, after=after, count=count)


async def read_picked(
    selections: Selections,
    chosen: QuestionFilter,
    pick: Callable[[Selection], Awaitable[list[int]]],
    *,
    shown: int,
    view: View,
) -> tuple[Selection, list[int], list[bytes]]:
    """Pick places of a filter's selection and read the first `shown`, at one and the same revision.

    Where the bank changes between the two, it is done again: a question may no longer fit. A bank
    that changes faster than that is answered from the last attempt.
    """
    revision: int | None = None
    for _ in range(_ATTEMPTS):
        selection = await selections.get(chosen, revision or 0)
        places = await pick(selection)
        ids = [selection.id_at(place) for place in places[:shown]]
        revision, items = await render_ids(selections.database, ids, view)
        if revision == selection.revision or not ids:
            break
    return selection, places, items


def _read_last(cursor: str, chosen: QuestionFilter, seed: int) -> uuid.UUID:
    try:
        (last,) = read_cursor(cursor, chosen, seed)
        return uuid.UUID(hex=str(last))
    except ValueError as error:
        raise BadCursorError(field="cursor", cursor=cursor) from error
