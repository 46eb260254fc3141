"""Importing into a real bank: what is written, what is kept, and that it is all or nothing."""

import sqlite3
from dataclasses import replace
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col

from app.database import Database
from app.documents.diff import Plan, Verdict
from app.documents.document import Document, DocumentWarning, Point, Topic, WarningKind
from app.errors import TopicCycleError, TopicsTooDeepError
from app.models import (
    AnswerPoint,
    Change,
    Question,
    QuestionRevision,
    QuestionTag,
    Source,
    Status,
    table_of,
)
from app.services.exporting import load_document
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from app.services.indexing import remove_from_index
from app.services.rendering import Placed, join_halves, render_answer, render_prompt
from app.services.stored import load_source
from app.services.topics import list_topics
from seed.__main__ import load_seed, plant
from tests.conftest import NOW
from tests.factories import make_document, make_item

CACHE = make_item("什么是缓存？", tags=("性能", "基础"), topics=("计算机", "存储"), difficulty=2)
LOCK = make_item("什么是死锁？", answer="多个事务互相等待。", points=(Point("互相等待。", "定义"),))


async def save(database: Database, document: Document) -> Plan:
    """Import a document."""
    return await import_document(database, document, now=NOW, author="test", dry_run=False)


async def rows(database: Database, model: type[SQLModel]) -> list[dict[str, Any]]:
    """Return all rows of a table in the order of their keys."""
    table = table_of(model)
    async with database.reading() as db:
        found = await db.execute(sa.select(table).order_by(*table.primary_key.columns))
        return [dict(row) for row in found.mappings()]


async def snapshot(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return the whole bank."""
    return {name: await rows(database, model) for name, model in _MODELS.items()}


_MODELS = {
    model.__name__: model
    for model in (Source, Question, AnswerPoint, QuestionTag, QuestionRevision, Change)
}


async def test_planting_twice_changes_nothing(database: Database) -> None:
    """The second seed writes not a single row."""
    await plant(database)
    before = await snapshot(database)
    plan = await plant(database)

    assert plan.changes_nothing
    assert plan.count(Verdict.UNCHANGED) == 8
    assert await snapshot(database) == before


async def test_one_edited_point_updates_one_question(database: Database) -> None:
    """An edit of one point touches its question alone, and every public id stays."""
    await plant(database)
    before = await snapshot(database)
    seed = load_seed()
    edited = replace(seed.items[2].points[1], text="结合文本、表情与语音，判断情绪更准确。")
    points = (seed.items[2].points[0], edited, *seed.items[2].points[2:])
    items = (*seed.items[:2], replace(seed.items[2], points=points), *seed.items[3:])
    plan = await save(database, replace(seed, items=items))
    after = await snapshot(database)

    changed = [
        new for old, new in zip(before["Question"], after["Question"], strict=True) if old != new
    ]
    assert plan.count(Verdict.UPDATED) == 1
    assert [row["number"] for row in changed] == ["3"]
    assert changed[0]["revision"] == 2
    assert len(after["Change"]) == 9
    assert [row["public_id"] for row in after["Question"]] == [
        row["public_id"] for row in before["Question"]
    ]


async def test_a_revision_keeps_what_was(database: Database) -> None:
    """The old JSON stays readable, with the fields that changed and who changed them."""
    await save(database, make_document(CACHE))
    await save(database, make_document(replace(CACHE, explanation="空间换时间。")))
    (revision,) = await rows(database, QuestionRevision)

    assert revision["revision"] == 1
    assert revision["fields"] == ["explanation"]
    assert revision["author"] == "test"
    assert revision["content"]["explanation"] == ""
    assert revision["content"]["title"] == "什么是缓存？"


async def test_rendered_json_is_what_the_rows_say(database: Database) -> None:
    """Reading the rows back and rendering them gives the stored bytes."""
    await plant(database)
    async with database.reading() as db:
        stored = await load_source(db, "multimodal-llm")
    for row, one in zip(await rows(database, Question), stored, strict=True):
        content = orjson.loads(join_halves(row["rendered_prompt"], row["rendered_answer"]))
        placed = Placed(
            row["public_id"],
            one.item,
            "multimodal-llm",
            content["topic"],
            row["status"],
            row["revision"],
            row["updated_at"],
        )

        assert row["rendered_prompt"] == render_prompt(placed)
        assert row["rendered_answer"] == render_answer(one.item)


async def test_what_was_stored_is_what_was_imported(database: Database) -> None:
    """Items come back from the bank with every field of their content."""
    plan = await save(database, make_document(CACHE, LOCK))
    async with database.reading() as db:
        stored = await load_source(db, "notes")

    assert [one.item for one in stored] == [
        replace(
            entry.item,
            tags=tuple(sorted(entry.item.tags or ())),
            points=tuple(replace(point, line=None) for point in entry.item.points),
        )
        for entry in plan.entries
    ]


async def test_topics_are_made_from_paths(database: Database) -> None:
    """A path of names becomes a branch of the tree, once."""
    await save(database, make_document(CACHE, replace(LOCK, topics=("计算机", "并发"))))
    async with database.reading() as db:
        found = await db.execute(sa.text("SELECT slug, name, parent_id FROM topic ORDER BY id"))

        assert [tuple(row) for row in found] == [
            ("计算机", "计算机", None),
            ("存储", "存储", 1),
            ("并发", "并发", 1),
        ]


async def test_declared_topics_follow_their_declaration(database: Database) -> None:
    """A declared topic keeps its slug when it is renamed and moved."""
    first = (Topic("cs", "计算机"), Topic("storage", "存储", "cs"))
    second = (Topic("cs", "计算机科学"), Topic("storage", "存储系统"))
    await save(database, make_document(CACHE, topics=first))
    await save(database, make_document(replace(CACHE, topics=("存储系统",)), topics=second))
    async with database.reading() as db:
        found = await db.execute(sa.text("SELECT slug, name, parent_id FROM topic ORDER BY id"))

        assert [tuple(row) for row in found] == [
            ("cs", "计算机科学", None),
            ("storage", "存储系统", None),
        ]


async def test_names_that_slug_alike_stay_apart(database: Database) -> None:
    """Two topics whose names make the same slug get different ones."""
    await save(
        database,
        make_document(replace(CACHE, topics=("语言", "C")), replace(LOCK, topics=("乐理", "C"))),
    )
    async with database.reading() as db:
        slugs = await db.scalars(sa.text("SELECT slug FROM topic ORDER BY id"))

        assert list(slugs) == ["语言", "乐理", "c", "c-2"]


async def test_a_dry_run_writes_nothing(database: Database) -> None:
    """A plan is only a plan."""
    before = await snapshot(database)
    plan = await import_document(
        database, make_document(CACHE), now=NOW, author="test", dry_run=True
    )

    assert plan.count(Verdict.CREATED) == 1
    assert await snapshot(database) == before


async def test_a_failed_import_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that fails at its last step has not begun."""

    async def broken(*_: object) -> None:
        raise OSError("disk full")

    before = await snapshot(database)
    monkeypatch.setattr("app.services.importing._place", broken)
    with pytest.raises(OSError, match="disk full"):
        await save(database, make_document(CACHE))

    assert await snapshot(database) == before


async def test_order_follows_the_document_without_a_revision(database: Database) -> None:
    """Moving a question changes where it stands, not what it is."""
    await save(database, make_document(CACHE, LOCK))
    await save(database, make_document(LOCK, CACHE))
    async with database.reading() as db:
        stored = await load_source(db, "notes")

    assert [one.item.title for one in stored] == [LOCK.title, CACHE.title]
    assert await rows(database, QuestionRevision) == []


async def test_missing_questions_stay_served(database: Database) -> None:
    """What is gone from a document stays in the bank."""
    await save(database, make_document(CACHE, LOCK))
    plan = await save(database, make_document(CACHE))
    statuses = [row["status"] for row in await rows(database, Question)]

    assert plan.count(Verdict.MISSING) == 1
    assert statuses == [Status.PUBLISHED, Status.PUBLISHED]


async def test_with_and_without_overlay_in_either_order(database: Database) -> None:
    """The bare document neither undoes what editors added nor hinders it."""
    seed = load_seed()
    bare = replace(
        seed,
        topics=(),
        items=tuple(
            replace(
                item,
                topics=(),
                tags=None,
                difficulty=None,
                completion=None,
                points=tuple(replace(point, aliases=()) for point in item.points),
            )
            for item in seed.items
        ),
    )
    cut = DocumentWarning(WarningKind.TRUNCATED, 99)
    last = replace(bare.items[7], answer="1. **模型压缩：** 减", points=(), warnings=(cut,))
    bare = replace(bare, items=(*bare.items[:7], last))

    first = await save(database, bare)
    drafts = [row["status"] for row in await rows(database, Question)].count(Status.DRAFT)
    second = await plant(database)
    third = await save(database, bare)

    assert (first.count(Verdict.CREATED), drafts) == (8, 1)
    assert second.count(Verdict.UPDATED) == 8
    assert third.changes_nothing
    assert third.count(Verdict.SUSPECT) == 1


async def test_reimport_replaces_parts(database: Database) -> None:
    """Points and tags of an updated question are those of its new content, no more."""
    await save(database, make_document(CACHE))
    edited = replace(CACHE, tags=("性能",), points=(Point("甲"), Point("乙")))
    await save(database, make_document(edited))

    points = [row["text"] for row in await rows(database, AnswerPoint)]
    assert points == ["甲", "乙"]
    assert len(await rows(database, QuestionTag)) == 1


async def test_reads_cannot_write(database: Database) -> None:
    """The reading connection refuses statements that would change the bank."""
    async with database.reading() as db:
        with pytest.raises(sa.exc.DBAPIError):
            await db.execute(sa.delete(Question).where(col(Question.id) == 1))


async def test_reads_of_one_transaction_see_one_bank(database: Database) -> None:
    """What is committed meanwhile does not show in a read that has begun."""
    await save(database, make_document(CACHE))
    count = sa.select(sa.func.count()).select_from(Question)
    async with database.reading() as db:
        before = await db.scalar(count)
        await save(database, make_document(CACHE, LOCK))
        after = await db.scalar(count)
    async with database.reading() as db:
        later = await db.scalar(count)

    assert (before, after, later) == (1, 1, 2)


@pytest.mark.only_on("sqlite", reason="about the lock of its file")
async def test_a_writer_has_the_lock_from_its_beginning(database: Database, url: str) -> None:
    """While one import plans, no other can begin: what it read stays true until it writes."""
    second = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0)
    try:
        async with database.writing() as db:
            await db.execute(sa.select(sa.func.count()).select_from(Question))
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                second.execute("BEGIN IMMEDIATE")
        second.execute("BEGIN IMMEDIATE")
    finally:
        second.close()


async def test_rows_cannot_point_to_nothing(database: Database) -> None:
    """Foreign keys hold, and what belongs to a question goes with it."""
    await save(database, make_document(CACHE))
    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)foreign key"):
        async with database.writing() as db:
            await db.execute(sa.update(Question).values(source_id=99))
    async with database.writing() as db:
        await remove_from_index(db, list(await db.scalars(sa.select(col(Question.id)))))
        await db.execute(sa.delete(Question))

    assert await rows(database, AnswerPoint) == await rows(database, QuestionTag) == []


async def test_a_language_takes_in_its_variants_only(database: Database) -> None:
    """`zh` finds zh and zh-Hant, never zhx, which is another language."""
    items = [
        make_item(f"什么是{language}？", language=language)
        for language in ("zh", "zh-Hant", "zhx", "en")
    ]
    await save(database, make_document(*items))
    async with database.reading() as db:
        found = await load_document(db, QuestionFilter(language="zh"))

    assert [item.language for item in found.items] == ["zh", "zh-Hant"]


async def test_a_named_question_of_another_source_is_that_question(database: Database) -> None:
    """A document that names a public id speaks of that question, whatever its own source is."""
    (entry,) = (await save(database, make_document(CACHE))).entries
    edited = replace(CACHE, key=str(entry.id), answer="改写过的答案。", points=(Point("改写。"),))
    same = await save(
        database,
        make_document(replace(edited, answer=CACHE.answer, points=CACHE.points), slug="other"),
    )
    plan = await save(database, make_document(LOCK, edited, slug="other"))
    questions = await rows(database, Question)

    assert same.changes_nothing
    assert [one.verdict for one in plan.entries] == [Verdict.CREATED, Verdict.UPDATED]
    assert plan.entries[1].id == entry.id
    assert len(questions) == 2
    assert questions[0]["source_id"] == 1
    assert orjson.loads(questions[0]["rendered_prompt"])["source"] == "notes"


async def test_a_tower_of_several_documents_is_refused(database: Database) -> None:
    """Each document is within the limit; together they are not, and the last one is refused."""

    def storey(number: int) -> Document:
        first = number * 20
        topics = tuple(Topic(f"t{n}", f"层{n}", f"t{n - 1}") for n in range(first, first + 20))
        return make_document(make_item(f"第{number}？"), slug=f"d{number}", topics=topics)

    for number in range(5):
        await save(database, storey(number))
    async with database.reading() as db:
        before = orjson.dumps(await list_topics(db))
    with pytest.raises(TopicsTooDeepError):
        await save(database, storey(5))
    async with database.reading() as db:
        assert orjson.dumps(await list_topics(db)) == before


async def test_thousands_of_topics_are_made_and_listed(database: Database) -> None:
    """Equal names below different parents stay apart, with slugs of their own, counted upwards."""
    items = [
        make_item(f"什么是{n}？", topics=(f"领域{n % 700}", "C", f"主题{n}")) for n in range(2_100)
    ]
    await save(database, make_document(*items))
    async with database.reading() as db:
        tree = await list_topics(db)

    assert len(tree) == 700
    assert {node.questions for node in tree} == {3}
    assert [node.name for node in tree[:2]] == ["领域0", "领域1"]
    assert {node.children[0].name for node in tree} == {"C"}
    assert len({node.children[0].slug for node in tree}) == 700
    assert [child.name for child in tree[5].children[0].children] == [
        "主题5",
        "主题705",
        "主题1405",
    ]


async def test_a_declared_topic_moves_below_a_new_one(database: Database) -> None:
    """Declarations are carried out in their order: a new parent is there when its child moves."""
    await save(database, make_document(CACHE, topics=(Topic("a", "甲"),)))
    await save(
        database,
        make_document(
            CACHE, topics=(Topic("b", "乙"), Topic("a", "甲", "b"), Topic("c", "丙", "a"))
        ),
    )
    async with database.reading() as db:
        found = await db.execute(
            sa.text(
                "SELECT topic.slug, above.slug FROM topic LEFT JOIN topic above"
                " ON above.id = topic.parent_id WHERE topic.slug IN ('a', 'b', 'c')"
                " ORDER BY topic.slug"
            )
        )

        assert [tuple(row) for row in found] == [("a", "b"), ("b", None), ("c", "a")]


@pytest.mark.parametrize(
    "topics",
    [
        (Topic("a", "甲", "a"),),
        (Topic("b", "乙"), Topic("a", "甲", "b"), Topic("b", "乙", "a")),
    ],
)
async def test_topics_cannot_stand_below_themselves(
    database: Database, topics: tuple[Topic, ...]
) -> None:
    """A cycle of topics is refused by name, and nothing of its document is written."""
    with pytest.raises(TopicCycleError):
        await save(database, make_document(CACHE, topics=topics))

    assert await rows(database, Question) == []


async def test_originals_find_what_a_mixed_export_restored(database: Database) -> None:
    """After a bank was restored from one file, its original documents are still its questions."""
    first = await save(database, make_document(CACHE, slug="notes"))
    exported = replace(CACHE, key=str(first.entries[0].id))
    async with database.writing() as db:
        await remove_from_index(db, list(await db.scalars(sa.select(col(Question.id)))))
        await db.execute(sa.text("DELETE FROM question"))
        await db.execute(sa.text("DELETE FROM source"))
    await save(database, make_document(exported, slug="export"))
    plan = await save(database, make_document(CACHE, LOCK, slug="notes"))

    assert [one.verdict for one in plan.entries] == [Verdict.UNCHANGED, Verdict.CREATED]
    assert len(await rows(database, Question)) == 2


# Whether the planner knows anything of the questions, on SQLite and on PostgreSQL.
_STATISTICS = (
    "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'question'",
    "SELECT count(*) FROM pg_stats WHERE tablename = 'question'",
)


async def test_a_large_import_renews_the_statistics(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many questions came, the database knows how its rows are spread."""
    monkeypatch.setattr("app.services.importing._MANY", 2)
    await save(database, make_document(CACHE, LOCK))
    async with database.reading() as db:
        known = await db.scalar(sa.text(_STATISTICS[database.is_postgres]))

    assert known
