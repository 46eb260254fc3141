"""The import plan: what becomes of each question when its document comes again."""

from dataclasses import replace

import pytest

from app.documents.diff import Plan, Stored, Verdict, plan_import
from app.documents.document import DocumentWarning, Item, Point, WarningKind
from tests.factories import make_document, make_item

CACHE = make_item("什么是缓存？", answer="缓存是放在快速存储里的数据副本。")
INDEX = make_item("什么是索引？", answer="索引是加快查找的有序结构。")
LOCK = make_item("什么是死锁？", answer="死锁是多个事务互相等待对方持有的锁。")
CUT = DocumentWarning(WarningKind.TRUNCATED, 9)


def imported(*items: Item) -> list[Stored]:
    """Return what the bank has after importing a document of these items."""
    plan = plan_import([], make_document(*items))
    return [Stored(entry.id, entry.item, draft=entry.draft) for entry in plan.entries]


def again(stored: list[Stored], *items: Item) -> Plan:
    """Return the plan of importing the edited document."""
    return plan_import(stored, make_document(*items))


def test_everything_is_new_in_an_empty_bank() -> None:
    """A first import creates every question, each with an id of its own."""
    plan = plan_import([], make_document(CACHE, INDEX, LOCK))

    assert [entry.verdict for entry in plan.entries] == [Verdict.CREATED] * 3
    assert len({entry.id for entry in plan.entries}) == 3


def test_ids_are_the_same_everywhere() -> None:
    """Two installations that import the same document give its questions the same ids."""
    first, second = imported(CACHE, INDEX), imported(CACHE, INDEX)

    assert [one.id for one in first] == [one.id for one in second]


def test_same_title_in_another_source_has_another_id() -> None:
    """The source is a part of a question's identity."""
    here = plan_import([], make_document(CACHE, slug="here"))
    there = plan_import([], make_document(CACHE, slug="there"))

    assert here.entries[0].id != there.entries[0].id


def test_importing_again_changes_nothing() -> None:
    """The same document again leaves every question unchanged."""
    plan = again(imported(CACHE, INDEX), CACHE, INDEX)

    assert plan.changes_nothing
    assert plan.count(Verdict.UNCHANGED) == 2


def test_only_the_edited_field_is_named() -> None:
    """An edited answer updates its question, in place, and names what changed."""
    stored = imported(CACHE, INDEX)
    edited = replace(INDEX, answer="索引是加快查找的树。", points=(Point("索引是加快查找的树。"),))
    plan = again(stored, CACHE, edited)

    assert [entry.verdict for entry in plan.entries] == [Verdict.UNCHANGED, Verdict.UPDATED]
    assert plan.entries[1].fields == ("answer", "points")
    assert plan.entries[1].id == stored[1].id


def test_moved_lines_are_no_change() -> None:
    """Where a question stands in the document is not its content."""
    plan = again(imported(CACHE), replace(CACHE, line=40, points=(Point(CACHE.answer, line=42),)))

    assert plan.changes_nothing


def test_reordering_keeps_every_id() -> None:
    """Questions are followed wherever they move."""
    stored = imported(CACHE, INDEX, LOCK)
    plan = again(stored, LOCK, CACHE, INDEX)

    assert plan.changes_nothing
    assert [entry.id for entry in plan.entries] == [stored[2].id, stored[0].id, stored[1].id]


def test_an_inserted_question_shifts_nobody() -> None:
    """A new question in the middle is created; the others keep their ids."""
    stored = imported(CACHE, LOCK)
    plan = again(stored, CACHE, INDEX, LOCK)

    assert [entry.verdict for entry in plan.entries] == [
        Verdict.UNCHANGED,
        Verdict.CREATED,
        Verdict.UNCHANGED,
    ]
    assert [plan.entries[0].id, plan.entries[2].id] == [stored[0].id, stored[1].id]


def test_a_renamed_question_keeps_its_id() -> None:
    """A new wording of the same question is an update, not a new question."""
    stored = imported(CACHE, INDEX, LOCK)
    renamed = replace(INDEX, title="请解释数据库索引", prompt="请解释数据库索引")
    plan = again(stored, CACHE, renamed, LOCK)

    assert plan.entries[1].id == stored[1].id
    assert plan.entries[1].fields == ("title", "prompt")


def test_a_question_with_new_title_and_answer_is_new() -> None:
    """A different question in the place of an old one does not take over its id."""
    stored = imported(CACHE, INDEX)
    other = make_item("TCP 为什么要三次握手？", answer="确认双方的收发能力并同步序号。")
    plan = again(stored, CACHE, other)

    assert [entry.verdict for entry in plan.entries] == [
        Verdict.UNCHANGED,
        Verdict.CREATED,
        Verdict.MISSING,
    ]


def test_what_is_gone_is_reported_and_kept() -> None:
    """A question that left the document is missing; the plan says which."""
    stored = imported(CACHE, INDEX)
    plan = again(stored, CACHE)

    assert plan.entries[1].verdict is Verdict.MISSING
    assert plan.entries[1].id == stored[1].id


def test_equal_titles_stay_apart() -> None:
    """Many questions under one title are told apart by what they ask, through insert and edit."""
    bank = [
        make_item("编程题", prompt=f"实现算法{n}号", answer=f"步骤{n}：先{n}后{n + 1}。")
        for n in range(108)
    ]
    stored = imported(*bank)
    edited = replace(bank[70], answer="步骤70：改写过的答案，先排序后查找。")
    new = make_item("编程题", prompt="实现一种全新的缓存淘汰策略", answer="用双向链表和散列表。")
    plan = again(stored, *bank[:50], new, *bank[50:70], edited, *bank[71:])

    assert len({one.id for one in stored}) == 108
    assert plan.count(Verdict.CREATED) == 1
    assert plan.count(Verdict.MISSING) == 0
    assert [entry.id for entry in plan.entries if entry.verdict is Verdict.UPDATED] == [
        stored[70].id
    ]


def test_a_new_equal_title_gets_a_free_id() -> None:
    """A second question of the same title never takes the id of the first."""
    stored = imported(CACHE)
    second = replace(CACHE, prompt="浏览器里的缓存如何失效？", answer="靠过期时间和校验。")
    plan = again(stored, second, CACHE)

    assert plan.entries[0].verdict is Verdict.CREATED
    assert plan.entries[0].id != plan.entries[1].id


def test_an_explicit_key_is_the_identity() -> None:
    """With a key of the document's own, title and answer may both change."""
    stored = imported(replace(CACHE, key="q-1"))
    plan = again(stored, replace(LOCK, key="q-1"))

    assert plan.entries[0].verdict is Verdict.UPDATED
    assert plan.entries[0].id == stored[0].id


def test_a_public_id_as_key_survives_the_way_to_another_bank() -> None:
    """An exported question keeps its public id where it is imported."""
    exported = replace(CACHE, key="3b241101-e2bb-4255-8caf-4136c566a962")
    plan = plan_import([], make_document(exported))

    assert str(plan.entries[0].id) == exported.key


def test_splitting_a_question_keeps_the_larger_part() -> None:
    """When one question becomes two, the part that is most alike keeps the id."""
    both = make_item(
        "什么是进程和线程？", answer="进程是资源分配的单位。线程是调度执行的单位，共享进程的资源。"
    )
    stored = imported(CACHE, both)
    process = make_item("什么是进程？", answer="进程是资源分配的单位。")
    thread = make_item("什么是线程？", answer="线程是调度执行的单位，共享进程的资源。")
    plan = again(stored, CACHE, process, thread)

    assert [entry.verdict for entry in plan.entries].count(Verdict.CREATED) == 1
    assert plan.count(Verdict.MISSING) == 0


@pytest.mark.parametrize("field", ["topics", "tags", "difficulty"])
def test_what_the_document_does_not_say_is_kept(field: str) -> None:
    """Topic, tags and difficulty that editors gave survive a document without any."""
    known = replace(CACHE, topics=("数据库",), tags=("基础",), difficulty=2)
    plan = again(imported(known), CACHE)

    assert plan.changes_nothing
    assert getattr(plan.entries[0].item, field) == getattr(known, field)


def test_aliases_follow_their_point() -> None:
    """A point keeps its aliases while other points are edited around it."""
    named = Point("减少访问时间。", title="速度", aliases=("latency",))
    stored = imported(replace(CACHE, points=(named, Point("会过期。", title="一致性"))))
    edited = replace(
        CACHE, points=(Point("会与源数据不一致。", title="一致性"), Point("更快。", title="速度"))
    )
    plan = again(stored, edited)

    assert [point.aliases for point in plan.entries[0].item.points] == [(), ("latency",)]


def test_tags_in_another_order_are_no_change() -> None:
    """Tags are a set."""
    plan = again(imported(replace(CACHE, tags=("甲", "乙"))), replace(CACHE, tags=("乙", "甲")))

    assert plan.changes_nothing


def test_a_truncated_question_is_a_draft_until_it_is_whole() -> None:
    """A question that breaks off is imported as a draft, and published when the rest arrives."""
    cut = replace(CACHE, answer="缓存是放在", warnings=(CUT,))
    stored = imported(cut)
    plan = again(stored, CACHE)

    assert stored[0].draft
    assert plan.entries[0].verdict is Verdict.UPDATED
    assert "status" in plan.entries[0].fields
    assert not plan.entries[0].draft


def test_a_cut_copy_does_not_replace_a_whole_question() -> None:
    """Importing a copy that breaks off leaves the complete question alone, and says so."""
    stored = imported(CACHE, INDEX)
    plan = again(stored, CACHE, replace(INDEX, answer="索引是加快", warnings=(CUT,)))

    assert plan.entries[1].verdict is Verdict.SUSPECT
    assert plan.entries[1].reason == "cut_copy_of_complete"
    assert plan.entries[1].item == stored[1].item


def test_a_question_that_comes_back_is_restored() -> None:
    """An archived question that the document has again is published again."""
    stored = [replace(one, archived=True) for one in imported(CACHE)]
    plan = again(stored, CACHE)

    assert plan.entries[0].verdict is Verdict.UPDATED
    assert plan.entries[0].fields == ("status",)


def test_an_archived_question_is_not_missing() -> None:
    """What was archived before is not reported as gone every time."""
    stored = [replace(one, archived=True) for one in imported(CACHE)]

    assert again(stored, INDEX).count(Verdict.MISSING) == 0


def test_an_id_in_capitals_is_the_same_id() -> None:
    """Spreadsheets write ids in capitals; the question is still that one."""
    stored = imported(CACHE)
    plan = again(stored, replace(LOCK, key=str(stored[0].id).upper()))

    assert plan.entries[0].id == stored[0].id
    assert len(plan.entries) == 1


def test_a_key_is_learnt_and_kept() -> None:
    """A key that a document gives later is taken over, and one that it leaves out is kept."""
    stored = imported(CACHE)
    learnt = again(stored, replace(CACHE, key="q-1"))
    silent = again([Stored(e.id, e.item) for e in learnt.entries], CACHE)
    rewritten = again([Stored(e.id, e.item) for e in silent.entries], replace(LOCK, key="q-1"))

    assert learnt.entries[0].fields == ("key",)
    assert silent.changes_nothing
    assert rewritten.entries[0].id == stored[0].id


@pytest.mark.parametrize("items", [(), (CACHE, replace(INDEX, answer="索引是", warnings=(CUT,)))])
def test_a_damaged_document_archives_nothing(items: tuple[Item, ...]) -> None:
    """What breaks off, or has nothing left, says nothing of what it lacks."""
    stored = imported(CACHE, INDEX, LOCK)
    plan = plan_import(stored, make_document(*items), archive_missing=True)

    assert plan.count(Verdict.ARCHIVED) == 0
    assert plan.count(Verdict.MISSING) == 3 - len(items)


def test_unmoved_neighbours_tip_the_balance() -> None:
    """A question too changed to be known by itself is known by where it stands, and only there."""
    old = make_item("甲乙丙丁戊己庚辛", answer="子丑寅卯辰巳午未")
    edited = make_item("甲乙丙丁壬癸天地", answer="子丑寅卯春夏秋冬")
    stored = imported(CACHE, old, LOCK)
    between = again(stored, CACHE, edited, LOCK)
    alone = again(imported(old), edited)

    assert between.entries[1].id == stored[1].id
    assert alone.entries[0].verdict is Verdict.CREATED
