"""Draws: uniform under every filter, shuffles that edits do not disturb, papers with quotas."""

import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import NormalDist
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.database import Database
from app.documents.document import Choice, Item, QuestionKind
from app.errors import BadDrawTokenError, UnknownFilterValueError
from app.main import create_app
from app.revision import watch_revision
from app.services.drawing import draw_questions, list_shuffled, sample
from app.services.draws import (
    DrawOrder,
    DrawOutcome,
    DrawPage,
    Quota,
    assign,
    continue_draw,
    start_draw,
)
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.rendering import View
from app.services.selecting import Selection, Selections
from app.services.shuffling import mix_one, shuffled
from tests.conftest import NOW
from tests.factories import make_document, make_item
from tests.stores import Store

_DRAWS = 1_500
_ALL = QuestionFilter()


def _items() -> Iterator[Item]:
    """Yield 48 questions over topics, tags, difficulties, kinds and languages."""
    for number in range(48):
        item = make_item(
            f"第{number}题？",
            answer=f"第{number}个答案。",
            topics=(("甲",), ("甲", "乙"), ("丙",))[number % 3],
            tags=(f"t{number % 4}", f"u{number % 2}"),
            difficulty=number % 5 + 1,
            language="zh" if number % 6 else "en",
            key=f"q-{number}",
        )
        if number % 8 == 0:
            choices = (Choice("对", correct=True), Choice("错", correct=False))
            item = replace(item, choices=choices, kind=QuestionKind.SINGLE_CHOICE)
        yield item


async def _fill(database: Database, items: Sequence[Item]) -> None:
    document = make_document(*items, slug="many")
    await import_document(database, document, now=NOW, author="test", archive_missing=True)


@pytest.fixture
async def selections(database: Database) -> AsyncIterator[Selections]:
    """Give the selections of a bank with 48 questions."""
    await _fill(database, list(_items()))
    watch = watch_revision(database)
    yield Selections(database, watch, 1_000_000)
    await watch.stop()


def _critical(degrees: int) -> float:
    """Return what chi-squared exceeds once in a thousand times (Wilson and Hilferty, 1931)."""
    spread = 2 / (9 * degrees)
    cube: float = (1 - spread + NormalDist().inv_cdf(0.999) * spread**0.5) ** 3
    return degrees * cube


def _chi_squared(counts: Counter[Any], kinds: int) -> float:
    expected = counts.total() / kinds
    missing = kinds - len(counts)
    return sum((n - expected) ** 2 / expected for n in counts.values()) + missing * expected


@pytest.mark.parametrize(
    ("chosen", "fitting"),
    [
        (_ALL, 48),
        (QuestionFilter(topics=("甲",)), 32),
        (QuestionFilter(topics=("甲", "乙")), 16),
        (QuestionFilter(tags=("t1", "u1")), 12),
        (QuestionFilter(any_tags=("t1", "t2")), 24),
        (QuestionFilter(kind="single_choice"), 6),
        (QuestionFilter(difficulty_min=2, difficulty_max=3), 20),
        (QuestionFilter(topics=("甲",), difficulty_max=2), 14),
        (QuestionFilter(language="en"), 8),
        (QuestionFilter(source="many", query="答案"), 48),
    ],
)
async def test_draws_are_uniform_under_every_filter(
    selections: Selections, chosen: QuestionFilter, fitting: int
) -> None:
    """Over many seeds every question that fits comes equally often, and no other ever."""
    counts: Counter[Any] = Counter()
    for seed in range(_DRAWS):
        draw = await draw_questions(
            selections, chosen, count=1, seed=seed, exclude=(), view=View.PROMPT
        )
        counts[orjson.loads(draw.items[0])["id"]] += 1

    assert draw.available == fitting
    assert len(counts) == fitting
    assert _chi_squared(counts, fitting) < _critical(fitting - 1)


async def test_sets_and_exclusions_are_uniform(selections: Selections) -> None:
    """Every pair of what is left after exclusions is equally likely, in both orders."""
    selection = await selections.get(QuestionFilter(tags=("t1",)))
    ids = [selection.id_at(place) for place in range(len(selection))]
    exclude = (ids[0], ids[5], ids[11], uuid.UUID(int=7))
    left = [place for place in range(12) if place not in {0, 5, 11}]
    pairs = Counter(
        tuple(sample(selection, count=2, seed=seed, exclude=exclude)) for seed in range(20_000)
    )

    assert {place for pair in pairs for place in pair} == set(left)
    assert _chi_squared(pairs, 9 * 8) < _critical(9 * 8 - 1)
    assert sorted(sample(selection, count=99, seed=1, exclude=exclude)) == left


async def test_the_first_of_a_shuffle_is_uniform(selections: Selections) -> None:
    """Over many seeds every question leads the shuffled order equally often."""
    selection = await selections.get(_ALL)
    firsts = Counter(shuffled(selection, seed, after=None, count=1)[0] for seed in range(20_000))
    seconds = Counter(
        tuple(shuffled(selection, seed, after=None, count=2)) for seed in range(30_000)
    )

    assert _chi_squared(firsts, 48) < _critical(47)
    assert _chi_squared(seconds, 48 * 47) < _critical(48 * 47 - 1)


def _selection(ids: Sequence[int]) -> Selection:
    """Return a selection of ids that differ only in few bits, as hand-made ones do."""
    values = sorted(ids)
    high = np.array([value >> 4 for value in values], dtype=np.uint64)
    low = np.array([value & 15 for value in values], dtype=np.uint64)
    return Selection(1, high, low)


_IDS = st.integers(min_value=0, max_value=255)


@settings(max_examples=200, deadline=None)
@given(
    start=st.sets(_IDS),
    edits=st.lists(st.tuples(st.sets(_IDS, max_size=40), st.sets(_IDS, max_size=40))),
    seed=st.integers(min_value=0, max_value=2**53 - 1),
    count=st.integers(min_value=1, max_value=30),
)
def test_a_shuffle_survives_edits(
    start: set[int], edits: list[tuple[set[int], set[int]]], seed: int, count: int
) -> None:
    """Whatever comes and goes between pages: nothing twice, and all that stayed comes.

    The ids collide in what is mixed, so ties are met as well.
    """
    there, always, seen = set(start), set(start), list[uuid.UUID]()
    changes = iter(edits)
    while True:
        selection = _selection(sorted(there))
        after = seen[-1] if seen else None
        places = shuffled(selection, seed, after=after, count=count)
        if not places:
            break
        seen += [selection.id_at(place) for place in places]
        added, removed = next(changes, (set(), set()))
        there = (there | added) - removed
        always &= there

    assert len(set(seen)) == len(seen)
    assert {_selection([one]).id_at(0) for one in always} <= set(seen)
    order = [(mix_one(one, seed), one) for one in seen]
    assert order == sorted(order)


async def test_pages_of_a_shuffle_survive_imports(
    database: Database, selections: Selections
) -> None:
    """The same over a real bank: questions are added, changed and archived between the pages."""
    items = list(_items())
    seen: list[str] = []
    cursor = None
    for step in range(100):
        page = await list_shuffled(selections, _ALL, seed=5, limit=5, cursor=cursor, view=View.FULL)
        seen += [orjson.loads(item)["title"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        gone = items.pop(step)
        items[0] = replace(items[0], explanation=f"改于第{step}步。")
        items.append(make_item(f"新{step}？", answer=f"新答案{step}。", key=f"n-{step}"))
        await _fill(database, items)

        assert gone.title not in seen or seen.count(gone.title) == 1

    assert len(seen) == len(set(seen))
    assert {item.title for item in items if not item.title.startswith("新")} <= set(seen)


async def test_a_seed_gives_one_order(selections: Selections) -> None:
    """Pages of any size join to the same order; another seed gives another."""

    async def titles(seed: int, limit: int) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            page = await list_shuffled(
                selections, _ALL, seed=seed, limit=limit, cursor=cursor, view=View.PROMPT
            )
            found += [orjson.loads(item)["title"] for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    once = await titles(1, 7)

    assert once == await titles(1, 48) == await titles(1, 100)
    assert sorted(once) == sorted(await titles(2, 16))
    assert once != await titles(2, 16)


async def test_selections_stay_within_their_bytes(database: Database) -> None:
    """Old revisions and the least used go; what is too large is used and not kept."""
    await _fill(database, list(_items()))
    watch = watch_revision(database)
    kept = Selections(database, watch, 4_000)
    for topic in ("甲", "丙", "甲"):
        await kept.get(QuestionFilter(topics=(topic,)))
    small = Selections(database, watch, 10)
    entries = kept._kept  # noqa: SLF001 (what it holds is what this is about)

    assert len(await small.get(_ALL)) == 48
    assert small._kept == {}  # noqa: SLF001 (the same)
    assert sum(one.size for one in entries.values()) == kept._size <= 4_000  # noqa: SLF001 (the same)
    await _fill(database, list(_items())[:9])
    assert len(await kept.get(_ALL)) == 9
    assert {one.revision for one in entries.values()} == {await watch.ask()}
    await watch.stop()


# ---- draw sessions ----


async def _all_pages(selections: Selections, page: DrawPage, limit: int) -> list[dict[str, Any]]:
    found = [orjson.loads(item) for item in page.items]
    while page.next_token:
        assert page.position + len(page.items) == len(found)
        page = await continue_draw(selections, page.next_token, limit=limit, view=View.PROMPT)
        found += [orjson.loads(item) for item in page.items]
    return found


async def _start(selections: Selections, order: DrawOrder, limit: int = 7) -> DrawPage:
    return await start_draw(selections, order, limit=limit, view=View.PROMPT)


@pytest.mark.parametrize(
    ("size", "drawn", "outcome"),
    [
        (10, 10, DrawOutcome.COMPLETE),
        (7, 7, DrawOutcome.COMPLETE),
        (30, 30, DrawOutcome.COMPLETE),
        (40, 30, DrawOutcome.EXHAUSTED),
        (None, 30, DrawOutcome.COMPLETE),
    ],
)
async def test_a_walk_goes_as_far_as_asked(
    selections: Selections, size: int | None, drawn: int, outcome: DrawOutcome
) -> None:
    """Without quotas a draw ends at its size, or when the questions that fit are exhausted."""
    everything = await selections.get(QuestionFilter(topics=("甲",)))
    exclude = (everything.id_at(3), everything.id_at(30))
    chosen = QuestionFilter(topics=("甲",))
    page = await _start(selections, DrawOrder(chosen, seed=3, size=size, exclude=exclude))
    found = await _all_pages(selections, page, 7)
    again = await continue_draw(selections, page.token, limit=7, view=View.PROMPT)

    assert len(found) == len({one["id"] for one in found}) == drawn
    assert {uuid.UUID(one["id"]) for one in found}.isdisjoint(exclude)
    assert (page.outcome, page.available) == (outcome, 30)
    assert again == page


async def test_a_paper_fills_its_quotas(selections: Selections) -> None:
    """Each quota gets its questions, the rest comes from the whole filter, none comes twice."""
    quotas = (Quota(3, topic="丙"), Quota(2, difficulty=5), Quota(1, kind="single_choice"))
    page = await _start(selections, DrawOrder(_ALL, seed=1, size=10, quotas=quotas), limit=4)
    found = await _all_pages(selections, page, 4)

    assert len({one["id"] for one in found}) == 10
    assert [one["topic"] for one in found[:3]] == ["丙"] * 3
    assert [one["difficulty"] for one in found[3:5]] == [5, 5]
    assert found[5]["kind"] == "single_choice"
    assert page.outcome is DrawOutcome.COMPLETE
    assert [(one.drawn, one.available) for one in page.quotas] == [(3, 16), (2, 9), (1, 6)]


async def test_too_few_for_a_quota_is_not_exhaustion(selections: Selections) -> None:
    """A quota that cannot be filled makes a paper short; a filter that ends exhausts it."""
    short = await _start(selections, DrawOrder(_ALL, 1, quotas=(Quota(9, kind="single_choice"),)))
    few = QuestionFilter(topics=("乙",))
    exhausted = await _start(selections, DrawOrder(few, 1, size=20, quotas=(Quota(1),)))

    assert (short.outcome, short.quotas[0].drawn, short.size) == (DrawOutcome.SHORT, 6, 9)
    assert (exhausted.outcome, exhausted.available) == (DrawOutcome.EXHAUSTED, 16)
    assert len(await _all_pages(selections, exhausted, 7)) == 16


async def test_a_paper_is_fixed_when_it_is_made(database: Database, selections: Selections) -> None:
    """Edits do not change a paper; what was archived since is left out."""
    page = await _start(selections, DrawOrder(_ALL, 2, quotas=(Quota(12, topic="甲"),)), limit=2)
    before = await _all_pages(selections, page, 5)
    gone = before[5]["title"]
    await _fill(database, [item for item in _items() if item.title != gone])
    after = await _all_pages(
        selections,
        await continue_draw(selections, page.token, limit=12, view=View.PROMPT),
        12,
    )

    assert [one["id"] for one in after] == [one["id"] for one in before if one["title"] != gone]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=4),
            st.sets(st.integers(min_value=0, max_value=7), max_size=8),
        ),
        max_size=4,
    )
)
def test_overlapping_quotas_get_as_many_as_possible(quotas: list[tuple[int, set[int]]]) -> None:
    """No other way of giving out the candidates fills more of the quotas together."""
    ids = [uuid.UUID(int=number) for number in range(8)]
    counts = [count for count, _ in quotas]
    candidates = [[ids[one] for one in sorted(own)] for _, own in quotas]
    drawn = assign(counts, candidates)
    flat = [one for own in drawn for one in own]

    assert len(flat) == len(set(flat)) == _most(quotas)
    for own, count, fitting in zip(drawn, counts, candidates, strict=True):
        assert len(own) <= count
        assert set(own) <= set(fitting)


def _most(quotas: list[tuple[int, set[int]]]) -> int:
    """Return the most that can be given out, by Hall's condition over all sets of quotas."""
    slots = sum(count for count, _ in quotas)
    lacks = [0]
    for size in range(1, len(quotas) + 1):
        for some in combinations(quotas, size):
            wanted = sum(count for count, _ in some)
            lacks.append(wanted - len(set[int]().union(*(own for _, own in some))))
    return slots - max(lacks)


async def test_altered_tokens_are_refused(selections: Selections) -> None:
    """A token that lost, gained or changed a character says so, whatever it would mean."""
    page = await _start(selections, DrawOrder(_ALL, 1, size=20))
    token = page.next_token or ""
    broken = [token[:-1], token + "A", "", "x", "é", token[:40] + "A" + token[41:] + "A"]
    broken += [token[:n] + ("B" if token[n] != "B" else "C") + token[n + 1 :] for n in (0, 30, 60)]
    for bad in broken:
        with pytest.raises(BadDrawTokenError):
            await continue_draw(selections, bad, limit=5, view=View.FULL)


@pytest.mark.parametrize(
    "forged",
    [
        {"kind": "walk", "seed": 1, "chosen": {}, "size": 5, "given": 5},
        {"kind": "walk", "seed": -1, "chosen": {}},
        {"kind": "walk", "seed": 1, "chosen": {"topics": ["a\0b"]}},
        {"kind": "walk", "seed": 1, "chosen": {"difficulty_min": 2**80}},
        {"kind": "walk", "seed": 1, "chosen": {"tags": ["x"] * 501}},
        {
            "kind": "paper",
            "seed": 1,
            "size": 1,
            "available": 1,
            "ids": [],
            "quotas": [],
            "given": 1,
        },
        {"kind": "other"},
        [],
    ],
)
async def test_forged_tokens_are_refused(selections: Selections, forged: object) -> None:
    """A checksum is no signature: what a token says is held against what we would say."""
    from app.services import draws  # noqa: PLC0415 (to forge as we would write)

    class Forged:
        def model_dump_json(self) -> str:
            return json.dumps(forged)

    token = draws._pack(Forged())  # type: ignore[arg-type]  # noqa: SLF001 (the same)
    with pytest.raises(BadDrawTokenError):
        await continue_draw(selections, token, limit=5, view=View.FULL)


async def test_a_token_of_unknown_names_says_which(selections: Selections) -> None:
    """A topic that does not exist is named, as in every filter, also in a quota."""
    with pytest.raises(UnknownFilterValueError):
        await _start(selections, DrawOrder(_ALL, 1, quotas=(Quota(1, topic="丁"),)))


# ---- over HTTP, and the same on both engines ----


async def test_both_engines_draw_the_same(sqlite_store: Store, postgres_store: Store) -> None:
    """Draws, shuffles and papers of one seed are the same questions on SQLite and PostgreSQL."""
    answers = []
    for url in (sqlite_store.make(), postgres_store.make()):
        database = Database(url)
        await _fill(database, list(_items()))
        await database.close()
        answers.append(await _drawn_over_http(url))

    assert answers[0] == answers[1]
    assert len(answers[0]) == 4


async def _drawn_over_http(url: str) -> list[list[str]]:
    app = create_app(Settings(database_url=url))
    transport = httpx.ASGITransport(app)
    body = {"size": 9, "seed": 4, "quotas": [{"count": 2, "topic": "乙"}], "exclude": []}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tiku") as client,
    ):
        responses = [
            await client.get("/v1/questions/random?topic=甲&count=5&seed=3"),
            await client.get("/v1/questions?order=random&seed=9&limit=11&tag=u1"),
            await client.post("/v1/draws?limit=4", json=body),
        ]
        token = responses[-1].json()["next_token"]
        responses.append(await client.get(f"/v1/draws/{token}?limit=3&view=prompt"))
    return [
        [item["id"] for item in response.raise_for_status().json()["items"]]
        for response in responses
    ]
