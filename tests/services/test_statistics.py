"""Facets: the counts are those of counting, under any filter."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace

import pytest

from app.database import Database
from app.documents.document import DocumentWarning, Item, WarningKind
from app.errors import UnknownFilterValueError
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.statistics import Count, Statistics, count_questions
from app.services.topics import TopicNode
from tests.bank import make_items
from tests.conftest import NOW
from tests.factories import make_document, make_item

ITEMS = make_items(120, seed=4)


async def fill(database: Database) -> None:
    """Import 120 questions, one of them a draft, and take another one out again."""
    broken = DocumentWarning(WarningKind.TRUNCATED, 1)
    draft = make_item("草稿？", warnings=(broken,), tags=("草稿",), topics=("草稿",))
    gone = make_item(
        "已经过时的一题？", answer="与其他题都不相干。", tags=("去掉", "留下"), topics=("去掉",)
    )
    for items in ([*ITEMS, gone], ITEMS, [*ITEMS, draft]):
        document = make_document(*items)
        await import_document(database, document, now=NOW, author="test", archive_missing=True)


def counts(found: Iterable[Count]) -> dict[str | int | None, int]:
    """Return counts by their values."""
    return {count.value: count.questions for count in found}


def flat(nodes: Iterable[TopicNode], *above: str) -> dict[tuple[str, ...], int]:
    """Return the counts of a tree by the paths of its topics."""
    found: dict[tuple[str, ...], int] = {}
    for node in nodes:
        path = (*above, node.name)
        found |= {path: node.questions} | flat(node.children, *path)
    return found


def expected_topics(items: Iterable[Item]) -> Counter[tuple[str, ...]]:
    """Count each question in its topic and in all above."""
    return Counter(
        item.topics[:depth] for item in items for depth in range(1, len(item.topics) + 1)
    )


@pytest.mark.parametrize(
    ("chosen", "fits"),
    [
        (QuestionFilter(), lambda _: True),
        (QuestionFilter(difficulty_min=4), lambda item: (item.difficulty or 0) >= 4),
        (QuestionFilter(tags=(ITEMS[0].tags[0],)), lambda item: ITEMS[0].tags[0] in item.tags),  # type: ignore[index]
        (
            QuestionFilter(query="模型"),
            lambda item: (
                "模型" in f"{item.title}{item.prompt}{item.answer}{item.explanation}{item.tags}"
            ),
        ),
        (QuestionFilter(kind="single_choice"), lambda _: False),
    ],
    ids=["all", "difficulty", "tag", "query", "none"],
)
async def test_counts_are_those_of_counting(
    database: Database, chosen: QuestionFilter, fits: object
) -> None:
    """Each facet is what counting the fitting questions gives; drafts count nowhere."""
    assert callable(fits)
    await fill(database)
    found = await count_questions(database, chosen)
    fitting = [item for item in ITEMS if fits(item)]

    assert found.total == len(fitting)
    assert counts(found.tags) == Counter(tag for item in fitting for tag in item.tags or ())
    assert counts(found.difficulties) == Counter(item.difficulty for item in fitting)
    assert counts(found.kinds) == Counter(item.kind for item in fitting)
    assert counts(found.languages) == ({"zh": len(fitting)} if fitting else {})
    assert sum(counts(found.sources).values()) == len(fitting)
    assert flat(found.topics) == expected_topics(fitting)


async def test_facets_have_an_order(database: Database) -> None:
    """The most frequent come first, difficulties in their own order with none at the end."""
    await fill(database)
    found = await count_questions(database, QuestionFilter())
    numbers = [count.questions for count in found.tags]

    assert numbers == sorted(numbers, reverse=True)
    assert [count.value for count in found.difficulties] == [1, 2, 3, 4, 5, None]


async def test_every_value_can_be_filtered_by(database: Database) -> None:
    """A count is how many the filter by its value finds."""
    await fill(database)
    everything = await count_questions(database, QuestionFilter())
    chosen = QuestionFilter(difficulty_max=3)
    found = await count_questions(database, chosen)

    for tag in found.tags[:5]:
        narrowed = await count_questions(database, replace(chosen, tags=(str(tag.value),)))
        assert narrowed.total == tag.questions
    for node in found.topics:
        narrowed = await count_questions(database, replace(chosen, topics=(node.slug,)))
        assert narrowed.total == node.questions
    assert everything.total > found.total


async def test_misspelt_names_are_refused(database: Database) -> None:
    """An empty count would hide the misspelling."""
    with pytest.raises(UnknownFilterValueError):
        await count_questions(database, QuestionFilter(tags=("没有",)))


async def test_an_empty_bank_has_no_counts(database: Database) -> None:
    """Nothing is counted as nothing."""
    found = await count_questions(database, QuestionFilter())

    assert asdict(found) == asdict(Statistics(0, (), [], [], [], [], []))
