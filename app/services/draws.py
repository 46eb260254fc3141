"""Draw sessions: a draw that goes on over many requests, of which no process keeps anything.

All that is needed to go on stands in a token. A draw without quotas walks through a shuffled order,
and its token says how far it has come. A paper, with quotas, is fixed when it is made, and its
token has the questions still to come: so no edit of the bank can change a paper half-way.
"""

import base64
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from app.errors import BadDrawTokenError
from app.services.drawing import next_shuffled, read_picked
from app.services.filters import QuestionFilter, filter_values
from app.services.rendering import View
from app.services.selecting import Selection, Selections, render_ids

MAX_PAPER = 200  # questions: the token of a paper has to fit into a URL
_CHECKSUM_BYTES = 8
_CHECKSUM_NAME = b"tiku draw 1"
_MAX_UNPACKED = 100_000  # bytes
_ATTEMPTS = 4
_MOST_VALUES = 500
_BIGGEST = 2**31


class DrawOutcome(StrEnum):
    """What a draw comes to: its size, all questions that there are, or less than its quotas say."""

    COMPLETE = "complete"
    EXHAUSTED = "exhausted"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Quota:
    """How many questions of a draw are to be of a topic (its subtree), a kind, a difficulty."""

    count: int
    topic: str | None = None
    kind: str | None = None
    difficulty: int | None = None


@dataclass(frozen=True, slots=True)
class QuotaResult:
    """A quota, how many questions it got, and how many would fit it."""

    quota: Quota
    drawn: int
    available: int


@dataclass(frozen=True, slots=True)
class DrawOrder:
    """What is to be drawn: `size` questions of a filter, all for None, some of them by quotas."""

    chosen: QuestionFilter
    seed: int
    size: int | None = None
    quotas: tuple[Quota, ...] = ()
    exclude: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawPage:
    """Some questions of a draw as JSON objects; `position` counts those that came before.

    `token` is the draw from its beginning, `next_token` how it goes on, None at its end.
    """

    items: Sequence[bytes]
    position: int
    size: int | None
    available: int
    seed: int
    outcome: DrawOutcome
    quotas: Sequence[QuotaResult]
    token: str
    next_token: str | None


class _Token(BaseModel):
    """What a token may say; it comes back from outside and is read like any other input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(ge=0, lt=2**53)
    given: int = Field(default=0, ge=0)


class _Walk(_Token):
    """How far a walk has come: `last` is the question that was given out last."""

    kind: Literal["walk"] = "walk"
    chosen: QuestionFilter
    size: int | None = Field(default=None, ge=1)
    exclude: tuple[uuid.UUID, ...] = ()
    last: uuid.UUID | None = None

    @model_validator(mode="after")
    def _can_be_asked(self) -> "_Walk":
        if self.size is not None and self.given >= self.size:
            raise ValueError("nothing is left")
        values = filter_values(self.chosen).values()
        if len(values) > _MOST_VALUES or not all(map(_can_be_bound, values)):
            raise ValueError("no filter of ours")
        return self


class _Paper(_Token):
    """The questions of a paper, and what became of its quotas."""

    kind: Literal["paper"] = "paper"
    size: int
    available: int
    ids: tuple[uuid.UUID, ...] = Field(max_length=MAX_PAPER)
    quotas: tuple[QuotaResult, ...]

    @model_validator(mode="after")
    def _has_questions_left(self) -> "_Paper":
        if self.given > len(self.ids):
            raise ValueError("nothing is left")
        return self


_tokens: TypeAdapter[_Walk | _Paper] = TypeAdapter(
    Annotated[_Walk | _Paper, Field(discriminator="kind")]
)


async def start_draw(
    selections: Selections, order: DrawOrder, *, limit: int, view: View
) -> DrawPage:
    """Make a draw and return its first page; raises UnknownFilterValueError.

    A draw whose size or quotas cannot be reached is made as far as it goes, and says so.
    """
    if order.quotas:
        paper = await _make_paper(selections, order)
        return await _show_paper(selections, paper, limit, view)
    walk = _Walk(seed=order.seed, chosen=order.chosen, size=order.size, exclude=order.exclude)
    return await _go_on(selections, walk, limit=limit, view=view)


async def continue_draw(selections: Selections, token: str, *, limit: int, view: View) -> DrawPage:
    """Return the page of a draw that a token stands for; BadDrawTokenError if it was altered."""
    draw = _unpack(token)
    if isinstance(draw, _Paper):
        return await _show_paper(selections, draw, limit, view)
    return await _go_on(selections, draw, limit=limit, view=view)


async def _go_on(selections: Selections, walk: _Walk, *, limit: int, view: View) -> DrawPage:
    wanted = limit if walk.size is None else min(limit, walk.size - walk.given)

    async def pick(selection: Selection) -> list[int]:
        unwanted = set(selection.places(walk.exclude))
        # One more than asked for tells whether there are more.
        count = wanted + len(unwanted) + 1
        places = await next_shuffled(selection, walk.seed, after=walk.last, count=count)
        return [place for place in places if place not in unwanted][: wanted + 1]

    selection, places, items = await read_picked(
        selections, walk.chosen, pick, shown=wanted, view=view
    )
    given = walk.given + len(places[:wanted])
    available = len(selection) - len(selection.places(walk.exclude))
    over = len(places) <= wanted or given == walk.size
    reached = walk.size is None or (given == walk.size if over else available >= walk.size)
    following = (
        None
        if over
        else walk.model_copy(update={"given": given, "last": selection.id_at(places[wanted - 1])})
    )
    return DrawPage(
        items=items,
        position=walk.given,
        size=walk.size,
        available=available,
        seed=walk.seed,
        outcome=DrawOutcome.COMPLETE if reached else DrawOutcome.EXHAUSTED,
        quotas=(),
        token=_pack(walk.model_copy(update={"given": 0, "last": None})),
        next_token=_pack(following) if following else None,
    )


async def _show_paper(selections: Selections, paper: _Paper, limit: int, view: View) -> DrawPage:
    """Return a page of a paper; what was taken out of the bank since is left out."""
    shown = paper.ids[paper.given : paper.given + limit]
    given = paper.given + len(shown)
    short = any(one.drawn < one.quota.count for one in paper.quotas)
    fallen_short = DrawOutcome.SHORT if short else DrawOutcome.EXHAUSTED
    following = paper.model_copy(update={"given": given}) if given < len(paper.ids) else None
    _, items = await render_ids(selections.database, shown, view)
    return DrawPage(
        items=items,
        position=paper.given,
        size=paper.size,
        available=paper.available,
        seed=paper.seed,
        outcome=DrawOutcome.COMPLETE if len(paper.ids) == paper.size else fallen_short,
        quotas=paper.quotas,
        token=_pack(paper.model_copy(update={"given": 0})),
        next_token=_pack(following) if following else None,
    )


async def _make_paper(selections: Selections, order: DrawOrder) -> _Paper:
    total = sum(quota.count for quota in order.quotas)
    size = total if order.size is None else order.size
    # What the quotas leave open is drawn from the whole filter, like one more quota.
    quotas = [*order.quotas, *([Quota(size - total)] if size > total else [])]
    filters = [order.chosen, *(narrow(order.chosen, quota) for quota in quotas)]
    everything, *fitting = await _at_one_revision(selections, filters)
    candidates = [await _candidates(one, order.seed, order.exclude, count=size) for one in fitting]
    drawn = assign([quota.count for quota in quotas], candidates)
    results = tuple(
        QuotaResult(quota, len(ids), _available(selection, order.exclude))
        for quota, ids, selection in zip(quotas, drawn, fitting, strict=True)
    )
    return _Paper(
        seed=order.seed,
        size=size,
        available=_available(everything, order.exclude),
        ids=tuple(one for ids in drawn for one in ids),
        quotas=results[: len(order.quotas)],
    )


def narrow(chosen: QuestionFilter, quota: Quota) -> QuestionFilter:
    """Return the filter of a quota's questions within a draw's filter."""
    low, high = chosen.difficulty_min, chosen.difficulty_max
    if quota.difficulty is not None:
        low = max(quota.difficulty, low or quota.difficulty)
        high = min(quota.difficulty, high or quota.difficulty)
    topics = (*chosen.topics, quota.topic) if quota.topic else chosen.topics
    return replace(
        chosen,
        topics=tuple(dict.fromkeys(topics)),
        kind=quota.kind or chosen.kind,
        difficulty_min=low,
        difficulty_max=high,
    )


def assign(
    counts: Sequence[int], candidates: Sequence[Sequence[uuid.UUID]]
) -> list[list[uuid.UUID]]:
    """Return which candidates each quota gets: none twice, and as many in all as is possible.

    Quotas take in order from their candidates. One that finds all of its own taken asks their
    owners to make do with others, and these may ask on (augmenting paths; Kuhn, 1955).
    """
    owner: dict[uuid.UUID, int] = {}

    def grow(quota: int, asked: set[int]) -> bool:
        asked.add(quota)
        free = next((one for one in candidates[quota] if one not in owner), None)
        if free is not None:
            owner[free] = quota
            return True
        for one in candidates[quota]:
            if owner[one] not in asked and grow(owner[one], asked):
                owner[one] = quota
                return True
        return False

    for quota, count in enumerate(counts):
        for _ in range(count):
            if not grow(quota, set()):
                break
    return [[one for one in own if owner.get(one) == quota] for quota, own in enumerate(candidates)]


async def _at_one_revision(
    selections: Selections, filters: Sequence[QuestionFilter]
) -> list[Selection]:
    revision = 0
    for _ in range(_ATTEMPTS):
        found = [await selections.get(one, revision) for one in filters]
        revision = max(one.revision for one in found)
        if all(one.revision == revision for one in found):
            break
    return found


async def _candidates(
    selection: Selection, seed: int, exclude: Sequence[uuid.UUID], *, count: int
) -> list[uuid.UUID]:
    """Return the first questions in the order of the seed; more than a paper has cannot matter."""
    unwanted = set(selection.places(exclude))
    places = await next_shuffled(selection, seed, after=None, count=count + len(unwanted))
    return [selection.id_at(place) for place in places if place not in unwanted][:count]


def _available(selection: Selection, exclude: Sequence[uuid.UUID]) -> int:
    return len(selection) - len(selection.places(exclude))


def _pack(draw: _Walk | _Paper) -> str:
    packed = zlib.compress(draw.model_dump_json().encode(), 9)
    return base64.urlsafe_b64encode(_checksum(packed) + packed).rstrip(b"=").decode()


def _unpack(token: str) -> _Walk | _Paper:
    """Return what a token says. The checksum tells a torn one; what it says is still input."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        checksum, packed = data[:_CHECKSUM_BYTES], data[_CHECKSUM_BYTES:]
        if checksum != _checksum(packed):
            raise BadDrawTokenError(location="path", field="token")
        return _tokens.validate_json(zlib.decompressobj().decompress(packed, _MAX_UNPACKED))
    except (ValueError, zlib.error) as error:
        raise BadDrawTokenError(location="path", field="token") from error


def _can_be_bound(value: object) -> bool:
    """Say whether every database takes a value."""
    return (
        "\0" not in value
        if isinstance(value, str)
        else not isinstance(value, int) or (abs(value) < _BIGGEST)
    )


def _checksum(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=_CHECKSUM_BYTES, key=_CHECKSUM_NAME).digest()
