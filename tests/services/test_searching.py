"""Searching a real bank: what is found, how it is ranked, and that the index follows the rows."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import Database
from app.documents.document import Choice, Item, Point, QuestionKind
from app.errors import BadCursorError
from app.search.words import index_tokens
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.indexing import words_of
from app.services.pages import make_cursor
from app.services.rendering import View
from app.services.searching import can_rank, list_found, search_questions
from tests.bank import make_items, titles_of
from tests.conftest import NOW
from tests.factories import make_document, make_item
from tests.stores import ENGINES, Store


async def save(database: Database, *items: Item, archive_missing: bool = False) -> None:
    """Import items as the document `notes`."""
    document = make_document(*items)
    await import_document(
        database, document, now=NOW, author="test", archive_missing=archive_missing
    )


async def find(database: Database, query: str, **fields: object) -> list[str]:
    """Return the titles of all pages that a query finds, in whatever order is the default."""
    chosen = QuestionFilter(query=query, **fields)  # type: ignore[arg-type]
    read = search_questions if can_rank(query) else list_found
    titles: list[str] = []
    cursor = None
    while True:
        found = await read(database, chosen, limit=7, cursor=cursor, view=View.PROMPT)
        titles += titles_of(found.page.items)
        cursor = found.page.next_cursor
        if cursor is None:
            return titles


MIXED = (
    make_item("什么是圖像分類？", answer="给图像一个类别。"),
    make_item("Which models are generative?", answer="GAN and VAE are."),
    make_item("C 语言的指针是什么？", answer="存地址的变量。"),
    make_item("C++ 的引用是什么？", answer="对象的别名，见 1,024 页。"),
    make_item("C# 的委托是什么？", answer="类型安全的函数指针，.NET 有。"),
    make_item("ＧＰＵ有什么用？", answer="并行计算。", tags=("硬件",)),
    make_item(
        "哪一个是排序算法？",
        kind=QuestionKind.SINGLE_CHOICE,
        choices=(Choice("归并", correct=True), Choice("二分", correct=False)),
        answer="",
        points=(),
    ),
    make_item(
        "过拟合？", answer="见要点。", points=(Point("泛化差", "表现", aliases=("overfitting",)),)
    ),
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("图像", [0]),
        ("圖像分類", [0]),
        ("类", [0, 4]),
        ("model", [1]),
        ("MODELS generate", [1]),
        ("c", [2]),
        ("c++", [3]),
        ("C#", [4]),
        (".net", [4]),
        ("net", []),
        ("gpu", [5]),
        ("硬件", [5]),
        ("归并", [6]),
        ("overfit", [7]),
        ("表现", [7]),
        ("1024", [3]),
        ("指针 -委托", [2]),
        ('"GAN and VAE"', [1]),
        ('"VAE and GAN"', []),
        ("-什么", [1, 6, 7]),
        ("-什么 -models", [6, 7]),
        ("？！", []),
        ("-", []),
        ("什么 ？", [2, 3, 4, 5, 0]),
    ],
)
async def test_queries_find_what_they_say(
    database: Database, query: str, found: Sequence[int]
) -> None:
    """Words in any script, width, case and ending; phrases; exclusions; marks find nothing."""
    await save(database, *MIXED)

    assert sorted(await find(database, query)) == sorted(MIXED[number].title for number in found)


async def test_a_search_keeps_to_the_filter(database: Database) -> None:
    """Other conditions hold for a search, ranked or not."""
    await save(database, *MIXED)

    assert await find(database, "什么", tags=("硬件",)) == ["ＧＰＵ有什么用？"]
    assert await find(database, "-C", kind="single_choice") == ["哪一个是排序算法？"]


async def test_hits_say_where_and_views_hide_the_answer(database: Database) -> None:
    """Each field that hits has a snippet; the prompt's view has none of the answer."""
    await save(database, *MIXED)
    chosen = QuestionFilter(query="指针 函数")
    full = await search_questions(database, chosen, limit=5, cursor=None, view=View.FULL)
    prompt = await search_questions(database, chosen, limit=5, cursor=None, view=View.PROMPT)
    fields = [(hit.field, hit.position, hit.snippet.spans) for hit in full.hits[0]]

    assert fields == [("point", 1, ((5, 9),)), ("answer", None, ((5, 9),))]
    assert (full.total, full.capped) == (1, False)
    assert prompt.hits == [[]]


async def test_the_index_follows_every_change(database: Database) -> None:
    """Edited, archived, drafted and published again: found is what is served, and as it is now."""
    first, second = make_item("缓存是什么？"), make_item("锁是什么？", answer="互斥。")
    await save(database, first, second)
    await save(database, replace(first, prompt="请说明淘汰。"), second)
    assert await find(database, "淘汰") == ["缓存是什么？"]
    assert await find(database, "互斥") == ["锁是什么？"]
    await save(database, replace(first, prompt="请说明淘汰。"), archive_missing=True)
    assert await find(database, "互斥") == []
    assert await find(database, "-缓存") == []
    await save(database, replace(first, prompt="请说明淘汰。"), second)
    assert await find(database, "互斥") == ["锁是什么？"]


async def test_counts_of_tokens_are_those_of_the_questions(database: Database) -> None:
    """After imports, edits and archiving the maintained counts are what counting would give."""
    items = make_items(60, seed=3)
    await save(database, *items)
    edited = [replace(item, prompt=item.prompt + "补充") for item in items[:20]]
    await save(database, *edited, *items[30:], archive_missing=True)
    async with database.reading() as db:
        stored = await db.execute(sa.text("SELECT token, documents FROM search_token"))
        counts = {token: documents for token, documents in stored if documents}
        words = list(await db.scalars(sa.text("SELECT words FROM search_document")))
    expected = Counter(token for text in words for token in index_tokens(text))

    assert sorted(words) == sorted(words_of(item) for item in (*edited, *items[30:]))
    assert counts == {**expected, "": 50}


async def test_pages_of_a_ranked_list_neither_repeat_nor_omit(database: Database) -> None:
    """While questions come and go, what is there all the while comes exactly once."""
    items = make_items(80, seed=1)
    await save(database, *items)
    chosen = QuestionFilter(query="模型")
    whole = await find(database, "模型")
    assert len(whole) > 30
    seen: list[str] = []
    cursor: str | None = None
    gone: set[str] = set()
    for step in range(100):
        found = await search_questions(database, chosen, limit=5, cursor=cursor, view=View.PROMPT)
        seen += titles_of(found.page.items)
        cursor = found.page.next_cursor
        if cursor is None:
            break
        # One goes, and newer ones come: with the term in their titles they would be the first.
        gone.add(items[step].title)
        new = [make_item(f"模型{step}-{number}？") for number in range(3)]
        await save(database, *items[step + 1 :], *new, archive_missing=True)

    assert len(seen) == len(set(seen))
    assert set(seen) <= set(whole)
    assert set(whole) - gone <= set(seen)
    assert [title for title in whole if title in seen] == seen


async def test_only_the_newest_are_ranked_and_counts_are_capped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit the newest are ranked and paged through, the order of documents has all."""
    monkeypatch.setattr("app.services.searching.MOST_RANKED", 10)
    await save(database, *(make_item(f"模型{number}？") for number in range(25)))
    chosen = QuestionFilter(query="模型")
    found = await search_questions(database, chosen, limit=4, cursor=None, view=View.PROMPT)
    listed = await list_found(database, chosen, limit=100, cursor=None, view=View.PROMPT)

    assert (found.total, found.capped) == (10, True)
    assert await find(database, "模型") == [f"模型{number}？" for number in range(15, 25)]
    assert len(listed.page.items) == 25
    assert (listed.total, listed.capped) == (10, True)


@pytest.fixture(scope="module", params=ENGINES)
def scanned(request: pytest.FixtureRequest) -> tuple[str, list[Item]]:
    """Return the URL of a bank of generated questions on each engine, and these."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    url = store.make()
    items = make_items(300, seed=2)

    async def fill() -> None:
        database = Database(url)
        await save(database, *items)
        await database.close()

    asyncio.run(fill())
    return url, items


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_index_finds_what_a_scan_finds(
    scanned: tuple[str, list[Item]], data: st.DataObject
) -> None:
    """Any one to four characters out of a question's text are found wherever a scan finds them."""
    url, items = scanned
    item = data.draw(st.sampled_from(items))
    text = data.draw(st.sampled_from([part for part in _texts(item) if part]))
    start = data.draw(st.integers(0, len(text) - 1))
    asked = text[start : start + data.draw(st.integers(1, 4))].strip()
    if not all("\u4e00" <= character <= "\u9fff" for character in asked) or not asked:
        return
    expected = {one.title for one in items if any(asked in part for part in _texts(one))}

    assert set(asyncio.run(_find_in(url, asked))) == expected


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30) | st.text(st.sampled_from("图像模型a+#.-\"”* '()&|:^"), max_size=30))
def test_no_query_fails(scanned: tuple[str, list[Item]], query: str) -> None:
    """Whatever is typed, the database takes it."""
    url, items = scanned
    found = asyncio.run(_find_in(url, query))

    assert set(found) <= {item.title for item in items}


async def _find_in(url: str, query: str) -> list[str]:
    database = Database(url)
    try:
        return await find(database, query)
    finally:
        await database.close()


def _texts(item: Item) -> list[str]:
    points = [text for point in item.points for text in (point.text, point.title or "")]
    return [item.title, item.prompt, item.answer, item.explanation, *points, *(item.tags or ())]


def test_two_characters_are_always_found(scanned: tuple[str, list[Item]]) -> None:
    """The recall of two-character words is 1: all pairs of some questions, against a scan."""
    url, items = scanned
    chance = random.Random(5)  # noqa: S311 (any will do, but the same each time)
    pairs = {
        text[place : place + 2]
        for item in chance.sample(items, 6)
        for text in _texts(item)
        for place in range(len(text) - 1)
    }
    words = sorted(pair for pair in pairs if all("\u4e00" <= one <= "\u9fff" for one in pair))

    async def compare() -> None:
        database = Database(url)
        for word in chance.sample(words, 60):
            expected = {one.title for one in items if any(word in part for part in _texts(one))}
            assert set(await find(database, word)) == expected, word
        await database.close()

    assert len(words) > 100
    asyncio.run(compare())


@pytest.mark.parametrize(
    "place",
    [
        (),
        (-40, 1),
        (-40, 1, 0, 9, "3"),
        (-40, 1, 9, 0, 3),
        (-40, 1, 0, 9, 0),
        (-40, 1, 0, 2**40, 3),
    ],
)
async def test_forged_places_are_refused(database: Database, place: tuple[int | str, ...]) -> None:
    """A cursor that fits the query but says what no page of it said is no cursor."""
    chosen = QuestionFilter(query="缓存")
    cursor = make_cursor(place, chosen, "relevance")
    with pytest.raises(BadCursorError):
        await search_questions(database, chosen, limit=5, cursor=cursor, view=View.FULL)
