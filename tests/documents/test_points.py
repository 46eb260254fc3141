"""Points of an answer by itself."""

import pytest

from app.documents.markdown.points import read_points
from app.documents.markdown.sentences import split_sentences


def test_the_points_of_an_answer_are_its_list_items_with_their_lines() -> None:
    """`first_line` is where the answer begins in its document."""
    points = read_points("前言：\n\n1. **甲：** 一\n2. 二\n", first_line=40)

    assert [(point.title, point.text, point.line) for point in points] == [
        ("甲", "一", 42),
        (None, "二", 43),
    ]


def test_the_points_of_prose_are_its_sentences() -> None:
    """Without a list every sentence is a point."""
    points = read_points("第一句。第二句！")

    assert [point.text for point in points] == ["第一句。", "第二句！"]


def test_examples_are_no_points() -> None:
    """A labelled example and all that follows it stays out."""
    points = read_points("- 甲\n- 乙\n\n**举例：**\n\n- 不是要点\n")

    assert [point.text for point in points] == ["甲", "乙"]


@pytest.mark.parametrize("answer", ["", "```\ncode。\n```", "![图](a.png)", "| a |\n|---|\n| b |"])
def test_code_tables_and_images_are_no_points(answer: str) -> None:
    """Nothing to say in words, no point."""
    assert read_points(answer) == ()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("甲。乙！丙？", ["甲。", "乙！", "丙？"]),
        ("A is 3.14. B, e.g. this, holds.", ["A is 3.14.", "B, e.g. this, holds."]),
        ("用 `a。b` 分隔。完", ["用 `a。b` 分隔。", "完"]),
        ("（甲。乙）丙。", ["（甲。乙）丙。"]),
        ("“甲。”乙。", ["“甲。”乙。"]),
        ("见 https://a.b/c. 好。", ["见 https://a.b/c.", "好。"]),
        ("一行\n接着。", ["一行接着。"]),
        ("one line\ngoes on.", ["one line goes on."]),
        ("第一行  \n第二行", ["第一行", "第二行"]),
        ("Dr. Li said so. Yes.", ["Dr. Li said so.", "Yes."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    """Not inside code, brackets, quotations, numbers, addresses or abbreviations."""
    assert split_sentences(text) == sentences
