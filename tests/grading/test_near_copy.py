"""Quotations: which stretch of an answer copies which point, and where the evidence lies."""

import pytest

from app.grading.engines import Engine, checker
from app.grading.near_copy import Copy, find_copies, read_tokens
from app.grading.segment import split_clauses
from app.grading.verdict import Reason, ReferencePoint, State


def copies(points: list[str], answer: str) -> list[list[Copy]]:
    """Return the copies of points in an answer."""
    return find_copies(
        [read_tokens(clauses(point)) for point in points], read_tokens(clauses(answer))
    )


def clauses(text: str) -> list[tuple[int, int, str]]:
    """Cut a text as the check does."""
    return [(at, one.sentence, one.text.text) for at, one in enumerate(split_clauses(text))]


def test_parallel_siblings_are_no_turned_copies_of_each_other() -> None:
    """优势 and 劣势 differ in one word each, and each is only itself."""
    points = ["优势：组织内部有利的条件", "劣势：组织内部不利的条件"]
    found = copies(points, "优势：组织内部有利的条件。劣势：组织内部不利的条件。")

    assert [[(one.statement, one.turned) for one in each] for each in found] == [
        [(0, "")],
        [(2, "")],
    ]


def test_a_turned_sibling_is_blamed_on_the_point_that_has_no_copy() -> None:
    """The text of the second point under the first title turns the first, not the second."""
    points = ["优势：组织内部有利的条件", "劣势：组织内部不利的条件"]
    first, second = copies(points, "优势：组织内部不利的条件。劣势：组织内部不利的条件。")

    assert [one.is_turned for one in first] == [True]
    assert [one.turned for one in second] == [""]


@pytest.mark.parametrize(
    ("point", "answer", "turned"),
    [
        ("单链表不可以删除", "双链表可以删除", "doubtful"),
        ("信息具有价值性", "信息具有价值性、不对称性", ""),
        (
            "在其他条件不变时升高温度会使反应的速率加快",
            "在其他条件不变时降低温度会使反应的速率减慢",
            "doubtful",
        ),
        ("升高温度时反应速率加快", "升高温度时反应速率减慢", Reason.OPPOSITE),
        ("每次按压五到六厘米，共 30 次", "每次按压五到六厘米，共 15 次", Reason.NUMBERS_DIFFER),
        ("它能在磁盘上永久保存", "它能在磁盘上永久保存是不对的", Reason.NEGATED),
        ("它能在磁盘上永久保存", "要么它能在磁盘上永久保存", Reason.BOTH_WAYS),
        ("the first cloth stays on the wound", "the last cloth stays on the wound", "opposite"),
    ],
)
def test_what_turns_a_copy(point: str, answer: str, turned: str) -> None:
    """One opposite or denial turns it, two may cancel, another item is another item."""
    ((copy,),) = copies([point], answer)

    assert copy.turned == turned


def test_an_answer_about_something_else_copies_nothing() -> None:
    """A few common words are no quotation."""
    assert copies(["事务一旦提交，修改就永久保存。"], "今天天气很好，我们去公园。") == [[]]


@pytest.mark.parametrize("engine", Engine)
def test_the_evidence_of_a_quotation_is_all_of_it(engine: Engine) -> None:
    """The span reaches from its first clause to its last."""
    points = (ReferencePoint("事务一旦提交，修改就永久保存。", "持久性"), ReferencePoint("隔离。"))
    answer = "先说别的。持久性：事务一旦提交，修改就永久保存。再说别的。"
    point = checker(engine)("什么是事务？", points, answer).points[0]

    assert point.state is State.COVERED
    assert point.span
    assert answer[slice(*point.span)] == "持久性：事务一旦提交，修改就永久保存"


@pytest.mark.parametrize("engine", Engine)
def test_evidence_lies_in_the_answer_as_it_was_sent(engine: Engine) -> None:
    """Characters that nobody sees are read over, and counted in positions."""
    point = ReferencePoint("事务一旦提交，修改就永久保存。")
    text = "\u200b".join("先说别的。事务一旦提交，修改就永久保存。")
    verdict = checker(engine)("什么是事务？", (point, ReferencePoint("隔离。")), text).points[0]

    assert verdict.state is State.COVERED
    assert verdict.span
    assert text[slice(*verdict.span)] == "\u200b".join("事务一旦提交，修改就永久保存")
