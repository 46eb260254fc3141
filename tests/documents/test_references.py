"""Whole reference answers: Markdown as an importer reads it, prose of one line cut finer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.markdown.points import read_points
from app.documents.references import read_reference


@pytest.mark.parametrize(
    ("question", "reference", "points"),
    [
        (
            "配送模式包括什么类型？",
            "配送模式：自营配送模式；共同配送模式；第三方配送。",
            ["自营配送模式", "共同配送模式", "第三方配送"],
        ),
        ("水果有哪些？", "水果有以下：苹果、梨和桃。", ["苹果", "梨", "桃"]),
        ("Name the phases of matter.", "solid, liquid, gas", ["solid", "liquid", "gas"]),
        (
            "头结点有什么用？",
            "1.首节点和其他节点操作一致。2.统一空表和非空表，版本 2.0 起如此。",
            ["首节点和其他节点操作一致", "统一空表和非空表，版本 2.0 起如此"],
        ),
        (
            "两种表有什么特点？",
            "顺序表：①空间连续；②支持随机访问。链表：①空间不连续；②插入快。",
            ["顺序表：空间连续", "支持随机访问", "链表：空间不连续", "插入快"],
        ),
        (
            "次序是什么？",
            "由于栈总是后进先出的所以出栈的序列只有一种，即 3n、3n-3、9、6、3。",
            ["由于栈总是后进先出的所以出栈的序列只有一种，即 3n、3n-3、9、6、3"],
        ),
        (
            "Why do sand and flour separate?",
            "The sand is larger and settles first. The flour settles more slowly.",
            ["The sand is larger and settles first", "The flour settles more slowly"],
        ),
        ("缓存有什么坏处？", "坏处：数据可能过期", ["数据可能过期"]),
        ("为什么？", "原因在于温度：升温使气体膨胀", ["原因在于温度：升温使气体膨胀"]),
    ],
)
def test_prose_of_one_line_is_cut_into_what_it_lists(
    question: str, reference: str, points: list[str]
) -> None:
    """A lead that repeats the question goes, numbering goes, items and statements stay."""
    assert [point.text for point in read_reference(question, reference)] == points


@pytest.mark.parametrize(
    "reference",
    [
        "1. **原子性：** 要么全做，要么全不做。\n2. **持久性：** 提交后不丢失。",
        "- 运输、储存\n- 包装",
        "**原子性：** 要么全做；要么全不做。",
        "第一句；仍是它。\n\n第二句、也是。",
    ],
)
def test_markdown_is_read_as_an_importer_reads_it(reference: str) -> None:
    """Lists, names and paragraphs are an author's own cut."""
    assert read_reference("问", reference) == list(read_points(reference))


@given(st.text(max_size=40), st.text(max_size=120))
def test_no_text_breaks_it(question: str, reference: str) -> None:
    """Any text gives points with something in them, or none."""
    assert all(point.text.strip() for point in read_reference(question, reference))
